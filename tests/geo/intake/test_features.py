import datetime as dt

import geopandas as gpd
import pytest

from geo.crs import METRIC, STORED
from geo.errors import CrsError, IntakeError
from geo.intake import read_records

POINTS = gpd.GeoSeries.from_xy([103.0, 103.1], [21.5, 21.6], crs=STORED)


def layer(crs=STORED, **columns):
    frame = gpd.GeoDataFrame({"NGAY": [dt.date(2017, 3, 31), None], "NAN_NHAN": [2, 1]} | columns, geometry=POINTS)
    return frame.to_crs(crs)


@pytest.mark.parametrize(
    ("name", "crs"),
    [("t.gpkg", STORED), ("t.gpkg", METRIC), ("t.shp", STORED), ("t.shp", METRIC), ("t.geojson", STORED)],
)
def test_points_bring_their_place_and_attributes(tmp_path, name, crs):
    layer(crs, XA=["Mường Nhé", "Nà Tòng"]).to_file(tmp_path / name)
    table = read_records(tmp_path / name, "cases", {"victims": "NAN_NHAN"})
    assert table.cells["date"].tolist() == ["2017-03-31", None]
    assert table.cells["victims"].tolist() == ["2", "1"]
    assert table.cells["commune"].tolist() == ["Mường Nhé", "Nà Tòng"]
    assert table.cells["lon"].astype(float).tolist() == pytest.approx([103.0, 103.1], abs=1e-7)
    assert table.cells["lat"].astype(float).tolist() == pytest.approx([21.5, 21.6], abs=1e-7)
    assert list(table.cells.index) == [1, 2]


def test_a_shapefile_that_does_not_say_its_encoding_is_read_as_utf_8(tmp_path):
    layer(XA=["Mường Nhé", "Nà Tòng"]).to_file(tmp_path / "t.shp", encoding="UTF-8")
    (tmp_path / "t.cpg").unlink()
    assert (
        read_records(tmp_path / "t.shp", "cases", {"victims": "NAN_NHAN"}).cells["commune"].tolist()[0] == "Mường Nhé"
    )


def test_personal_attributes_are_dropped(tmp_path):
    layer(HO_TEN=["Lò Thị Thử", "Vàng A Mẫu"], DAN_TOC=["x", "y"]).to_file(tmp_path / "t.gpkg")
    table = read_records(tmp_path / "t.gpkg", "cases", {"victims": "NAN_NHAN"})
    assert set(table.personal) == {"HO_TEN", "DAN_TOC"}
    assert set(table.cells) == {"date", "victims", "lon", "lat"}


def test_other_geometries_and_missing_crs_are_refused(tmp_path):
    layer(METRIC).buffer(10).to_file(tmp_path / "t.gpkg")
    with pytest.raises(IntakeError, match="expected Point geometries"):
        read_records(tmp_path / "t.gpkg", "cases")
    layer().to_file(tmp_path / "u.shp")
    (tmp_path / "u.prj").unlink()
    with pytest.raises(CrsError, match="no coordinate reference system"):
        read_records(tmp_path / "u.shp", "cases")
