"""Which pairs of rows are worth a look: a sorted window join, never a table of all pairs.

Rows are sorted by place and first day. Those that may be one case with a row lie in one run behind it for each
place related to its own; so the cost grows with the rows and with the candidates among them, not with their square.
Where thousands of rows lie in one place and month that is their square all the same, so the densest are given up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geo.intake.evidence import Comparison, Ints
from geo.intake.spans import WINDOW_DAYS, Spans

CHUNK = 2**20
"""About so many pairs are held at a time."""

MOST_PAIRS = 2**26
"""So many pairs are looked at: some ten seconds' work. Agreement on place and month says nothing among more."""


@dataclass(frozen=True)
class Candidates:
    """Pairs of rows whose spans lie within `WINDOW_DAYS` and whose places compare better than different.

    Attributes
    ----------
    ordered
        Rows by place and first day.
    row, begin, end
        Rows, each with a run of positions in ``ordered``: those that it makes a pair with.
    given_up
        Rows that were to be compared with more others than are looked at, and were not.
    """

    ordered: Ints
    row: Ints
    begin: Ints
    end: Ints
    given_up: Ints

    def pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield pairs of rows (a < b), some at a time; a pair of rows that begin on one day may come twice."""
        for part in _parts(self.end - self.begin):
            which, position = _runs(self.begin[part], self.end[part])
            one, other = self.row[part][which], self.ordered[position]
            pair = one != other
            yield np.minimum(one, other)[pair], np.maximum(one, other)[pair]


def find_candidates(spans: Spans, where: Comparison, most: int = MOST_PAIRS) -> Candidates:
    """Find the pairs worth a look; a row without a date or a place is in none.

    Of more than ``most`` pairs those of the longest runs are given up, all runs of one length together, so that the
    order of the rows changes nothing.
    """
    rows = np.flatnonzero(spans.known & (where.codes >= 0))
    rows = rows[np.lexsort((spans.first[rows], where.codes[rows]))]
    # One number for place and day keeps both in one sorted array.
    days = 2 * WINDOW_DAYS + int((spans.last - spans.first).max(initial=0)) + int(spans.last.max(initial=0))
    key = where.codes[rows] * days + spans.first[rows]
    row, place = _with_related_places(rows, where)
    begin = np.searchsorted(key, place * days + spans.first[row])
    end = np.searchsorted(key, place * days + spans.last[row] + WINDOW_DAYS, side="right")
    kept = end - begin < _longest(end - begin, most)
    return Candidates(rows, row[kept], begin[kept], end[kept], np.unique(row[~kept]))


def _longest(lengths: Ints, most: int) -> int:
    """Return the length from which on runs are given up."""
    shortest_first = np.sort(lengths)
    fit = int(np.searchsorted(np.cumsum(shortest_first), most, side="right"))
    return int(shortest_first[fit]) if fit < len(lengths) else int(shortest_first[-1:].sum()) + 1


def _with_related_places(rows: Ints, where: Comparison) -> tuple[Ints, Ints]:
    """Return each row once for every place related to its own, and that place."""
    own, other = np.divmod(np.unique(np.concatenate(where.pairs)), where.size)
    begin, end = (np.searchsorted(own, where.codes[rows], side) for side in ("left", "right"))
    which, position = _runs(begin, end)
    return rows[which], other[position]


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
