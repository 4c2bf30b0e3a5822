"""Layers of points as sheets: the attributes and, beside them, longitude and latitude."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.intake.sheets import Row, SheetFile, cell_text, sheet_of
from geo.names import tidy
from geo.vector import read_layer

COORDINATES = ("lon", "lat")


def read_features(path: Path, *, crs: str | None = None, layer: str | None = None) -> SheetFile:
    """Read a layer of points of any kind that `geo.vector.read_layer` takes; rows are numbered from 1.

    A multipoint becomes a row for each of its points, and a feature without a place a row without one. The layer's own
    columns called lon and lat give way to its geometry.

    Raises
    ------
    IntakeError, CrsError
        See `geo.vector.read_layer`.
    """
    frame = read_layer(path, kind="Point", crs=crs, layer=layer)
    return SheetFile(path, (sheet_of(path, "", _rows(_points(frame))),))


def _points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a row for each point; features without one are put back, as taking multipoints apart loses them."""
    nowhere = frame[frame.geometry.isna() | frame.geometry.is_empty]
    points = frame.drop(index=nowhere.index).explode()
    rows = pd.concat([points, nowhere.set_geometry([None] * len(nowhere), crs=frame.crs)])
    rows = gpd.GeoDataFrame(rows, geometry=frame.geometry.name, crs=frame.crs).sort_index(kind="stable")
    return rows.set_axis(pd.RangeIndex(1, len(rows) + 1))


def _rows(frame: gpd.GeoDataFrame) -> Iterator[Row]:
    attributes = frame.drop(columns=[frame.geometry.name, *(name for name in COORDINATES if name in frame)])
    yield 0, [*(tidy(str(name)) for name in attributes.columns), *COORDINATES]
    places = zip(frame.geometry.x, frame.geometry.y, strict=True)
    for number, row, place in zip(frame.index, attributes.itertuples(index=False), places, strict=True):
        yield number, ["" if pd.isna(cell) else tidy(cell_text(cell)) for cell in (*row, *place)]
