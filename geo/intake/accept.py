"""Rows in, rows out: each is accepted or rejected, with the column and the reason; none is lost."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from geo.errors import IntakeError, Message
from geo.intake.reading import RawTable
from geo.intake.values import kind_of, parse_column
from geo.schema import TABLES, dtype_of, key_of

FIXLIST_COLUMNS = ("row", "column", "reason_vi", "reason_en")
"""Columns that a fix list adds to the rows; they are passed over when the mended list is added."""

_ORDERED_DATES = (("absent_since", "reported_on"), ("since", "until"))
_RECORDED_DATES = ("date", "reported_on", "absent_since", "since")


@dataclass
class Intake:
    """What became of a file's rows: ``len(accepted) + len(rejected) == read``.

    Attributes
    ----------
    table
        Name of the table.
    read
        How many rows the file had.
    typed
        All rows in the table's columns and types; the index is the row's number in the file.
    raw
        The file's cells in the table's columns, as they came, for the fix list.
    reasons
        For each rejected row's number, the first reason found: (column, message).
    dropped
        Columns of the file that the table does not have: they were not read.
    """

    table: str
    read: int
    typed: pd.DataFrame
    raw: pd.DataFrame
    dropped: tuple[str, ...] = ()
    reasons: dict[int, tuple[str, Message]] = field(default_factory=dict)

    @property
    def accepted(self) -> pd.DataFrame:
        """The typed rows that are not rejected."""
        return self.typed.loc[~self.typed.index.isin(self.reasons)]

    @property
    def rejected(self) -> pd.DataFrame:
        """The rejected rows as they came."""
        return self.raw.loc[list(self.reasons)]

    def reasons_by_kind(self) -> list[tuple[str, Message, list[int]]]:
        """Return the rejected rows' numbers by column and reason, in the order of their first row."""
        kinds: dict[tuple[str, str], tuple[str, Message, list[int]]] = {}
        for row, (column, message) in sorted(self.reasons.items()):
            kinds.setdefault((column, str(message)), (column, message, []))[2].append(row)
        return list(kinds.values())

    def reject(self, rows: Iterable[int], column: str, message: Message) -> None:
        """Reject rows by their numbers; a row that is already rejected keeps its first reason."""
        for row in rows:
            self.reasons.setdefault(int(row), (column, message))


def accept(raw: RawTable, table: str, *, today: pd.Timestamp, known_keys: Iterable[str] = ()) -> Intake:
    """Read text cells as a table of `geo.schema.TABLES` and keep what obeys its rules.

    Parameters
    ----------
    raw
        The file's cells.
    table
        Name of the table.
    today
        Dates after this day are rejected.
    known_keys
        Identifiers that the workspace already has; a row that brings one of them again is rejected.

    Raises
    ------
    IntakeError
        If a required column is missing.
    """
    schema = TABLES[table]
    wanted = [name for name in schema.columns if name in raw.cells]
    missing = [name for name, column in schema.columns.items() if column.required and name not in raw.cells]
    if missing:
        raise IntakeError(
            "{file}: the table {table} needs the columns {missing}; of its columns the file has: {found}",
            file=raw.path.name,
            table=table,
            missing=", ".join(missing),
            # Only names that we know: the first row of a file without a heading is a person's row.
            found=", ".join(wanted) or "–",
        )
    dropped = tuple(name for name in raw.cells if name not in schema.columns and name not in FIXLIST_COLUMNS)
    cells = raw.cells[wanted]
    typed, unreadable = {}, []
    for name in wanted:
        parsed = parse_column(cells[name], kind_of(name, dtype_of(schema, name)), today=today)
        typed[name] = parsed.values
        unreadable += [(name, message, row) for row, message in parsed.bad.items()]
    intake = Intake(table, len(cells), pd.DataFrame(typed), cells, dropped)
    intake.reject(raw.ragged, "", Message("has more cells than there are headings"))
    for name, message, row in unreadable:
        intake.reject([row], name, message)
    for rows, name, message in _violations(schema, intake.accepted):
        intake.reject(rows, name, message)
    for rows, name, message in _broken_rules(intake.accepted, key_of(table), today, set(known_keys)):
        intake.reject(rows, name, message)
    return intake


Violation = tuple[list[int], str, Message]


def _violations(schema: pa.DataFrameSchema, rows: pd.DataFrame) -> list[Violation]:
    """Ask pandera; say in the reader's words which rows break which rule."""
    try:
        schema.validate(rows, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases.dropna(subset=["index"])
        return [
            ([int(row) for row in group["index"]], str(column), _explain(schema.columns[column], str(check)))
            for (column, check), group in cases.groupby(["column", "check"], sort=False)
        ]
    return []


def _explain(column: pa.Column, check: str) -> Message:
    if check == "not_nullable":
        return Message("is empty")
    if check == "field_uniqueness":
        return Message("stands in more than one row of the file")
    rule, _, argument = check.partition("(")
    argument = argument.rstrip(")")
    if rule == "isin":
        allowed = next(c.statistics["allowed_values"] for c in column.checks if c.name == "isin")
        return Message("is not one of: {allowed}", {"allowed": ", ".join(allowed)})
    if rule == "in_range" and column.name in ("lon", "lat"):
        return Message(
            "is out of range: coordinates are WGS 84 degrees, longitude in lon and latitude in lat, not metres"
        )
    if rule == "in_range":
        return Message("is out of range (from {low} to {high})", _range(column))
    if rule == "greater_than_or_equal_to":
        return Message("is less than {limit}", {"limit": argument.partition(" ")[0]})
    if rule == "str_matches":
        return Message("is not a code of five digits")
    return Message("breaks the rule {rule}", {"rule": check})


def _range(column: pa.Column) -> dict[str, object]:
    statistics = next(c.statistics for c in column.checks if c.name == "in_range")
    return {"low": f"{statistics['min_value']:g}", "high": f"{statistics['max_value']:g}"}


def _broken_rules(rows: pd.DataFrame, key: str, today: pd.Timestamp, known: set[str]) -> list[Violation]:
    """Rules that need more than one column, or the day, or the workspace."""
    found = [(rows.index[rows[key].isin(known)], key, Message("is already in the workspace"))]
    found += [
        (rows.index[rows[name] > today], name, Message("lies in the future"))
        for name in _RECORDED_DATES
        if name in rows
    ]
    found += [
        (rows.index[rows[first] > rows[last]], first, Message("comes after {other}", {"other": last}))
        for first, last in _ORDERED_DATES
        if first in rows and last in rows
    ]
    found += [
        (
            rows.index[rows[one].notna() & rows[other].isna()],
            other,
            Message("is empty while {other} is given", {"other": one}),
        )
        for one, other in (("lon", "lat"), ("lat", "lon"))
        if one in rows and other in rows
    ]
    return [(list(index), name, message) for index, name, message in found if len(index)]
