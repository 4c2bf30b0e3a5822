"""Hot and cold spots that come, stay and go: Gi* over a cube of units and periods, its trend, and the pattern of both.

The categories are those of the tool Emerging Hot Spot Analysis of ArcGIS Pro 3, from its documentation's page "How
Emerging Hot Spot Analysis works".
"""

from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, stats

from geo.errors import ModelError
from models.hotspots import PERMUTATIONS, check_not_negative, g_scores, with_spots
from models.neighbours import weights_of
from models.permutation_test import (
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

LEAST_PERIODS = 10
"""Below it "nine tenths of the periods" are all of them, and the trend's normal approximation is poor."""

TIED_DIGITS = 9
"""Scores equal to so many decimals differ by rounding, and are ties in the trend."""

KINDS = [
    "new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating", "historical",
]  # fmt: skip
PATTERNS = ["no pattern", *(f"{kind} {spot} spot" for spot in ("hot", "cold") for kind in KINDS)]

Window = Literal["cube", "steps"]


class Trend(NamedTuple):
    """Mann and Kendall's test of some series."""

    s: NDArray[np.int64]
    """Pairs of periods whose later value is higher, less those whose later value is lower."""
    z: NDArray[np.float64]
    """Standard score, with the correction for continuity."""
    p: NDArray[np.float64]
    """Two-sided p-value by the normal distribution."""


def space_time_g(
    cube: ArrayLike | pd.DataFrame,
    neighbours: Any,
    *,
    steps_back: int = 1,
    window: Window = "cube",
    permutations: int = PERMUTATIONS,
    alpha: float = 0.05,
    correction: Correction = "bh",
    random_state: int = 0,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Return Gi* of every unit in every period, with neighbours in space and time.

    Neighbours of a unit in a period are itself and its neighbours in that period and in the ``steps_back`` before it.

    Parameters
    ----------
    cube
        Counts or rates, not negative, shape (units, periods), periods from first to last. A DataFrame brings the labels
        of both. A period in which nothing was recorded is a column of zeros, never a missing column.
    neighbours
        As in `models.hotspots.local_g`.
    steps_back
        How many earlier periods, ≥ 0 (the tool's "neighborhood time step", 1 by default as there).
    window
        What neighbourhoods are compared with: ``"cube"``, all units and periods, as the tool does by default, so that a
        general rise makes late periods hot; or ``"steps"``, the same periods only, so that it does not.
    permutations
        As in `models.hotspots.local_g`: a lone spot among all N tests of the cube can pass only if 2 N ≤ alpha
        (permutations + 1), a group of m such spots with an m-th of that. 0 takes the p-values from z by the normal
        distribution, as the tool does; few and rare events do not follow it, and then chance alone is called hot.
    alpha, correction, random_state, n_jobs
        As in `models.hotspots.local_g`; false discoveries are controlled over all units and periods together.

    Returns
    -------
    pandas.DataFrame
        Indexed by (unit, period): ``z``, ``p_high``, ``p_low``, ``p``, ``q``, ``flag``, ``spot`` as in
        `models.hotspots.local_g`.

    Raises
    ------
    ModelError
        If values are missing or negative, periods are out of order or missing, the neighbours are not those of the
        units, or a parameter is out of range.
    """
    check_parameters(permutations, alpha, correction, n_jobs)
    frame = _read_cube(cube)
    units, periods = frame.shape
    if not 0 <= steps_back < periods:
        raise ModelError("steps_back must be from 0 to {most}; got {n}", most=periods - 1, n=steps_back)
    if window not in ("cube", "steps"):
        raise ModelError("window must be cube or steps; got {found}", found=window)
    around = _with_own(weights_of(neighbours, frame.index))
    by_period = frame.to_numpy(dtype=np.float64).T  # one period after the other

    def test(first: int, begin: int, end: int) -> tuple[NDArray[np.float64], Tails, NDArray[np.int64]]:
        """Test the periods from ``begin`` to before ``end`` against those from ``first`` on."""
        x = by_period[first:end].ravel()
        back = np.subtract.outer(np.arange(begin, end), np.arange(first, end))
        weights = sparse.csr_array(sparse.kron((back >= 0) & (back <= steps_back), around, format="csr"))
        lags = lags_of(x, weights, np.arange((begin - first) * units, x.size))
        z = g_scores(lags, star=True)
        sides = tails(lags, x, permutations, random_state, n_jobs, begin * units) if permutations else normal_tails(z)
        return z, sides, lags.flags()

    if window == "cube":
        parts = [test(0, 0, periods)]
    else:
        parts = [test(max(0, t - steps_back), t, t + 1) for t in range(periods)]
    # From period by period to unit by unit.
    order = np.arange(units * periods).reshape(periods, units).T.ravel()
    z, high, low, flags = (
        np.concatenate(column)[order]
        for column in zip(*((z, sides.high, sides.low, flags) for z, sides, flags in parts), strict=True)
    )
    index = pd.MultiIndex.from_product([frame.index, frame.columns], names=["unit", "period"])
    return with_spots(verdicts({"z": z}, Tails(high, low), flags, correction, index), alpha)


def emerging_hotspots(bins: pd.DataFrame, *, alpha: float = 0.05) -> pd.DataFrame:
    """Return how hot and cold spots come, stay and go, unit by unit.

    Parameters
    ----------
    bins
        What `space_time_g` returns, of at least ten periods.
    alpha
        Level of the trend's test. (That of the spots was given to `space_time_g`.)

    Returns
    -------
    pandas.DataFrame
        Indexed by unit. ``pattern``, one of `PATTERNS` (see `classify`); ``trend_z`` and ``trend_p``, Mann and
        Kendall's test of z; ``hot_periods`` and ``cold_periods``, how many; ``z``, ``q`` and ``flag`` of the last
        period.

    Raises
    ------
    ModelError
        If there are fewer than ten periods, or ``alpha`` is out of range.
    """
    units, periods = (bins.index.unique(level) for level in ("unit", "period"))
    if len(periods) < LEAST_PERIODS:
        raise ModelError(
            "Emerging hot spots need at least {least} periods; got {n}: take a longer time or shorter periods",
            least=LEAST_PERIODS,
            n=len(periods),
        )
    if not 0 < alpha < 1:
        raise ModelError("alpha must lie between 0 and 1; got {alpha}", alpha=alpha)
    spots = bins["spot"].map({"none": 0, "hot": 1, "cold": -1}).to_numpy(dtype=int).reshape(len(units), -1)
    trend = mann_kendall(bins["z"].to_numpy().reshape(spots.shape))
    last = bins.xs(periods[-1], level="period")
    return pd.DataFrame(
        {
            "pattern": pd.Categorical(classify(spots, trend, alpha), PATTERNS),
            "trend_z": trend.z,
            "trend_p": trend.p,
            "hot_periods": (spots > 0).sum(axis=1),
            "cold_periods": (spots < 0).sum(axis=1),
            "z": last["z"].to_numpy(),
            "q": last["q"].to_numpy(),
            "flag": last["flag"].array,
        },
        index=units,
    )


def classify(spots: NDArray[np.int64], trend: Trend, alpha: float = 0.05) -> NDArray[np.str_]:
    """Return the pattern of each series of spots.

    For hot spots (cold ones are their mirror image), the first that fits:

    - new: hot in the last period and never before;
    - consecutive: hot in an unbroken run of at least two periods up to the last, never before, and in less than 90 % of
      all periods;
    - intensifying, diminishing, persistent: hot in the last period and in at least 90 % of all, with a significant
      trend upwards, downwards, or none;
    - oscillating: hot in the last period and in less than 90 % of all, and cold in an earlier one;
    - sporadic: the same, on and off, and never cold;
    - historical: not hot in the last period, but in at least 90 % of all.

    Where the documentation's words fit two (hot in 90 % but not in the last period: persistent or historical; hot for
    the first time, after a cold one: new or oscillating), this order decides; where a hot and a cold pattern fit, the
    hot one is named. In its older versions a sporadic hot spot need not have been hot in the last period.

    Parameters
    ----------
    spots
        1 where hot, −1 where cold, 0 otherwise, shape (units, periods).
    trend
        Of the scores of the same units.
    alpha
        Level at which a trend is significant.
    """
    patterns = np.full(len(spots), PATTERNS[0], dtype=object)
    for spot, side in (("cold", -spots), ("hot", spots)):
        hot, cold = side > 0, (side < 0).any(axis=1)
        count, last = hot.sum(axis=1), hot[:, -1]
        mostly = 10 * count >= 9 * side.shape[1]
        run = np.logical_and.accumulate(hot[:, ::-1], axis=1).sum(axis=1)
        towards = np.where(trend.p <= alpha, np.sign(trend.z) * (1 if spot == "hot" else -1), 0)
        rules = {
            "new": last & (count == 1),
            "consecutive": last & (run == count) & ~mostly,
            "intensifying": last & mostly & (towards > 0),
            "diminishing": last & mostly & (towards < 0),
            "persistent": last & mostly,
            "oscillating": last & cold,
            "sporadic": last,
            "historical": mostly,
        }
        for kind, fits in reversed(rules.items()):
            patterns[fits] = f"{kind} {spot} spot"
    return patterns


def mann_kendall(series: ArrayLike) -> Trend:
    """Return the test of a monotonic trend, for ties as for others.

    S = Σ_{s<t} sign(x_t − x_s), Var S = (T (T − 1) (2T + 5) − Σ_g g (g − 1) (2g + 5)) / 18 over groups of g ties, and
    z = (S − sign S) / √Var S. The test takes the periods for independent; neighbourhoods that reach back in time, as in
    `space_time_g`, are not quite.

    Parameters
    ----------
    series
        Shape (units, periods).

    References
    ----------
    Mann, H. B. (1945). Nonparametric tests against trend. Econometrica 13, 245–259. Kendall, M. G. (1975). Rank
    Correlation Methods, 4th ed. Griffin.
    """
    x = np.round(np.asarray(series, dtype=np.float64), TIED_DIGITS)
    units, periods = x.shape
    s = np.zeros(units, dtype=np.int64)
    ties = np.ones(x.shape, dtype=np.int64)  # of each value, itself counted
    for gap in range(1, periods):
        early, late = x[:, :-gap], x[:, gap:]
        s += np.sign(late - early).astype(np.int64).sum(axis=1)
        ties[:, gap:] += early == late
        ties[:, :-gap] += early == late
    # g members of a group add (g − 1) (2g + 5) each.
    variance = (periods * (periods - 1) * (2 * periods + 5) - ((ties - 1) * (2 * ties + 5)).sum(axis=1)) / 18
    z = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros(units), where=variance > 0)
    return Trend(s, z, 2 * stats.norm.sf(np.abs(z)))


def _read_cube(cube: ArrayLike | pd.DataFrame) -> pd.DataFrame:
    frame = cube if isinstance(cube, pd.DataFrame) else pd.DataFrame(np.asarray(cube))
    for period in frame:
        check_not_negative(read_values(frame[period])[0])
    if not frame.columns.is_monotonic_increasing or not frame.columns.is_unique:
        raise ModelError("The periods of a cube must stand in order of time, each once")
    if isinstance(frame.columns, pd.PeriodIndex):
        missing = len(pd.period_range(frame.columns[0], frame.columns[-1])) - frame.shape[1]
        if missing:
            raise ModelError(
                "{n} periods between the first and the last are missing: add them, with 0 where nothing was recorded",
                n=missing,
            )
    return frame


def _with_own(weights: sparse.csr_array) -> sparse.csr_array:
    """Return the weights, rows scaled, with each unit as its own neighbour."""
    lags: Lags = lags_of(np.zeros(weights.shape[0]), weights, np.arange(weights.shape[0]))
    return sparse.csr_array(lags.others + sparse.diags_array(lags.own_weight))
