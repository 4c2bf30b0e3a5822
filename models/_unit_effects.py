"""Levels and unit effects drawn anew, each from its exact distribution given everything else. Arrays only.

Given the spatial effect and the coefficients, units are independent, and the log density of one unit's u is

    Σ_k (Y_k δ_k u − M_k exp(δ_k u)) − τ (u − m)² / 2,

Y_k its counts, M_k what would be expected of them at u = 0, m and 1/τ the mean and variance that its neighbours and the
hyperparameters give it. It is concave; its integral is tabulated on both sides of the mode and inverted. The level of a
stream has the same form, with one "unit" that holds all counts.
"""

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIDE = 48
"""Intervals of the table on each side of the mode."""

DEPTH = 20.0
"""The table reaches to where the log density has fallen by this or more."""

STEPS = 60
"""Newton's steps to the mode at most."""


@njit(cache=True, nogil=True, error_model="numpy")
def _fall(expected: Floats, pull: float, loadings: Floats, tau: float, x: float) -> float:
    """Return by how much the log density is below that at its mode, x away from it; what is linear in x is ``pull``."""
    value = (0.5 * tau * x + pull) * x
    for k in range(loadings.size):
        value += expected[k] * math.expm1(loadings[k] * x)
    return max(value, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def redraw(
    counts: Floats, at_zero: Floats, loadings: Floats, mean: Floats, tau: float, uniform: Floats, u: Floats
) -> None:
    """Write a draw of each unit's effect into ``u``.

    Parameters
    ----------
    counts
        Y, shape (streams, units).
    at_zero
        M, the same.
    loadings
        δ, shape (streams,).
    mean, tau
        m, shape (units,), and τ.
    uniform
        Numbers in (0, 1) that make the draws, shape (units,).
    u
        Where to begin, and the result, shape (units,).
    """
    points, heights = np.empty(2 * SIDE + 1), np.empty(2 * SIDE + 1)
    expected, powers, growth = np.empty(loadings.size), np.empty(loadings.size), np.empty(loadings.size)
    for i in range(u.size):
        mode = u[i]
        curve = tau
        for _ in range(STEPS):
            slope = tau * (mean[i] - mode)
            curve = tau
            for k in range(loadings.size):
                expected[k] = at_zero[k, i] * math.exp(loadings[k] * mode)
                slope += loadings[k] * (counts[k, i] - expected[k])
                curve += loadings[k] ** 2 * expected[k]
            # Far to the right of the mode Newton's step is short, far to the left it may be wild.
            step = min(max(slope / curve, -2.0), 2.0)
            mode += step
            if abs(step) < 1e-9:
                break
        pull = tau * (mode - mean[i])
        for k in range(loadings.size):
            expected[k] = at_zero[k, i] * math.exp(loadings[k] * mode)
            pull -= counts[k, i] * loadings[k]
        for side in (-1, 1):
            reach = 1.0 / math.sqrt(curve)
            while _fall(expected, pull, loadings, tau, side * reach) < DEPTH:
                reach *= 1.5
            # As `_fall`, but for powers that grow by the same factor from point to point.
            step = side * reach / SIDE
            for k in range(loadings.size):
                powers[k], growth[k] = 1.0, math.exp(loadings[k] * step)
            for j in range(SIDE + 1):
                x = step * j
                value = (0.5 * tau * x + pull) * x
                for k in range(loadings.size):
                    value += expected[k] * (powers[k] - 1.0)
                    powers[k] *= growth[k]
                points[SIDE + side * j] = mode + x
                heights[SIDE + side * j] = math.exp(-max(value, 0.0))
        total = 0.0
        for j in range(2 * SIDE):
            total += 0.5 * (heights[j] + heights[j + 1]) * (points[j + 1] - points[j])
        target, sum_ = uniform[i] * total, 0.0
        for j in range(2 * SIDE):
            width = points[j + 1] - points[j]
            part = 0.5 * (heights[j] + heights[j + 1]) * width
            if sum_ + part >= target or j == 2 * SIDE - 1:
                # The density is taken as straight between the points.
                rise = (heights[j + 1] - heights[j]) / width
                rest = max(target - sum_, 0.0)
                root = math.sqrt(max(heights[j] ** 2 + 2.0 * rise * rest, 0.0))
                u[i] = points[j] + (2.0 * rest / (heights[j] + root) if heights[j] + root > 0.0 else width)
                break
            sum_ += part


@njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def sweep(
    counts: Floats,
    at_zero: Floats,
    loadings: Floats,
    mean: Floats,
    tau: Floats,
    level_mean: Floats,
    level_precision: Floats,
    uniform: Floats,
    levels: Floats,
    u: Floats,
) -> None:
    """Draw the levels, then the unit effects, of many posterior draws: one sweep of a Gibbs sampler.

    Parameters
    ----------
    counts
        Shape (streams, units).
    at_zero
        What would be expected of them at u = 0 and the present levels, shape (draws, streams, units); kept up to date.
    loadings, mean, tau
        Of each draw, shapes (draws, streams), (draws, units) and (draws,).
    level_mean, level_precision
        The levels' prior: means of each draw, shape (draws, streams), and the matrix, shape (streams, streams).
    uniform
        Numbers in (0, 1), shape (draws, streams + units).
    levels, u
        Where to begin, and the result, shapes (draws, streams) and (draws, units).
    """
    streams = counts.shape[0]
    for draw in prange(u.shape[0]):
        seen, expected, change, around = np.empty((1, 1)), np.empty((1, 1)), np.empty(1), np.empty(1)
        for k in range(streams):
            seen[0, 0] = expected[0, 0] = change[0] = 0.0
            for i in range(u.shape[1]):
                seen[0, 0] += counts[k, i]
                expected[0, 0] += at_zero[draw, k, i] * math.exp(loadings[draw, k] * u[draw, i])
            around[0] = level_mean[draw, k] - levels[draw, k]
            for other in range(streams):
                if other != k:
                    weight = level_precision[k, other] / level_precision[k, k]
                    around[0] -= weight * (levels[draw, other] - level_mean[draw, other])
            redraw(seen, expected, np.ones(1), around, level_precision[k, k], uniform[draw, k : k + 1], change)
            levels[draw, k] += change[0]
            for i in range(u.shape[1]):
                at_zero[draw, k, i] *= math.exp(change[0])
        redraw(counts, at_zero[draw], loadings[draw], mean[draw], tau[draw], uniform[draw, streams:], u[draw])
