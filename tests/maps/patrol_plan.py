"""A made-up patrol plan of two made-up posts over three made-up sectors, and names that try to break files."""

import datetime as dt

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point

from maps.field_tables import FieldPlan
from tests.maps.map_content import SOUTH, WEST, content

HOSTILE_NAMES = [
    "<script>window.hacked = 1</script>",
    "Đồn \"bịa\" 'A' & $x$ &amp; ]]> -->",
    "Đồn bịa 🏔️",
    "Đồn \u200fבדוי\u202e bịa",
    "Đồn bịa " + "dài " * 48,
]


def plan(names=("Đồn bịa A", "Đồn bịa B"), **changes):
    """Return a plan of four shifts in a week; post B's second way is known over the terrain."""
    posts = gpd.GeoDataFrame(
        {"post_id": ["MADE-UP-A", "MADE-UP-B"], "name": list(names)},
        geometry=[Point(WEST + 0.05, SOUTH + 0.03), Point(WEST + 0.05, SOUTH + 0.13)],
        crs="EPSG:4326",
    )
    schedule = pd.DataFrame(
        {
            "day": [1, 1, 2, 7],
            "post_id": ["MADE-UP-A", "MADE-UP-B", "MADE-UP-A", "MADE-UP-A"],
            "team": [1, 1, 2, 1],
            "sectors": [("LAO-001",), ("CHN-001",), ("LAO-001", "LAO-002"), ("LAO-001",)],
            "travel_hours": [2.0, 3.0, 4.0, 2.0],
            "watch_hours": [6.0, 5.0, 2.0, 6.0],
            "shift_hours": 8.0,
        }
    )
    routes = gpd.GeoDataFrame(
        {"post_id": ["MADE-UP-B"], "sectors": [("CHN-001",)]},
        geometry=[LineString([(WEST + 0.05, SOUTH + 0.13), (WEST + 0.02, SOUTH + 0.12), (WEST, SOUTH + 0.125)])],
        crs="EPSG:4326",
    )
    base = content(names=["Xã bịa", "Xã $a$ & <b>", "Xã C", "Xã D", "Xã Đ", "Xã E"])
    given = {
        "schedule": schedule,
        "sectors": base.sectors,
        "posts": posts,
        "routes": routes,
        "communes": base.communes,
        "start": dt.date(2026, 11, 30),
        "made_on": dt.date(2026, 11, 23),
        "simulated": True,
        "title": "Tỉnh Mẫu",
    }
    return FieldPlan(**(given | changes))
