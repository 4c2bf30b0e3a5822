"""The shifts that pinned sectors take: as few a week as cover them all, and of those the ones that detect most."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.errors import PlanError, some_of
from models.patrol_routes import MOST_STOPS, Floats, Integers, Routes

TIME_LIMIT_S = 10.0
"""Of one search."""

GAP = 0.05
"""Part of the shifts that may be saved yet when the search ends."""

NEAREST = 20
"""Of the routes of several stops that a post has for a sector, so many with the shortest travel are tried first."""


def pin_routes(routes: Routes, pinned: Integers, shifts: Floats, value: pd.Series) -> Integers:
    """Return the routes that are walked once in every week, so that each pinned sector is visited.

    They visit pinned sectors only, because what they visit is visited in each week for certain.

    Parameters
    ----------
    routes
        All routes.
    pinned
        Positions of the sectors.
    shifts
        A week, by post.
    value
        Crossings a year by sector.

    Raises
    ------
    PlanError
        If the shifts are too few; it names the sectors that do not fit beside the others.
    """
    if not pinned.size:
        return np.zeros(0, dtype=np.int64)
    allowed = np.flatnonzero(np.isin(routes.stops, np.append(pinned, -1)).all(axis=1))
    gain = routes.watch * np.append(value.to_numpy(), 0.0)[routes.stops].sum(axis=1)
    shortlist = _shortlist(routes, allowed)
    at_hand = int(shifts[np.unique(routes.post[allowed])].sum())
    for tried in (shortlist, allowed) if pinned.size <= MOST_STOPS * at_hand else ():
        chosen, covered = _cover(routes, tried, pinned, shifts, gain, whole=True)
        if covered.all():
            return chosen
    _, covered = _cover(routes, shortlist, pinned, shifts, gain, whole=False)
    raise PlanError(
        "{n} sectors must be covered each week, but no plan was found in which the {shifts} shifts a week of the posts "
        "near them reach more than {most}; left over: {sectors}; give more teams, longer shifts or fewer rest days, or "
        "demand fewer sectors",
        n=pinned.size,
        shifts=at_hand,
        most=int(covered.sum()),
        sectors=some_of(value.index[pinned[~covered]]),
    )


def _shortlist(routes: Routes, allowed: Integers) -> Integers:
    """Return the routes of one stop, and those with the shortest travel that a post has for each sector."""
    own = routes.take(allowed)
    one_stop = own.stops[:, 1] < 0
    kept = [np.flatnonzero(one_stop)]
    for size in range(2, MOST_STOPS + 1):
        sized = np.flatnonzero((own.stops >= 0).sum(axis=1) == size)
        stops = pd.DataFrame(
            {
                "route": np.repeat(sized, size),
                "post": np.repeat(own.post[sized], size),
                "sector": own.stops[sized, :size].ravel(),
                "travel": np.repeat(own.travel[sized], size),
            }
        ).sort_values(["travel", "route"])
        kept.append(stops.groupby(["post", "sector"]).head(NEAREST)["route"].to_numpy())
    shortlist: Integers = allowed[np.unique(np.concatenate(kept))]
    return shortlist


def _cover(
    routes: Routes, tried: Integers, pinned: Integers, shifts: Floats, gain: Floats, *, whole: bool
) -> tuple[Integers, NDArray[np.bool_]]:
    """Return routes that cover all pinned sectors or none, or as many as were found, and which they cover."""
    own, sectors, posts = routes.take(tried), pinned.size, shifts.size
    visits = own.visits(int(max(routes.stops.max(), pinned.max())) + 1)[pinned]
    at_post = sparse.csr_array((np.ones(tried.size), (own.post, np.arange(tried.size))), shape=(posts, tried.size))
    # A sector covered outweighs all shifts, a shift saved outweighs all gains.
    most = gain[tried].max() * shifts.sum()
    cost = 1 - 0.5 * gain[tried] / most if most > 0 else np.ones(tried.size)
    uncovered = np.full(sectors, 2.0 * (shifts.sum() + 1))
    solution = milp(
        np.concatenate([cost, uncovered]),
        integrality=np.ones(tried.size + sectors),
        bounds=Bounds(0, np.concatenate([np.ones(tried.size), np.full(sectors, 0.0 if whole else 1.0)])),
        constraints=[
            LinearConstraint(sparse.hstack([visits, sparse.eye_array(sectors)]), lb=1),
            LinearConstraint(sparse.hstack([at_post, sparse.csr_array((posts, sectors))]), ub=shifts),
        ],
        options={"time_limit": TIME_LIMIT_S, "mip_rel_gap": GAP if whole else 0.0},
    )
    if solution.x is None:
        return tried[:0], np.zeros(sectors, dtype=bool)
    chosen: Integers = tried[solution.x[: tried.size] > 0.5]
    return chosen, solution.x[tried.size :] < 0.5
