"""The shifts that pinned sectors take: as few a week as cover them all, and of those the ones that detect most."""

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.errors import PlanError, some_of
from models.patrol_routes import Floats, Integers, Routes

TIME_LIMIT_S = 20.0


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
    own = routes.take(allowed)
    visits = own.visits(value.size)[pinned].toarray()
    gain = own.watch * np.append(value.to_numpy(), 0.0)[own.stops].sum(axis=1)
    # A sector covered outweighs all shifts, a shift saved outweighs all gains.
    saved = 1 - 0.5 * gain / (gain.max() * shifts.sum()) if gain.max() > 0 else np.ones(allowed.size)
    cost = np.concatenate([saved, np.full(pinned.size, -2.0 * (shifts.sum() + 1))])
    at_post = np.equal.outer(np.arange(shifts.size), own.post).astype(float)
    solution = milp(
        cost,
        integrality=np.ones(cost.size),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(np.hstack([visits, -np.eye(pinned.size)]), lb=0),
            LinearConstraint(np.hstack([at_post, np.zeros((shifts.size, pinned.size))]), ub=shifts),
        ],
        options={"time_limit": TIME_LIMIT_S},
    )
    if solution.x is None:
        raise PlanError(
            "No plan for {n} sectors that must be covered was found in {seconds} s: demand fewer",
            n=pinned.size,
            seconds=TIME_LIMIT_S,
        )
    covered = solution.x[allowed.size :] > 0.5
    if not covered.all():
        raise PlanError(
            "{n} sectors must be covered each week, but the {shifts} shifts a week of the posts near them reach only "
            "{most}; left over: {sectors}; give more teams, longer shifts or fewer rest days, or demand fewer sectors",
            n=pinned.size,
            shifts=int(shifts[np.unique(own.post)].sum()),
            most=int(covered.sum()),
            sectors=some_of(value.index[pinned[~covered]]),
        )
    chosen: Integers = allowed[solution.x[: allowed.size] > 0.5]
    return chosen
