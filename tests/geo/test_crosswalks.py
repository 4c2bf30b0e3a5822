import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import boundaries
from geo.crosswalks import Crosswalk, builtin_crosswalk, overlay_crosswalk, read_crosswalk
from geo.crs import METRIC
from geo.errors import IntakeError, SchemaError
from geo.vintages import carry

OLD, NEW = "2020-01-01", "2025-07-01"


def layer(vintage, shapes):
    """Return units of a layer from well-known text in kilometres."""
    polygons = shapely.transform(shapely.from_wkt(list(shapes.values())), lambda km: km * 1000 + (500_000, 2_400_000))
    return gpd.GeoDataFrame({"commune_code": list(shapes), "vintage": vintage}, geometry=polygons, crs=METRIC)


@pytest.fixture
def layers():
    """Crooked units; the new ones leave out a kilometre in the north."""
    old = {
        "00011": "POLYGON((0 0,7 0,5 6,0 9,0 0))",
        "00012": "POLYGON((7 0,14 0,14 10,5 6,7 0))",
        "00013": "POLYGON((0 9,5 6,14 10,14 16,0 16,0 9))",
    }
    new = {
        "00001": "POLYGON((0 0,9 0,4 8,0 8,0 0))",
        "00002": "POLYGON((9 0,14 0,14 12,4 8,9 0))",
        "00003": "POLYGON((0 8,4 8,14 12,14 15,0 15,0 8))",
    }
    return layer(OLD, old), layer(NEW, new)


def test_the_builtin_crosswalk_is_that_of_the_facts():
    parts = builtin_crosswalk().parts
    assert parts["whole"].all()
    assert parts.groupby("new_code")["population"].sum().tolist() == boundaries.facts(NEW)["population"].tolist()
    assert parts["area_km2"].sum() == pytest.approx(boundaries.facts(OLD)["area_km2"].sum())


def test_counts_carried_by_measured_areas_are_those_of_tobler(layers):
    """tobler 0.13.0, whose areas are float32: area_interpolate(old, new, extensive_variables=["n"])."""
    old, new = layers
    walk = overlay_crosswalk(old, new, METRIC, least_share=0.0)
    counts = pd.DataFrame({"n": [120, 45, 301]}, index=["00011", "00012", "00013"])
    found = carry(counts, OLD, NEW, weight="area", crosswalks=[walk]).counts["n"]
    assert found.tolist() == pytest.approx([130.01543059758842, 102.56963711977005, 233.41493125259876], rel=1e-7)


def test_the_parts_of_polygons_are_their_intersections(layers):
    old, new = layers
    parts = overlay_crosswalk(old, new, METRIC).parts.set_index(["old_code", "new_code"])["area_km2"]
    for (one, other), area in parts.items():
        shapes = [
            each.set_index("commune_code").geometry[code] for each, code in zip(layers, (one, other), strict=True)
        ]
        assert area == pytest.approx(shapes[0].intersection(shapes[1]).area / 1e6)


def test_slivers_are_no_parts(communes):
    """The same lines drawn again, two metres beside: every unit still lies whole in its own."""
    again = communes.to_crs(METRIC).assign(vintage=OLD)
    again["geometry"] = again.geometry.translate(2.0, -2.0)
    walk = overlay_crosswalk(again, communes, METRIC)
    assert walk.parts["old_code"].tolist() == walk.parts["new_code"].tolist()
    assert walk.parts["whole"].all()
    assert len(overlay_crosswalk(again, communes, METRIC, least_share=0.0).parts) > 4


def test_the_people_of_a_part_are_those_of_the_points_in_it(layers):
    # One point in each of two parts of 00011, one on the line between old units, and one outside of all.
    places = np.array([[1, 1], [0.5, 8.2], [6, 3], [50, 50]]) * 1000.0 + (500_000, 2_400_000)
    people = gpd.GeoDataFrame({"population": [30, 10, 7, 100]}, geometry=gpd.points_from_xy(*places.T), crs=METRIC)
    parts = overlay_crosswalk(*layers, METRIC, people).parts.set_index(["old_code", "new_code"])["population"]
    assert parts["00011", "00001"] + parts.get(("00012", "00001"), 0) == 37
    assert parts["00011", "00003"] == 10
    assert parts.sum() == 47


def test_a_unit_outside_the_other_layer_is_named(layers):
    old, new = layers
    away = pd.concat([old, layer(OLD, {"00099": "POLYGON((90 90,91 90,91 91,90 90))"})])
    with pytest.raises(SchemaError, match="Units 00099 have no part in the other layer"):
        overlay_crosswalk(away, new, METRIC)


def test_a_file_is_read_as_a_crosswalk(tmp_path):
    path = tmp_path / "walk.csv"
    path.write_text("old_code,new_code,population\n00002,00011,40\n00001,00011,\n00002,00012,60\n", encoding="utf-8")
    walk = read_crosswalk(path, "2013-01-01", OLD)
    assert (walk.old, walk.new) == ("2013-01-01", OLD)
    assert walk.parts["old_code"].tolist() == ["00001", "00002", "00002"]
    assert walk.parts["whole"].tolist() == [True, False, False]
    assert walk.parts["population"].tolist()[1:] == [40.0, 60.0]
    assert walk.parts["area_km2"].isna().all()


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("old_code\n00001\n", IntakeError, "needs the columns old_code and new_code"),
        ("old_code,new_code\n00001,00011\n1,00012\n", IntakeError, "rows 3: old_code is not a code of five digits"),
        ("old_code,new_code\n00001,\n", IntakeError, "rows 2: new_code is not a code of five digits"),
        ("old_code,new_code,area_km2\n00001,00011,big\n", IntakeError, "rows 2: area_km2 is not a number"),
        ("old_code,new_code,area_km2\n00001,00011,-1\n", SchemaError, "units 00001"),
        ("old_code,new_code\n00001,00011\n00001,00011\n", SchemaError, "pairs twice"),
    ],
)
def test_a_file_that_is_no_crosswalk_is_explained(tmp_path, text, error, match):
    path = tmp_path / "walk.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=match):
        read_crosswalk(path, "2013-01-01", OLD)


def test_a_crosswalk_goes_back_as_it_came():
    parts = pd.DataFrame({"old_code": ["00001", "00002"], "new_code": ["00011", "00011"], "population": [1, 2]})
    back = Crosswalk(OLD, NEW, parts).backwards()
    assert (back.old, back.new) == (NEW, OLD)
    assert back.parts["whole"].tolist() == [False, False]
    pd.testing.assert_frame_equal(back.backwards().parts, Crosswalk(OLD, NEW, parts).parts)
