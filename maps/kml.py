"""KMZ for Google Earth, Organic Maps and their like: styled placemarks in folders, nothing loaded from elsewhere.

Written here because GDAL takes styles from nothing that our tables can hand to it.
"""

import html
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

import shapely
from PIL import Image, ImageDraw

from maps.xml_text import as_xml, clean

SPACE = "http://www.opengis.net/kml/2.2"
_ICON = "files/post.png"
_WRITTEN = (2017, 1, 1, 0, 0, 0)
"""Archives bear one fixed time, so that the same content gives the same bytes."""


class Look(NamedTuple):
    """Colour ``#rrggbb`` of a line or an icon, and the line's width in pixels."""

    colour: str
    width: float = 3.0


class Placemark(NamedTuple):
    """A feature, WGS 84 degrees."""

    name: str
    notes: Sequence[str]
    """Lines of text."""
    look: str
    geometry: shapely.Geometry


class Folder(NamedTuple):
    """Placemarks under a name."""

    name: str
    placemarks: Sequence[Placemark]


def write_kmz(path: Path, *, name: str, note: str, looks: Mapping[str, Look], folders: Sequence[Folder]) -> None:
    """Write a KMZ file; the same content gives the same bytes.

    Parameters
    ----------
    path
        The file.
    name, note
        What the file is, and who may read it.
    looks
        By the names that placemarks use.
    folders
        Names and notes are text, whatever they hold.
    """
    root = Element("kml", {"xmlns": SPACE})
    document = SubElement(root, "Document")
    _add(document, "name", name)
    _add(document, "description", _as_html([note]))
    for key, look in looks.items():
        _add_look(document, key, look)
    for folder in folders:
        node = SubElement(document, "Folder")
        _add(node, "name", folder.name)
        for placemark in folder.placemarks:
            _add_placemark(node, placemark)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in (("doc.kml", as_xml(root, note)), (_ICON, _icon())):
            entry = zipfile.ZipInfo(file, _WRITTEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


def _add_look(document: Element, key: str, look: Look) -> None:
    style = SubElement(document, "Style", id=key)
    # The schema wants them in this order.
    icon, line = SubElement(style, "IconStyle"), SubElement(style, "LineStyle")
    _add(icon, "color", _colour(look.colour))
    _add(SubElement(icon, "Icon"), "href", _ICON)
    _add(line, "color", _colour(look.colour))
    _add(line, "width", f"{look.width:g}")


def _add_placemark(parent: Element, placemark: Placemark) -> None:
    node = SubElement(parent, "Placemark")
    _add(node, "name", placemark.name)
    _add(node, "description", _as_html(placemark.notes))
    _add(node, "styleUrl", f"#{placemark.look}")
    parts = shapely.get_parts(placemark.geometry)
    holder = node if len(parts) == 1 else SubElement(node, "MultiGeometry")
    for part in parts:
        shape = SubElement(holder, part.geom_type)
        if part.geom_type == "LineString":
            _add(shape, "tessellate", "1")
        _add(shape, "coordinates", " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat in shapely.get_coordinates(part)))


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = clean(text)


def _as_html(lines: Sequence[str]) -> str:
    """Return lines as HTML: that is what viewers take a description for, and a name in it must not run."""
    return "<br>".join(html.escape(line) for line in lines)


def _colour(colour: str) -> str:
    """Return a colour in KML's order: opacity, blue, green, red."""
    red, green, blue = (colour.removeprefix("#")[i : i + 2] for i in (0, 2, 4))
    return f"ff{blue}{green}{red}"


def _icon() -> bytes:
    """Return a white house with a dark outline, which viewers tint."""
    image = Image.new("RGBA", (32, 32))
    ImageDraw.Draw(image).polygon(
        [(16, 3), (29, 14), (29, 29), (3, 29), (3, 14)], fill="white", outline="#222222", width=2
    )
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
