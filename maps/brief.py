"""The brief of a week's patrols: one sheet of A4 for a border-guard command, on paper and as a page."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.errors import Message, PlanError
from maps.brief_map import brief_map
from maps.document import Beside, Bullets, Column, Document, Section, Table, Text, known
from maps.document_html import render_html
from maps.stamp import dated_stamp
from maps.text import date, translate

FILES = ("command_level_brief.html", "command_level_brief.pdf")

WEEK = 7
LISTED = 8
"""How many sectors are listed with their reasons; the timetable holds all."""


@dataclass(frozen=True)
class BriefContent:
    """What the brief of a week shows.

    Attributes
    ----------
    schedule
        The shifts of a plan (`models.patrol.PatrolPlan.schedule`): ``day`` from 1, ``post_id``, ``team``, ``sectors``
        (tuples of ids), ``watch_hours`` (at each of them), ``shift_hours``.
    sectors
        All of the border, lines with a CRS: ``sector_id``, ``commune``, ``neighbour``, ``reasons`` (tuples of Message).
    posts
        ``post_id`` and ``name``, which may be missing; where posts lie is not shown.
    communes
        Polygons for the background, with a CRS.
    first_day
        Day 1 of the plan.
    days, week
        Length of the plan, and which of its weeks this is, from 1; the last may be shorter than 7 days.
    title
        What the area is called.
    office
        To whom a suspicion is reported; by default the provincial steering committee.
    made_on, model_id
        Last day of the records, and the model in use, None for the default one.
    simulated, lang
        Whether the records are simulated; ``"vi"`` or ``"en"``.
    """

    schedule: pd.DataFrame
    sectors: gpd.GeoDataFrame
    posts: pd.DataFrame
    communes: gpd.GeoDataFrame
    first_day: dt.date
    days: int
    title: str
    simulated: bool
    lang: str
    made_on: dt.date
    model_id: str | None = None
    week: int = 1
    office: str | None = None

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """The days of the week."""
        begin = WEEK * (self.week - 1)
        return tuple(self.first_day + dt.timedelta(days=day) for day in range(begin, min(begin + WEEK, self.days)))


def write_brief(folder: Path, content: BriefContent) -> None:
    """Write `FILES` into a draft of `maps.release.released`; the folder becomes its owner's alone."""
    from maps.document_pdf import write_pdf  # A quarter of a second that only PDFs need.

    folder.chmod(0o700)
    document = brief(content)
    page, paper = FILES
    size = write_pdf(folder / paper, document)
    (folder / page).write_text(render_html(document, size=size), encoding="utf-8")


def brief(content: BriefContent) -> Document:
    """Return the brief as a document of one page in the content's language.

    Raises
    ------
    PlanError
        If the plan has no such week.
    """
    if not content.dates:
        raise PlanError("The plan of {days} days has no week {week}", days=content.days, week=content.week)
    lang, shifts = content.lang, week_of(content)
    start, end = content.dates[0], content.dates[-1]
    title = Message("{title}: patrols from {start} to {end}", {"title": content.title, "start": start, "end": end})
    lead = Message(
        "Valid from {start} to {end}; destroy it afterwards. Teams: {teams}, shifts: {shifts}, hours: {hours}.",
        {
            "start": start,
            "end": end,
            "teams": len(shifts[["post_id", "team"]].drop_duplicates()),
            "shifts": len(shifts),
            "hours": float(shifts["shift_hours"].sum()),
        },
    )
    banners = [Message("COMMAND LEVEL: not to leave the command")]
    if content.simulated:
        banners.append(Message("SIMULATED DATA: nothing in these records happened"))
    stamp = dated_stamp(str(content.made_on), str(end), content.model_id, "command", lang)
    return Document(
        title=translate(title, lang),
        lead=f"{translate(lead, lang)} {stamp}",
        banners=tuple(translate(banner, lang) for banner in banners),
        sections=(
            Section(translate(Message("Who goes where when"), lang), (_timetable(shifts, content),)),
            Section(translate(Message("Sectors of the week"), lang), tuple(_sectors(shifts, content))),
            Section(translate(Message("When you suspect trafficking"), lang), (_suspicion(content.office, lang),)),
        ),
        lang=lang,
        one_page=True,
    )


def week_of(content: BriefContent) -> pd.DataFrame:
    """Return the shifts of the content's week, ``day`` from 1 to 7."""
    day = content.schedule["day"] - WEEK * (content.week - 1)
    return pd.DataFrame(content.schedule.assign(day=day)[day.between(1, WEEK)])


def visited(shifts: pd.DataFrame) -> pd.DataFrame:
    """Return ``visits`` and ``hours`` on watch by ``sector_id``, the most visited first."""
    each = shifts[["sectors", "watch_hours"]].explode("sectors").rename(columns={"sectors": "sector_id"})
    sums = each.groupby("sector_id")["watch_hours"].agg(visits="size", hours="sum").reset_index()
    return pd.DataFrame(
        sums.sort_values(["visits", "hours", "sector_id"], ascending=[False, False, True], ignore_index=True)
    )


def _timetable(shifts: pd.DataFrame, content: BriefContent) -> Table:
    lang = content.lang
    names = content.posts.set_index("post_id")["name"].to_dict() if "name" in content.posts else {}
    columns = (
        Column(translate(Message("Team"), lang), 1.9),
        *(Column(f"{translate(_WEEKDAYS[day.weekday()], lang)} {_short(day, lang)}") for day in content.dates),
        Column(translate(Message("Hours"), lang), 0.7, 0),
    )
    rows = []
    for (post, team), own in shifts.groupby(["post_id", "team"], sort=True):
        name = names.get(post)
        called = Message("{post}, team {n}", {"post": post if pd.isna(name) else name, "n": team})
        by_day = own.groupby("day")["sectors"].agg(lambda walks: "\n".join("\n".join(walk) for walk in walks))
        cells = (by_day.get(day) for day in range(1, len(content.dates) + 1))
        rows.append((translate(called, lang), *cells, float(own["shift_hours"].sum())))
    return Table(translate(Message("Sectors by team and day"), lang), columns, tuple(rows))


_WEEKDAYS = (
    Message("Mon"), Message("Tue"), Message("Wed"), Message("Thu"), Message("Fri"), Message("Sat"), Message("Sun"),
)  # fmt: skip


def _short(day: dt.date, lang: str) -> str:
    return date(day, lang)[:5] if lang == "vi" else date(day, lang)[5:]


def _sectors(shifts: pd.DataFrame, content: BriefContent) -> Iterator[Beside | Text]:
    lang, sums = content.lang, visited(shifts)
    told = content.sectors.set_index("sector_id")
    columns = (
        Column(translate(Message("Sector"), lang), 1.3),
        Column(translate(Message("Commune"), lang), 1.8),
        Column(translate(Message("Visits"), lang), 0.8, 0),
        Column(translate(Message("Hours on watch"), lang), 0.9),
        Column(translate(Message("Why"), lang), 4.5),
    )
    rows = tuple(_sector(row, told, lang) for row in sums.head(LISTED).itertuples())
    table = Table(translate(Message("Most visited first"), lang), columns, rows)
    yield Beside(brief_map(content.sectors, content.communes, sums, LISTED, lang), table)
    if len(sums) > LISTED:
        more = Message("{n} more sectors are visited; they stand in the timetable.", {"n": len(sums) - LISTED})
        yield Text(translate(more, lang), "note")


def _sector(row: Any, told: gpd.GeoDataFrame, lang: str) -> tuple[str | float | None, ...]:
    if row.sector_id not in told.index:
        return row.sector_id, None, row.visits, row.hours, None
    sector = told.loc[row.sector_id]
    why = "; ".join(translate(reason, lang) for reason in sector["reasons"])
    return row.sector_id, known(sector["commune"]), row.visits, row.hours, why


def _suspicion(office: str | None, lang: str) -> Bullets:
    to = office or Message("the standing office of the provincial steering committee")
    lines = (
        Message("Safety first: part those who may be victims from who is with them, and bring them to a safe place."),
        Message("Ask only what is needed to protect them; leave questions of children to those trained for it."),
        Message("Report at once to {office}; the national hotline for reports is 111.", {"office": to}),
        Message(
            "Note day, sector and what was seen; names and papers go only where the law says, never into this plan."
        ),
        Message(
            "This plan says where to look, never whom to suspect. It is no ground for a search, an arrest or for "
            "sending anybody back."
        ),
    )
    return Bullets(tuple(translate(line, lang) for line in lines))
