"""A unit's weighted sum of neighbours against chance, and chance over many units held down."""

from collections.abc import Hashable
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, stats

from geo.errors import ModelError
from models._permutations import count_extremes

TIE = 1e-12
"""Sums that differ by less than this share of the largest possible one differ by rounding."""

FLAGS = ["none", "no neighbours", "no variation"]
CORRECTIONS = ("bh", "by")

Correction = Literal["bh", "by"]
Floats = NDArray[np.float64]


class Lags(NamedTuple):
    """Weighted sums of the other values around some units, one row each, and their moments under permutation."""

    own: NDArray[np.int64]
    """Position of the row's own value among all n."""
    others: sparse.csr_array
    """Weights of the others, the largest of each row 1, shape (rows, n)."""
    own_weight: Floats
    """The unit's own weight on that scale; 1 where none was given."""
    total: Floats
    """Sum of the row's weights of others."""
    squares: Floats
    """Sum of their squares."""
    deviations: Floats
    """All values less their mean, shape (n,)."""
    lag: Floats
    """Weighted sum of the others' deviations."""
    expected: Floats
    """Its mean over conditional permutations (Sokal, Oden & Thomson 1998)."""
    spread: Floats
    """Its standard deviation over them; exactly zero where no permutation changes it."""

    def flags(self) -> NDArray[np.int64]:
        """Return for each row its place in `FLAGS`."""
        return np.where(self.total == 0, 1, np.where(self.spread == 0, 2, 0))


class Tails(NamedTuple):
    """One-sided p-values."""

    high: Floats
    low: Floats


def read_values(values: ArrayLike | pd.Series) -> tuple[Floats, pd.Index]:
    """Return one finite number a unit, and the units' labels (0, 1, 2, … if they bring none)."""
    try:
        x = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ModelError("The values must be numbers, one for each unit") from None
    if x.ndim != 1 or x.size < 3:
        raise ModelError(
            "A test of neighbours needs one value for each of at least 3 units; got {shape}", shape=x.shape
        )
    missing = int((~np.isfinite(x)).sum())
    if missing:
        raise ModelError(
            "{n} of {total} values are missing or infinite: give 0 where nothing was recorded, or drop the units",
            n=missing,
            total=x.size,
        )
    if isinstance(values, pd.Series) and not values.index.is_unique:
        raise ModelError("A unit stands in the values more than once: add up its values first")
    return x, values.index if isinstance(values, pd.Series) else pd.RangeIndex(x.size)


def lags_of(x: Floats, weights: sparse.csr_array, own: NDArray[np.int64]) -> Lags:
    """Return the weighted sums around the units at ``own``.

    Parameters
    ----------
    x
        All values that permutation deals, shape (n,).
    weights
        Row i holds the weights around the value at ``own[i]``, with its own at that place, shape (rows, n).
    own
        Shape (rows,).
    """
    n, rows = x.size, own.size
    entries = weights.tocoo()
    is_own = entries.col == own[entries.row]
    own_weight = np.bincount(entries.row[is_own], entries.data[is_own], minlength=rows)
    places = entries.row[~is_own], entries.col[~is_own]
    largest = np.zeros(rows)
    np.maximum.at(largest, places[0], entries.data[~is_own])
    others = sparse.csr_array((entries.data[~is_own] / largest[places[0]], places), shape=(rows, n))
    scaled = np.divide(own_weight, largest, out=np.ones(rows), where=(own_weight > 0) & (largest > 0))
    total, squares = others.sum(axis=1), (others * others).sum(axis=1)

    deviations = x - x.mean() if np.ptp(x) else np.zeros(n)
    square = deviations**2
    variance = (square.sum() - square) / (n - 1) - square / (n - 1) ** 2
    # Only the value farthest from the mean can be so much of the sum of squares that taking it away leaves rounding.
    farthest = int(square.argmax())
    rest = np.delete(x, farthest)
    variance[farthest] = rest.var() if np.ptp(rest) else 0.0
    shape = np.maximum((n - 1) * squares - total**2, 0.0) / (n - 2)
    return Lags(
        own=own,
        others=others,
        own_weight=scaled,
        total=total,
        squares=squares,
        deviations=deviations,
        lag=others @ deviations,
        expected=-total * deviations[own] / (n - 1),
        spread=np.sqrt(variance[own] * shape),
    )


def tails(lags: Lags, x: Floats, permutations: int, random_state: int, n_jobs: int, stream: int = 0) -> Tails:
    """Return pseudo p-values of the lags: (1 + permutations at least as high, or low) / (1 + permutations).

    Parameters
    ----------
    stream
        Number of the first row's random stream; rows of one analysis never share one.
    """
    at_least, at_most = count_extremes(
        x,
        lags.own,
        lags.others.indptr.astype(np.int64),
        lags.others.data,
        lags.others @ x,
        TIE * lags.total * np.abs(x).max(),
        permutations,
        np.random.SeedSequence(random_state).generate_state(1, np.uint64)[0],
        stream,
        n_jobs,
    )
    return Tails((1 + at_least) / (1 + permutations), (1 + at_most) / (1 + permutations))


def normal_tails(z: Floats) -> Tails:
    """Return the p-values of standard scores."""
    return Tails(stats.norm.sf(z), stats.norm.cdf(z))


def verdicts(
    statistics: dict[Hashable, Floats], sides: Tails, flags: NDArray[np.int64], correction: Correction, index: pd.Index
) -> pd.DataFrame:
    """Return statistics, p-values and flags as a table; the false-discovery rate is controlled over unflagged rows.

    Returns
    -------
    pandas.DataFrame
        The statistics; ``p_high``, ``p_low``; ``p``, twice the smaller, at most 1; ``q``, ``p`` adjusted; ``flag``.
        Flagged rows have p = q = 1 on all sides.
    """
    tested = flags == 0
    high, low = (np.where(tested, side, 1.0) for side in sides)
    p = np.minimum(1.0, 2 * np.minimum(high, low))
    q = np.ones(p.size)
    if tested.any():
        q[tested] = stats.false_discovery_control(p[tested], method=correction)
    flag = pd.Categorical.from_codes(flags, FLAGS)
    return pd.DataFrame({**statistics, "p_high": high, "p_low": low, "p": p, "q": q, "flag": flag}, index=index)


def check_parameters(permutations: int, alpha: float, correction: str, n_jobs: int) -> None:
    """Raise a ModelError if one of the parameters that all tests share is out of range."""
    if permutations and permutations < 99:
        raise ModelError("Permutations must be at least 99, or 0 for none; got {n}", n=permutations)
    if not 0 < alpha < 1:
        raise ModelError("alpha must lie between 0 and 1; got {alpha}", alpha=alpha)
    if correction not in CORRECTIONS:
        raise ModelError("correction must be one of {known}; got {found}", known=CORRECTIONS, found=correction)
    if n_jobs < 1:
        raise ModelError("n_jobs must be at least 1; got {n}", n=n_jobs)
