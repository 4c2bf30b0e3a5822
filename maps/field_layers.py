"""A plan for QGIS and QField: its layers and its schedule as a styled GeoPackage."""

from pathlib import Path

from maps.field_content import FieldContent
from maps.plan_styles import patrol_styles
from maps.plans import HEADINGS
from maps.qgis import write_gpkg

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
        styles=patrol_styles(tables.sectors, content.lang, FIELD_HEADINGS),
        stamp=content.stamp,
        note=content.about,
    )
