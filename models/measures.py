"""What one forecast of one window is worth, in parts that can be added up, resampled and compared."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.hit_rates import best_hits, shares_taken, spans
from models.likelihood import Floats
from models.predictive import covered, log_probability
from models.ranks import TOPS, summarise

BUDGETS = (0.01, 0.05, 0.1, 0.2)
GRID = np.arange(1, 101) / 100
"""Shares at which the hit-rate curve is kept; at 0 it is 0."""
EDGES = np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])
"""Of the bins of P(in the top)."""
SIMULATED = 200
"""Counts that are simulated of each unit where P(in the top) is asked for."""


class Outcome(NamedTuple):
    """What was recorded in a window.

    Attributes
    ----------
    counts
        Events of all streams, shape (units, periods); 0 where unknown.
    known
        Where they are known.
    costs
        What a unit costs, shape (units,), by what budgets are shares of ("units", "population", "area").
    single
        Whether events are to be told apart one by one, and not by period.
    """

    counts: Floats
    known: NDArray[np.bool_]
    costs: dict[str, Floats]
    single: bool

    @property
    def events(self) -> Floats:
        """Events of the blocks, shape (units, blocks): periods, or one for each event."""
        if not self.single:
            return self.counts
        unit = np.repeat(np.arange(len(self.counts)), self.counts.sum(axis=1).astype(int))
        events: Floats = (unit == np.arange(len(self.counts))[:, None]).astype(float)
        return events


class Measures(NamedTuple):
    """Sums of a window.

    Attributes
    ----------
    hits
        Events within each budget, shape (budgets, blocks), by what budgets are shares of.
    best
        Of them what hindsight would have found, apportioned to the blocks.
    curve
        Events within each share of `GRID`, shape (100, blocks).
    area
        Area under the curve times events, shape (blocks,).
    events
        Events of each block, shape (blocks,).
    logs, counted
        Sums of log probabilities and numbers of known counts, by period, or by unit and period where events are single.
    covered
        By unit: the probability to lie within the predictive interval.
    tops
        By k: P(in the top k %) that was forecast, and what came, ties shared; shape (2, units).
    """

    hits: dict[str, Floats]
    best: dict[str, Floats]
    curve: dict[str, Floats]
    area: dict[str, Floats]
    events: Floats
    logs: Floats
    counted: Floats
    covered: Floats
    tops: dict[int, Floats]


def measure(expected: Floats, means: Floats, outcome: Outcome, level: float, rng: np.random.Generator) -> Measures:
    """Measure a forecast.

    Parameters
    ----------
    expected
        What units are ranked by; by its ratio to their cost where a budget is of people or area. Shape (units,).
    means
        Draws of Poisson means, shape (units, periods, draws).
    outcome
        What came.
    level
        Of the predictive interval.
    rng
        For the simulated counts behind P(in the top).
    """
    events = outcome.events
    total = outcome.counts.sum(axis=1)
    hits, best, curve, area = (dict[str, Floats]() for _ in range(4))
    for of, cost in outcome.costs.items():
        begin, end = spans(per_cost(expected, cost), cost)
        hits[of] = shares_taken(begin, end, BUDGETS) @ events
        curve[of] = shares_taken(begin, end, GRID) @ events
        area[of] = (1 - 0.5 * (begin + end)) @ events
        most = best_hits(total, cost, BUDGETS) / max(total.sum(), 1.0)
        best[of] = np.outer(most, events.sum(axis=0))
    logs = np.where(outcome.known, log_probability(outcome.counts, means), 0.0)
    known = outcome.known.astype(float)
    over_window = (means * outcome.known[:, :, None]).sum(axis=1)
    return Measures(
        hits,
        best,
        curve,
        area,
        events.sum(axis=0),
        logs.ravel() if outcome.single else logs.sum(axis=0),
        known.ravel() if outcome.single else known.sum(axis=0),
        covered(total, over_window, level),
        _tops(total, over_window, rng),
    )


def per_cost(expected: Floats, cost: Floats) -> Floats:
    """Return what a unit brings for its cost, against the most; of what costs nothing, everything at once.

    Rounded to twelve digits: what differs by rounding only is tied.
    """
    ratio = np.divide(expected, cost, out=np.zeros(len(cost)), where=cost > 0)
    scaled: Floats = (ratio / (ratio.max() or 1.0)).round(12)
    scaled[(cost <= 0) & (expected > 0)] = 2.0
    return scaled


def bin_of(chance: Floats) -> NDArray[np.int64]:
    """Return which bin of `EDGES` a probability lies in."""
    return np.clip(np.searchsorted(EDGES, chance, side="right") - 1, 0, len(EDGES) - 2)


def calibration_gaps(tops: Floats) -> Floats:
    """Return by unit and bin of P what was forecast less what came, shape (units, bins), of (2, units).

    The calibration error is the mean over bins of the absolute sum over units, each unit weighing the same.
    """
    gaps: Floats = (tops[0] - tops[1])[:, None] * (bin_of(tops[0])[:, None] == np.arange(len(EDGES) - 1))
    return gaps


def _tops(total: Floats, means: Floats, rng: np.random.Generator) -> dict[int, Floats]:
    units = np.arange(len(total))
    draws = means[:, np.arange(SIMULATED) * means.shape[1] // SIMULATED]
    forecast = summarise(rng.poisson(draws).astype(float), units)
    came = summarise(total[:, None], units)
    return {k: np.stack([forecast[f"p_top{k}"], came[f"p_top{k}"]]) for k in TOPS}
