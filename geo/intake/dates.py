"""Days and periods as Vietnamese offices write them: the day before the month, and no order or calendar guessed."""

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import Message
from geo.intake.parsed import READ_AS_EMPTY, UNKNOWN, Parsed, Reading, Texts, joined, plain
from geo.schema import EARLIEST

NOT_A_DATE = Message("is not a date (expected 2017-03-31 or 31/03/2017)")
NO_YEAR = Message("has no year, and the titles above the table name none that holds for the whole column")

YEARS_AHEAD = 30
"""A programme may run until then; a later day is a slip of the pen, or stands for “never”."""

_BUDDHIST = 543
"""Years by which the calendar of Lao and Thai papers is ahead."""

_SERIALS_START = dt.date(1899, 12, 30)
"""Day 0 of the numbers that spreadsheets keep days as; right from March 1900 on."""

_DAY_FIRST, _MONTH_FIRST, _EITHER = "day first", "month first", "either"
"""What a day written in digits shows of the order of day and month."""

_MONTH_STANDS_FIRST = Message("the month stands first")
_DAY_NUMBER = Message("the cell holds a spreadsheet's day number")
_FIRST_DAY = {
    "month": Message("the first day of the month"),
    "quarter": Message("the first day of the quarter"),
    "half_year": Message("the first day of the half-year"),
    "year": Message("the first day of the year"),
}

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS = ("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")
_NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)} | {"bốn": 4, "bẩy": 7}
_NUMBERS |= {"i": 1, "ii": 2, "iii": 3, "iv": 4, "first": 1, "second": 2}
_LENGTHS = {1: "month", 3: "quarter", 6: "half_year", 12: "year"}
"""Precisions by their months."""
_NEW_YEAR_MONTH = Message("the month may be of the lunar calendar, and lies in the quarter either way")

_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NUMBER = rf"\d{{1,2}}|{'|'.join(sorted((*_WORDS, 'bốn', 'bẩy'), key=len, reverse=True))}"
_MONTH = _NUMBER.replace("|năm", "|năm(?= năm| ?[-/.])")
"""“Tháng năm 2017” can be May, or a form in which no month was filled in."""
_YEAR = r"(?P<year>\d{4})"
_OF_YEAR = rf"(?: ?[-/.,] ?| )(?:năm )?{_YEAR}"
_CLOCK = r"\d{1,2} ?(?:h|g|giờ|:)(?: ?\d{1,2}(?::\d{1,2}(?:[.,]\d+)?)?(?: ?(?:phút|p|'))?)?(?: ?(?:am|pm|sa|ch))?"
_BEFORE = rf"(?:(?:lúc |hồi )?{_CLOCK}(?: (?:sáng|trưa|chiều|tối|đêm))?,? )?(?:ngày )?"
_AFTER = rf"(?:(?:t|,? )(?:lúc |hồi )?{_CLOCK}(?:z| ?[-+]\d\d:?\d\d)?)?"

_DAYS = (
    rf"{_YEAR}(?P<sign>[-/.])(?P<month>\d{{1,2}})(?P=sign)(?P<day>\d{{1,2}})",
    r"(?P<first>\d{1,2}) ?(?P<sign>[-/.]) ?(?P<second>\d{1,2}) ?(?P=sign) ?(?P<year>\d{4}|\d\d)",
    rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)",
    rf"(?P<day>\d{{1,2}}) tháng (?P<month>{_MONTH}){_OF_YEAR}",
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[- ]{_NAME},?[- ](?P<year>\d{{4}}|\d\d)",
    rf"{_NAME} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}",
)
_PARTS_OF_YEARS = (
    rf"tháng ?(?P<month>{_MONTH})",
    r"tháng (?P<new_year_month>giêng)",
    r"(?:quý|q) ?(?P<quarter>[1-4]|iv|i{1,3}|một|hai|ba|tư|bốn)",
    rf"(?:(?P<months>{_NUMBER}) tháng|nửa) (?P<end>đầu|cuối)(?: năm)?",
    r"(?P<first_months>[369]) tháng",
    r"(?P<whole>cả) năm",
)
"""Periods whose year may stand in the title above the table."""
_PERIODS = (
    *(part + _OF_YEAR for part in _PARTS_OF_YEARS),
    rf"(?P<month>\d{{1,2}}) ?[-/.] ?{_YEAR}",
    rf"th?\.? ?(?P<month>\d{{1,2}}){_OF_YEAR}",
    rf"{_YEAR}[-/](?P<month>\d{{1,2}})",
    rf"{_NAME},?[- ]{_YEAR}",
    rf"{_YEAR}[-/ ]?q(?P<quarter>[1-4])",
    rf"(?P<half>first|second) half of {_YEAR}",
    rf"h(?P<half>[12]){_OF_YEAR}",
    rf"(?:(?:cả )?năm )?{_YEAR}",
)
_FORMS = tuple(re.compile(form, re.ASCII) for form in (*(_BEFORE + day + _AFTER for day in _DAYS), *_PERIODS))
_WITHOUT_YEAR = tuple(re.compile(part, re.ASCII) for part in _PARTS_OF_YEARS)
_LUNAR = re.compile(r"\btháng chạp\b|\bâm lịch\b|\(?\bâl\b\)?")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)


def read_dates(text: pd.Series, *, today: pd.Timestamp) -> Parsed:
    """Read a column of dates.

    Days are taken in the forms 31/3/2017, 31-03-17, “ngày 31 tháng 3 năm 2017”, 31 March 2017 and ISO 8601; a time
    of day is left out. Months, quarters, half-years and years become their first day; other numbers of months (“9
    tháng đầu năm 2017”) the shortest of these that holds them, and tháng giêng, which may be January or the first
    month of the lunar calendar, the first quarter. Two-digit years lie between 1990 and 2089. A number of five digits
    is a spreadsheet's day number if that day lies between `geo.schema.EARLIEST` and a year from today.

    The month stands first only where it cannot be second (3/31/2017). Where all cells that show an order have the
    month first, those that could be either (3/4/2017) are not read; where a column mixes both orders, such a cell
    is read with the day first, and that is said.

    Parameters
    ----------
    text
        Cells as text, None where empty.
    today
        What the future is counted from.

    Returns
    -------
    Parsed
        Days as datetime64[ns]; ``beside["precision"]`` is ``day``, ``month``, ``quarter``, ``half_year`` or ``year``.

    Examples
    --------
    >>> cells = pd.Series(["31/03/2017", "quý II năm 2017", "30/02/2017"])
    >>> parsed = read_dates(cells, today=pd.Timestamp("2018-01-01"))
    >>> [str(day.date()) for day in parsed.values.dropna()], list(parsed.beside["precision"].dropna())
    (['2017-03-31', '2017-04-01'], ['day', 'quarter'])
    >>> str(parsed.repaired[1]), str(parsed.bad[2])
    ('read as 2017-04-01: the first day of the quarter', 'is not a date (expected 2017-03-31 or 31/03/2017)')
    """
    texts = Texts.of(text)
    found = [_find(plain(cell), today.date()) for cell in texts.distinct]
    orders = {one.order for one in found if isinstance(one, _Found)}
    readings = [_reading(one, orders) for one in found]
    days = np.array([reading.value for reading in readings] + [None], dtype="datetime64[ns]")
    return texts.spread(days, dict(enumerate(readings)), {"precision": [reading.beside for reading in readings]})


def lacks_year(cell: str) -> bool:
    """Tell whether a cell names a part of a year, but not the year.

    >>> [lacks_year(cell) for cell in ("Quý III", "6 tháng đầu năm", "quý III/2017", "31/3")]
    [True, True, False, False]
    """
    text = plain(cell)
    return any(part.fullmatch(text) for part in _WITHOUT_YEAR)


def is_period(cell: str) -> bool:
    """Tell whether a cell names a day or a period, with or without its year.

    >>> [is_period(cell) for cell in ("31/3/2017", "Quý III", "tháng 2 năm 2017", "Ngày", "Quý")]
    [True, True, True, False, False]
    """
    return lacks_year(cell) or _written(plain(cell)) is not None


def with_year(cell: str, year: int) -> str:
    """Return a cell that lacks its year with one.

    >>> with_year("Quý III", 2017), with_year("9 tháng", 2017)
    ('Quý III năm 2017', '9 tháng đầu năm 2017')
    """
    cell = cell.strip(" .,;")
    if re.fullmatch(r"[369] tháng", cell.lower()):
        return f"{cell} đầu năm {year}"
    return f"{cell} {year}" if cell.lower().endswith(("đầu năm", "cuối năm", "cả năm")) else f"{cell} năm {year}"


@dataclass(frozen=True)
class _Found:
    """The first day of what a text names, how precisely it names it, and what is to be said of that."""

    day: dt.date
    precision: str
    notes: tuple[Message, ...] = ()
    order: str = ""


def _reading(found: _Found | Reading, orders: set[str]) -> Reading:
    """Say what a text means, now that the whole column has shown in which order it has day and month."""
    if isinstance(found, Reading):
        return found
    day, notes = found.day, list(found.notes)
    if found.order == _EITHER and _MONTH_FIRST in orders:
        if _DAY_FIRST not in orders:
            values = {"one": day, "other": dt.date(day.year, day.day, day.month)}
            return Reading(bad=Message("can mean {one} or {other}: other cells have the month first", values))
        notes.append(Message("the day stands first, though some cells have the month first"))
    said = Message("read as {value}: {how}", {"value": day, "how": joined(notes)}) if notes else None
    return Reading(day, repaired=said, beside=found.precision)


def _find(text: str, today: dt.date) -> _Found | Reading:
    """Look for a day or a period in a plain text, and hold it against the years that records can have."""
    if not text:
        return Reading()
    if text in UNKNOWN:
        return Reading(repaired=READ_AS_EMPTY)
    if _LUNAR.search(text):
        return Reading(bad=Message("may be of the lunar calendar: write day and month of the common one as numbers"))
    found = _serial(text, today) or _written(text)
    if found is None:
        return Reading(bad=NO_YEAR if lacks_year(text) else NOT_A_DATE)
    if EARLIEST.year + _BUDDHIST <= found.day.year <= today.year + _BUDDHIST:
        values = {"year": str(found.day.year), "common": str(found.day.year - _BUDDHIST)}
        return Reading(bad=Message("has the year {year}: if it is Buddhist, write {common}", values))
    if found.day < EARLIEST.date():
        return Reading(bad=Message("is less than {limit}", {"limit": EARLIEST.date()}))
    if found.day.year > today.year + YEARS_AHEAD:
        return Reading(bad=Message("lies in the future"))
    return found


def _serial(text: str, today: dt.date) -> _Found | None:
    match = _SERIAL.fullmatch(text)
    day = _SERIALS_START + dt.timedelta(days=int(match[1])) if match else dt.date.min
    known = EARLIEST.date() <= day <= today + dt.timedelta(days=366)
    return _Found(day, "day", (_DAY_NUMBER,)) if known else None


def _written(text: str) -> _Found | None:
    match = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    if match is None:
        return None
    parts = match.groupdict()
    order, notes = "", []
    if "first" in parts:
        order = _order(int(parts["first"]), int(parts["second"]))
        parts["day"], parts["month"] = parts["first"], parts["second"]
        if order == _MONTH_FIRST:
            parts["day"], parts["month"] = parts["month"], parts["day"]
            notes.append(_MONTH_STANDS_FIRST)
    month, precision, said = _part_of_year(parts)
    try:
        day = dt.date(_year(parts["year"]), month, int(parts.get("day") or 1))
    except ValueError:
        return None
    return _Found(day, precision, (*notes, *said), order)


def _order(first: int, second: int) -> str:
    if first <= 12 and second <= 12:
        return _EITHER if first != second else ""
    return _MONTH_FIRST if first <= 12 else _DAY_FIRST


def _year(written: str) -> int:
    year = int(written)
    if len(written) == 4:
        return year
    return year + (1900 if year >= EARLIEST.year % 100 else 2000)


def _part_of_year(parts: dict[str, str]) -> tuple[int, str, list[Message]]:
    """Return the first month of what is written (0 if there is no such), its precision, and what is to be said."""
    first, length, notes = 1, 12, []
    if "month" in parts or "name" in parts:
        first = _number(parts["month"]) if "month" in parts else _MONTH_NAMES.index(parts["name"][:3]) + 1
        length = 1
    elif "new_year_month" in parts:
        length, notes = 3, [_NEW_YEAR_MONTH]
    elif "quarter" in parts:
        first, length = 3 * _number(parts["quarter"]) - 2, 3
    elif "half" in parts:
        first, length = 6 * _number(parts["half"]) - 5, 6
    elif "end" in parts or "first_months" in parts:
        months = _number(parts.get("first_months") or parts["months"] or "6")
        length = next((length for length in _LENGTHS if months <= length), 12)
        first = 0 if not 1 <= months <= 12 else 1 if parts.get("end", "đầu") == "đầu" else 13 - length
        notes = [Message("the cell names {n} months of it", {"n": months})] if months != length else []
    if "day" in parts:
        return first, "day", []
    return first, _LENGTHS[length], [_FIRST_DAY[_LENGTHS[length]], *notes]


def _number(written: str) -> int:
    return int(written) if written.isdigit() else _NUMBERS[written]
