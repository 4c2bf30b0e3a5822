"""Layers of a run or a plan as one GeoPackage for QGIS."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
from numpy.typing import NDArray

from geo.grid import Grid
from maps.layer_styles import LayerStyle

GPKG_OPTIONS = {"VERSION": "1.2"}
"""QGIS 3.22, still common in offices, warns at version 1.4."""

UNHURRIED = {"OGR_SQLITE_SYNCHRONOUS": "OFF"}
"""SQLite need not wait for the disk after each layer: `maps.release` does, once, before a file may be seen."""

NODATA = -9999.0

RASTER = "risk"
"""The raster table's name."""

_STYLES_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
"""As QGIS creates it."""


def write_gpkg(
    path: Path,
    layers: Mapping[str, pd.DataFrame],
    *,
    surface: tuple[NDArray[np.float64], Grid] | None = None,
    styles: Mapping[str, LayerStyle] = MappingProxyType({}),
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
    styles
        Titles and default styles by layer; layers without one look as QGIS likes.
    stamp
        The time written into the file's contents table (ISO 8601, UTC), so that the same content gives the same bytes.
    note
        Description of every layer: the period and vintage, and that the data are simulated if they are.
    """
    options = {"OGR_CURRENT_DATE": stamp, **UNHURRIED}
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        for name, frame in layers.items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                dataset_options=GPKG_OPTIONS if not path.exists() else {},
                layer_options={"DESCRIPTION": note, "IDENTIFIER": styles[name].title if name in styles else name},
                promote_to_multi=isinstance(frame, gpd.GeoDataFrame)
                and bool((frame.geom_type == "MultiPolygon").any()),
            )
        if surface is not None:
            title = styles[RASTER].title if RASTER in styles else RASTER
            _add_raster(path, *surface, title=title, stamp=stamp, note=note)
    finally:
        pyogrio.set_gdal_config_options(before)
    if styles:
        _add_styles(path, styles, stamp)


def _add_raster(path: Path, array: NDArray[np.float64], grid: Grid, *, title: str, stamp: str, note: str) -> None:
    rows, cols = grid.shape
    profile = {"width": cols, "height": rows, "count": 1, "dtype": "float32"}
    with (
        rasterio.Env(OGR_CURRENT_DATE=stamp, **UNHURRIED),
        rasterio.open(
            path,
            "w",
            driver="GPKG",
            **profile,
            crs=grid.crs,
            transform=grid.transform,
            APPEND_SUBDATASET="YES",
            RASTER_TABLE=RASTER,
            RASTER_IDENTIFIER=title,
            RASTER_DESCRIPTION=note,
        ) as raster,
    ):
        raster.write(np.where(np.isfinite(array), array, NODATA).astype("float32"), 1)
    # The driver takes a nodata value only when it copies a whole dataset, and then not the table's name as written.
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("UPDATE gpkg_2d_gridded_coverage_ancillary SET data_null = ?", (NODATA,))
    database.close()


def _add_styles(path: Path, styles: Mapping[str, LayerStyle], stamp: str) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous = OFF")
        geometry = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        database.execute(_STYLES_TABLE)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (stamp,),
        )
        database.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, 1, ?, 'diemnong')",
            [(name, geometry.get(name, ""), name, style.qml, style.title) for name, style in styles.items()],
        )
    database.close()
