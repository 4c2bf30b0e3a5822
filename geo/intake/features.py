"""Layers of points as sheets: the attributes and, beside them, longitude and latitude."""

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import IntakeError, Message
from geo.intake.sheets import Row, SheetFile, cell_text, sheet_of
from geo.names import tidy
from geo.vector import read_layer
from geo.vector_file import ARCHIVE_ERRORS, check_vector_file

COORDINATES = ("lon", "lat")

LONGEST_KML = 2**28
"""Bytes of the KML in a KMZ."""

_NAME_IN_KML = re.compile(rb"""<(?:\w+:)?(?:Data|SimpleData|SimpleField)\b[^>]*?\bname=["']([^"'<>]+)["']""")

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
    if path.suffix.lower() == ".kmz":
        # GDAL does not find the typed data of a KML in an archive.
        check_vector_file(path)
        with TemporaryDirectory() as folder:
            document = Path(folder, f"{path.stem}.kml")
            document.write_bytes(_document(path))
            return replace(read_features(document, crs=crs, layer=layer), path=path)
    frame = read_layer(path, kind="Point", crs=crs, layer=layer)
    if path.suffix.lower() == ".kml":
        frame = frame.rename(columns=_names_in_kml(path.read_bytes()))
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    numbers = enumerate(shapely.get_num_coordinates(frame.geometry).tolist(), start=1)
    said = Message("is a multipoint of several points: give each its own row")
    several = {number: said for number, n in numbers if n > 1}
    return SheetFile(path, (sheet_of(path, "", _rows(frame)),), refused=several)


def _document(path: Path) -> bytes:
    """Return the KML of a KMZ: the first in the archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = next(part for part in archive.infolist() if part.filename.lower().endswith(".kml"))
            with archive.open(part) as stream:
                content = stream.read(LONGEST_KML + 1)
    except (StopIteration, *ARCHIVE_ERRORS):
        raise IntakeError("{file}: not a readable vector file", file=path.name) from None
    if len(content) > LONGEST_KML:
        raise IntakeError("{file}: the layer is too large when unpacked", file=path.name)
    return content


def _names_in_kml(content: bytes) -> dict[str, str]:
    """Return the names of a KML file's data, by what GDAL makes of them: it puts “_” for every byte beyond ASCII."""
    names = {html.unescape(name.decode("utf-8", "replace")) for name in _NAME_IN_KML.findall(content)}
    made = {name: re.sub(rb"[^A-Za-z0-9]", b"_", name.encode()).decode() for name in sorted(names)}
    return {one: name for name, one in made.items() if list(made.values()).count(one) == 1}


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
