"""What an observer of past patrols could know of the next ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from models.patrol_routes import Floats

WAIT = 7
"""Days within which someone who waits for a quiet day has to cross."""

BARS = (1 / 14, 1 / 7, 1 / 4, 1 / 2, 3 / 4)
"""Shares of days that an observer may take for quiet enough; the one that served best so far is used."""

MOST_QUIET = 10
"""Days since the last visit are told apart up to here."""


@dataclass(frozen=True)
class Predictability:
    """What past frequencies tell of one day.

    Attributes
    ----------
    entropy_bits
        Of "is this sector visited today?", mean over sectors: 0 is certain, 1 a coin.
    best_guess
        Chance that the sector which was visited most is visited on the day asked for.
    even_guess
        The same if all sectors were visited alike: what no schedule with as many visits can go below.
    """

    entropy_bits: float
    best_guess: float
    even_guess: float


def predictability(daily: Floats) -> Predictability:
    """Return how predictable visits are whose chance a day is known.

    Parameters
    ----------
    daily
        Chance that a sector is visited on a day, shape (sectors,).

    Examples
    --------
    >>> predictability(np.array([0.5, 0.0]))
    Predictability(entropy_bits=0.5, best_guess=0.5, even_guess=0.25)
    """
    bits = (entr(daily) + entr(1 - daily)) / np.log(2)
    return Predictability(float(bits.mean()), float(daily.max()), float(daily.mean()))


def gain_by_learning(visited: NDArray[np.bool_], learned_days: int, plan_days: int) -> dict[str, float]:
    """Return the share of detections that someone escapes who has watched every visit and waits for a quiet day.

    Beginning on any day after those learned from, everyone must cross a sector within `WAIT` days. Observers do so on
    the first day whose risk is low enough, by a bar that served best on the days learned from; others draw the day. An
    observer judges the risk by

    - ``weekday``: how often its sector was visited on that day of the week;
    - ``quiet``: how often a visit followed so many days without one;
    - ``count``: the visits that are still to come if this plan holds as many as plans did on average.

    Parameters
    ----------
    visited
        Days × sectors, beginning with the first day of a plan.
    learned_days
        Days that rates are learned from.
    plan_days
        Days of a plan, after which the count begins again.

    Returns
    -------
    dict
        1 − detections of the observer / detections of the others, by observer; negative if the rule misleads.
    """
    days = np.arange(len(visited))
    weekday = np.broadcast_to((days % WAIT)[:, None], visited.shape)
    risks = {
        "weekday": _rate_in_context(visited, weekday, learned_days),
        "quiet": _rate_in_context(visited, _days_since_visit(visited), learned_days),
        "count": _expected_from_count(visited, learned_days, plan_days),
    }
    return {name: _escaped(visited, risk, learned_days) for name, risk in risks.items()}


def _rate_in_context(visited: NDArray[np.bool_], context: NDArray[np.int64], learned_days: int) -> Floats:
    """Return each day's rate of visits, as often as they were seen in its context on the days learned from."""
    learned, every = visited[:learned_days], np.arange(visited.shape[1])
    mean = learned.mean(axis=0)
    seen: Floats = np.zeros((context.max() + 1, every.size))
    hits = np.zeros_like(seen)
    np.add.at(seen, (context[:learned_days], every), 1)
    np.add.at(hits, (context[:learned_days], every), learned)
    # One day of the sector's mean steadies what was seldom seen.
    table: Floats = (hits + mean) / (seen + 1)
    return table[context, every]


def _expected_from_count(visited: NDArray[np.bool_], learned_days: int, plan_days: int) -> Floats:
    mean = visited[:learned_days].mean(axis=0)
    risk = np.empty(visited.shape)
    for start in range(0, len(visited), plan_days):
        plan = visited[start : start + plan_days]
        seen: NDArray[np.int64] = np.cumsum(plan, axis=0) - plan
        left = plan_days - np.arange(len(plan))
        risk[start : start + plan_days] = np.maximum(mean * plan_days - seen, 0) / left[:, None]
    return risk


def _escaped(visited: NDArray[np.bool_], risk: Floats, learned_days: int) -> float:
    learned, after = slice(None, learned_days), slice(learned_days, None)
    bars = [np.quantile(risk[learned], quantile, axis=0) + 1e-12 for quantile in BARS]
    caught = [_caught_and_others(visited[learned], risk[learned] <= bar)[0] for bar in bars]
    mine, others = _caught_and_others(visited[after], risk[after] <= bars[int(np.argmin(caught))])
    return 1 - mine / others if others > 0 else 0.0


def _caught_and_others(visited: NDArray[np.bool_], low: NDArray[np.bool_]) -> tuple[float, float]:
    """Return how often those are met who wait for a low day, and those who draw the day, over all days to begin."""
    windows, waited = (np.lib.stride_tricks.sliding_window_view(one, WAIT, axis=0) for one in (visited, low))
    first = np.where(waited.any(axis=2), waited.argmax(axis=2), WAIT - 1)
    mine = np.take_along_axis(windows, first[:, :, None], axis=2)
    return float(mine.sum()), float(windows.sum() / WAIT)


def _days_since_visit(visited: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return for each day and sector the days without a visit just before, up to `MOST_QUIET`."""
    since = np.full(visited.shape, MOST_QUIET, dtype=np.int64)
    for day in range(1, len(visited)):
        since[day] = np.where(visited[day - 1], 0, np.minimum(since[day - 1] + 1, MOST_QUIET))
    return since
