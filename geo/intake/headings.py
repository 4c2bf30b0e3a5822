"""What a table's headings say: which of them are columns of ours, which are added up, and which leave a doubt."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from geo.intake.personal import is_personal_heading
from geo.intake.vocabulary import begins_with, groups, headings, listed, words_of
from geo.schema import PLACE, TABLES, dtype_of, key_of

LONGEST = 200
"""Letters of a heading; a longer text is none."""

CUT_AT = (9, 10)
"""Bytes to which a dBase table cuts the names of its columns: the last letter may not fit."""

OF_OFFICES = ("source", "agency")
"""Columns for which one value may hold for the whole file."""


Saved = tuple[frozenset[str], Mapping[str, str]]
"""The headings that a file had, as words, and what the user said that some of them are, by our column."""


@dataclass(frozen=True)
class Sought:
    """What is looked for in a file's headings.

    Attributes
    ----------
    names
        What each column of ours may be called, as words, the more telling name first.
    counts
        Columns that may be added up from parts (women and men).
    measures
        Other columns of amounts: in a merged cell they stand for all its rows together, as counts do.
    needed
        Columns without which the table is not the one that is meant.
    dates
        Columns whose parts (month and year, for example) may stand in columns of their own.
    named
        Headings that the user named, by our column: they go before the vocabulary.
    saved
        Headings that the user named for earlier files, each with the headings that such a file had, as words: they
        hold for files that have all of these, and so for one office only.
    cut
        Whether the file cuts its headings, see `CUT_AT`.
    fewest
        Columns that must be recognised for a row to be the headings: one word may stand in any title.
    """

    names: Mapping[str, tuple[str, ...]]
    counts: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    named: Mapping[str, str] = field(default_factory=dict)
    saved: Sequence[Saved] = ()
    cut: bool = False
    fewest: int = 2

    @classmethod
    def of(
        cls,
        table: str,
        named: Mapping[str, str] | None = None,
        saved: Sequence[Saved] = (),
        *,
        cut: bool = False,
    ) -> "Sought":
        """Return what is looked for in a file of a table of `geo.schema.TABLES`."""
        schema = TABLES[table]
        types = {str(name): dtype_of(schema, str(name)) for name in schema.columns}
        return cls(
            headings(table),
            frozenset(name for name, dtype in types.items() if dtype == "Int64"),
            frozenset(name for name, dtype in types.items() if dtype == "float64") - set(PLACE),
            frozenset(n for n, c in schema.columns.items() if c.required) - {key_of(table), *OF_OFFICES},
            frozenset({"date", "reported_on"} & set(types)),
            named or {},
            saved,
            cut,
        )

    @property
    def counted(self) -> frozenset[str]:
        """Columns of amounts."""
        return self.counts | self.measures

    def is_mentioned(self, words: str) -> bool:
        """Tell whether words hold the name of any column: one look instead of one for each name and place."""
        return self._any_name.search(words) is not None

    @cached_property
    def _any_name(self) -> re.Pattern[str]:
        given = [self.named, *(named for _, named in self.saved)]
        names = {words for names in self.names.values() for words in names}
        names |= {words_of(text) for named in given for text in named.values()}
        return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, sorted(names)))})(?!\S)")

    @cached_property
    def words(self) -> frozenset[str]:
        """All names, and the parts of counts: what may stand in a row of headings."""
        names = {words for names in self.names.values() for words in names}
        own = {words_of(text) for text in self.named.values()}
        parts = {words for group in groups("parts") for words in group} | set(listed("layout", "whole"))
        return frozenset(names | own | (parts if self.counts else set()))


@dataclass(frozen=True)
class Headings:
    """The headings of a table, of one row or of several above each other.

    Attributes
    ----------
    texts
        One for each column of the sheet, from the top down.
    columns
        Places of each column of ours that was recognised: one, or those that are to be put together.
    doubtful
        Places that fit a column of ours equally well: none is taken.
    earlier
        Headings that were recognised because the user named them for an earlier file.
    """

    texts: tuple[str, ...]
    columns: dict[str, tuple[int, ...]]
    doubtful: dict[str, tuple[int, ...]]
    earlier: dict[str, str]

    @classmethod
    def of(cls, rows: list[list[str]], sought: Sought) -> "Headings":
        """Read rows that stand above each other as headings."""
        width = max(map(len, rows))
        padded = [row + [""] * (width - len(row)) for row in rows]
        texts = tuple(" ".join(dict.fromkeys(text for text in column if text)) for column in zip(*padded, strict=True))
        present = set(map(words_of, texts))
        earlier = {n: text for had, named in sought.saved if had <= present for n, text in named.items()}
        names = {**sought.names, **{name: (words_of(text),) for name, text in {**earlier, **sought.named}.items()}}
        lowest = [next((text for text in reversed(column) if text), "") for column in zip(*padded, strict=True)]
        words = [_words(text, last) for text, last in zip(texts, lowest, strict=True)]
        columns, doubtful = _recognised([w if sought.is_mentioned(w) else "" for w in words], names, sought.counts)
        if sought.cut:
            _add_cut(texts, words, names, columns)
        for name in sought.dates & set(columns):
            columns[name] = _parts_of_date(texts, words, columns[name], set().union(*columns.values()))
        earlier = {name: text for name, text in earlier.items() if name in columns and name not in sought.named}
        return cls(texts, columns, doubtful, earlier)

    @property
    def found(self) -> frozenset[str]:
        """Columns of ours that the table has, though it may not be clear where."""
        return frozenset(self.columns) | frozenset(self.doubtful)

    @property
    def worth(self) -> tuple[int, int]:
        """How much the headings say: the more columns the better, and the fewer doubts."""
        return len(self.found), -len(self.doubtful)

    @property
    def source(self) -> tuple[str, ...]:
        """The headings of our columns as words, in order: by them an office's next file is known."""
        return tuple(sorted({words_of(self.texts[p]) for places in self.columns.values() for p in places}))

    @property
    def numbering(self) -> int | None:
        """The place of the column that numbers the rows."""
        numbers = listed("layout", "numbering")
        return next((place for place, text in enumerate(self.texts) if words_of(text) in numbers), None)

    @property
    def events(self) -> tuple[int, ...]:
        """The places of columns that say for how many cases a row stands."""
        if "victims" not in self.columns:
            return ()
        names = listed("layout", "events")
        known = [_words(text, text) for text in self.texts]
        return tuple(place for place, text in enumerate(known) if text in names or text.endswith(" so vu"))

    @property
    def width(self) -> int:
        """Number of columns up to the last heading."""
        return max((place for place, text in enumerate(self.texts, start=1) if text), default=0)

    @property
    def personal(self) -> tuple[str, ...]:
        """Headings of personal data."""
        return tuple(text for text in self._others if is_personal_heading(text))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Headings that are no column of ours."""
        numbers = listed("layout", "numbering")
        return tuple(t for t in self._others if not is_personal_heading(t) and words_of(t) not in numbers)

    @property
    def _others(self) -> list[str]:
        taken = set().union(*self.columns.values(), self.events)
        return [text for place, text in enumerate(self.texts) if text and place not in taken]


def _words(text: str, lowest: str) -> str:
    """Return a heading's words; none where it heads nothing that was counted: persons, row numbers, remarks, plans."""
    words = words_of(text) if len(text) < LONGEST else ""
    planned = any(f" {one} " in f" {words} " for one in listed("layout", "planned"))
    other = words_of(lowest) in (*listed("layout", "numbering"), *listed("layout", "remarks"))
    return "" if planned or other or is_personal_heading(text) else words


def _is(heading: str, words: str) -> bool:
    return heading == words


def _ends_with(heading: str, words: str) -> bool:
    return heading.endswith(" " + words)


def _begins_with(heading: str, words: str) -> bool:
    # One word begins many headings (“ngày sinh”); two or more rarely mean something else.
    return " " in words and begins_with(heading, words)


_FITS: tuple[Callable[[str, str], bool], ...] = (_is, _ends_with, _begins_with)
"""A whole heading, its end (under a merged one), or its beginning."""


def _recognised(
    words: list[str], names: Mapping[str, tuple[str, ...]], counts: frozenset[str]
) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Return the places of each column, and those of columns that are in doubt; the better fit goes first."""
    columns: dict[str, tuple[int, ...]] = {}
    doubtful: dict[str, tuple[int, ...]] = {}
    if not any(words):
        return columns, doubtful
    taken: set[int] = set()
    for fits in _FITS:
        for name in names:
            if name in columns or name in doubtful:
                continue
            for one in names[name]:
                places = [p for p, heading in enumerate(words) if heading and p not in taken and fits(heading, one)]
                if not places:
                    continue
                besides = [_beside(words[place], one) for place in places]
                chosen = _choice(places, besides, may_add=name in counts)
                (columns if chosen else doubtful)[name] = chosen or tuple(places)
                taken.update(places)
                break
    return columns, doubtful


def _beside(heading: str, name: str) -> str:
    return f" {heading} ".replace(f" {name} ", " ", 1).strip()


def _choice(places: list[int], besides: list[str], *, may_add: bool) -> tuple[int, ...]:
    """Choose of columns that fit equally well: the total, or all parts of it; none if that leaves a doubt."""
    if may_add and any(set(besides) == set(group) for group in groups("parts")) and len(places) == len(set(besides)):
        return tuple(places)
    parts = {part for group in groups("parts") for part in group} if may_add else set()
    whole = [p for p, rest in zip(places, besides, strict=True) if not rest or rest in listed("layout", "whole")]
    chosen = whole or [place for place, rest in zip(places, besides, strict=True) if rest not in parts]
    return tuple(chosen) if len(chosen) == 1 and (whole or len(places) == 1) else ()


def _add_cut(
    texts: tuple[str, ...], words: list[str], names: Mapping[str, tuple[str, ...]], columns: dict[str, tuple[int, ...]]
) -> None:
    """Recognise headings that were cut, where only one column has a name that begins so."""
    taken = set().union(*columns.values()) if columns else set()
    for place, text in enumerate(texts):
        if len(text.encode()) in CUT_AT and words[place] and place not in taken:
            beginning = words[place].replace(" ", "")
            fit = {name for name, known in names.items() if any(_joint(one).startswith(beginning) for one in known)}
            if len(fit) == 1 and not fit & set(columns):
                columns[fit.pop()] = (place,)


def _joint(words: str) -> str:
    return words.replace(" ", "")


def _parts_of_date(
    texts: tuple[str, ...], words: list[str], places: tuple[int, ...], taken: set[int]
) -> tuple[int, ...]:
    """Return the places of day, month (or quarter) and year, where these have columns of their own."""
    last = {place: _last(heading) for place, heading in enumerate(words) if place not in taken or place in places}
    unit = last.get(places[0], "")
    # “Năm” is a year and “Nam” are men: only here accents matter.
    years = [p for p in last if p not in places and re.search(r"(?:^|\s)(?:năm|year)$", texts[p].lower())]
    months = [p for p in last if p not in places and last[p] == "thang"]
    if unit == "ngay" and len(months) == len(years) == 1:
        return (*places, *months, *years)
    return (*places, *years) if unit in ("thang", "quy") and len(years) == 1 else places


def _last(words: str) -> str:
    return words.rpartition(" ")[2]
