"""Kernel sums at many places where points are dense, from the moments of bins. Arrays only.

With the place P and a point p in units of the radius from some origin, 1 − d² = A + 2P·p − s, A = 1 − |P|², s = |p|².
So the kernels (1 − d²)^m of any points that all lie inside the disc around P add up to a polynomial in P, whose
coefficients are Σ w, Σ wx, Σ wy, Σ ws, …: (m + 1)² moments, because y² = s − x².

Points are sorted into small square bins. Along each column of bins the moments are summed up, so that those of all bins
that lie wholly in the disc come from two entries; only points in the bins that its rim cuts are looked at singly. Of n
points in reach those are some √n. Sums begin anew, with another origin, after each radius, against cancellation.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.density._compensated import add
from geo.density._layout import Floats, Lattice, Layout, place
from geo.density._profile import Profile
from geo.density._threads import in_bands

FINEST, COARSEST = 256.0, 4.0
"""Bins in a radius: more do not pay, fewer hardly hold a disc's inner bins."""

MOMENTS_A_POINT = 0.64
"""Moments there are for each point: they take memory beside the sorted points."""

PAIRS_FROM = 1500.0
"""Pairs for each place, summed one by one, from which moments pay."""

FEW = 16
"""Points of a column in the disc up to which they are summed singly."""

LOOKED_AT = 6.0
"""Squares of radius side in which `_places` looks for points that may be in reach."""

NS_A_POINT, NS_A_PAIR = 100.0, 0.4
"""Rough nanoseconds to sort a point into bins, and for a pair."""

AT_ONCE = 1 << 17
"""Places that are sorted at once."""

CHUNK = 256
"""Points of a bin after which moments are put aside: sums of short sums drift less than one long sum."""


def bins_of_moments(x: Floats, y: Floats, radius: float, power: int, at_x: Floats, at_y: Floats) -> Lattice | None:
    """Return bins over the points in reach of the places, or None if they do not pay."""
    west, east = max(x.min(), at_x.min() - radius), min(x.max(), at_x.max() + radius)
    south, north = max(y.min(), at_y.min() - radius), min(y.max(), at_y.max() + radius)
    width, height = float(east - west), float(north - south)
    if not (width > 0 and height > 0):
        return None
    cell = max(float(np.sqrt(width * height / (MOMENTS_A_POINT * x.size))) * max(power + 1, 2), radius / FINEST)
    pairs = x.size * min(1.0, LOOKED_AT * radius**2 / (width * height))
    if cell * COARSEST > radius or pairs < PAIRS_FROM or at_x.size * pairs * NS_A_PAIR < x.size * NS_A_POINT:
        return None
    rows, cols = int(height / cell) + 2, int(width / cell) + 2
    return Lattice(float(west - 0.5 * cell), float(north + 0.5 * cell), cell, rows, cols)


def moment_sums(
    x: Floats, y: Floats, weights: Floats, radius: float, profile: Profile, bins: Lattice,
    at_x: Floats, at_y: Floats, threads: int, out: Floats,
) -> None:  # fmt: skip
    """Add Σ weight · K(d/radius) at the places."""
    layout = Layout(0.0, 1.0, bins.cols, 0, bins.rows)
    placed = place(x, y, weights, np.empty(0), 1e-9, bins, layout)
    reach = radius / bins.cell
    group = int(np.ceil(reach))
    sum_up, gather = KERNELS[profile.power]
    groups = -(-bins.rows // group)
    moments = np.empty((bins.cols * (bins.rows + groups), (profile.power + 1) ** 2))
    points = placed.x, placed.y, placed.weights, placed.first, layout, reach, group

    def columns(begin: int, end: int) -> None:
        sum_up(*points, begin, end, moments)

    in_bands(columns, 1.0 + np.diff(placed.first[:: bins.rows]), threads)
    for begin in range(0, at_x.size, AT_ONCE):
        col = (at_x[begin : begin + AT_ONCE] - bins.west) / bins.cell - 0.5
        row = (bins.north - at_y[begin : begin + AT_ONCE]) / bins.cell - 0.5
        # Neighbours after each other: they read the same moments.
        order = np.lexsort((row, np.floor(col * (4 / reach))))
        some = partial(_share, gather, points, moments, col, row, order, out[begin : begin + AT_ONCE])
        in_bands(some, np.full(col.size, 4 * reach), threads)


def _share(
    gather: Callable[..., None], points: tuple[Any, ...], moments: Floats, col: Floats, row: Floats,
    order: NDArray[np.int64], out: Floats, begin: int, end: int,
) -> None:  # fmt: skip
    gather(*points, moments, col, row, order[begin:end], out)


def _make(power: int) -> tuple[Callable[..., None], Callable[..., None]]:
    """Return the functions that sum up moments, and gather from them, for one kernel."""
    terms = (power + 1) ** 2

    @njit(cache=True, nogil=True, error_model="numpy")
    def sum_up(
        x: Floats, y: Floats, weights: Floats, first: NDArray[np.int64], layout: Layout, radius: float, group: int,
        begin: int, end: int, out: Floats,
    ) -> None:  # fmt: skip
        """Fill ``out`` for the columns from ``begin`` to before ``end``: sums over the bins before each in its group.

        One entry more than bins in each group of a column.
        """
        keys = layout.keys
        groups = -(-keys // group)
        scale = 1.0 / radius
        part, here, total = np.empty(terms), np.empty(terms), np.empty(terms)
        for col in range(begin, end):
            # Columns count from the group's middle.
            away = col - (col // group + 0.5) * group
            at = col * (keys + groups)
            for k in range(groups):
                middle = (k + 0.5) * group
                total[:] = 0.0
                out[at] = total
                at += 1
                for key in range(k * group, min((k + 1) * group, keys)):
                    here[:] = 0.0
                    for chunk in range(first[col * keys + key], first[col * keys + key + 1], CHUNK):
                        part[:] = 0.0
                        for i in range(chunk, min(chunk + CHUNK, first[col * keys + key + 1])):
                            w = weights[i]
                            part[0] += w
                            if power >= 1:
                                u, v = (x[i] + away) * scale, (y[i] - middle) * scale
                                s = u * u + v * v
                                part[1] += w * u
                                part[2] += w * v
                                part[3] += w * s
                            if power >= 2:
                                part[4] += w * u * u
                                part[5] += w * u * v
                                part[6] += w * u * s
                                part[7] += w * v * s
                                part[8] += w * s * s
                            if power >= 3:
                                part[9] += w * u * u * u
                                part[10] += w * u * u * v
                                part[11] += w * u * u * s
                                part[12] += w * u * v * s
                                part[13] += w * u * s * s
                                part[14] += w * v * s * s
                                part[15] += w * s * s * s
                        for t in range(terms):
                            here[t] += part[t]
                    for t in range(terms):
                        total[t] += here[t]
                        out[at, t] = total[t]
                    at += 1

    @njit(cache=True, nogil=True, error_model="numpy")
    def gather(
        x: Floats, y: Floats, weights: Floats, first: NDArray[np.int64], layout: Layout, radius: float, group: int,
        moments: Floats, at_x: Floats, at_y: Floats, order: NDArray[np.int64], out: Floats,
    ) -> None:  # fmt: skip
        """Add the sums at the places of ``order``."""
        keys, cols = layout.keys, layout.slots
        groups = -(-keys // group)
        scale, square = 1.0 / (radius * radius), radius * radius
        sums = np.zeros((groups + 1, terms))
        for at in order:
            px, py = at_x[at], at_y[at]
            total = lost = 0.0
            left = int(min(max(np.floor(px - radius), 0.0), float(cols)))
            right = int(min(max(np.floor(px + radius) + 1.0, 0.0), float(cols)))
            lowest = int(min(max(np.floor(py - radius), 0.0), float(keys - 1))) // group
            highest = int(min(max(np.floor(py + radius), 0.0), float(keys - 1))) // group
            used = False
            for col in range(left, right):
                near = max(col - px, px - (col + 1.0), 0.0)
                far = max(px - col, col + 1.0 - px)
                wide = np.sqrt(max(square - near * near, 0.0))
                a = int(min(max(np.floor(py - wide), 0.0), float(keys)))
                z = int(min(max(np.floor(py + wide) + 1.0, 0.0), float(keys)))
                begin, end = first[col * keys + a], first[col * keys + max(a, z)]
                inner_begin = inner_end = end
                if end - begin > FEW and far < radius:
                    wide = np.sqrt(square - far * far)
                    b = int(min(max(np.ceil(py - wide), 0.0), float(keys)))
                    y_end = int(min(max(np.floor(py + wide), 0.0), float(keys)))
                    if y_end > b and first[col * keys + y_end] - first[col * keys + b] > FEW:
                        inner_begin, inner_end = first[col * keys + b], first[col * keys + y_end]
                        used = True
                        base = col * (keys + groups)
                        for k in range(b // group, (y_end - 1) // group + 1):
                            low, high = base + k + max(b, k * group), base + k + min(y_end, (k + 1) * group)
                            for t in range(terms):
                                sums[k, t] += moments[high, t] - moments[low, t]
                away = px - col
                if inner_begin > begin:
                    mine = slice(begin, inner_begin)
                    total, lost = add(total, lost, singly(x[mine], y[mine], weights[mine], away, py, scale))
                if end > inner_end:
                    mine = slice(inner_end, end)
                    total, lost = add(total, lost, singly(x[mine], y[mine], weights[mine], away, py, scale))
                if used and ((col + 1) % group == 0 or col + 1 == right):
                    u = (px - (col // group + 0.5) * group) / radius
                    for k in range(lowest, highest + 1):
                        v = (py - (k + 0.5) * group) / radius
                        total, lost = add(total, lost, polynomial(sums[k], u, v))
                        sums[k] = 0.0
                    used = False
            out[at] += total

    @njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
    def singly(x: Floats, y: Floats, weights: Floats, at_x: float, at_y: float, scale: float) -> float:
        """Return the sum of the points' kernels."""
        total = 0.0
        for i in range(x.size):
            base = 1.0 - ((x[i] - at_x) ** 2 + (y[i] - at_y) ** 2) * scale
            if power == 0:
                total += weights[i] if base > 0.0 else 0.0
            else:
                base = max(base, 0.0)
                value = base
                for _ in range(power - 1):
                    value *= base
                total += weights[i] * value
        return total

    @njit(cache=True, nogil=True, error_model="numpy")
    def polynomial(m: Floats, x: float, y: float) -> float:
        """Return the sum of the kernels of points with these moments at a place, both in radii from one origin."""
        if power == 0:
            return m[0]  # type: ignore[no-any-return]
        a = 1.0 - x * x - y * y
        one = 2.0 * (x * m[1] + y * m[2]) - m[3]  # Σ w (2P·p − s)
        if power == 1:
            return a * m[0] + one  # type: ignore[no-any-return]
        xx, yy, xy = x * x, y * y, x * y
        two = 4.0 * ((xx - yy) * m[4] + yy * m[3] + 2.0 * xy * m[5] - x * m[6] - y * m[7]) + m[8]  # Σ w (2P·p − s)²
        if power == 2:
            return a * (a * m[0] + 2.0 * one) + two  # type: ignore[no-any-return]
        cubes = x * (xx - 3.0 * yy) * m[9] + y * (3.0 * xx - yy) * m[10] + 3.0 * x * yy * m[6] + y * yy * m[7]
        squares = (xx - yy) * m[11] + 2.0 * xy * m[12] + yy * m[8]
        three = 8.0 * cubes - 12.0 * squares + 6.0 * (x * m[13] + y * m[14]) - m[15]
        return a * (a * (a * m[0] + 3.0 * one) + 3.0 * two) + three  # type: ignore[no-any-return]

    return sum_up, gather


KERNELS = {power: _make(power) for power in range(4)}
"""For the kernels (1 − d²/h²)^m, by m."""
