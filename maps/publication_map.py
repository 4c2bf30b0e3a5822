"""The map of a publication: zones as one drawing in a page without a script, darker where the rate is higher."""

import datetime as dt
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import METRIC
from geo.errors import Message
from maps.document import Column, Document, Part, Section, Table, Text
from maps.drawing import Area, Drawing, Label
from maps.legend import classed
from maps.palette import COMMUNES, NO_DATA
from maps.publication_content import PublicContent
from maps.publication_words import banners, zone_table
from maps.stamp import NO_MODEL, stamp_line
from maps.text import number, translate
from maps.web_layers import outlines

WIDTH, EDGE = 460.0, 8.0
"""Of the drawing, and what stays free around it, points."""
_LETTERS = 8.0


def map_document(content: PublicContent) -> Document:
    """Return the page.

    Parameters
    ----------
    content
        See `maps.publication_content.PublicContent`.
    """
    lang = content.lang
    middle = (content.zones["rate_low"].astype(float) + content.zones["rate_high"].astype(float)) / 2
    classes, legend = classed(middle.to_numpy(dtype=float, na_value=np.nan), COMMUNES)
    colours = [legend[i]["colour"] if i >= 0 else NO_DATA for i in classes]
    values = {"first": str(content.years[0]), "last": str(content.years[1]), "title": content.title}
    told = translate(Message("Map of {n} zones", {"n": len(content.zones)}), lang)
    caption = translate(
        Message("The darker, the higher the middle of the range of persons per 10,000 inhabitants and year."), lang
    )
    ranges = Table(
        translate(Message("Classes"), lang),
        (
            Column(translate(Message("Colour, light to dark"), lang), 1.0, 0),
            Column(translate(Message("Middle of the range, per 10,000 a year"), lang), 3.0),
        ),
        tuple((i, _between(each["low"], each["high"], lang)) for i, each in enumerate(legend, start=1)),
    )
    parts: list[Part] = [drawing_of(content.zones, colours, told, caption), ranges, zone_table(content.zones, lang)]
    if content.approximate:
        approximate = Message("Approximate boundaries: do not measure distances or areas on this map")
        parts.insert(0, Text(translate(approximate, lang), "warning"))
    published = translate(Message("Published on {day}.", {"day": dt.date.fromisoformat(content.made_on)}), lang)
    limits = Message(
        "This map orders places for prevention. It says nothing about any person, family or community, and is no "
        "ground for a search, an arrest or the refusal of a service."
    )
    return Document(
        title=translate(Message("{title}: recorded persons by zone, {first} to {last}", values), lang),
        lead=f"{published} {stamp_line(content.valid_until, NO_MODEL, 'public', lang)} {translate(limits, lang)}",
        banners=banners(content.simulated, lang),
        sections=(Section(translate(Message("Zones"), lang), tuple(parts)),),
        lang=lang,
        one_page=True,
    )


def drawing_of(zones: gpd.GeoDataFrame, colours: list[str], told: str, caption: str) -> Drawing:
    """Return zones as areas with their names; one within another is drawn after it."""
    shapes = outlines(zones.geometry.to_numpy())
    metric = gpd.GeoSeries(shapes, crs=zones.crs).to_crs(METRIC)
    west, south, east, north = metric.total_bounds
    metres = (east - west) / (WIDTH - 2 * EDGE)

    def place(x: float, y: float) -> tuple[float, float]:
        return EDGE + (x - west) / metres, EDGE + (north - y) / metres

    def areas() -> Iterator[tuple[float, Area]]:
        for shape, colour in zip(metric, colours, strict=True):
            for part in shapely.get_parts(shape):
                points = tuple(place(x, y) for x, y in shapely.get_coordinates(part.exterior))
                yield shapely.Polygon(part.exterior).area, Area(points, colour)

    middles = shapely.get_coordinates(shapely.point_on_surface(metric.to_numpy()))
    labels = [
        Label(*place(x, y), name, _LETTERS, "middle", halo=True)
        for (x, y), name in zip(middles, zones["zone"], strict=True)
    ]
    marks = [area for _, area in sorted(areas(), key=lambda found: -found[0])]
    return Drawing(WIDTH, (north - south) / metres + 2 * EDGE, (*marks, *labels), told, caption)


def _between(low: float, high: float, lang: str) -> str:
    return number(low, lang, 2) if low == high else f"{number(low, lang, 2)}–{number(high, lang, 2)}"
