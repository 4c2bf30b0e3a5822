"""Empirical-Bayes gamma–Poisson rates: the simple estimate that shrinks few counts towards what is expected."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats
from sklearn.base import BaseEstimator

from geo.errors import ModelError

SHAPE_BOUNDS = (1e-2, 1e4)
"""Bounds of the gamma prior's shape: from hardly any shrinkage to complete shrinkage."""


class GammaPoisson(BaseEstimator):  # type: ignore[misc]
    """Rates of Poisson counts under a gamma prior whose shape is estimated from all units together.

    For unit i with count y_i, exposure E_i and prior mean rate m_i: the rate is Gamma(shape a, mean m_i), so that
    y_i is negative binomial with mean m_i E_i and size a; a maximises the marginal likelihood. The posterior is
    Gamma(a + y_i, rate a / m_i + E_i) and its mean is a weighted mean of the unit's own rate y_i / E_i, with weight
    E_i / (E_i + a / m_i), and of m_i.

    References
    ----------
    Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks for use in disease
    mapping. Biometrics 43(3), 671–681.

    Attributes
    ----------
    shape_
        The prior's shape a.
    prior_rate_, own_weight_, rate_
        Arrays (units,): prior mean, weight of the unit's own rate, posterior mean rate.
    """

    def fit(self, counts: ArrayLike, exposure: ArrayLike, prior_rate: ArrayLike | None = None) -> "GammaPoisson":
        """Estimate the prior's shape and the posterior of every unit.

        Parameters
        ----------
        counts
            Events, integers ≥ 0, shape (units,).
        exposure
            Person-years (or another measure), > 0.
        prior_rate
            Prior mean rate of each unit, > 0; by default the common rate Σ counts / Σ exposure.

        Raises
        ------
        ModelError
            If shapes differ, a value is out of range, or there is no event at all and no prior rate.
        """
        y, e = _vector(counts, "counts"), _vector(exposure, "exposure")
        if prior_rate is None:
            if y.sum() <= 0:
                raise ModelError("There is no event; without a prior rate no rate can be estimated")
            prior_rate = np.full_like(e, y.sum() / e.sum())
        m = _vector(prior_rate, "prior_rate")
        if not (y.shape == e.shape == m.shape):
            raise ModelError(
                "counts, exposure and prior_rate differ in length: {shapes}", shapes=(y.size, e.size, m.size)
            )
        if (y < 0).any() or (e <= 0).any() or (m <= 0).any():
            raise ModelError("counts must be ≥ 0, exposure and prior_rate > 0")
        self.shape_ = _most_likely_shape(y, m * e)
        self.prior_rate_ = m
        self.own_weight_ = e / (e + self.shape_ / m)
        self._posterior = stats.gamma(self.shape_ + y, scale=1 / (self.shape_ / m + e))
        self.rate_: NDArray[np.float64] = self._posterior.mean()
        return self

    def interval(self, level: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the lower and upper end of the central posterior interval of each unit's rate.

        It takes the prior's shape as known, and so is a little too narrow where there are few units.
        """
        lower, upper = self._posterior.interval(level)
        return lower, upper


def _vector(values: ArrayLike, name: str) -> NDArray[np.float64]:
    vector = np.asarray(values, dtype=float)
    if vector.ndim != 1 or not vector.size or not np.isfinite(vector).all():
        raise ModelError("{name} must be a list of finite numbers, at least one", name=name)
    return vector


def _most_likely_shape(y: NDArray[np.float64], mean: NDArray[np.float64]) -> float:
    """Maximise the negative-binomial log likelihood over the log of the shape."""

    def loss(log_shape: float) -> float:
        a = np.exp(log_shape)
        terms = special.gammaln(a + y) - special.gammaln(a) + a * np.log(a / (a + mean)) + y * np.log(mean / (a + mean))
        return -float(terms.sum())

    low, high = np.log(SHAPE_BOUNDS)
    best: Any = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(best.x))
