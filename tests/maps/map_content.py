"""A made-up province of six square communes with a border along its west, whose map can be foretold."""

import geopandas as gpd
import numpy as np
from affine import Affine
from shapely.geometry import LineString, Point, box

from geo.grid import Grid
from maps.web import MapContent

WEST, SOUTH, SIDE = 103.0, 21.5, 0.1
"""South-west corner and side of the squares, degrees."""

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "\" onmouseover='window.hacked = 1' `${window.hacked = 1}` &amp; </script><!-- {{ 7 * 7 }} {% raw %}",
    "<img src=x onerror=window.hacked=1>",
    "Bản " + "dài " * 49,
    "Mường Nhé 🏔️",
    "Xã Nà Hỳ",
]
EXPECTED = [12.5, 7.25, 0.351, 0.2, 0.2, 0.0351]


def content(names=HOSTILE, expected=EXPECTED, **changes):
    """Return the content of a map; ranks follow the order of the names."""
    n = len(names)
    expected = np.array(expected[:n], dtype=float)
    squares = [
        box(WEST + SIDE * (i % 3), SOUTH + SIDE * (i // 3), WEST + SIDE * (i % 3 + 1), SOUTH + SIDE * (i // 3 + 1))
        for i in range(n)
    ]
    communes = gpd.GeoDataFrame(
        {
            "commune_code": [f"{i:05}" for i in range(1, n + 1)],
            "name": names,
            "district": [None, *["Huyện Sông A"] * (n - 1)],
            "rank": range(1, n + 1),
            "expected": expected,
            "lower": expected / 2,
            "upper": expected * 2,
            "rate": 1.5,
            "p_top10": 0.9,
            "detection": 0.25,
            "band_lower": [np.nan, *[0.1] * (n - 1)],
            "band_upper": [np.nan, *[0.2] * (n - 1)],
            "cases": range(n),
            "absences": 3,
            "sessions": 2,
            "population": 17_400,
            "weak_data": [i % 2 == 1 for i in range(n)],
            "geometry_quality": "official",
            "reason_vi": [f"lý do {name}" for name in names],
            "reason_en": [f"reason {name}" for name in names],
        },
        geometry=squares,
        crs="EPSG:4326",
    )
    sectors = gpd.GeoDataFrame(
        {
            "sector_id": ["LAO-001", "LAO-002", "CHN-001"],
            "neighbour": ["LAO", "LAO", "CHN"],
            "commune_code": ["00001", "00004", "00004"],
            "rank": [1, 2, 3],
            "score": [0.6, 0.3, 0.1],
            "length_km": [5.0, 5.04, 4.96],
            "expected": [1.2345, 0.6, 0.2],
            "lower": [0.5, 0.2, 0.0],
            "upper": [2.5, 1.4, 0.6],
            "p_top10": [0.8, 0.2, 0.0],
            "patrol_hours": [np.nan, 12.0, 0.0],
            "reason_vi": "lý do",
            "reason_en": "reason",
        },
        geometry=[LineString([(WEST, SOUTH + SIDE * i / 2), (WEST, SOUTH + SIDE * (i + 1) / 2)]) for i in range(3)],
        crs="EPSG:4326",
    )
    crossings = gpd.GeoDataFrame(
        {
            "crossing_id": ["a", "b", "c"],
            "name": ["Cửa khẩu A", "<b>Lối mở B</b>", "Lối mở C"],
            "kind": ["international", "opening", "trail"],
            "neighbour": ["LAO", "LAO", "CHN"],
            "commune_code": ["00001", "00004", "00004"],
            "position_quality": ["published", "demo", "unknown"],
        },
        geometry=[Point(WEST, SOUTH + 0.02), Point(WEST, SOUTH + 0.12), None],
        crs="EPSG:4326",
    )
    given = {
        "communes": communes,
        "sectors": sectors,
        "crossings": crossings,
        "surface": surface(),
        "period": ("2013-01-01", "2017-12-31"),
        "made_on": "2026-11-23",
        "simulated": True,
        "effort_known": True,
        "vintage": "2025-07-01",
        "title": "Tỉnh <i>Mẫu</i>",
    }
    return MapContent(**(given | changes))


def surface():
    """Return 40 × 60 cells of 500 m within the squares: a frame of nothing, in it 1 in the west and 4 in the east."""
    array = np.full((40, 60), np.nan)
    array[5:-5, 5:30] = 1.0
    array[5:-5, 30:-5] = 4.0
    return array, Grid("EPSG:9205", Affine(500, 0, 500_500, 0, -500, 2_398_000), array.shape)
