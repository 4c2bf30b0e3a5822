"""Gaussian kernel sums at many places: spread on a lattice, widened by Fourier, gathered at the places. Arrays only.

As in `_gaussian`, but a Gaussian of variance σ² is now one of τ² = `SHARE` · σ² (from the points to the lattice), one
of σ² − 2τ² (in frequency), and one of τ² again (from the lattice to the places).
"""

import numpy as np
from numba import njit
from scipy import fft

from geo.density._gaussian import SHARE, finest_spacing, gaussian_around, spread_on
from geo.density._layout import Floats, Lattice
from geo.density._threads import in_bands

PAIR_NS, NODE_NS, SPREAD_NS = 5.0, 30.0, 0.4
"""Rough nanoseconds for a pair summed one by one, a node, and a node of a narrow Gaussian."""


def gridding_pays(points: int, at_x: Floats, at_y: Floats, sigma: float, cut: float) -> bool:
    """Tell whether the lattice takes less time than the sum of pairs, for points spread as the places are."""
    spacing = finest_spacing(sigma, cut)
    width, height = (float(np.ptp(axis)) for axis in (at_x, at_y))
    near = min(1.0, np.pi * (cut * sigma) ** 2 / max(width * height, 1e-300))
    nodes = (width / spacing + 2 * cut * sigma / spacing) * (height / spacing + 2 * cut * sigma / spacing)
    patch = (2 * cut * sigma * np.sqrt(SHARE) / spacing) ** 2
    gridding = nodes * NODE_NS + (points + at_x.size) * patch * SPREAD_NS
    return bool(gridding < points * at_x.size * near * PAIR_NS)


def gaussian_sums_at(
    x: Floats, y: Floats, weights: Floats, sigma: float, cut: float, at_x: Floats, at_y: Floats, threads: int
) -> Floats:
    """Return Σ weight · exp(−d²/2σ²) at the places, shape (k,), with the error that `gaussian_surface` has.

    All lengths are in one unit; ``cut`` is t in `_gaussian`.
    """
    spacing = finest_spacing(sigma, cut)
    before = int(np.ceil(cut * sigma / spacing))
    west, north = float(at_x.min()), float(at_y.max())
    rows, cols = (
        fft.next_fast_len(int(np.ceil(np.ptp(axis) / spacing)) + 2 * before + 2, real=True) for axis in (at_y, at_x)
    )
    nodes = Lattice(-before - 0.5, before + 0.5, 1.0, rows, cols)
    tau = sigma * np.sqrt(SHARE) / spacing
    lattice = spread_on(nodes, (x - west) / spacing, (y - north) / spacing, weights, (tau, tau), cut, threads)
    modes = fft.rfft2(lattice, workers=threads)
    rest = 0.5 * (sigma / spacing) ** 2 * (1 - 2 * SHARE)
    modes *= np.exp(-rest * (2 * np.pi * fft.fftfreq(rows)[:, None]) ** 2)
    modes *= np.exp(-rest * (2 * np.pi * fft.rfftfreq(cols)) ** 2)
    # A Gaussian of peak 1 and variance v is 2πv times one of mass 1.
    lattice = fft.irfft2(modes, s=(rows, cols), workers=threads) * ((sigma / spacing) ** 2 / (2 * np.pi * tau**4))
    # South is down.
    east, south = (at_x - west) / spacing + before, (north - at_y) / spacing + before
    out = np.empty(at_x.size)

    def some(begin: int, end: int) -> None:
        _gather(lattice, east[begin:end], south[begin:end], tau, cut, out[begin:end])

    in_bands(some, np.full(at_x.size, 50.0), threads)
    return np.maximum(out, 0.0, out=out) if (weights >= 0).all() else out


@njit(cache=True, nogil=True, error_model="numpy")
def _gather(lattice: Floats, x: Floats, y: Floats, tau: float, cut: float, out: Floats) -> None:
    half = int(cut * tau) + 1
    still = np.empty(half + 1)
    for k in range(half + 1):
        still[k] = np.exp(-0.5 * (k / tau) ** 2)
    along, down = np.empty(2 * half + 1), np.empty(2 * half + 1)
    column = np.empty(2 * half + 1)
    for i in range(x.size):
        col, row = int(np.rint(x[i])), int(np.rint(y[i]))
        gaussian_around(x[i] - col, tau, still, 1.0, along)
        gaussian_around(y[i] - row, tau, still, 1.0, down)
        column[:] = 0.0
        for j in range(2 * half + 1):
            line, factor = lattice[row - half + j, col - half : col + half + 1], down[j]
            for k in range(column.size):
                column[k] += factor * line[k]
        total = 0.0
        for k in range(column.size):
            total += along[k] * column[k]
        out[i] = total
