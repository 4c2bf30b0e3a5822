"""From text cells to typed columns, the one entry; a cell that cannot be read is named, never guessed."""

from dataclasses import replace
from typing import Literal

import pandas as pd

from geo.errors import Message
from geo.intake.coordinates import Coordinates, read_coordinates
from geo.intake.dates import read_dates
from geo.intake.numbers import read_numbers
from geo.intake.parsed import Parsed
from geo.intake.workbook_scan import NOT_COMPUTED

__all__ = ["Coordinates", "Kind", "Parsed", "kind_of", "parse_column", "read_coordinates"]

Kind = Literal["text", "date", "count", "measure", "coordinate"]

_KINDS: dict[str, Kind] = {"Int64": "count", "float64": "measure", "datetime64[ns]": "date"}


BROKEN = (
    "#NULL!",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#N/A",
    "#GETTING_DATA",
    "#SPILL!",
    "#CALC!",
    NOT_COMPUTED,
)
"""Cells of a workbook that hold an error, or a formula without a value."""


def kind_of(column: str, dtype: str) -> Kind:
    """Return how a column of a table is to be read.

    >>> kind_of("hours", "float64"), kind_of("lon", "float64"), kind_of("source", "str")
    ('measure', 'coordinate', 'text')
    """
    return "coordinate" if column in ("lon", "lat") else _KINDS.get(dtype, "text")


def parse_column(text: pd.Series, kind: Kind, *, today: pd.Timestamp) -> Parsed:
    """Read a column's cells (text, None where empty) as one kind of values.

    Parameters
    ----------
    text
        The cells; the index is the rows' numbers.
    kind
        See `geo.intake.dates` and `geo.intake.numbers` for what is understood; text is taken as it is. The errors of
        a workbook are none of them.
    today
        What dates count the future from.
    """
    broken = text.isin(BROKEN)
    if broken.any():
        read = parse_column(text.mask(broken, None), kind, today=today)
        return replace(read, bad=pd.concat([read.bad, text[broken].map({cell: _broken(cell) for cell in BROKEN})]))
    if kind == "date":
        return read_dates(text, today=today)
    if kind == "text":
        nothing = pd.Series(index=text.index[:0], dtype=object)
        return Parsed(text.astype("str"), nothing, nothing)
    return read_numbers(text, kind)


def _broken(cell: str) -> Message:
    if cell == NOT_COMPUTED:
        return Message("holds a formula without a value: open the file in Excel, save it, and add it again")
    return Message("holds the error {error} of its workbook: mend the formula or write the value", {"error": cell})
