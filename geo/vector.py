"""Reading an office's vector file: one layer, a declared CRS, geometries of the kind that is needed."""

from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio._err import CPLE_BaseError

from geo.crs import STORED, file_crs
from geo.errors import IntakeError
from geo.vector_file import check_vector_file

WRITE_ERRORS = (DataSourceError, DataLayerError, CPLE_BaseError)
"""What pyogrio and rasterio raise when GDAL cannot write a file (rasterio has no public name for its own)."""

FEW = 1000
"""Features that are looked at to see of what kind a layer is."""


def read_layer(path: Path, *, kind: str, crs: str | None = None, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read one layer of a GeoPackage, GeoJSON, Shapefile, zipped Shapefile, KML, KMZ or GPX file into EPSG:4326.

    Parameters
    ----------
    path
        The file.
    kind
        ``"Polygon"``, ``"LineString"`` or ``"Point"``: what the geometries must be (single or multi).
    crs
        The CRS of the coordinates, for a file that declares none. A file's own declaration may not be overruled.
    layer
        Name of the layer, for a file that has several.

    Raises
    ------
    IntakeError
        If the file is missing, unreadable, empty, has several layers and none is named, or holds other geometries.
    CrsError
        If the CRS is missing, contradicts ``crs``, or cannot be that of the coordinates.
    """
    name = path.name
    check_vector_file(path)
    try:
        frame = gpd.read_file(path, layer=layer or _only_layer(path, kind), engine="pyogrio", encoding=_encoding(path))
    except (DataSourceError, UnicodeDecodeError):
        raise IntakeError("{file}: not a readable vector file", file=name) from None
    except DataLayerError:
        raise IntakeError("{file}: there is no layer {layer}", file=name, layer=layer) from None
    if frame.empty or not isinstance(frame, gpd.GeoDataFrame):
        raise IntakeError("{file}: there is no feature with a geometry", file=name)
    other = sorted({str(t) for t in frame.geom_type.dropna()} - {kind, f"Multi{kind}"})
    if other:
        raise IntakeError(
            "{file}: expected {kind} geometries, found {found}", file=name, kind=kind, found=", ".join(other)
        )
    return located(frame, name, crs).to_crs(STORED)


def kind_of(path: Path, layer: str | None = None) -> str:
    """Return the kind of a layer's first geometry, as `read_layer` is asked for it: ``"Point"``, ``"LineString"``, ….

    Raises
    ------
    IntakeError
        If the file is missing, unreadable, empty, or has several layers and none is named.
    """
    check_vector_file(path)
    try:
        head = pyogrio.read_dataframe(path, layer=layer or _only_layer(path, ""), columns=[], max_features=FEW)
    except DataSourceError:
        raise IntakeError("{file}: not a readable vector file", file=path.name) from None
    except DataLayerError:
        raise IntakeError("{file}: there is no layer {layer}", file=path.name, layer=layer) from None
    kinds = list(head.geom_type.dropna()) if isinstance(head, gpd.GeoDataFrame) else []
    if not kinds:
        raise IntakeError("{file}: there is no feature with a geometry", file=path.name)
    return str(kinds[0]).removeprefix("Multi")


def _encoding(path: Path) -> str | None:
    """Return UTF-8 for a Shapefile that does not say what its text is in; GDAL would take it for Latin-1."""
    unsaid = path.suffix.lower() == ".shp" and not any(path.with_suffix(end).exists() for end in (".cpg", ".CPG"))
    return "UTF-8" if unsaid else None


def _only_layer(path: Path, kind: str) -> str:
    """Return the name of the layer that holds geometries of the kind, or of all, if none says so."""
    layers = [(str(name), str(geometry)) for name, geometry in pyogrio.list_layers(path) if geometry is not None]
    if len(layers) > 1:
        layers = [layer for layer in layers if _count(path, layer[0])]
    names = [name for name, geometry in layers if kind in geometry] or [name for name, _ in layers]
    if not names:
        raise IntakeError("{file}: there is no feature with a geometry", file=path.name)
    if len(names) > 1:
        raise IntakeError(
            "{file}: there are several layers ({layers}); name one with --layer",
            file=path.name,
            layers=", ".join(names),
        )
    return names[0]


def _count(path: Path, layer: str) -> int:
    return int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"])


def located(frame: gpd.GeoDataFrame, name: str, crs: str | None) -> gpd.GeoDataFrame:
    """Return the frame in the CRS it declares or that was given, if the coordinates can be in it."""
    return frame.set_crs(file_crs(name, frame.crs, crs, tuple(frame.total_bounds)))
