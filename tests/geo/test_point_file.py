import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.crs import METRIC, STORED
from geo.errors import CrsError, IntakeError
from geo.point_file import read_points

LON, LAT = [103.0, 103.1, 103.2], [21.5, 21.6, 21.7]
POINTS = gpd.GeoSeries.from_xy(LON, LAT, crs=STORED)
EXPECTED = POINTS.to_crs(METRIC)


def table(tmp_path, name="points.csv", **columns):
    frame = pd.DataFrame(columns)
    (frame.to_csv if name.endswith("csv") else frame.to_excel)(tmp_path / name, index=False)
    return tmp_path / name


def assert_places(read, expected=EXPECTED):
    assert read.points.crs == expected.crs
    assert np.abs(read.points.x.to_numpy() - expected.x.to_numpy()).max() < 1e-3
    assert np.abs(read.points.y.to_numpy() - expected.y.to_numpy()).max() < 1e-3


@pytest.mark.parametrize(
    ("lon", "lat"), [("lon", "lat"), ("Kinh độ", "Vĩ độ"), ("KinhDo", "ViDo"), ("LONGITUDE", "Latitude")]
)
@pytest.mark.parametrize("name", ["points.csv", "points.xlsx"])
def test_tables_bring_degrees_in_columns_of_several_names(tmp_path, name, lon, lat):
    assert_places(read_points(table(tmp_path, name, **{lon: LON, lat: LAT})))


def test_cells_are_read_as_those_of_records_are(tmp_path):
    """Decimal commas, minutes and seconds, directions; what is not known is no place."""
    lon = ["103,000", "103°06'00\"Đ", "103 12 00 E", "không rõ"]
    read = read_points(table(tmp_path, lon=lon, lat=["21,5", "21°36'B", "21 42 00", None]))
    assert_places(read)
    assert (read.with_angles, read.without_place) == (2, 1)
    metres = table(tmp_path, x=[f"{x:.3f}".replace(".", ",") for x in EXPECTED.x], y=EXPECTED.y)
    assert_places(read_points(metres, crs=METRIC))


def test_columns_of_other_names_are_named(tmp_path):
    file = table(tmp_path, lon=[0, 0, 0], a=LON, b=LAT)
    assert_places(read_points(file, columns={"lon": "A", "lat": "b"}))


def test_a_table_in_metres_names_its_crs(tmp_path):
    file = table(tmp_path, x=EXPECTED.x, y=EXPECTED.y)
    assert_places(read_points(file, crs=METRIC))
    with pytest.raises(CrsError, match="cannot be in EPSG:4326"):
        read_points(file)


@pytest.mark.parametrize("name", ["p.gpkg", "p.geojson", "p.shp"])
def test_layers_of_points_are_read(tmp_path, name):
    gpd.GeoDataFrame(geometry=POINTS).to_file(tmp_path / name)
    assert_places(read_points(tmp_path / name))


def test_phones_files_are_read(tmp_path):
    """KML, and GPX whose layers of routes and tracks are empty."""
    pairs = list(zip(LON, LAT, strict=True))
    marks = "".join(f"<Placemark><Point><coordinates>{x},{y}</coordinates></Point></Placemark>" for x, y in pairs)
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    (tmp_path / "p.kml").write_text(kml)
    marks = "".join(f'<wpt lon="{x}" lat="{y}"></wpt>' for x, y in pairs)
    gpx = f'<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">{marks}</gpx>'
    (tmp_path / "p.gpx").write_text(gpx)
    assert_places(read_points(tmp_path / "p.kml"))
    assert_places(read_points(tmp_path / "p.gpx"))


def test_multipoints_are_taken_apart_and_keep_their_weight(tmp_path):
    whole = gpd.GeoDataFrame({"n": [2.5]}, geometry=[POINTS.union_all()], crs=STORED)
    whole.to_file(tmp_path / "p.gpkg")
    read = read_points(tmp_path / "p.gpkg", weights="n")
    assert_places(read)
    np.testing.assert_array_equal(read.weights, [2.5, 2.5, 2.5])


def test_rows_without_a_place_are_left_out_and_counted(tmp_path):
    file = table(tmp_path, lon=[103.0, None, 103.2], lat=[21.5, None, 21.7], n=[1, 2, 3])
    read = read_points(file, weights="n")
    assert_places(read, EXPECTED.iloc[[0, 2]])
    assert read.without_place == 1
    np.testing.assert_array_equal(read.weights, [1, 3])
    layer = gpd.GeoDataFrame({"n": [1, 2, 3]}, geometry=[POINTS[0], None, POINTS[2]], crs=STORED)
    layer.to_file(tmp_path / "p.gpkg")
    assert read_points(tmp_path / "p.gpkg").without_place == 1


def test_one_simulated_row_makes_the_file_simulated(tmp_path):
    assert not read_points(table(tmp_path, lon=LON, lat=LAT)).simulated
    assert read_points(table(tmp_path, lon=LON, lat=LAT, data_kind=["recorded", "simulated", None])).simulated


def test_far_from_home_another_metric_crs_is_asked_for(tmp_path):
    file = table(tmp_path, lon=[-122.6], lat=[45.5])
    with pytest.raises(CrsError, match="--metric-crs EPSG:32610"):
        read_points(file)
    assert read_points(file, metric="EPSG:32610").points.crs == "EPSG:32610"
    with pytest.raises(CrsError, match="not in metres"):
        read_points(file, metric="EPSG:2913")


@pytest.mark.parametrize(
    ("columns", "options", "said"),
    [
        ({"a": [1], "b": [2]}, {}, "one column lon, or one called longitude"),
        ({"lon": ["north"], "lat": [21.5]}, {}, "rows 2 have no coordinate of its kind in the column lon"),
        (
            {"lon": [103.0, "21.5, 103.0"], "lat": [21.5, None]},
            {},
            "rows 3 have no coordinate of its kind in the column",
        ),
        ({"lon": ["21°30'B"], "lat": [103.0]}, {}, "rows 2 have no coordinate of its kind in the column lon"),
        ({"lon": ["103 75 00"], "lat": [21.5]}, {}, "rows 2 have no coordinate of its kind in the column lon"),
        ({"lon": [103.0, 103.1], "lat": [21.5, None]}, {}, "rows 3 have one coordinate but not the other"),
        ({"lon": [103.0, np.inf], "lat": [21.5, 21.6]}, {}, "rows 3 have no coordinate of its kind in the column lon"),
        ({"lon": LON, "lat": LAT}, {"layer": "Sheet1"}, "a table has no layers; leave --layer out"),
        ({"lon": LON, "lat": LAT, "n": 1}, {"columns": {"foo": "n"}}, "can name lon, lat, but not foo"),
        ({"lon": LON, "lat": LAT, "n": 1}, {"columns": {"weight": "n"}}, "can name lon, lat, but not weight"),
        ({"lon": LON, "lat": LAT}, {"columns": {"lon": "KinhDo"}}, "there is no column KinhDo"),
        ({"lon": LON, "lat": LAT, "n": [1, None, 2]}, {"weights": "n"}, "rows 3 have no number in the column n"),
        ({"lon": LON, "lat": LAT}, {"weights": "n"}, "there is no column n"),
        ({"lon": [None, None], "lat": [None, None], "n": [1, 2]}, {}, "no row with a place"),
    ],
)
def test_bad_tables_are_explained_without_their_cells(tmp_path, columns, options, said):
    with pytest.raises(IntakeError, match=said) as raised:
        read_points(table(tmp_path, **columns), **options)
    assert "north" not in str(raised.value)


@pytest.mark.parametrize("name", ["p.pdf", "p.tif"])
def test_other_files_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"%PDF-1.7")
    with pytest.raises(IntakeError, match="expected one of"):
        read_points(tmp_path / name)


def test_a_layer_needs_no_columns(tmp_path):
    gpd.GeoDataFrame({"a": [1.0, 2.0, 3.0]}, geometry=POINTS).to_file(tmp_path / "p.gpkg")
    with pytest.raises(IntakeError, match="a layer holds its places itself; leave --column out"):
        read_points(tmp_path / "p.gpkg", columns={"lon": "a"})
    with pytest.raises(IntakeError, match="there is no layer other"):
        read_points(tmp_path / "p.gpkg", layer="other")


def test_other_geometries_are_refused(tmp_path):
    gpd.GeoDataFrame(geometry=EXPECTED.buffer(10)).to_file(tmp_path / "p.gpkg")
    with pytest.raises(IntakeError, match="expected Point geometries, found Polygon"):
        read_points(tmp_path / "p.gpkg")
