"""Names on a paper map: communes, the first of the ranking with their rank, and crossings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from maps.labels import Label, Placed, place_labels
from maps.marks import marked
from maps.paper_layers import PaperLayers, draw_crossing
from maps.scale import Frame
from maps.sheet import INK, Sheet
from maps.typeset import MM_PER_POINT, shortened, width_mm

TOP = 10
"""How many communes bear their rank."""
MOST = 150
"""How many communes bear their name, the first of the ranking; more names would cover the colours."""

_WIDEST = 38.0
_DISC = 1.9
_TIGHT = 0.2
_MIDDLE = 0.36
"""How far the middle of capital letters lies over their baseline, in sizes of the font."""


@dataclass(frozen=True)
class _Name:
    """A name that wants to be on the map; ``rank`` if it bears one."""

    text: str
    size: float
    label: Label
    rank: str = ""
    colour: str = INK

    def draw(self, sheet: Sheet, placed: Placed) -> None:
        left, bottom, right, top = placed.box
        middle = (bottom + top) / 2
        if not (self.rank and placed.form):
            start = left + (2 * _DISC + 0.4 if self.rank else 0.0)
            ground = (start, bottom + _TIGHT, right - start, top - bottom - 2 * _TIGHT)
            sheet.rectangle(ground, fill="white", opacity=0.75)
            baseline, bold = middle - _MIDDLE * self.size * MM_PER_POINT, bool(self.rank)
            sheet.text(right - 0.3, baseline, self.text, self.size, bold=bold, colour=self.colour, align="right")
        if self.rank:
            sheet.circle(left + _DISC, middle, _DISC, fill="#111111", edge="white", line=0.6)
            baseline = middle - _MIDDLE * 6.5 * MM_PER_POINT
            sheet.text(left + _DISC, baseline, self.rank, 6.5, bold=True, colour="white", align="center")


def draw_names(sheet: Sheet, frame: Frame, layers: PaperLayers) -> int:
    """Draw crossings and names; return how many communes on the map found no room for theirs.

    A commune of the first ten whose name finds no room keeps its rank.
    """
    shown = layers.crossings[layers.crossings.intersects(frame.view)]
    points = frame.place(shapely.get_coordinates(shown.geometry.to_numpy()))
    for (x, y), quality in zip(points, shown["position_quality"], strict=True):
        draw_crossing(sheet, x, y, published=quality == "published")
    seen = _seen(frame, layers)
    communes = list(_communes(frame, seen.head(MOST)))
    crossings = [_crossing(x, y, name) for (x, y), name in zip(points, shown["name"], strict=True)]
    first = [name for name in communes if name.rank]
    wanted = [*first, *crossings, *(name for name in communes if not name.rank)]
    region = frame.left + 1, frame.bottom + 4, frame.left + frame.width - 1, frame.bottom + frame.height - 4
    marks = [(x - 1.6, y - 1.6, x + 1.6, y + 1.6) for x, y in points]
    nameless = len(seen)
    for name, placed in zip(wanted, place_labels([name.label for name in wanted], region, marks), strict=True):
        if placed:
            name.draw(sheet, placed)
        nameless -= placed is not None and name not in crossings
    return nameless


def _seen(frame: Frame, layers: PaperLayers) -> gpd.GeoDataFrame:
    """Return the communes that the frame shows, by rank, cut at its edge."""
    near = layers.communes[shapely.intersects(layers.communes.geometry.to_numpy(), frame.view)]
    seen = near.set_geometry(shapely.intersection(near.geometry.to_numpy(), frame.view), crs=near.crs)
    return seen[seen.area > 0]


def _communes(frame: Frame, seen: gpd.GeoDataFrame) -> Iterator[_Name]:
    """Name communes at the middle of what is seen of them."""
    rows = pd.DataFrame(seen.drop(columns="geometry")).itertuples()
    for shape, row in zip(seen.geometry, rows, strict=True):
        middle = shapely.get_point(shapely.maximum_inscribed_circle(shape, tolerance=frame.metres / 2), 0)
        ((x, y),) = frame.place(shapely.get_coordinates(middle))
        yield _commune(x, y, row)


def _commune(x: float, y: float, row: Any) -> _Name:
    if not row.rank <= TOP:
        text = marked(row, _WIDEST, 6)
        return _Name(text, 6, Label(x, y, ((width_mm(text, 6) + 0.6, 2.6),)))
    text = marked(row, _WIDEST, 7, bold=True)
    wide = width_mm(text, 7, bold=True) + 2 * _DISC + 1.0
    return _Name(text, 7, Label(x, y, ((wide, 2 * _DISC), (2 * _DISC, 2 * _DISC))), rank=f"{row.rank:.0f}")


def _crossing(x: float, y: float, name: str) -> _Name:
    text = shortened(name, _WIDEST, 6)
    return _Name(text, 6, Label(x, y, ((width_mm(text, 6) + 0.4, 2.6),), gap=1.7), colour="#0b3d91")
