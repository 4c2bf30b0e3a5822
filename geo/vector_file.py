"""A vector file before GDAL opens it: of the kind that its name says, and within limits.

GDAL asks what a file holds, not what it is called. A text that is called t.geojson can make it read any other file of
the machine or ask a server (OGR VRT, GDALG pipelines, WFS, GML schemas); so what may be opened is told here first.
"""

import zipfile
import zlib
from pathlib import Path

from geo.archive_limits import Limits
from geo.errors import IntakeError
from geo.plain_xml import PlainXml

SUFFIXES = (".gpkg", ".geojson", ".json", ".shp", ".zip", ".kml", ".kmz", ".gpx")

LIMITS = Limits(members=10_000, unpacked=2**31)
"""Of an archive; two gigabytes are also what a Shapefile can hold."""

ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What a damaged archive raises."""

_BEGINNINGS = {".gpkg": b"SQLite format 3\0", ".shp": b"\0\0\x27\x0a", ".zip": b"PK", ".kmz": b"PK"}
_JSON, _XML = (".geojson", ".json"), (".kml", ".gpx")
_ELSEWHERE = (b"<ogr", b"gdal_streamed_alg", b"opengis.net/gml", b"<gml:")
"""By which GDAL knows what leads it to other files and servers: in the first kilobytes, as plain text."""
_BEGINNING, _PIECE = 2**16, 2**20


def check_vector_file(path: Path) -> None:
    """Look at a file, and go through all of it if it is an archive.

    Raises
    ------
    IntakeError
        If it is missing, of another kind than its name says, or an archive that is damaged or beyond `LIMITS`.
    """
    if not path.is_file():
        raise IntakeError("{file}: no such file", file=path.name)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise IntakeError("{file}: expected one of {kinds}", file=path.name, kinds=", ".join(SUFFIXES))
    try:
        with path.open("rb") as stream:
            beginning = stream.read(_BEGINNING)
        if not _is_of_its_kind(beginning, suffix) or _leads_elsewhere(beginning):
            raise ValueError
        if suffix in (".zip", ".kmz"):
            _check_archive(path)
    except ARCHIVE_ERRORS:
        raise IntakeError("{file}: not a readable vector file", file=path.name) from None


def _check_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if passed := LIMITS.passed_by(members, path.stat().st_size):
            raise IntakeError("{file} is not unpacked: {why}", file=path.name, why=passed)
        for member in members:
            with archive.open(member) as stream:
                if _leads_elsewhere(stream.read(_BEGINNING)):
                    raise ValueError
                while stream.read(_PIECE):
                    pass


def _is_of_its_kind(beginning: bytes, suffix: str) -> bool:
    if suffix in _BEGINNINGS:
        return beginning.startswith(_BEGINNINGS[suffix])
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x1e \t\r\n")
    return text.startswith(b"{") if suffix in _JSON else _root(beginning) == suffix[1:]


def _root(beginning: bytes) -> str:
    """Return the name of the first element."""
    names: list[str] = []
    xml = PlainXml(lambda name, _: names.append(name))
    xml.feed(beginning)
    return names[0] if names else ""


def _leads_elsewhere(beginning: bytes) -> bool:
    return any(mark in beginning.lower() for mark in _ELSEWHERE)
