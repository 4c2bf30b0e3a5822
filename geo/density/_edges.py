"""The mass of a kernel inside a polygon, to the last vertex of its rings. Arrays only.

Around a place, in polar coordinates, the mass of a radial kernel inside a polygon is an integral along its edges. With
C(ρ) the mass beyond the distance ρ it is

    [the place lies inside] − (1/2π) ∮ C(ρ) dθ,

and only the parts of the edges inside the kernel's disc count. In units of the radius, for an edge at the signed
distance p from the place, t along it and q = p² + t², dθ = p dt/q and

    ∮ C dθ = Σ_edges (the angle that the part is seen under + p ∫ (C − 1)/q dt).

C is (1 − q)^(m+1) for the kernels (1 − q)^m and exp(−steepness · q) for the Gaussian; (C − 1)/q is a polynomial of
degree 2m in t, or smooth. Gauss's quadrature is exact for the first and as good as exact for the second. Holes and
islands need nothing of their own: their edges run the other way round, or are simply more edges.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.density._layout import Floats, Layout, bins_for, layout_for, place, slot_middle
from geo.density._profile import GAUSSIAN, Profile
from geo.density._threads import in_bands

POLYNOMIAL_NODES = 4
"""Nodes that integrate polynomials of degree 7 exactly; those of the triweight have degree 6."""

GAUSSIAN_NODES = 8
"""Nodes for each standard deviation of an edge: error below 1e-13."""

NUDGE = 1e-11
"""Radii by which the places are moved, so that none lies on a vertex, where the angles of two edges are not defined."""

ROUNDING = 1e-6
"""Masses further than this from between 0 and 1 are a full turn off."""


def mass_inside(
    x: Floats,
    y: Floats,
    radii: float | Floats,
    profile: Profile,
    inside: NDArray[np.bool_],
    edges: Floats,
    threads: int,
) -> Floats:
    """Return the share of the kernel around each place that lies inside the polygon, to 1e-8, shape (n,).

    Parameters
    ----------
    x, y
        The places.
    radii
        Radius of the kernel, for all places or for each. A Gaussian is cut there.
    inside
        Which places lie inside the polygon; either will do for those on its boundary.
    edges
        (x, y, x, y) of beginning and end of each edge, shape (4, edges), the polygon to the left.
    """
    mass = inside.astype(np.float64)
    if not x.size:
        return mass
    one = isinstance(radii, float)
    radius = float(np.max(radii))
    bins = bins_for(x, y, radius, x.size)
    own = np.empty(0) if one else np.asarray(radii) / bins.cell
    reach = radius / bins.cell
    number = np.arange(1.0, x.size + 1)  # in place of weights, none of them zero: it tells which place is where
    placed = place(x, y, number, own, reach, bins, layout_for(bins, reach, slot_radii=1.0))
    in_bins = np.empty_like(edges)
    in_bins[::2] = (edges[::2] - bins.west) / bins.cell - 0.5 + NUDGE * reach
    in_bins[1::2] = (bins.north - edges[1::2]) / bins.cell - 0.5 + 0.3 * NUDGE * reach
    nodes, shares = np.polynomial.legendre.leggauss(GAUSSIAN_NODES if profile.power == GAUSSIAN else POLYNOMIAL_NODES)
    beyond = np.zeros(x.size)

    by_row_x, by_row_y, order, own, first, layout = placed
    rule = 0.5 * nodes + 0.5, 0.5 * shares

    def some(top: int, bottom: int) -> None:
        _turn(by_row_x, by_row_y, own, first, layout, reach, *profile, in_bins, *rule, top, bottom, beyond)

    counts = np.diff(first).reshape(layout.slots, layout.keys).sum(axis=0)
    in_bands(some, edges.shape[1] + 30.0 * counts, threads)
    mass[order.astype(np.int64) - 1] -= beyond / (2 * np.pi)
    # A place on the boundary sees it on one side or the other, as rounding has it: a full turn too many or too few.
    mass += (mass < -ROUNDING).astype(float) - (mass > 1 + ROUNDING)
    return np.clip(mass, 0.0, 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _turn(
    x: Floats,
    y: Floats,
    radii: Floats,
    first: NDArray[np.int64],
    layout: Layout,
    radius: float,
    power: int,
    steepness: float,
    edges: Floats,
    nodes: Floats,
    shares: Floats,
    top: int,
    bottom: int,
    out: Floats,
) -> None:
    """Add ∮ C dθ for the places, as in `Placed`, of the keys from ``top`` to before ``bottom``."""
    longest = 1.0 / np.sqrt(2.0 * steepness) if power == GAUSSIAN else 2.0
    for edge in range(edges.shape[1]):
        x0, y0, x1, y1 = edges[0, edge], edges[1, edge], edges[2, edge], edges[3, edge]
        length = np.hypot(x1 - x0, y1 - y0)
        if length == 0.0:
            continue
        along, down = (x1 - x0) / length, (y1 - y0) / length
        low = max(top, int(max(np.floor(min(y0, y1) - radius) - layout.top, 0.0)))
        high = min(bottom, int(max(np.floor(max(y0, y1) + radius) - layout.top + 1.0, 0.0)))
        left = max(0, int((min(x0, x1) - radius - layout.start) / layout.width))
        right = min(layout.slots, int(max((max(x0, x1) + radius - layout.start) / layout.width + 1.0, 0.0)))
        for slot in range(left, right):
            middle = slot_middle(layout, slot)
            for i in range(first[slot * layout.keys + low], first[slot * layout.keys + max(low, high)]):
                inverse = 1.0 / (radii[i] if radii.size else radius)
                east0, south0 = (x0 - middle - x[i]) * inverse, (y0 - y[i]) * inverse
                east1, south1 = (x1 - middle - x[i]) * inverse, (y1 - y[i]) * inverse
                # South is down: the polygon lies to the left where this is positive.
                p = south0 * along - east0 * down
                chord = 1.0 - p * p
                if chord <= 0.0:
                    continue
                half = np.sqrt(chord)
                begin, end = east0 * along + south0 * down, east1 * along + south1 * down
                if begin >= half or end <= -half:
                    continue
                # Ends that are kept are the next edge's to the last bit, so that the angles add up to whole turns.
                if begin < -half:
                    begin, east0, south0 = -half, -half * along - p * down, -half * down + p * along
                if end > half:
                    end, east1, south1 = half, half * along - p * down, half * down + p * along
                out[i] += np.arctan2(south0 * east1 - east0 * south1, east0 * east1 + south0 * south1)
                out[i] += p * _rest(begin, end, p * p, power, steepness, nodes, shares, longest)


@njit(cache=True, nogil=True, error_model="numpy")
def _rest(
    begin: float, end: float, p2: float, power: int, steepness: float, nodes: Floats, shares: Floats, longest: float
) -> float:
    """Return ∫ (C − 1)/q dt from ``begin`` to ``end``."""
    steps = int(np.ceil((end - begin) / longest))
    step = (end - begin) / steps
    total = 0.0
    for k in range(steps):
        for node in range(nodes.size):
            t = begin + step * (k + nodes[node])
            q = p2 + t * t
            if power == GAUSSIAN:
                value = np.expm1(-steepness * q) / q if q > 0.0 else -steepness
            else:
                # ((1 − q)^(m+1) − 1)/q = −(1 + (1 − q) + … + (1 − q)^m)
                value = 0.0
                for _ in range(power + 1):
                    value = value * (1.0 - q) - 1.0
            total += shares[node] * value
    return total * step
