"""Layers of a run or a plan as one GeoPackage for QGIS."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
from numpy.typing import NDArray

from geo.grid import Grid

GPKG_OPTIONS = {"VERSION": "1.2"}
"""QGIS 3.22, still common in offices, warns at version 1.4."""


NODATA = -9999.0


def write_gpkg(
    path: Path,
    layers: Mapping[str, pd.DataFrame],
    *,
    surface: tuple[NDArray[np.float64], Grid] | None = None,
    stamp: str,
    note: str,
) -> None:
    """Write layers (GeoDataFrames) and tables into a new GeoPackage.

    Parameters
    ----------
    path
        The file.
    layers
        By name; layers without a geometry column become tables.
    surface
        Array (rows, cols) and its grid: the raster table ``risk``; none by default.
    stamp
        The time written into the file's contents table (ISO 8601, UTC), so that the same content gives the same bytes.
    note
        Description of every layer: the period and vintage, and that the data are simulated if they are.
    """
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        for name, frame in layers.items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                dataset_options=GPKG_OPTIONS if not path.exists() else {},
                layer_options={"DESCRIPTION": note},
                promote_to_multi=isinstance(frame, gpd.GeoDataFrame)
                and bool((frame.geom_type == "MultiPolygon").any()),
            )
        if surface is not None:
            _add_raster(path, *surface, stamp=stamp, note=note)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _add_raster(path: Path, array: NDArray[np.float64], grid: Grid, *, stamp: str, note: str) -> None:
    rows, cols = grid.shape
    profile = {"width": cols, "height": rows, "count": 1, "dtype": "float32"}
    with (
        rasterio.Env(OGR_CURRENT_DATE=stamp),
        rasterio.open(
            path,
            "w",
            driver="GPKG",
            **profile,
            crs=grid.crs,
            transform=grid.transform,
            APPEND_SUBDATASET="YES",
            RASTER_TABLE="risk",
            RASTER_DESCRIPTION=note,
        ) as raster,
    ):
        raster.write(np.where(np.isfinite(array), array, NODATA).astype("float32"), 1)
    # The driver takes a nodata value only when it copies a whole dataset, and then not the table's name as written.
    with sqlite3.connect(path) as database:
        database.execute("UPDATE gpkg_2d_gridded_coverage_ancillary SET data_null = ?", (NODATA,))
    database.close()
