"""The priors of the risk model, all of them, and hyperparameters as a vector without bounds.

Risk and noticing are told apart by priors where the data cannot: these numbers are part of the model, and `RiskModel`
reports how far the data moved them.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from models.laplace import Hyper, Normal
from models.likelihood import Floats, Layout, Rows


@dataclass(frozen=True)
class Priors:
    """The numbers; those of the defaults are behind every figure in the documents.

    Attributes
    ----------
    level_sd
        Standard deviation of the level of each stream, around that of its counts.
    covariate_sd
        Of the change of the log rate by one standard deviation of a covariate.
    trend_sd, season_sd
        Of the change of the log rate in a year, and of the swing of the season.
    sigma_sd
        Scale of the half-normal prior of σ, the standard deviation of the unit effects; φ is uniform.
    loading_sd
        Standard deviation of the log of a loading: streams show the same risk, more or less.
    noticed, noticed_sd
        Median of −log(1 − p), p the share of events noticed at mean effort, and standard deviation of its log.
    effort_sd
        Of the log of what an effort notices, at its mean, over what is noticed without any; its median is 1 / efforts.
    size_sd
        Of the log of the size of the negative binomial; its median is 1.
    """

    level_sd: float = 2.0
    covariate_sd: float = 0.5
    trend_sd: float = 0.2
    season_sd: float = 0.5
    sigma_sd: float = 1.0
    loading_sd: float = 0.3
    noticed: float = 0.3
    noticed_sd: float = 0.8
    effort_sd: float = 1.0
    size_sd: float = 1.5


DEFAULT = Priors()

BAND = (0.05, 0.95)
"""Quantiles of the prior of noticing at the ends of the sensitivity band."""
PINNED = 1e6
"""Precision of a coefficient that is fixed."""

SIGMAS, PHIS, LOADINGS, SIZES = (0.02, 5.0), (0.02, 0.98), (0.2, 5.0), (0.01, 1000.0)
"""Bounds of the hyperparameters."""


def coefficient_priors(rows: Rows, priors: Priors = DEFAULT) -> Normal:
    """Return the priors of the coefficients in the order of `models.likelihood`."""
    streams, x, f, efforts = rows.layout
    known = (rows.counts >= 0) & np.isfinite(rows.log_exposure)
    events = np.where(known, rows.counts, 0.0).sum(axis=(1, 2))
    at_risk = (known * np.exp(rows.log_exposure)).sum(axis=(1, 2)).clip(min=1e-300)
    noticed = -np.expm1(-priors.noticed) if efforts else 1.0
    level = np.log((events + 0.5) / at_risk / noticed)
    noticing_mean = (
        np.tile([np.log(priors.noticed), *[-np.log(efforts)] * efforts], streams) if efforts else np.empty(0)
    )
    noticing_sd = np.tile([priors.noticed_sd, *[priors.effort_sd] * efforts], streams) if efforts else np.empty(0)
    sd = [
        np.full(streams, priors.level_sd),
        np.full(x, priors.covariate_sd),
        np.array([priors.trend_sd, priors.season_sd, priors.season_sd])[:f],
        noticing_sd,
    ]
    return Normal.independent(np.concatenate([level, np.zeros(x + f), noticing_mean]), np.concatenate(sd))


def pinned_effort(prior: Normal, layout: Layout, which: NDArray[np.bool_]) -> list[Normal]:
    """Return the priors with what some efforts notice fixed at either end of its prior, `BAND`.

    Parameters
    ----------
    prior, layout
        Of the coefficients, and where they stand.
    which
        The efforts, in the order of `models.risk.RiskModel.noticing_`, shape (streams · efforts,).
    """
    chosen = np.zeros((layout.streams, 1 + layout.efforts), dtype=bool)
    chosen[:, 1:] = which.reshape(layout.streams, layout.efforts)
    at = np.arange(layout.noticing.start, layout.noticing.stop)[chosen.ravel()]
    pins = np.zeros_like(prior.precision)
    pins[at, at] = PINNED
    precision = prior.precision + pins
    ends = [prior.mean + linalg.solve(precision, pins @ (quantile * prior.sd)) for quantile in stats.norm.ppf(BAND)]
    return [Normal(mean, precision) for mean in ends]


@dataclass(frozen=True)
class HyperPriors:
    """Hyperparameters as a vector: log σ, logit φ, the logs of the loadings but the first, and of the size.

    Parameters
    ----------
    streams
        How many.
    dispersed
        Whether counts are negative binomial.
    priors
        The numbers.
    normal
        Takes the place of the densities of ``priors``.
    """

    streams: int
    dispersed: bool
    priors: Priors = DEFAULT
    normal: Normal | None = None

    def with_normal(self, normal: Normal) -> "HyperPriors":
        """Return these with other densities."""
        return replace(self, normal=normal)

    @property
    def moments(self) -> Normal:
        """The normal with the means and standard deviations of the densities of ``priors``."""
        # Of the logarithm of a half-normal and of the logit of a uniform.
        log_sigma = np.log(self.priors.sigma_sd) - 0.5 * (np.euler_gamma + np.log(2))
        sds = [np.pi / np.sqrt(8), np.pi / np.sqrt(3), *[self.priors.loading_sd] * (self.streams - 1)]
        sds += [self.priors.size_sd] * self.dispersed
        return Normal.independent(np.array([log_sigma, *[0.0] * (len(sds) - 1)]), np.array(sds))

    @property
    def start(self) -> Floats:
        """A plausible vector."""
        return np.array([np.log(0.6), 0.0, *[0.0] * (self.streams - 1), *[1.0] * self.dispersed])

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """The lowest and the highest vector."""
        logit = np.log(np.divide(PHIS, np.subtract(1, PHIS)))
        pairs = [np.log(SIGMAS), logit, *[np.log(LOADINGS)] * (self.streams - 1), *[np.log(SIZES)] * self.dispersed]
        low, high = np.array(pairs).T
        return low, high

    def hyper(self, theta: Floats) -> Hyper:
        """Return the hyperparameters of a vector."""
        loadings = np.concatenate([[1.0], np.exp(theta[2 : 1 + self.streams])])
        size = float(np.exp(theta[-1])) if self.dispersed else 0.0
        return Hyper(float(np.exp(theta[0])), float(1 / (1 + np.exp(-theta[1]))), loadings, size)

    def vector(self, hyper: Hyper) -> Floats:
        """Return the vector of hyperparameters."""
        size = [np.log(hyper.size)] if self.dispersed else []
        return np.array([np.log(hyper.sigma), np.log(hyper.phi / (1 - hyper.phi)), *np.log(hyper.loadings[1:]), *size])

    def log_density(self, theta: Floats) -> float:
        """Return the log prior density of a vector, but for constants."""
        if self.normal is not None:
            return self.normal.log_density(theta)
        hyper = self.hyper(theta)
        density = theta[0] - 0.5 * (hyper.sigma / self.priors.sigma_sd) ** 2 + np.log(hyper.phi) + np.log1p(-hyper.phi)
        density -= 0.5 * float(np.sum((theta[2 : 1 + self.streams] / self.priors.loading_sd) ** 2))
        if self.dispersed:
            density -= 0.5 * float((theta[-1] / self.priors.size_sd) ** 2)
        return float(density)


class Prior(NamedTuple):
    """The whole prior of a fit."""

    coefficients: Normal
    hyper: HyperPriors


def plain_prior(rows: Rows, priors: Priors, dispersed: bool) -> Prior:
    """Return the prior that the numbers of `Priors` make for rows; ``dispersed`` as in `HyperPriors`."""
    return Prior(coefficient_priors(rows, priors), HyperPriors(rows.layout.streams, dispersed, priors))
