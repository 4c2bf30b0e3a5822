"""What provinces tell each other: a national prior of parameters that differ from province to province.

The parameters of province p are θ_p ~ N(μ, diag τ²), and what its counts say of them is taken as normal: the factor
exp(h_p·θ_p − θ_p·Λ_p θ_p / 2), a *site*, the posterior over the prior. Where counts tell nothing Λ_p is zero, so sites
need no province to know everything. Each province then gets as its prior what the others tell of it, the cavity of
expectation propagation (Vehtari et al. 2020): N(μ_−p, C_−p + diag τ²), with the mean μ_−p of the others and its
uncertainty C_−p; no count is used twice. τ maximises the marginal likelihood of the sites, with a gamma(2) density
that keeps it off zero (Chung et al. 2013).

References
----------
Vehtari, A., Gelman, A., Sivula, T. et al. (2020). Expectation propagation as a way of life: a framework for Bayesian
inference on partitioned data. Journal of Machine Learning Research 21(17), 1–53.
Higgins, J. P. T., Thompson, S. G. & Spiegelhalter, D. J. (2009). A re-evaluation of random-effects meta-analysis.
JRSS A 172(1), 137–159.
Chung, Y., Rabe-Hesketh, S., Dorie, V., Gelman, A. & Liu, J. (2013). A nondegenerate penalized likelihood estimator for
variance parameters in multilevel models. Psychometrika 78(4), 685–709.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import linalg, optimize

from models.laplace import FARTHEST, Normal, Posterior, System
from models.likelihood import Floats
from models.risk_priors import HyperPriors
from models.spatial import Graph

TYPICAL = 0.5
"""Mode of the density of τ, in standard deviations of the plain prior."""
LEAST, MOST = 0.005, 4.0
"""Bounds of τ, in the same."""
DIFFERENCE = 1e-5
"""Step of the differences by which the maximum over log τ is found."""


class Site(NamedTuple):
    """What counts say of parameters: exp(shift·θ − θ·precision θ / 2), but for constants."""

    shift: Floats
    """h, shape (q,)."""
    precision: Floats
    """Λ, shape (q, q)."""


@dataclass(frozen=True)
class National:
    """What sites say together.

    Attributes
    ----------
    mean
        Of μ, with its uncertainty.
    between
        τ, the standard deviation between provinces, shape (q,).
    cavities
        The prior of each province: what the others tell of it.
    """

    mean: Normal
    between: Floats
    cavities: list[Normal]


def coefficient_site(posterior: Posterior, graph: Graph, prior: Normal) -> Site:
    """Return the site of the coefficients: the moments of their posterior over the prior of the fit."""
    covariances = []
    for mode in posterior.modes:
        root = System(graph, prior, mode.hyper, mode.at).root
        covariances.append(linalg.cho_solve((root, True), np.eye(len(root))))
    means, weights = np.array([mode.b for mode in posterior.modes]), posterior.weights
    mean = weights @ means
    covariance = np.tensordot(weights, covariances, axes=1) + (weights[:, None] * (means - mean)).T @ (means - mean)
    curvature = linalg.inv(covariance) - prior.precision
    return _site(mean, -prior.gradient(mean), curvature, FARTHEST * linalg.cholesky(covariance, lower=True).T)


def hyper_site(posterior: Posterior, priors: HyperPriors) -> Site:
    """Return the site of the hyperparameters: the quadratic through the log evidence at the nodes of their grid."""
    nodes = np.array([priors.vector(mode.hyper) for mode in posterior.modes])
    evidence = np.array([mode.log_evidence for mode in posterior.modes])
    middle, roots = posterior.weights @ nodes, np.sqrt(posterior.weights)
    away, (one, other) = nodes - middle, np.triu_indices(nodes.shape[1])
    columns = np.column_stack([np.ones(len(nodes)), away, away[:, one] * away[:, other]])
    found = linalg.lstsq(columns * roots[:, None], evidence * roots)[0]
    slope, square = found[1 : 1 + middle.size], np.zeros((middle.size, middle.size))
    square[one, other] = found[1 + middle.size :]
    return _site(middle, slope, -(square + square.T), away)


def combine(sites: Sequence[Site], plain: Normal) -> National:
    """Combine what provinces say.

    Parameters
    ----------
    sites
        Of each.
    plain
        Prior of μ: what is believed of a place of which nothing is known.
    """
    sd, middle = plain.sd, plain.mean
    # Around the plain prior, so that large terms do not cancel.
    sites = [Site(site.shift - site.precision @ middle, site.precision) for site in sites]
    plain = Normal(np.zeros_like(middle), plain.precision)

    def loss(log_tau: Floats) -> float:
        tau = sd * np.exp(log_tau)
        of_tau = log_tau - np.exp(log_tau) / TYPICAL
        return -(_log_evidence(sites, plain, tau**2) + float(of_tau.sum()))

    start = np.full(sd.size, np.log(TYPICAL))
    bounds = [(np.log(LEAST), np.log(MOST))] * sd.size
    found = optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"eps": DIFFERENCE})
    between = sd * np.exp(found.x)
    told = [_of_the_mean(site, between**2) for site in sites]
    shifts, precisions = np.array([one.shift for one in told]), np.array([one.precision for one in told])
    total = Site(shifts.sum(axis=0), plain.precision + precisions.sum(axis=0))
    cavities = []
    for own in told:
        others = _normal(Site(total.shift - own.shift, total.precision - own.precision))
        covariance = linalg.inv(others.precision) + np.diag(between**2)
        cavities.append(Normal(middle + others.mean, linalg.inv(covariance)))
    mean = _normal(total)
    return National(Normal(middle + mean.mean, mean.precision), between, cavities)


def _of_the_mean(site: Site, variance: Floats) -> Site:
    """Return what a site says of μ, if the province differs from it by ``variance``."""
    turn = linalg.inv(np.eye(variance.size) + site.precision * variance)
    precision = turn @ site.precision
    return Site(turn @ site.shift, 0.5 * (precision + precision.T))


def _log_evidence(sites: Sequence[Site], plain: Normal, variance: Floats) -> float:
    """Return the log of the integral of the sites over all θ_p and μ, whose prior mean is 0, but for constants."""
    value, shift, precision = 0.0, np.zeros_like(variance), plain.precision
    for site in sites:
        spread = np.eye(variance.size) + site.precision * variance
        turned = linalg.solve(spread, site.shift)
        value += 0.5 * float(site.shift @ (variance * turned)) - 0.5 * float(np.linalg.slogdet(spread)[1])
        shift = shift + turned
        precision = precision + linalg.solve(spread, site.precision)
    value += 0.5 * float(shift @ linalg.solve(precision, shift))
    return value - 0.5 * float(np.linalg.slogdet(precision)[1])


def _normal(site: Site) -> Normal:
    return Normal(linalg.solve(site.precision, site.shift, assume_a="pos"), site.precision)


def _site(middle: Floats, slope: Floats, curvature: Floats, away: Floats) -> Site:
    """Return the site whose logarithm has a slope and a curvature in the middle.

    Where its maximum would lie farther than was looked, ``away`` (places, q), or nowhere, it is taken to lie there: a
    slope that goes on for ever would carry the country with it.
    """
    roots, axes = linalg.eigh(0.5 * (curvature + curvature.T))
    reach, slopes = np.sqrt(((away @ axes) ** 2).max(axis=0)), axes.T @ slope
    roots = np.maximum(roots, np.divide(np.abs(slopes), reach, out=np.zeros_like(reach), where=reach > 0))
    precision = (axes * roots) @ axes.T
    return Site(slope + precision @ middle, precision)
