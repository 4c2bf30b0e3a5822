"""What a comparison could show: its power, the least fall it would find, and the size of a survey."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from geo.errors import PlanError
from models.score_test import Flags, Floats, p_values, reassigned, score

ALPHA = 0.05
"""One-sided: outreach is tested for a fall."""
ENOUGH = 0.8
"""With less power no verdict is given."""
SIMULATIONS, ASSIGNMENTS = 1000, 199


@dataclass(frozen=True)
class Comparison:
    """Who has what when, and how many events would come without it.

    Attributes
    ----------
    treated
        Shape (communes, periods).
    expected
        Events of each commune and period without the treatment, same shape.
    """

    treated: Flags
    expected: Floats

    def __post_init__(self) -> None:
        fits = self.treated.ndim == 2 and self.treated.shape == self.expected.shape
        if not fits or not np.isfinite(self.expected).all() or (self.expected < 0).any():
            raise PlanError("A comparison needs expected events from 0 on for each commune and period")
        if not _identified(self.treated):
            raise PlanError("Nothing can be compared: treated and untreated communes never stand side by side in time")


def pilots_against_others(
    pilots: int, others: int, events_a_year: float, *, years_before: float, years_after: float
) -> Comparison:
    """Return pilots that begin together, and others that never do; each commune expects as many events a year."""
    treated = np.zeros((pilots + others, 2), dtype=bool)
    treated[:pilots, 1] = True
    expected = np.tile(np.multiply(events_a_year, [years_before, years_after]), (pilots + others, 1))
    return Comparison(treated, expected)


def stepped_wedge(communes: int, steps: int, events_a_year: float, *, years: float) -> Comparison:
    """Return communes that begin in steps of like size, after one period without any (Hussey & Hughes 2007).

    Parameters
    ----------
    communes, steps
        How many; the periods are steps + 1.
    events_a_year
        Of each commune.
    years
        Of all periods together.
    """
    begins = 1 + np.arange(communes) * steps // communes
    treated = np.arange(steps + 1) >= begins[:, None]
    return Comparison(treated, np.full(treated.shape, events_a_year * years / (steps + 1)))


def power(
    comparison: Comparison,
    fall: float,
    *,
    simulations: int = SIMULATIONS,
    assignments: int = ASSIGNMENTS,
    random_state: int = 0,
) -> float:
    """Return how often a fall would be found: the share of simulated tables with p ≤ 0.05, one-sided.

    Counts are Poisson; the test is that which will be used, `models.score_test` with starts drawn anew.

    Parameters
    ----------
    comparison
        Who has what when.
    fall
        Share by which events fall where treated, 0 to 1.
    simulations, assignments
        How many tables, and how many assignments for each.
    random_state
        Seed.
    """
    if not 0 <= fall <= 1:
        raise PlanError("A fall is a share between 0 and 1; got {fall}", fall=fall)
    rng = np.random.default_rng(random_state)
    others = reassigned(comparison.treated, assignments, rng)
    mean = comparison.expected * np.where(comparison.treated, 1 - fall, 1.0)
    counts = rng.poisson(mean, (simulations, *mean.shape)).astype(float)
    return float((p_values(score(counts, others)) <= ALPHA).mean())


def detectable_fall(comparison: Comparison, *, random_state: int = 0) -> float | None:
    """Return the least fall, in whole per cent, found with a power of 0.8; None if not even the end of all is."""
    if power(comparison, 1.0, random_state=random_state) < ENOUGH:
        return None
    low, high = 0, 100
    while high - low > 1:
        middle = (low + high) // 2
        if power(comparison, middle / 100, random_state=random_state) < ENOUGH:
            low = middle
        else:
            high = middle
    return high / 100


def survey_size(before: float, after: float, *, design_effect: float = 2.0) -> int:
    """Return how many people to ask in each of two surveys, so that a change of a share is found with a power of 0.8.

    n = deff · (z₀.₉₇₅ √(2 p̄ q̄) + z₀.₈ √(p₁q₁ + p₂q₂))² / (p₁ − p₂)², two-sided at 5 % (Fleiss, Levin & Paik 2003, eq.
    4.14).

    Parameters
    ----------
    before, after
        Shares, for example of people who know where to turn to.
    design_effect
        By how much answers within a village resemble each other raises the number; 1 for people drawn singly.
    """
    if not (0 < before < 1 and 0 < after < 1 and before != after and design_effect >= 1):
        raise PlanError("A survey compares two different shares between 0 and 1, with a design effect of 1 or more")
    mean = (before + after) / 2
    spread = norm.ppf(1 - ALPHA / 2) * math.sqrt(2 * mean * (1 - mean))
    spread += norm.ppf(ENOUGH) * math.sqrt(before * (1 - before) + after * (1 - after))
    return math.ceil(design_effect * float(spread) ** 2 / (before - after) ** 2)


def _identified(treated: NDArray[np.bool_]) -> bool:
    design = treated.astype(float)
    left = design - design.mean(axis=1, keepdims=True) - design.mean(axis=0) + design.mean()
    return bool(np.abs(left).max() > 1e-9)
