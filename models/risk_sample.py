"""Posterior draws of the risk model, and what they say of a panel."""

from dataclasses import dataclass, replace

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
        time = np.exp(data.rows.time @ self.coefficients[self.layout.time])
        at_risk = data.usual_exposure @ time / (data.years * len(data.periods))
        slopes = np.exp(data.rows.covariates @ self.coefficients[self.layout.slopes])
        noticed = np.ones_like(self.loadings)
        if self.layout.efforts:
            noticed = -np.expm1(-self.layout.shares(self.coefficients)[0])
        level = noticed * np.exp(self.coefficients[self.layout.level])
        streams = [one * np.exp(loading * self.u) for one, loading in zip(level, self.loadings, strict=True)]
        expected: Floats = at_risk * slopes * np.sum(streams, axis=0)
        return expected

    def noticed(self, effort: Floats) -> Floats:
        """Return the share of the first stream's events noticed at efforts (efforts, units, periods): units' means."""
        if not self.layout.efforts:
            return np.ones(self.u.shape[0])
        strength, weights = self.layout.shares(self.coefficients.mean(axis=1))
        attention = strength[0] * (weights[0, 0] + np.tensordot(weights[0, 1:], effort, axes=1))
        noticed: Floats = -np.expm1(-attention).mean(axis=1)
        return noticed

    def log_score(self, data: PanelRows, most: int = 200) -> Floats:
        """Return the log of the predictive probability of each period's counts, mean over units and streams known.

        Parameters
        ----------
        data
            Periods that the model was not fitted on, with their counts and efforts.
        most
            Draws that are averaged over.

        Returns
        -------
        numpy.ndarray
            Shape (periods,); NaN where no count is known.
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
        total, n = score.sum(axis=(0, 1)), known.sum(axis=(0, 1))
        scored: Floats = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
        return scored

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
    parts = [modes[k].draw(graph, prior, int(np.sum(node == k)), rng) for k in np.unique(node)]
    coefficients, u, s = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    hypers = [modes[k].hyper for k in node]
    pull = np.array([np.sqrt(hyper.phi) * hyper.sigma for hyper in hypers])
    loadings = np.stack([hyper.loadings for hyper in hypers], axis=1)
    sizes = np.array([hyper.size for hyper in hypers])
    sample = Sample(data.rows.layout, coefficients, u, s * pull, loadings, sizes)
    if sizes.any():
        return sample
    precisions = np.array([1 / (hyper.sigma**2 * (1 - hyper.phi)) for hyper in hypers])
    return _swept(sample, data, precisions, prior, rng)


def _swept(sample: Sample, data: PanelRows, precisions: Floats, prior: Normal, rng: np.random.Generator) -> Sample:
    """Return a sample with levels and unit effects drawn anew; ``precisions`` are the effects' own, shape (draws,)."""
    known = (data.rows.counts >= 0) & np.isfinite(data.rows.log_exposure)
    counts = np.where(known, data.rows.counts, 0.0).sum(axis=2)
    without, at = replace(sample, u=np.zeros_like(sample.u)), sample.layout.level
    loadings, spatial, effects = sample.loadings.T.copy(), sample.spatial.T.copy(), sample.u.T.copy()
    levels = sample.coefficients[at].T.copy()
    for begin in range(0, len(effects), AT_ONCE):
        some = slice(begin, begin + AT_ONCE)
        draws = range(*some.indices(len(effects)))
        at_zero = np.stack([np.where(known, without.mean_counts(data, draw), 0.0).sum(axis=2) for draw in draws])
        for _ in range(SWEEPS):
            sweep(
                counts, at_zero, loadings[some], spatial[some], precisions[some], prior.mean[at], prior.precision[at],
                rng.random((len(draws), sum(counts.shape))), levels[some], effects[some],
            )  # fmt: skip
    coefficients = sample.coefficients.copy()
    coefficients[at] = levels.T
    return replace(sample, coefficients=coefficients, u=effects.T.copy())


def _negative_binomial(counts: Floats, mean: Floats, size: float) -> Floats:
    coefficient = special.gammaln(counts + size) - special.gammaln(size) - special.gammaln(counts + 1.0)
    log_p: Floats = coefficient + special.xlogy(counts, mean / size) - (counts + size) * np.log1p(mean / size)
    return log_p
