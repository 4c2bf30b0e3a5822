"""Gaussian kernel sums on a grid: spread on a coarse lattice by a narrower Gaussian, the rest by Fourier. Arrays only.

A Gaussian of variance σ² is one of variance τ² = `SHARE` · σ² followed by one of σ² − τ². The first is added point by
point to a lattice of spacing s, cut at tτ; the second is a multiplication by exp(−(σ² − τ²)k²/2) in frequency, where
few modes matter, and the surface at the cells is their Fourier sum (the fast Gaussian gridding of Greengard & Lee, SIAM
Review 46 (2004) 443–454, here with no deconvolution). With ε = exp(−t²/2):

- a point further than tσ from a cell adds less than ε of its peak there, as do the images of a period wider by 2tσ;
- a mode k takes k + 2π/s for its own, weakened to at most exp(−(2π/s)² τ²(σ² − τ²)/2σ²); s is such that this is ε.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import fft

from geo.density._layout import Floats, Lattice, layout_for, place, points_near
from geo.density._threads import in_bands

SHARE = 0.2
"""Part of the variance that the points are spread by. Less needs a finer lattice, more a wider spread."""

PUT_ASIDE = 1024
"""Points after which the sums are put aside: sums of short sums drift less than one long sum."""

ROWS_AT_ONCE = 64
"""Rows of the grid that are transformed together."""

MOST_PADDING = 8
"""Widest period, in widths of the grid, that a fast transform is used for; beyond it the few modes are summed."""


class Axis(NamedTuple):
    """One axis of the coarse lattice and of the cells, which share a period."""

    cells: int
    spacing: float
    """Distance of coarse nodes, in the unit of the coordinates."""
    before: int
    """Coarse nodes before the first cell centre."""
    nodes: int
    fine: float
    """Fine nodes in a period; too many to transform where the kernel is much wider than the grid."""
    every: int
    """Fine nodes in a cell."""


def gaussian_surface(
    x: Floats, y: Floats, weights: Floats, sigma: float, cut: float, lattice: Lattice, threads: int
) -> Floats:
    """Return Σ weight · exp(−d²/2σ²) at the cell centres, shape (rows, cols), north up; ``cut`` is t above."""
    down, along = (_axis(count, lattice.cell, sigma, cut) for count in (lattice.rows, lattice.cols))
    # In nodes: one east is one `along.spacing`, one south one `down.spacing`; a node is the middle of its cell.
    east = (x - lattice.west - 0.5 * lattice.cell) / along.spacing
    south = (y - lattice.north + 0.5 * lattice.cell) / down.spacing
    nodes = Lattice(-along.before - 0.5, down.before + 0.5, 1.0, down.nodes, along.nodes)
    tau = sigma * np.sqrt(SHARE)
    coarse = spread_on(nodes, east, south, weights, (tau / along.spacing, tau / down.spacing), cut, threads)
    # The nodes before the first cell centre go to the end of the period.
    modes = fft.rfft2(np.roll(coarse, (-down.before, -along.before), axis=(0, 1)), norm="forward", workers=threads)
    wide = 0.5 * sigma**2 * (1 - SHARE)
    modes *= np.exp(-wide * (2 * np.pi * fft.fftfreq(down.nodes, down.spacing)[:, None]) ** 2) / SHARE
    modes *= np.exp(-wide * (2 * np.pi * fft.rfftfreq(along.nodes, along.spacing)) ** 2)
    out = _rows_of(_cells_down(modes, down, threads), along, threads)
    return np.maximum(out, 0.0, out=out) if (weights >= 0).all() else out


def cut_for(x: Floats, y: Floats, sigma: float, tolerance: float) -> tuple[float, float]:
    """Return where to cut, in σ, for an error of tolerance · Σ|w| / spread of the peak, and the spread 1 + A/2πσ².

    A is the area of the points' bounding box.
    """
    spread = 1 + float(np.ptp(x)) * float(np.ptp(y)) / (2 * np.pi * sigma**2)
    # A sixteenth for each thing that is left out: tails, images and the aliases of each axis.
    return float(np.sqrt(2 * np.log(16 * spread / tolerance))), spread


def finest_spacing(sigma: float, cut: float) -> float:
    """Return the spacing of coarse nodes with which aliases are at most exp(−cut²/2)."""
    return float(2 * np.pi * sigma * np.sqrt(SHARE * (1 - SHARE)) / cut)


def spread_on(
    nodes: Lattice, x: Floats, y: Floats, weights: Floats, taus: tuple[float, float], cut: float, threads: int
) -> Floats:
    """Return the sums of the narrow Gaussians at the nodes of a lattice of spacing 1, shape (rows, cols).

    ``taus`` are their standard deviations along x and y.
    """
    reach = cut * max(taus)
    placed = place(x, y, weights, np.empty(0), reach, nodes, layout_for(nodes, reach, None))
    coarse = np.zeros((nodes.rows, nodes.cols))
    shift = 0.5 * (nodes.cols - 1.0)  # the middle of the only slot

    def spread(top: int, bottom: int) -> None:
        begin = points_near(placed.first, placed.layout, 0, top, reach)[0]
        end = points_near(placed.first, placed.layout, 0, bottom - 1, reach)[1]
        mine = slice(begin, end)
        _spread(placed.x[mine] + shift, placed.y[mine], placed.weights[mine], *taus, cut, top, bottom, coarse)

    # Few bands: a point near the edge of one is spread along its rows twice.
    rows = np.arange(nodes.rows)
    in_bands(spread, 1.0 + np.histogram(placed.y, np.append(rows, np.inf))[0], threads, bands_a_thread=2)
    return coarse


def _axis(cells: int, cell: float, sigma: float, cut: float) -> Axis:
    finest = finest_spacing(sigma, cut)
    every = int(np.ceil(cell / finest))
    fine: float = np.ceil(cells + 2 * cut * sigma / cell) * every
    if fine <= MOST_PADDING * cells * every:
        fine = float(fft.next_fast_len(int(fine), real=True))
    period = fine * cell / every
    nodes = fft.next_fast_len(int(np.ceil(period / finest)), real=True)
    return Axis(cells, period / nodes, int(np.ceil(cut * sigma * nodes / period)), nodes, fine, every)


@njit(cache=True, nogil=True, error_model="numpy")
def _spread(
    x: Floats,
    y: Floats,
    weights: Floats,
    tau_x: float,
    tau_y: float,
    cut: float,
    top: int,
    bottom: int,
    out: Floats,
) -> None:
    """Add Σ weight · exp(−(dx/τx)²/2 − (dy/τy)²/2) to the rows from ``top`` to before ``bottom`` of ``out``."""
    cols = out.shape[1]
    half_x, half_y = int(cut * tau_x) + 1, int(cut * tau_y) + 1
    still_x, still_y = np.empty(half_x + 1), np.empty(half_y + 1)
    for k in range(half_x + 1):
        still_x[k] = np.exp(-0.5 * (k / tau_x) ** 2)
    for k in range(half_y + 1):
        still_y[k] = np.exp(-0.5 * (k / tau_y) ** 2)
    along, down = np.empty(2 * half_x + 1), np.empty(2 * half_y + 1)
    now = np.zeros((bottom - top, cols))
    since = 0
    for i in range(x.size):
        col, row = int(np.rint(x[i])), int(np.rint(y[i]))
        high, low = max(row - half_y, top), min(row + half_y + 1, bottom)
        left, right = max(col - half_x, 0), min(col + half_x + 1, cols)
        if high >= low or left >= right:
            continue
        gaussian_around(x[i] - col, tau_x, still_x, 1.0, along)
        gaussian_around(y[i] - row, tau_y, still_y, weights[i], down)
        for to in range(high, low):
            factor = down[to - row + half_y]
            line, part = now[to - top, left:right], along[left - col + half_x : right - col + half_x]
            for k in range(right - left):
                line[k] += factor * part[k]
        since += 1
        if since == PUT_ASIDE:
            since = 0
            for row in range(top, bottom):
                for col in range(cols):
                    out[row, col] += now[row - top, col]
            now[:] = 0.0
    for row in range(top, bottom):
        for col in range(cols):
            out[row, col] += now[row - top, col]


@njit(cache=True, nogil=True, error_model="numpy")
def gaussian_around(offset: float, tau: float, still: Floats, factor: float, out: Floats) -> None:
    """Fill ``out`` with factor · exp(−((k − offset)/τ)²/2) for k from −half to half with two exponentials in all.

    exp(−(k − o)²/2τ²) = exp(−o²/2τ²) · exp(o/τ²)^k · exp(−k²/2τ²), and the last does not depend on the point.
    """
    half = still.size - 1
    right = np.exp(offset / (tau * tau))
    left = 1.0 / right
    out[half] = factor * np.exp(-0.5 * (offset / tau) ** 2)
    up = down = out[half]
    for k in range(1, half + 1):
        up *= right
        down *= left
        out[half + k], out[half - k] = up * still[k], down * still[k]


def _cells_down(modes: NDArray[np.complex128], axis: Axis, threads: int) -> NDArray[np.complex128]:
    """Return the Fourier sums down the columns at the rows of cells, shape (rows, modes along)."""
    positive = (axis.nodes + 1) // 2
    if axis.fine > MOST_PADDING * axis.cells * axis.every:
        wave: NDArray[np.complex128] = (
            _waves(axis, np.rint(np.fft.fftfreq(axis.nodes) * axis.nodes).astype(float)).T @ modes
        )
        return wave
    fine = int(axis.fine)
    padded = np.zeros((fine, modes.shape[1]), dtype=complex)
    padded[:positive], padded[fine - (axis.nodes - positive) :] = modes[:positive], modes[positive:]
    sums: NDArray[np.complex128] = fft.ifft(padded, axis=0, norm="forward", overwrite_x=True, workers=threads)
    return sums[: axis.cells * axis.every : axis.every].copy()


def _rows_of(modes: NDArray[np.complex128], axis: Axis, threads: int) -> Floats:
    """Return the Fourier sums of half a spectrum along the rows at the cells, shape (rows, cols)."""
    out = np.empty((modes.shape[0], axis.cells))
    dense = axis.fine > MOST_PADDING * axis.cells * axis.every
    waves = _waves(axis, np.arange(modes.shape[1], dtype=float)) if dense else np.empty(0)
    if dense:
        waves[1:] *= 2.0  # the other half of the spectrum

    def some(top: int) -> None:
        rows = slice(top, top + ROWS_AT_ONCE)
        if dense:
            out[rows] = modes[rows].real @ waves.real - modes[rows].imag @ waves.imag
        else:
            line = fft.irfft(modes[rows], n=int(axis.fine), axis=1, norm="forward")
            out[rows] = line[:, : axis.cells * axis.every : axis.every]

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, range(0, modes.shape[0], ROWS_AT_ONCE)))
    return out


def _waves(axis: Axis, modes: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return exp(2πi · mode · cell / period), shape (modes, cells)."""
    turn = np.arange(axis.cells) * (axis.every / axis.fine)
    return np.exp(2j * np.pi * np.outer(modes, turn))
