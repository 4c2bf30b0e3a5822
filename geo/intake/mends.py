"""What a cell could be instead, where a column allows few values: the fix list proposes it, nobody takes it unasked."""

import difflib
import math
import re
from functools import lru_cache

import pandas as pd
import pandera.pandas as pa

from geo.intake.dates import read_dates
from geo.intake.rules import allowed_values
from geo.intake.vocabulary import values, words_of
from geo.schema import AGE_BANDS, VINTAGES

_AGES = {
    band: (int(band.rstrip("+").partition("-")[0]), float(band.partition("-")[2] or math.inf))
    for band in AGE_BANDS
    if band[0].isdigit()
}
"""First and last year of age of each band."""
_YEARS_OF_AGE = re.compile(r"(\d{1,2})(?: ?(?:-|–|đến|to) ?(\d{1,2}))?(?: tuổi)?", re.ASCII)
_LIKENESS = 0.75


def likely(cell: object, column: pa.Column) -> str | None:
    """Return the allowed value that a wrong cell is likely to mean, several of them with “/” between, or None.

    >>> from geo.schema import ABSENCES, CASES
    >>> likely("12-17", ABSENCES.columns["age_band"]), likely("14 tuổi", ABSENCES.columns["age_band"])
    ('12-15 / 16-17', '12-15')
    >>> likely("2025", CASES.columns["vintage"]), likely("polise", CASES.columns["source"])
    ('2025-07-01', 'police')
    """
    allowed = allowed_values(column)
    return _likely(cell, str(column.name), allowed) if allowed and isinstance(cell, str) else None


@lru_cache(maxsize=4096)
def _likely(cell: str, name: str, allowed: tuple[str, ...]) -> str | None:
    if name == "age_band":
        return _bands(cell)
    if name == "vintage" and (vintage := _nearest_vintage(cell)):
        return vintage
    known = {**{words_of(value): value for value in allowed}, **values(name)}
    near = difflib.get_close_matches(words_of(cell), known, n=1, cutoff=_LIKENESS)
    return known[near[0]] if near else None


def band_of(cell: str) -> str | None:
    """Return the one band that the age, or all ages, of a cell lie in, or None.

    >>> band_of("13 tuổi"), band_of("12 - 14"), band_of("12-17"), band_of("2017-12-15")
    ('12-15', '12-15', None, None)
    """
    bands = _bands_of_ages(cell)
    return bands[0] if len(bands) == 1 else None


def _bands_of_ages(cell: str) -> list[str]:
    ages = _YEARS_OF_AGE.fullmatch(cell.strip().lower())
    if ages is None:
        return []
    low, high = int(ages[1]), int(ages[2] or ages[1])
    return [band for band, (first, last) in _AGES.items() if first <= high and low <= last]


def _bands(cell: str) -> str | None:
    """Return the bands that the ages of a cell lie in; a band that a spreadsheet made a date is told by its parts."""
    if bands := _bands_of_ages(cell):
        return " / ".join(bands)
    day = _day(cell)
    parts = () if day is None else (f"{day.month}-{day.day}", f"{day.day}-{day.month}")
    return next((band for band in parts if band in _AGES), None)


def _nearest_vintage(cell: str) -> str | None:
    day = _day(cell)
    return None if day is None else min(VINTAGES, key=lambda vintage: abs(pd.Timestamp(vintage) - day))


def _day(cell: str) -> pd.Timestamp | None:
    day = read_dates(pd.Series([cell], dtype=object), today=pd.Timestamp(VINTAGES[-1])).values[0]
    return None if pd.isna(day) else day
