"""Rasters: Cloud-Optimized GeoTIFF, and which polygon holds which cell."""

import errno
import os
from collections.abc import Iterable, Mapping
from math import ceil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio import features
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window

from geo.errors import ModelError
from geo.grid import Grid
from geo.raster_file import CACHE_BYTES
from geo.tiles import BLOCK, Tile

PLAIN = ".plain.tif"
"""What the name of a raster ends in while its tiles come."""

BLOCKS = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "BIGTIFF": "IF_SAFER"}


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
    with rasterio.MemoryFile() as memory:
        with memory.open(**_plain(grid)) as plain:
            plain.write(array.astype("float32"), 1)
            _describe(plain, description, unit, tags)
        with memory.open() as plain:
            _optimize(plain, path, n_jobs=1)


def write_cog_tiles(
    path: Path,
    arrays: Iterable[tuple[Tile, NDArray[np.float64]]],
    grid: Grid,
    *,
    description: str,
    unit: str,
    tags: Mapping[str, str],
    n_jobs: int = 1,
) -> None:
    """Write the file that `write_cog` writes, from arrays of the tiles that together are the grid.

    Tiles go to a plain raster beside the file as they come, and from there into the file block by block: memory holds
    one tile and `CACHE_BYTES`. The disk holds 4 bytes a cell more until the file is done.

    Parameters
    ----------
    path, grid, description, unit, tags
        See `write_cog`.
    arrays
        Each tile with its values, in any order.
    n_jobs
        Threads that compress; −1 takes all processors. The bytes are the same.

    Raises
    ------
    ValueError
        If an array is not of its tile's shape.
    OSError
        If the disk is full.
    """
    plain = path.with_name(f"{path.name}{PLAIN}")
    try:
        with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
            with rasterio.open(plain, "w", **_plain(grid), **BLOCKS) as file:
                for tile, array in arrays:
                    _check_shape(array, tile.of(grid))
                    file.write(array.astype("float32"), 1, window=Window.from_slices(tile.rows, tile.cols))
                _describe(file, description, unit, tags)
            _check_whole(plain, grid)
            with rasterio.open(plain) as file:
                _optimize(file, path, n_jobs)
    finally:
        plain.unlink(missing_ok=True)


def _plain(grid: Grid) -> dict[str, Any]:
    rows, cols = grid.shape
    return {
        "driver": "GTiff",
        "width": cols,
        "height": rows,
        "count": 1,
        "dtype": "float32",
        "crs": grid.crs,
        "transform": grid.transform,
        "nodata": np.nan,
    }


def _describe(file: Any, description: str, unit: str, tags: Mapping[str, str]) -> None:
    file.set_band_description(1, description)
    file.set_band_unit(1, unit)
    file.update_tags(**tags)


def _optimize(plain: Any, path: Path, n_jobs: int) -> None:
    threads = "ALL_CPUS" if n_jobs == -1 else str(n_jobs)
    options = {"COMPRESS": "DEFLATE", "PREDICTOR": "YES", "OVERVIEW_RESAMPLING": "AVERAGE"}
    copy_raster(plain, path, driver="COG", **options, BIGTIFF="IF_SAFER", NUM_THREADS=threads)


def _check_whole(plain: Path, grid: Grid) -> None:
    """Check that a raster of uncompressed `BLOCKS` has all its bytes: what GDAL writes at the end may fail unsaid."""
    rows, cols = grid.shape
    if plain.stat().st_size < 4 * BLOCK**2 * ceil(rows / BLOCK) * ceil(cols / BLOCK):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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
