"""How often to walk each route, so that as many crossings as possible are detected.

A visit of w hours on watch is a look of 1 − exp(−effect × w), and x looks a week detect the share 1 − exp(−x): longer
visits and more of them both have diminishing returns (Koopman 1957). Uses of routes a week may be fractions: they are
frequencies, which a schedule drawn at random keeps. The gain of a sector is concave in its looks, so that the problem
is convex: a linear program whose gains are bounded by tangents, drawn where the last solution stands (Kelley 1960),
and whose routes are brought in when their price says that they would help (Gilmore & Gomory 1961). Both give an upper
bound at every step, so that the gap is proven.
"""

from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from models.patrol_demand import WEEK, PatrolDemand
from models.patrol_routes import Floats, Integers, Routes

FIRST_TANGENTS = (0.0, 0.1, 0.3, 0.6, 1.2, 2.4)
"""Looks a week where tangents are drawn at the beginning."""

GAP = 1e-3
"""Gap at which the search ends."""

MOST_STEPS = 200
NEW_ROUTES = 200
"""Routes brought in at each step, at most."""


@dataclass(frozen=True)
class CoverageProblem:
    """What is to be allocated.

    Attributes
    ----------
    routes
        All that may be walked.
    shifts
        To be allocated a week, by post.
    base_looks
        Looks in 7 days that are given already, by sector.
    most_visits
        A week, by sector; infinite where there is no limit.
    look
        Of one use in each week, at each stop of the route: looks in 7 days.
    """

    routes: Routes
    shifts: Floats
    base_looks: Floats
    most_visits: Floats
    look: Floats

    @cached_property
    def visits(self) -> sparse.csr_array:
        """Which sector (row) a route (column) visits."""
        return self.routes.visits(self.base_looks.size)

    def looks(self, uses: Floats) -> Floats:
        """Return looks in 7 days by sector."""
        looks: Floats = self.base_looks + self.visits @ (self.look * uses)
        return looks

    def detected(self, uses: Floats) -> Floats:
        """Return the share of crossings detected by sector."""
        share: Floats = -np.expm1(-self.looks(uses))
        return share


@dataclass(frozen=True)
class Coverage:
    """Frequencies and what they are worth.

    Attributes
    ----------
    uses
        Of each route a week.
    reached, bound
        Detections a year of these uses, and what no uses exceed.
    seconds
        Time taken.
    """

    uses: Floats
    reached: float
    bound: float
    seconds: float

    @property
    def gap(self) -> float:
        """Share of the bound that may be missing."""
        return 1 - self.reached / self.bound if self.bound > 0 else 0.0


def problem_of(
    routes: Routes, shifts: Floats, pinned: Routes, free_of_limit: Integers, sectors: int, demand: PatrolDemand
) -> CoverageProblem:
    """Return the problem of the shifts that pinned routes leave.

    Parameters
    ----------
    routes
        All routes.
    shifts
        A week, by post.
    pinned
        Routes walked once every week.
    free_of_limit
        Positions of the sectors without a limit of visits.
    sectors
        Number of sectors.
    demand
        What the command asks for.
    """
    left = shifts - np.bincount(pinned.post, minlength=shifts.size)
    base = pinned.visits(sectors) @ looks_of(pinned, demand)
    limits = np.array([most_visits(demand.most_likely, int(n), demand.deck) for n in left])
    most = np.full(sectors, np.inf)
    for stop in routes.stops.T:
        np.minimum.at(most, stop[stop >= 0], limits[routes.post[stop >= 0]])
    most[free_of_limit] = np.inf
    return CoverageProblem(routes, left.astype(float), base, most, looks_of(routes, demand))


def looks_of(routes: Routes, demand: PatrolDemand) -> Floats:
    """Return the looks in 7 days of one use of each route in every week of the plan, at each of its stops."""
    looks: Floats = -np.expm1(-demand.effect * routes.watch) * (WEEK / demand.week)
    return looks


def most_visits(most_likely: float, shifts: int, weeks: int) -> float:
    """Return the mean visits a week at which a sector is visited in a given week with probability ``most_likely``.

    ``shifts × weeks`` shifts are dealt in random order, and m × weeks of them visit the sector. Shifts at several
    posts, or numbers of visits that are drawn themselves, only make the probability smaller.

    >>> round(most_visits(0.8, 7, 10_000), 3)
    1.438
    >>> most_visits(0.8, 1, 5)
    0.8
    """
    if shifts == 0:
        return np.inf
    low, high = 0.0, float(shifts)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if weekly_visit(middle, shifts, weeks) < most_likely else (low, middle)
    return round(low, 12)


def weekly_visit(visits: float, shifts: int, weeks: int) -> float:
    """Return the chance that at least one of a week's shifts visits a sector, in a deck of ``shifts × weeks``."""
    dealt = np.arange(shifts)
    missed = np.clip((shifts - visits) * weeks - dealt, 0, None) / (shifts * weeks - dealt)
    return float(1 - missed.prod())


def optimise_coverage(problem: CoverageProblem, value: Floats, first: Integers | None = None) -> Coverage:
    """Return the best frequencies for expected crossings a year by sector.

    Parameters
    ----------
    problem
        What is to be allocated.
    value
        Crossings a year, shape (sectors,).
    first
        Routes to begin with; those with one stop if None.
    """
    started = perf_counter()
    # The solver's tolerances are absolute.
    scale = value.max() if value.max() > 0 else 1.0
    value = value / scale
    routes, sectors = problem.routes, value.size
    singles = np.flatnonzero(routes.stops[:, 1] < 0)
    inside = np.zeros(routes.post.size, dtype=bool)
    inside[singles] = True
    inside[[] if first is None else first] = True
    tangents = [np.full(sectors, looks) for looks in FIRST_TANGENTS]
    uses, reached, bound = np.zeros(routes.post.size), -1.0, np.inf
    for _ in range(MOST_STEPS):
        columns = np.flatnonzero(inside)
        step = _solve(problem, value, columns, tangents)
        trial = np.zeros_like(uses)
        trial[columns] = step.uses
        worth = float(value @ problem.detected(trial))
        if worth > reached:
            uses, reached = trial, worth
        best, new = _price(problem, step, inside)
        bound = min(bound, step.worth + float(problem.shifts @ best))
        if reached >= (1 - GAP) * bound:
            break
        inside[new] = True
        tangents.append(problem.looks(trial))
    return Coverage(uses, reached * scale, bound * scale, perf_counter() - started)


@dataclass(frozen=True)
class _Step:
    """A solution of the linear program, and the prices of a look, a visit and a shift."""

    uses: Floats
    worth: float
    look: Floats
    visit: Floats
    shift: Floats


def _solve(problem: CoverageProblem, value: Floats, columns: Integers, tangents: list[Floats]) -> _Step:
    """Maximise Σ gain over uses of some routes; variables are uses, looks and gains."""
    routes, sectors = problem.routes.take(columns), value.size
    visits = routes.visits(sectors)
    n, eye = columns.size, sparse.eye_array(sectors)
    limited = np.flatnonzero(np.isfinite(problem.most_visits))
    at_post = sparse.csr_array((np.ones(n), (routes.post, np.arange(n))), shape=(problem.shifts.size, n))
    rows: list[list[sparse.sparray | None]] = [[at_post, None, None], [visits[limited], None, None]]
    sides = [problem.shifts, problem.most_visits[limited]]
    for looks in tangents:
        missed = np.exp(-looks)
        slope = value * missed
        rows.append([None, -sparse.diags_array(slope), eye])
        sides.append(value * (1 - missed) - slope * looks)
    link = sparse.block_array([[-visits @ sparse.diags_array(problem.look[columns]), eye, None]])
    # The gains need a column in the equalities too.
    link = sparse.hstack([link, sparse.csr_array((sectors, sectors))])
    solution = linprog(
        np.concatenate([np.zeros(n + sectors), -np.ones(sectors)]),
        A_ub=sparse.block_array(rows, format="csr"),
        b_ub=np.concatenate(sides),
        A_eq=link,
        b_eq=problem.base_looks,
        method="highs",
    )
    if solution.status != 0:
        raise RuntimeError(f"HiGHS: {solution.message}")
    posts = problem.shifts.size
    visit = np.zeros(sectors)
    visit[limited] = -solution.ineqlin.marginals[posts : posts + limited.size]
    return _Step(
        np.maximum(solution.x[:n], 0.0),
        -solution.fun,
        -solution.eqlin.marginals,
        visit,
        -solution.ineqlin.marginals[:posts],
    )


def _price(problem: CoverageProblem, step: _Step, inside: np.ndarray) -> tuple[Floats, Integers]:
    """Return the most that a shift of each post could gain by another route, and the routes that gain most."""
    routes = problem.routes
    # The last entry is that of "no stop", −1.
    look, visit = np.append(step.look, 0.0), np.append(step.visit, 0.0)
    gain = problem.look * look[routes.stops].sum(axis=1)
    gain = gain - visit[routes.stops].sum(axis=1) - step.shift[routes.post]
    best = np.zeros(problem.shifts.size)
    np.maximum.at(best, routes.post, gain)
    gain[inside] = 0.0
    order = np.argsort(-gain, kind="stable")[:NEW_ROUTES]
    return best, order[gain[order] > 0]
