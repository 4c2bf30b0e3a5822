"""The row sweep: kernel sums on one strip of a grid at a cost of rows in reach per point. Arrays only.

Along one grid row the kernel (1 − d²/h²)^m of a point is a polynomial of degree 2m in x between the cell where its disc
begins and the cell where it ends, and zero elsewhere. With u = (x − c)/h, p = (x_p − c)/h, v = (y_p − y_row)/h and
b = 1 − v² − p² it is (b + 2pu − u²)^m. Its coefficients are added to an array of differences at the first cell and
subtracted after the last; the running sums along the row are then the coefficients of the sum of all kernels
(the sweep-line method of Chan, U, Choi, Xu & Cheng, SIGMOD 2022, with local origins c against cancellation).

One more running sum counts the discs over a cell: where there is none the result is exactly zero, and rounding errors
are forgotten.
"""

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 256
"""Points whose entry and exit cells are found together: that part vectorises, the scatter that follows does not. After
each block its sums are put aside, because sums of short sums drift less than one long sum."""


def make_sweep(power: int) -> Callable[..., None]:
    """Return the sweep for one kernel: its power is a constant there, so that loops over the terms unroll."""
    terms = 2 * power + 1

    @njit(cache=True, nogil=True, error_model="numpy")
    def sweep(x: Floats, y: Floats, weights: Floats, first: NDArray[np.int64], radius: float, out: Floats) -> None:
        """Fill ``out`` with the sums of the kernels at the cell centres.

        Coordinates and the radius are in cells, from the centre of the strip's first cell: ``x`` to the east, ``y`` to
        the south. Points are sorted by the row that they are nearest to; those of row r stand from ``first[r]`` to
        before ``first[r + 1]``.
        """
        rows, cols = out.shape
        middle = 0.5 * (cols - 1)
        scale = 1.0 / radius
        reach = int(min(np.ceil(radius), float(rows))) + 1
        change, aside = np.zeros((cols + 1, terms + 1)), np.zeros((cols + 1, terms + 1))
        total = np.zeros(terms + 1)
        enter, leave = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
        part = np.ones((BLOCK, terms + 1))  # the last column counts
        for row in range(rows):
            begin = first[max(0, row - reach)]
            end = first[min(first.size - 1, row + reach + 1)]
            for block in range(begin, end, BLOCK):
                size = min(BLOCK, end - block)
                for i in range(size):
                    v = (y[block + i] - row) * scale
                    rest = 1.0 - v * v
                    half = radius * np.sqrt(max(rest, 0.0))
                    place = x[block + i]
                    left = min(max(np.ceil(place - half), 0.0), float(cols))
                    right = min(max(np.floor(place + half) + 1.0, 0.0), float(cols))
                    enter[i] = np.int32(left)
                    leave[i] = np.int32(right if rest > 0.0 else left)
                    p = (place - middle) * scale
                    b, q, w = rest - p * p, 2.0 * p, weights[block + i]
                    if power == 0:
                        part[i, 0] = w
                    elif power == 1:
                        part[i, 0], part[i, 1], part[i, 2] = w * b, w * q, -w
                    elif power == 2:
                        part[i, 0], part[i, 1], part[i, 2] = w * b * b, 2.0 * w * b * q, w * (q * q - 2.0 * b)
                        part[i, 3], part[i, 4] = -2.0 * w * q, w
                    else:
                        part[i, 0], part[i, 1] = w * b * b * b, 3.0 * w * b * b * q
                        part[i, 2], part[i, 3] = 3.0 * w * b * (q * q - b), w * q * (q * q - 6.0 * b)
                        part[i, 4], part[i, 5], part[i, 6] = 3.0 * w * (b - q * q), 3.0 * w * q, -w
                for i in range(size):
                    a, z = enter[i], leave[i]
                    if a < z:
                        for t in range(terms + 1):
                            change[a, t] += part[i, t]
                            change[z, t] -= part[i, t]
                aside += change
                change[:] = 0.0
            total[:] = 0.0
            for col in range(cols):
                for t in range(terms + 1):
                    total[t] += aside[col, t]
                if total[terms] == 0.0:
                    total[:] = 0.0
                    out[row, col] = 0.0
                    continue
                u = (col - middle) * scale
                value = total[terms - 1]
                for t in range(terms - 2, -1, -1):
                    value = value * u + total[t]
                out[row, col] = value
            aside[:] = 0.0

    return sweep


SWEEPS = {power: make_sweep(power) for power in range(4)}
"""The sweeps of the kernels (1 − d²/h²)^m, by m: uniform, Epanechnikov, quartic, triweight."""
