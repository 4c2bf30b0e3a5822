"""Gaussian kernel sums on a grid, of one width or of many, by the way that costs least. Arrays only.

Points of like widths share a lattice (`_gaussian`); points that are few, or narrow against the cells, are added cell
by cell. Widths are sorted into bins, and of all ways to part the bins the one with the least estimated time is taken.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.density._gaussian import SHARE, SPARE, finest_spacing, gathering_width, nodes_around, on_lattice
from geo.density._gaussian_cells import add_gathered
from geo.density._gaussian_spread import Gaussians, spread
from geo.density._layout import Floats, Lattice

BINS_AN_OCTAVE = 8
"""Bins of widths while they double."""

STEP = 2 ** (1 / BINS_AN_OCTAVE)

LATTICE_NS, NODE_NS, CELL_NS = 150_000.0, 20.0, 4.0
"""Rough nanoseconds for a lattice, for each of its nodes, and for a cell that gathers from it."""

POINT_NS, SIDE_NS, SPREAD_NS = 60.0, 4.5, 0.2
"""The same for a point, for a node (or cell) along the side of its patch, and for each in the patch."""

NODES_A_CELL, NODES_A_POINT = 0.5, 0.25
"""Most nodes of a lattice, for each cell and for each point: they take memory twice, while they are transformed."""


class Bins(NamedTuple):
    """Widths in bins, the narrowest first; none is empty."""

    of: NDArray[np.int32]
    """The bin of each width."""
    counts: Floats
    """The points of each bin."""
    begin: Floats
    """Its narrowest width; the widest is `STEP` times that."""


class Class(NamedTuple):
    """Points of neighbouring bins that are summed together."""

    begin: int
    end: int
    """The bin after the last."""
    gridded: bool
    """Whether on a lattice of their own; otherwise cell by cell."""


def gaussian_surface(
    x: Floats, y: Floats, weights: Floats, radii: float | Floats, cut: float, lattice: Lattice, threads: int
) -> Floats:
    """Return Σ weight · exp(−d²/2σ²) at the cell centres, shape (rows, cols), north up.

    ``cut`` is t in `_gaussian`; ``radii``, one for all points or one for each, are tσ. The result does not depend on
    the number of threads.
    """
    out = np.zeros((lattice.rows, lattice.cols))
    bins = _bins(radii, x.size)
    for one in _classes(bins, cut, lattice):
        points = (
            Gaussians(x, y, weights, radii / cut, radii / cut, radii / cut)
            if isinstance(radii, float)
            else _members(one, bins, x, y, weights, radii, cut)
        )
        if one.gridded:
            _add_gridded(points, cut, lattice, threads, out)
        else:
            spread(points, 0.0, cut, lattice, threads, out)
    return np.maximum(out, 0.0, out=out) if (weights >= 0).all() else out


def _members(one: Class, bins: Bins, x: Floats, y: Floats, weights: Floats, radii: Floats, cut: float) -> Gaussians:
    mine = np.flatnonzero((bins.of >= one.begin) & (bins.of < one.end))
    sigmas = radii[mine]
    sigmas /= cut
    return Gaussians(x[mine], y[mine], weights[mine], sigmas, float(sigmas.min()), float(sigmas.max()))


def _add_gridded(points: Gaussians, cut: float, lattice: Lattice, threads: int, out: Floats) -> None:
    half = 0.5 * lattice.cell
    sides = (lattice.cols - 1) * lattice.cell, (lattice.rows - 1) * lattice.cell
    nodes = nodes_around(lattice.west + half, lattice.north - half, *sides, points.narrowest, points.widest, cut)
    values = on_lattice(points, cut, nodes, threads)
    add_gathered(values, nodes, gathering_width(points.narrowest), cut, lattice, threads, out)


def _bins(widths: float | Floats, points: int) -> Bins:
    of = np.log2(np.atleast_1d(widths))
    of *= BINS_AN_OCTAVE
    first = np.floor(of.min())
    of -= first
    whole = of.astype(np.int32)
    counts = np.bincount(whole)
    held = np.flatnonzero(counts)
    rank = np.cumsum(counts > 0, dtype=np.int32) - 1
    return Bins(rank[whole], counts[held] * (points / whole.size), 2.0 ** ((held + first) / BINS_AN_OCTAVE))


def _classes(bins: Bins, cut: float, lattice: Lattice) -> list[Class]:
    """Return the classes of least estimated time: the best way to part the first bins, for more and more of them."""
    n = bins.counts.size
    best, last = np.full(n + 1, np.inf), [Class(0, 0, False)] * (n + 1)
    best[0] = 0.0
    directly = _direct_ns(bins, lattice)
    for begin in range(n):
        if best[begin] + directly[begin] < best[begin + 1]:
            best[begin + 1], last[begin + 1] = best[begin] + directly[begin], Class(begin, begin + 1, False)
        costs = best[begin] + _lattice_ns(bins, begin, cut, lattice)
        for more in np.flatnonzero(costs < best[begin + 1 :]).tolist():
            best[begin + 1 + more], last[begin + 1 + more] = costs[more], Class(begin, begin + 1 + more, True)
    classes: list[Class] = []
    one = last[n]
    while one.end:
        before = last[one.begin]
        if classes and not (one.gridded or classes[-1].gridded):
            one = Class(one.begin, classes.pop().end, False)
        classes.append(one)
        one = before
    return classes[::-1]


def _direct_ns(bins: Bins, lattice: Lattice) -> Floats:
    """Return the time of each bin's points, cell by cell."""
    side = 2 * bins.begin * np.sqrt(STEP) / lattice.cell + 1
    return bins.counts * _patch_ns(np.minimum(side, lattice.rows), np.minimum(side, lattice.cols))


def _lattice_ns(bins: Bins, begin: int, cut: float, lattice: Lattice) -> Floats:
    """Return the time for a lattice of the bins from ``begin`` to each of those after it; ∞ if it takes much memory."""
    radii = bins.begin[begin:]
    spacing = finest_spacing(radii[0] / cut, cut)
    counts = np.cumsum(bins.counts[begin:])
    squares = np.cumsum(bins.counts[begin:] * radii**2 * STEP) / counts
    side = 2 * np.sqrt(squares - (1 - SHARE) * radii[0] ** 2) / spacing + 1
    around = 2 * STEP * radii / spacing + SPARE
    nodes = (lattice.rows * lattice.cell / spacing + around) * (lattice.cols * lattice.cell / spacing + around)
    cells = lattice.rows * lattice.cols
    ns = LATTICE_NS + NODE_NS * nodes + CELL_NS * cells + counts * _patch_ns(side, side)
    ns[nodes > NODES_A_CELL * cells + NODES_A_POINT * bins.counts.sum()] = np.inf
    return ns


def _patch_ns(down: Floats, along: Floats) -> Floats:
    return POINT_NS + 0.5 * SIDE_NS * (down + along) + SPREAD_NS * down * along
