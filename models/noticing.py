"""What the data told of noticing, and how far results depend on what they did not tell."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.laplace import Mode, Normal, find_mode
from models.likelihood import Floats, Layout
from models.risk_priors import pinned_effort
from models.risk_rows import PanelRows
from models.spatial import Graph

MOVED = 0.1
"""Where the variance of a coefficient of noticing fell by less than this share, the data did not speak of it."""

COLUMNS = ("stream", "effort", "share", "lower", "upper", "moved")


def learned(
    coefficients: Floats, prior: Normal, layout: Layout, streams: Sequence[str], efforts: Sequence[str], level: float
) -> pd.DataFrame:
    """Return a row for each stream and effort: its share of the attention at mean effort, and whether the prior moved.

    Parameters
    ----------
    coefficients
        Posterior draws, shape (q, draws).
    prior
        Of the coefficients.
    layout
        Where they stand.
    streams, efforts
        Their names.
    level
        Of the interval from ``lower`` to ``upper``.
    """
    if not efforts:
        return pd.DataFrame(columns=list(COLUMNS))
    shares = layout.shares(coefficients)[1][:, 1:]
    lower, upper = np.quantile(shares, [0.5 - level / 2, 0.5 + level / 2], axis=-1)
    size = layout.streams, 1 + layout.efforts
    before = (prior.sd[layout.noticing] ** 2).reshape(size)
    after = coefficients[layout.noticing].var(axis=1).reshape(size)
    table = pd.MultiIndex.from_product([streams, efforts], names=COLUMNS[:2]).to_frame(index=False)
    return table.assign(
        share=shares.mean(axis=-1).ravel(),
        lower=lower.ravel(),
        upper=upper.ravel(),
        moved=(after < (1 - MOVED) * before)[:, 1:].ravel(),
    )


def sensitivity(data: PanelRows, graph: Graph, best: Mode, prior: Normal, moved: NDArray[np.bool_]) -> Floats:
    """Return factors on the expected events, shape (fits, units): 1, and at both ends of what is not known of effort.

    Parameters
    ----------
    data, graph, prior
        What was fitted.
    best
        The mode whose hyperparameters are kept.
    moved
        Which efforts of which stream the data spoke of, as in `learned`.
    """
    factors = [np.ones(len(data.units))]
    if not moved.all():
        middle = _relative_rates(data, best)
        for pinned in pinned_effort(prior, data.rows.layout, ~moved):
            end = find_mode(data.rows, graph, pinned, best.hyper, best)
            factors.append(_relative_rates(data, end) / middle)
    return np.stack(factors)


def _relative_rates(data: PanelRows, mode: Mode) -> Floats:
    """Return the rates at a mode against the mean rate of the people."""
    layout = data.rows.layout
    effect = np.exp(np.outer(mode.hyper.loadings, mode.u))
    rate = np.exp(data.rows.covariates @ mode.b[layout.slopes]) * (np.exp(mode.b[layout.level]) @ effect)
    people = data.usual_exposure.sum(axis=1)
    relative: Floats = rate * people.sum() / (rate @ people)
    return relative
