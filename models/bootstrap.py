"""Paired bootstrap of ratios of sums: all models are resampled by the same draws."""

from typing import NamedTuple

import numpy as np

from models.likelihood import Floats


class Estimate(NamedTuple):
    """A number with its interval."""

    value: float
    lower: float
    upper: float


def resampling(blocks: int, resamples: int, rng: np.random.Generator) -> Floats:
    """Return how often each block is drawn in each resample of as many blocks, shape (resamples, blocks)."""
    drawn: Floats = rng.multinomial(blocks, np.full(blocks, 1 / blocks), resamples).astype(float)
    return drawn


def ratios(above: Floats, below: Floats, drawn: Floats) -> tuple[float, Floats]:
    """Return Σ above / Σ below over the blocks, and the same in each resample.

    A resample in which nothing is below, as when no event is in it, repeats the ratio of all blocks.
    """
    whole = float(above.sum() / below.sum()) if below.sum() > 0 else 0.0
    sums = drawn @ below
    return whole, np.divide(drawn @ above, sums, out=np.full(len(drawn), whole), where=sums > 0)


def estimate(value: float, resampled: Floats, level: float) -> Estimate:
    """Return a number with the central interval of its resamples (percentiles; Efron 1979)."""
    lower, upper = np.quantile(resampled, [0.5 - level / 2, 0.5 + level / 2])
    return Estimate(value, float(lower), float(upper))
