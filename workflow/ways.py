"""Hours from here to there in a workspace: over its terrain where it has one, else by straight lines with a detour."""

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from geo.terrain import Terrain
from geo.travel import TravelTimes, places_on, reach, straight_times, travel_times

Route: TypeAlias = tuple[str, tuple[str, ...]]
"""A post, and the sectors in the order of the visit."""
Leg: TypeAlias = tuple[shapely.Point, shapely.Point]


def times_between(terrain: Terrain | None, origins: gpd.GeoSeries, targets: gpd.GeoSeries, crs: str) -> TravelTimes:
    """Return the hours from each origin to each target; the notes say by what they were reckoned.

    Parameters
    ----------
    terrain
        Of the workspace; None where it has no elevations.
    origins, targets
        See `geo.travel.travel_times`.
    crs
        Metric CRS of straight distances.
    """
    if terrain is None:
        return straight_times(origins, targets, crs)
    return travel_times(terrain, origins, targets)


def meeting_places(terrain: Terrain | None, sectors: gpd.GeoDataFrame, crs: str) -> gpd.GeoSeries:
    """Return a point of each sector that patrols go to, in the metric CRS: its middle, or near it if that is closed."""
    lines = sectors.set_index("sector_id").geometry.to_crs(crs)
    return lines.interpolate(0.5, normalized=True) if terrain is None else places_on(terrain, lines).to_crs(crs)


def route_lines(
    terrain: Terrain | None, routes: list[Route], posts: gpd.GeoSeries, sectors: gpd.GeoSeries
) -> gpd.GeoSeries:
    """Return each route as a line from its post along its sectors and back.

    Parameters
    ----------
    terrain
        See `times_between`.
    routes
        Post and sectors, in order.
    posts, sectors
        Their places in one metric CRS, by name; all of them can be reached.
    """
    legs = {leg: _straight(leg) for leg in _legs(routes, posts, sectors)}
    if terrain is not None:
        legs = dict(_paths(terrain, list(legs)))
    lines = []
    for post, stops in routes:
        places = [posts[post], *(sectors[stop] for stop in stops)]
        there = [legs[leg] for leg in pairwise(places)]
        # Times back are taken to be those there, so the way back is the one from the post to the last sector.
        back = legs[places[0], places[-1]].reverse()
        lines.append(shapely.LineString(np.concatenate([line.coords for line in (*there, back)])))
    return gpd.GeoSeries(lines, crs=posts.crs)


def _legs(routes: list[Route], posts: gpd.GeoSeries, sectors: gpd.GeoSeries) -> Iterator[Leg]:
    for post, stops in routes:
        places = [posts[post], *(sectors[stop] for stop in stops)]
        yield from pairwise(places)
        yield places[0], places[-1]


def _straight(leg: Leg) -> shapely.LineString:
    return shapely.LineString(leg)


def _paths(terrain: Terrain, legs: list[Leg]) -> Iterator[tuple[Leg, shapely.LineString]]:
    """Yield the fastest path of each leg; from each origin one search."""
    for origin, own in groupby(sorted(legs, key=_origin), key=_origin):
        found = reach(terrain, shapely.Point(origin))
        for leg in own:
            yield leg, found.path_to(leg[1]) or _straight(leg)


def _origin(leg: Leg) -> tuple[float, float]:
    return leg[0].x, leg[0].y
