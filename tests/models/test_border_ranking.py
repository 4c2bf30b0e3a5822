import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from geo.crs import METRIC, STORED
from models.border_ranking import Reach, rank_patrol
from tests.conftest import SIDE, SOUTH, WEST
from tests.reference import kernel_density

REACH = Reach(patrol_m=15_000.0, crossing_m=8_000.0, crossing_pull=1.0)


@pytest.fixture
def sectors():
    """Four sectors of 5 km along the western edge, from north to south; communes 3 and 1 lie beside them."""
    lines = [LineString([(WEST, SOUTH + top), (WEST, SOUTH + top - 5000)]) for top in (20_000, 15_000, 10_000, 5_000)]
    columns = {
        "sector_id": [f"LAO-{n:03}" for n in (1, 2, 3, 4)],
        "neighbour": "LAO",
        "length_km": 5.0,
        "commune_code": ["00003", "00003", "00001", "00001"],
    }
    return gpd.GeoDataFrame(columns, geometry=lines, crs=METRIC).to_crs(STORED)


@pytest.fixture
def outreach():
    codes = ["00001", "00002", "00003", "00004"]
    return pd.DataFrame({"commune_code": codes, "name": list("ABCD"), "expected": [4.0, 1.0, 2.0, 8.0]})


@pytest.fixture
def cells():
    rows = []
    for code, (column, row) in {"00001": (0, 0), "00002": (1, 0), "00003": (0, 1), "00004": (1, 1)}.items():
        steps = np.arange(500, SIDE, 1000)
        east, north = np.meshgrid(WEST + column * SIDE + steps, SOUTH + row * SIDE + steps)
        rows.append(pd.DataFrame({"commune_code": code, "x": east.ravel(), "y": north.ravel()}))
    return pd.concat(rows, ignore_index=True)


def crossings(*places):
    columns = {
        "crossing_id": [f"c{n}" for n in range(len(places))],
        "kind": "main",
        "neighbour": "LAO",
        "commune_code": "00003",
    }
    return gpd.GeoDataFrame(columns, geometry=[None if p is None else Point(p) for p in places], crs=METRIC).to_crs(
        STORED
    )


def ranked(sectors, crossing_layer, outreach, cells, reach=REACH, **options):
    result = rank_patrol(sectors, crossing_layer, outreach, cells, reach=reach, crs=METRIC, **options)
    return result.set_index("sector_id").sort_index()


MIDDLES = np.array([17_500.0, 12_500.0, 7_500.0, 2_500.0])


def test_nearby_risk_is_the_density_of_expected_events_at_the_middle(sectors, outreach, cells):
    result = ranked(sectors, crossings(), outreach, cells)
    weights = cells["commune_code"].map(outreach.set_index("commune_code")["expected"]).to_numpy() / 100
    expected = kernel_density(
        cells["x"].to_numpy(), cells["y"].to_numpy(), weights, 15_000.0, 2, np.full(4, WEST), SOUTH + MIDDLES
    )
    np.testing.assert_allclose(result["nearby_risk"], expected, rtol=1e-6)
    np.testing.assert_allclose(result["score"], expected / expected.sum(), rtol=1e-6)


def test_a_crossing_pulls_as_methods_say(sectors, outreach, cells):
    result = ranked(sectors, crossings((WEST, SOUTH + 17_500)), outreach, cells)
    density = kernel_density(
        np.array([WEST]), np.array([SOUTH + 17_500]), np.ones(1), 8_000.0, 2, np.full(4, WEST), SOUTH + MIDDLES
    )
    np.testing.assert_allclose(result["crossing_density"], density, rtol=1e-4)
    np.testing.assert_allclose(result["crossing_factor"], 1 + density / density.mean(), rtol=1e-4)
    score = result["nearby_risk"] * result["crossing_factor"]
    np.testing.assert_allclose(result["score"], score / score.sum())


def test_a_crossing_of_unknown_position_is_spread_over_its_communes_sectors(sectors, outreach, cells):
    unknown = ranked(sectors, crossings(None), outreach, cells)
    halves = [crossings((WEST, SOUTH + middle)) for middle in MIDDLES[:2]]
    known = [ranked(sectors, half, outreach, cells)["crossing_density"] for half in halves]
    np.testing.assert_allclose(unknown["crossing_density"], (known[0] + known[1]) / 2, rtol=1e-4, atol=1e-12)


def test_without_crossings_only_nearby_risk_counts(sectors, outreach, cells):
    result = ranked(sectors, crossings(), outreach, cells)
    assert (result["crossing_factor"] == 1).all()
    assert result["rank"].to_dict() == {"LAO-001": 4, "LAO-002": 2, "LAO-003": 1, "LAO-004": 3}


def test_feeders_are_named_by_their_part(sectors, outreach, cells):
    """At the southern end commune A lies beside, B and C behind it; D, with most events, is hardly in reach."""
    result = ranked(sectors, crossings(), outreach, cells)
    assert result["feeders"]["LAO-004"].startswith("A, ")
    assert len(result["feeders"]["LAO-001"].split(", ")) == 3


def test_sectors_out_of_reach_of_everything_share_the_last_rank(sectors, outreach, cells):
    far = cells.assign(x=cells["x"] + 100_000)
    result = ranked(sectors, crossings(), outreach, far)
    assert (result["rank"] == 1).all()
    assert (result["score"] == 0).all()
    assert str(result["reasons"].iloc[0][0]) == "no commune at risk is in reach of this sector"


def test_patrol_hours_are_shown_and_do_not_count(sectors, outreach, cells):
    hours = pd.Series({"LAO-002": 12.5, "LAO-009": 3.0})
    result = ranked(sectors, crossings(), outreach, cells, patrol_hours=hours)
    assert result["patrol_hours"].tolist() == [0.0, 12.5, 0.0, 0.0]
    assert result["score"].equals(ranked(sectors, crossings(), outreach, cells)["score"])
