"""Numbers as Vietnamese and English texts write them; what can mean two numbers is settled by its column or not read.

“17.400” is 17400 to a Vietnamese reader and 17.4 to an English one, and a spreadsheet hands on both. A sign that
stands once, before exactly three digits, is read

* in a **count** as a separator of thousands, unless the column has other whole numbers with that sign as decimal
  sign (15.0);
* in a **measure** by what the column's other cells show of that sign; if they show nothing, a point is the decimal
  sign where no cell has a comma for it, and a comma is not read;
* in a **coordinate** as the decimal sign.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from geo.errors import Message
from geo.intake.parsed import READ_AS_EMPTY, UNKNOWN, Parsed, Reading, Texts, joined, plain

Kind = Literal["count", "measure", "coordinate"]

NOT_A: dict[Kind, Message] = {
    "count": Message("is not a whole number"),
    "measure": Message("is not a number"),
    "coordinate": Message("is not a number"),
}

BOUNDS = {
    "more_than": ("trên", "hơn", ">", "more than", "over"),
    "at_least": ("ít nhất", "tối thiểu", "≥", ">=", "at least"),
    "nearly": ("gần", "nearly", "almost"),
    "about": ("khoảng", "chừng", "xấp xỉ", "ước", "ước tính", "~", "≈", "about", "approximately"),
    "at_most": ("tối đa", "nhiều nhất", "không quá", "≤", "<=", "at most", "up to"),
    "less_than": ("dưới", "<", "less than", "under"),
}
"""What stands before a number that is not exact."""

_SAYS = {
    "more_than": Message("the cell says more than"),
    "at_least": Message("the cell says at least"),
    "nearly": Message("the cell says nearly"),
    "about": Message("the cell says about"),
    "at_most": Message("the cell says at most"),
    "less_than": Message("the cell says less than"),
}

UNITS = (
    *("người", "lượt người", "lượt", "nạn nhân", "đối tượng", "phụ nữ", "trẻ em", "em", "cháu", "hộ", "hộ dân"),
    *("vụ", "vụ án", "vụ việc", "cuộc", "buổi", "lần", "đợt", "tổ", "đội", "giờ", "tiếng", "h", "km"),
    *("persons", "people", "victims", "cases", "sessions", "teams", "hours", "hour"),
)
"""What may stand after a number. Units that would change it (m, phút, nghìn) are not here: their cells are not read."""

_NOTHING = ("không", "không có")
_IN_ORDER = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")
WORDS = {word: number for number, word in enumerate(_IN_ORDER)}
WORDS |= {"không có": 0, "bẩy": 7}
"""Numbers as words, only with their accents: “nam” can be five or male."""

_SEPARATES = {
    ".": Message("the dot separates thousands"),
    ",": Message("the comma separates thousands"),
    " ": Message("spaces separate thousands"),
    "'": Message("apostrophes separate thousands"),
}
_COMMA_IS_DECIMAL = Message("the comma is the decimal sign")
_ZEROS = Message("zeros before it were left out")
_A_WORD = Message("the cell holds a word")

LOST_DIGITS = Message("has lost digits to an exponent (1E+05): write all of them")

_LARGEST_COUNT = 2**53 - 1
"""Beyond it a float64 does not hold every whole number."""

_PLAIN = {
    "count": re.compile(r"0|[1-9]\d{0,14}", re.ASCII),
    "measure": re.compile(r"(?!-?[1-9]\d{0,2}\.\d{3}$)-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:e[-+]\d\d)?", re.ASCII),
    "coordinate": re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:e[-+]\d\d)?", re.ASCII),
}
"""Numbers that need no second look, also as programs print very small ones (1e-05)."""


def _any_of(phrases: Iterable[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))


_BOUND_OF = {phrase: bound for bound, phrases in BOUNDS.items() for phrase in phrases}
_CELL = re.compile(
    rf"(?:(?P<bound>{_any_of(_BOUND_OF)}) ?)?"
    rf"(?P<core>{_any_of(WORDS)}|[-+]?[\d.,].*?)"
    rf"(?: ?(?P<unit>{_any_of(UNITS)}))?"
)
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?=[.,]?\d)(?P<whole>[1-9]\d{0,2}(?P<separator>[., '])\d{3}(?:(?P=separator)\d{3})*|\d*)"
    r"(?:(?P<point>[.,])(?P<fraction>\d+))?",
    re.ASCII,
)
_SCIENTIFIC = re.compile(r"[-+]?\d+(?:[.,]\d+)?e[-+]?\d+", re.ASCII)
"""As a spreadsheet shows what does not fit its cell: 123456 becomes 1E+05."""


def read_numbers(text: pd.Series, kind: Kind) -> Parsed:
    """Read a column of numbers.

    Spaces, apostrophes, dots and commas may separate thousands; the module says how a column settles what it means.
    In counts and measures a word before the number (“trên 6.200”), a unit after it (“15 người”) and a word for it
    (“hai”) are understood; “không” is 0 in a count. Coordinates are bare numbers.

    Parameters
    ----------
    text
        Cells as text, None where empty; or numbers.
    kind
        ``"count"`` (whole, from 0), ``"measure"`` or ``"coordinate"``.

    Returns
    -------
    Parsed
        Counts as Int64, others as float64; ``beside["bound"]`` is one of `BOUNDS`, missing for exact numbers.

    Examples
    --------
    >>> parsed = read_numbers(pd.Series(["trên 6.200 người", "hai", "1,5"]), "count")
    >>> parsed.values.tolist(), parsed.beside["bound"].tolist()
    ([6200, 2, <NA>], ['more_than', nan, nan])
    >>> str(parsed.repaired[0])
    'read as 6200: the dot separates thousands; the cell says more than; the unit “người” was left out'
    >>> read_numbers(pd.Series(["21.386", "17,5"]), "coordinate").values.tolist()
    [21.386, 17.5]
    """
    texts = Texts.of(text)
    distinct = np.array(texts.distinct, dtype=object)
    clear = np.fromiter(map(_PLAIN[kind].fullmatch, texts.distinct), dtype=bool, count=len(distinct))
    values = np.full(len(distinct) + 1, np.nan)
    values[:-1][clear] = distinct[clear].astype(float)
    cells = {int(code): _Cell.of(plain(distinct[code])) for code in np.flatnonzero(~clear)}
    habits = _Habits.of(cells.values(), whole=kind == "count", points=any("." in one for one in distinct[clear]))
    readings = {code: _reading(cell, kind, habits) for code, cell in cells.items()}
    bounds: list[str | None] = [None] * len(distinct)
    for code, reading in readings.items():
        values[code], bounds[code] = reading.value, reading.beside
    typed = pd.array(values, dtype="Int64") if kind == "count" else values
    return texts.spread(typed, readings, {"bound": bounds})


def is_scientific(text: str) -> bool:
    """Tell whether a text is a number with an exponent.

    >>> is_scientific("1E+05"), is_scientific("1e400"), is_scientific("103e")
    (True, True, False)
    """
    return _SCIENTIFIC.fullmatch(plain(text)) is not None


def read_plain_numbers(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return numbers as float64, and a mask of the cells that are none; a repaired number is none.

    For lists whose reading tells nobody what was repaired.
    """
    read = read_numbers(text, "measure")
    return read.values, pd.Series(text.index.isin(read.bad.index.union(read.repaired.index)), index=text.index)


@dataclass(frozen=True)
class _Number:
    """A number in digits: ``whole`` without separators, of which there were ``groups``."""

    sign: str
    whole: str
    separator: str
    groups: int
    point: str
    fraction: str

    @classmethod
    def of(cls, text: str) -> "_Number | None":
        match = _NUMBER.fullmatch(re.sub("[’‘ʼ]", "'", text))
        if match is None or (match["separator"] and match["separator"] == match["point"]):
            return None
        digits = re.split("[., ']", match["whole"])
        point, fraction = match["point"] or "", match["fraction"] or ""
        return cls(match["sign"], "".join(digits), match["separator"] or "", len(digits) - 1, point, fraction)

    @property
    def value(self) -> float:
        return float(f"{self.sign}{self.whole}.{self.fraction or 0}")

    @property
    def ambiguous(self) -> bool:
        """Whether the one sign in it can separate thousands or decimals."""
        return self.separator in {".", ","} and self.groups == 1 and not self.point

    def with_decimals(self) -> "_Number":
        """Return the ambiguous number's other meaning."""
        parts = {"whole": self.whole[:-3], "point": self.separator, "fraction": self.whole[-3:]}
        return replace(self, separator="", groups=0, **parts)

    def notes(self) -> list[Message]:
        """Say what was done to the digits."""
        zeros = self.whole.startswith("0") and len(self.whole) > 1
        return ([_SEPARATES[self.separator]] if self.separator else []) + ([_ZEROS] if zeros else [])


@dataclass(frozen=True)
class _Cell:
    """A cell taken apart: what bounds the number, the number in digits or as a word, its unit."""

    text: str
    bound: str | None = None
    number: _Number | None = None
    word: str | None = None
    unit: str | None = None

    @classmethod
    def of(cls, text: str) -> "_Cell":
        match = _CELL.fullmatch(text)
        if match is None:
            return cls(text)
        word = match["core"] if match["core"] in WORDS else None
        return cls(text, match["bound"], _Number.of(match["core"]), word, match["unit"])


@dataclass(frozen=True)
class _Habits:
    """The signs that a column's cells show, beyond doubt, as decimal signs and as separators of thousands."""

    decimal: set[str]
    thousands: set[str]

    @classmethod
    def of(cls, cells: Iterable[_Cell], *, whole: bool, points: bool) -> "_Habits":
        """Learn from cells; where only whole numbers can stand, others are slips and teach nothing."""
        numbers = [cell.number for cell in cells if cell.number and not cell.number.ambiguous]
        shown = [one for one in numbers if not (whole and one.value % 1)]
        decimal = {one.point for one in shown if one.point} | ({"."} if points else set())
        return cls(decimal, {one.separator for one in shown if one.separator})

    def settle(self, number: _Number, kind: Kind) -> _Number | None:
        """Return what an ambiguous number means; None if the column does not tell."""
        sign = number.separator
        if kind == "coordinate":
            return number.with_decimals()
        if kind == "count" or sign in self.thousands:
            return None if sign in self.decimal else number
        if self.decimal <= {sign} and (sign == "." or self.decimal):
            return number.with_decimals()
        return None


def _reading(cell: _Cell, kind: Kind, habits: _Habits) -> Reading:
    """Say what a cell means in its column."""
    if not cell.text or cell.text in UNKNOWN:
        return Reading(math.nan, repaired=READ_AS_EMPTY if cell.text else None)
    notes: list[Message] = []
    if cell.word:
        value = float(WORDS[cell.word])
        notes.append(_A_WORD)
    elif cell.number:
        number = habits.settle(cell.number, kind) if cell.number.ambiguous else cell.number
        if number is None:
            return Reading(math.nan, bad=_two_meanings(cell.number))
        value = number.value
        notes += number.notes()
        if kind == "measure" and cell.number.separator == number.point == ",":
            notes.append(_COMMA_IS_DECIMAL)
    else:
        value = math.nan
    if bad := _objection(cell, value, kind):
        return Reading(math.nan, bad=bad)
    bound = _BOUND_OF[cell.bound] if cell.bound else None
    notes += [_SAYS[bound]] if bound else []
    notes += [Message("the unit “{unit}” was left out", {"unit": cell.unit})] if cell.unit else []
    said = Message("read as {value}: {how}", {"value": _written(value), "how": joined(notes)}) if notes else None
    return Reading(value, repaired=said, beside=bound)


def _objection(cell: _Cell, value: float, kind: Kind) -> Message | None:
    """Return why a value is no honest number of its kind, if it is not."""
    bare = not (cell.bound or cell.word or cell.unit)
    if "%" in cell.text:
        return Message("is a percentage")
    if _SCIENTIFIC.fullmatch(cell.text):
        return LOST_DIGITS
    if not math.isfinite(value) or (kind == "coordinate" and not bare) or (kind == "measure" and cell.word in _NOTHING):
        return NOT_A[kind]
    if kind != "count":
        return None
    if value < 0:
        return Message("is less than {limit}", {"limit": 0})
    return NOT_A[kind] if value % 1 or value > _LARGEST_COUNT else None


def _two_meanings(number: _Number) -> Message:
    values = {"one": _written(number.value), "other": _written(number.with_decimals().value)}
    return Message("can mean {one} or {other}: write it without a separator of thousands", values)


def _written(value: float) -> str:
    return f"{value:.15g}"
