"""A plan for phones and Google Earth: posts, sectors by visits, and routes with their days."""

from collections.abc import Sequence
from pathlib import Path

from geo.errors import Message
from maps.field_content import FieldContent
from maps.kml import Folder, Look, Placemark, write_kmz
from maps.layer_styles import ValueClass
from maps.palette import NO_DATA
from maps.plan_styles import TITLES, WAY_COLOUR


def write_plan_kmz(path: Path, content: FieldContent) -> None:
    """Write the whole plan as KMZ."""
    looks = {"post": Look("#ffffff"), "way": Look(WAY_COLOUR, 2), "none": Look(NO_DATA, 2)}
    looks |= {f"class{i}": Look(entry.colour, 4) for i, entry in enumerate(content.classes)}
    placemarks = {"posts": _posts(content), "sectors": _sectors(content), "routes": _routes(content)}
    write_kmz(
        path,
        name=content.name,
        note=content.about,
        looks=looks,
        folders=[Folder(content.say(TITLES[layer]), rows) for layer, rows in placemarks.items()],
    )


def _posts(content: FieldContent) -> list[Placemark]:
    return [
        Placemark(row.name, [row.post_id, content.note], "post", row.geometry)
        for row in content.tables.posts.itertuples()
    ]


def _sectors(content: FieldContent) -> list[Placemark]:
    return [
        Placemark(
            row.sector_id,
            [content.on_watch(row.visits, row.hours), content.note],
            _look_of(row.visits, content.classes),
            row.geometry,
        )
        for row in content.tables.sectors.itertuples()
    ]


def _routes(content: FieldContent) -> list[Placemark]:
    names = content.tables.posts.set_index("post_id")["name"]
    unknown = content.say(Message("The way is not known: the line shows the sectors"))
    return [
        Placemark(
            f"{names[row.post_id]}: {' → '.join(row.sectors)}",
            [content.days[row.route], *([] if row.way_known else [unknown]), content.note],
            "way",
            row.geometry,
        )
        for row in content.tables.routes.itertuples()
    ]


def _look_of(visits: int, classes: Sequence[ValueClass]) -> str:
    return next((f"class{i}" for i, entry in enumerate(classes) if 0 < visits <= entry.high), "none")
