"""The map of an outreach plan: the run's one-file page, its communes by sessions, with month and agency of each."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import STORED
from geo.errors import Message
from geo.intake.rules import in_words
from maps.legend import classed
from maps.outputs import say
from maps.palette import COMMUNES
from maps.text import LANGUAGES, translate
from maps.web import page_of
from maps.web_layers import layer, middles, outlines, styled
from maps.web_words import words

FILE = "plan_map.html"

FIELDS = (
    "commune_code", "name", "rank", "planned", "gain", "gain_lower", "gain_upper", "geometry_quality",
    *(f"{name}_{lang}" for name in ("reason", "timetable") for lang in LANGUAGES),
)  # fmt: skip

_WORDS = {
    "title_risk": Message("{title}: outreach plan"),
    "title_recorded": Message("{title}: outreach plan by recorded cases, not risk"),
    "about": Message("Sessions from {start} to {end}, by records to {made_on}. Communes as they are since {vintage}."),
    "search": Message("Search communes"),
    "communes_unit": Message("outreach sessions planned"),
    "communes_layer": Message("Communes: outreach sessions planned"),
    "expected": Message("Outreach sessions planned"),
    "first_communes": Message("The first {k} get {share} of the sessions."),
    **dict.fromkeys(
        ("events", "events_recorded"),
        Message(
            "What a session prevents is an assumption, not a measurement: trust the order of the communes rather than "
            "the sums."
        ),
    ),
}


@dataclass(frozen=True)
class OutreachMap:
    """What the map of an outreach plan shows.

    Attributes
    ----------
    communes
        Polygons with a CRS: ``commune_code``, ``name``, ``geometry_quality``, ``sessions``, ``gain`` (events prevented)
        with its 90 % interval ``gain_lower``, ``gain_upper``, ``reasons`` (tuples of Message).
    timetable
        ``commune_code``, ``month`` (Period), ``agency``, ``sessions``.
    period, made_on
        First and last day of the plan, and the last day of its records; ISO 8601.
    simulated, effort_known, vintage, title, model_id
        See `maps.web.MapContent`. The map holds until the plan's last day.
    """

    communes: gpd.GeoDataFrame
    timetable: pd.DataFrame
    period: tuple[str, str]
    made_on: str
    simulated: bool
    effort_known: bool
    vintage: str
    title: str
    model_id: str | None = None


def render_outreach_map(content: OutreachMap, lang: str) -> str:
    """Return the page, which begins in ``lang`` and holds both languages."""
    communes = content.communes.to_crs(STORED)
    communes = communes.assign(
        planned=communes["sessions"],
        rank=communes["sessions"].rank(method="min", ascending=False).astype(int),
        **{f"reason_{each}": [say(reasons, each) for reasons in communes["reasons"]] for each in LANGUAGES},
        **{f"timetable_{each}": _timetable(content.timetable, communes["commune_code"], each) for each in LANGUAGES},
    ).sort_values(["rank", "commune_code"])
    classes, legend = classed(communes["sessions"], COMMUNES)
    nothing = layer(communes.iloc[:0], (), np.array([], dtype=object))
    data = {
        "lang": lang,
        "words": words(_WORDS),
        "tabs": ("communes",),
        "values": {"communes": "planned"},
        "title": content.title,
        "period": content.period,
        "made_on": content.made_on,
        "valid_until": content.period[1],
        "model": content.model_id,
        "level": "planner",
        "vintage": content.vintage,
        "simulated": content.simulated,
        "effort_known": content.effort_known,
        "approximate": bool((communes["geometry_quality"] == "approximate").any()),
        "earlier": None,
        "legends": {"communes": legend, "sectors": []},
        "communes": layer(
            communes,
            FIELDS,
            outlines(communes.geometry.to_numpy()),
            **styled(classes, legend),
            label=middles(communes),
        ),
        "sectors": nothing,
        "crossings": nothing,
        "surface": None,
        "season": None,
    }
    return page_of(data, content.title)


def _timetable(timetable: pd.DataFrame, communes: pd.Series, lang: str) -> list[list[str]]:
    """Return for each commune a line a month: who holds how many sessions."""
    lines: dict[str, list[str]] = {code: [] for code in communes}
    for (code, month), held in timetable.groupby(["commune_code", "month"], sort=True):
        who = ", ".join(
            f"{translate(in_words(row.agency), lang)} {row.sessions}" for row in held.sort_values("agency").itertuples()
        )
        lines[code].append(translate(Message("{month}: {who}", {"month": month, "who": who}), lang))
    return [lines[code] for code in communes]
