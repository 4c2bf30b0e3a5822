"""Layers as GeoParquet 1.1, for those who analyse them with DuckDB, Arrow or R; an extra, because pyarrow is large."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd

from geo.errors import WorkspaceError

VERSION = "1.1.0"


def require_parquet() -> None:
    """Check that GeoParquet can be written, before anything long begins.

    Raises
    ------
    WorkspaceError
        If pyarrow is not installed.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise WorkspaceError(
            "{file}: outputs.parquet needs pyarrow, which is not installed; install it with: "
            "pip install 'diemnong[parquet]', or set outputs.parquet to false",
            file="workspace.toml",
        )


def write_parquet(folder: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write each layer as ``NAME.parquet`` with a bounding box by row, by which readers skip what they do not need."""
    for name, frame in layers.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False, schema_version=VERSION, write_covering_bbox=True)
