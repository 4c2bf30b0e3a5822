"""How far a ranking hangs on what nobody knows: whether some communes report more of what happens than others.

What is corrected for is recorded effort. That a police post writes down half of what it hears, or a village tells
nobody, no effort log holds. So reporting is varied commune by commune, and the places in the top tenth that do not
stay are said to be unsure.
"""

import numpy as np
import pandas as pd

from models.laplace import Mode, Normal, System
from models.likelihood import Floats
from models.ranks import summarise
from models.risk_rows import PanelRows
from models.risk_sample import Sample
from models.spatial import Graph

SPREAD = 0.5
"""Reporting of each commune is varied by as much of itself, up and down, uniformly."""
DRAWS = 100
UNSTABLE = 0.2
"""A place that flips in a greater share of the draws is not to be relied on."""
STEPS = 8
"""Of Newton's method with the curvature of the beginning, which is that of the end too where counts tell most."""


def reporting_draws(units: int, random_state: int) -> Floats:
    """Return by what reporting is multiplied, shape (units, `DRAWS`)."""
    rng = np.random.default_rng([random_state, units])
    draws: Floats = rng.uniform(1 - SPREAD, 1 + SPREAD, (units, DRAWS))
    return draws


def flips(expected: Floats, if_reported: Floats, index: pd.Index) -> pd.DataFrame:
    """Return how often each unit's place in or out of the top tenth is another if reporting was another.

    Parameters
    ----------
    expected
        What the ranking goes by, shape (units,).
    if_reported
        By what it is to be multiplied in each draw of reporting, shape (units, draws); see `rates_if_reported`.
    index
        The units.

    Returns
    -------
    pandas.DataFrame
        ``flips``: share of the draws in which the place is another; ``unstable``: whether that is more than `UNSTABLE`.
    """
    now = summarise(expected[:, None], index)["p_top10"]
    then = summarise(expected[:, None] * if_reported, index)["p_top10"]
    # The place now is certain but for ties: in with the chance p, it flips with that of the other.
    share = now * (1 - then) + (1 - now) * then
    return pd.DataFrame({"flips": share, "unstable": share > UNSTABLE})


def rates_if_reported(data: PanelRows, graph: Graph, prior: Normal, mode: Mode, reporting: Floats) -> Floats:
    """Return by what each unit's rate is multiplied if it reported so many times what the model takes it to report.

    The mode moves, with the hyperparameters and what was learned of time and noticing as they are: where own counts
    tell most, half the reporting means twice the rate; where they tell little, next to nothing changes. Overdispersed
    counts are taken as Poisson: those of a unit and month are far too small for the difference to show.

    Parameters
    ----------
    data, graph, prior, mode
        What was fitted.
    reporting
        Shape (units, draws).

    Returns
    -------
    numpy.ndarray
        Shape (units, draws).
    """
    hyper, loadings = mode.hyper, mode.hyper.loadings[:, None, None]
    levels, slopes = data.rows.layout.level, data.rows.layout.slopes
    moving = slice(0, slopes.stop)
    covariates, b0, u0 = data.rows.covariates, mode.b[moving, None], mode.u[:, None]
    prior = prior.given(moving, mode.b)
    counts, means = _by_unit(data, mode)
    at = mode.at._replace(fisher=mode.at.fisher[moving, moving], cross=mode.at.cross[:, moving])
    system, precision = System(graph, prior, hyper, at), graph.precision()
    spatial, tau = np.sqrt(hyper.phi) * hyper.sigma, system.tau
    s, u, b = (np.repeat(part, reporting.shape[1], axis=1) for part in (mode.s[:, None], u0, b0))

    def multiples() -> Floats:
        shared = covariates @ (b - b0)[slopes]
        each: Floats = np.exp((b - b0)[levels][:, None] + shared + loadings * (u - u0))
        return each

    for _ in range(STEPS):
        residuals = counts[:, :, None] - means[:, :, None] * reporting * multiples()
        rest = u - spatial * s
        by_unit = residuals.sum(axis=0)
        g_b = np.concatenate([residuals.sum(axis=1), covariates.T @ by_unit])
        g_b += prior.gradient(b)
        g_u = (loadings * residuals).sum(axis=0) - tau * rest
        ds, du, db = system.solve(spatial * tau * rest - precision @ s, g_u, g_b, at.cross)
        s, u, b = s + ds, u + du, b + db
    weights = np.exp(mode.b[levels])[:, None, None] * np.exp(loadings * u0)
    rates: Floats = (weights * multiples()).sum(axis=0) / weights.sum(axis=0)
    return rates


def _by_unit(data: PanelRows, mode: Mode) -> tuple[Floats, Floats]:
    """Return counts and their means at a mode, both where counts are known, shape (streams, units)."""
    hyper = mode.hyper
    at = Sample(
        data.rows.layout, mode.b[:, None], mode.u[:, None], mode.s[:, None], hyper.loadings[:, None],
        np.array([hyper.size]),
    )  # fmt: skip
    known = (data.rows.counts >= 0) & np.isfinite(data.rows.log_exposure)
    counts, means = np.where(known, data.rows.counts, 0.0), np.where(known, at.mean_counts(data, 0), 0.0)
    return counts.sum(axis=2), means.sum(axis=2)
