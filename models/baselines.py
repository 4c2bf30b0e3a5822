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

    For unit i with count y_i, exposure E_i and prior mean rate m_i: the rate is Gamma(shape a_i, mean m_i), so that
    y_i is negative binomial with mean m_i E_i and size a_i. The prior's relative variance is the sum of two parts,
    1/a_i = 1/a + 1/N_i: how much the units differ, 1/a, estimated by maximum marginal likelihood, and how well m_i is
    known when it is itself a rate of N_i events (the relative variance of a Poisson rate). The posterior is
    Gamma(a_i + y_i, rate a_i / m_i + E_i) and its mean is a weighted mean of the unit's own rate y_i / E_i, with weight
    E_i / (E_i + a_i / m_i), and of m_i.

    References
    ----------
    Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks for use in disease
    mapping. Biometrics 43(3), 671–681.

    Attributes
    ----------
    shape_
        The shape a: 1/√a is the coefficient of variation of the true rates around their prior means.
    unit_shape_, prior_rate_, own_weight_, rate_
        Arrays (units,): the shapes a_i, prior mean, weight of the unit's own rate, posterior mean rate.
    """

    def fit(
        self,
        counts: ArrayLike,
        exposure: ArrayLike,
        prior_rate: ArrayLike | None = None,
        prior_events: ArrayLike | None = None,
    ) -> "GammaPoisson":
        """Estimate the prior's shape and the posterior of every unit.

        Parameters
        ----------
        counts
            Events, integers ≥ 0, shape (units,).
        exposure
            Person-years (or another measure), > 0.
        prior_rate
            Prior mean rate of each unit, > 0; by default the common rate Σ counts / Σ exposure.
        prior_events
            How many events each prior rate rests on, > 0; by default all events for the common rate, and infinitely
            many (the rate is known) for a given one.

        Raises
        ------
        ModelError
            If shapes differ, a value is out of range, or there is no event at all and no prior rate.
        """
        y, e = _vector(counts, "counts"), _vector(exposure, "exposure")
        if prior_rate is None:
            if y.sum() <= 0:
                raise ModelError("There is no event; without a prior rate no rate can be estimated")
            prior_rate, prior_events = np.full_like(e, y.sum() / e.sum()), np.full_like(e, y.sum())
        m = _vector(prior_rate, "prior_rate")
        doubt = np.zeros_like(m) if prior_events is None else 1 / _vector(prior_events, "prior_events")
        if not (y.shape == e.shape == m.shape == doubt.shape):
            raise ModelError(
                "counts, exposure and prior_rate differ in length: {shapes}", shapes=(y.size, e.size, m.size)
            )
        if (y < 0).any() or (e <= 0).any() or (m <= 0).any() or (doubt < 0).any():
            raise ModelError("counts must be ≥ 0, exposure and prior_rate > 0")
        self.shape_ = _most_likely_shape(y, m * e, doubt)
        self.unit_shape_ = 1 / (1 / self.shape_ + doubt)
        self.prior_rate_ = m
        self.own_weight_ = e / (e + self.unit_shape_ / m)
        self._posterior = stats.gamma(self.unit_shape_ + y, scale=1 / (self.unit_shape_ / m + e))
        self.rate_: NDArray[np.float64] = self._posterior.mean()
        return self

    def interval(self, level: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the lower and upper end of the central posterior interval of each unit's rate.

        It takes the shape a as known, and so is a little too narrow where there are few units.
        """
        lower, upper = self._posterior.interval(level)
        return lower, upper

    def sample(self, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return draws of each unit's rate from its posterior, shape (units, draws)."""
        sample: NDArray[np.float64] = self._posterior.rvs((draws, self.rate_.size), random_state=rng).T
        return sample


def _vector(values: ArrayLike, name: str) -> NDArray[np.float64]:
    vector = np.asarray(values, dtype=float)
    if vector.ndim != 1 or not vector.size or not np.isfinite(vector).all():
        raise ModelError("{name} must be a list of finite numbers, at least one", name=name)
    return vector


def _most_likely_shape(y: NDArray[np.float64], mean: NDArray[np.float64], doubt: NDArray[np.float64]) -> float:
    """Maximise the negative-binomial log likelihood over the log of the shape."""

    def loss(log_shape: float) -> float:
        a = 1 / (np.exp(-log_shape) + doubt)
        terms = special.gammaln(a + y) - special.gammaln(a) + a * np.log(a / (a + mean)) + y * np.log(mean / (a + mean))
        return -float(terms.sum())

    low, high = np.log(SHAPE_BOUNDS)
    best: Any = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(best.x))
