"""Gaussians of one width or of many, added to the nodes of a lattice (or to the cells). Arrays only."""

from typing import NamedTuple

import numpy as np
from numba import njit

from geo.density._layout import Floats, Lattice, layout_for, place, points_near
from geo.density._threads import in_bands

PUT_ASIDE = 1024
"""Points after which the sums are put aside: sums of short sums drift less than one long sum."""

POINT_WORK = 20.0
"""Work of a point, in those of a sweep."""

NO_SIGMAS = np.empty(0)


class Gaussians(NamedTuple):
    """Points, each with the weight and the standard deviation of its Gaussian; all lengths are in one unit."""

    x: Floats
    y: Floats
    weights: Floats
    sigmas: float | Floats
    """One for all points, or one for each."""
    narrowest: float
    widest: float


def spread(points: Gaussians, taken: float, cut: float, nodes: Lattice, threads: int, out: Floats) -> None:
    """Add Σ weight · (σ/τ)² · exp(−d²/2τ²), τ² = σ² − ``taken``, at the nodes, shape (rows, cols), north up.

    Each is cut at ``cut`` · τ along both axes. The result does not depend on the number of threads.
    """
    many, one = (points.sigmas, 0.0) if isinstance(points.sigmas, np.ndarray) else (NO_SIGMAS, points.sigmas)
    scale = 1.0 / nodes.cell
    # Not less than a point's own by rounding.
    reach = cut * float(np.sqrt(points.widest**2 - taken)) * scale + 1.0
    placed = place(points.x, points.y, points.weights, many, reach, nodes, layout_for(nodes, reach, None))
    middle = 0.5 * (nodes.cols - 1.0)  # of the only slot

    def rows(top: int, bottom: int) -> None:
        begin = points_near(placed.first, placed.layout, 0, top, reach)[0]
        end = points_near(placed.first, placed.layout, 0, bottom - 1, reach)[1]
        mine = placed.x, placed.y, placed.weights, placed.radii
        _spread(*mine, one, scale, taken * scale**2, cut, middle, begin, end, top, bottom, out)

    counts = np.diff(placed.first)[-placed.layout.top :][: nodes.rows]
    # Few bands: a point near the edge of one is computed twice.
    in_bands(rows, 1.0 + POINT_WORK * counts, threads, bands_a_thread=1)


@njit(cache=True, nogil=True, error_model="numpy")
def _spread(
    x: Floats,
    y: Floats,
    weights: Floats,
    sigmas: Floats,
    sigma: float,
    scale: float,
    taken: float,
    cut: float,
    middle: float,
    begin: int,
    end: int,
    top: int,
    bottom: int,
    out: Floats,
) -> None:
    """Add the points from ``begin`` to before ``end`` to the rows from ``top`` to before ``bottom``.

    σ times ``scale`` and the root of ``taken`` are in nodes.
    """
    rows, cols = out.shape
    along, down = np.empty(cols), np.empty(rows)
    # Of all points, not of these, so that a row's sum does not depend on its band.
    many = x.size > PUT_ASIDE
    now = np.zeros((bottom - top, cols)) if many else out[top:bottom]
    first, last = bottom, top  # the rows in which there are sums
    for i in range(begin, end):
        if many and i % PUT_ASIDE == 0:
            _put_aside(now, top, first, last, out)
            first, last = bottom, top
        own = scale * (sigmas[i] if sigmas.size else sigma)
        tau = np.sqrt(max(own * own - taken, 1e-200))
        reach = cut * tau
        left, right = _within(x[i] + middle, reach, cols)
        above, below = _within(y[i], reach, rows)
        high, low = max(above, top), min(below, bottom)
        if left >= right or high >= low:
            continue
        gaussian_along(x[i] + middle, tau, left, right, 1.0, along)
        gaussian_along(y[i], tau, above, below, weights[i] * (1.0 + taken / (tau * tau)), down)
        part = along[left:right]
        for row in range(high, low):
            line, factor = now[row - top, left:right], down[row]
            for k in range(part.size):
                line[k] += factor * part[k]
        first, last = min(first, high), max(last, low)
    if many:
        _put_aside(now, top, first, last, out)


@njit(cache=True, nogil=True, error_model="numpy")
def _put_aside(now: Floats, top: int, first: int, last: int, out: Floats) -> None:
    for row in range(first, last):
        for col in range(out.shape[1]):
            out[row, col] += now[row - top, col]
        now[row - top] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _within(at: float, reach: float, nodes: int) -> tuple[int, int]:
    """Return the first node within reach, and the one after the last."""
    return int(min(max(np.ceil(at - reach), 0.0), float(nodes))), int(min(np.floor(at + reach) + 1.0, float(nodes)))


@njit(cache=True, nogil=True, error_model="numpy")
def gaussian_along(at: float, tau: float, begin: int, end: int, factor: float, out: Floats) -> None:
    """Fill ``out`` from ``begin`` to before ``end`` with factor · exp(−((k − at)/τ)²/2) with four exponentials in all.

    The ratio of two neighbours is exp(−(2(k − at) + 1)/2τ²), that of two such ratios exp(−1/τ²); from the middle
    outwards both are at most 1.
    """
    middle = min(max(int(np.rint(at)), begin), end - 1)
    steep = 0.5 / (tau * tau)
    away = at - middle
    fade = np.exp(-2.0 * steep)
    out[middle] = factor * np.exp(-steep * away * away)
    ratio, value = np.exp(steep * (2.0 * away - 1.0)), out[middle]
    for k in range(middle + 1, end):
        value *= ratio
        ratio *= fade
        out[k] = value
    ratio, value = np.exp(-steep * (2.0 * away + 1.0)), out[middle]
    for k in range(middle - 1, begin - 1, -1):
        value *= ratio
        ratio *= fade
        out[k] = value
