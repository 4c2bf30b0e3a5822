"""What a patrol plan gives to those who go: the field pack for their devices, and a brief for each week."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.workspace import Settings

FIELD, BRIEF = "field", "brief"
"""The folders."""


@dataclass(frozen=True)
class PatrolPapers:
    """What is handed out of a patrol plan.

    Attributes
    ----------
    schedule
        `models.patrol.PatrolPlan.schedule`.
    start, days
        Its first day, and how many there are.
    sectors
        All of the border: ``sector_id``, ``neighbour``, ``commune`` (its name), ``reasons`` (tuples of Message).
    posts
        Points with ``post_id`` and ``name``, None where a post has none.
    routes
        Lines with ``post_id`` and ``sectors`` (tuples), or None without a terrain: nobody shall follow a straight line.
    communes
        Polygons for the background.
    made_on, model_id
        The day that the files bear, and the model in use, None for the default one.
    simulated
        Whether the records or the posts are.
    settings
        Of the workspace.
    """

    schedule: pd.DataFrame
    start: date
    days: int
    sectors: gpd.GeoDataFrame
    posts: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame | None
    communes: gpd.GeoDataFrame
    made_on: date
    model_id: str | None
    simulated: bool
    settings: Settings

    def write(self, draft: Path) -> tuple[str, ...]:
        """Write the field pack and the briefs into folders of a plan's draft, their owner's alone; return the paths."""
        return (*self._field(_private(draft / FIELD)), *self._briefs(_private(draft / BRIEF)))

    def _field(self, folder: Path) -> list[str]:
        from maps.field import field_pack  # Only a plan needs what draws tiles, and what sets a PDF.
        from maps.field_tables import FieldPlan

        plan = FieldPlan(
            schedule=self.schedule,
            sectors=self.sectors,
            posts=self.posts,
            routes=self.routes,
            start=self.start,
            made_on=self.made_on,
            model_id=self.model_id,
            simulated=self.simulated,
            communes=self.communes,
            title=self.settings.title,
        )
        return [f"{folder.name}/{name}" for name in field_pack(folder, plan, lang=self.settings.lang)]

    def _briefs(self, folder: Path) -> list[str]:
        from maps.brief import FILES, WEEK, BriefContent, write_brief

        files = []
        for week in range(1, -(-self.days // WEEK) + 1):
            content = BriefContent(
                schedule=self.schedule,
                sectors=self.sectors,
                posts=self.posts,
                communes=self.communes,
                first_day=self.start,
                days=self.days,
                week=week,
                title=self.settings.title,
                made_on=self.made_on,
                model_id=self.model_id,
                simulated=self.simulated,
                lang=self.settings.lang,
                office=self.settings.office,
            )
            own = _private(folder / f"week_{week}")
            write_brief(own, content)
            files += [f"{folder.name}/{own.name}/{name}" for name in FILES]
        return files


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder
