"""The layers of the web map as paper shows them: the same classes and colours, in metres."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.colors import to_hex, to_rgb
from matplotlib.path import Path as Outline

from geo.crs import metric_crs
from maps.legend import classed
from maps.palette import COMMUNES, NO_DATA, SECTORS
from maps.scale import Frame
from maps.sheet import Sheet, outline_of
from maps.web import MapContent

DETAIL_M = 20.0
"""Details of outlines smaller than this are left out: 0.1 mm at 1:200,000."""

CROSSING = "#0b3d91"
_EDGE, _PALE = "#555555", 0.65


@dataclass(frozen=True)
class PaperLayers:
    """What a paper map shows.

    Attributes
    ----------
    communes
        Polygons in the metric CRS by rank, with ``colour`` and, for the legend, ``commune_legend``.
    outlines
        Of the communes, in their order.
    sectors
        Lines by rank, the first last, so that it lies on top, with ``colour`` and ``line`` (width in points).
    crossings
        Points; those without a published position are left out, and counted in ``unplaced``.
    effort_known
        See `maps.web.MapContent`.
    """

    communes: gpd.GeoDataFrame
    outlines: list[Outline]
    commune_legend: list[dict[str, Any]]
    sectors: gpd.GeoDataFrame
    sector_legend: list[dict[str, Any]]
    crossings: gpd.GeoDataFrame
    unplaced: int
    effort_known: bool


def paper_layers(content: MapContent, crs: str) -> PaperLayers:
    """Return the layers of a map in a metric CRS."""
    metric = metric_crs(crs)
    communes = content.communes.sort_values(["rank", "commune_code"], ignore_index=True).to_crs(metric)
    communes.geometry = shapely.coverage_simplify(communes.geometry.to_numpy(), DETAIL_M)
    sectors = content.sectors.sort_values(["rank", "sector_id"], ignore_index=True)[::-1].to_crs(metric)
    sectors.geometry = shapely.simplify(sectors.geometry.to_numpy(), DETAIL_M)
    crossings = content.crossings.to_crs(metric)
    placed = ~(crossings.geometry.isna() | crossings.geometry.is_empty)
    commune_class, commune_legend = classed(communes["expected"].round(6), COMMUNES)
    sector_class, sector_legend = classed(sectors["score"].round(6), SECTORS)
    return PaperLayers(
        communes.assign(colour=[commune_legend[i]["colour"] if i >= 0 else NO_DATA for i in commune_class]),
        [outline_of(np.array([shape]), closed=True) for shape in communes.geometry],
        commune_legend,
        sectors.assign(
            colour=[sector_legend[i]["colour"] if i >= 0 else NO_DATA for i in sector_class],
            line=[sector_line(i, len(sector_legend)) for i in sector_class.tolist()],
        ),
        sector_legend,
        crossings[placed],
        int((~placed).sum()),
        content.effort_known,
    )


def sector_line(place: int, classes: int) -> float:
    """Return the width in points of the sectors of a class: wider where there is more risk, for grey prints."""
    return 1.4 + 2.2 * (place + 1) / max(classes, 1)


def draw_communes(sheet: Sheet, frame: Frame, layers: PaperLayers, only: int | None = None) -> None:
    """Draw the communes in the colour of their class, hatched where data are weak.

    Parameters
    ----------
    sheet, frame
        Where.
    layers
        What.
    only
        Position of the commune that the map is about; the others are then pale.
    """
    rows = layers.communes
    for place in np.flatnonzero(shapely.intersects(rows.geometry.to_numpy(), frame.view)).tolist():
        own = only is None or place == only
        fill = rows["colour"].iat[place] if own else paled(rows["colour"].iat[place])
        sheet.shape(frame, layers.outlines[place], fill=fill, edge=_EDGE if own else "#aaaaaa", line=0.5)
        if rows["weak_data"].iat[place] and own:
            sheet.shape(frame, layers.outlines[place], edge="#777777", line=0.3, hatched=True)
    if only is not None:
        sheet.shape(frame, layers.outlines[only], edge="#222222", line=1.4)


def draw_sectors(sheet: Sheet, frame: Frame, layers: PaperLayers) -> None:
    """Draw the border sectors by class, on a white ground that parts them from the communes."""
    sectors = layers.sectors[layers.sectors.intersects(frame.view)]
    if sectors.empty:
        return
    sheet.shape(
        frame, outline_of(sectors.geometry.to_numpy(), closed=False), edge="white", line=sectors["line"].max() + 1.4
    )
    for (colour, line), rows in sectors.groupby(["colour", "line"], sort=False):
        sheet.shape(frame, outline_of(rows.geometry.to_numpy(), closed=False), edge=colour, line=line)


def draw_crossing(sheet: Sheet, x: float, y: float, *, published: bool) -> None:
    """Draw a crossing: a square; a ring if its position is made up."""
    if published:
        sheet.rectangle((x - 1.1, y - 1.1, 2.2, 2.2), fill=CROSSING, edge="white", line=0.8)
    else:
        sheet.circle(x, y, 1.3, fill="white", edge=CROSSING, line=1.2)


def paled(colour: str) -> str:
    """Return a colour mixed with white."""
    red, green, blue = (share + (1 - share) * _PALE for share in to_rgb(colour))
    return to_hex((red, green, blue))
