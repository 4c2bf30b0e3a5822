"""A plan for QGIS and QField: its layers and its schedule as a styled GeoPackage."""

from pathlib import Path

from geo.errors import Message
from maps.field_content import TITLES, WAY_COLOUR, FieldContent
from maps.layer_styles import LayerStyle, class_widths, in_language, value_rules
from maps.palette import NO_DATA
from maps.plans import HEADINGS
from maps.qgis import write_gpkg
from maps.qml import Label, Rule, Symbol, cased_line, line, marker, vector_style

FIELD_HEADINGS = HEADINGS | {
    "post_id": "Mã đồn\nPost",
    "name": "Tên\nName",
    "sector_id": "Đoạn biên giới\nSector",
    "route": "Tuyến\nRoute",
    "sectors": "Các đoạn\nSectors",
    "shifts": "Số ca\nShifts",
    "way_known": "Biết đường đi\nWay known",
    "visits": "Số lượt\nVisits",
    "hours": "Giờ chốt, tuần tra\nHours on watch",
    "dates": "Ngày, tổ\nDates, teams",
}


def write_plan_layers(path: Path, content: FieldContent) -> None:
    """Write the layers ``sectors``, ``routes`` and ``posts``, and the table ``schedule``."""
    tables = content.tables
    routes = tables.routes.assign(
        sectors=[" → ".join(stops) for stops in tables.routes["sectors"]],
        dates=tables.routes["route"].map(content.days),
    )
    shifts = tables.shifts.assign(
        sectors=[" → ".join(stops) for stops in tables.shifts["sectors"]],
        date=[day.isoformat() for day in tables.shifts["date"]],
    )
    layers = {
        "sectors": tables.sectors.drop(columns="middle"),
        "routes": routes,
        "posts": tables.posts,
        "schedule": shifts,
    }
    write_gpkg(
        path,
        {name: frame.assign(data_kind=content.data_kind) for name, frame in layers.items()},
        styles=_styles(content),
        stamp=content.stamp,
        note=content.note,
    )


def _styles(content: FieldContent) -> dict[str, LayerStyle]:
    rules = {
        "sectors": _sector_rules(content),
        "routes": [Rule(content.say(TITLES["routes"]), "TRUE", line(WAY_COLOUR, 0.5))],
        "posts": [Rule(content.say(TITLES["posts"]), "TRUE", marker("square", "#ffffff", 3.5))],
    }
    labels = {
        "sectors": Label('"sector_id"', "line", size=8),
        "routes": None,
        "posts": Label('"name"', "point"),
    }
    aliases = in_language(FIELD_HEADINGS, content.lang)
    return {
        name: LayerStyle(content.say(TITLES[name]), vector_style(rules[name], labels[name], aliases)) for name in rules
    }


def _sector_rules(content: FieldContent) -> list[Rule]:
    widths = class_widths(content.classes)

    def of_class(colour: str) -> Symbol:
        return cased_line(colour, widths[colour])

    visited = value_rules("visits", content.classes, lambda n: Message("{n} sectors", {"n": n}), of_class, content.lang)
    return [
        *(rule._replace(filter=f'"visits" > 0 AND {rule.filter}') for rule in visited),
        Rule(content.say(Message("not visited in this plan")), '"visits" = 0', line(NO_DATA, 0.8)),
    ]
