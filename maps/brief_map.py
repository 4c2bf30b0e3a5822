"""The small map of a brief: the stretch of border that is patrolled, darker where it is visited more."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import METRIC
from geo.errors import Message
from maps.drawing import Area, Drawing, Label, Line, Point
from maps.palette import SECTORS, class_breaks, class_of, shades
from maps.text import translate

WIDTH, HEIGHT, EDGE = 190.0, 210.0, 8.0
"""Of the drawing, and what stays free around the sectors, points."""
DETAIL_M = 100.0
"""Smaller details cannot be seen at this size."""
_LETTERS = 6.5


def brief_map(
    sectors: gpd.GeoDataFrame, communes: gpd.GeoDataFrame, visits: pd.DataFrame, labels: int, lang: str
) -> Drawing:
    """Return the map; where posts lie is not on it.

    Parameters
    ----------
    sectors, communes
        Lines with ``sector_id`` and polygons, with a CRS.
    visits
        ``sector_id`` and ``visits``, the first ``labels`` of which are named as far as there is room.
    """
    lines = sectors.set_index("sector_id").geometry.to_crs(METRIC)
    known = visits[visits["sector_id"].isin(lines.index)]
    focus = lines.loc[known["sector_id"]] if len(known) else lines
    frame = _Frame(focus.total_bounds) if len(focus) else _Frame(communes.to_crs(METRIC).total_bounds)
    classes = class_of(known["visits"], class_breaks(known["visits"]))
    colours = shades(SECTORS, max(1, len(np.unique(classes))))
    marks: list[Area | Line | Label] = [*frame.areas(communes.geometry.to_crs(METRIC))]
    marks += frame.lines(lines, "#777777", 1.2)
    for sector, rank in zip(known["sector_id"], classes, strict=True):
        marks += frame.lines(lines.loc[[sector]], colours[rank], 3.5)
    marks += frame.labels(lines.loc[known["sector_id"].head(labels)])
    told = Message("Map of {n} sectors that are visited", {"n": len(known)})
    caption = translate(
        Message("The darker, the more visits; grey: not visited this week. Boundaries as in the workspace."), lang
    )
    return Drawing(WIDTH, HEIGHT, tuple(marks), translate(told, lang), caption)


class _Frame:
    """A window onto metres: what lies in it, in points of the drawing."""

    def __init__(self, bounds: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
        west, south, east, north = bounds
        self._metres = max((east - west) / (WIDTH - 2 * EDGE), (north - south) / (HEIGHT - 2 * EDGE), 1.0)
        self._left = (west + east - WIDTH * self._metres) / 2
        self._top = (south + north + HEIGHT * self._metres) / 2
        self._window = shapely.box(
            self._left, self._top - HEIGHT * self._metres, self._left + WIDTH * self._metres, self._top
        )

    def lines(self, lines: gpd.GeoSeries, colour: str, width: float) -> Iterator[Line]:
        """Return the lines as far as they lie in the window."""
        for part in self._parts(lines, "LineString"):
            yield Line(self._points(part), colour, width)

    def areas(self, polygons: gpd.GeoSeries) -> Iterator[Area]:
        """Return the polygons as far as they lie in the window."""
        for part in self._parts(polygons, "Polygon"):
            yield Area(self._points(part.exterior), "#f4f1ea", "#b5aea0", 0.4)

    def labels(self, lines: gpd.GeoSeries) -> Iterator[Label]:
        """Return the names beside their lines; one that would cover an earlier one is left out."""
        taken: list[tuple[float, float, float, float]] = []
        for name, line in lines.items():
            ((x, y),) = self._points(line.interpolate(0.5, normalized=True))
            wide = 0.62 * _LETTERS * len(str(name))
            left = x + 5 if x + 5 + wide < WIDTH else x - 5 - wide
            box = (left, y - 0.65 * _LETTERS, left + wide, y + 0.65 * _LETTERS)
            if all(box[0] > b[2] or box[2] < b[0] or box[1] > b[3] or box[3] < b[1] for b in taken):
                taken.append(box)
                yield Label(left, y + _LETTERS / 3, str(name), _LETTERS, halo=True)

    def _parts(self, shapes: gpd.GeoSeries, kind: str) -> Iterator[shapely.Geometry]:
        simple = shapely.simplify(shapes.to_numpy(), DETAIL_M)
        for part in shapely.get_parts(shapely.intersection(simple, self._window)):
            if part.geom_type == kind and not part.is_empty:
                yield part

    def _points(self, shape: shapely.Geometry) -> tuple[Point, ...]:
        xy = shapely.get_coordinates(shape)
        return tuple(((x - self._left) / self._metres, (self._top - y) / self._metres) for x, y in xy)
