"""What the layers of plans look like in QGIS: classes of sessions and of visits, in the colours of a run's maps."""

from collections.abc import Mapping, Sequence

import geopandas as gpd

from geo.errors import Message
from maps.layer_styles import LayerStyle, ValueClass, class_widths, in_language, value_classes, value_rules
from maps.palette import COMMUNES, NO_DATA, SECTORS
from maps.plans import HEADINGS
from maps.qml import Label, Rule, Symbol, cased_line, fill, line, marker, vector_style
from maps.text import translate

WAY_COLOUR = "#1f78b4"

TITLES = {
    "sectors": Message("Border sectors by planned visits"),
    "routes": Message("Patrol routes"),
    "posts": Message("Border-guard posts"),
}
"""What the layers of a patrol plan are called."""


def outreach_style(communes: gpd.GeoDataFrame, lang: str) -> LayerStyle:
    """Return the style of communes by their ``sessions``; where names crowd, those with most sessions stay."""
    classes = value_classes(communes["sessions"], COMMUNES)
    rules = value_rules("sessions", classes, lambda n: Message("{n} communes", {"n": n}), fill, lang)
    label = Label('"name" || \': \' || "sessions"', "polygon", 'min(10, "sessions" / 5)')
    title = translate(Message("Communes: outreach sessions planned"), lang)
    return LayerStyle(title, vector_style(rules, label, in_language(HEADINGS, lang)))


def patrol_styles(
    sectors: gpd.GeoDataFrame, lang: str, headings: Mapping[str, str] = HEADINGS
) -> dict[str, LayerStyle]:
    """Return the styles of ``sectors`` by their ``visits``, of ``routes`` and of ``posts``.

    Parameters
    ----------
    sectors
        With ``visits``.
    lang
        ``"vi"`` or ``"en"``.
    headings
        What columns are called: Vietnamese, a new line, English.
    """
    visits = sectors["visits"]
    rules = {
        "sectors": _visit_rules(value_classes(visits[visits > 0], SECTORS), lang),
        "routes": [Rule(translate(TITLES["routes"], lang), "TRUE", line(WAY_COLOUR, 0.5))],
        "posts": [Rule(translate(TITLES["posts"], lang), "TRUE", marker("square", "#ffffff", 3.5))],
    }
    labels = {"sectors": Label('"sector_id"', "line", size=8), "routes": None, "posts": Label('"name"', "point")}
    aliases = in_language(headings, lang)
    return {
        name: LayerStyle(translate(TITLES[name], lang), vector_style(rules[name], labels[name], aliases))
        for name in rules
    }


def _visit_rules(classes: Sequence[ValueClass], lang: str) -> list[Rule]:
    """Return the rules of sectors by their ``visits``: a class each, and one for those without a visit."""
    widths = class_widths(classes)

    def of_class(colour: str) -> Symbol:
        return cased_line(colour, widths[colour])

    visited = value_rules("visits", classes, lambda n: Message("{n} sectors", {"n": n}), of_class, lang)
    return [
        *(rule._replace(filter=f'"visits" > 0 AND {rule.filter}') for rule in visited),
        Rule(translate(Message("not visited in this plan"), lang), '"visits" = 0', line(NO_DATA, 0.8)),
    ]
