"""Numba kernels: arrays in, arrays out. No checks, no units, no CRS.

Points come sorted by falling northing, so that the points in reach of a row are one slice. The kernel is
(1 − d²/h²)^m inside the radius h and zero outside, not normalised. Sums are compensated (Kahan 1965): plain ones
drift by 1e-12 of the peak where 10⁵ points coincide, as records at one village's centre do.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def sum_on_rows(
    x: Floats,
    y: Floats,
    weights: Floats,
    radius: float,
    power: int,
    west: float,
    north: float,
    cell: float,
    out: Floats,
) -> None:
    """Sum the kernels of all points at the cell centres of ``out`` (rows, cols), zeros at first, row 0 in the north."""
    rows, cols = out.shape
    east = west + cols * cell
    lost = np.empty(cols)
    first = last = 0
    for row in range(rows):
        lost[:] = 0.0
        northing = north - (row + 0.5) * cell
        while first < x.size and y[first] >= northing + radius:
            first += 1
        while last < x.size and y[last] > northing - radius:
            last += 1
        for p in range(first, last):
            dy = (y[p] - northing) / radius
            rest = 1.0 - dy * dy
            if rest <= 0.0:
                continue
            # Cells whose centre lies inside the chord; one more on each side is cut off by the test below.
            # Cut to the grid before they become integers, so that no distance can overflow them.
            half = radius * np.sqrt(rest)
            if x[p] + half <= west or x[p] - half >= east:
                continue
            left = int(max(0.0, np.floor((x[p] - half - west) / cell - 0.5)))
            right = int(min(cols - 1.0, np.ceil((x[p] + half - west) / cell - 0.5)))
            for col in range(left, right + 1):
                dx = (x[p] - (west + (col + 0.5) * cell)) / radius
                base = rest - dx * dx
                if base > 0.0:
                    value = 1.0
                    for _ in range(power):
                        value *= base
                    term = weights[p] * value - lost[col]
                    total = out[row, col] + term
                    lost[col] = (total - out[row, col]) - term
                    out[row, col] = total


@njit(cache=True, nogil=True)
def sum_at_points(
    x: Floats, y: Floats, weights: Floats, radius: float, power: int, at_x: Floats, at_y: Floats, out: Floats
) -> None:
    """Sum the kernels of all points at the places (at_x, at_y), which are sorted by falling northing too."""
    first = last = 0
    for q in range(at_x.size):
        total = lost = 0.0
        while first < x.size and y[first] >= at_y[q] + radius:
            first += 1
        while last < x.size and y[last] > at_y[q] - radius:
            last += 1
        for p in range(first, last):
            dx = (x[p] - at_x[q]) / radius
            dy = (y[p] - at_y[q]) / radius
            base = 1.0 - dy * dy - dx * dx
            if base > 0.0:
                value = 1.0
                for _ in range(power):
                    value *= base
                term = weights[p] * value - lost
                before = total
                total = before + term
                lost = (total - before) - term
        out[q] = total
