"""When in the year events happen, as far as their dates tell."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

MONTHS = range(1, 13)
LOG_CONCENTRATION = (-2.0, 12.0)
"""Where the log of the prior's concentration is searched; at the upper end all months are alike."""


def season_shares(counts: pd.Series) -> pd.Series:
    """Return the share of a year's events in each month: even shares, left only as far as the counts leave them.

    The posterior mean under a symmetric Dirichlet prior whose concentration makes the counts most probable (an
    empirical Bayes estimate of the Dirichlet-multinomial, Minka 2000). Counts that differ as chance makes them differ
    give nearly even shares.

    Parameters
    ----------
    counts
        Events whose month is known, index the months 1 to 12; months that are missing have none.

    Returns
    -------
    pandas.Series
        Index the months 1 to 12, sum 1.

    References
    ----------
    Minka, T. (2000). Estimating a Dirichlet distribution. Technical report, MIT.

    Examples
    --------
    >>> bool(season_shares(pd.Series({1: 3, 7: 0})).iloc[0] > 1 / 12)
    True
    >>> season_shares(pd.Series(dtype=float)).round(4).unique().tolist()
    [0.0833]
    """
    events = counts.reindex(MONTHS).fillna(0).to_numpy(dtype=float)
    found = minimize_scalar(_surprise, bounds=LOG_CONCENTRATION, args=(events,), method="bounded")
    concentration = np.exp(found.x) if events.sum() else np.exp(LOG_CONCENTRATION[1])
    shares = (events + concentration) / (events.sum() + 12 * concentration)
    return pd.Series(shares, index=pd.Index(MONTHS, name="month"), name="share")


def _surprise(log_concentration: float, events: NDArray[np.float64]) -> float:
    """Return minus the log probability of the counts, up to a constant."""
    each = np.exp(log_concentration)
    total = gammaln(12 * each) - gammaln(events.sum() + 12 * each)
    return -float(total + (gammaln(events + each) - gammaln(each)).sum())
