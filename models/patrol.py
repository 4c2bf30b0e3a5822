"""Who patrols which sectors when: a plan, what it is worth, and how much of it can be foreseen."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import Message
from models.patrol_coverage import looks_of, weekly_visit
from models.patrol_demand import PatrolArea, PatrolDemand
from models.patrol_frequencies import OPTIMA, PatrolFrequencies, choose_frequencies
from models.patrol_predictability import Predictability, predictability
from models.patrol_routes import Floats, Routes
from models.patrol_schedule import Shifts, draw_shifts

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Detections:
    """Crossings detected during the plan, as the posterior draws of the flows have it.

    Attributes
    ----------
    mean
        Over the draws.
    lower, upper
        90 % interval over the draws. That crossings come by chance is not in it.
    worst_tenth
        Mean of the tenth of the draws in which fewest are detected.
    """

    mean: float
    lower: float
    upper: float
    worst_tenth: float


@dataclass(frozen=True)
class PatrolPlan:
    """A plan of patrols.

    Attributes
    ----------
    sectors
        One row for each sector that can be patrolled: ``sector_id``, ``value`` (expected crossings a year), ``pinned``;
        as planned ``visits_per_week``, ``hours_per_week`` (on watch), ``daily_visit`` and ``weekly_visit``
        (chance of at least one visit), ``detected_share``; of the schedule drawn ``visits``, ``hours``, and
        ``expected``, ``lower``, ``upper``: detections during the plan.
    schedule
        One row a shift: ``day`` (from 1), ``post_id``, ``team`` (from 1, of its post), ``sectors`` (ids in the order of
        the visit), ``travel_hours`` (all ways, that back to the post included), ``watch_hours`` (at each of the
        sectors), ``shift_hours`` (from leaving the post to being back).
    drawn, planned
        Detections of the schedule, and of the frequencies that it was drawn from.
    best
        The most that any frequencies, beside the shifts of pinned sectors, could detect if the mean flows were the
        true ones: the proven bound.
    gap
        The largest proven gap of the optimisations.
    solver_seconds
        Their time together.
    predictability
        What past schedules tell of a day.
    notes
        What was left out, and why.
    """

    sectors: pd.DataFrame
    schedule: pd.DataFrame
    drawn: Detections
    planned: Detections
    best: float
    gap: float
    solver_seconds: float
    predictability: Predictability
    notes: tuple[Message, ...]


def plan_patrols(
    area: PatrolArea, demand: PatrolDemand, *, optima: int = OPTIMA, random_state: int | np.random.Generator = 0
) -> PatrolPlan:
    """Return frequencies of visits, and a schedule drawn from them.

    Parameters
    ----------
    area
        Flows, hours and teams.
    demand
        What the command asks for.
    optima
        See `models.patrol_frequencies.choose_frequencies`.
    random_state
        The command's secret: the same seed gives the same schedule.

    Raises
    ------
    PlanError
        If the demands cannot be met; it names those that clash.
    """
    rng = np.random.default_rng(random_state)
    return draw_plan(choose_frequencies(area, demand, optima=optima, random_state=rng), rng)


def draw_plan(frequencies: PatrolFrequencies, random_state: int | np.random.Generator) -> PatrolPlan:
    """Return a schedule drawn from frequencies, and what it is worth."""
    demand, value = frequencies.demand, frequencies.area.value
    teams = frequencies.area.teams.to_numpy(dtype=np.int64)
    shifts = draw_shifts(
        frequencies.routes.post,
        frequencies.uses,
        frequencies.pinned_routes,
        teams,
        demand,
        np.random.default_rng(random_state),
    )
    years = demand.days / DAYS_A_YEAR
    by_draw = value.to_numpy(dtype=float) * years
    walked = frequencies.routes.take(shifts.route)
    visits = walked.visits(len(value))
    weeks_drawn = demand.days / demand.week
    share = -np.expm1(-(visits @ looks_of(walked, demand)) / weeks_drawn)
    lower, upper = np.quantile(by_draw * share[:, None], [0.05, 0.95], axis=1)
    sectors = _as_planned(frequencies, teams).assign(
        visits=visits.sum(axis=1).astype(int),
        hours=visits @ walked.watch,
        expected=by_draw.mean(axis=1) * share,
        lower=lower,
        upper=upper,
    )
    return PatrolPlan(
        sectors,
        _schedule(frequencies, walked, shifts),
        _detections(share @ by_draw),
        _detections(sectors["detected_share"].to_numpy() @ by_draw),
        frequencies.bound * years,
        frequencies.gap,
        frequencies.seconds,
        predictability(sectors["daily_visit"].to_numpy()),
        frequencies.notes,
    )


def _as_planned(frequencies: PatrolFrequencies, teams: Floats) -> pd.DataFrame:
    """Return what the frequencies mean for each sector."""
    value, demand, problem = frequencies.area.value, frequencies.demand, frequencies.problem
    with_pinned = frequencies.uses.copy()
    with_pinned[frequencies.pinned_routes] += 1.0
    free, every = (_by_post(problem.routes, uses, len(value), teams.size) for uses in (frequencies.uses, with_pinned))
    met = [[weekly_visit(m, int(n), demand.deck) for m, n in zip(row, problem.shifts, strict=True)] for row in free]
    pinned = np.isin(np.arange(len(value)), frequencies.pinned)
    return pd.DataFrame(
        {
            "sector_id": value.index,
            "value": value.mean(axis=1).to_numpy(),
            "pinned": pinned,
            "visits_per_week": every.sum(axis=1),
            "hours_per_week": problem.routes.visits(len(value)) @ (with_pinned * problem.routes.watch),
            "daily_visit": 1 - np.prod((1 - every / (teams * demand.week)) ** teams, axis=1),
            "weekly_visit": np.where(pinned, 1.0, 1 - np.prod(1 - np.array(met), axis=1)),
            "detected_share": problem.detected(frequencies.uses),
        }
    )


def _by_post(routes: Routes, uses: Floats, sectors: int, posts: int) -> Floats:
    """Return mean visits a week, sectors × posts."""
    visits = np.zeros((sectors, posts))
    for stop in routes.stops.T:
        there = stop >= 0
        np.add.at(visits, (stop[there], routes.post[there]), uses[there])
    return visits


def _schedule(frequencies: PatrolFrequencies, walked: Routes, shifts: Shifts) -> pd.DataFrame:
    ids = frequencies.area.value.index.to_numpy()
    return pd.DataFrame(
        {
            "day": shifts.day,
            "post_id": frequencies.area.teams.index.to_numpy()[shifts.post],
            "team": shifts.team,
            "sectors": [tuple(ids[stops[stops >= 0]]) for stops in walked.stops],
            "travel_hours": walked.travel,
            "watch_hours": walked.watch,
            "shift_hours": frequencies.demand.hours,
        }
    )


def _detections(by_draw: Floats) -> Detections:
    lower, upper = np.quantile(by_draw, [0.05, 0.95])
    worst = np.sort(by_draw)[: -(-by_draw.size // 10)]
    return Detections(float(by_draw.mean()), float(lower), float(upper), float(worst.mean()))
