"""From text cells to typed columns; a cell that cannot be read is named, never guessed."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from geo.errors import Message

Parsed = tuple[pd.Series, pd.Series]
"""A typed column, and a mask of the cells that could not be read."""

_CALENDAR = pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01")
"""Days that nanosecond dates can hold; anything else in a file is no date."""

NOT_A = {
    "Int64": Message("is not a whole number"),
    "float64": Message("is not a number"),
    "datetime64[ns]": Message("is not a date (expected 2017-03-31 or 31/03/2017)"),
}
"""What to say of a cell that could not be read as the column's type."""


def parse_column(text: pd.Series, dtype: str) -> Parsed:
    """Return the column as ``dtype`` (a name of `NOT_A`, or text) and a mask of unreadable cells.

    Empty cells (None) become missing values and are not unreadable.
    """
    return _PARSERS.get(dtype, _texts)(text)


def _texts(text: pd.Series) -> Parsed:
    return text.astype("str"), pd.Series(data=False, index=text.index)


def _numbers(text: pd.Series) -> Parsed:
    values = pd.to_numeric(text, errors="coerce").astype(float)
    values = values.where(np.isfinite(values))
    return values, text.notna() & values.isna()


def _counts(text: pd.Series) -> Parsed:
    values, bad = _numbers(text)
    bad |= (values % 1 != 0) & values.notna() | (values.abs() > 2**53)
    return values.mask(bad).astype("Int64"), bad


def _dates(text: pd.Series) -> Parsed:
    values = pd.to_datetime(text, format="ISO8601", errors="coerce")
    for day_first in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        values = values.fillna(pd.to_datetime(text, format=day_first, errors="coerce"))
    values = values.where(values.between(*_CALENDAR))
    return values.dt.normalize().astype("datetime64[ns]"), text.notna() & values.isna()


_PARSERS: dict[str, Callable[[pd.Series], Parsed]] = {
    "Int64": _counts,
    "float64": _numbers,
    "datetime64[ns]": _dates,
}
