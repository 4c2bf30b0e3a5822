"""How often each route is walked: what is best for the mean flows, moved towards what is best in their draws."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import bisect

from geo.errors import Message
from models.patrol_coverage import Coverage, CoverageProblem, optimise_coverage, problem_of
from models.patrol_demand import PatrolArea, PatrolDemand, check_demand
from models.patrol_pins import pin_routes
from models.patrol_routes import Floats, Integers, Routes, enumerate_routes

OPTIMA = 32
"""Posterior draws whose best frequencies are averaged."""


@dataclass(frozen=True)
class PatrolFrequencies:
    """Mean uses of routes, from which any number of schedules can be drawn.

    Attributes
    ----------
    area
        The part that can be patrolled.
    demand
        What the command asked for.
    routes
        All routes.
    problem
        What was allocated, after the shifts of pinned sectors.
    uses
        Mean uses a week of each route, pinned ones not counted.
    pinned_routes
        Routes walked once in every week.
    pinned
        Positions of the pinned sectors.
    bound
        Detections a year that no frequencies exceed if the mean flows are the true ones.
    gap, seconds
        The largest proven gap of the optimisations, and their time together.
    notes
        What was left out, and why.
    """

    area: PatrolArea
    demand: PatrolDemand
    routes: Routes
    problem: CoverageProblem
    uses: Floats
    pinned_routes: Integers
    pinned: Integers
    bound: float
    gap: float
    seconds: float
    notes: tuple[Message, ...]


def choose_frequencies(
    area: PatrolArea, demand: PatrolDemand, *, optima: int = OPTIMA, random_state: int | np.random.Generator = 0
) -> PatrolFrequencies:
    """Return how often to walk each route.

    The mean of what is best for each of several posterior draws uses a route with the chance that it is right to use
    it, as in Thompson sampling (1933), so that what is not known is looked at. If that costs more than
    ``demand.exploration_cost`` of what the mean flows' best frequencies are expected to detect, the result lies between
    the two, as far from these as the cost allows (a conservative bandit, Wu et al. 2016).

    Parameters
    ----------
    area
        Flows, hours and teams.
    demand
        What the command asks for.
    optima
        Posterior draws whose best frequencies are averaged; 0 plans by the mean flows alone.
    random_state
        Chooses the draws.

    Raises
    ------
    PlanError
        If the demands cannot be met; it names those that clash.

    References
    ----------
    Wu, Y., Shariff, R., Lattimore, T. & Szepesvári, C. (2016). Conservative bandits. ICML, PMLR 48, 1254–1262.
    """
    rng = np.random.default_rng(random_state)
    part, notes = check_demand(area, demand)
    mean = part.value.mean(axis=1)
    teams = part.teams.to_numpy(dtype=np.int64)
    routes = enumerate_routes(part, demand.hours, demand.least_watch)
    pins = part.value.index.get_indexer(list(dict.fromkeys(demand.must_cover)))
    pinned = pin_routes(routes, pins, teams * float(demand.shifts), mean)
    problem = problem_of(routes, teams * demand.shifts, routes.take(pinned), pins, mean.size, demand)
    best = optimise_coverage(problem, mean.to_numpy(dtype=float))
    found = _optima(problem, part.value.to_numpy(dtype=float), best, optima, rng)
    uses = best.uses
    if found:
        explored = np.mean([one.uses for one in found], axis=0)
        uses = _affordable(problem, mean.to_numpy(dtype=float), best.uses, explored, demand.exploration_cost)
    idle = float(problem.shifts.sum() - uses.sum())
    if idle > 0.05:
        notes.append(
            Message(
                "{n} of {all} shifts a week have no route and are a reserve: no sector may be visited more often",
                {"n": round(idle, 1), "all": int(teams.sum()) * demand.shifts},
            )
        )
    gap = max(one.gap for one in (best, *found))
    seconds = sum(one.seconds for one in (best, *found))
    return PatrolFrequencies(part, demand, routes, problem, uses, pinned, pins, best.bound, gap, seconds, tuple(notes))


def _optima(
    problem: CoverageProblem, value: Floats, best: Coverage, optima: int, rng: np.random.Generator
) -> list[Coverage]:
    chosen = rng.choice(value.shape[1], size=min(optima, value.shape[1]), replace=False)
    first = np.flatnonzero(best.uses)
    return [optimise_coverage(problem, value[:, draw], first) for draw in chosen]


def _affordable(problem: CoverageProblem, mean: Floats, best: Floats, explored: Floats, cost: float) -> Floats:
    """Return uses on the way from the best to the explored ones, as far as the cost allows.

    What is detected is concave along the way, so that those uses are affordable up to one point and not beyond it.
    """
    least = (1 - cost) * float(mean @ problem.detected(best))
    way = explored - best

    def left(share: float) -> float:
        return float(mean @ problem.detected(best + share * way)) - least

    return best + (1.0 if left(1.0) >= 0 else bisect(left, 0.0, 1.0)) * way
