"""GPX 1.1 for GPS units and phones: waypoints, routes and tracks in one file.

Written here because GDAL's driver writes one kind of feature into a new file, and says nothing of who may read it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

import shapely

from maps.xml_text import clean, write_xml

SPACE = "http://www.topografix.com/GPX/1/1"


class Waypoint(NamedTuple):
    """A place, WGS 84 degrees; ``symbol`` is one of Garmin's names."""

    lon: float
    lat: float
    name: str
    note: str = ""
    symbol: str = ""


class Route(NamedTuple):
    """Stops in the order of the way; a unit finds its own way between them."""

    name: str
    note: str
    stops: Sequence[Waypoint]


class Track(NamedTuple):
    """A line as it is, WGS 84 degrees."""

    name: str
    note: str
    line: shapely.LineString | shapely.MultiLineString


def write_gpx(
    path: Path,
    *,
    name: str,
    note: str,
    time: str,
    waypoints: Sequence[Waypoint],
    routes: Sequence[Route],
    tracks: Sequence[Track],
) -> None:
    """Write a GPX file; the same content gives the same bytes.

    Parameters
    ----------
    path
        The file.
    name, note
        What the file is, and who may read it; the note also stands in the file's second line.
    time
        That the file bears, ISO 8601, UTC.
    waypoints, routes, tracks
        Names are text, whatever they hold.
    """
    root = Element("gpx", {"xmlns": SPACE, "version": "1.1", "creator": "diemnong"})
    _add_texts(SubElement(root, "metadata"), name=name, desc=note, time=time)
    for waypoint in waypoints:
        _add_point(root, "wpt", waypoint)
    for route in routes:
        node = SubElement(root, "rte")
        _add_texts(node, name=route.name, desc=route.note)
        for stop in route.stops:
            _add_point(node, "rtept", stop)
    for track in tracks:
        node = SubElement(root, "trk")
        _add_texts(node, name=track.name, desc=track.note)
        for part in shapely.get_parts(track.line):
            segment = SubElement(node, "trkseg")
            for lon, lat in shapely.get_coordinates(part):
                SubElement(segment, "trkpt", _position(lon, lat))
    write_xml(path, root, note)


def _add_point(parent: Element, tag: str, point: Waypoint) -> None:
    node = SubElement(parent, tag, _position(point.lon, point.lat))
    _add_texts(node, name=point.name, desc=point.note, sym=point.symbol)


def _add_texts(parent: Element, **texts: str) -> None:
    for tag, text in texts.items():
        if text:
            SubElement(parent, tag).text = clean(text)


def _position(lon: float, lat: float) -> dict[str, str]:
    return {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}"}
