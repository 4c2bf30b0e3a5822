"""Units shared out one by one, each where it adds most: exact for concave gains, whoever may hold them."""

import heapq
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOBODY = -1


class Allocation(NamedTuple):
    """How many units each place gets, and from whom."""

    flow: Ints
    """Units by holder and place, shape (holders, places)."""
    left: Ints
    """What each holder could still give, shape (holders,)."""

    @property
    def units(self) -> Ints:
        """Units of each place."""
        total: Ints = self.flow.sum(axis=0)
        return total


def nothing_given(supply: Ints, places: int) -> Allocation:
    """Return the allocation to begin with."""
    return Allocation(np.zeros((len(supply), places), dtype=np.int64), np.array(supply, dtype=np.int64))


def add_greedily(
    start: Allocation, able: Flags, gain: Callable[[int, int], float], units: int, most: Ints | None = None
) -> Allocation:
    """Add units one at a time to the place where one more adds most.

    Who gave the earlier units is changed where that frees a holder for the next one. The totals that can be given so
    are an integral polymatroid (the flows from holders to places), and on those the greedy choice reaches the maximum
    of any separable concave gain (Federgruen & Groenevelt 1986). The cost is O(units · log places), and a search of
    holders × places for each unit that meets a holder who has nothing left.

    Parameters
    ----------
    start
        What is given already; it is only added to.
    able
        Who may give where, shape (holders, places).
    gain
        What the next unit adds in a place that has ``n``: ``gain(place, n)``, not rising with ``n``. Of equal gains the
        place with fewer units comes first, then the first place.
    units
        How many to add; fewer are added where no holder can give more.
    most
        How many units a place may have in all, shape (places,); None sets no limit.

    References
    ----------
    Federgruen, A. & Groenevelt, H. (1986). The greedy procedure for resource allocation problems: necessary and
    sufficient conditions for optimality. Operations Research 34(6), 909–918.
    """
    flow, left = start.flow.copy(), start.left.copy()
    total = flow.sum(axis=0)
    heap = [(-gain(place, int(n)), int(n), place) for place, n in enumerate(total)]
    heapq.heapify(heap)
    while units > 0 and heap:
        _, n, place = heap[0]
        full = most is not None and n >= most[place]
        # A place that cannot be served now cannot be served later either: more is given then, not less.
        if full or not _serve(flow, left, able, place):
            heapq.heappop(heap)
            continue
        heapq.heapreplace(heap, (-gain(place, n + 1), n + 1, place))
        units -= 1
    return Allocation(flow, left)


def _serve(flow: Ints, left: Ints, able: Flags, place: int) -> bool:
    """Give one unit to a place, along the shortest chain of holders who stand in for each other."""
    holders = len(left)
    gives_to = np.where(able[:, place], place, NOBODY)
    behind = np.full(holders, NOBODY)
    reached, frontier = able[:, place].copy(), able[:, place].copy()
    while frontier.any():
        free = np.flatnonzero(frontier & (left > 0))
        if free.size:
            _shift(flow, left, gives_to, behind, int(free[np.argmax(left[free])]))
            return True
        following = np.zeros_like(reached)
        for holder in np.flatnonzero(frontier):
            # What this holder gives elsewhere, another may give instead.
            for elsewhere in np.flatnonzero(flow[holder] > 0):
                new = able[:, elsewhere] & ~reached
                gives_to[new], behind[new] = elsewhere, holder
                reached |= new
                following |= new
        frontier = following
    return False


def _shift(flow: Ints, left: Ints, gives_to: Ints, behind: Ints, holder: int) -> None:
    """Let a holder with something left stand in for the one behind, and so on to the place that is served."""
    left[holder] -= 1
    while holder != NOBODY:
        place, before = int(gives_to[holder]), int(behind[holder])
        flow[holder, place] += 1
        if before != NOBODY:
            flow[before, place] -= 1
        holder = before
