"""Years and periods that stand once for a whole sheet, in the titles above its table: “BÁO CÁO QUÝ III NĂM 2017”."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from geo.errors import Message
from geo.intake.dates import is_period, lacks_year, read_dates
from geo.intake.dates import with_year as dated
from geo.intake.parsed import joined, plain

DATES_OF_ROWS = ("date", "reported_on")
"""Columns whose dates lie in the time that a title names; since when somebody is absent may lie long before."""

_SAID = Message("the year stands in the title")

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)", re.ASCII)
_DAY = re.compile(
    r"ngày \d{1,2} tháng \d{1,2},? năm \d{4}|(?<!\d)\d{1,2} ?[-/.] ?\d{1,2} ?[-/.] ?\d{4}(?!\d)", re.ASCII
)
"""The day of a report is not what it is about."""
_WHOLE_PERIOD = re.compile(
    r"(?:(?:quý|tháng) ?(?:\d{1,2}|[ivx]{1,3})(?: ?[-/.] ?| (?:năm )?)|[369] tháng (?:đầu |cuối )?năm |năm )"
    r"\d{4}(?!\d)",
    re.ASCII,
)
_UNIT = re.compile(r"(?<!\w)(?:quý|tháng|đến)(?!\w)|(?<!\d)(?:19|20)\d\d(?!\d)")
_PERIOD = re.compile(r"(?:năm|(?:quý|tháng) ?[\divx]{1,3} ?[-/.]) ?(\d{4})(?!\d)", re.ASCII)


def year_in(titles: Iterable[str]) -> int | None:
    """Return the year that titles name as their time, if no other year stands in them.

    >>> year_in(["BÁO CÁO", "Quý III năm 2017", "Điện Biên, ngày 5 tháng 10 năm 2017"])
    2017
    >>> year_in(["Quý IV/2017", "Ngày 05/01/2018"]), year_in(["Ngày 05/01/2018"])
    (None, None)
    """
    texts = [plain(title) for title in titles]
    years = {year for text in texts for year in _YEAR.findall(text)}
    named = {year for text in texts for year in _PERIOD.findall(_DAY.sub(" ", text))}
    return int(years.pop()) if len(years) == 1 and years == named else None


def period_in(titles: Iterable[str]) -> str | None:
    """Return the one period that titles name, by itself or as a year; None if they name none, or more than one.

    >>> period_in(["BÁO CÁO QUÝ III NĂM 2017", "Điện Biên, ngày 5 tháng 10 năm 2017"]), period_in(["NĂM 2017"])
    ('quý iii năm 2017', 'năm 2017')
    >>> period_in(["Từ tháng 1 đến tháng 3 năm 2017"]), period_in(["Quý I năm 2017", "Năm 2017"])
    (None, None)
    """
    texts = [_DAY.sub(" ", plain(title)) for title in titles]
    found = {match[0] for text in texts for match in _WHOLE_PERIOD.finditer(text)}
    others = any(_UNIT.search(_WHOLE_PERIOD.sub(" ", text)) for text in texts)
    return found.pop() if len(found) == 1 and not others and is_period(min(found)) else None


def with_years(text: pd.Series, years: pd.Series, *, today: pd.Timestamp) -> tuple[pd.Series, pd.Index]:
    """Give cells that name a part of a year the year of their sheet's title, and return which rows got one.

    None gets a year where another date of a sheet of that year lies in another year.

    Parameters
    ----------
    text
        Cells of a column of dates, None where empty.
    years
        What the titles say for each row, NaN where they say nothing.
    today
        See `geo.intake.dates.read_dates`.
    """
    if years.isna().all():
        return text, text.index[:0]
    lacking = text.isin([cell for cell in text.dropna().unique() if lacks_year(str(cell))]) & years.notna()
    if not lacking.any():
        return text, text.index[:0]
    own = read_dates(text, today=today).values.dt.year
    contradicted = years[own.notna() & (own != years)].unique()
    lacking &= ~years.isin(contradicted)
    rows = text.index[lacking]
    given = [dated(cell, int(year)) for cell, year in zip(text[lacking], years[lacking], strict=True)]
    text = text.copy()
    text[lacking] = np.array(given, dtype=object)
    return text, rows


def told(repaired: pd.Series, rows: pd.Index) -> pd.Series:
    """Add to what is said of rows that their year stands in the title; rows of one message keep one."""
    if rows.empty:
        return repaired
    said = repaired.loc[repaired.index.intersection(rows)]
    more = {id(message): joined([message, _SAID]) for message in said}
    return pd.concat([repaired.drop(said.index), said.map(lambda message: more[id(message)])])
