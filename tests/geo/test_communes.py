"""The loader, tried on the built-in layers disguised as an office's files."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import affinity

from geo import boundaries
from geo.communes import load_communes
from geo.crs import METRIC
from geo.errors import CrsError, IntakeError, SchemaError
from geo.schema import COMMUNES, VINTAGES

OLD, NEW = VINTAGES


@pytest.fixture(scope="module")
def official():
    layer = boundaries.communes(NEW)
    return gpd.GeoDataFrame(
        {
            "OBJECTID": range(len(layer)),
            "ma": layer["commune_code"],
            "ten": layer["name"].str.replace("Xã ", "").str.upper(),
            "tenDayDu": layer["name"],
            "dtich": layer["area_km2"],
        },
        geometry=layer.geometry,
        crs=layer.crs,
    )


@pytest.fixture(scope="module")
def old_official():
    layer = boundaries.communes(OLD)
    codes = layer["commune_code"].astype(int)  # a spreadsheet has eaten the leading zero
    columns = {"wardCode": codes, "ward": layer["name"], "huyen": layer["district"]}
    return gpd.GeoDataFrame(columns, geometry=layer.geometry, crs=layer.crs)


def saved(tmp_path, frame, name="layer.gpkg", **options):
    frame.to_file(tmp_path / name, engine="pyogrio", **options)
    return tmp_path / name


def loaded(path, **options):
    return load_communes(path, **({"vintage": NEW, "crs": METRIC} | options))


def checks(result):
    return {finding.check: finding.level for finding in result.findings}


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("layer.gpkg", "EPSG:4326"),
        ("layer.gpkg", "EPSG:9205"),
        ("layer.gpkg", "EPSG:3405"),
        ("layer.shp", "EPSG:32648"),
        ("layer.geojson", "EPSG:4326"),
    ],
)
def test_foreign_columns_and_systems_are_understood(tmp_path, official, crs, name):
    result = loaded(saved(tmp_path, official.to_crs(crs), name))
    COMMUNES.validate(result.communes)
    assert result.usable
    assert str(result.findings[0].message) == "Columns used: commune_code = ma, name = tenDayDu"
    facts = boundaries.facts(NEW).set_index("commune_code")
    layer = result.communes.set_index("commune_code")
    assert layer["population"].equals(facts["population"])
    assert set(layer["geometry_quality"]) == {"official"}
    assert (layer.to_crs(METRIC).area / 1e6 - facts["area_km2"]).abs().max() < 0.03


def test_a_zipped_shapefile_is_read(tmp_path, official):
    path = saved(tmp_path, official, "layer.shz", driver="ESRI Shapefile").rename(tmp_path / "layer.zip")
    assert loaded(path).usable


def test_codes_without_their_leading_zero_are_understood(tmp_path, old_official):
    result = loaded(saved(tmp_path, old_official), vintage=OLD)
    assert result.communes["commune_code"].tolist() == boundaries.facts(OLD)["commune_code"].tolist()


def test_without_codes_units_are_matched_by_district_and_name(tmp_path, old_official):
    by_name = old_official.drop(columns="wardCode").sample(frac=1, random_state=1)
    by_name["ward"] = by_name["ward"].str.replace("Thị trấn ", "TT. ")
    result = loaded(saved(tmp_path, by_name), vintage=OLD)
    expected = boundaries.communes(OLD).set_index("commune_code").geometry
    assert result.communes.set_index("commune_code").geometry.geom_equals(expected).all()


def test_columns_can_be_named(tmp_path, official):
    strange = official.assign(ma=official["ma"].map(lambda code: f"VN{code}"), x=official["ma"]).drop(columns=["ten"])
    result = loaded(saved(tmp_path, strange), columns={"commune_code": "x", "population": "OBJECTID"})
    assert result.communes["population"].tolist() == list(range(45))


def test_a_layer_of_the_other_vintage_is_refused(tmp_path, old_official, official):
    with pytest.raises(SchemaError, match="check --vintage"):
        loaded(saved(tmp_path, old_official))
    with pytest.raises(SchemaError, match="check --vintage"):
        loaded(saved(tmp_path, official, "b.gpkg"), vintage=OLD)


def test_names_that_do_not_fit_their_codes_are_an_error(tmp_path, official):
    shuffled = official.assign(tenDayDu=official["tenDayDu"].sample(frac=1, random_state=0).to_numpy()).drop(
        columns="ten"
    )
    result = loaded(saved(tmp_path, shuffled))
    assert checks(result)["names"] == "error"
    assert not result.usable


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.iloc[1:], "1 of 45 units are missing"),
        (lambda f: pd.concat([f, f.iloc[[3]]], ignore_index=True), "1 units stand twice"),
        (lambda f: f[["OBJECTID", "geometry"]], "no column holds the codes or names"),
        (lambda f: f.set_geometry(f.centroid), "expected Polygon geometries, found Point"),
        (lambda f: f.iloc[:0], "no feature"),
    ],
)
@pytest.mark.filterwarnings("ignore:Geometry is in a geographic CRS")
def test_a_layer_that_is_not_the_province_is_refused(tmp_path, official, change, said):
    with pytest.raises((SchemaError, IntakeError), match=said):
        loaded(saved(tmp_path, change(official)))


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_file_without_crs_needs_one(tmp_path, official):
    path = saved(tmp_path, official.to_crs(METRIC).set_crs(None, allow_override=True), "layer.shp")
    with pytest.raises(CrsError, match="--crs EPSG:9205"):
        loaded(path)
    assert loaded(path, declared_crs="EPSG:9205").usable


@pytest.mark.parametrize(("true", "claimed"), [("EPSG:9205", "EPSG:4326"), ("EPSG:4326", "EPSG:9205")])
def test_metres_given_as_degrees_and_the_reverse_are_refused(tmp_path, official, true, claimed):
    with pytest.raises(CrsError, match="cannot be in"):
        loaded(saved(tmp_path, official.to_crs(true).set_crs(claimed, allow_override=True)))


def test_a_declared_crs_is_not_overruled(tmp_path, official):
    with pytest.raises(CrsError, match="declares"):
        loaded(saved(tmp_path, official), declared_crs="EPSG:9205")


def test_overlaps_are_reported_and_repaired_only_if_allowed(tmp_path, official):
    moved = official.set_geometry([affinity.translate(official.geometry[0], 0.002, 0), *official.geometry[1:]])
    path = saved(tmp_path, moved)
    untouched = loaded(path)
    assert checks(untouched)["overlaps"] == "warning"
    assert untouched.communes.geometry.geom_equals(moved.sort_values("ma", ignore_index=True).geometry).all()
    repaired = loaded(path, repair=["overlaps", "gaps"])
    assert "overlaps" not in checks(repaired)
    assert [f.level for f in repaired.findings if f.check.startswith("overlaps")] == ["repair"]


def test_a_missing_part_of_the_province_is_an_error(tmp_path, official):
    small = official.set_geometry(
        [
            affinity.scale(official.geometry[0], 0.1, 0.1),
            *official.geometry[1:-5],
            *official.geometry[-5:].scale(0.5, 0.5),
        ]
    )
    result = loaded(saved(tmp_path, small))
    assert checks(result)["area"] == "error"
    assert not result.usable


@pytest.mark.parametrize(
    ("name", "content"), [("a.gpkg", b"%PDF-1.4"), ("a.geojson", b"{"), ("a.zip", b"PK\x05\x06"), ("a.docx", b"x")]
)
def test_other_files_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(IntakeError):
        loaded(tmp_path / name)


def test_a_file_of_several_layers_needs_a_name(tmp_path, official):
    path = saved(tmp_path, official, layer="xa")
    saved(tmp_path, official.iloc[:3], layer="huyen")
    with pytest.raises(IntakeError, match=r"several layers \(xa, huyen\)"):
        loaded(path)
    assert loaded(path, layer="xa").usable
    with pytest.raises(IntakeError, match="no layer nowhere"):
        loaded(path, layer="nowhere")
