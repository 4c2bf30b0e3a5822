"""Gaussian kernel sums at many places, gathered from a coarse lattice (`_gaussian`). Arrays only."""

import numpy as np
from numba import njit

from geo.density._gaussian import SHARE, finest_spacing, gathering_width, nodes_around, on_lattice
from geo.density._gaussian_spread import Gaussians, gaussian_along
from geo.density._layout import Floats
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
    x: Floats,
    y: Floats,
    weights: Floats,
    sigma: float | Floats,
    cut: float,
    at_x: Floats,
    at_y: Floats,
    threads: int,
) -> Floats:
    """Return Σ weight · exp(−d²/2σ²) at the places, shape (k,), with the error that is stated in `_gaussian`.

    All lengths are in one unit; ``cut`` is t there. ``sigma`` is one for all points, or one for each, all alike.
    """
    narrowest, widest = float(np.min(sigma)), float(np.max(sigma))
    west, north = float(at_x.min()), float(at_y.max())
    nodes = nodes_around(west, north, float(np.ptp(at_x)), float(np.ptp(at_y)), narrowest, widest, cut)
    values = on_lattice(Gaussians(x, y, weights, sigma, narrowest, widest), cut, nodes, threads)
    out = np.empty(at_x.size)

    def some(begin: int, end: int) -> None:
        east, south = at_x[begin:end] - nodes.west, nodes.north - at_y[begin:end]
        _gather(values, east, south, 1 / nodes.cell, gathering_width(narrowest) / nodes.cell, cut, out[begin:end])

    in_bands(some, np.full(at_x.size, 50.0), threads)
    return np.maximum(out, 0.0, out=out) if (weights >= 0).all() else out


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _gather(values: Floats, east: Floats, south: Floats, scale: float, tau: float, cut: float, out: Floats) -> None:
    """Sum value · exp(−d²/2τ²) at places so far from the corner; that times ``scale`` is in nodes, as τ is."""
    count = 2 * int(cut * tau) + 3
    along, down = np.empty(count), np.empty(count)
    column = np.empty(count)
    for i in range(out.size):
        x, y = east[i] * scale - 0.5, south[i] * scale - 0.5
        left, above = int(np.rint(x)) - count // 2, int(np.rint(y)) - count // 2
        gaussian_along(x - left, tau, 0, count, 1.0, along)
        gaussian_along(y - above, tau, 0, count, 1.0, down)
        column[:] = 0.0
        for j in range(count):
            line, factor = values[above + j, left : left + count], down[j]
            for k in range(count):
                column[k] += factor * line[k]
        total = 0.0
        for k in range(count):
            total += along[k] * column[k]
        out[i] = total
