"""Layer styles as QGIS stores them: a small writer of QML for rules, labels, aliases and classed rasters.

The names and values are those that QGIS 3.22 writes itself; later versions read them. A length is in millimetres on
the paper, a colour ``#rrggbb``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

VERSION = "3.22.16"
"""The QGIS whose form is written, and that the tests open."""

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_HALO = {
    "bufferDraw": "1",
    "bufferSize": "0.8",
    "bufferSizeUnits": "MM",
    "bufferColor": "255,255,255,255",
    "bufferOpacity": "0.8",
}
_PLACEMENT = {"polygon": "1", "line": "2", "point": "0"}
"""Over the polygon's inside, along the line, around the point."""


class SymbolLayer(NamedTuple):
    """One layer of a symbol: QGIS's class of it, and its properties."""

    kind: str
    properties: Mapping[str, str]
    under: "Symbol | None" = None
    """The lines that a hatch is made of."""


class Symbol(NamedTuple):
    """How a feature is drawn, its layers from the lowest."""

    kind: Literal["fill", "line", "marker"]
    layers: Sequence[SymbolLayer]
    opacity: float = 1.0


class Rule(NamedTuple):
    """What the features of a filter look like; ``"ELSE"`` is those of no other rule."""

    label: str
    filter: str
    symbol: Symbol


class RasterClass(NamedTuple):
    """The cells up to and with ``high``, above the class before."""

    label: str
    high: float
    colour: str


@dataclass(frozen=True)
class Label:
    """What is written at a feature.

    Attributes
    ----------
    expression
        QGIS expression of the text.
    over
        Kind of geometry, which decides where the text may stand.
    priority
        QGIS expression from 0 to 10: where there is no room for all, the texts with the highest stay.
    colour, size
        Of the letters; points.
    """

    expression: str
    over: Literal["polygon", "line", "point"]
    priority: str = "5"
    colour: str = "#222222"
    size: float = 9.0


def fill(colour: str, outline: str = "#ffffff", width: float = 0.2) -> Symbol:
    """Return a filled polygon with an outline."""
    look = {"color": _rgba(colour), "style": "solid", "outline_color": _rgba(outline), "outline_style": "solid"}
    return Symbol("fill", [SymbolLayer("SimpleFill", {**look, "outline_width": f"{width:g}", **_mm("outline_width")})])


def hatch(colour: str, distance: float = 1.8, width: float = 0.25) -> Symbol:
    """Return slanting lines over whatever lies below."""
    look = {"angle": "45", "distance": f"{distance:g}", "color": _rgba(colour), "line_width": f"{width:g}"}
    lines = SymbolLayer("LinePatternFill", {**look, **_mm("distance"), **_mm("line_width")}, under=line(colour, width))
    return Symbol("fill", [lines])


def outline(colour: str, width: float) -> Symbol:
    """Return a dashed outline over whatever lies below."""
    look = {"line_color": _rgba(colour), "line_width": f"{width:g}", "line_style": "dash", "joinstyle": "round"}
    return Symbol("fill", [SymbolLayer("SimpleLine", {**look, **_mm("line_width")})])


def line(colour: str, width: float) -> Symbol:
    """Return a plain line."""
    look = {"line_color": _rgba(colour), "line_width": f"{width:g}", "capstyle": "round", "joinstyle": "round"}
    return Symbol("line", [SymbolLayer("SimpleLine", {**look, "line_style": "solid", **_mm("line_width")})])


def cased_line(colour: str, width: float, casing: str = "#ffffff") -> Symbol:
    """Return a line with a casing, which keeps it apart from polygons of a like colour."""
    return Symbol("line", [*line(casing, width + 0.6).layers, *line(colour, width).layers])


def marker(shape: str, colour: str, size: float, outline: str = "#222222") -> Symbol:
    """Return a point's mark; ``shape`` is a name of QGIS's, for example ``circle``."""
    look = {"name": shape, "color": _rgba(colour), "outline_color": _rgba(outline), "outline_width": "0.3"}
    return Symbol("marker", [SymbolLayer("SimpleMarker", {**look, "size": f"{size:g}", **_mm("size")})])


def vector_style(rules: Sequence[Rule], label: Label | None = None, aliases: Mapping[str, str] | None = None) -> str:
    """Return the style of a vector layer.

    Parameters
    ----------
    rules
        In the order of the legend; a feature is drawn by each rule whose filter it meets.
    label
        Nothing is written at the features by default.
    aliases
        What columns are called in forms and tables.
    """
    root = Element("qgis", version=VERSION, labelsEnabled="1" if label else "0")
    renderer = SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0")
    tree, symbols = SubElement(renderer, "rules", key="rules"), SubElement(renderer, "symbols")
    for position, rule in enumerate(rules):
        key = str(position)
        SubElement(tree, "rule", key=f"rule{key}", filter=rule.filter, label=rule.label, symbol=key)
        _add_symbol(symbols, rule.symbol, key)
    if label is not None:
        _add_label(root, label)
    named = SubElement(root, "aliases")
    for position, (field, name) in enumerate((aliases or {}).items()):
        SubElement(named, "alias", field=field, name=name, index=str(position))
    return _text(root)


def raster_style(classes: Sequence[RasterClass], opacity: float = 1.0) -> str:
    """Return the style of a raster's first band, classed from low to high; what is above the last takes its colour."""
    root = Element("qgis", version=VERSION)
    renderer = SubElement(
        SubElement(root, "pipe"),
        "rasterrenderer",
        type="singlebandpseudocolor",
        band="1",
        alphaBand="-1",
        opacity=f"{opacity:g}",
    )
    shader = SubElement(
        SubElement(renderer, "rastershader"), "colorrampshader", colorRampType="DISCRETE", classificationMode="1"
    )
    for position, entry in enumerate(classes):
        last = position == len(classes) - 1
        value = "inf" if last else repr(float(entry.high))
        SubElement(shader, "item", value=value, color=entry.colour, alpha="255", label=entry.label)
    return _text(root)


def _add_symbol(parent: Element, symbol: Symbol, name: str) -> None:
    node = SubElement(parent, "symbol", type=symbol.kind, name=name, alpha=f"{symbol.opacity:g}", clip_to_extent="1")
    for layer in symbol.layers:
        inner = SubElement(node, "layer", {"class": layer.kind, "enabled": "1", "pass": "0", "locked": "0"})
        options = SubElement(inner, "Option", type="Map")
        for key, value in layer.properties.items():
            SubElement(options, "Option", name=key, type="QString", value=value)
        if layer.under is not None:
            # QGIS finds the symbol within a symbol by this name: that of the outer one and its layer's position.
            _add_symbol(inner, layer.under, f"@{name}@0")


def _add_label(root: Element, label: Label) -> None:
    settings = SubElement(SubElement(root, "labeling", type="simple"), "settings")
    style = SubElement(
        settings,
        "text-style",
        fieldName=label.expression,
        isExpression="1",
        fontSize=f"{label.size:g}",
        fontSizeUnit="Point",
        fontWeight="63",
        textColor=_rgba(label.colour),
        textOpacity="1",
    )
    SubElement(style, "text-buffer", _HALO)
    SubElement(settings, "placement", placement=_PLACEMENT[label.over], dist="1", distUnits="MM")
    SubElement(settings, "rendering", drawLabels="1", obstacle="0")
    defined = SubElement(SubElement(settings, "dd_properties"), "Option", type="Map")
    SubElement(defined, "Option", name="type", type="QString", value="collection")
    properties = SubElement(defined, "Option", name="properties", type="Map")
    priority = SubElement(properties, "Option", name="Priority", type="Map")
    SubElement(priority, "Option", name="active", type="bool", value="true")
    SubElement(priority, "Option", name="expression", type="QString", value=label.priority)
    SubElement(priority, "Option", name="type", type="int", value="3")


def _rgba(colour: str) -> str:
    return ",".join(map(str, (*bytes.fromhex(colour.removeprefix("#")), 255)))


def _mm(*names: str) -> dict[str, str]:
    return {f"{name}_unit": "MM" for name in names}


def _text(root: Element) -> str:
    return _DOCTYPE + tostring(root, encoding="unicode")
