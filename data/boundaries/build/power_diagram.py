"""A power diagram whose groups of cells have given areas.

The cell of point i with weight w_i holds the places s with |s − p_i|² − w_i smaller than for any other point. All
points of a group share one weight; the weights are those for which each group's cells, within an outline, have the
area that is asked for. They maximise a concave function whose gradient is the area that is missing (Aurenhammer,
Hoffmann & Aronov 1998), so damped Newton steps find them.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

TOLERANCE = 1e-6
"""Relative error of the areas at which the iteration ends."""

Floats = NDArray[np.float64]


def cells(points: Floats, weights: Floats, wanted: int, outline: Polygon) -> list[shapely.Geometry]:
    """Return the cells of the first ``wanted`` points, clipped to the outline."""
    west, south, east, north = outline.buffer(1.0).bounds
    box = np.array([[west, south], [east, south], [east, north], [west, north]])
    convex = [_cell(i, points, weights, box) for i in range(wanted)]
    clipped = shapely.intersection(np.array([Polygon(c) if len(c) > 2 else Polygon() for c in convex]), outline)
    return list(clipped)


def _cell(i: int, points: Floats, weights: Floats, box: Floats) -> Floats:
    """Cut a box by the half-planes of the other points, at each step by the one that cuts deepest."""
    offset = points - points[i]
    # s belongs to i rather than to j while s · (p_j − p_i) <= (|p_j|² − w_j − |p_i|² + w_i) / 2, from p_i as origin.
    limit = ((offset**2).sum(axis=1) - weights + weights[i]) / 2
    limit[i] = np.inf
    ring = box - points[i]
    while len(ring):
        side = ring @ offset.T - limit
        j = int(side.max(axis=0).argmax())
        if side[:, j].max() <= 0:
            break
        limit[j] = np.inf
        ring = _cut(ring, side[:, j])
    cell: Floats = ring + points[i]
    return cell


def _cut(ring: Floats, side: Floats) -> Floats:
    kept = []
    for k in range(len(ring)):
        a, b, side_a, side_b = ring[k - 1], ring[k], side[k - 1], side[k]
        if (side_a <= 0) != (side_b <= 0):
            kept.append(a + (b - a) * side_a / (side_a - side_b))
        if side_b <= 0:
            kept.append(b)
    return np.array(kept).reshape(-1, 2)


def fit_weights(points: Floats, group: NDArray[np.intp], areas: Floats, outline: Polygon, start: Floats) -> Floats:
    """Return the weights of all points for which group g's cells cover ``areas[g]``.

    Parameters
    ----------
    points
        Shape (n, 2), metres.
    group
        Shape (m,), m ≤ n: the groups of the first m points, 0 … len(areas) − 1. The other points bound the diagram
        with weight 0.
    areas
        Square metres, shape (groups,).
    outline
        What the cells are clipped to.
    start
        Weights from which to start, shape (n,); zeros give the Voronoi diagram.

    Raises
    ------
    RuntimeError
        If no step brings the areas nearer to those asked for.
    """
    weights = start
    now, slope = _areas(points, weights, group, len(areas), outline)
    for _ in range(200):
        missing = areas - now
        if np.abs(missing / areas).max() < TOLERANCE:
            return weights
        step = np.linalg.solve(slope, missing)
        for halving in range(30):
            trial = weights.copy()
            trial[: len(group)] += step[group] / 2**halving
            then, slope_then = _areas(points, trial, group, len(areas), outline)
            # Kitagawa, Mérigot & Thibert (2019): shorten the step until no group vanishes and the error falls.
            if then.min() > 0.2 * min(now.min(), areas.min()) and (
                np.linalg.norm(areas - then) <= (1 - 0.5 / 2 ** (halving + 1)) * np.linalg.norm(missing)
            ):
                break
        else:
            break
        weights, now, slope = trial, then, slope_then
    raise RuntimeError("the weights do not converge")


def _areas(
    points: Floats, weights: Floats, group: NDArray[np.intp], groups: int, outline: Polygon
) -> tuple[Floats, Floats]:
    """Return the groups' areas and their derivative: an edge moves by 1 / (2 × distance) per unit of weight."""
    polygons = np.array(cells(points, weights, len(group), outline))
    areas = np.bincount(group, shapely.area(polygons), minlength=groups).astype(np.float64)
    slope = np.zeros((groups, groups))
    for i, j in shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=0.01).T:
        if group[i] < group[j]:
            shared = shapely.intersection(
                shapely.buffer(polygons[i], 0.01, cap_style="flat"), polygons[j].boundary
            ).length
            rate = shared / (2 * np.linalg.norm(points[i] - points[j]))
            slope[group[i], group[j]] -= rate
            slope[group[j], group[i]] -= rate
    slope[np.diag_indices(groups)] = -slope.sum(axis=1) + _open_edges(polygons, points, weights, group, groups)
    return areas, slope


def _open_edges(
    polygons: NDArray[np.object_], points: Floats, weights: Floats, group: NDArray[np.intp], groups: int
) -> Floats:
    """Return for each group the rate at which its edge with the bounding points moves."""
    rates = np.zeros(groups)
    outer = shapely.buffer(shapely.union_all(polygons).boundary, 0.01)
    for i, polygon in enumerate(polygons):
        edge = shapely.get_parts(shapely.intersection(polygon.boundary, outer))
        for piece in edge[shapely.get_dimensions(edge) == 1]:
            coords = shapely.get_coordinates(piece)
            lengths = np.linalg.norm(np.diff(coords, axis=0), axis=1)
            middles = (coords[1:] + coords[:-1]) / 2
            power = ((middles[:, None, :] - points[None, len(group) :, :]) ** 2).sum(axis=2) - weights[len(group) :]
            own = ((middles - points[i]) ** 2).sum(axis=1) - weights[i]
            nearest = power.argmin(axis=1)
            free = np.abs(power.min(axis=1) - own) < 1e-3 * np.abs(own).clip(min=1e6)
            distance = np.linalg.norm(points[len(group) + nearest] - points[i], axis=1)
            rates[group[i]] += (lengths / (2 * distance))[free].sum()
    return rates
