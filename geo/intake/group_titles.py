"""Rows that name once what holds for the rows below them: a time, a commune, or a district with its sum."""

import pandas as pd

from geo.errors import Message
from geo.intake.dates import is_period
from geo.intake.row_texts import district_in
from geo.intake.rules import word
from geo.schema import PLACE

_BELOW_A_DISTRICT = [name for name in PLACE if name not in ("district", "vintage")]


def under_titles(
    cells: pd.DataFrame, numbered: pd.Series, dates: frozenset[str]
) -> tuple[pd.DataFrame, pd.Index, list[Message]]:
    """Give rows that leave a time, commune or district to the title above them that of the title.

    A title has no number of its own, and stands right above a row that lacks what it names. One of a time or a commune
    holds nothing else; one of a district names no commune, and may have a sum beside it.

    Parameters
    ----------
    cells
        A table's rows in our columns, text or None.
    numbered
        Which rows have a number of their own in the table.
    dates
        Columns of dates.

    Returns
    -------
    tuple
        The rows, filled; those of them that are nothing but titles; and what is to be said.
    """
    cells = _with_districts(cells, numbered)
    only_titles = cells.index[:0]
    notes: list[Message] = []
    named = [name for name in (*sorted(dates), "commune", "district") if name in cells and cells[name].isna().any()]
    if not named:  # as in most tables
        return cells, only_titles, notes
    nothing_else = cells.notna().sum(axis=1) == 1
    for name in named:
        said = cells[name]
        alone = nothing_else & _is_named(said, dates)
        if name == "district":
            alone = cells.reindex(columns=_BELOW_A_DISTRICT).isna().all(axis=1)
        below = (said.isna() & ~nothing_else).shift(-1, fill_value=False)
        titles = said.notna() & alone & ~numbered & below
        governed = said.isna() & titles.where(said.notna()).ffill().eq(other=True)
        if governed.any():
            cells = cells.assign(**{name: said.mask(governed, said.ffill())})
            only_titles = only_titles.union(cells.index[titles & nothing_else])
            notes.append(of_title(name, int(governed.sum())))
    return cells, only_titles, notes


def of_title(column: str, n: int) -> Message:
    """Say that rows were given what a title between the rows names."""
    return Message("{n} rows were given the {column} of the title above them", {"n": n, "column": word(column)})


def _with_districts(cells: pd.DataFrame, numbered: pd.Series) -> pd.DataFrame:
    """Move a district that stands among the communes, right above some of them, into the column of districts."""
    if "commune" not in cells:
        return cells
    said = cells["commune"]
    districts = said.isin([text for text in said.dropna().unique() if district_in(text) is not None])
    below = (said.notna() & ~districts).shift(-1, fill_value=False)
    own = cells["district"] if "district" in cells else pd.Series(None, cells.index, dtype=object)
    heads = districts & below & ~numbered & own.isna()
    if not heads.any():
        return cells
    return cells.assign(district=own.mask(heads, said), commune=said.mask(heads, None))


def _is_named(said: pd.Series, dates: frozenset[str]) -> pd.Series:
    if said.name not in dates:
        return said.notna()
    return said.isin([text for text in said.dropna().unique() if is_period(text)])
