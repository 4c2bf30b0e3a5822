"""When, and by whom: units of each place spread over time, and over those who can come."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from geo.errors import PlanError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

GOLDEN = (5**0.5 - 1) / 2
NEAR = 8
"""So many units around the ideal are priced one by one; those farther off share a price."""


class Demand(NamedTuple):
    """What is to be spread."""

    units: Ints
    """Of each place, shape (places,)."""
    able: Flags
    """Who may come when and where, shape (agencies, months, places)."""
    capacity: Ints
    """Units of each agency in all, shape (agencies,)."""
    monthly: Ints
    """Units of each agency in each month at most, shape (agencies, months)."""
    place_share: Floats
    """How a place's units should lie in time, rows sum to 1, shape (places, months)."""
    agency_share: Floats
    """How much of all units each agency should have, sums to 1, shape (agencies,)."""


def spread(demand: Demand) -> Ints:
    """Return units by agency, month and place that lie as evenly as they can.

    Minimised is Σ (X_pt − Q_pt)² + Σ (L_at − l_at)²: X_pt are the units of place p up to month t and Q_pt those that
    should be (`ideal_stock`); L_at is what agency a does in month t, and l_at its share of the ideal of that month. So
    a place's units come at even distances, as the mixed models of an assembly line do (Miltenburg 1989), and an
    agency's work is level.

    This is a flow from agencies through their months to places and along time, with convex costs. Priced unit by unit
    it is a linear programme over a network, whose vertices are whole numbers.

    Raises
    ------
    PlanError
        If the units cannot be held so.

    References
    ----------
    Miltenburg, J. (1989). Level schedules for mixed-model assembly lines in just-in-time production systems. Management
    Science 35(2), 192–207.
    """
    agencies, months, places = demand.able.shape
    who, when, where = np.nonzero(demand.able)
    stock, stock_of = _priced(ideal_stock(demand), np.repeat(demand.units[:, None], months - 1, axis=1))
    level = np.outer(demand.agency_share, demand.units @ demand.place_share)
    work, work_of = _priced(level, np.minimum(demand.monthly, demand.units.sum()))
    visits = np.arange(len(who))
    place, month = np.divmod(stock_of, max(months - 1, 1))

    # In each place and month: what comes in, and what was there before, is what is there after.
    balance = np.concatenate([where * months + when, place * months + month, place * months + month + 1])
    columns = np.concatenate([visits, *2 * [len(who) + np.arange(len(stock_of))]])
    signs = np.concatenate([np.ones(len(who)), -np.ones(len(stock_of)), np.ones(len(stock_of))])
    # In each agency and month: what it does is what it does in all places.
    jobs = places * months + np.concatenate([who * months + when, work_of])
    job_columns = np.concatenate([visits, len(who) + len(stock_of) + np.arange(len(work_of))])
    job_signs = np.concatenate([np.ones(len(who)), -np.ones(len(work_of))])
    size = len(who) + len(stock_of) + len(work_of)
    rows, cols = np.concatenate([balance, jobs]), np.concatenate([columns, job_columns])
    equal = sparse.csr_array(
        (np.concatenate([signs, job_signs]), (rows, cols)), shape=((places + agencies) * months, size)
    )
    wanted = np.zeros((places + agencies) * months)
    wanted[np.arange(places) * months + months - 1] = demand.units
    result = linprog(
        np.concatenate([np.zeros(len(who)), stock[0], work[0]]),
        A_eq=equal,
        b_eq=wanted,
        A_ub=sparse.csr_array((np.ones(len(who)), (who, visits)), shape=(agencies, size)),
        b_ub=demand.capacity,
        bounds=np.column_stack([np.zeros(size), np.concatenate([np.full(len(who), np.inf), stock[1], work[1]])]),
        method="highs-ds",
    )
    if result.x is None:
        raise PlanError(
            "{n} sessions cannot be held in the open months by those who can work there: allow more a month, "
            "or plan fewer",
            n=int(demand.units.sum()),
        )
    table = np.zeros(demand.able.shape, dtype=np.int64)
    table[who, when, where] = np.rint(result.x[: len(who)]).astype(np.int64)
    return table


def ideal_stock(demand: Demand) -> Floats:
    """Return how many units places should have had by the end of each month but the last, shape (places, months − 1).

    Places begin at different phases of their rhythm, by multiples of the golden section, so that those with few units
    do not all have them in the same months.
    """
    phase = (GOLDEN * np.arange(1, len(demand.units) + 1)) % 1 - 0.5
    held: Floats = demand.units[:, None] * np.cumsum(demand.place_share, axis=1) + phase[:, None]
    return np.clip(held, 0, demand.units[:, None])[:, :-1]


def _priced(ideal: Floats, most: Ints) -> tuple[tuple[Floats, Floats], Ints]:
    """Return price and size of the steps that make up (x − ideal)² for 0 ≤ x ≤ most, and the cell each belongs to."""
    price, size, cell = [], [], []
    for number, (middle, top) in enumerate(zip(ideal.ravel().tolist(), most.ravel().tolist(), strict=True)):
        first = int(np.clip(np.floor(middle) - NEAR, 0, top))
        last = int(np.clip(np.ceil(middle) + NEAR, first, top))
        units = range(first + 1, last + 1)
        # Long steps at both ends have the price of their unit that is nearest to the ideal.
        steps = [(first, first), *((unit, 1) for unit in units), (last + 1, top - last)]
        for unit, width in steps:
            if width > 0:
                price.append(2 * (unit - middle) - 1)
                size.append(width)
                cell.append(number)
    return (np.array(price), np.array(size, dtype=np.float64)), np.array(cell, dtype=np.int64)
