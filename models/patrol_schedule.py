"""A schedule drawn at random, in which routes keep their frequencies and one day tells nothing of the next.

As cards are dealt: a deck of several weeks holds each route as often as planned, up to one card, and the plan's weeks
are dealt from it in random order. The larger the deck, the less can be learned by counting cards.
"""

from dataclasses import dataclass

import numpy as np

from models.patrol_demand import PatrolDemand
from models.patrol_routes import Floats, Integers

IDLE = -1
"""A shift without a route: no sector may be visited more often."""


@dataclass(frozen=True)
class Shifts:
    """Shifts that were drawn, sorted by day, post and team.

    Attributes
    ----------
    day
        From 1.
    post
        Position of the post.
    team
        Number of the team at its post, from 1.
    route
        Number of the route.
    """

    day: Integers
    post: Integers
    team: Integers
    route: Integers


def draw_shifts(
    route_post: Integers,
    uses: Floats,
    pinned: Integers,
    teams: Integers,
    demand: PatrolDemand,
    rng: np.random.Generator,
) -> Shifts:
    """Draw a schedule.

    Parameters
    ----------
    route_post
        Post of each route.
    uses
        Mean uses a week of each route, pinned ones not counted.
    pinned
        Routes walked once in each week.
    teams
        Number of teams by post.
    demand
        Days, rest days, and weeks of a deck.
    rng
        Source of randomness.
    """
    parts = []
    for post in range(teams.size):
        own = np.flatnonzero((route_post == post) & (uses > 0))
        fixed = pinned[route_post[pinned] == post]
        free = int(teams[post]) * demand.shifts - fixed.size
        deck = deal(uses[own], free, demand.deck, rng)
        cards = np.append(own, IDLE)[deck[: demand.weeks * free]].reshape(demand.weeks, free)
        for week in range(demand.weeks):
            team, day = _at_work(int(teams[post]), demand, rng)
            route = rng.permutation(np.concatenate([cards[week], fixed]))
            parts.append((week * demand.week + day, np.full(day.size, post), team, route))
    day, at, team, route = (np.concatenate(part) for part in zip(*parts, strict=True))
    # Whole weeks are drawn and what lies after the last day is cut off, so that every day is like any other.
    kept = np.flatnonzero((day <= demand.days) & (route != IDLE))
    kept = kept[np.lexsort((team[kept], at[kept], day[kept]))]
    return Shifts(day[kept], at[kept], team[kept], route[kept])


def deal(uses: Floats, shifts: int, weeks: int, rng: np.random.Generator) -> Integers:
    """Return a shuffled deck of ``shifts × weeks`` cards; the number ``uses.size`` stands for an idle shift.

    Each route gets ``uses × weeks`` cards, rounded down or up at random so that its mean is exact: systematic sampling
    in random order (Madow 1949).

    Parameters
    ----------
    uses
        Mean uses a week, of sum at most ``shifts``.
    shifts
        A week.
    weeks
        Of the deck.
    rng
        Source of randomness.
    """
    idle = max(shifts - uses.sum(), 0.0)
    order = rng.permutation(uses.size + 1)
    parts = np.append(uses, idle)[order]
    # The sum is scaled to be exact, or the last card could be missing.
    ends = np.cumsum(parts) * (shifts * weeks / max(parts.sum(), 1e-300))
    ends[-1] = shifts * weeks
    marks = np.arange(shifts * weeks) + rng.random()
    counts = np.diff(np.searchsorted(marks, ends), prepend=0)
    deck: Integers = rng.permutation(np.repeat(order, counts))
    return deck


def _at_work(teams: int, demand: PatrolDemand, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Return team and day, both from 1, of the shifts of a week whose rest days are drawn afresh."""
    at_work = np.argsort(rng.random((teams, demand.week)), axis=1)[:, : demand.shifts]
    return np.repeat(np.arange(1, teams + 1), demand.shifts), at_work.ravel() + 1
