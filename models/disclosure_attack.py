"""What a reader can work out: the least and the most that each figure of a table with sums can be.

The attacker knows every figure that is published, that all are counts, and which are sums of which. What follows for a
figure that is not published, or only as a range, are two linear programmes.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from geo.errors import DisclosureError

BEYOND = 10.0
"""How many times the largest figure one of which nothing is known may be."""


class Figures(NamedTuple):
    """Figures and how they hang together.

    ``low`` and ``high``, shape (n,), are the ranges that would be published; each row of ``sums``, shape (m, n), is
    zero for the true figures.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    sums: "sparse.csr_array[Any]"


def ranges(counts: NDArray[np.int64], k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the range of each count: from ``k`` in steps of ``2 k``, so that its ends lie more than ``k`` apart.

    Ranges do not depend on chance, so that asking again tells nothing new. A count below ``k`` has the range from 0.

    >>> low, high = ranges(np.array([3, 5, 14, 15]), 5)
    >>> low.tolist(), high.tolist()
    ([0.0, 5.0, 5.0, 15.0], [4.0, 14.0, 14.0, 24.0])
    """
    step = (counts - k) // (2 * k)
    low = np.where(counts < k, 0, k + 2 * k * step).astype(float)
    high = np.where(counts < k, k - 1, low + 2 * k - 1).astype(float)
    return low, high


def feasible(figures: Figures, hidden: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and the most that each figure can be, shape (n,).

    Parameters
    ----------
    figures
        The table.
    hidden
        Which figures are not published, shape (n,). They are at most `BEYOND` times the largest of all: where nothing
        bounds a figure, that is its most.
    """
    n = len(hidden)
    unknown = BEYOND * (figures.high.max(initial=0.0) + 1)
    bounds = np.column_stack([np.where(hidden, 0.0, figures.low), np.where(hidden, unknown, figures.high)])
    # The programmes of all figures side by side are one: they share nothing, and one call costs less than n.
    tables, none = sparse.kron(sparse.eye_array(n), figures.sums, format="csr"), np.zeros(n * figures.sums.shape[0])

    def extremes(sign: float) -> NDArray[np.float64]:
        found = linprog(
            sign * np.eye(n).ravel(), A_eq=tables, b_eq=none, bounds=np.tile(bounds, (n, 1)), method="highs"
        )
        if found.x is None:
            raise DisclosureError("What can be worked out of the figures was not found; nothing is published")
        own: NDArray[np.float64] = found.x.reshape(n, n).diagonal()
        return own

    return extremes(1.0), extremes(-1.0)
