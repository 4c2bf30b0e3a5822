"""A QGIS project beside a GeoPackage: its layers in their order, under their titles, styled; paths are relative."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element, SubElement, fromstring

from pyproj import CRS

from maps.layer_styles import LayerStyle
from maps.qml import VERSION
from maps.xml_text import clean, write_xml

_PROVIDERS = {"vector": "ogr", "raster": "gdal"}


class ProjectLayer(NamedTuple):
    """A layer of a project."""

    name: str
    kind: Literal["vector", "raster"]
    source: str
    """As QGIS writes it, from the project's folder: ``./FILE.gpkg|layername=NAME`` or ``./FILE.tif``."""
    crs: str
    """Authority and code."""
    style: LayerStyle
    shown: bool = True


def write_project(
    path: Path, layers: Sequence[ProjectLayer], *, title: str, crs: str, extent: tuple[float, float, float, float]
) -> None:
    """Write a project (``.qgs``); the same content gives the same bytes.

    Parameters
    ----------
    path
        The file, beside the files of its layers.
    layers
        From the top.
    title
        Of the window, and of the group that holds the layers.
    crs
        In which the map is shown: authority and code.
    extent
        West, south, east, north of what is shown first, in ``crs``.
    """
    root = Element("qgis", version=VERSION, projectname=clean(title))
    SubElement(root, "title").text = clean(title)
    _add_crs(root, "projectCrs", crs)
    tree = SubElement(SubElement(root, "layer-tree-group"), "layer-tree-group", name=clean(title), expanded="1")
    canvas = SubElement(root, "mapcanvas", name="theMapCanvas")
    bounds = SubElement(canvas, "extent")
    for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        SubElement(bounds, tag).text = repr(float(value))
    _add_crs(canvas, "destinationsrs", crs)
    held = SubElement(root, "projectlayers")
    for layer in layers:
        checked = "Qt::Checked" if layer.shown else "Qt::Unchecked"
        SubElement(tree, "layer-tree-layer", id=_id(layer), name=layer.style.title, checked=checked, expanded="1")
        _add_layer(held, layer)
    properties = SubElement(root, "properties")
    SubElement(SubElement(properties, "Paths"), "Absolute", type="bool").text = "false"
    # Without it QGIS does not read the project's CRS.
    SubElement(SubElement(properties, "SpatialRefSys"), "ProjectionsEnabled", type="int").text = "1"
    write_xml(path, root)


def _add_layer(parent: Element, layer: ProjectLayer) -> None:
    style = fromstring(layer.style.qml.partition("\n")[2])  # noqa: S314 - our own
    node = SubElement(parent, "maplayer", {"type": str(layer.kind), **style.attrib})
    SubElement(node, "id").text = _id(layer)
    SubElement(node, "datasource").text = layer.source
    SubElement(node, "layername").text = layer.style.title
    _add_crs(node, "srs", layer.crs)
    SubElement(node, "provider").text = _PROVIDERS[layer.kind]
    node.extend(style)


def _id(layer: ProjectLayer) -> str:
    # QGIS gives another id to a layer whose own is short, and the tree would lose it.
    return f"diemnong_layer_{layer.name}"


def _add_crs(parent: Element, tag: str, crs: str) -> None:
    system = SubElement(SubElement(parent, tag), "spatialrefsys")
    # By the code alone QGIS 3.22 names the CRS but does not know it.
    SubElement(system, "wkt").text = CRS.from_user_input(crs).to_wkt()
    SubElement(system, "authid").text = crs
