"""Which pairs of rows are worth a look: a sorted window join, never a table of all pairs.

Rows are sorted by place and first day. Those that may be one case with a row lie in one run behind it for each
place related to its own; so the cost grows with the rows and with the candidates among them, not with their square.
Where thousands of rows lie in one place and month that is their square all the same, so the densest are given up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from geo.intake.evidence import Comparison, Ints
from geo.intake.spans import WINDOW_DAYS, Spans

CHUNK = 2**19
"""About so many pairs are held at a time."""

ROWS_AT_ONCE = 2**16
"""Rows whose related places are held at a time."""

MOST_PAIRS = 2**26
"""So many pairs are looked at: some ten seconds' work. Agreement on place and month says nothing among more."""


@dataclass(frozen=True)
class Candidates:
    """Pairs of rows whose spans lie within `WINDOW_DAYS` and whose places compare better than different.

    They are found again each time they are asked for: a million rows have many millions of related places.

    Attributes
    ----------
    spans, where
        When and where the rows are.
    ordered
        Rows by place and first day.
    days
        More than any day: place times it plus first day is the order of the rows.
    longest
        The length from which on runs are given up.
    """

    spans: Spans
    where: Comparison
    ordered: Ints
    days: int
    longest: int

    def pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield pairs of rows (a < b), some at a time; a pair of rows that begin on one day may come twice."""
        for row, begin, end in self.runs():
            for part in _parts(end - begin):
                which, position = _runs(begin[part], end[part])
                one, other = row[part][which], self.ordered[position]
                pair = one != other
                yield np.minimum(one, other)[pair], np.maximum(one, other)[pair]

    @property
    def given_up(self) -> Ints:
        """Rows that were to be compared with more others than are looked at, and were not."""
        none = np.empty(0, dtype=np.int64)
        if self.longest > len(self.ordered):
            return none
        return np.unique(
            np.concatenate([none, *(row[end - begin >= self.longest] for row, begin, end in self._all_runs())])
        )

    def runs(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Yield rows, each with a run of positions (begin, end) in ``ordered``: those that it makes a pair with."""
        for row, begin, end in self._all_runs():
            kept = end - begin < self.longest
            yield row[kept], begin[kept], end[kept]

    def _all_runs(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        codes, first, last = self.where.codes, self.spans.first, self.spans.last
        key = codes[self.ordered] * self.days + first[self.ordered]
        own, other = np.divmod(np.unique(np.concatenate(self.where.pairs)), self.where.size)
        for begin in range(0, len(self.ordered), ROWS_AT_ONCE):
            rows = self.ordered[begin : begin + ROWS_AT_ONCE]
            which, related = _runs(*(np.searchsorted(own, codes[rows], side) for side in ("left", "right")))
            row, place = rows[which], other[related] * self.days
            yield (
                row,
                np.searchsorted(key, place + first[row]),
                np.searchsorted(key, place + last[row] + WINDOW_DAYS, side="right"),
            )


def find_candidates(spans: Spans, where: Comparison, most: int = MOST_PAIRS) -> Candidates:
    """Find the pairs worth a look; a row without a date or a place is in none.

    Of more than ``most`` pairs those of the longest runs are given up, all runs of one length together, so that the
    order of the rows changes nothing.
    """
    rows = np.flatnonzero(spans.known & (where.codes >= 0))
    rows = rows[np.lexsort((spans.first[rows], where.codes[rows]))]
    # One number for place and day keeps both in one sorted array.
    days = 2 * WINDOW_DAYS + int((spans.last - spans.first).max(initial=0)) + int(spans.last.max(initial=0))
    every = Candidates(spans, where, rows, days, longest=len(rows) + 1)
    of_length = np.zeros(len(rows) + 1, dtype=np.int64)
    for _, begin, end in every.runs():
        of_length += np.bincount(end - begin, minlength=len(of_length))
    pairs_up_to = np.cumsum(of_length * np.arange(len(of_length)))
    return replace(every, longest=int(np.searchsorted(pairs_up_to, most, side="right")))


def _runs(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return every position from ``begin`` up to ``end`` of each run, and which run it is of."""
    length = end - begin
    which = np.repeat(np.arange(len(length)), length)
    return which, np.arange(len(which)) + np.repeat(begin - np.cumsum(length) + length, length)


def _parts(lengths: Ints) -> Iterator[slice]:
    """Cut rows into runs of about `CHUNK` pairs each."""
    total = np.cumsum(lengths)
    cuts = np.searchsorted(total, np.arange(CHUNK, lengths.sum(), CHUNK)) + 1
    edges = np.unique([0, *cuts, len(lengths)])
    yield from (slice(begin, end) for begin, end in pairwise(edges.tolist()))
