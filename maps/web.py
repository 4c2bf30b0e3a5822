"""The map of a run: one HTML file that works without a network and makes no request at all.

folium carries the page; Leaflet, our script and the data are written into it. A Content-Security-Policy forbids every
request and every script but the page's own, so that nothing can leak and no name can run, even by mistake.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
from branca.element import Element, Figure
from folium.template import Template
from numpy.typing import NDArray

from geo.crs import STORED
from geo.grid import Grid
from geo.season import Season
from maps.earlier import BEFORE, EarlierRun, with_before
from maps.legend import classed
from maps.palette import COMMUNES, SECTORS
from maps.stamp import VALID_DAYS, stamp_line, valid_until
from maps.web_layers import layer, lines, middles, outlines, styled
from maps.web_season import season_data
from maps.web_surface import surface_image
from maps.web_words import title_of, words

COMMUNE_FIELDS = (
    "commune_code", "name", "district", "rank", "expected", "lower", "upper", "rate", "p_top10", "detection",
    "band_lower", "band_upper", "cases", "cases_reported", "cases_by_patrol", "cases_by_outreach", "absences",
    "sessions", "population", "weak_data", "unstable", "flips",
    "geometry_quality", "rank_model", "override_reason", "override_by", "override_until", "reason_vi", "reason_en",
)  # fmt: skip
SECTOR_FIELDS = (
    "sector_id", "neighbour", "commune_code", "rank", "score", "length_km", "expected", "lower", "upper", "p_top10",
    "patrol_hours", "reason_vi", "reason_en",
)  # fmt: skip
CROSSING_FIELDS = ("crossing_id", "name", "kind", "neighbour", "commune_code", "position_quality")

BEFORE_FIELDS = tuple(f"{name}_before" for name in BEFORE)

SCRIPTS = ("words", "layers", "cards", "legend", "ranking", "search", "season", "printing", "map")
"""The page's own scripts, one after the other; each is named after its idea."""

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
        ``band_upper`` are missing where the records tell what effort notices; counts over the period. Where planners
        moved communes also ``rank_model`` and the columns of the override (`models.overrides`).
    sectors
        Lines in EPSG:4326 with `SECTOR_FIELDS`: ``score`` is a share of 1, ``expected`` events a year with
        their 90 % interval ``lower``, ``upper``, ``p_top10`` a share of 1.
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
        Whether the model corrects for outreach; if not, the map shows recorded cases and must not be called a risk map.
    vintage
        Unit system of the communes.
    title
        What the map is called.
    season
        Events by commune and month of the year, or None.
    earlier
        The run that the rankings are compared with, or None.
    valid_days
        How long after ``made_on`` the map holds.
    model_id
        The model in use, or None for the default one.
    level
        Who may have the map: one of `maps.stamp.LEVELS`.
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
    season: Season | None = None
    earlier: EarlierRun | None = None
    valid_days: int = VALID_DAYS
    model_id: str | None = None
    level: str = "planner"

    def full_title(self, lang: str) -> str:
        """Return what stands at the top; without known effort it does not speak of risk."""
        return title_of(self.title, lang, effort_known=self.effort_known)

    def stamp(self, lang: str) -> str:
        """Return until when the map holds, its model and level, in words."""
        return stamp_line(self.valid_until, self.model_id, self.level, lang)

    @property
    def valid_until(self) -> str:
        """The last day on which the map holds, ISO 8601."""
        return valid_until(self.made_on, self.valid_days)


def render_map(content: MapContent, lang: str = "vi") -> str:
    """Return the map as an HTML page that begins in ``lang`` (``"vi"`` or ``"en"``) and holds both languages.

    The same content gives the same text.
    """
    return page_of({"lang": lang, **_data(content)}, content.title)


def page_of(data: Mapping[str, Any], title: str) -> str:
    """Return the page that shows ``data``, the plain values that its scripts read (`maps.web_layers.layer`)."""
    page = Figure()
    _OfflineMap().add_to(page)
    page.header.add_child(_Verbatim(_head(data, title)), name="head")
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


def _head(data: Mapping[str, Any], title: str) -> str:
    def asset(name: str) -> str:
        return (_ASSETS / name).read_text(encoding="utf-8")

    return (
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n"
        f"<style>{asset('leaflet/leaflet.css')}</style>\n<style>{asset('map.css')}</style>\n"
        f"<script>/*\n{asset('leaflet/LICENSE')}*/\n{asset('leaflet/leaflet.js')}</script>\n"
        f"<script>{_own_script()}</script>\n"
        f'<script type="application/json" id="data">{_json(data)}</script>\n'
    )


def _own_script() -> str:
    return "\n".join((_ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


def _sealed(page: str) -> str:
    """Allow the scripts that the page holds, by their digests, and no other."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return page.replace(_SCRIPTS, " ".join(f"'sha256-{digest}'" for digest in digests), 1)


def _json(data: object) -> str:
    """Return compact JSON without any ``<``, so that no text in it can end the script element or open another."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _data(content: MapContent) -> dict[str, Any]:
    communes = content.communes.to_crs(STORED).sort_values(["rank", "commune_code"])
    sectors = content.sectors.to_crs(STORED).sort_values(["rank", "sector_id"])
    crossings = content.crossings.to_crs(STORED)
    if content.earlier:
        communes = with_before(communes, content.earlier.outreach, "commune_code")
        sectors = with_before(sectors, content.earlier.patrol, "sector_id")
    commune_classes, commune_legend = classed(communes["expected"].round(6), COMMUNES)
    sector_classes, sector_legend = classed(sectors["score"].round(6), SECTORS)
    return {
        "words": words(),
        "tabs": ("communes", "sectors", "crossings"),
        "values": {"communes": "expected", "sectors": "score"},
        "title": content.title,
        "period": content.period,
        "made_on": content.made_on,
        "valid_until": content.valid_until,
        "model": content.model_id,
        "level": content.level,
        "vintage": content.vintage,
        "simulated": content.simulated,
        "effort_known": content.effort_known,
        "approximate": bool((communes["geometry_quality"] == "approximate").any()),
        "earlier": content.earlier and {"made_on": content.earlier.made_on, "until": content.earlier.period[1]},
        "legends": {"communes": commune_legend, "sectors": sector_legend},
        "communes": layer(
            communes,
            (*COMMUNE_FIELDS, *BEFORE_FIELDS),
            outlines(communes.geometry.to_numpy()),
            **styled(commune_classes, commune_legend),
            label=middles(communes),
        ),
        "sectors": layer(
            sectors,
            (*SECTOR_FIELDS, *BEFORE_FIELDS),
            lines(sectors.geometry.to_numpy()),
            **styled(sector_classes, sector_legend),
            label=middles(sectors),
        ),
        "crossings": layer(crossings, CROSSING_FIELDS, crossings.geometry.to_numpy()),
        "surface": None if content.surface is None else surface_image(*content.surface),
        "season": None if content.season is None else season_data(content.season, communes["commune_code"].tolist()),
    }
