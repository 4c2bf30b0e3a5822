"""A plan for GPS units: one GPX for each team."""

from pathlib import Path
from typing import Any

import pandas as pd

from maps.field_content import FieldContent
from maps.gpx import Route, Track, Waypoint, write_gpx
from maps.text import date


def write_team_files(folder: Path, prefix: str, content: FieldContent) -> list[str]:
    """Write a GPX for each team; return the files' names.

    It holds the team's post and the middles of its sectors as waypoints, its shifts as routes, its sectors and the ways
    that are known as tracks. Names of files bear the post's number, not its id, which may hold anything.
    """
    tables = content.tables
    number = {post: i for i, post in enumerate(tables.posts["post_id"], start=1)}
    home = {row.post_id: _post_point(row) for row in tables.posts.itertuples()}
    sectors = {row.sector_id: row for row in tables.sectors.itertuples()}
    files = []
    for (post, team), shifts in tables.shifts.groupby(["post_id", "team"], sort=True):
        file = f"{prefix}_post{number[post]:02}_team{team}.gpx"
        _write_team(folder / file, content, home[post], content.team(team), shifts[shifts["route"] >= 0], sectors)
        files.append(file)
    return files


def _write_team(
    path: Path, content: FieldContent, home: Waypoint, team: str, shifts: pd.DataFrame, sectors: dict[str, Any]
) -> None:
    visited = sorted({stop for stops in shifts["sectors"] for stop in stops})
    routes = content.tables.routes
    ways = routes[routes["route"].isin(shifts["route"]) & routes["way_known"]]
    write_gpx(
        path,
        name=f"{content.name}; {home.name}, {team}",
        note=content.about,
        time=content.stamp,
        waypoints=[home, *(_sector_point(sectors[stop]) for stop in visited)],
        routes=[
            Route(
                f"{date(shift.date, content.lang)} {' → '.join(shift.sectors)}",
                content.on_watch(len(shift.sectors), shift.watch_hours * len(shift.sectors)),
                [home, *(_sector_point(sectors[stop]) for stop in shift.sectors), home],
            )
            for shift in shifts.itertuples()
        ],
        tracks=[
            *(Track(stop, "", sectors[stop].geometry) for stop in visited),
            *(Track(" → ".join(way.sectors), home.name, way.geometry) for way in ways.itertuples()),
        ],
    )


def _post_point(post: Any) -> Waypoint:
    return Waypoint(post.geometry.x, post.geometry.y, post.name, post.post_id, "Building")


def _sector_point(sector: Any) -> Waypoint:
    return Waypoint(sector.middle.x, sector.middle.y, sector.sector_id, "", "Flag, Blue")
