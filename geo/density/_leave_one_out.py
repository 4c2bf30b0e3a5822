"""Sums over all other points, at the points themselves: what cross-validation needs. Arrays only."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.density._compensated import add
from geo.density._layout import Floats, Layout, bins_for, layout_for, place, points_near, slot_middle
from geo.density._places import BLOCK, block_sum
from geo.density._profile import Profile
from geo.density._threads import in_bands

NO_TABLE = np.empty(0)


def sums_of_others(
    x: Floats,
    y: Floats,
    weights: Floats,
    radius: float,
    profile: Profile,
    threads: int,
    wanted: NDArray[np.bool_] | None = None,
) -> Floats:
    """Return Σ_{j≠i} weight_j · K(d_ij/radius), shape (n,); 0 at points of weight 0 and those that are not wanted."""
    return _sums(x, y, weights, radius, profile, NO_TABLE, threads, wanted)


def table_sums_of_others(x: Floats, y: Floats, weights: Floats, radius: float, table: Floats, threads: int) -> Floats:
    """Return the same for a function of d/radius that is tabulated in even steps from 0 to 1, and 0 beyond."""
    return _sums(x, y, weights, radius, Profile(0), table, threads, None)


def _sums(
    x: Floats,
    y: Floats,
    weights: Floats,
    radius: float,
    profile: Profile,
    table: Floats,
    threads: int,
    wanted: NDArray[np.bool_] | None,
) -> Floats:
    bins = bins_for(x, y, radius, x.size)
    reach = radius / bins.cell
    number = np.arange(x.size, dtype=np.float64)  # in place of radii, to know the points again
    placed = place(x, y, weights, number, reach, bins, layout_for(bins, reach, slot_radii=1.0))
    sorted_x, sorted_y, sorted_weights, numbers, first, layout = placed
    order = numbers.astype(np.int64)
    asked = np.ones(order.size, dtype=bool) if wanted is None else wanted[order]
    sums = np.zeros(order.size)

    def some(begin: int, end: int) -> None:
        _sum_others(sorted_x, sorted_y, sorted_weights, asked, first, layout, reach, *profile, table, begin, end, sums)

    in_bands(some, 1.0 + np.diff(first) * (1.0 + order.size / 100), threads)
    out = np.zeros(x.size)
    out[order] = sums
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _sum_others(
    x: Floats,
    y: Floats,
    weights: Floats,
    asked: NDArray[np.bool_],
    first: NDArray[np.int64],
    layout: Layout,
    radius: float,
    power: int,
    steepness: float,
    table: Floats,
    begin: int,
    end: int,
    out: Floats,
) -> None:
    """Fill ``out`` for the points, as in `Placed`, of the keys from ``begin`` to before ``end``."""
    scale = 1.0 / (radius * radius)
    for key in range(begin, end):
        home = key // layout.keys
        for i in range(first[key], first[key + 1]):
            if not asked[i]:
                continue
            total = lost = 0.0
            for slot in range(max(0, home - 1), min(layout.slots, home + 2)):
                at_x = x[i] + slot_middle(layout, home) - slot_middle(layout, slot)
                start, stop = points_near(first, layout, slot, y[i], radius)
                block = start
                while block < stop:
                    if block == i:
                        block += 1
                        continue
                    to = min(stop, block + BLOCK)
                    if block < i < to:
                        to = i
                    mine = slice(block, to)
                    if table.size:
                        here = _table_sum(x[mine], y[mine], weights[mine], at_x, y[i], scale, table)
                    else:
                        here = block_sum(x[mine], y[mine], weights[mine], at_x, y[i], scale, power, steepness)
                    total, lost = add(total, lost, here)
                    block = to
            out[i] = total


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
def _table_sum(x: Floats, y: Floats, weights: Floats, at_x: float, at_y: float, scale: float, table: Floats) -> float:
    total = 0.0
    steps = table.size - 1
    for i in range(x.size):
        place = min(np.sqrt(((x[i] - at_x) ** 2 + (y[i] - at_y) ** 2) * scale), 1.0) * steps
        low = min(np.int32(place), np.int32(steps - 1))
        total += weights[i] * (table[low] + (place - low) * (table[low + 1] - table[low]))
    return total
