"""The field pack of a patrol plan for a border-guard command: files for GPS units, phones and QGIS, all offline.

Each team's GPX holds the shifts of that team alone, so that a unit that is lost gives away no other's. The other files
hold the whole plan and are for the command.
"""

from pathlib import Path

from maps.field_content import FieldContent
from maps.field_gpx import write_team_files
from maps.field_kmz import write_plan_kmz
from maps.field_layers import write_plan_layers
from maps.field_tables import FieldPlan
from maps.field_tiles import ZOOMS, write_plan_tiles

PREFIX = "command_level"


def field_pack(folder: Path, plan: FieldPlan, *, lang: str, zooms: tuple[int, int] = ZOOMS) -> tuple[str, ...]:
    """Write the field pack of a plan into a draft of `maps.release.released`; return the files' names.

    A GPX for each team, numbered by its post's place in the order of ``post_id``; a KMZ, a GeoPackage and MBTiles. The
    same plan gives the same bytes.

    Parameters
    ----------
    folder
        The draft; it becomes its owner's alone.
    plan
        The plan as plain tables.
    lang
        ``"vi"`` or ``"en"``.
    zooms
        First and last zoom of the tiles.

    Raises
    ------
    PlanError
        If a shift names a sector without a line, or a post without a position.
    """
    content = FieldContent.of(plan, lang)
    folder.chmod(0o700)
    teams = write_team_files(folder, PREFIX, content)
    kmz, layers, tiles = f"{PREFIX}_plan.kmz", f"{PREFIX}_plan.gpkg", f"{PREFIX}_map.mbtiles"
    write_plan_kmz(folder / kmz, content)
    write_plan_layers(folder / layers, content)
    write_plan_tiles(folder / tiles, content, zooms)
    return (*teams, kmz, layers, tiles)
