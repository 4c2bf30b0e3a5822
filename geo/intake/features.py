"""Layers of points as sheets: the attributes and, beside them, longitude and latitude."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import Message
from geo.intake.sheets import Row, SheetFile, cell_text, sheet_of
from geo.names import tidy
from geo.vector import read_layer

COORDINATES = ("lon", "lat")

SHOWN = 3
"""Points of a multipoint that are shown in its cells: none of them is the place, so that no reading can take one."""


def read_features(path: Path, *, crs: str | None = None, layer: str | None = None) -> SheetFile:
    """Read a layer of points of any kind that `geo.vector.read_layer` takes; rows are numbered from 1.

    Each feature is one row: one without a geometry has no place, and a multipoint of several points is refused, as its
    counts are those of all its points together. The layer's own columns called lon and lat give way to its geometry.

    Raises
    ------
    IntakeError, CrsError
        See `geo.vector.read_layer`.
    """
    frame = read_layer(path, kind="Point", crs=crs, layer=layer)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    numbers = enumerate(shapely.get_num_coordinates(frame.geometry).tolist(), start=1)
    said = Message("is a multipoint of several points: give each its own row")
    several = {number: said for number, n in numbers if n > 1}
    return SheetFile(path, (sheet_of(path, "", _rows(frame)),), refused=several)


def _rows(frame: gpd.GeoDataFrame) -> Iterator[Row]:
    attributes = frame.drop(columns=[frame.geometry.name, *(name for name in COORDINATES if name in frame)])
    yield 0, [*(tidy(str(name)) for name in attributes.columns), *COORDINATES]
    for number, row, place in zip(frame.index, attributes.itertuples(index=False), _places(frame), strict=True):
        yield number, [*("" if pd.isna(cell) else tidy(cell_text(cell)) for cell in row), *place]


def _places(frame: gpd.GeoDataFrame) -> Iterator[tuple[str, str]]:
    """Yield longitude and latitude of each feature as text, those of several points behind each other."""
    coordinates, feature = shapely.get_coordinates(frame.geometry, return_index=True)
    begin, end = (np.searchsorted(feature, np.arange(len(frame)), side) for side in ("left", "right"))
    for first, last in zip(begin, end, strict=True):
        lon, lat = (
            "; ".join(map(cell_text, axis)) for axis in coordinates[first : min(last, first + SHOWN)].T.tolist()
        )
        yield lon, lat
