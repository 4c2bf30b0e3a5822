"""The map under a field pack, as tiles: communes, border sectors by planned visits, routes and posts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import matplotlib
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font
from matplotlib.patheffects import withStroke

from geo.crs import STORED
from maps.field_content import FieldContent
from maps.layer_styles import ValueClass
from maps.mbtiles import Pixels, View, write_mbtiles
from maps.palette import class_of

ZOOMS = (8, 12)
"""Of zoom 12 a pixel is 35 m: the outlines of communes and sectors say no more, and phones enlarge what they have."""

MARGIN_DEG = 0.02
WEB_CRS = "EPSG:3857"
LONGEST = 40
"""Letters of a name on the map."""

_NOT_VISITED, _OUTLINE, _LAND, _WAY, _INK = "#9a9a9a", "#b0b0b0", "#f4f1ea", "#1f78b4", "#222222"
_NAMES_FROM, _SECTORS_FROM = 10, 11
"""Zooms from which there is room for the names of communes, and of sectors."""


@dataclass(frozen=True)
class _Layers:
    """What is drawn, in EPSG:3857; of the routes those whose way is known."""

    communes: gpd.GeoDataFrame | None
    sectors: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame
    posts: gpd.GeoDataFrame


def write_plan_tiles(path: Path, content: FieldContent, zooms: tuple[int, int] = ZOOMS) -> None:
    """Write the map as MBTiles, zooms from the first to the last."""
    tables, communes = content.tables, content.communes
    layers = _Layers(
        None if communes is None else communes.to_crs(WEB_CRS),
        tables.sectors.drop(columns="middle").to_crs(WEB_CRS),
        tables.routes[tables.routes["way_known"]].to_crs(WEB_CRS),
        tables.posts.to_crs(WEB_CRS),
    )
    frames = (tables.sectors, tables.posts, *([] if communes is None else [communes.to_crs(STORED)]))
    boxes = np.array([frame.total_bounds for frame in frames])
    west, south = boxes[:, :2].min(axis=0) - MARGIN_DEG
    east, north = boxes[:, 2:].max(axis=0) + MARGIN_DEG
    write_mbtiles(
        path,
        lambda view: _draw(view, layers, content.classes),
        bounds=(west, south, east, north),
        zooms=zooms,
        metadata={"name": content.name, "description": content.about, "attribution": content.note, "version": "1"},
    )


def drawable(text: str) -> str:
    """Return a text as the map can show it: shortened, and ``□`` for what the font does not have."""
    shown = "".join(letter if ord(letter) in _letters() else "□" for letter in text if letter.isprintable())
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


@cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")).get_charmap())


def _draw(view: View, layers: _Layers, classes: list[ValueClass]) -> Pixels:
    # At 72 dots an inch matplotlib's points are pixels.
    figure = Figure(figsize=(view.width / 72, view.height / 72), dpi=72)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(view.west, view.east), ylim=(view.south, view.north))
    axes.set_axis_off()
    close = view.zoom >= _NAMES_FROM
    if layers.communes is not None:
        layers.communes.plot(ax=axes, color=_LAND, edgecolor=_OUTLINE, linewidth=1, aspect=None)
    _lines(axes, layers.routes.geometry, _WAY, 1.5)
    held = class_of(layers.sectors["visits"].where(layers.sectors["visits"] > 0), np.array([c.high for c in classes]))
    _lines(axes, layers.sectors.geometry[held < 0], _NOT_VISITED, 2)
    for position, entry in enumerate(classes):
        _lines(axes, layers.sectors.geometry[held == position], entry.colour, 3.5 if close else 2.5)
    if layers.communes is not None and close:
        _names(axes, layers.communes.representative_point(), layers.communes["name"], "#666666")
    if view.zoom >= _SECTORS_FROM:
        middles = layers.sectors.geometry.interpolate(0.5, normalized=True)
        _names(axes, middles, layers.sectors["sector_id"], _INK, above=4)
    posts = layers.posts.geometry
    axes.scatter(posts.x, posts.y, s=81 if close else 36, marker="s", color="white", edgecolors=_INK, zorder=5)
    if close:
        _names(axes, posts, layers.posts["name"], _INK, above=8, bold=True)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()  # type: ignore[no-untyped-call]


def _lines(axes: Axes, shapes: gpd.GeoSeries, colour: str, width: float) -> None:
    parts = [shapely.get_coordinates(part) for part in shapely.get_parts(shapes.to_numpy())]
    axes.add_collection(LineCollection(parts, colors=colour, linewidths=width), autolim=False)


def _names(
    axes: Axes, places: gpd.GeoSeries, names: Iterable[str], colour: str, *, above: float = 0, bold: bool = False
) -> None:
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    for x, y, name in zip(places.x, places.y, names, strict=True):
        if left <= x <= right and bottom <= y <= top:
            axes.annotate(
                drawable(name),
                (x, y),
                xytext=(0, above),
                textcoords="offset points",
                ha="center",
                va="bottom" if above else "center",
                color=colour,
                size=11,
                weight="bold" if bold else "normal",
                parse_math=False,
                path_effects=[withStroke(linewidth=2.5, foreground="white")],
                zorder=6,
            )
