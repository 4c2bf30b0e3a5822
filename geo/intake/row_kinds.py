"""What a row below headings is: a record, a total, the title of the rows below it, a note, or a signature."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache

from geo.errors import Message, some_of
from geo.intake.dates import is_period
from geo.intake.headings import Headings
from geo.intake.vocabulary import begins_with, listed, words_of
from geo.names import is_whole
from geo.schema import PLACE

SHOWN = 20
"""Numbers of rows of one kind that are told."""

MOST_KNOWN = 100_000
"""Texts of a table of which it is remembered what they show."""

_LONGEST_NAME = 60
"""Letters of a lone text that can be a place; a longer one is a note."""

_ENUMERATOR = re.compile(r"[IVXivx]{1,5}[.)]?|[A-Za-zĐđ][.)]?")
_ENUMERATED = re.compile(r"(?:[IVX]{1,5}|[A-ZĐ]|\d{1,2})[.)]\s*(?=\S)")
_ROW_NUMBER = re.compile(r"\d+[.)]?", re.ASCII)
_DIGIT = re.compile(r"\d")
_DAY_OF_SIGNING = re.compile(r"[^,\d]{2,40}, ?ngày .{0,30}", re.IGNORECASE)
"""“Điện Biên, ngày 5 tháng 10 năm 2017”; without the place it could be a record's date."""


class Kind(Enum):
    """What a row is."""

    RECORD = "record"
    TOTAL = "total"
    TITLE = "title"
    NUMBERING = "numbering"
    NUMBER = "number"
    SIGNATURE = "signature"


_SAID = {
    Kind.TOTAL: Message("rows {rows} hold totals and are not records"),
    Kind.TITLE: Message("rows {rows} hold a title or a note and are not records"),
    Kind.NUMBERING: Message("rows {rows} number the columns and are not records"),
    Kind.NUMBER: Message("rows {rows} hold nothing but their own number and are not records"),
    Kind.SIGNATURE: Message("rows {rows} are a signature below the table, or stand below it, and are not read"),
}


@dataclass
class Rows:
    """Tells row after row of a table what it is, and remembers those that are no records.

    Attributes
    ----------
    headings
        Of the table.
    counts, dates
        Columns of ours of those kinds.
    district
        The district that the last title named.
    """

    headings: Headings
    counts: Collection[str]
    dates: Collection[str]
    district: str | None = None
    passed_over: dict[Kind, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = self.headings.columns
        self._numbering = self.headings.numbering
        self._read = {place for places in columns.values() for place in places}
        self._counts = [place for name in self.counts for place in columns.get(name, ())]
        self._dates = [place for name in self.dates for place in columns.get(name, ())[:1]]
        self._places = [place for name in PLACE for place in columns.get(name, ())]
        self._district = columns.get("district", (-1,))[0]
        self._begun = self._signed = False
        self._told: dict[str, str] = {}

    def is_record(self, number: int, row: list[str]) -> bool:
        """Tell whether a row is a record; if not, remember what it is."""
        if self._begun and not self._signed and self._is_plain(row):
            return True
        kind = self._kind(row)
        self._begun |= kind is Kind.RECORD
        self._signed = kind is Kind.SIGNATURE
        if kind is not Kind.RECORD:
            self.passed_over.setdefault(kind, []).append(number)
        return kind is Kind.RECORD

    def messages(self) -> list[Message]:
        """Say which rows are no records, and why."""
        return [replace(_SAID[kind], values={"rows": some_of(rows, SHOWN)}) for kind, rows in self.passed_over.items()]

    def is_numbered(self, row: list[str]) -> bool:
        """Tell whether a row has a number of its own."""
        return self._numbering is not None and _ROW_NUMBER.fullmatch(_at(row, self._numbering)) is not None

    def pass_over(self, kind: Kind, numbers: Iterable[int]) -> None:
        """Remember rows that turned out to be no records when the rows below them were known."""
        if numbers := list(numbers):
            self.passed_over[kind] = sorted([*self.passed_over.get(kind, []), *numbers])

    def _is_plain(self, row: list[str]) -> bool:
        """Tell whether a row holds several texts of which none shows it to be anything but a record; most do."""
        texts, before = 0, ""
        for place, cell in enumerate(row):
            if cell and cell != before:
                tell = self._told.get(cell)
                if tell is None:
                    tell = _tells(cell)
                    if len(self._told) < MOST_KNOWN:
                        self._told[cell] = tell
                if tell and not (tell == "district" and place == self._district):
                    return False
                texts, before = texts + 1, cell
        return texts > 1

    def _kind(self, row: list[str]) -> Kind:
        texts = list(dict.fromkeys(filter(None, row)))  # what a merge repeats is said once
        tells = {tell for text in texts if (tell := _tells(text))}
        numbered = self.is_numbered(row)
        if self._signed and not ((numbered or self._dated(row)) and self._counted(row)):
            return Kind.SIGNATURE
        if (not self._begun or "(1)" in row) and is_numbering(row):
            return Kind.NUMBERING
        if len(texts) == 1 and numbered:
            return Kind.NUMBER
        if numbered:
            lone_total = tells & {"total", "whole"} and sum(any(map(str.isalpha, text)) for text in texts) == 1
            return Kind.TOTAL if lone_total and not self._dated(row) else Kind.RECORD
        if "signature" in tells and all(_tells(row[p]) == "signature" for p in self._read if _at(row, p)):
            return Kind.SIGNATURE
        if (is_total(row) or self._of_a_whole(row)) and not ("whole" in tells and self._of_a_day(row)):
            return Kind.TOTAL
        if (district := self._title_of_district(row)) is not None:
            self.district = district
            return Kind.TOTAL if self._counted(row) else Kind.TITLE
        worded = [text for text in texts if not _ENUMERATOR.fullmatch(text)]
        if len(worded) > 1:
            said_only = _tells(worded[0]) == "note" and not self._dated(row) and not self._counted(row)
            return Kind.TITLE if said_only else Kind.RECORD
        return Kind.RECORD if worded and self._is_lone_value(row, worded[0]) else Kind.TITLE

    def _dated(self, row: list[str]) -> bool:
        return any(_DIGIT.search(_at(row, place)) for place in self._dates)

    def _of_a_day(self, row: list[str]) -> bool:
        """Tell whether a row has a day: what was done in a whole province on one is no sum."""
        cells = (_at(row, place) for place in self._dates)
        return any(_DIGIT.match(cell) and is_period(cell) for cell in cells)

    def _of_a_whole(self, row: list[str]) -> bool:
        return any(is_whole(_at(row, place)) for place in self._places)

    def _counted(self, row: list[str]) -> bool:
        return any(_DIGIT.match(_at(row, place)) for place in self._counts)

    def _title_of_district(self, row: list[str]) -> str | None:
        """Return the district whose title a row is; sums may stand beside its name, but nothing of a record."""
        beside = {place: cell for place, cell in enumerate(row) if cell and not _ENUMERATOR.fullmatch(cell)}
        names = {cell for place, cell in beside.items() if place not in self._counts or not _DIGIT.match(cell)}
        if len(names) != 1 or (district := district_in(next(iter(names)))) is None:
            return None
        return None if [place for place, cell in beside.items() if cell in names] == [self._district] else district

    def _is_lone_value(self, row: list[str], text: str) -> bool:
        """Tell whether the one text of a row is a date, a count or a place of a record, and not a note."""
        places = [place for place, cell in enumerate(row) if cell == text]
        if len(places) > 1 or _tells(text) == "note" or _ENUMERATED.match(text):
            return False
        (place,) = places
        if place in self._dates:
            return is_period(text) or _DIGIT.match(text) is not None
        if place in self._counts:
            return _DIGIT.search(text) is not None
        return place in self._places and len(text) < _LONGEST_NAME


def _at(row: list[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _tells(text: str) -> str:
    """Return what a text alone shows its row to be, or nothing."""
    if text == "(1)":
        return "numbering"
    if text[0].isdigit() and not _ENUMERATED.match(text):
        return ""
    words = words_of(text[:_LONGEST_NAME])
    if is_whole(text):
        return "whole"
    if district_in(text) is not None:
        return "district"
    if _DAY_OF_SIGNING.fullmatch(text):
        return "signature"
    if words.partition(" ")[0] not in _first_words():
        return ""
    if _is_total_text(words):
        return "total"
    if any(begins_with(words, one) for one in listed("layout", "signatures")):
        return "signature"
    return "note" if any(begins_with(words, one) for one in listed("layout", "notes")) else ""


@cache
def _first_words() -> frozenset[str]:
    lists = (listed("layout", name) for name in ("totals", "signatures", "notes"))
    return frozenset(words.partition(" ")[0] for texts in lists for words in texts)


def _is_total_text(words: str) -> bool:
    # One word must be all: without accents “Công an” begins with “cộng”, and that row would be no record.
    return any(words == one or (" " in one and begins_with(words, one)) for one in listed("layout", "totals"))


def district_in(text: str) -> str | None:
    """Return the name of a district that a text is, without the number before it.

    >>> district_in("I. Huyện Mường Nhé"), district_in("Xã Mường Nhé")
    ('Huyện Mường Nhé', None)
    """
    name = _ENUMERATED.sub("", text)
    is_one = any(begins_with(words_of(name), kind) for kind in listed("layout", "districts"))
    return name if is_one and len(name) < _LONGEST_NAME else None


def is_numbering(cells: list[str]) -> bool:
    """Tell whether a row only numbers the columns, as (1), (2), (3) or A, B, 1, 2, 3 = 1 + 2.

    >>> is_numbering(["(1)", "(2)", "(3)"]), is_numbering(["1", "2017", "3"])
    (True, False)
    >>> is_numbering(["A", "B", "1", "2", "3=1+2"]), is_numbering(["M", "1", "2"])
    (True, False)
    """
    texts = [cell for cell in cells if cell]
    letters = [text for text in texts if re.fullmatch(r"\(?[A-Z]\)?", text)]
    numbers = [re.fullmatch(r"\(?(\d{1,2})(?: ?= ?[\d +:*/-]+)?\)?", text) for text in texts[len(letters) :]]
    values = [int(number[1]) for number in numbers if number]
    in_order = len(values) == len(numbers) > 0 and values == list(range(values[0], values[0] + len(values)))
    first_letters = [letter.strip("()") for letter in letters] == list("ABCDEFGHIJ"[: len(letters)])
    return in_order and first_letters and len(texts) > 2


def is_total(cells: list[str]) -> bool:
    """Tell whether a row holds totals: one of its first texts says so.

    >>> is_total(["", "Tổng cộng", "", "15"]), is_total(["1", "Xã Tổng Hợp", "15"]), is_total(["Công an", "", "15"])
    (True, False, False)
    >>> is_total(["", "Toàn tỉnh", "15"]), is_total(["Tỉnh Điện Biên:", "15"]), is_total(["Toả Tình", "15"])
    (True, True, False)
    """
    texts = [cell for cell in cells[:4] if any(map(str.isalpha, cell))][:1]
    return any(_is_total_text(words_of(text)) or is_whole(text) for text in texts)
