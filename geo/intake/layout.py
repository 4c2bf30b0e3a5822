"""Where a table stands in a sheet: titles above it, headings of one or two rows, totals and notes below it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice

from geo.intake.personal import is_personal_heading
from geo.intake.sheets import Row, Sheet
from geo.intake.vocabulary import begins_with, headings, listed, words_of

LOOKED_AT = 40
"""Rows among which the headings are looked for."""

FEWEST = 2
"""Columns that must be recognised for a row to be the headings: one word may stand in any title."""


@dataclass(frozen=True)
class Layout:
    """How a sheet holds a table.

    Attributes
    ----------
    columns
        Position of each column of ours that was recognised.
    width
        Number of the sheet's columns up to the last heading.
    named
        What those columns are called in the file.
    titles
        Texts above the headings.
    unknown
        Headings that fit no column of ours: they are not read.
    personal
        Headings of personal data: they are dropped.
    rows
        The rows below the headings.
    """

    columns: dict[str, int]
    width: int
    named: dict[str, str]
    titles: tuple[str, ...]
    unknown: tuple[str, ...]
    personal: tuple[str, ...]
    rows: Iterator[Row]


def find_table(sheet: Sheet, table: str, named: Mapping[str, str] | None = None) -> Layout | None:
    """Find the headings of a table in a sheet; None if it has none.

    Parameters
    ----------
    sheet
        Its first rows are looked at, the others stay in the layout's ``rows``.
    table
        Name of the table.
    named
        Headings by column, for columns that are called otherwise than the vocabulary knows.
    """
    known = {**headings(table), **{name: (words_of(text),) for name, text in (named or {}).items()}}
    rows = iter(sheet.rows)
    first = list(islice(rows, LOOKED_AT))
    best: tuple[tuple[int, bool], int, int, list[str], dict[str, int]] | None = None
    for begin in range(len(first)):
        for height in (1, 2):
            texts = _headings_of([cells for _, cells in first[begin : begin + height]])
            columns = _recognise(texts, known)
            # A title says the same in all cells, and stands above headings that are complete without it.
            untitled = height == 1 or len(set(first[begin][1]) - {""}) > 1
            if len(columns) >= FEWEST and (best is None or (len(columns), untitled) > best[0]):
                best = (len(columns), untitled), begin, height, texts, columns
    if best is None:
        return None
    _, begin, height, texts, columns = best
    passed_over = listed("layout", "numbering")
    titles = tuple(dict.fromkeys(cell for _, cells in first[:begin] for cell in cells if cell))
    others = [text for place, text in enumerate(texts) if text and place not in columns.values()]
    personal = tuple(text for text in others if is_personal_heading(text))
    unknown = tuple(text for text in others if text not in personal and words_of(text) not in passed_over)
    below = chain(first[begin + height :], rows)
    width = max(place for place, text in enumerate(texts, start=1) if text)
    return Layout(
        columns, width, {name: texts[place] for name, place in columns.items()}, titles, unknown, personal, below
    )


def _headings_of(rows: list[list[str]]) -> list[str]:
    """Return one text a column: of two rows, what stands above and below, once where both are the same."""
    width = max(map(len, rows))
    padded = [row + [""] * (width - len(row)) for row in rows]
    return [" ".join(dict.fromkeys(text for text in column if text)) for column in zip(*padded, strict=True)]


def _recognise(texts: list[str], known: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the position of each known column: by the whole heading, its end (under a merged one) or its beginning."""
    words = [words_of(text) if len(text) < 200 and not is_personal_heading(text) else "" for text in texts]
    found: dict[str, int] = {}
    taken: set[int] = set()
    for fits in (_is, _ends_with, _begins_with):
        for name, names in known.items():
            places = [
                (rank, place)
                for rank, one in enumerate(names)
                for place, heading in enumerate(words)
                if heading and place not in taken and fits(heading, one)
            ]
            if name not in found and places:
                found[name] = min(places)[1]
                taken.add(found[name])
    return found


def _is(heading: str, words: str) -> bool:
    return heading == words


def _ends_with(heading: str, words: str) -> bool:
    return heading.endswith(" " + words)


def _begins_with(heading: str, words: str) -> bool:
    # One word begins many headings (“ngày sinh”); two or more rarely mean something else.
    return " " in words and begins_with(heading, words)


def is_numbering(cells: list[str]) -> bool:
    """Tell whether a row only numbers the columns, as (1), (2), (3).

    >>> is_numbering(["(1)", "(2)", "(3)"]), is_numbering(["1", "2017", "3"])
    (True, False)
    """
    numbers = [re.fullmatch(r"\(?(\d{1,2})\)?", cell) for cell in cells if cell]
    values = [int(number[1]) for number in numbers if number]
    return len(values) == len(numbers) > 2 and values == list(range(values[0], values[0] + len(values)))


def is_total(cells: list[str]) -> bool:
    """Tell whether a row holds totals: one of its first texts says so.

    >>> is_total(["", "Tổng cộng", "", "15"]), is_total(["1", "Xã Tổng Hợp", "15"]), is_total(["Công an", "", "15"])
    (True, False, False)
    """
    texts = [words_of(cell) for cell in cells[:4] if any(map(str.isalpha, cell))][:1]
    # One word must be all: without accents “Công an” begins with “cộng”, and that row would be no record.
    totals = listed("layout", "totals")
    return any(text == total or (" " in total and begins_with(text, total)) for text in texts for total in totals)


def district_of(cells: list[str]) -> str | None:
    """Return the district that a row is the title of, for the rows below it.

    >>> district_of(["I", "Huyện Mường Nhé", ""]), district_of(["1", "Huyện Mường Nhé", "2"])
    ('Huyện Mường Nhé', None)
    """
    texts = list(dict.fromkeys(cell for cell in cells if cell and not re.fullmatch(r"[IVXivx]{1,5}\.?|[A-Z]\.?", cell)))
    if len(texts) != 1:
        return None
    name = re.sub(r"^(?:[IVX]{1,5}|[A-Z]|\d{1,2})[.)]\s*", "", texts[0])
    kinds = listed("layout", "districts")
    return name if any(begins_with(words_of(name), kind) for kind in kinds) and len(name) < 60 else None
