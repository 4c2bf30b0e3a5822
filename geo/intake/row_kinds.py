"""What a row below headings is: a record, a total, the title of the rows below it, a note, or a signature."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum

from geo.errors import Message, some_of
from geo.intake.dates import is_period
from geo.intake.headings import Headings
from geo.intake.row_texts import ENUMERATED, LONGEST_NAME, commune_in, district_in, is_numbering, is_total, tells
from geo.intake.vocabulary import listed, values, words_of
from geo.names import is_whole
from geo.schema import PLACE

SHOWN = 20
"""Numbers of rows of one kind that are told."""

MOST_KNOWN = 100_000
"""Texts of a table of which it is remembered what they show."""

_ENUMERATOR = re.compile(r"[IVXivx]{1,5}[.)]?|[A-Za-zĐđ][.)]?")
_ROW_NUMBER = re.compile(r"\d+[.)]?", re.ASCII)
_DIGIT = re.compile(r"\d")
_DAY = re.compile(r"\d{1,4} ?[-/.] ?\d{1,2} ?[-/.] ?\d|ngày|\d{5}|\d{1,2} tháng \d|\d{1,2}[- ][a-z]{3}", re.IGNORECASE)
"""A day in any form, as against a period."""


class Kind(Enum):
    """What a row is."""

    RECORD = "record"
    TOTAL = "total"
    TITLE = "title"
    NUMBERING = "numbering"
    NUMBER = "number"
    SIGNATURE = "signature"
    NIL = "nil"


_SAID = {
    Kind.TOTAL: Message("rows {rows} hold totals and are not records"),
    Kind.TITLE: Message("rows {rows} hold a title or a note and are not records"),
    Kind.NUMBERING: Message("rows {rows} number the columns and are not records"),
    Kind.NUMBER: Message("rows {rows} hold nothing but their own number and are not records"),
    Kind.SIGNATURE: Message("rows {rows} are a signature below the table, or stand below it, and are not read"),
    Kind.NIL: Message("rows {rows} say that there was nothing to report, and are not records"),
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
    district, commune
        Those that the last titles named; communes only in tables that have no column for them.
    """

    headings: Headings
    counts: Collection[str]
    dates: Collection[str]
    district: str | None = None
    commune: str | None = None
    passed_over: dict[Kind, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = self.headings.columns
        self._numbering = self.headings.numbering
        self._read = {place for places in columns.values() for place in places}
        self._counts = [place for name in self.counts for place in columns.get(name, ())]
        self._dates = [place for name in self.dates for place in columns.get(name, ())[:1]]
        self._places = [place for name in PLACE for place in columns.get(name, ())]
        self._has_communes = not {"commune", "commune_code"}.isdisjoint(columns)
        self._events = self.headings.events
        self._stated, self._nil = (*self._counts, *self._events), frozenset(listed("layout", "nil"))
        self._may_be_nil = bool(self.dates) and not {"victims", "sessions"}.isdisjoint(columns)
        self._of_days = any(len(columns.get(name, ())) == 3 for name in self.dates)
        self._told_by_values = {name: columns[name] for name in ("status", "kind") if name in columns and values(name)}
        self._district = columns.get("district", (-1,))[0]
        self._begun = self._signed = False
        self._told: dict[str, str] = {}

    def is_record(self, number: int, row: list[str]) -> bool:
        """Tell whether a row is a record; if not, remember what it is."""
        nil = self._may_be_nil and self._is_nil(row)
        if self._begun and not self._signed and not nil and self._is_plain(row):
            return True
        kind = self._kind(row)
        if nil and kind is Kind.RECORD:
            kind = Kind.NIL
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
                    tell = tells(cell)
                    if len(self._told) < MOST_KNOWN:
                        self._told[cell] = tell
                if tell and not self._is_of_column(tell, place):
                    return False
                texts, before = texts + 1, cell
        return texts > 1

    def _is_of_column(self, tell: str, place: int) -> bool:
        """Tell whether a unit stands in the column for it; communes do wherever there is one."""
        return place == self._district if tell == "district" else tell == "commune" and self._has_communes

    def _kind(self, row: list[str]) -> Kind:
        texts = list(dict.fromkeys(filter(None, row)))  # what a merge repeats is said once
        told = {tell for text in texts if (tell := tells(text))}
        numbered = self.is_numbered(row)
        if self._signed and not self._goes_on(row, numbered=numbered):
            return Kind.SIGNATURE
        if (not self._begun or "(1)" in row) and is_numbering(row):
            return Kind.NUMBERING
        if len(texts) == 1 and numbered:
            return Kind.NUMBER
        if numbered:
            lone_total = told & {"total", "whole"} and sum(any(map(str.isalpha, text)) for text in texts) == 1
            return Kind.TOTAL if lone_total and not self._dated(row) else Kind.RECORD
        if "signature" in told and all(tells(row[p]) == "signature" for p in self._read if _at(row, p)):
            return Kind.SIGNATURE
        if (is_total(row) or self._of_a_whole(row)) and not ("whole" in told and self._of_a_day(row)):
            return Kind.TOTAL
        if (district := self._title_of(row, district_in)) is not None:
            self.district, self.commune = district, None
            return Kind.TOTAL if self._counted(row) else Kind.TITLE
        if not self._has_communes and (commune := self._title_of(row, commune_in)) is not None:
            self.commune = commune
            return Kind.TOTAL if self._counted(row) else Kind.TITLE
        worded = [text for text in texts if not _ENUMERATOR.fullmatch(text)]
        if len(worded) > 1:
            said_only = tells(worded[0]) == "note" and not self._dated(row) and not self._counted(row)
            return Kind.TITLE if said_only else Kind.RECORD
        return Kind.RECORD if worded and self._is_lone_value(row, worded[0]) else Kind.TITLE

    def _goes_on(self, row: list[str], *, numbered: bool) -> bool:
        """Tell whether a row below a signature is a record: of another part of the table, or one that was added."""
        if any(words_of(_at(row, place)) in values(name) for name, (place, *_) in self._told_by_values.items()):
            return True
        return (numbered or self._dated(row)) and (self._counted(row) or not self._counts)

    def _dated(self, row: list[str]) -> bool:
        return any(_DIGIT.search(_at(row, place)) for place in self._dates)

    def _is_nil(self, row: list[str]) -> bool:
        """Tell whether all counts of a row of no single day are none; one of a day is a case without known victims."""
        counted = False
        for place in self._stated:
            if cell := _at(row, place):
                if words_of(cell) not in self._nil:
                    return False
                counted = True
        times = [cell for place in self._dates if (cell := _at(row, place))]
        if any(words_of(cell) in self._nil for cell in times):
            return True
        in_periods = bool(times or not self._dates) and not self._of_days and not any(map(_DAY.search, times))
        return counted and (in_periods or any(_at(row, place) for place in self._events))

    def _of_a_day(self, row: list[str]) -> bool:
        """Tell whether a row has a day: what was done in a whole province on one is no sum."""
        cells = (_at(row, place) for place in self._dates)
        return any(_DIGIT.match(cell) and is_period(cell) for cell in cells)

    def _of_a_whole(self, row: list[str]) -> bool:
        return any(is_whole(_at(row, place)) for place in self._places)

    def _counted(self, row: list[str]) -> bool:
        return any(_DIGIT.match(_at(row, place)) for place in self._counts)

    def _title_of(self, row: list[str], unit_in: Callable[[str], str | None]) -> str | None:
        """Return the unit whose title a row is; sums may stand beside its name, but nothing of a record."""
        beside = {place: cell for place, cell in enumerate(row) if cell and not _ENUMERATOR.fullmatch(cell)}
        names = {cell for place, cell in beside.items() if place not in self._counts or not _DIGIT.match(cell)}
        if len(names) != 1 or (unit := unit_in(next(iter(names)))) is None:
            return None
        return None if [place for place, cell in beside.items() if cell in names] == [self._district] else unit

    def _is_lone_value(self, row: list[str], text: str) -> bool:
        """Tell whether the one text of a row is a date, a count or a place of a record, and not a note."""
        places = [place for place, cell in enumerate(row) if cell == text]
        if len(places) > 1 or tells(text) == "note" or ENUMERATED.match(text):
            return False
        (place,) = places
        if place in self._dates:
            return is_period(text) or _DIGIT.match(text) is not None
        if place in self._counts:
            return _DIGIT.search(text) is not None
        return place in self._places and len(text) < LONGEST_NAME


def _at(row: list[str], place: int) -> str:
    return row[place] if place < len(row) else ""
