"""Columns of ours that stand in several of a file: counts by sex to be added up, dates in parts."""

import re

import pandas as pd

from geo.errors import Message, some_of
from geo.intake.numbers import read_numbers
from geo.intake.vocabulary import words_of

_QUARTER = re.compile(r"(?:[1-4]|i{1,3}|iv)(?: ?[-/.] ?\d{4})?", re.IGNORECASE | re.ASCII)
_MONTH = re.compile(r"\d{1,2}", re.ASCII)


def added_up(name: str, parts: list[pd.Series]) -> tuple[pd.Series, list[Message]]:
    """Add up counts that stand in several columns; an empty part counts as none where another is given.

    A row with a part that is no plain count keeps all of them as text, which is no number: it is never guessed.

    Parameters
    ----------
    name
        What the columns are called, for the messages.
    parts
        Cells as text, None where empty.

    Returns
    -------
    tuple
        The sums as text, None where all parts are empty; and what was done to the parts.
    """
    read = [read_numbers(part, "count") for part in parts]
    values = pd.concat([one.values for one in read], axis=1)
    unclear = pd.Series(data=False, index=values.index)
    said = [Message("{column}: the parts were added up", {"column": name})]
    for one in read:
        unclear |= one.values.index.isin(one.bad.index) | one.beside["bound"].notna()
    for one in read:
        repaired = one.repaired[~unclear[one.repaired.index]]
        for _, rows in repaired.groupby(repaired.map(str), sort=False):
            shown = {"rows": some_of(rows.index), "column": name, "reason": rows.iloc[0]}
            said.append(Message("repaired, rows {rows}: {column} {reason}", shown))
    sums = values.sum(axis=1, min_count=1).astype("str").astype(object)
    sums = sums.where(values.notna().any(axis=1), None)
    if unclear.any():
        as_they_stand = pd.concat(parts, axis=1)[unclear].agg(lambda row: " + ".join(row.dropna()), axis=1)
        sums[unclear] = as_they_stand.astype(object)
    return sums, said


def dated(heading: str, parts: list[pd.Series]) -> pd.Series:
    """Return cells of dates with the unit that their heading names, and with the year of a column beside them.

    >>> dated("Quý", [pd.Series(["III", "2", "IV/2023", None]), pd.Series(["2023", "2023", None, "2023"])]).tolist()
    ['Quý III năm 2023', 'Quý 2 năm 2023', 'Quý IV/2023', None]
    """
    unit = words_of(heading).rpartition(" ")[2]
    cells, years = parts[0], parts[-1]
    if len(parts) == 3:
        # A month without its day is a month; a day without its month must not become one.
        whole = pd.concat(parts, axis=1).fillna("").agg("/".join, axis=1).str.lstrip("/").astype(object)
        return whole.where(whole != "", None)
    cells = cells.map({cell: _with_unit(cell, unit) for cell in cells.dropna().unique()}).astype(object)
    cells = cells.where(cells.notna(), None)
    if len(parts) == 1:
        return cells
    lacking = cells.notna() & years.notna() & ~cells.astype("str").str.contains(r"\d{4}", na=False)
    return cells.mask(lacking, cells + " năm " + years)


def _with_unit(cell: str, unit: str) -> str:
    if unit == "quy" and _QUARTER.fullmatch(cell):
        return f"Quý {cell}"
    return f"Tháng {cell}" if unit == "thang" and _MONTH.fullmatch(cell) else cell
