"""The order of the points in memory: by slot of columns, and in a slot by row, so that what a row reads is one slice.

Every point belongs to one slot. Its kernel reaches into the columns of the neighbouring slots; those are added to the
grid from each side. So a point is handled once for each row in its reach, and never twice.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EVERY = np.empty(0, bool)
"""In place of one flag a point: all are chosen."""

BINS_A_POINT = 4.0
"""Most bins there are for each point: a radius much smaller than the distance between points needs no smaller bins."""


class Lattice(NamedTuple):
    """The cell centres of a grid: its north-western corner, the side of a cell, rows and columns."""

    west: float
    north: float
    cell: float
    rows: int
    cols: int


class Layout(NamedTuple):
    """Slots of columns and rows, in cells of a lattice, that cover all points whose kernels reach it."""

    start: float
    """Column where the first slot begins; it may lie left of the lattice."""
    width: float
    """Columns of a slot."""
    slots: int
    top: int
    """Row of the first key; points further north share it."""
    keys: int
    """Rows that points are told apart by; points further south share the last."""


class Placed(NamedTuple):
    """Points in the order of a layout."""

    x: Floats
    """Columns to the east of the middle of the point's slot."""
    y: Floats
    """Rows to the south of the first row's centre."""
    weights: Floats
    radii: Floats
    """Kernel radii in cells; empty where all points have the same."""
    first: NDArray[np.int64]
    """Where the points of each key of each slot begin, shape (slots · keys + 1,)."""
    layout: Layout


def bins_for(x: Floats, y: Floats, radius: float, points: int) -> Lattice:
    """Return a lattice over all places (x, y), its cells half a radius wide, or wider where points are few."""
    west, east, south, north = x.min(), x.max(), y.min(), y.max()
    cell = max(0.5 * radius, np.sqrt((east - west) * (north - south) / (BINS_A_POINT * points)))
    cell = max(cell, (east - west) / (BINS_A_POINT * points + 8), (north - south) / (BINS_A_POINT * points + 8))
    rows, cols = int((north - south) / cell) + 2, int((east - west) / cell) + 2
    return Lattice(float(west - 0.5 * cell), float(north + 0.5 * cell), float(cell), rows, cols)


def layout_for(lattice: Lattice, radius: float, slot_radii: float | None) -> Layout:
    """Return the layout for kernels of a radius in cells, with slots of so many radii or (None) one slot."""
    # Points further away than the lattice is high need not be told apart: each of them reaches all of it or little.
    reach = int(min(np.ceil(radius), float(lattice.rows)))
    start = -float(np.ceil(radius))
    across = lattice.cols - 2 * start
    width = across if slot_radii is None else max(1.0, float(np.ceil(slot_radii * radius)))
    return Layout(start, width, int(np.ceil(across / width)), -reach - 1, lattice.rows + 2 * reach + 2)


def place(
    x: Floats,
    y: Floats,
    weights: Floats,
    radii: Floats,
    radius: float,
    lattice: Lattice,
    layout: Layout,
    chosen: NDArray[np.bool_] = EVERY,
    unit: float = 1.0,
) -> Placed:
    """Return the points whose kernels reach the lattice in the order of the layout.

    ``radius`` is the largest in cells, ``radii`` are in units of so many cells. Only those that are chosen, if any are
    (here, not by the caller: copies of 10⁷ points would count).
    """
    return Placed(*_counting_sort(x, y, weights, radii, radius, lattice, layout, chosen, unit), layout)


@njit(cache=True, nogil=True, error_model="numpy")
def _counting_sort(
    x: Floats,
    y: Floats,
    weights: Floats,
    radii: Floats,
    radius: float,
    lattice: Lattice,
    layout: Layout,
    chosen: NDArray[np.bool_],
    unit: float,
) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.int64]]:
    """Sort in time proportional to the points; points of one key keep their order."""
    key = np.empty(x.size, np.int32)  # fewer than 2³¹: there is an array of as many counts
    first = np.zeros(layout.slots * layout.keys + 1, np.int64)
    last_key = float(layout.keys - 1)
    for i in range(x.size):
        key[i] = -1
        if chosen.size and not chosen[i]:
            continue
        east, south = (x[i] - lattice.west) / lattice.cell - 0.5, (lattice.north - y[i]) / lattice.cell - 0.5
        reaches = -radius < east < lattice.cols - 1 + radius and -radius < south < lattice.rows - 1 + radius
        if reaches and weights[i] != 0.0:
            slot = min(int((east - layout.start) / layout.width), layout.slots - 1)
            row = min(max(np.floor(south) - layout.top, 0.0), last_key)
            key[i] = slot * layout.keys + int(row)
            first[key[i] + 1] += 1
    for k in range(first.size - 1):
        first[k + 1] += first[k]
    free = first.copy()
    size = first[-1]
    to_x, to_y, to_weights = np.empty(size), np.empty(size), np.empty(size)
    to_radii = np.empty(size if radii.size else 0)
    for i in range(x.size):
        if key[i] < 0:
            continue
        at = free[key[i]]
        free[key[i]] += 1
        slot = key[i] // layout.keys
        east, south = (x[i] - lattice.west) / lattice.cell - 0.5, (lattice.north - y[i]) / lattice.cell - 0.5
        to_x[at] = east - slot_middle(layout, slot)
        to_y[at] = south
        to_weights[at] = weights[i]
        if radii.size:
            to_radii[at] = radii[i] * unit
    return to_x, to_y, to_weights, to_radii, first


@njit(cache=True, nogil=True)
def slot_middle(layout: Layout, slot: int) -> float:
    """Return the middle of a slot in columns of the lattice."""
    return layout.start + slot * layout.width + 0.5 * (layout.width - 1.0)


@njit(cache=True, nogil=True)
def points_near(first: NDArray[np.int64], layout: Layout, slot: int, row: int, radius: float) -> tuple[int, int]:
    """Return begin and end of the points of a slot that may reach a row."""
    # A point of key k lies in rows [k, k + 1).
    low = max(0, int(max(np.floor(row - radius - 1.0) + 1.0 - layout.top, 0.0)))
    high = int(min(np.ceil(row + radius) - layout.top, float(layout.keys)))
    return first[slot * layout.keys + low], first[slot * layout.keys + high]
