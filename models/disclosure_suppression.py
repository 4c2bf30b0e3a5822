"""Which figures of a table must not be shown so that those below the threshold cannot be worked out from the rest."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.errors import ReleaseError
from models.disclosure_attack import Figures, feasible

PATIENCE_S = 60.0
"""How long one programme may take."""

ROUNDING = 1e-6


def suppressed(
    figures: Figures, primary: NDArray[np.bool_], protected: NDArray[np.bool_], width: float
) -> NDArray[np.bool_]:
    """Return which figures are not published, shape (n,): the primary ones, and as little besides as is enough.

    Enough is that the least and the most that the attacker of `models.disclosure_attack` finds for a protected
    figure lie ``width`` or more apart. It is asked of those figures that would be found out, then again of all.

    Parameters
    ----------
    figures
        The table.
    primary
        Figures that must not be shown, shape (n,).
    protected
        Figures that must stay uncertain, shape (n,); a range may be shown of them if it is wide enough.
    width
        How uncertain they must stay.

    Raises
    ------
    ReleaseError
        If no solution is found.

    References
    ----------
    Fischetti, M. & Salazar, J. J. (2001). Solving the cell suppression problem on tabular data with linear constraints.
    Management Science 47(7), 1008–1027; their sliding protection levels, written out as one programme.
    """
    hidden, held = primary, np.zeros(len(primary), dtype=bool)
    while True:
        least, most = feasible(figures, hidden)
        narrow = protected & (most - least < width - ROUNDING)
        if not narrow.any():
            return hidden
        if (narrow & held).any():
            raise _unprotected()
        held = held | narrow
        hidden = _pattern(figures, primary, np.flatnonzero(held), width)


def _pattern(figures: Figures, primary: NDArray[np.bool_], held: NDArray[np.int64], width: float) -> NDArray[np.bool_]:
    """Return the cheapest pattern in which each held figure has two tables ``width`` apart that fit what is shown.

    The unknowns are whether each figure is hidden, x, then the two tables of each held figure. A table's figures lie in
    their published ranges unless x lets them go, ``low − width x ≤ y ≤ high + width x``: two tables that are ``width``
    apart in one figure need not lie further from the true one in any other.
    """
    n = len(primary)
    tables = 2 * len(held)
    identity = sparse.eye_array(n)
    each = sparse.eye_array(tables)
    slack = sparse.kron(np.ones((tables, 1)), width * identity)
    copies = sparse.kron(each, identity)
    apart = sparse.lil_array((len(held), tables * n))
    for row, place in enumerate(held):
        apart[row, 2 * row * n + place], apart[row, (2 * row + 1) * n + place] = 1.0, -1.0
    none = np.zeros(tables * figures.sums.shape[0])
    constraints = [
        LinearConstraint(_beside(None, sparse.kron(each, figures.sums), n), none, none),
        LinearConstraint(_beside(slack, copies, n), np.tile(figures.low, tables), np.inf),
        LinearConstraint(_beside(-slack, copies, n), -np.inf, np.tile(figures.high, tables)),
        LinearConstraint(_beside(None, apart, n), width, np.inf),
    ]
    found = milp(
        np.concatenate([figures.high, np.zeros(tables * n)]),
        integrality=np.concatenate([np.ones(n), np.zeros(tables * n)]),
        bounds=Bounds(
            np.concatenate([primary.astype(float), np.zeros(tables * n)]),
            np.concatenate([np.ones(n), np.full(tables * n, np.inf)]),
        ),
        constraints=constraints,
        options={"time_limit": PATIENCE_S, "mip_rel_gap": 0.01},
    )
    if found.x is None:
        raise _unprotected()
    pattern: NDArray[np.bool_] = found.x[:n] > 0.5
    return pattern


def _beside(left: object, right: object, n: int) -> object:
    """Return a matrix over all unknowns: what concerns x (nothing if None), then what concerns the tables."""
    zeros = sparse.csr_array((right.shape[0], n)) if left is None else left  # type: ignore[attr-defined]
    return sparse.hstack([zeros, right], format="csr")


def _unprotected() -> ReleaseError:
    return ReleaseError("No way was found to protect every figure; publish fewer communes apart with a larger --k")
