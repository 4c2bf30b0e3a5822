"""The built-in layers against the published figures, and against the script that makes them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import shapely

from geo import boundaries
from geo.border import cut_sectors, face_communes
from geo.crs import METRIC
from geo.errors import SchemaError
from geo.schema import VINTAGES

OLD, NEW = VINTAGES


def test_the_facts_add_up_to_the_published_figures():
    old, new = boundaries.facts(OLD), boundaries.facts(NEW)
    assert (len(old), len(new)) == (129, 45)
    assert old["population"].sum() == new["population"].sum() == 598_856
    assert new["area_km2"].sum() == pytest.approx(9_539.27, abs=0.005)
    assert new.set_index("commune_code").loc[["03313", "03352"], "area_km2"].tolist() == [136.01, 57.23]
    assert new["name"].str.startswith("Phường").sum() == 3


def test_every_old_unit_lies_whole_in_one_new_unit():
    walk = boundaries.crosswalk()
    assert walk["old_code"].is_unique
    assert set(walk["new_code"]) == set(boundaries.facts(NEW)["commune_code"])
    people = walk.groupby("new_code")["population"].sum()
    assert people.equals(boundaries.facts(NEW).set_index("commune_code")["population"].rename_axis("new_code"))
    shapes = {v: boundaries.communes(v).to_crs(METRIC).set_index("commune_code").geometry for v in VINTAGES}
    for new_code, part in walk.groupby("new_code"):
        union = shapely.union_all(shapes[OLD][part["old_code"]])
        assert union.symmetric_difference(shapes[NEW][new_code]).area < 1.0


def test_codes_changed_their_meaning():
    """24 of the 45 codes were borne before by a unit of another name or extent."""
    walk = boundaries.crosswalk()
    alone = walk.groupby("new_code")["old_code"].agg(list)
    reused = set(walk["old_code"]) & set(walk["new_code"])
    assert all(alone[code] != [code] for code in reused)
    names = boundaries.facts(OLD).set_index("commune_code")["name"]
    renamed = [
        c
        for c in reused
        if names[c].split()[1:] != boundaries.facts(NEW).set_index("commune_code")["name"][c].split()[1:]
    ]
    assert len(renamed) == 24


@pytest.mark.parametrize("vintage", VINTAGES)
def test_the_polygons_are_a_coverage_and_say_that_they_are_approximate(vintage):
    layer = boundaries.communes(vintage)
    assert set(layer["geometry_quality"]) == {"approximate"}
    assert layer.is_valid.all()
    assert shapely.coverage_is_valid(layer.geometry.to_numpy())


def test_each_new_commune_has_its_official_area():
    layer = boundaries.communes(NEW).to_crs(METRIC)
    assert (layer.area / 1e6 - layer["area_km2"]).abs().max() < 0.02
    assert set(layer.geom_type) == {"Polygon"}


def test_the_border_runs_along_the_communes():
    border, communes = boundaries.border_line().to_crs(METRIC), boundaries.communes(NEW).to_crs(METRIC)
    assert sorted(border["neighbour"]) == ["CHN", "LAO"]
    edge = shapely.union_all(communes.geometry.to_numpy()).boundary
    assert border.geometry.map(lambda line: line.difference(edge.buffer(2)).length).max() < 1.0
    starts = [line.coords[0] for line in boundaries.border_line().geometry]
    assert starts[0] == starts[1]  # both begin at the tripoint


def test_the_communes_at_the_border_are_those_of_the_resolution():
    """15 of the 45 have a border; in the layer they share it as they do officially, within the half of their share."""
    communes, border = boundaries.communes(NEW).to_crs(METRIC), boundaries.border_line().to_crs(METRIC)
    line = shapely.union_all(border.geometry.to_numpy())
    km = communes.buffer(2).intersection(line).length / 1000
    official = communes["border_km_laos"] + communes["border_km_china"]
    assert (official > 0).sum() == 15
    assert (km[official == 0] < 0.05).all()
    share = (km / km.sum() / (official / official.sum()))[official > 0]
    assert share.between(0.49, 1.51).all()
    sectors = cut_sectors(boundaries.border_line(), geometry_quality="approximate")
    assert sectors.groupby("neighbour").size().to_dict() == {"CHN": 7, "LAO": 65}
    facing = face_communes(sectors, boundaries.communes(NEW), METRIC)
    assert set(facing) == set(communes["commune_code"][official > 0])


def test_no_crossing_has_an_invented_position():
    for vintage in VINTAGES:
        layer = boundaries.crossings(vintage)
        assert layer.geometry.isna().all()
        assert set(layer["position_quality"]) == {"unknown"}
        assert set(layer["commune_code"]) <= set(boundaries.facts(vintage)["commune_code"])


def test_demo_positions_lie_on_the_border_of_their_commune_and_are_marked():
    sectors = cut_sectors(boundaries.border_line(), geometry_quality="approximate")
    old, new = (boundaries.demo_crossings(vintage, sectors) for vintage in VINTAGES)
    assert set(new["position_quality"]) == {"demo"}
    assert old.geometry.geom_equals(new.geometry).all()
    units = boundaries.communes(NEW).to_crs(METRIC).set_index("commune_code").geometry
    for crossing in new.to_crs(METRIC).itertuples():
        assert units[crossing.commune_code].distance(crossing.geometry) < 50


def test_the_old_codes_of_crossings_are_those_of_the_communes_they_name():
    names = boundaries.facts(OLD).set_index("commune_code")["name"]
    named = boundaries.crossings(OLD).set_index("crossing_id")["commune_code"].map(names)
    assert named.to_dict() == {
        "a-pa-chai": "Xã Sín Thầu",
        "tay-trang": "Xã Na Ư",
        "huoi-puoc": "Xã Mường Lói",
        "na-bung": "Xã Nà Bủng",
    }


def test_the_layers_are_what_the_script_makes_byte_for_byte(tmp_path):
    folder = Path(__file__).parents[2] / "data" / "boundaries"
    subprocess.run([sys.executable, folder / "build" / "build.py", tmp_path], check=True)
    made = sorted(path.name for path in tmp_path.iterdir())
    for name in made[:3]:
        features = json.loads((tmp_path / name).read_text("utf-8"))["features"]
        assert {feature["properties"]["geometry_quality"] for feature in features} == {"approximate"}
    assert made == ["border.geojson", "communes_2020-01.geojson", "communes_2025-07.geojson", "measured_2020-01.csv"]
    for name in made:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_an_unknown_vintage_is_explained():
    with pytest.raises(SchemaError, match="not a known vintage"):
        boundaries.facts("2013-01-01")
