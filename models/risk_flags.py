"""What a reader must know of a fit before its numbers: short names, put into words by `models.risk_words`."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.likelihood import Floats
from models.risk_rows import Names, PanelRows, Scales

OUTLYING = 1e4
"""A value so many times the usual one is more likely a slip than the truth."""


def flags_of(data: PanelRows, names: Names, scales: Scales, noticing: pd.DataFrame, lonely: bool) -> tuple[str, ...]:
    """Return the flags of a fit.

    Parameters
    ----------
    data, names, scales
        What was fitted.
    noticing
        What was learned of noticing (`models.noticing.learned`).
    lonely
        Whether no neighbours were given.

    Returns
    -------
    tuple of str
        ``"dropped: COLUMN"`` (the same everywhere), ``"outlier: COLUMN"`` (some unit has `OUTLYING` times the usual),
        ``"no effort"`` (nothing is corrected for noticing), ``"effort not identified"`` (the data did not move some
        prior), ``"covariates missing"``, ``"collinear covariates"``, ``"rows missing"`` (of some unit and period, or
        its people), ``"events of nobody"`` (recorded where nobody is at risk: they count nowhere), ``"no event"``,
        ``"no neighbours"``.
    """
    rows = data.rows
    flags = [f"dropped: {name}" for name in scales.dropped]
    flags += [f"outlier: {name}" for name in _outliers(data, names, scales)]
    if not scales.effort:
        flags.append("no effort")
    elif not noticing["moved"].all():
        flags.append("effort not identified")
    if len(data.missing):
        flags.append("covariates missing")
    if np.linalg.matrix_rank(rows.covariates) < rows.covariates.shape[1]:
        flags.append("collinear covariates")
    nobody = np.isneginf(rows.log_exposure)
    if (nobody & (data.usual_exposure > 0)).any():
        flags.append("rows missing")
    if (rows.counts[:, nobody] > 0).any():
        flags.append("events of nobody")
    if not (rows.counts > 0).any():
        flags.append("no event")
    if lonely:
        flags.append("no neighbours")
    return tuple(flags)


def _outliers(data: PanelRows, names: Names, scales: Scales) -> Iterator[str]:
    rows = data.rows
    totals = np.maximum(rows.counts, 0.0).sum(axis=2)
    means = [*totals, data.usual_exposure.mean(axis=1), *rows.effort.mean(axis=2)]
    for name, values in zip((*names.counts, names.exposure, *scales.effort), means, strict=True):
        if _outlying(values):
            yield name
    for name, values in zip(scales.covariates, rows.covariates.T, strict=True):
        if _outlying(np.abs(values - np.median(values))):
            yield name


def _outlying(values: Floats) -> bool:
    usual = values[values > 0]
    return bool(usual.size and usual.max() > OUTLYING * np.median(usual))
