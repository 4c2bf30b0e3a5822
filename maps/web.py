"""The map of a run: one HTML file that works without a network and makes no request at all.

folium carries the page; Leaflet, our script and the data are written into it. A Content-Security-Policy forbids every
request and every script but the page's own, so that nothing can leak and no name can run, even by mistake.
"""

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine
from branca.element import Element, Figure
from folium.template import Template
from numpy.typing import NDArray
from rasterio import warp

from geo.crs import STORED
from geo.grid import Grid
from maps.legend import classed
from maps.palette import COMMUNES, NO_DATA, SECTORS, SURFACE
from maps.web_words import words

COMMUNE_FIELDS = (
    "commune_code", "name", "district", "rank", "expected", "lower", "upper", "rate", "p_top10", "detection",
    "band_lower", "band_upper", "cases", "absences", "sessions", "population", "weak_data", "geometry_quality",
    "reason_vi", "reason_en",
)  # fmt: skip
SECTOR_FIELDS = (
    "sector_id", "neighbour", "commune_code", "rank", "score", "length_km", "nearby_risk", "crossing_density",
    "patrol_hours", "reason_vi", "reason_en",
)  # fmt: skip
CROSSING_FIELDS = ("crossing_id", "name", "kind", "neighbour", "commune_code", "position_quality")

DECIMALS = 5
"""Of a degree: about a metre."""

TOLERANCE_DEG = 0.0003
"""Details of outlines smaller than this (30 m) are left out; they cannot be seen at the map's closest zoom."""

WEB_CRS = "EPSG:3857"
"""The CRS in which Leaflet stretches an image between its corners."""

_ASSETS = Path(__file__).parent / "assets"
_SCRIPTS = "{scripts}"
_POLICY = f"default-src 'none'; script-src {_SCRIPTS}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"


@dataclass(frozen=True)
class MapContent:
    """What the map of a run shows.

    Attributes
    ----------
    communes
        Polygons in EPSG:4326 with `COMMUNE_FIELDS`: ``expected`` events a year with their 90 % interval ``lower``,
        ``upper``; ``rate`` per 10,000 persons and year; ``p_top10`` and ``detection`` are shares of 1; ``band_lower``,
        ``band_upper`` are missing where the records tell what effort notices; counts over the period.
    sectors
        Lines in EPSG:4326 with `SECTOR_FIELDS`: ``score`` is a share of 1, ``nearby_risk`` in events per year and km².
    crossings
        Points in EPSG:4326, or None where the position is unknown, with `CROSSING_FIELDS`.
    surface
        Events per 10,000 persons and year, NaN outside, and its grid; or None.
    period
        First and last day, ISO 8601.
    made_on
        The day that the outputs bear, ISO 8601.
    simulated
        Whether the records are simulated.
    effort_known
        Whether outreach was recorded; if not, the map shows recorded cases and must not be called a risk map.
    vintage
        Unit system of the communes.
    title
        What the map is called.
    """

    communes: gpd.GeoDataFrame
    sectors: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    surface: tuple[NDArray[np.float64], Grid] | None
    period: tuple[str, str]
    made_on: str
    simulated: bool
    effort_known: bool
    vintage: str
    title: str = "Điện Biên"


def render_map(content: MapContent, lang: str = "vi") -> str:
    """Return the map as an HTML page that begins in ``lang`` (``"vi"`` or ``"en"``) and holds both languages.

    The same content gives the same text.
    """
    page = Figure()
    _OfflineMap().add_to(page)
    page.header.add_child(_Verbatim(_head(content, lang)), name="head")
    return _sealed(page.render())


class _OfflineMap(folium.Map):
    """A Leaflet map that loads nothing; its script hands it to ours."""

    _template = Template((_ASSETS / "map.html").read_text(encoding="utf-8"))

    def __init__(self) -> None:
        super().__init__(
            tiles=None, max_zoom=14, attribution_control=False, zoom_snap=0.25, zoom_delta=0.5, fade_animation=False
        )
        # By default folium links to a dozen files elsewhere, and names the map at random.
        self.default_js, self.default_css = [], []
        self._id = "diemnong"


class _Verbatim(Element):
    """Text that goes into the page as it is; folium would take braces in it for a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_: object) -> str:
        return self._text


def _head(content: MapContent, lang: str) -> str:
    def asset(name: str) -> str:
        return (_ASSETS / name).read_text(encoding="utf-8")

    return (
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(content.title)}</title>\n"
        f"<style>{asset('leaflet/leaflet.css')}</style>\n<style>{asset('map.css')}</style>\n"
        f"<script>/*\n{asset('leaflet/LICENSE')}*/\n{asset('leaflet/leaflet.js')}</script>\n"
        f"<script>{asset('map.js')}</script>\n"
        f'<script type="application/json" id="data">{_json(_data(content, lang))}</script>\n'
    )


def _sealed(page: str) -> str:
    """Allow the scripts that the page holds, by their digests, and no other."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return page.replace(_SCRIPTS, " ".join(f"'sha256-{digest}'" for digest in digests), 1)


def _json(data: object) -> str:
    """Return compact JSON without any ``<``, so that no text in it can end the script element or open another."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _data(content: MapContent, lang: str) -> dict[str, Any]:
    communes = content.communes.to_crs(STORED).sort_values(["rank", "commune_code"])
    sectors = content.sectors.to_crs(STORED).sort_values(["rank", "sector_id"])
    crossings = content.crossings.to_crs(STORED)
    commune_classes, commune_legend = classed(communes["expected"].round(6), COMMUNES)
    sector_classes, sector_legend = classed(sectors["score"].round(6), SECTORS)
    outlines = shapely.coverage_simplify(communes.geometry.to_numpy(), TOLERANCE_DEG)
    return {
        "lang": lang,
        "words": words(),
        "title": content.title,
        "period": content.period,
        "made_on": content.made_on,
        "vintage": content.vintage,
        "simulated": content.simulated,
        "effort_known": content.effort_known,
        "approximate": bool((communes["geometry_quality"] == "approximate").any()),
        "legends": {"communes": commune_legend, "sectors": sector_legend},
        "communes": _features(
            communes, COMMUNE_FIELDS, outlines, **_styled(commune_classes, commune_legend), label=_labels(communes)
        ),
        "sectors": _features(
            sectors,
            SECTOR_FIELDS,
            shapely.simplify(sectors.geometry.to_numpy(), TOLERANCE_DEG),
            **_styled(sector_classes, sector_legend),
        ),
        "crossings": _features(crossings, CROSSING_FIELDS, crossings.geometry.to_numpy()),
        "surface": None if content.surface is None else _surface(*content.surface),
    }


def _styled(classes: NDArray[np.int64], legend: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {
        "colour": [legend[i]["colour"] if i >= 0 else NO_DATA for i in classes],
        "weight": [(i + 1) / len(legend) if i >= 0 else 0.0 for i in classes.tolist()],
    }


def _labels(communes: gpd.GeoDataFrame) -> list[list[float]]:
    points = communes.representative_point()
    return [[round(y, DECIMALS), round(x, DECIMALS)] for x, y in zip(points.x, points.y, strict=True)]


def _features(
    frame: gpd.GeoDataFrame, fields: tuple[str, ...], shapes: NDArray[np.object_], **more: Sequence[object]
) -> list[dict[str, Any]]:
    """Return GeoJSON features with the named columns, and further properties given by feature."""
    table = pd.DataFrame(frame[list(fields)]).assign(**more)
    properties = json.loads(table.to_json(orient="records", double_precision=6))
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))
    geometries = [shapely.geometry.mapping(shape) if shape else None for shape in rounded]
    return [
        {"type": "Feature", "properties": row, "geometry": geometry}
        for row, geometry in zip(properties, geometries, strict=True)
    ]


def _surface(array: NDArray[np.float64], grid: Grid) -> dict[str, Any]:
    """Return the classed surface as an image between two corners, (latitude, longitude), and its legend."""
    classes, legend = classed(array, SURFACE)
    west, east, south, north = grid.region
    left, bottom, right, top = warp.transform_bounds(grid.crs, WEB_CRS, west, south, east, north)
    # Web Mercator's metres are shorter than true ones: pixels of a cell's nominal size are a little finer than cells.
    width, height = math.ceil((right - left) / grid.cell_m), math.ceil((top - bottom) / grid.cell_m)
    right, bottom = left + width * grid.cell_m, top - height * grid.cell_m
    transform = Affine(grid.cell_m, 0, left, 0, -grid.cell_m, top)
    codes = np.zeros((height, width), dtype="uint8")
    warp.reproject(
        (classes + 1).astype("uint8"),
        codes,
        src_transform=grid.transform,
        src_crs=grid.crs,
        dst_transform=transform,
        dst_crs=WEB_CRS,
        resampling=warp.Resampling.nearest,
    )
    (west, east), (south, north) = warp.transform(WEB_CRS, STORED, [left, right], [bottom, top])
    colours = {0: (0, 0, 0, 0)} | {i: (*bytes.fromhex(entry["colour"][1:]), 255) for i, entry in enumerate(legend, 1)}
    with rasterio.MemoryFile() as file:
        with file.open(
            driver="PNG", width=width, height=height, count=1, dtype="uint8", transform=transform, crs=WEB_CRS
        ) as png:
            png.write(codes, 1)
            png.write_colormap(1, colours)
        image = base64.b64encode(bytes(file.getbuffer())).decode()
    return {
        "image": f"data:image/png;base64,{image}",
        "bounds": [[south, west], [north, east]],
        "legend": legend,
    }
