"""Posterior draws of the risk model, and what they say of a panel."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy import special

from models._unit_effects import sweep
from models.laplace import Normal, Posterior
from models.likelihood import Floats, Layout
from models.risk_rows import PanelRows
from models.spatial import Graph

SWEEPS = 5
"""Of the Gibbs sampler, from draws that are nearly right already."""
AT_ONCE = 100
"""Draws that are swept together."""


class Draws(Protocol):
    """What a risk model asks of its draws; see `Sample`, and `models.draws_by_province.ByProvince`."""

    @property
    def u(self) -> Floats:
        """The unit effects."""

    @property
    def spatial(self) -> Floats:
        """The part of them that is the neighbours'."""

    @property
    def slopes(self) -> Floats:
        """Mean slopes of the covariates: one of each, or by unit."""

    def expected(self, data: PanelRows) -> Floats:
        """Return events a year at mean effort."""

    def noticed(self, effort: Floats) -> Floats:
        """Return the share of the first stream's events noticed at efforts."""

    def log_score(self, data: PanelRows) -> tuple[Floats, Floats]:
        """Return the log of the predictive probability of each period's counts, and how many are known."""

    def recorded(self, data: PanelRows, draw: int, rng: np.random.Generator) -> Floats:
        """Return the means of the counts in one draw."""


@dataclass(frozen=True)
class Sample:
    """Draws, the last axis of every array.

    Attributes
    ----------
    layout
        Where coefficients stand.
    coefficients
        Shape (q, draws), as in `models.likelihood`.
    u, spatial
        The unit effects, and the part of them that is the neighbours', shape (units, draws).
    loadings
        Shape (streams, draws).
    size
        Of the negative binomial, shape (draws,); 0 for Poisson.
    """

    layout: Layout
    coefficients: Floats
    u: Floats
    spatial: Floats
    loadings: Floats
    size: Floats

    def expected(self, data: PanelRows) -> Floats:
        """Return events a year at mean effort, all streams, shape (units, draws)."""
        noticed = np.ones_like(self.loadings)
        if self.layout.efforts:
            noticed = -np.expm1(-self.layout.shares(self.coefficients)[0])
        level = noticed * np.exp(self.coefficients[self.layout.level])
        # Step by step, in place: arrays of units and draws are what takes memory.
        expected = np.zeros_like(self.u)
        for one, loading in zip(level, self.loadings, strict=True):
            expected += one * np.exp(loading * self.u)
        expected *= np.exp(data.rows.covariates @ self.coefficients[self.layout.slopes])
        time = np.exp(data.rows.time @ self.coefficients[self.layout.time])
        expected *= data.usual_exposure @ time / (data.years * len(data.periods))
        return expected

    def noticed(self, effort: Floats) -> Floats:
        """Return the share of the first stream's events noticed at efforts (efforts, units, periods): units' means."""
        if not self.layout.efforts:
            return np.ones(self.u.shape[0])
        strength, weights = self.layout.shares(self.coefficients.mean(axis=1))
        attention = strength[0] * (weights[0, 0] + np.tensordot(weights[0, 1:], effort, axes=1))
        noticed: Floats = -np.expm1(-attention).mean(axis=1)
        return noticed

    def log_score(self, data: PanelRows, most: int = 200) -> tuple[Floats, Floats]:
        """Return the log of the predictive probability of each period's counts, and how many counts are known.

        Parameters
        ----------
        data
            Periods that the model was not fitted on, with their counts and efforts.
        most
            Draws that are averaged over.

        Returns
        -------
        tuple of numpy.ndarray
            Sums over units and streams, shape (periods,).
        """
        known = (data.rows.counts >= 0) & np.isfinite(data.rows.log_exposure)
        counts = np.where(known, data.rows.counts, 0.0)
        logs = []
        for draw in np.linspace(0, self.u.shape[1] - 1, min(most, self.u.shape[1])).astype(int):
            mean = self.mean_counts(data, draw)
            if self.size[draw] > 0:
                log_p = _negative_binomial(counts, mean, self.size[draw])
            else:
                log_p = special.xlogy(counts, mean) - mean - special.gammaln(counts + 1.0)
            logs.append(np.where(known, log_p, 0.0))
        score = special.logsumexp(logs, axis=0) - np.log(len(logs))
        return score.sum(axis=(0, 1)), known.sum(axis=(0, 1)).astype(float)

    @property
    def slopes(self) -> Floats:
        """Mean slopes of the covariates, shape (covariates,)."""
        slopes: Floats = self.coefficients[self.layout.slopes].mean(axis=1)
        return slopes

    def recorded(self, data: PanelRows, draw: int, rng: np.random.Generator) -> Floats:
        """Return `mean_counts` with the gamma variates of counts that are negative binomial: given it, Poisson."""
        means, size = self.mean_counts(data, draw), self.size[draw]
        return means * rng.gamma(size, 1 / size, means.shape) if size > 0 else means

    def mean_counts(self, data: PanelRows, draw: int) -> Floats:
        """Return the means of the counts in one draw, shape (streams, units, periods)."""
        b, layout = self.coefficients[:, draw], self.layout
        log_mean = data.rows.log_exposure + data.rows.time @ b[layout.time]
        log_mean = log_mean + (data.rows.covariates @ b[layout.slopes])[:, None]
        unit = self.loadings[:, draw, None] * self.u[:, draw]
        log_means = log_mean + b[layout.level][:, None, None] + unit[:, :, None]
        if layout.efforts:
            strength, weights = layout.shares(b)
            attention = weights[:, :1, None] + np.tensordot(weights[:, 1:], data.rows.effort, axes=1)
            log_means = log_means + np.log(-np.expm1(-strength[:, None, None] * attention))
        means: Floats = np.exp(log_means)
        return means


def draw_sample(
    posterior: Posterior, graph: Graph, prior: Normal, data: PanelRows, draws: int, rng: np.random.Generator
) -> Sample:
    """Return draws from a posterior; each node of its grid gets its share of them, up to one.

    Where counts are Poisson, the levels and each unit's effect are drawn anew, exactly, given the rest of their draw,
    in `SWEEPS` sweeps of a Gibbs sampler: the normal approximation would leave a tail far above what a count of
    nothing allows, and totals of few events too high.
    """
    modes = posterior.modes
    node = np.searchsorted(np.cumsum(posterior.weights), (np.arange(draws) + rng.random()) / draws)
    node = node.clip(max=len(modes) - 1)
    coefficients, u, spatial = np.empty((prior.mean.size, draws)), *np.empty((2, graph.n, draws))
    for k in np.unique(node):
        hyper, some = modes[k].hyper, node == k
        coefficients[:, some], u[:, some], s = modes[k].draw(graph, prior, int(some.sum()), rng)
        spatial[:, some] = np.sqrt(hyper.phi) * hyper.sigma * s
    hypers = [modes[k].hyper for k in node]
    loadings = np.stack([hyper.loadings for hyper in hypers], axis=1)
    sizes = np.array([hyper.size for hyper in hypers])
    sample = Sample(data.rows.layout, coefficients, u, spatial, loadings, sizes)
    if sizes.any():
        return sample
    precisions = np.array([1 / (hyper.sigma**2 * (1 - hyper.phi)) for hyper in hypers])
    _sweep(sample, data, precisions, prior, rng)
    return sample


def _sweep(sample: Sample, data: PanelRows, precisions: Floats, prior: Normal, rng: np.random.Generator) -> None:
    """Draw levels and unit effects of a sample anew, in place; ``precisions`` are the effects' own, shape (draws,)."""
    known = (data.rows.counts >= 0) & np.isfinite(data.rows.log_exposure)
    counts = np.where(known, data.rows.counts, 0.0).sum(axis=2)
    without, at = replace(sample, u=np.broadcast_to(0.0, sample.u.shape)), sample.layout.level
    others = prior.given(at, sample.coefficients)
    draws_in_all = sample.u.shape[1]
    for begin in range(0, draws_in_all, AT_ONCE):
        draws = range(begin, min(begin + AT_ONCE, draws_in_all))
        some = slice(draws.start, draws.stop)
        loadings, spatial, effects, levels, middles = (
            array[:, some].T.copy()
            for array in (sample.loadings, sample.spatial, sample.u, sample.coefficients[at], others.mean)
        )
        at_zero = np.stack([np.where(known, without.mean_counts(data, draw), 0.0).sum(axis=2) for draw in draws])
        for _ in range(SWEEPS):
            sweep(
                counts, at_zero, loadings, spatial, precisions[some], middles, others.precision,
                rng.random((len(draws), sum(counts.shape))), levels, effects,
            )  # fmt: skip
        sample.coefficients[at, some], sample.u[:, some] = levels.T, effects.T


def _negative_binomial(counts: Floats, mean: Floats, size: float) -> Floats:
    coefficient = special.gammaln(counts + size) - special.gammaln(size) - special.gammaln(counts + 1.0)
    log_p: Floats = coefficient + special.xlogy(counts, mean / size) - (counts + size) * np.log1p(mean / size)
    return log_p
