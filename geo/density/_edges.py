"""The mass of a kernel inside a polygon, to the last vertex of its rings. Arrays only.

Around a place, in polar coordinates, the mass of a radial kernel inside a polygon is an integral along its edges. With
C(ρ) the mass beyond the distance ρ it is

    [the place lies inside] − (1/2π) ∮ C(ρ) dθ,

and only the parts of the edges inside the kernel's disc count. In units of the radius, for an edge at the signed
distance p from the place, t along it and q = p² + t², dθ = p dt/q and

    ∮ C dθ = Σ_edges (the angle that the part is seen under + p ∫ (C − 1)/q dt).

C is (1 − q)^(m+1) for the kernels (1 − q)^m, and (C − 1)/q = −Σ_{k≤m} (1 − q)^k has a simple integral. For the Gaussian
C is exp(−steepness · q), and Gauss's quadrature as good as exact. Holes and islands need nothing of their own: their
edges run the other way round, or are simply more edges.

The angles of edges that meet inside the disc add up to that between the points where their chain enters it and leaves
it, but for whole turns. So only those points are looked at; they tell which part of the circle lies inside. Nothing
special happens on the boundary or at a vertex. Whole turns follow from the mass being between 0 and 1.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.density._layout import Floats, Layout, bins_for, layout_for, place, slot_middle
from geo.density._profile import GAUSSIAN, Profile
from geo.density._threads import in_bands

NODES, SHORT_NODES = 8, 4
"""Nodes for each standard deviation of an edge, and for edges up to `SHORT` of one: error below 1e-13."""

SHORT = 0.2

ROUNDING = 1e-12
"""Masses that may be nothing but rounding."""


def _rule(nodes: int) -> list[Floats]:
    """Return nodes between 0 and 1 and their shares, with zeros after the last."""
    at, shares = np.polynomial.legendre.leggauss(nodes)
    return [np.pad(values, (0, NODES - nodes)) for values in (0.5 * at + 0.5, 0.5 * shares)]


RULES = np.array([*_rule(NODES), *_rule(SHORT_NODES)])


def mass_inside(x: Floats, y: Floats, radii: float | Floats, profile: Profile, edges: Floats, threads: int) -> Floats:
    """Return the share of the kernel around each place that lies inside the polygon, to 1e-8, shape (n,).

    It is NaN where no edge is in reach: 1 if the place lies inside, otherwise 0.

    Parameters
    ----------
    x, y
        The places.
    radii
        Radius of the kernel, for all places or for each. A Gaussian is cut there.
    edges
        (x, y, x, y) of beginning and end of each edge, shape (4, edges), the polygon to the left.
    """
    if not x.size:
        return np.empty(0)
    one = isinstance(radii, float)
    radius = float(np.max(radii))
    bins = bins_for(x, y, radius, x.size)
    own = np.empty(0) if one else np.asarray(radii) / bins.cell
    reach = radius / bins.cell
    number = np.arange(1.0, x.size + 1)  # in place of weights, none of them zero: it tells which place is where
    placed = place(x, y, number, own, reach, bins, layout_for(bins, reach, slot_radii=1.0))
    in_bins = np.empty_like(edges)
    in_bins[::2] = (edges[::2] - bins.west) / bins.cell - 0.5
    in_bins[1::2] = (bins.north - edges[1::2]) / bins.cell - 0.5
    by_row_x, by_row_y, order, own, first, layout = placed
    cosine, sine, rest = np.ones(x.size), np.zeros(x.size), np.zeros(x.size)

    def some(top: int, bottom: int) -> None:
        mine = by_row_x, by_row_y, own, first, layout, reach
        _go_round(*mine, *profile, in_bins, RULES, top, bottom, cosine, sine, rest)

    counts = np.diff(first).reshape(layout.slots, layout.keys).sum(axis=0)
    in_bands(some, edges.shape[1] + 30.0 * counts, threads)
    mass = np.empty(x.size)
    mass[order.astype(np.int64) - 1] = _settled(np.arctan2(sine, cosine) / (-2 * np.pi), rest / (-2 * np.pi))
    return mass


def _settled(turns: Floats, rest: Floats) -> Floats:
    """Return the masses, given as ``turns`` + ``rest`` but for whole turns; NaN if that is 0 or 1 and does not say.

    Where no edge crosses the circle, all of it is inside (1 turn) or outside (0), and the rest is the mass that is left
    out, or the mass itself: its sign tells which, however small it is.
    """
    mass = turns + rest
    unsure = (np.abs(mass) < ROUNDING) & ((turns != 0.0) | (rest == 0.0))
    mass -= np.floor(mass)
    mass[unsure] = np.nan
    return mass


@njit(cache=True, nogil=True, error_model="numpy")
def _go_round(
    x: Floats,
    y: Floats,
    radii: Floats,
    first: NDArray[np.int64],
    layout: Layout,
    radius: float,
    power: int,
    steepness: float,
    edges: Floats,
    rules: Floats,
    top: int,
    bottom: int,
    cosine: Floats,
    sine: Floats,
    rest: Floats,
) -> None:
    """Add both parts of ∮ C dθ for the places, as in `Placed`, of the keys from ``top`` to before ``bottom``.

    The angles are turned by and not added, so that they come as cosine and sine.
    """
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
                # The same bits for the two edges of a vertex: no chain of edges is left open.
                enters, leaves = east0 * east0 + south0 * south0 >= 1.0, east1 * east1 + south1 * south1 >= 1.0
                begin, end = east0 * along + south0 * down, east1 * along + south1 * down
                # South is down: the polygon lies to the left where this is positive.
                p = south0 * along - east0 * down
                chord = 1.0 - p * p
                if enters and leaves and not (begin < 0.0 < end and chord > 0.0):
                    continue
                half = np.sqrt(max(chord, 0.0))
                if enters:
                    begin = -half
                    a, b = -half * along - p * down, -half * down + p * along
                    cosine[i], sine[i] = cosine[i] * a - sine[i] * b, sine[i] * a + cosine[i] * b
                if leaves:
                    end = half
                    a, b = half * along - p * down, half * down + p * along
                    cosine[i], sine[i] = cosine[i] * a + sine[i] * b, sine[i] * a - cosine[i] * b
                if power == GAUSSIAN:
                    rest[i] += p * _gaussian_rest(begin, end, p * p, steepness, rules)
                else:
                    rest[i] += p * (_power_rest(begin, chord, power) - _power_rest(end, chord, power))


@njit(cache=True, nogil=True, error_model="numpy")
def _power_rest(t: float, b: float, power: int) -> float:
    """Return Σ_{k≤m} ∫ (b − t²)^k dt from 0 to t, where 1 − q = b − t²."""
    s = t * t
    total = 1.0
    if power >= 1:
        total += b - s / 3.0
    if power >= 2:
        total += b * b - s * (b / 1.5 - s / 5.0)
    if power >= 3:
        total += b * b * b - s * (b * b - s * (0.6 * b - s / 7.0))
    return t * total


@njit(cache=True, nogil=True, error_model="numpy")
def _gaussian_rest(begin: float, end: float, p2: float, steepness: float, rules: Floats) -> float:
    """Return ∫ (C − 1)/q dt from ``begin`` to ``end``."""
    sigma = 1.0 / np.sqrt(2.0 * steepness)
    short = end - begin <= SHORT * sigma
    nodes, shares = rules[2, :SHORT_NODES] if short else rules[0], rules[3] if short else rules[1]
    steps = max(1, int(np.ceil((end - begin) / sigma)))
    step = (end - begin) / steps
    total = 0.0
    for k in range(steps):
        for node in range(nodes.size):
            t = begin + step * (k + nodes[node])
            q = p2 + t * t
            total += shares[node] * (np.expm1(-steepness * q) / q if q > 0.0 else -steepness)
    return total * step
