import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from geo.crs import METRIC, STORED
from models.crossing_sectors import crossed_sectors, place_crossings, sector_table
from tests.conftest import SOUTH, WEST


@pytest.fixture
def sectors():
    """Four sectors of 5 km from north to south; communes 3 and 1 lie beside them; the last is that of China."""
    lines = [LineString([(WEST, SOUTH + top), (WEST, SOUTH + top - 5000)]) for top in (20_000, 15_000, 10_000, 5_000)]
    columns = {
        "sector_id": ["LAO-001", "LAO-002", "LAO-003", "CHN-001"],
        "neighbour": ["LAO", "LAO", "LAO", "CHN"],
        "length_km": 5.0,
        "commune_code": ["00003", "00003", "00001", "00001"],
    }
    return gpd.GeoDataFrame(columns, geometry=lines, crs=METRIC).to_crs(STORED)


@pytest.fixture
def crossings():
    places = [Point(WEST + 100, SOUTH + 2000), None, Point(WEST, SOUTH + 12_000), None]
    columns = {
        "crossing_id": ["placed", "unplaced", "gate", "nowhere"],
        "kind": ["trail", "opening", "international", "trail"],
        "neighbour": ["LAO", "LAO", "LAO", "CHN"],
        "commune_code": ["00001", "00003", "00003", "00002"],
    }
    return gpd.GeoDataFrame(columns, geometry=places, crs=METRIC).to_crs(STORED)


def test_a_crossing_lies_on_the_nearest_sector_of_its_neighbour_or_on_any_of_its_commune(sectors, crossings):
    placed = place_crossings(crossings, sectors, METRIC)
    rows = list(placed.fillna("").itertuples(index=False, name=None))
    assert rows == [
        ("placed", "LAO-003", 1.0),
        ("unplaced", "LAO-001", 0.5),
        ("unplaced", "LAO-002", 0.5),
        ("gate", "", 1.0),
    ]


def test_sectors_count_their_crossings_without_official_gates(sectors, crossings):
    table = sector_table(sectors, place_crossings(crossings, sectors, METRIC))
    assert table["crossings"].to_dict() == {"LAO-001": 0.5, "LAO-002": 0.5, "LAO-003": 1.0, "CHN-001": 0.0}
    none = sector_table(sectors, place_crossings(crossings.iloc[:0], sectors, METRIC))
    assert none["crossings"].tolist() == [0, 0, 0, 0]
    assert none["length_km"].tolist() == [5.0] * 4


def test_cases_go_where_their_crossing_may_lie_and_what_cannot_be_used_is_counted(sectors, crossings):
    cases = pd.DataFrame(
        {
            "case_id": list("abcdef"),
            "commune_code": ["00001", "00002", "00003", None, "00001", "00001"],
            "date": pd.to_datetime(["2017-03-05"] * 6),
            "crossing_id": ["placed", "unplaced", "gate", "placed", "nowhere", None],
        }
    )
    crossed = crossed_sectors(cases, place_crossings(crossings, sectors, METRIC))
    assert list(crossed.choices.fillna("").itertuples(index=False, name=None)) == [
        ("a", "00001", 3, "LAO-003"),
        ("b", "00002", 3, "LAO-001"),
        ("b", "00002", 3, "LAO-002"),
        ("c", "00003", 3, ""),
    ]
    assert [str(note) for note in crossed.notes] == [
        "1 cases with a known crossing have no commune of origin and cannot tell where its people leave",
        "1 cases name crossings that lie on no sector; add them to the crossings with commune and neighbour",
    ]


def test_without_crossings_no_case_is_used(sectors, crossings):
    cases = pd.DataFrame(
        {"case_id": ["a"], "commune_code": ["00001"], "date": pd.to_datetime(["2017-03-05"]), "crossing_id": ["x"]}
    )
    crossed = crossed_sectors(cases, place_crossings(crossings.iloc[:0], sectors, METRIC))
    assert crossed.choices.empty
    assert len(crossed.notes) == 1
