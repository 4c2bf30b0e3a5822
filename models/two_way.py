"""The ratio of counts with a treatment to those without, in a Poisson model of communes and periods."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

from models.score_test import Flags, Floats

WIDEST = 12.0
"""Log ratios are looked for between −12 and 12; beyond stands 0 or infinity."""
STEPS = 10_000


class Ratio(NamedTuple):
    """An estimate with its interval."""

    ratio: float
    """NaN where the counts say nothing of it."""
    lower: float
    upper: float
    dispersion: float
    """Pearson's χ² over its degrees of freedom; above 1 counts vary more than Poisson ones, and the interval widens."""
    without: Floats
    """Events expected without the treatment, shape (communes, periods)."""


def fit_ratio(counts: Floats, treated: Flags, level: float = 0.9) -> Ratio:
    """Fit μ_it = a_i b_t exp(θ D_it) by maximum likelihood; the interval is that of the profile likelihood.

    For each θ the margins are fitted in turn (iterative proportional fitting, Deming & Stephan 1940), so that a
    treatment under which no event fell at all gives a ratio of 0 with an upper bound, not a breakdown.

    Parameters
    ----------
    counts
        Shape (communes, periods), with events in treated or untreated cells.
    treated
        Same shape.
    level
        Of the interval.

    References
    ----------
    Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the expected
    marginal totals are known. Annals of Mathematical Statistics 11(4), 427–444.
    """
    some = np.ix_(counts.sum(axis=1) > 0, counts.sum(axis=0) > 0)
    kept, design = counts[some], treated[some].astype(float)

    def loss(theta: float) -> float:
        mean = _margins_fitted(kept, np.exp(theta * design))
        return float((mean - np.where(kept > 0, kept * np.log(np.maximum(mean, 1e-300)), 0.0)).sum())

    theta = float(minimize_scalar(loss, bounds=(-WIDEST, WIDEST), method="bounded", options={"xatol": 1e-8}).x)
    at_best = _margins_fitted(kept, np.exp(theta * design))
    freedom = max((kept.shape[0] - 1) * (kept.shape[1] - 1) - 1, 1)
    big = at_best > 1e-9
    dispersion = float(((kept - at_best)[big] ** 2 / at_best[big]).sum() / freedom)
    allowed = float(chi2.ppf(level, 1)) / 2 * max(dispersion, 1.0)

    def excess(value: float) -> float:
        return loss(value) - loss(theta) - allowed

    ends = [brentq(excess, *sorted((theta, end))) if excess(end) > 0 else end for end in (-WIDEST, WIDEST)]
    without = np.zeros(counts.shape)
    without[some] = at_best / np.exp(theta * design)
    best = _ratio(theta) if max(excess(-WIDEST), excess(WIDEST)) > 1e-6 - allowed else np.nan
    return Ratio(best, _ratio(ends[0]), _ratio(ends[1]), dispersion, without)


def _ratio(theta: float) -> float:
    if abs(theta) > WIDEST - 0.5:
        return 0.0 if theta < 0 else np.inf
    return float(np.exp(theta))


def _margins_fitted(counts: Floats, pattern: Floats) -> Floats:
    """Return a_i b_t · pattern with the margins of the counts."""
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    factor = np.ones(len(columns))
    for _ in range(STEPS):
        level = rows / (pattern @ factor)
        new = columns / (level @ pattern)
        if np.allclose(new, factor, rtol=1e-12, atol=0.0):
            break
        factor = new
    mean: Floats = level[:, None] * pattern * new
    return mean
