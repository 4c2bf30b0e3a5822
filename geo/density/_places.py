"""Kernel sums at places, from points in bins (or, for many Gaussians, from a lattice). Arrays only."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.density._compensated import add
from geo.density._gaussian_places import gaussian_sums_at, gridding_pays
from geo.density._layout import Floats, Layout, bins_for, layout_for, place, points_near, slot_middle
from geo.density._moments import bins_of_moments, moment_sums
from geo.density._profile import GAUSSIAN, Profile, height
from geo.density._threads import in_bands

BLOCK = 512
"""Terms that are summed at once; the sums of blocks are added with compensation (Kahan 1965)."""


def sums_at(
    x: Floats,
    y: Floats,
    weights: Floats,
    radii: float | Floats,
    profile: Profile,
    at_x: Floats,
    at_y: Floats,
    threads: int,
) -> Floats:
    """Return Σ weight · K(d/radius) at the places, in any order; ``radii`` is one for all points or one for each."""
    out = np.zeros(at_x.size)
    if not at_x.size:
        return out
    cut = float(np.sqrt(2 * profile.steepness))
    if isinstance(radii, float):
        if profile.power == GAUSSIAN and gridding_pays(x.size, at_x, at_y, radii / cut, cut):
            return gaussian_sums_at(x, y, weights, radii / cut, cut, at_x, at_y, threads)
        bins = None if profile.power == GAUSSIAN else bins_of_moments(x, y, radii, profile.power, at_x, at_y)
        if bins:
            moment_sums(x, y, weights, radii, profile, bins, at_x, at_y, threads, out)
            return out
        _add_sums(x, y, weights, np.empty(0), radii, profile, at_x, at_y, threads, out)
        return out
    # Classes of nearly equal radii, so that few points are looked at in vain, or each has a lattice of its own.
    octave = np.floor(np.log2(radii))
    for step in np.unique(octave):
        mine = octave == step
        own, points = radii[mine], (x[mine], y[mine], weights[mine])
        if profile.power == GAUSSIAN and gridding_pays(own.size, at_x, at_y, float(own.min()) / cut, cut):
            out += gaussian_sums_at(*points, own / cut, cut, at_x, at_y, threads)
        else:
            _add_sums(*points, own, float(own.max()), profile, at_x, at_y, threads, out)
    return out


def _add_sums(
    x: Floats,
    y: Floats,
    weights: Floats,
    radii: Floats,
    radius: float,
    profile: Profile,
    at_x: Floats,
    at_y: Floats,
    threads: int,
    out: Floats,
) -> None:
    """Add the sums for radii up to ``radius``, from bins whose columns are a radius wide: only neighbours reach."""
    bins = bins_for(at_x, at_y, radius, x.size)
    reach = radius / bins.cell
    placed = place(x, y, weights, radii / bins.cell, reach, bins, layout_for(bins, reach, slot_radii=1.0))
    east, south = (at_x - bins.west) / bins.cell - 0.5, (bins.north - at_y) / bins.cell - 0.5

    def some(begin: int, end: int) -> None:
        _sum_at(*placed, reach, *profile, east[begin:end], south[begin:end], out[begin:end])

    in_bands(some, np.full(at_x.size, 1.0 + placed.x.size / 100), threads)


@njit(cache=True, nogil=True, error_model="numpy")
def _sum_at(
    x: Floats,
    y: Floats,
    weights: Floats,
    radii: Floats,
    first: NDArray[np.int64],
    layout: Layout,
    radius: float,
    power: int,
    steepness: float,
    at_x: Floats,
    at_y: Floats,
    out: Floats,
) -> None:
    scale = 1.0 / (radius * radius)
    for i in range(at_x.size):
        home = int((at_x[i] - layout.start) / layout.width)
        total = lost = 0.0
        for slot in range(max(0, home - 1), min(layout.slots, home + 2)):
            away = at_x[i] - slot_middle(layout, slot)
            begin, end = points_near(first, layout, slot, at_y[i], radius)
            for block in range(begin, end, BLOCK):
                to = min(end, block + BLOCK)
                if radii.size:
                    here = 0.0
                    for j in range(block, to):
                        base = 1.0 - ((x[j] - away) ** 2 + (y[j] - at_y[i]) ** 2) / (radii[j] * radii[j])
                        if base > 0.0:
                            here += weights[j] * height(base, power, steepness)
                else:
                    here = block_sum(
                        x[block:to], y[block:to], weights[block:to], away, at_y[i], scale, power, steepness
                    )
                total, lost = add(total, lost, here)
        out[i] += total


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
def block_sum(
    x: Floats, y: Floats, weights: Floats, at_x: float, at_y: float, scale: float, power: int, steepness: float
) -> float:
    """Sum in any order, so that several terms are computed at once."""
    total = 0.0
    if power == GAUSSIAN:
        for i in range(x.size):
            base = 1.0 - ((x[i] - at_x) ** 2 + (y[i] - at_y) ** 2) * scale
            total += weights[i] * np.exp(steepness * (base - 1.0)) if base > 0.0 else 0.0
    elif power == 0:
        for i in range(x.size):
            base = 1.0 - ((x[i] - at_x) ** 2 + (y[i] - at_y) ** 2) * scale
            total += weights[i] if base > 0.0 else 0.0
    elif power == 1:
        for i in range(x.size):
            total += weights[i] * max(1.0 - ((x[i] - at_x) ** 2 + (y[i] - at_y) ** 2) * scale, 0.0)
    elif power == 2:
        for i in range(x.size):
            base = max(1.0 - ((x[i] - at_x) ** 2 + (y[i] - at_y) ** 2) * scale, 0.0)
            total += weights[i] * base * base
    else:
        for i in range(x.size):
            base = max(1.0 - ((x[i] - at_x) ** 2 + (y[i] - at_y) ** 2) * scale, 0.0)
            total += weights[i] * base * base * base
    return total
