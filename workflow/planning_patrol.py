"""Patrols planned on a workspace's flows: who watches which border sectors when. For the command, and nobody else."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.errors import Message, PlanError
from geo.terrain import Terrain
from geo.vector import read_layer
from geo.workspace import Workspace
from maps.plans import PlanMap, Sheet
from maps.release import Level
from maps.stamp import dated_stamp
from models.flow_tables import Flows
from models.patrol import PatrolPlan, plan_patrols
from models.patrol_demand import PatrolArea, PatrolDemand
from models.patrol_teams import share_teams
from workflow.flowing import Closure, facing_sectors, flows_of, season_of
from workflow.layers import read_layers
from workflow.patrol_papers import PatrolPapers
from workflow.patrol_tables import (
    every_sector,
    patrol_map,
    patrol_messages,
    plain_numbers,
    schedule_table,
    summary_table,
)
from workflow.planning import SIMULATED, STEPS, Basis, Planned, basis_of, keep, months_of
from workflow.posts import Posts, posts_of
from workflow.steps import Tell, silent
from workflow.ways import meeting_places, route_lines, times_between

EFFECT = 0.1
"""Of an hour on watch, assumed: eight hours a week at a sector detect 42 % of what crosses it, if in one visit."""
SECRET_BITS = 128
MOSTLY = 0.5
"""A sector of which so much lies in closed areas is closed."""
_OPEN_YEAR = Message(
    "without elevations closed areas change no flow: where people go while these are closed is not known"
)


def patrols_for(
    workspace: Workspace,
    teams: int | None = None,
    *,
    hours: float = 8.0,
    days: int = 30,
    posts: Path | None = None,
    exclude: Sequence[str] = (),
    must_cover: Sequence[str] = (),
    closed: Sequence[str] = (),
    closed_areas: Path | None = None,
    rest_days: int = 0,
    effect: float = EFFECT,
    month: str | None = None,
    seed: int | None = None,
    out: Path | None = None,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Planned:
    """Plan patrols and write the plan into a new folder of the workspace's plans, which only its owner opens.

    Parameters
    ----------
    workspace
        Where the records are.
    teams
        How many in all, shared out by the flow near each post; by default all that the posts have.
    hours, days, rest_days, exclude, must_cover, closed, effect
        See `models.patrol_demand.PatrolDemand`.
    posts
        A file of posts, read for this plan only; by default those of the workspace.
    closed_areas
        A file of areas that nobody gets through: sectors that lie mostly in them are closed, and over a terrain ways
        lead around them.
    month
        The first month (ISO 8601); by default the one after the records' last.
    seed
        The secret that the schedule is drawn by; by default a new one. The same secret and records give the same plan.
    out, tell, now
        See `workflow.planning`.

    Raises
    ------
    PlanError
        If what is asked for cannot be planned; it names what clashes.
    WorkspaceError, ModelError
        If there is no risk to plan by.
    ReleaseError
        If the files cannot be written; nothing is then left behind.
    """
    now = now or datetime.now(UTC)
    secret = secrets.randbits(SECRET_BITS) if seed is None else seed
    if not effect > 0:
        raise PlanError("The effect of an hour on watch must be above 0; got {effect}", effect=effect)
    if teams is not None and teams < 1:
        raise PlanError("A patrol plan needs at least one team; got {n}", n=teams)
    found = posts_of(workspace, read_layers(workspace), posts, now)
    areas = read_layer(closed_areas, kind="Polygon") if closed_areas else None
    basis = basis_of(workspace, None, tell)
    crs = workspace.settings.crs
    start = months_of(basis.panel, month, 1)[0].start_time
    tell(Message("Planning"), 2, STEPS)
    sectors = facing_sectors(basis.layers, workspace.settings)
    ground, closure = basis.layers.terrain, None
    if ground is not None and areas is not None:
        ground = ground.closing(areas)
        closure = Closure(ground, set(_months(start, days)))
    flows = flows_of(basis.layers, sectors, basis.panel, basis.model, workspace.settings, closure)
    demand = PatrolDemand(
        hours=hours,
        days=days,
        rest_days=rest_days,
        must_cover=tuple(must_cover),
        exclude=tuple(exclude),
        closed=(*closed, *_within(areas, sectors, crs)),
        effect=effect,
    )
    area, meeting, notes = _area(ground, found, sectors, flows, teams, demand, crs)
    area = replace(area, value=area.value * _seasonal(basis, start, days))
    plan = plan_patrols(area, demand, random_state=secret)
    sheets, plan_map, papers = _files(
        plan, area, start, sectors, flows, demand, found, ground, meeting, basis, workspace
    )
    said = (
        *([SIMULATED] if found.simulated and not basis.simulated else []),
        *basis.notes,
        *flows.notes,
        *(note for note in notes if note not in flows.notes),
        *plan.notes,
        *([] if areas is None or closure is not None else [_OPEN_YEAR]),
        *patrol_messages(plan, demand, start),
    )
    asked = {
        "teams": {str(post): int(n) for post, n in area.teams.items()},
        "hours": hours,
        "days": days,
        "rest_days": rest_days,
        "must_cover": list(demand.must_cover),
        "exclude": list(demand.exclude),
        "closed": list(demand.closed),
        "effect": effect,
        "start": str(start.date()),
        "seed": secret,
    }
    return keep(
        workspace,
        "plan patrol",
        asked,
        sheets,
        Planned(Path(), (), basis.simulated or found.simulated, plain_numbers(plan), said),
        layers=basis.layers,
        out=out,
        now=now,
        model=basis,
        plan_map=plan_map,
        command_level=True,
        papers=papers.write,
    )


def _within(areas: gpd.GeoDataFrame | None, sectors: gpd.GeoDataFrame, crs: str) -> list[str]:
    """Return the sectors that lie mostly in areas."""
    if areas is None:
        return []
    lines = sectors.to_crs(crs).geometry
    share = lines.intersection(areas.to_crs(crs).union_all()).length / lines.length
    return list(sectors.loc[share >= MOSTLY, "sector_id"])


def _area(
    terrain: Terrain | None,
    posts: Posts,
    sectors: gpd.GeoDataFrame,
    flows: Flows,
    teams: int | None,
    demand: PatrolDemand,
    crs: str,
) -> tuple[PatrolArea, gpd.GeoSeries, tuple[Message, ...]]:
    """Return what can be patrolled from where, the places to go to, and what to know of the ways."""
    meeting = meeting_places(terrain, sectors, crs)
    access = times_between(terrain, posts.places, meeting, crs)
    between = times_between(terrain, meeting, meeting, crs)
    barred = {*demand.exclude, *demand.closed}
    free = flows.draws.loc[[name for name in meeting.index if name not in barred]].mean(axis=1)
    reach = (demand.hours - demand.least_watch) / 2
    wanted = teams if teams is not None else _all_teams(posts)
    shared = share_teams(wanted, access.hours, free, reach, posts.teams)
    return PatrolArea(flows.draws.loc[meeting.index], access.hours, between.hours, shared), meeting, access.notes


def _all_teams(posts: Posts) -> int:
    if posts.teams is None:
        raise PlanError("The posts do not say how many teams they have: give the number with --teams N")
    return int(posts.teams.sum())


def _files(
    plan: PatrolPlan,
    area: PatrolArea,
    start: pd.Timestamp,
    sectors: gpd.GeoDataFrame,
    flows: Flows,
    demand: PatrolDemand,
    posts: Posts,
    terrain: Terrain | None,
    meeting: gpd.GeoSeries,
    basis: Basis,
    workspace: Workspace,
) -> tuple[list[Sheet], PlanMap, PatrolPapers]:
    """Return what is written of a plan: its tables, its map, and what is handed out."""
    table = every_sector(plan, sectors, flows, demand, basis.names)
    used = plan.schedule.groupby(["post_id", "sectors"]).size()
    lines = route_lines(terrain, list(used.index), posts.places, meeting)
    day = basis.panel.months[-1].end_time.date()
    sheets = [
        Sheet("patrol_schedule", schedule_table(plan, area, start, posts.names)),
        Sheet("patrol_sectors", table),
        Sheet("patrol_summary", summary_table(plan)),
    ]
    papers = PatrolPapers(
        schedule=plan.schedule,
        start=start.date(),
        days=demand.days,
        sectors=sectors[["sector_id", "geometry"]].merge(table.rename(columns={"name": "commune"}), on="sector_id"),
        posts=gpd.GeoDataFrame(
            {"post_id": posts.places.index, "name": posts.names.replace("", None).to_numpy()},
            geometry=posts.places.to_numpy(),
            crs=posts.places.crs,
        ),
        routes=gpd.GeoDataFrame(used.index.to_frame(index=False), geometry=lines.to_numpy(), crs=lines.crs)
        if terrain
        else None,
        communes=basis.layers.communes,
        made_on=day,
        model_id=basis.model_id,
        simulated=basis.simulated or posts.simulated,
        settings=workspace.settings,
    )
    stamp, lang = f"{day}T00:00:00Z", workspace.settings.lang
    until = start.date() + timedelta(days=demand.days - 1)
    bears = dated_stamp(str(day), str(until), basis.model_id, Level.COMMAND, lang)
    return sheets, patrol_map(sectors, table, used, lines, posts, stamp, bears, lang), papers


def _seasonal(basis: Basis, start: pd.Timestamp, days: int) -> float:
    """Return how many times as much is expected on the plan's days as on a mean day."""
    return float(12 * season_of(basis.panel).loc[_months(start, days)].mean())


def _months(start: pd.Timestamp, days: int) -> pd.Index:
    """Return the month of each day of the plan."""
    return pd.date_range(start, periods=max(days, 1)).month
