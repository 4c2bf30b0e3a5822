"""What makes a PDF a GeoPDF: each page says where on Earth its map lies.

A viewport with a geospatial measure, as ISO 32000-2:2020 has it in section 12.10: corners of the map on the page, the
same corners in latitude and longitude, and the projected CRS. The degrees are those of that CRS's own datum. In VN-2000
they differ from WGS 84 by some 200 m, so taking WGS 84 for them would move the map by that much.
"""

from collections.abc import Iterable, Sequence

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)
from pyproj import CRS, Transformer

from geo.crs import metric_crs
from maps.scale import Frame

POINTS_PER_MM = 72 / 25.4
_CORNERS = ((0, 0), (0, 1), (1, 1), (1, 0))
"""Of the frame, as shares of its width and height."""


def georeference(writer: PdfWriter, frames: Sequence[Frame], crs: str) -> None:
    """Write into a PDF where the maps on its pages lie.

    Parameters
    ----------
    writer
        The document, see `maps.pdf_pages.changed`.
    frames
        The map of each page.
    crs
        The metric CRS of the frames.
    """
    projected = metric_crs(crs)
    to_degrees = Transformer.from_crs(projected, projected.geodetic_crs, always_xy=True)
    system = writer._add_object(_system(projected))
    for page, frame in zip(writer.pages, frames, strict=True):
        page[NameObject("/VP")] = ArrayObject([_viewport(frame, to_degrees, system)])


def _system(projected: CRS) -> DictionaryObject:
    """Return the CRS, which all maps of a document share."""
    system = _dictionary(Type=NameObject("/PROJCS"), WKT=TextStringObject(projected.to_wkt("WKT1_ESRI")))
    if code := projected.to_epsg():
        system[NameObject("/EPSG")] = NumberObject(code)
    return system


def _viewport(frame: Frame, to_degrees: Transformer, system: PdfObject) -> DictionaryObject:
    points = POINTS_PER_MM * frame.magnification
    box = (frame.left, frame.bottom, frame.left + frame.width, frame.bottom + frame.height)
    return _dictionary(
        Type=NameObject("/Viewport"),
        Name=TextStringObject("map"),
        BBox=_numbers(side * points for side in box),
        Measure=_measure(frame, to_degrees, system),
    )


def _measure(frame: Frame, to_degrees: Transformer, system: PdfObject) -> DictionaryObject:
    eastings = [frame.west + x * (frame.east - frame.west) for x, _ in _CORNERS]
    northings = [frame.south + y * (frame.north - frame.south) for _, y in _CORNERS]
    degrees = zip(*to_degrees.transform(eastings, northings), strict=True)
    corners = _numbers(share for corner in _CORNERS for share in corner)
    return _dictionary(
        Type=NameObject("/Measure"),
        Subtype=NameObject("/GEO"),
        Bounds=corners,
        LPTS=corners,
        GPTS=_numbers(degree for lon, lat in degrees for degree in (lat, lon)),
        GCS=system,
    )


def _dictionary(**entries: PdfObject) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): value for name, value in entries.items()})


def _numbers(values: Iterable[float]) -> ArrayObject:
    return ArrayObject(FloatObject(f"{value:.10f}") for value in values)
