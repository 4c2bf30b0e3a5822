"""What the files of a field pack say: the plan's tables with their classes, names and notes in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import geopandas as gpd

from geo.errors import Message
from maps.field_tables import FieldPlan, FieldTables, field_tables
from maps.layer_styles import ValueClass, value_classes
from maps.outputs import SIMULATED_NOTE
from maps.palette import SECTORS
from maps.plans import COMMAND_NOTE
from maps.stamp import dated_stamp
from maps.text import date, translate


@dataclass(frozen=True)
class FieldContent:
    """A plan's tables, ready to be written in one language."""

    plan: FieldPlan
    tables: FieldTables
    lang: str

    @classmethod
    def of(cls, plan: FieldPlan, lang: str) -> "FieldContent":
        """Return the content of a plan's field pack; see `maps.field_tables.field_tables` for what is refused."""
        return cls(plan, field_tables(plan), lang)

    @property
    def communes(self) -> gpd.GeoDataFrame | None:
        """Polygons for the map below, if there are any."""
        return self.plan.communes

    @property
    def name(self) -> str:
        """What the pack is called."""
        return self.say(
            Message("Patrol plan from {start}: {title}", {"start": self.plan.start, "title": self.plan.title})
        )

    @property
    def note(self) -> str:
        """Who may read it, and whether it is simulated; in both languages."""
        return f"{COMMAND_NOTE}. {SIMULATED_NOTE}" if self.plan.simulated else COMMAND_NOTE

    @property
    def about(self) -> str:
        """The note, and the day, expiry, model and level that every map bears."""
        last = self.plan.start + timedelta(days=max([1, *self.plan.schedule["day"]]) - 1)
        bears = dated_stamp(str(self.plan.made_on), str(last), self.plan.model_id, "command", self.lang)
        return f"{self.note}. {bears}"

    @property
    def data_kind(self) -> str:
        """``"simulated"`` or ``"recorded"``."""
        return "simulated" if self.plan.simulated else "recorded"

    @property
    def stamp(self) -> str:
        """The time that the files bear, ISO 8601, UTC."""
        return f"{self.plan.made_on:%Y-%m-%d}T00:00:00Z"

    @cached_property
    def classes(self) -> list[ValueClass]:
        """Classes of the visits of sectors that are visited."""
        visits = self.tables.sectors["visits"]
        return value_classes(visits[visits > 0], SECTORS)

    @cached_property
    def days(self) -> Mapping[int, str]:
        """For each route, which team walks it when."""
        return {
            route: "; ".join(
                f"{self.team(team)}: {', '.join(date(day, self.lang) for day in days)}"
                for team, days in rows.groupby("team")["date"]
            )
            for route, rows in self.tables.shifts.groupby("route")
        }

    def say(self, message: Message) -> str:
        """Return a message in the pack's language."""
        return translate(message, self.lang)

    def team(self, team: int) -> str:
        """Return what a team is called."""
        return self.say(Message("team {team}", {"team": team}))

    def on_watch(self, visits: int, hours: float) -> str:
        """Return how often and how long a sector is watched."""
        return self.say(Message("visits: {n}; hours on watch: {hours}", {"n": visits, "hours": hours}))
