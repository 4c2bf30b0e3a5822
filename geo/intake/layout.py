"""Where tables stand in a sheet: rows of headings part its rows, and what stands above the first are titles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from geo.intake.dates import is_period
from geo.intake.headings import Headings, Sought
from geo.intake.persons import persons
from geo.intake.sheets import Row, Sheet
from geo.intake.vocabulary import listed, words_of

LOOKED_AT = 300
"""Rows among which the first headings are looked for."""

MOST_ROWS = 3
"""Rows of headings above each other."""

_NUMBER = re.compile(r"[-+(]?\d[\d\s.,:/()%–-]*")
_DIGIT = re.compile(r"\d")


@dataclass
class Layout:
    """How a sheet holds a table.

    Attributes
    ----------
    headings
        Of the table.
    titles
        Texts above the headings.
    rows
        The rows below the headings, up to others; they can be gone through once.
    dates
        Columns of dates.
    repeated
        Numbers of rows that repeat the headings, as on each printed page; complete when ``rows`` were gone through.
    """

    headings: Headings
    titles: tuple[str, ...]
    rows: Iterator[Row]
    repeated: list[int] = field(default_factory=list)
    dates: frozenset[str] = frozenset()

    @property
    def planned(self) -> bool:
        """Whether the titles say that the table is a plan, and no report of what was done."""
        said = [f" {words_of(title)} ".replace(" tai chinh ke hoach ", " ") for title in self.titles]
        said = [title.replace(" ke hoach va dau tu ", " ") for title in said]
        plans, reports = (
            any(f" {one} " in title for one in listed("layout", name) for title in said)
            for name in ("plans", "reports")
        )
        return plans and not reports

    @property
    def named(self) -> dict[str, str]:
        """What the columns of ours are called in the file; a date that stands in parts, as the first of them."""
        texts, columns = self.headings.texts, self.headings.columns
        events = {"events": self.headings.events} if self.headings.events else {}
        named = {**columns, **events}
        return {n: " + ".join(texts[p] for p in ps[: 1 if n in self.dates else None]) for n, ps in named.items()}


def tables_in(sheet: Sheet, sought: Sought) -> Iterator[Layout]:
    """Yield the tables of a sheet one after the other; the rows of each must be gone through before the next is asked.

    The first headings are those that have all columns that the table needs; if none have, those that have most.
    """
    rows = iter(sheet.rows)
    ahead = list(islice(rows, LOOKED_AT))
    block = _first_block(ahead, sought)
    if block is None:
        return
    titles = tuple(dict.fromkeys(cell for _, cells in ahead[: block.begin] for cell in cells if cell))
    while block is not None:
        own = [cells for _, cells in ahead[block.begin : block.end]]
        below = _Below(block.headings, own, chain(ahead[block.end :], rows), sought)
        yield Layout(block.headings, titles, iter(below), below.repeated, sought.dates)
        ahead, block, titles = below.ahead, below.next, ()


@dataclass(frozen=True)
class _Block:
    """Rows of headings above each other: ``begin`` to before ``end``."""

    begin: int
    end: int
    headings: Headings


def _first_block(rows: list[Row], sought: Sought) -> _Block | None:
    best, begin = None, 0
    mentions = [sought.cut or any(sought.is_mentioned(words_of(cell)) for cell in cells) for _, cells in rows]
    while begin < len(rows):
        if not any(mentions[begin : begin + MOST_ROWS]):
            begin += 1
            continue
        block = _block_at(rows, begin, sought)
        if len(block.headings.found) >= sought.fewest and (best is None or block.headings.worth > best.headings.worth):
            best = block
            if sought.needed <= block.headings.found:
                return best
        begin = block.end
    return best


def _block_at(rows: list[Row], begin: int, sought: Sought) -> _Block:
    """Return the rows of headings that begin in a row, or that row by itself."""
    texts = [rows[begin][1]]
    headings = Headings.of(texts, sought)
    for _, below in rows[begin + 1 : begin + MOST_ROWS]:
        if any(_is_value(cell, sought) for cell in below):
            break
        together = Headings.of([*texts, below], sought)
        if not _is_one_heading(texts[-1], headings, below, together, sought):
            break
        texts.append(below)
        headings = together
    return _Block(begin, begin + len(texts), headings)


def _is_one_heading(above: list[str], upper: Headings, below: list[str], together: Headings, sought: Sought) -> bool:
    """Tell whether a row without values goes on with the headings above it; those must be no title, and it no record.

    Headings that are merged over both rows show it. Else the row must say more of the table by what stands above it,
    and stands above it only if it says something itself.
    """
    merged = any(cell and cell == other for cell, other in zip(above, below, strict=False))
    if merged and len(set(above) - {""}) > 1:
        return True
    says_something = together.worth > upper.worth or any(words_of(cell) in sought.words for cell in below)
    return says_something and together.worth > Headings.of([below], sought).worth


def _is_value(cell: str, sought: Sought) -> bool:
    """Tell whether a cell holds what stands below headings: a number, a date, or a person."""
    if not cell or words_of(cell) in sought.words:
        return False
    return bool(_NUMBER.fullmatch(cell)) or is_period(cell) or persons().in_text(cell)


class _Below:
    """The rows below headings. Where the headings come again they are passed over; at others the rows end."""

    def __init__(self, headings: Headings, own: list[list[str]], rows: Iterator[Row], sought: Sought) -> None:
        self._headings, self._own, self._rows, self._sought = headings, own, rows, sought
        self.repeated: list[int] = []
        self.next: _Block | None = None
        self.ahead: list[Row] = []

    def __iter__(self) -> Iterator[Row]:
        held: list[Row] = []
        while (row := held.pop(0) if held else next(self._rows, None)) is not None:
            if not self._may_be_headings(row[1]):
                yield row
                continue
            held = [row, *held, *islice(self._rows, MOST_ROWS - 1 - len(held))]
            block = _block_at(held, 0, self._sought)
            if len(block.headings.found) < self._sought.fewest:
                yield held.pop(0)
            elif block.headings.columns == self._headings.columns:
                self.repeated += [number for number, _ in held[: block.end]]
                held = held[block.end :]
            else:
                self.ahead, self.next = held, block
                return

    def _may_be_headings(self, cells: list[str]) -> bool:
        """Tell whether at least two and half of a row's cells are names of columns; every row is asked, so quickly."""
        if _DIGIT.search("".join(cells)):
            return cells in self._own
        texts = [cell for cell in cells if cell]
        known = sum(words_of(cell) in self._sought.words for cell in dict.fromkeys(texts))
        return cells in self._own or (known >= self._sought.fewest and 2 * known >= len(set(texts)))
