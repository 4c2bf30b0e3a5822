"""The best sets of sites by integer programming, where there are too many sets to look at all."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.errors import PlanError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST = 10
"""So many sets are searched for each goal."""
SECONDS = 60.0
"""For each of them."""
PAIRS = 100_000
"""Communes × candidates that a search takes."""
INFEASIBLE = 2
"""What `scipy.optimize.milp` calls a programme without a solution."""


def best_sets(way: Floats, reach: Flags, risk: Floats, people: Floats, count: int, near: float) -> Ints:
    """Return the sets of candidates with the shortest mean way, most people and most risk in reach.

    Shape (sets, sites).

    Each goal is solved to optimality; the set is then cut off and the next best is found, until one is worse by more
    than the share ``near`` (that is the runner-up if no other is) or `MOST` are found.

    Parameters
    ----------
    way
        From communes to candidates, shape (communes, candidates); each row has a finite value.
    reach
        Which candidates are in reach.
    risk, people
        Weights of the communes.
    count
        Sites in a set.

    Raises
    ------
    PlanError
        If there are too many candidates, or too little time for them.
    """
    if way.size > PAIRS:
        raise PlanError(
            "{communes} communes × {candidates} candidates are too many to search: name fewer candidates",
            communes=way.shape[0],
            candidates=way.shape[1],
        )
    found = _successive(p_median(way, risk), way.shape[1], count, near)
    found += _successive(coverage(reach, people), way.shape[1], count, near)
    found += _successive(coverage(reach, risk), way.shape[1], count, near)
    return np.array(sorted(set(found)), dtype=np.int64)


class Search(NamedTuple):
    """What is minimised over candidates (whole) and further variables: all lie between 0 and 1."""

    cost: Floats
    rows: sparse.csr_array
    limit: Floats
    """What the rows must be at most."""
    constant: float
    """What the goal is worth where the costs are zero."""
    sign: int
    """1 if the goal is the sum of costs and constant, −1 if it is what they leave of it."""

    def gap(self, total: float, best: float) -> float:
        """Return by which share of the best the goal is worse."""
        value = abs(self.constant + self.sign * best)
        return (total - best) / value if value > 0 else float(total > best)


def p_median(way: Floats, weight: Floats) -> Search:
    """Return the search for the p-median in the form of radii (Elloumi 2010).

    For each commune and each of its distances a variable says "no site is that near or nearer", priced by the step to
    the next distance; it follows from that of the distance before and the candidates at this one. So there are no more
    variables than pairs, few entries, and the bound is that of the classical form.

    References
    ----------
    Elloumi, S. (2010). A tighter formulation of the p-median problem. Journal of Combinatorial Optimization 19, 69–83.
    """
    candidates = way.shape[1]
    # No way at all is priced as one a thousand times as long as the longest.
    far = 1e3 * max(float(way[np.isfinite(way)].max()), 1.0)
    costs: list[float] = []
    limit: list[float] = []
    entries: list[tuple[int, int, float]] = []
    for distances, price in zip(np.where(np.isfinite(way), way, far), weight, strict=True):
        steps = np.unique(distances)
        for number, (near, following) in enumerate(pairwise(steps)):
            row = len(costs)
            entries += [(row, int(site), -1.0) for site in np.flatnonzero(distances == near)]
            entries.append((row, candidates + row, -1.0))
            if number:
                entries.append((row, candidates + row - 1, 1.0))
            costs.append(price * (following - near))
            limit.append(0.0 if number else -1.0)
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    matrix = sparse.csr_array((values, (rows, columns)), shape=(len(costs), candidates + len(costs)))
    cost = np.concatenate([np.zeros(candidates), costs])
    return Search(cost, matrix, np.array(limit), float(weight @ way.min(axis=1)), 1)


def coverage(reach: Flags, weight: Floats) -> Search:
    """Return the search for maximal coverage: for each commune a variable says "no site is in reach"."""
    communes, candidates = reach.shape
    matrix = sparse.hstack([-sparse.csr_array(reach.astype(float)), -sparse.eye_array(communes)], format="csr")
    return Search(np.concatenate([np.zeros(candidates), weight]), matrix, -np.ones(communes), float(weight.sum()), -1)


def _successive(search: Search, candidates: int, count: int, near: float) -> list[tuple[int, ...]]:
    """Return the best set, then the next ones as long as they are near; the last is the first that is not."""
    cost, rows = search.cost, search.rows
    chosen = np.zeros(len(cost))
    chosen[:candidates] = 1
    rules = [LinearConstraint(chosen, count, count)]
    if rows.shape[0]:
        rules.append(LinearConstraint(rows, -np.inf, search.limit))
    sets: list[tuple[int, ...]] = []
    best = None
    while len(sets) < MOST:
        options = {"mip_rel_gap": 0.0, "time_limit": SECONDS}
        result = milp(cost, integrality=chosen, bounds=Bounds(0, 1), constraints=rules, options=options)
        if result.status == INFEASIBLE:
            break
        if result.x is None or result.status != 0:
            raise PlanError("The best sites were not found in {seconds} s: name fewer candidates", seconds=SECONDS)
        sets.append(tuple(np.flatnonzero(result.x[:candidates] > 0.5).tolist()))
        best = result.fun if best is None else best
        if search.gap(result.fun, best) > near:
            break
        known = np.zeros(len(cost))
        known[list(sets[-1])] = 1
        rules.append(LinearConstraint(known, -np.inf, count - 1))
    return sets
