"""Rasters: Cloud-Optimized GeoTIFF, and which polygon holds which cell."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio import features
from rasterio.shutil import copy as copy_raster

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
    """
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

    A polygon that holds no centre gets the cell of its representative point, so that no small one vanishes.
    """
    shapes = polygons.to_crs(grid.crs).geometry
    owner: NDArray[np.int32] = features.rasterize(
        ((shape, position) for position, shape in enumerate(shapes)),
        out_shape=grid.shape,
        transform=grid.transform,
        fill=-1,
        dtype="int32",
    )
    for position in sorted(set(range(len(shapes))) - set(np.unique(owner))):
        point = shapes.iloc[position].representative_point()
        col, row = ~grid.transform @ (point.x, point.y)
        owner[min(int(row), grid.shape[0] - 1), min(int(col), grid.shape[1] - 1)] = position
    return owner


def mask_outside(array: NDArray[np.float64], grid: Grid, polygons: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the array with NaN in the cells whose centre lies outside all polygons."""
    return np.where(cells_in(polygons, grid) >= 0, array, np.nan)
