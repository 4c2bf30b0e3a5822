"""Does effort run after its own records? Cycles of choosing, looking and counting where the true risk is known.

What a cycle records depends on where it looked, and where the next one looks depends on what was recorded: the loop in
which patrols end where they began (Ensign et al. 2018). All of it is simulated.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse, stats
from scipy.spatial.distance import cdist

from models.likelihood import Floats

ROWS, COLS = 10, 15
"""The units lie on a grid, so that each has neighbours."""
UNITS = ROWS * COLS
PEOPLE = 5000
"""At risk in each unit: units differ by nothing but their risk."""

SD, SHARED, REACH = 1.2, 0.5, 3.0
"""Of a skewed log rate: standard deviation, the share of the variance that a smooth field has, and the distance in
units at which that is 1/e alike."""

TOP = 10


@dataclass(frozen=True)
class Records:
    """What is known after some cycles: ``effort`` and ``found``, shape (cycles, units)."""

    effort: Floats
    found: Floats

    @classmethod
    def none(cls, units: int) -> "Records":
        """Return what is known at first."""
        return cls(np.zeros((0, units)), np.zeros((0, units)))

    def panel(self) -> pd.DataFrame:
        """Return a row for each unit and cycle: ``commune_code``, ``cycle``, ``found``, ``effort``, ``population``."""
        cycles, units = self.found.shape
        return pd.DataFrame(
            {
                "commune_code": np.tile(codes_of(units), cycles),
                "cycle": np.repeat(np.arange(cycles), units),
                "found": self.found.ravel(),
                "effort": self.effort.ravel(),
                "population": PEOPLE,
            }
        )


Choice = Callable[[Records, np.random.Generator], Floats]
"""From what is known, the effort of each unit in the next cycle."""


def codes_of(units: int) -> pd.Index:
    """Return made-up commune codes."""
    return pd.Index([f"{unit:05d}" for unit in range(1, units + 1)])


def adjacency() -> "sparse.csr_array":
    """Return which units touch."""
    places = np.argwhere(np.ones((ROWS, COLS)))
    return sparse.csr_array((cdist(places, places) == 1).astype(float))


def equal_risk() -> Floats:
    """Return a risk that is everywhere 1."""
    return np.ones(UNITS)


def skewed_risk(rng: np.random.Generator) -> Floats:
    """Return lognormal risks with mean 1."""
    places = np.argwhere(np.ones((ROWS, COLS)))
    smooth = np.linalg.cholesky(np.exp(-cdist(places, places) / REACH)) @ rng.standard_normal(UNITS)
    log = np.sqrt(SHARED) * smooth + np.sqrt(1 - SHARED) * rng.standard_normal(UNITS)
    rate = np.exp(SD * log)
    risk: Floats = rate / rate.mean()
    return risk


def run_cycles(
    choose: Choice, events: Floats, cycles: int, rng: np.random.Generator, *, unaided: float = 0.0
) -> Records:
    """Choose, look and count, cycle by cycle.

    Parameters
    ----------
    choose
        The policy.
    events
        Mean events of each unit in a cycle, shape (units,).
    cycles
        How many.
    rng
        What happens, and what the policy leaves to chance.
    unaided
        Attention where nobody looks; with the effort a it notices the share 1 − exp(−(unaided + a)) of the events.
    """
    records = Records.none(events.size)
    for _ in range(cycles):
        effort = choose(records, rng)
        found = rng.poisson(events * -np.expm1(-(unaided + effort))).astype(float)
        records = Records(np.vstack([records.effort, effort]), np.vstack([records.found, found]))
    return records


def on_top(effort: Floats, top: int = TOP) -> float:
    """Return the share of effort of the units that have most.

    >>> on_top(np.array([1.0, 3.0, 4.0]), top=1)
    0.5
    """
    return float(np.sort(effort)[-top:].sum() / effort.sum())


def follows(effort: Floats, truth: Floats) -> float:
    """Return the rank correlation (Spearman) of effort and truth; 0 where one of them is the same everywhere."""
    if np.ptp(effort) == 0 or np.ptp(truth) == 0:
        return 0.0
    return float(stats.spearmanr(effort, truth).statistic)
