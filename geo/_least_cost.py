"""Least-cost search over a raster with eight neighbours: arrays only.

Cells wait in buckets of costs, linked lists (Dial 1969). If no step is shorter than a bucket is wide, the cells of the
first bucket are final in any order (Dinitz 1978), and nothing need be sorted as in a heap; if one were, a cell that
gets a smaller cost waits once more.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bytes = NDArray[np.int8]
Cells = NDArray[np.int32]

DOWN = np.array([-1, -1, -1, 0, 0, 1, 1, 1])
ACROSS = np.array([-1, 0, 1, -1, 1, -1, 0, 1])
"""Rows and columns to the neighbours; neighbour k and neighbour 7 − k lie opposite."""

NOWHERE = np.int8(-1)

BUCKETS = 2**22
"""Costs beyond so many of the shortest steps wait together in the last."""
NOBODY, OUTSIDE = np.int32(-1), np.int32(-2)
"""The end of a list, and a cell in none."""

FASTEST_KMH, STEEPNESS, BEST_SLOPE = 6.0, 3.5, -0.05
"""Tobler's (1993) hiking function: 6 exp(−3.5 |slope + 0.05|) km/h on a path."""


@njit(cache=True, nogil=True)
def step_hours(
    elevation: Floats, walk: Floats, ride: Floats, wet: NDArray[np.bool_], ford_hours: float, cell_m: float,
    top: int, bottom: int, hours: Singles,
) -> None:  # fmt: skip
    """Fill in the hours of the steps to the neighbours for the rows from ``top`` to before ``bottom``.

    Half of a step lies in either cell; in each the faster counts of walking, ``walk`` × Tobler's function of the step's
    slope, and riding. Stepping from dry into wet, or over a corner at which two wet cells meet, costs ``ford_hours``
    more; over one at which two closed cells meet there is no step.

    Parameters
    ----------
    elevation
        Metres, shape (rows, cols); steps from or to NaN take for ever.
    walk, ride
        Factor on Tobler's speed, and km/h of riding, 0 where there is none; shape (rows, cols).
    wet
        Water, shape (rows, cols).
    hours
        Shape (rows, cols, 8), to be filled; infinite where there is no step.
    """
    rows, cols = elevation.shape
    for row in range(top, bottom):
        for col in range(cols):
            for k in range(8):
                r, c = row + DOWN[k], col + ACROSS[k]
                hours[row, col, k] = np.inf
                if not (0 <= r < rows and 0 <= c < cols):
                    continue
                length = cell_m * (np.sqrt(2.0) if DOWN[k] and ACROSS[k] else 1.0)
                slope = (elevation[r, c] - elevation[row, col]) / length
                if np.isnan(slope):
                    continue
                hiking = FASTEST_KMH * np.exp(-STEEPNESS * abs(slope - BEST_SLOPE))
                here = max(walk[row, col] * hiking, ride[row, col])
                there = max(walk[r, c] * hiking, ride[r, c])
                if not (here > 0 and there > 0):
                    continue
                into_water = wet[r, c] and not wet[row, col]
                if DOWN[k] and ACROSS[k] and not wet[r, c] and not wet[row, col]:
                    # Between two cells that meet at a corner as well: what they bar is no gap.
                    shut = not _passable(elevation, walk, ride, row, c), not _passable(elevation, walk, ride, r, col)
                    if shut[0] and shut[1]:
                        continue
                    into_water = (shut[0] or wet[row, c]) and (shut[1] or wet[r, col])
                hours[row, col, k] = length / 2000 * (1 / here + 1 / there) + (ford_hours if into_water else 0.0)


@njit(cache=True, nogil=True)
def _passable(elevation: Floats, walk: Floats, ride: Floats, row: int, col: int) -> bool:
    return not np.isnan(elevation[row, col]) and (walk[row, col] > 0 or ride[row, col] > 0)


@njit(cache=True, nogil=True)
def least_cost(steps: Singles, width: float, source: int, cost: Floats, came: Bytes) -> None:
    """Fill in the least cost from a cell to every cell.

    Parameters
    ----------
    steps
        Costs > 0 of the steps to the neighbours, shape (rows, cols, 8), infinite where there is none.
    width
        Of the buckets: the least cost of a step. The result does not depend on it, the time does.
    source
        Position of the first cell in the raster read row by row.
    cost
        Shape (rows × cols,), to be filled; infinite where no path leads.
    came
        Shape (rows × cols,), to be filled: which neighbour (of the one before) the last step went to; `NOWHERE` at the
        source and where no path leads.
    """
    rows, cols, _ = steps.shape
    flat = steps.reshape(rows * cols, 8)
    offset = DOWN * cols + ACROSS
    cost[:] = np.inf
    came[:] = NOWHERE
    first = np.full(BUCKETS, NOBODY)
    after, before = np.full(rows * cols, OUTSIDE), np.empty(rows * cols, np.int32)
    bucket_of = np.empty(rows * cols, np.int32)
    cost[source] = 0.0
    _put(source, 0, first, after, before, bucket_of)
    waiting, bucket = 1, 0
    while waiting:
        while first[bucket] == NOBODY:
            bucket += 1
        cell = int(first[bucket])
        _take(cell, first, after, before, bucket_of)
        waiting -= 1
        for k in range(8):
            further = cost[cell] + flat[cell, k]
            if further == np.inf:  # also the steps that would leave the raster
                continue
            other = cell + offset[k]
            if further >= cost[other]:
                continue
            cost[other], came[other] = further, k
            new = int(min(further / width, BUCKETS - 1.0))
            if after[other] != OUTSIDE:
                if bucket_of[other] == new:
                    continue
                _take(other, first, after, before, bucket_of)
                waiting -= 1
            _put(other, new, first, after, before, bucket_of)
            waiting += 1


@njit(cache=True, nogil=True)
def _put(cell: int, bucket: int, first: Cells, after: Cells, before: Cells, bucket_of: Cells) -> None:
    """Put a cell first into a bucket."""
    next_one = first[bucket]
    first[bucket], after[cell], before[cell], bucket_of[cell] = cell, next_one, NOBODY, bucket
    if next_one != NOBODY:
        before[next_one] = cell


@njit(cache=True, nogil=True)
def _take(cell: int, first: Cells, after: Cells, before: Cells, bucket_of: Cells) -> None:
    """Take a cell out of its bucket."""
    next_one, one_before = after[cell], before[cell]
    if one_before == NOBODY:
        first[bucket_of[cell]] = next_one
    else:
        after[one_before] = next_one
    if next_one != NOBODY:
        before[next_one] = one_before
    after[cell] = OUTSIDE
