"""Where high or low values lie together: Getis and Ord's Gi and Gi*, and local Moran's I, tested by permutation.

Every unit is asked whether its neighbours hold more, or less, than chance would give them. Chance is conditional
permutation (Anselin 1995): the unit keeps its value, and those of all others are dealt anew. The tests see recorded
values only: where little is noticed they find little, and a cold spot is no proof of safety.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.errors import ModelError
from models.neighbours import weights_of
from models.permutation_test import (
    TIE,
    Correction,
    Lags,
    Tails,
    check_parameters,
    lags_of,
    normal_tails,
    read_values,
    tails,
    verdicts,
)

PERMUTATIONS = 9_999
"""Enough that a lone spot among up to 250 units can pass the control of false discoveries at 0.05."""

SPOTS = ["none", "hot", "cold"]
QUADRANTS = ["none", "HH", "LL", "HL", "LH"]


def local_g(
    values: ArrayLike | pd.Series,
    neighbours: Any,
    *,
    star: bool = True,
    permutations: int = PERMUTATIONS,
    alpha: float = 0.05,
    correction: Correction = "bh",
    random_state: int = 0,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Return hot and cold spots by Getis and Ord's Gi* (or Gi).

    Gi* is the share of all values that a unit and its neighbours hold; Gi leaves the unit itself out of both sums.

    Parameters
    ----------
    values
        Counts or rates, not negative, shape (n,); a Series brings the units' labels.
    neighbours
        As in `models.neighbours.weights_of`. Only the proportions within a row matter: its largest weight counts as 1.
        In Gi* a unit's own weight is the diagonal, or 1 where that is empty; Gi ignores the diagonal.
    star
        Gi* if true, Gi if not.
    permutations
        How many, at least 99. With 0 the p-values are those of ``z`` under the normal distribution, which sums of few
        and rare events do not follow. A lone spot among n units passes the control of false discoveries only if
        2 n ≤ alpha (permutations + 1).
    alpha
        False-discovery rate at which units are called spots.
    correction
        ``"bh"`` (Benjamini & Hochberg 1995), which Castro & Singer (2006) recommend for local statistics although
        neighbourhoods overlap, or ``"by"`` (Benjamini & Yekutieli 2001), which holds whatever the dependence, and finds
        less.
    random_state
        Seed; the same seed gives the same bits for any number of threads.
    n_jobs
        Threads.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit. ``g``; ``z``, its standard score in closed form, for Gi* over permutations of all values, for
        Gi over those of the others; ``p_high`` and ``p_low``, one-sided pseudo p-values for more and for less than
        chance, (1 + permutations at least so extreme) / (1 + permutations); ``p``, two-sided: twice the smaller, at
        most 1; ``q``, ``p`` adjusted for false discoveries; ``flag``: none, "no neighbours", or "no variation" where no
        permutation changes the sum; ``spot``: hot or cold where q ≤ alpha, else none. Flagged units have z = 0 and
        p = q = 1, and are not counted as tests.

    Raises
    ------
    ModelError
        If values are missing, negative or fewer than three, the neighbours are not those of the units, or a parameter
        is out of range.

    Notes
    -----
    Conditional permutation fixes the unit's own value, so Gi and Gi* have the same pseudo p-values: they judge the
    neighbours. ``z`` of Gi* judges the unit together with them.

    References
    ----------
    Getis, A. & Ord, J. K. (1992). The analysis of spatial association by use of distance statistics. Geographical
    Analysis 24, 189–206. Ord, J. K. & Getis, A. (1995). Local spatial autocorrelation statistics. Geographical
    Analysis 27, 286–306 (weights that are not binary).
    """
    check_parameters(permutations, alpha, correction, n_jobs)
    x, units = read_values(values)
    check_not_negative(x)
    lags = lags_of(x, weights_of(neighbours, units), np.arange(x.size))
    z = g_scores(lags, star)
    sides = tails(lags, x, permutations, random_state, n_jobs) if permutations else normal_tails(z)
    held = lags.others @ x + (lags.own_weight * x if star else 0.0)
    of_all = np.full(x.size, x.sum()) if star else x.sum() - x
    g = np.divide(held, of_all, out=np.zeros(x.size), where=of_all > 0)
    return with_spots(verdicts({"g": g, "z": z}, sides, lags.flags(), correction, units), alpha)


def local_moran(
    values: ArrayLike | pd.Series,
    neighbours: Any,
    *,
    permutations: int = PERMUTATIONS,
    alpha: float = 0.05,
    correction: Correction = "bh",
    random_state: int = 0,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Return clusters and outliers by local Moran's I.

    I_i = (n − 1) / Σ d² · d_i · (weighted mean of the neighbours' d), d the values less their mean: positive where a
    unit is like its neighbours, negative where it is unlike them.

    Parameters
    ----------
    values
        Any numbers, shape (n,); a Series brings the units' labels.
    neighbours
        As in `models.neighbours.weights_of`; rows are scaled to sum 1, the diagonal is ignored.
    permutations, alpha, correction, random_state, n_jobs
        As in `local_g`.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit. ``i``; ``z``, its standard score over conditional permutations in closed form (Sokal, Oden &
        Thomson 1998); ``p_high`` (alike), ``p_low`` (unlike), ``p``, ``q`` and ``flag`` as in `local_g`, where a unit
        that lies at the mean has "no variation" too; ``quadrant``: the unit, then its neighbours, above the mean (H) or
        not (L), none without neighbours; ``cluster``: the quadrant where q ≤ alpha, else none. HH and LL are clusters,
        HL and LH outliers.

    Raises
    ------
    ModelError
        If values are missing or fewer than three, the neighbours are not those of the units, or a parameter is out of
        range.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association – LISA. Geographical Analysis 27, 93–115. Sokal, R. R.,
    Oden, N. L. & Thomson, B. A. (1998). Local spatial autocorrelation in a biological model. Geographical Analysis 30,
    331–354.
    """
    check_parameters(permutations, alpha, correction, n_jobs)
    x, units = read_values(values)
    lags = lags_of(x, weights_of(neighbours, units), np.arange(x.size))
    own = lags.deviations
    at_mean = np.abs(own) <= TIE * np.abs(own).max()
    side = np.where(at_mean, 0.0, np.sign(own))
    mean_lag = _over(lags.lag, lags.total)
    moran = (x.size - 1) * own * mean_lag / (own @ own or 1.0)
    z = side * _over(lags.lag - lags.expected, lags.spread)
    if permutations:
        of_lag = tails(lags, x, permutations, random_state, n_jobs)
        sides = Tails(np.where(side > 0, *of_lag), np.where(side > 0, of_lag.low, of_lag.high))
    else:
        sides = normal_tails(z)
    flags = np.where((lags.flags() == 0) & at_mean, 2, lags.flags())
    table = verdicts({"i": moran, "z": z}, sides, flags, correction, units)
    above, around = own > 0, lags.lag > 0
    quadrant = np.select([above & around, ~above & ~around, above & ~around], [1, 2, 3], default=4)
    quadrant[lags.total == 0] = 0
    table["quadrant"] = pd.Categorical.from_codes(quadrant, QUADRANTS)
    table["cluster"] = pd.Categorical.from_codes(np.where(table["q"] <= alpha, quadrant, 0), QUADRANTS)
    return table


def g_scores(lags: Lags, star: bool) -> NDArray[np.float64]:
    """Return the standard scores of Gi* or Gi (Ord & Getis 1995); 0 in flagged rows."""
    if not star:
        return _over(lags.lag - lags.expected, lags.spread)
    n, own = lags.deviations.size, lags.own_weight
    total, squares = lags.total + own, lags.squares + own**2
    variance = (lags.deviations @ lags.deviations) / n * np.maximum(n * squares - total**2, 0.0) / (n - 1)
    scores = _over(lags.lag + own * lags.deviations[lags.own], np.sqrt(variance))
    return np.where(lags.flags() == 0, scores, 0.0)


def with_spots(table: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Add the column ``spot`` to a table of `models.permutation_test.verdicts`."""
    codes = np.where(table["q"] > alpha, 0, np.where(table["p_high"] < table["p_low"], 1, 2))
    return table.assign(spot=pd.Categorical.from_codes(codes, SPOTS))


def check_not_negative(x: NDArray[np.float64]) -> None:
    """Raise a ModelError if a value is below zero."""
    if (x < 0).any():
        raise ModelError(
            "Gi and Gi* compare shares of a sum, but {n} values are negative: give counts or rates, or use local_moran",
            n=int((x < 0).sum()),
        )


def _over(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, with 0 where the divisor is 0."""
    return np.divide(top, bottom, out=np.zeros(top.size), where=bottom > 0)
