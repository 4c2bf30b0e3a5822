"""Rasters: Cloud-Optimized GeoTIFF, and which polygon holds which cell."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio import features
from rasterio.shutil import copy as copy_raster

from geo.errors import ModelError
from geo.grid import Grid


def write_cog(
    path: Path, array: NDArray[np.float64], grid: Grid, *, description: str, unit: str, tags: Mapping[str, str]
) -> None:
    """Write one band as a Cloud-Optimized GeoTIFF: float32, NaN as nodata, with overviews.

    Parameters
    ----------
    path
        The file.
    array
        Shape (rows, cols), north up; NaN where there is no value.
    grid
        Its georeference.
    description, unit
        What the band holds.
    tags
        Further metadata, for example ``data_kind``.

    Raises
    ------
    ValueError
        If the array is not of the grid's shape (GDAL would stretch it).
    """
    _check_shape(array, grid)
    rows, cols = grid.shape
    profile = {
        "driver": "GTiff",
        "width": cols,
        "height": rows,
        "count": 1,
        "dtype": "float32",
        "crs": grid.crs,
        "transform": grid.transform,
        "nodata": np.nan,
    }
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as plain:
            plain.write(array.astype("float32"), 1)
            plain.set_band_description(1, description)
            plain.set_band_unit(1, unit)
            plain.update_tags(**tags)
        with memory.open() as plain:
            copy_raster(plain, path, driver="COG", COMPRESS="DEFLATE", PREDICTOR="YES", OVERVIEW_RESAMPLING="AVERAGE")


def cells_in(polygons: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.int32]:
    """Return for each cell the position of the polygon that holds its centre, −1 outside all; shape (rows, cols).

    A polygon that holds no centre gets the cell of its representative point, so that no small one vanishes. Only the
    part within the grid counts: a polygon outside it owns no cell.

    Raises
    ------
    ModelError
        If cells are so large that a polygon within the grid would be left without one.
    """
    shapes = polygons.to_crs(grid.crs).geometry
    owner: NDArray[np.int32] = features.rasterize(
        ((shape, position) for position, shape in enumerate(shapes)),
        out_shape=grid.shape,
        transform=grid.transform,
        fill=-1,
        dtype="int32",
    )
    owning = np.unique(owner[owner >= 0])
    small = np.setdiff1d(np.arange(len(shapes)), owning)
    west, east, south, north = grid.region
    points = shapely.point_on_surface(shapely.clip_by_rect(shapes.to_numpy()[small], west, south, east, north))
    within = ~(shapely.is_missing(points) | shapely.is_empty(points))
    small, points = small[within], points[within]
    rows, cols = grid.shape
    row = ((north - shapely.get_y(points)) / grid.cell_m).astype(int).clip(0, rows - 1)
    col = ((shapely.get_x(points) - west) / grid.cell_m).astype(int).clip(0, cols - 1)
    owner[row, col] = small
    lost = np.setdiff1d(np.union1d(owning, small), owner)
    if lost.size:
        raise ModelError(
            "Cells of {cell} m are too large: {n} polygons would be left without one; use smaller cells",
            cell=f"{grid.cell_m:g}",
            n=lost.size,
        )
    return owner


def mask_outside(array: NDArray[np.float64], grid: Grid, polygons: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the array with NaN in the cells that no polygon owns (`cells_in`).

    Raises
    ------
    ValueError
        If the array is not of the grid's shape.
    """
    _check_shape(array, grid)
    return np.where(cells_in(polygons, grid) >= 0, array, np.nan)


def _check_shape(array: NDArray[np.float64], grid: Grid) -> None:
    if array.shape != grid.shape:
        raise ValueError(f"The array has the shape {array.shape}, its grid {grid.shape}")
