"""Kernel sums on a whole grid: which method sums which points, and which thread which rows. Arrays only."""

import numpy as np
from numpy.typing import NDArray

from geo.density._direct import add_directly
from geo.density._gaussian_widths import gaussian_surface
from geo.density._layout import EVERY, Floats, Lattice, Placed, layout_for, place
from geo.density._profile import GAUSSIAN, Profile
from geo.density._sweep import SLOT_RADII, SWEEPS
from geo.density._threads import in_bands

SWEEP_FROM = 4.0
"""Radius in cells from which the sweep is used; below it, adding each kernel cell by cell is as fast, and simpler."""

NO_RADII = np.empty(0)


def surface(
    x: Floats, y: Floats, weights: Floats, radii: float | Floats, profile: Profile, lattice: Lattice, threads: int
) -> Floats:
    """Return Σ weight · K(d/radius) at the cell centres, shape (rows, cols), north up.

    All lengths are in one unit; ``radii`` is one for all points or one for each. The result does not depend on the
    number of threads: each row is summed by one, in one order.
    """
    if not x.size:
        return np.zeros((lattice.rows, lattice.cols))
    if profile.power == GAUSSIAN:
        cut = float(np.sqrt(2 * profile.steepness))
        return gaussian_surface(x, y, weights, radii, cut, lattice, threads)
    out = np.zeros((lattice.rows, lattice.cols))
    if isinstance(radii, float):
        _add(x, y, weights, NO_RADII, EVERY, radii / lattice.cell, profile, lattice, threads, out)
        return out
    of = _classes(radii, lattice.cell, 2 if profile.power >= 2 else 1)
    for one in np.unique(of):
        mine = of == one
        largest = float(radii.max(where=mine, initial=0.0)) / lattice.cell
        _add(x, y, weights, radii, mine, largest, profile, lattice, threads, out)
    return out


def _classes(radii: Floats, cell: float, an_octave: int) -> NDArray[np.int16]:
    """Return the class of like radii of each point, so many while they double, all small ones in one class.

    A sweep's cost grows with the largest radius of its points, and so do the terms that cancel in it, the more the
    higher their degree.
    """
    step = np.maximum(radii, 0.5 * SWEEP_FROM * cell)
    step /= SWEEP_FROM * cell
    np.log2(step, out=step)
    step *= an_octave
    return np.floor(step, out=step).astype(np.int16)


def _add(
    x: Floats,
    y: Floats,
    weights: Floats,
    radii: Floats,
    chosen: NDArray[np.bool_],
    radius: float,
    profile: Profile,
    lattice: Lattice,
    threads: int,
    out: Floats,
) -> None:
    swept = radius >= SWEEP_FROM
    layout = layout_for(lattice, radius, SLOT_RADII[profile.power] if swept else None)
    placed = place(x, y, weights, radii, radius, lattice, layout, chosen, 1 / lattice.cell)
    lowest = 0.0 if weights.min(initial=0.0) >= 0 else -np.inf  # no rounding error below zero

    def rows(top: int, bottom: int) -> None:
        if swept:
            SWEEPS[profile.power, radii.size > 0](*placed, radius, lowest, top, bottom, out)
        else:
            add_directly(*placed, radius, profile.power, top, bottom, out)

    in_bands(rows, _work(placed, radius, lattice), threads)


def _work(placed: Placed, radius: float, lattice: Lattice) -> Floats:
    """Return the work of each row, in points: those that are looked at, and something for its cells."""
    layout = placed.layout
    counts = np.diff(placed.first).reshape(layout.slots, layout.keys).sum(axis=0)
    until = np.concatenate([[0], np.cumsum(counts)])
    row = np.arange(lattice.rows)
    low = np.clip(np.floor(row - radius) - layout.top, 0, layout.keys).astype(int)
    high = np.clip(np.ceil(row + radius) - layout.top, 0, layout.keys).astype(int)
    work: Floats = until[high] - until[low] + 0.5 * lattice.cols
    return work
