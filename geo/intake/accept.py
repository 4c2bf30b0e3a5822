"""Rows in, rows out: each is accepted (repaired, if need be) or rejected, with column and reason; none is lost."""

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd
import pandera.pandas as pa
import shapely
from pandera.errors import SchemaErrors

from geo.errors import IntakeError, Message
from geo.intake.personal import has_personal_number, looks_like_name
from geo.intake.reading import RawTable
from geo.intake.values import kind_of, parse_column, read_coordinates
from geo.intake.vocabulary import values, words_of
from geo.schema import PLACE, PROVENANCE, TABLES, dtype_of, key_of

AGENCY_COLUMN = {"cases": "source", "outreach": "agency"}
"""The column that says whose record it is; where the file has none, one agency holds for all its rows."""

FREE_TEXT = ("kind", "subkind", "name", "crossing_id")
"""Columns whose cells may say anything, so that each is looked at for personal data."""

COORDINATES = ("lon", "lat")

BESIDE = {
    ("cases", "date"): "date_precision",
    ("absences", "reported_on"): "date_precision",
    ("outreach", "date"): "date_precision",
    ("outreach", "attendees"): "attendees_bound",
}
"""Columns that are found in the cells of others: how precise a date is, how a number was stated."""

_ORDERED_DATES = (("absent_since", "reported_on"), ("since", "until"))
_RECORDED_DATES = ("date", "reported_on", "absent_since", "since")


@dataclass(frozen=True)
class Rejection:
    """Why a row was rejected."""

    column: str
    reason: Message
    mend: str | None = None
    """What the cell could be instead, if one thing is likely."""


Kind = tuple[str, Message, list[int]]
"""A column, what is to be said of it, and the rows of which it is said."""


@dataclass
class Intake:
    """What became of a file's rows: ``len(accepted) + len(rejected) == read``.

    Attributes
    ----------
    table
        Name of the table.
    typed
        All rows in the table's columns and types; the index is that of `RawTable.cells`.
    raw
        The file as it was read.
    rejections
        For each rejected row the first reason found.
    known
        Accepted rows that the workspace has already.
    """

    table: str
    typed: pd.DataFrame
    raw: RawTable
    rejections: dict[int, Rejection] = field(default_factory=dict)
    known: frozenset[int] = frozenset()
    _repairs: dict[tuple[str, str], Kind] = field(default_factory=dict)

    @property
    def repairs(self) -> list[Kind]:
        """What was done to cells: column, what, and the rows."""
        return list(self._repairs.values())

    @property
    def read(self) -> int:
        """How many rows the file had."""
        return len(self.raw.cells)

    @property
    def accepted(self) -> pd.DataFrame:
        """The typed rows that are not rejected."""
        return self.typed.loc[~self.typed.index.isin(list(self.rejections))]

    @property
    def added(self) -> pd.DataFrame:
        """The accepted rows that the workspace does not have yet."""
        return self.accepted.loc[~self.accepted.index.isin(list(self.known))]

    @property
    def rejected(self) -> pd.DataFrame:
        """The rejected rows as they came, without what looks like a person in a column that is not for that."""
        rows = self.raw.cells.loc[list(self.rejections)]
        checked = [name for name in rows if name not in PLACE]
        return rows.assign(**{name: rows[name].mask(_personal(rows[name])) for name in checked})

    def rejections_by_kind(self) -> list[Kind]:
        """Return the rejected rows by column and reason, in the order of their first row."""
        kinds: dict[tuple[str, str], Kind] = {}
        for row, one in sorted(self.rejections.items()):
            kinds.setdefault((one.column, str(one.reason)), (one.column, one.reason, []))[2].append(row)
        return list(kinds.values())

    def reject(self, rows: Iterable[int], column: str, reason: Message, mend: str | None = None) -> None:
        """Reject rows; one that is already rejected keeps its first reason."""
        for row in rows:
            self.rejections.setdefault(int(row), Rejection(column, reason, mend))

    def repair(self, rows: Iterable[int], column: str, what: Message) -> None:
        """Tell that cells were changed."""
        rows = [int(row) for row in rows]
        if rows:
            self._repairs.setdefault((column, str(what)), (column, what, []))[2].extend(rows)


def accept(
    raw: RawTable,
    table: str,
    *,
    today: pd.Timestamp,
    agency: str | None = None,
    province: shapely.Geometry | None = None,
    metric: str | None = None,
) -> Intake:
    """Read text cells as a table of `geo.schema.TABLES` and keep what obeys its rules.

    Parameters
    ----------
    raw
        The file's cells.
    table
        Name of the table.
    today
        Dates after this day are rejected.
    agency
        Whose records they are, where the file has no column for that; by default the agency in its titles.
    province
        Where records lie, EPSG:4326: coordinates may then be angles, exchanged, or metres (`read_coordinates`). Without
        it they are plain degrees.
    metric
        The CRS of coordinates in metres, if the user names one.

    Raises
    ------
    IntakeError
        If a required column is missing.
    """
    schema, cells = TABLES[table], _completed(raw, table, agency)
    wanted = [name for name in schema.columns if name in cells]
    intake = Intake(table, pd.DataFrame(index=cells.index), raw)
    intake.reject(raw.ragged, "", Message("has more cells than there are headings"))
    paired = province is not None and set(COORDINATES) <= set(schema.columns) and not set(COORDINATES).isdisjoint(cells)
    for name in wanted:
        if not (paired and name in COORDINATES):
            _read_column(intake, cells[name], name, dtype_of(schema, name), today)
    if paired:
        _read_places(intake, cells.reindex(columns=list(COORDINATES)), province, metric)
    intake.typed = intake.typed[[name for name in schema.columns if name in intake.typed]]
    for name, rows, message in _violations(schema, intake.accepted):
        for row in rows:
            intake.reject([row], name, message, _nearest(cells.get(name, {}).get(row), schema.columns[name]))
    if key_of(table) not in intake.typed:
        intake.typed.insert(0, key_of(table), _made_keys(intake.typed, table))
    for rows, name, message in _broken_rules(intake.accepted, today):
        intake.reject(rows, name, message)
    return intake


def compare(intake: Intake, before: pd.DataFrame) -> None:
    """Tell rows that the workspace has already from those that contradict it.

    A row that comes again as it is changes nothing; one that comes with the identifier of another is rejected.

    Parameters
    ----------
    intake
        Rows that are placed.
    before
        The rows that the workspace has.
    """
    key = key_of(intake.table)
    accepted = intake.accepted
    if before.empty or accepted.empty:
        return
    there = accepted[accepted[key].isin(before[key])]
    old = before.drop_duplicates(key).set_index(key)
    columns = [name for name in there if name != key and name not in PROVENANCE]
    same = pd.Series(data=True, index=there.index)
    for name in columns:
        was = there[key].map(old[name]) if name in old else pd.Series(pd.NA, index=there.index)
        now = there[name]
        same &= (now == was).fillna(False).astype(bool) | (now.isna() & was.isna())
    intake.known = frozenset(map(int, there.index[same]))
    reason = Message("is already in the workspace with other content; undo its intake first")
    intake.reject(there.index[~same], key, reason)


def _completed(raw: RawTable, table: str, agency: str | None) -> pd.DataFrame:
    """Return the cells with the agency filled in; check that all required columns are there."""
    schema, cells = TABLES[table], raw.cells
    whose, agency = AGENCY_COLUMN.get(table), agency or raw.agency
    if whose and whose not in cells and agency:
        cells = cells.assign(**{whose: agency})
    optional = {key_of(table)}
    missing = [n for n, column in schema.columns.items() if column.required and n not in cells and n not in optional]
    if missing:
        raise IntakeError(
            "{file}: the table {table} needs the columns {missing}; of its columns the file has: {found}; name a "
            "column with --column {first}=HEADING, or the agency with --agency",
            file=raw.path.name,
            table=table,
            missing=", ".join(missing),
            # Only names that we know: the first row of a file without a heading is a person's row.
            found=", ".join(name for name in schema.columns if name in cells) or "–",
            first=missing[0],
        )
    return cells


def _read_column(intake: Intake, text: pd.Series, name: str, dtype: str, today: pd.Timestamp) -> None:
    """Add a typed column, with what could not be read, what was changed in reading, and what was found beside it."""
    if dtype == "str":
        text = _in_our_words(text, name)
        if name in FREE_TEXT:
            text = _without_persons(intake, text, name)
    if name == "commune_code":
        text = _with_leading_zero(intake, text)
    parsed = parse_column(text, kind_of(name, dtype), today=today)
    intake.typed[name] = parsed.values
    _tell(intake, name, parsed.bad, parsed.repaired)
    beside = BESIDE.get((intake.table, name))
    if beside and beside not in intake.raw.cells:
        for column in parsed.beside.values():
            said = column.mask(column == "day")
            if said.notna().any():
                intake.typed[beside] = said


def _read_places(intake: Intake, cells: pd.DataFrame, province: shapely.Geometry, metric: str | None) -> None:
    read = read_coordinates(cells["lon"], cells["lat"], province, metric_crs=metric)
    intake.typed["lon"], intake.typed["lat"] = read.lon, read.lat
    _tell(intake, "lon", read.bad, read.repaired)


def _tell(intake: Intake, name: str, bad: pd.Series, repaired: pd.Series) -> None:
    """Reject and repair rows by messages that many of them share."""
    for messages, tell in ((bad, intake.reject), (repaired, intake.repair)):
        for _, rows in messages.groupby(messages.map(id).to_numpy(), sort=False):
            tell(rows.index, name, rows.iloc[0])


def _with_leading_zero(intake: Intake, text: pd.Series) -> pd.Series:
    """Give codes the zero back that a spreadsheet took from them; whether such a unit exists is asked later."""
    short = text.str.fullmatch(r"\d{4}(?:\.0)?").fillna(value=False).astype(bool)
    intake.repair(text.index[short], "commune_code", Message("got its leading zero back"))
    return text.mask(short, "0" + text.str[:4])


def _in_our_words(text: pd.Series, name: str) -> pd.Series:
    """Return allowed values in the schema's spelling; what is unknown stays as it is."""
    known = values(name)
    if not known:
        return text
    return text.map({cell: known.get(words_of(cell), cell) for cell in text.dropna().unique()})


def _without_persons(intake: Intake, text: pd.Series, name: str) -> pd.Series:
    held = _personal(text)
    intake.repair(text.index[held], name, Message("looked like a person's name or number and was removed"))
    intake.raw.cells.loc[held, name] = None
    return text.mask(held, None)


def _personal(text: pd.Series) -> pd.Series:
    found = [cell for cell in text.dropna().unique() if has_personal_number(cell) or looks_like_name(cell)]
    return text.isin(found)


def _made_keys(rows: pd.DataFrame, table: str) -> pd.Series:
    """Return identifiers for rows that have none: equal rows of a file are told apart by their order.

    They depend on the row's content only, so that a file, or a mended fix list, that is added again is recognised.
    """
    texts = (rows[name].astype("str").fillna("") for name in rows)
    digests = [hashlib.sha256("\x1f".join((table, *row)).encode()).hexdigest()[:16] for row in zip(*texts, strict=True)]
    digest = pd.Series(digests, index=rows.index, dtype="str")
    again = digest.groupby(digest).cumcount()
    return digest + again.map(lambda n: f"-{n + 1}" if n else "").astype("str")


def _violations(schema: pa.DataFrameSchema, rows: pd.DataFrame) -> list[tuple[str, list[int], Message]]:
    """Ask pandera; say in the reader's words which rows break which rule."""
    present = pa.DataFrameSchema({name: column for name, column in schema.columns.items() if name in rows})
    try:
        present.validate(rows, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases.dropna(subset=["index"])
        return [
            (str(column), [int(row) for row in group["index"]], _explain(schema.columns[column], str(check)))
            for (column, check), group in cases.groupby(["column", "check"], sort=False)
        ]
    return []


def _allowed(column: pa.Column) -> tuple[str, ...]:
    return next((tuple(c.statistics["allowed_values"]) for c in column.checks if c.name == "isin"), ())


def _nearest(cell: object, column: pa.Column) -> str | None:
    """Return the allowed value that a cell is likely to mean."""
    known = {**{words_of(value): value for value in _allowed(column)}, **values(column.name)}
    near = difflib.get_close_matches(words_of(cell), known, n=1, cutoff=0.75) if isinstance(cell, str) else []
    return known[near[0]] if near and _allowed(column) else None


def _explain(column: pa.Column, check: str) -> Message:
    if check == "not_nullable":
        return Message("is empty")
    if check == "field_uniqueness":
        return Message("stands in more than one row of the file")
    rule, _, argument = check.partition("(")
    argument = argument.rstrip(")")
    if rule == "isin":
        return Message("is not one of: {allowed}", {"allowed": ", ".join(_allowed(column))})
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


def _range(column: pa.Column) -> Mapping[str, object]:
    statistics = next(c.statistics for c in column.checks if c.name == "in_range")
    return {"low": f"{statistics['min_value']:g}", "high": f"{statistics['max_value']:g}"}


def _broken_rules(rows: pd.DataFrame, today: pd.Timestamp) -> list[tuple[list[int], str, Message]]:
    """Rules that need more than one column, or the day."""
    found = [
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
