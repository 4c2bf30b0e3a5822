"""The parts of a terrain as a workspace keeps them: elevations on one grid, and lines that carry or hold people up."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import STORED
from geo.errors import IntakeError
from geo.grid import Grid
from geo.intake.numbers import read_plain_numbers
from geo.raster import write_cog
from geo.raster_file import open_raster
from geo.schema import WAYS
from geo.terrain import read_elevation
from geo.vector import kind_of, read_layer

CELL_M = 500.0
"""Side of a terrain's cells: finer ones change hours by less than the speeds are known (`benchmarks/travel.py`)."""
MARGIN_M = 3000.0
"""How far a terrain reaches beyond communes and border."""
LINES = ("roads", "trails", "rivers")
"""The layers beside the elevations."""
SPEED = "speed_kmh"


@dataclass(frozen=True)
class Elevations:
    """Metres, NaN where nothing is known, shape of the grid; and what is known of the file that they came from.

    Attributes
    ----------
    values, grid
        The elevations.
    source
        ``file``, ``sha256``, ``data_kind``.
    """

    values: NDArray[np.float64]
    grid: Grid
    source: Mapping[str, str]

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the elevations at places of the grid (easting, northing)."""
        west, _, _, north = self.grid.region
        row, col = ((north - y) // self.grid.cell_m).astype(int), ((x - west) // self.grid.cell_m).astype(int)
        values: NDArray[np.float64] = self.values[row, col]
        return values


def terrain_grid(communes: gpd.GeoDataFrame, border: gpd.GeoDataFrame, crs: str) -> Grid:
    """Return the grid of a workspace's terrain: communes and border with a margin."""
    bounds = [layer.to_crs(crs).total_bounds for layer in (communes, border)]
    west, south = np.min(bounds, axis=0)[:2] - MARGIN_M
    east, north = np.max(bounds, axis=0)[2:] + MARGIN_M
    return Grid.covering((west, east, south, north), CELL_M, crs)


def load_elevations(
    path: Path, grid: Grid, sha256: str, *, crs: str | None = None, band: int | None = None
) -> Elevations:
    """Read an office's elevation model onto a grid.

    Raises
    ------
    IntakeError, CrsError, ModelError
        If the file cannot be read, its values are no elevations, or it has none on the grid.
    """
    with open_raster(path, crs=crs, band=band) as raster:
        values = read_elevation(raster, grid)
        kind = "simulated" if raster.simulated else "recorded"
    if np.isnan(values).all():
        raise IntakeError("{file}: there is no elevation in the province; is it another region?", file=path.name)
    return Elevations(values, grid, {"file": path.name, "sha256": sha256, "data_kind": kind})


def write_elevations(path: Path, elevations: Elevations) -> None:
    """Write elevations as a raster that says which file they came from."""
    tags = dict(elevations.source)
    write_cog(path, elevations.values, elevations.grid, description="elevation", unit="m", tags=tags)


def stored_elevations(path: Path) -> Elevations:
    """Read what `write_elevations` wrote."""
    with open_raster(path) as raster:
        data: Any = raster.dataset
        grid = Grid(raster.crs.to_string(), data.transform, data.shape)
        tags = data.tags()
        source = {name: tags.get(name, "") for name in ("file", "sha256", "data_kind")}
        return Elevations(data.read(1).astype(np.float64), grid, source)


def load_ways(
    path: Path,
    kind: str,
    grid: Grid,
    sha256: str,
    *,
    crs: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Read an office's layer of roads, trails or rivers, as far as it lies on a grid.

    Parameters
    ----------
    path
        Lines; rivers may be areas.
    kind
        One of `LINES`.
    grid
        Of the terrain.
    sha256
        Of the file.
    crs, layer
        See `geo.vector.read_layer`.
    columns
        The name of the column of speeds (``speed_kmh``), for roads, if it is another.

    Returns
    -------
    geopandas.GeoDataFrame
        `geo.schema.WAYS` in EPSG:4326.

    Raises
    ------
    IntakeError, CrsError
        If the file cannot be used.
    """
    areas = kind == "rivers" and path.is_file() and kind_of(path, layer) == "Polygon"
    frame = read_layer(path, kind="Polygon" if areas else "LineString", crs=crs, layer=layer)
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    west, east, south, north = grid.region
    box = gpd.GeoSeries([shapely.box(west, south, east, north)], crs=grid.crs).to_crs(STORED).iloc[0]
    near = frame[frame.intersects(box)]
    if near.empty:
        raise IntakeError("{file}: no feature lies in the province; is it another region?", file=path.name)
    simulated = "data_kind" in near and bool((near["data_kind"] == "simulated").any())
    made = gpd.GeoDataFrame(
        {
            SPEED: _speeds(path.name, near, (columns or {}).get(SPEED))
            if kind == "roads"
            else np.full(len(near), np.nan),
            "file": path.name,
            "sha256": sha256,
            "data_kind": "simulated" if simulated else "recorded",
        },
        geometry=near.geometry.to_numpy(),
        crs=STORED,
    )
    checked: gpd.GeoDataFrame = WAYS.validate(made[list(WAYS.columns)])
    return checked


def _speeds(file: str, roads: gpd.GeoDataFrame, named: str | None) -> NDArray[np.float64]:
    """Return the speeds of roads, NaN where there is none."""
    if named and named not in roads:
        raise IntakeError("{file}: there is no column {columns}", file=file, columns=named)
    column = named or SPEED
    if column not in roads:
        return np.full(len(roads), np.nan)
    cells = roads[column]
    values, bad = (cells, cells.isna() & False) if pd.api.types.is_numeric_dtype(cells) else read_plain_numbers(cells)
    wrong = bad | (values.notna() & ~values.between(0, 120, inclusive="right"))
    if wrong.any():
        raise IntakeError(
            "{file}: {n} roads have a speed in the column {column} that is no number above 0 and at most 120 km/h",
            file=file,
            n=int(wrong.sum()),
            column=column,
        )
    speeds: NDArray[np.float64] = values.to_numpy(dtype=np.float64)
    return speeds
