"""A made-up plan of two weeks for a border of six sectors; no post of it is real."""

import datetime as dt

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, box

from geo.errors import Message
from maps.brief import BriefContent

WEST, SOUTH, SIDE = 103.0, 21.5, 0.05


def sectors(n=6):
    return gpd.GeoDataFrame(
        {
            "sector_id": [f"LAO-{i:03}" for i in range(1, n + 1)],
            "commune": ["<b>Xã A</b>", *["Xã B"] * (n - 1)],
            "neighbour": "LAO",
            "reasons": [(Message("because of {n}", {"n": 17_400}),)] * n,
        },
        geometry=[LineString([(WEST, SOUTH + SIDE * i), (WEST, SOUTH + SIDE * (i + 1))]) for i in range(n)],
        crs="EPSG:4326",
    )


def schedule():
    rows = [
        (1, "P1", 1, ("LAO-001", "LAO-002"), 2.5),
        (3, "P1", 1, ("LAO-001",), 5.0),
        (7, "P2", 1, ("LAO-004",), 4.0),
        (8, "P2", 1, ("LAO-006",), 4.0),
    ]
    columns = ["day", "post_id", "team", "sectors", "watch_hours"]
    return pd.DataFrame(rows, columns=columns).assign(travel_hours=1.0, shift_hours=8.0)


def many_teams(teams):
    """Return a schedule in which so many teams walk three sectors on every day."""
    return pd.DataFrame(
        [
            (day, "P1", team, ("LAO-001", "LAO-002", "LAO-003"), 2.0, 8.0)
            for team in range(1, teams + 1)
            for day in range(1, 8)
        ],
        columns=["day", "post_id", "team", "sectors", "watch_hours", "shift_hours"],
    )


def content(**changes):
    communes = gpd.GeoDataFrame(
        geometry=[box(WEST, SOUTH + 0.1 * i, WEST + 0.2, SOUTH + 0.1 * (i + 1)) for i in range(3)], crs="EPSG:4326"
    )
    given = {
        "schedule": schedule(),
        "sectors": sectors(),
        "posts": pd.DataFrame({"post_id": ["P1", "P2"], "name": ["Đồn mẫu 1", None]}),
        "communes": communes,
        "first_day": dt.date(2026, 11, 23),
        "days": 21,
        "title": "Tỉnh Mẫu",
        "made_on": dt.date(2026, 10, 31),
        "simulated": True,
        "lang": "en",
    }
    return BriefContent(**(given | changes))
