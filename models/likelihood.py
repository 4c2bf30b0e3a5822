"""The likelihood of counts that were noticed with a probability, its gradient and Fisher information. Arrays only.

For unit i, period t and stream k, with e_m the efforts (mean 1), x the covariates and f the functions of time:

    y_kit ~ Poisson(μ) or negative binomial of mean μ and size r,
    log μ = log E_it + log p_kit + α_k + x_i·β + f_t·ζ + δ_k u_i,
    p_kit = 1 − exp(−A),  A = c_k (w_k0 + Σ_m w_km e_mit),  (w_k0, w_k1, …) = softmax(0, a_k1, …).

The coefficients are one vector: α (streams), β (covariates), ζ (functions of time), then (log c_k, a_k1, …) of each
stream, left out where there is no effort; p is 1 then.
"""

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

BLOCKS = 32
"""Blocks of units whose sums are added up in order, so that the bits are the same for any number of threads."""

MANY = 50_000
"""Counts from which it pays to add up in threads."""

LOWEST_MEAN, HIGHEST_MEAN = math.exp(-40.0), math.exp(40.0)
"""Means are cut here, so that a step far astray stays a number."""


LEAST = 1e-12
"""Attention is never less: of nothing at all nothing could be recorded, and no count explained."""


class Rows(NamedTuple):
    """The data."""

    counts: Floats
    """Shape (streams, units, periods); below zero where nothing is known."""
    log_exposure: Floats
    """Shape (units, periods); −∞ where nobody is at risk."""
    effort: Floats
    """Shape (efforts, units, periods)."""
    covariates: Floats
    """Shape (units, covariates)."""
    time: Floats
    """Shape (periods, functions of time)."""

    @property
    def layout(self) -> "Layout":
        """Where coefficients stand."""
        return Layout(self.counts.shape[0], self.covariates.shape[1], self.time.shape[1], self.effort.shape[0])


class Layout(NamedTuple):
    """Where each coefficient stands in the vector of all."""

    streams: int
    covariates: int
    functions: int
    efforts: int

    @property
    def level(self) -> slice:
        """α."""
        return slice(0, self.streams)

    @property
    def slopes(self) -> slice:
        """β."""
        return slice(self.streams, self.streams + self.covariates)

    @property
    def time(self) -> slice:
        """ζ."""
        return slice(self.slopes.stop, self.slopes.stop + self.functions)

    @property
    def noticing(self) -> slice:
        """(log c_k, a_k1, …) of all streams, one after the other."""
        return slice(self.time.stop, self.time.stop + self.streams * (1 + self.efforts if self.efforts else 0))

    def shares(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """Return c, shape (streams, …), and w, shape (streams, 1 + efforts, …), of coefficients of shape (q, …).

        Both are empty where there is no effort.
        """
        if not self.efforts:
            return np.empty(0), np.empty((0, 0))
        part = coefficients[self.noticing].reshape(self.streams, 1 + self.efforts, *coefficients.shape[1:])
        log_weights = np.concatenate([np.zeros_like(part[:, :1]), part[:, 1:]], axis=1)
        weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
        return np.exp(part[:, 0]), weights / weights.sum(axis=1, keepdims=True)


class Information(NamedTuple):
    """The log likelihood (without constants of the data), its gradient and the Fisher information."""

    value: float
    gradient: Floats
    """By coefficients, shape (q,)."""
    unit_gradient: Floats
    """By u, shape (units,)."""
    fisher: Floats
    """Shape (q, q)."""
    unit_fisher: Floats
    """Shape (units,): no two units share a row."""
    cross: Floats
    """Shape (units, q)."""


def information(rows: Rows, coefficients: Floats, u: Floats, loadings: Floats, size: float) -> Information:
    """Return what `Information` says at a point; ``size`` 0 stands for Poisson, and ``loadings`` are the δ_k."""
    units, q = u.size, coefficients.size
    values, gradient, fisher = np.zeros(BLOCKS), np.zeros((BLOCKS, q)), np.zeros((BLOCKS, q, q))
    unit_gradient, unit_fisher, cross = np.zeros(units), np.zeros(units), np.zeros((units, q))
    _summing(rows)(
        *rows, coefficients, u, loadings, size, *rows.layout.shares(coefficients),
        values, gradient, fisher, unit_gradient, unit_fisher, cross,
    )  # fmt: skip
    full = fisher.sum(axis=0)
    full = np.triu(full) + np.triu(full, 1).T
    return Information(float(values.sum()), gradient.sum(axis=0), unit_gradient, full, unit_fisher, cross)


def log_likelihood(rows: Rows, coefficients: Floats, u: Floats, loadings: Floats, size: float) -> float:
    """Return the log likelihood alone."""
    values, nothing = np.zeros(BLOCKS), np.empty((0, 0))
    _summing(rows)(
        *rows, coefficients, u, loadings, size, *rows.layout.shares(coefficients),
        values, nothing, np.empty((0, 0, 0)), np.empty(0), np.empty(0), nothing,
    )  # fmt: skip
    return float(values.sum())


def _summing(rows: Rows) -> Any:
    return _sum_in_threads if rows.counts.size > MANY else _sum_here


def _sum(
    counts: Floats,
    log_exposure: Floats,
    effort: Floats,
    covariates: Floats,
    time: Floats,
    coefficients: Floats,
    u: Floats,
    loadings: Floats,
    size: float,
    noticing: Floats,
    weights: Floats,
    values: Floats,
    gradient: Floats,
    fisher: Floats,
    unit_gradient: Floats,
    unit_fisher: Floats,
    cross: Floats,
) -> None:
    """Add everything up; where ``gradient`` is empty only ``values``."""
    streams, units, periods = counts.shape
    efforts, x_size, f_size = effort.shape[0], covariates.shape[1], time.shape[1]
    d_size = 1 + efforts if efforts else 0
    first_f = streams + x_size
    first_d = first_f + f_size
    alone = gradient.size == 0
    of_time = time @ coefficients[first_f:first_d]
    # In a unit the covariates do not change: sums are over (1, functions of time, noticing), and get x afterwards.
    r_size = 1 + f_size + d_size
    for block in prange(values.size):
        row, moments, square = np.empty(r_size), np.empty(r_size), np.empty((r_size, r_size))
        place = np.empty(r_size, np.int64)
        for i in range(block * units // values.size, (block + 1) * units // values.size):
            fixed = 0.0
            for j in range(x_size):
                fixed += covariates[i, j] * coefficients[streams + j]
            for k in range(streams):
                score = 0.0
                weight = 0.0
                log_r = math.log(size) if size > 0.0 else 0.0
                noticed = 1.0
                residuals = np.zeros(r_size)
                moments[:] = 0.0
                square[:, :] = 0.0
                level = fixed + coefficients[k] + loadings[k] * u[i]
                for t in range(periods):
                    y = counts[k, i, t]
                    if y < 0.0 or log_exposure[i, t] == -np.inf:
                        continue
                    log_mu = level + log_exposure[i, t] + of_time[t]
                    if efforts:
                        attention = weights[k, 0]
                        for m in range(efforts):
                            attention += weights[k, 1 + m] * effort[m, i, t]
                        attention = max(attention, LEAST)
                        odds = 1.0 / math.expm1(noticing[k] * attention)
                        noticed = 1.0 / (1.0 + odds)
                        row[1 + f_size] = odds * noticing[k] * attention
                        for m in range(efforts):
                            row[2 + f_size + m] = odds * noticing[k] * weights[k, 1 + m] * (effort[m, i, t] - attention)
                    mu = min(max(math.exp(log_mu) * noticed, LOWEST_MEAN), HIGHEST_MEAN)
                    # Most counts are zero, and logarithms take long.
                    log_mu = math.log(mu) if y > 0.0 else 0.0
                    if size > 0.0:
                        values[block] += (
                            math.lgamma(y + size) - math.lgamma(size)
                            + y * (log_mu - log_r) - (y + size) * math.log1p(mu / size)
                        )  # fmt: skip
                        w = mu / (1.0 + mu / size)
                        residual = (y - mu) / (1.0 + mu / size)
                    else:
                        values[block] += y * log_mu - mu
                        w = mu
                        residual = y - mu
                    if alone:
                        continue
                    row[0] = 1.0
                    for j in range(f_size):
                        row[1 + j] = time[t, j]
                    score += residual
                    weight += w
                    for j in range(r_size):
                        residuals[j] += residual * row[j]
                        moments[j] += w * row[j]
                        for m in range(j, r_size):
                            square[j, m] += w * row[j] * row[m]
                if alone:
                    continue
                place[0] = k
                for j in range(f_size):
                    place[1 + j] = first_f + j
                for j in range(d_size):
                    place[1 + f_size + j] = first_d + k * d_size + j
                d = loadings[k]
                unit_gradient[i] += d * score
                unit_fisher[i] += d * d * weight
                for j in range(r_size):
                    a = place[j]
                    gradient[block, a] += residuals[j]
                    cross[i, a] += d * moments[j]
                    for m in range(j, r_size):
                        fisher[block, a, place[m]] += square[j, m]
                for j in range(x_size):
                    a = streams + j
                    x = covariates[i, j]
                    gradient[block, a] += x * score
                    cross[i, a] += d * x * weight
                    fisher[block, k, a] += x * weight
                    for m in range(1, r_size):
                        fisher[block, a, place[m]] += x * moments[m]
                    for m in range(j, x_size):
                        fisher[block, a, streams + m] += x * covariates[i, m] * weight


_sum_here = njit(cache=True, nogil=True, error_model="numpy")(_sum)
_sum_in_threads = njit(cache=True, nogil=True, parallel=True, error_model="numpy")(_sum)
