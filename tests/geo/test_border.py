from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, Point
from shapely.ops import substring

from geo.border import carry_ids, cut_sectors, face_communes
from geo.crs import METRIC
from geo.errors import CrsError, SchemaError
from tests.conftest import SOUTH, WEST

# From the tripoint in the north-west: Laos runs south, China east.
LAOS = LineString([(WEST, SOUTH + 21_000), (WEST - 300, SOUTH + 10_000), (WEST, SOUTH)])
CHINA = LineString([(WEST, SOUTH + 21_000), (WEST + 9_000, SOUTH + 21_400), (WEST + 12_000, SOUTH + 21_000)])


def border(*lines):
    return gpd.GeoDataFrame({"neighbour": [n for n, _ in lines]}, geometry=[line for _, line in lines], crs=METRIC)


WHOLE = border(("LAO", LAOS), ("CHN", CHINA))


def test_sectors_are_equal_parts_of_about_five_kilometres():
    sectors = cut_sectors(WHOLE)
    assert list(sectors["sector_id"]) == ["CHN-001", "CHN-002", *(f"LAO-{n:03}" for n in (1, 2, 3, 4))]
    laos = sectors[sectors["neighbour"] == "LAO"]
    np.testing.assert_allclose(laos["length_km"], LAOS.length / 4000, rtol=1e-9)
    # They follow the line, one after the other from the tripoint.
    union = shapely.line_merge(shapely.union_all(laos.to_crs(METRIC).geometry.to_numpy(), grid_size=0.01))
    assert union.hausdorff_distance(LAOS) < 0.1
    first = laos.to_crs(METRIC).geometry.iloc[0]
    assert Point(first.coords[0]).distance(Point(LAOS.coords[0])) < 0.1


def test_one_short_line_is_one_sector():
    assert list(cut_sectors(border(("LAO", substring(LAOS, 0, 900))))["sector_id"]) == ["LAO-001"]


@settings(max_examples=30)
@given(
    st.lists(st.floats(0.01, 0.99), max_size=5, unique=True),
    st.integers(0, 6),
    st.randoms(use_true_random=False),
    st.sampled_from(["EPSG:9205", "EPSG:4326", "EPSG:32648"]),
)
def test_ids_do_not_depend_on_how_the_file_was_drawn(cuts, together, random, crs):
    """The same border split anywhere, in any order, direction and CRS has the same sectors."""
    ends = [0.0, *sorted(cuts), 1.0]
    pieces = [substring(LAOS, a, b, normalized=True) for a, b in pairwise(ends)]
    drawn = [line if random.random() < 0.5 else shapely.reverse(line) for line in pieces]
    random.shuffle(drawn)
    alone = [("LAO", line) for line in drawn[together:]]
    drawn = [*alone, ("CHN", CHINA), ("LAO", MultiLineString(drawn[:together]))][: len(alone) + 1 + (together > 0)]
    sectors, expected = cut_sectors(border(*drawn).to_crs(crs)), cut_sectors(WHOLE)
    assert list(sectors["sector_id"]) == list(expected["sector_id"])
    middles, wanted = (s.to_crs(METRIC).geometry.interpolate(0.5, normalized=True) for s in (sectors, expected))
    assert middles.distance(wanted).max() < 1.0


def test_a_better_line_keeps_the_ids_of_the_sectors_it_replaces():
    old = cut_sectors(WHOLE)
    detour = LineString([*LAOS.coords[:-1], (WEST + 300, SOUTH), (WEST + 300, SOUTH - 9_800)])
    new = carry_ids(cut_sectors(border(("LAO", detour), ("CHN", CHINA))), old)
    by_id = new.set_index("sector_id").to_crs(METRIC).geometry.interpolate(0.5, normalized=True)
    before = old.set_index("sector_id").to_crs(METRIC).geometry.interpolate(0.5, normalized=True)
    kept = by_id.index.intersection(before.index)
    assert by_id[kept].distance(before[kept]).max() < 2_700
    assert {"LAO-001", "LAO-002", "LAO-003", "LAO-004"} <= set(kept)
    assert set(by_id.index) - set(before.index) == {"LAO-005", "LAO-006"}
    assert new["sector_id"].is_unique


def test_the_same_line_again_changes_no_id():
    sectors = cut_sectors(WHOLE)
    assert_geodataframe_equal(carry_ids(cut_sectors(WHOLE), sectors), sectors)


def test_sectors_face_the_commune_they_lie_beside(communes):
    facing = face_communes(cut_sectors(WHOLE), communes, METRIC)
    assert facing.tolist() == ["00003", "00003", "00003", "00003", "00001", "00001"]


@pytest.mark.parametrize(
    ("lines", "error", "said"),
    [
        (WHOLE.set_crs(None, allow_override=True), CrsError, "no coordinate reference system"),
        (WHOLE.iloc[:0], SchemaError, "needs lines; found nothing"),
        (WHOLE.set_geometry(WHOLE.centroid), SchemaError, "needs lines; found Point"),
        (border(("LAO", LAOS), ("LAO", LineString())), SchemaError, "found a line without length"),
        (border(("LAO", LineString([(WEST, SOUTH), (WEST, SOUTH)]))), SchemaError, "found a line without length"),
        (border(("LAO", LineString([(WEST, SOUTH), (np.inf, 0)]))), SchemaError, "broken coordinates"),
        (border(("LAO", LAOS), ("CHN", None)), SchemaError, "needs lines; found no geometry"),
        (WHOLE.assign(neighbour="MMR"), SchemaError, "one of LAO, CHN, KHM; found MMR"),
        (WHOLE[["geometry"]], SchemaError, "one of LAO, CHN, KHM; found no column neighbour"),
    ],
)
def test_bad_lines_are_explained(lines, error, said):
    with pytest.raises(error, match=said):
        cut_sectors(lines)


@pytest.mark.parametrize("length_km", [0.0, -5.0, float("nan")])
def test_a_sector_has_a_length(length_km):
    with pytest.raises(ValueError, match="above zero"):
        cut_sectors(WHOLE, length_km=length_km)
