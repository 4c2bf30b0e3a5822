"""Layers as the web map's script reads them: tables beside GeoJSON geometries, few digits, classes with colours."""

import json
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from maps.palette import NO_DATA

DECIMALS = 5
"""Of a degree: about a metre."""

TOLERANCE_DEG = 0.0003
"""Details of outlines smaller than this (30 m) are left out; they cannot be seen at the map's closest zoom."""

COARSEST_DEG = 0.05
"""No outline is made coarser than this."""

MOST_CORNERS = 150_000
"""Of all polygons together; a whole country is drawn more coarsely than a province."""


def layer(
    frame: gpd.GeoDataFrame, fields: Sequence[str], shapes: NDArray[np.object_], **more: Sequence[object]
) -> dict[str, Any]:
    """Return a layer's ``fields``, its ``rows`` of values and its ``shapes`` as GeoJSON geometries or None.

    Parameters
    ----------
    frame
        The layer; of ``fields``, those that it has.
    fields
        The columns that the page is told.
    shapes
        What is drawn, degrees.
    more
        Further columns.
    """
    table = pd.DataFrame(frame[[name for name in fields if name in frame]]).assign(**more)
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))
    return {
        "fields": list(table.columns),
        "rows": json.loads(table.to_json(orient="values", double_precision=6)),
        "shapes": [shapely.geometry.mapping(shape) if shape else None for shape in rounded],
    }


def outlines(polygons: NDArray[np.object_], most: int = MOST_CORNERS) -> NDArray[np.object_]:
    """Return polygons with fewer corners, neighbours still touching: the finest of `TOLERANCE_DEG`, doubled and so on.

    Parameters
    ----------
    polygons
        A coverage, degrees.
    most
        How many corners all may have together, if that can be reached.
    """
    tolerance = TOLERANCE_DEG
    simple: NDArray[np.object_] = shapely.coverage_simplify(polygons, tolerance)
    while shapely.get_num_coordinates(simple).sum() > most and tolerance < COARSEST_DEG:
        tolerance *= 2
        simple = shapely.coverage_simplify(simple, tolerance)
    return simple


def lines(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return lines without the details that cannot be seen."""
    simple: NDArray[np.object_] = shapely.simplify(shapes, TOLERANCE_DEG)
    return simple


def middles(frame: gpd.GeoDataFrame) -> list[list[float]]:
    """Return for each shape where its label stands, (latitude, longitude): inside a polygon, halfway along a line."""
    shapes = frame.geometry.to_numpy()
    lengths = shapely.get_dimensions(shapes) == 1
    points = np.where(
        lengths, shapely.line_interpolate_point(np.where(lengths, shapes, None), 0.5, normalized=True),
        shapely.point_on_surface(shapes),
    )  # fmt: skip
    return [
        [round(y, DECIMALS), round(x, DECIMALS)]
        for x, y in zip(shapely.get_x(points), shapely.get_y(points), strict=True)
    ]


def styled(numbers: NDArray[np.int64], legend: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return the colour of each feature by its class, and its weight from 0 to 1."""
    return {
        "colour": [legend[i]["colour"] if i >= 0 else NO_DATA for i in numbers],
        "weight": [(i + 1) / len(legend) if i >= 0 else 0.0 for i in numbers.tolist()],
    }
