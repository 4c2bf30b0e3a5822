"""Every shift that a team can walk: from its post to one, two or three sectors and back."""

from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.patrol_demand import PatrolArea

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_STOPS = 3


@dataclass(frozen=True)
class Routes:
    """Routes by number.

    Attributes
    ----------
    post
        Position of the post, shape (routes,).
    stops
        Positions of the sectors in the order of the visit, −1 where there are fewer, shape (routes, `MOST_STOPS`).
    travel
        Hours on the way, to the first sector, between them and back.
    watch
        Hours on watch at each of the sectors.
    """

    post: Integers
    stops: Integers
    travel: Floats
    watch: Floats

    def take(self, chosen: NDArray[np.integer] | NDArray[np.bool_]) -> "Routes":
        """Return some of the routes."""
        return Routes(self.post[chosen], self.stops[chosen], self.travel[chosen], self.watch[chosen])

    def visits(self, sectors: int) -> sparse.csr_array:
        """Return which sector (row) a route (column) visits, as ones."""
        route, stop = np.nonzero(self.stops >= 0)
        at = self.stops[route, stop]
        return sparse.csr_array((np.ones(route.size), (at, route)), shape=(sectors, self.post.size))


def enumerate_routes(area: PatrolArea, hours: float, least_watch: float) -> Routes:
    """Return all routes of a shift, each set of sectors in its quickest order, the time on watch shared equally.

    Parameters
    ----------
    area
        With hours that may be infinite.
    hours
        Of the shift.
    least_watch
        Hours on watch at each sector without which a route is none.
    """
    access, between = area.access.to_numpy(dtype=float), area.between.to_numpy(dtype=float)
    found = [
        _routes_of(post, access[post], between, hours, least_watch, size)
        for post in range(len(access))
        for size in range(1, MOST_STOPS + 1)
    ]
    return Routes(
        np.concatenate([one.post for one in found]),
        np.concatenate([one.stops for one in found]),
        np.concatenate([one.travel for one in found]),
        np.concatenate([one.watch for one in found]),
    )


def _routes_of(post: int, access: Floats, between: Floats, hours: float, least_watch: float, size: int) -> Routes:
    near = np.flatnonzero(2 * access + least_watch <= hours)
    sets = near[np.array(list(combinations(range(near.size), size)), dtype=np.int64).reshape(-1, size)]
    orders = sets[:, np.array(list(permutations(range(size))))]
    travel = access[orders[..., 0]] + access[orders[..., -1]]
    for stop in range(size - 1):
        travel = travel + between[orders[..., stop], orders[..., stop + 1]]
    quickest = travel.argmin(axis=1)
    rows = np.arange(len(sets))
    travel = travel[rows, quickest]
    stops = np.full((len(sets), MOST_STOPS), -1, dtype=np.int64)
    stops[:, :size] = orders[rows, quickest]
    watch = (hours - travel) / size
    # A route that ends to the minute must not be lost to the last bit of a sum.
    possible = watch >= least_watch - 1e-9
    return Routes(np.full(len(sets), post)[possible], stops[possible], travel[possible], watch[possible])
