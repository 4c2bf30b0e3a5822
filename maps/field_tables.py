"""A patrol plan as the tables of its field pack: who goes when, where routes run, and how often sectors are visited."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORED
from geo.errors import PlanError, some_of


@dataclass(frozen=True)
class FieldPlan:
    """A patrol plan as plain tables.

    Attributes
    ----------
    schedule
        One row a shift: ``day`` (from 1), ``post_id``, ``team`` (from 1, of its post), ``sectors`` (ids in the order of
        the visit), ``watch_hours`` (at each of the sectors), ``shift_hours``; `models.patrol.PatrolPlan.schedule`.
    sectors
        Lines with ``sector_id``: all sectors, also those that are not visited.
    posts
        Points with ``post_id`` and ``name``, which may be missing.
    routes
        Lines with ``post_id`` and ``sectors`` where the ways over the terrain are known; None if none is.
    communes
        Polygons with ``name`` for the map below; none by default.
    start
        The first day.
    made_on, model_id
        The day that the files bear, and the model in use, None for the default one.
    simulated
        Whether the records behind the plan, or its posts, are simulated.
    title
        What the plan is called.
    """

    schedule: pd.DataFrame
    sectors: gpd.GeoDataFrame
    posts: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame | None
    start: dt.date
    made_on: dt.date
    simulated: bool
    title: str = "Điện Biên"
    communes: gpd.GeoDataFrame | None = None
    model_id: str | None = None


@dataclass(frozen=True)
class FieldTables:
    """The tables of a field pack; places in EPSG:4326.

    Attributes
    ----------
    posts
        ``post_id``, ``name`` (the id where it was missing), ``shifts``.
    sectors
        ``sector_id``, ``visits`` and ``hours`` on watch over the plan, and the ``middle`` (points).
    routes
        Each round from a post over sectors and back, once: ``route`` (its number), ``post_id``, ``sectors`` (tuples),
        ``shifts`` (how many walk it), ``way_known``: whether the line is the way. If not it is that of the sectors:
        a straight line between stops would lead across the border, and somebody would follow it.
    shifts
        The schedule with ``date`` and ``route``, −1 for a shift without sectors; by day, post and team.
    """

    posts: gpd.GeoDataFrame
    sectors: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame
    shifts: pd.DataFrame


def field_tables(plan: FieldPlan) -> FieldTables:
    """Return the tables of a plan's field pack.

    Raises
    ------
    PlanError
        If a shift names a sector without a line, or a post without a position.
    """
    posts = plan.posts.to_crs(STORED).sort_values("post_id", ignore_index=True)
    sectors = plan.sectors.to_crs(STORED).sort_values("sector_id", ignore_index=True)
    stops = plan.schedule[["post_id", "sectors", "watch_hours"]].explode("sectors").dropna(subset="sectors")
    if lost := _without_place(stops["sectors"], sectors, "sector_id"):
        raise PlanError(
            "{n} sectors of the schedule have no line: {which}; give the border layer that the plan was made with",
            n=len(lost),
            which=some_of(lost),
        )
    if lost := _without_place(plan.schedule["post_id"], posts, "post_id"):
        raise PlanError(
            "{n} posts of the schedule have no position: {which}; give the posts that the plan was made with",
            n=len(lost),
            which=some_of(lost),
        )
    visits = stops.groupby("sectors")["watch_hours"].agg(visits="count", hours="sum").reindex(sectors["sector_id"])
    # Sectors are short: the middle by degrees lies within metres of that by length.
    middle = gpd.GeoSeries(shapely.line_interpolate_point(sectors.geometry.array, 0.5, normalized=True), crs=STORED)
    routes = _routes(plan, dict(zip(sectors["sector_id"], sectors.geometry, strict=True)))
    number = {key: n for n, key in zip(routes["route"], _keys(routes), strict=True)}
    shifts = plan.schedule.assign(
        date=[plan.start + dt.timedelta(days=int(day) - 1) for day in plan.schedule["day"]],
        route=[number.get(key, -1) for key in _keys(plan.schedule)],
    ).sort_values(["day", "post_id", "team"], ignore_index=True)
    return FieldTables(
        posts[["post_id", "name", "geometry"]].assign(
            name=posts["name"].fillna(posts["post_id"]),
            shifts=posts["post_id"].map(shifts["post_id"].value_counts()).fillna(0).astype(int),
        ),
        sectors[["sector_id", "geometry"]].assign(
            visits=visits["visits"].fillna(0).astype(int).to_numpy(),
            hours=visits["hours"].fillna(0.0).to_numpy(),
            middle=middle,
        ),
        routes,
        shifts,
    )


def _routes(plan: FieldPlan, line_of: Mapping[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    walked = pd.Series([key for key in _keys(plan.schedule) if key[1]], dtype=object).value_counts().sort_index()
    known = {}
    if plan.routes is not None:
        known = dict(zip(_keys(plan.routes), plan.routes.to_crs(STORED).geometry, strict=True))
    lines = [known[key] if key in known else _joined(line_of[stop] for stop in key[1]) for key in walked.index]
    return gpd.GeoDataFrame(
        {
            "route": range(1, len(walked) + 1),
            "post_id": [key[0] for key in walked.index],
            "sectors": [key[1] for key in walked.index],
            "shifts": walked.to_numpy(),
            "way_known": np.array([key in known for key in walked.index], dtype=bool),
        },
        geometry=lines,
        crs=STORED,
    )


def _joined(lines: Iterable[shapely.Geometry]) -> shapely.MultiLineString:
    return shapely.MultiLineString([part for line in lines for part in shapely.get_parts(line)])


def _keys(frame: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
    return [(post, tuple(stops)) for post, stops in zip(frame["post_id"], frame["sectors"], strict=True)]


def _without_place(ids: Iterable[str], frame: gpd.GeoDataFrame, column: str) -> list[str]:
    placed = frame.loc[~(frame.geometry.is_empty | frame.geometry.isna()), column]
    return sorted(set(ids) - set(placed))
