"""Kernels added cell by cell, for radii of a few cells. Arrays only."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.density._compensated import add
from geo.density._layout import Floats, Layout, points_near, slot_middle
from geo.density._profile import height


@njit(cache=True, nogil=True, error_model="numpy")
def add_directly(
    x: Floats,
    y: Floats,
    weights: Floats,
    radii: Floats,
    first: NDArray[np.int64],
    layout: Layout,
    radius: float,
    power: int,
    top: int,
    bottom: int,
    out: Floats,
) -> None:
    """Add Σ weight · K(d/h) to the rows from ``top`` to before ``bottom`` of ``out``.

    Points are as in `Placed`, in one slot; ``radius`` is the largest, in cells. Sums are compensated (Kahan 1965):
    plain ones drift by 1e-12 of the peak where 10⁵ points coincide, as records at one village's centre do.
    """
    cols = out.shape[1]
    middle = slot_middle(layout, 0)
    total, lost = np.zeros(cols), np.zeros(cols)
    for row in range(top, bottom):
        begin, end = points_near(first, layout, 0, row, radius)
        if begin == end:
            continue
        for i in range(begin, end):
            h = radii[i] if radii.size else radius
            v = (y[i] - row) / h
            rest = 1.0 - v * v
            if rest <= 0.0:
                continue
            half, place = h * np.sqrt(rest), x[i] + middle
            # One cell more on each side; the test below cuts off what lies outside.
            left = int(min(max(np.ceil(place - half) - 1.0, 0.0), float(cols)))
            right = int(min(max(np.floor(place + half) + 2.0, 0.0), float(cols)))
            for col in range(left, right):
                u = (place - col) / h
                base = rest - u * u
                if base > 0.0:
                    term = weights[i] * height(base, power, 0.0)
                    total[col], lost[col] = add(total[col], lost[col], term)
        for col in range(cols):
            out[row, col] += total[col]
        total[:] = 0.0
        lost[:] = 0.0
