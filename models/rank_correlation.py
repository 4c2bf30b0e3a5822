"""Rank correlations with intervals: whether one thing is ordered as another, whatever their scales."""

import numpy as np
from scipy import stats

from models.bootstrap import Estimate, estimate
from models.likelihood import Floats

LEVEL = 0.9
RESAMPLES = 1000


def correlations(pairs: list[tuple[Floats, Floats]], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return Spearman's correlation of each pair, and the same where units are drawn again, alike for all pairs.

    Parameters
    ----------
    pairs
        Arrays of one shape, units first: what is behind it, years for example, is drawn together.
    rng
        Draws the units.

    Returns
    -------
    tuple of numpy.ndarray
        Shapes (pairs,) and (`RESAMPLES`, pairs); 0 where one of a pair is the same everywhere.
    """
    units = len(pairs[0][0])
    drawn = rng.integers(0, units, (RESAMPLES, units))
    whole = np.arange(units)[None]
    found, again = (
        np.stack([_spearman(*(side[rows].reshape(len(rows), -1) for side in pair)) for pair in pairs], axis=1)
        for rows in (whole, drawn)
    )
    return found[0], again


def rank_correlation(one: Floats, other: Floats, rng: np.random.Generator) -> Estimate:
    """Return Spearman's correlation of two values by unit with its 90 % interval (bootstrap of the units)."""
    found, again = correlations([(one, other)], rng)
    return estimate(float(found[0]), again[:, 0], LEVEL)


def explained_by_ranks(one: Floats, other: Floats, rng: np.random.Generator) -> tuple[Estimate, float]:
    """Return R² of one value's ranks on another's with its 90 % interval, and what chance alone exceeds once in twenty.

    R² is never below 0 and its bootstrap is biased upwards, so that it says little without the second number: the 95 %
    quantile over permutations of the units.
    """
    found, again = correlations([(one, other)], rng)
    shuffled = np.stack([rng.permutation(len(one)) for _ in range(RESAMPLES)])
    chance = _spearman(np.broadcast_to(one, shuffled.shape), other[shuffled]) ** 2
    return estimate(float(found[0] ** 2), again[:, 0] ** 2, LEVEL), float(np.quantile(chance, 0.95))


def _spearman(one: Floats, other: Floats) -> Floats:
    """Return the correlation of the ranks along the last axis."""
    ranks = [stats.rankdata(side, axis=-1) for side in (one, other)]
    apart = [side - side.mean(axis=-1, keepdims=True) for side in ranks]
    scale = np.sqrt((apart[0] ** 2).sum(axis=-1) * (apart[1] ** 2).sum(axis=-1))
    products = (apart[0] * apart[1]).sum(axis=-1)
    found: Floats = np.divide(products, scale, out=np.zeros_like(scale), where=scale > 0)
    return found
