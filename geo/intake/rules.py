"""The rules that rows obey, within one column and between several, said in the reader's words."""

from collections.abc import Iterable, Mapping
from functools import reduce

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from geo.errors import Message
from geo.schema import EARLIEST

Broken = tuple[str, list[int], Message]
"""A column, the rows that break a rule of it, and which rule."""

_ORDERED_DATES = (("absent_since", "reported_on"), ("since", "until"))
_RECORDED_DATES = ("date", "reported_on", "absent_since", "since")


def broken_in_columns(schema: pa.DataFrameSchema, rows: pd.DataFrame) -> list[Broken]:
    """Return what breaks the rules of single columns: empty cells, ranges, allowed values, identifiers twice.

    Parameters
    ----------
    schema
        Columns that the rows lack are not asked for.
    rows
        In the schema's types; the index is whole numbers.
    """
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


def broken_between_columns(rows: pd.DataFrame, today: pd.Timestamp) -> list[Broken]:
    """Return what breaks the rules that need more than one column, or the day."""
    found = [
        (rows.index[rows[name] > today], name, Message("lies in the future"))
        for name in _RECORDED_DATES
        if name in rows
    ]
    found += [
        (rows.index[rows[first] > rows[last]], first, Message("comes after {other}", {"other": word(last)}))
        for first, last in _ORDERED_DATES
        if first in rows and last in rows
    ]
    found += [
        (
            rows.index[rows[one].notna() & rows.reindex(columns=[other])[other].isna()],
            other,
            Message("is empty while {other} is given", {"other": word(one)}),
        )
        for one, other in (("lon", "lat"), ("lat", "lon"))
        if one in rows
    ]
    return [(name, [int(row) for row in index], message) for index, name, message in found if len(index)]


def allowed_values(column: pa.Column) -> tuple[str, ...]:
    """Return the values that a column allows; empty if it allows any."""
    return next((tuple(c.statistics["allowed_values"]) for c in column.checks if c.name == "isin"), ())


def listed(parts: Iterable[Message]) -> Message:
    """Return messages as one list; a dash if there is none."""
    parts = list(parts) or [Message("–")]
    return reduce(lambda one, other: Message("{one}, {other}", {"one": one, "other": other}), parts)


def word(name: str) -> Message:
    """Return the name of a table or a column as a message: `maps.text.WORDS` has what readers call it."""
    return Message(name)


def in_words(value: str) -> Message:
    """Return an allowed value as readers say it; `maps.text.WORDS` has the translations.

    >>> str(in_words("womens_union"))
    "women's union"
    """
    return word(value.replace("womens_", "women's ").replace("_", " "))


def _explain(column: pa.Column, check: str) -> Message:
    if check == "not_nullable":
        return Message("is empty")
    if check == "field_uniqueness":
        return Message("stands in more than one row of the file")
    rule, _, argument = check.partition("(")
    argument = argument.rstrip(")")
    if rule == "isin":
        return Message("is not one of: {allowed}", {"allowed": listed(map(in_words, allowed_values(column)))})
    if rule == "in_range" and column.name in ("lon", "lat"):
        return Message(
            "is out of range: coordinates are WGS 84 degrees, longitude in lon and latitude in lat, not metres"
        )
    if rule == "in_range":
        return Message("is out of range (from {low} to {high})", _range(column))
    if rule == "greater_than_or_equal_to" and "datetime" in str(column.dtype):
        return Message("is earlier than {day}", {"day": EARLIEST.date()})
    if rule == "greater_than_or_equal_to":
        return Message("is less than {limit}", {"limit": argument.partition(" ")[0]})
    if rule == "less_than_or_equal_to":
        return Message("is more than {limit}", {"limit": argument.partition(" ")[0]})
    if rule == "str_matches":
        return Message("is not a code of five digits")
    return Message("breaks the rule {rule}", {"rule": check})


def _range(column: pa.Column) -> Mapping[str, object]:
    statistics = next(c.statistics for c in column.checks if c.name == "in_range")
    return {"low": f"{statistics['min_value']:g}", "high": f"{statistics['max_value']:g}"}
