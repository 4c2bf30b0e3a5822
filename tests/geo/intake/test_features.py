import datetime as dt
import zipfile

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
    assert table.cells["date"].fillna("").tolist() == ["2017-03-31", ""]
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


FIELDS = "".join(f'<SimpleField type="string" name="{name}"/>' for name in ("Ngày", "Số nạn nhân", "Nguồn tin"))
SCHEMA = f'<Schema name="t" id="t">{FIELDS}</Schema>'
VALUES = {"Ngày": "05/01/2017", "Số nạn nhân": "1", "Nguồn tin": "công an", "Họ &amp; tên": "Lò Thị Thử"}


def kml(schema):
    if schema:
        data = "".join(
            f'<SimpleData name="{name}">{value}</SimpleData>' for name, value in VALUES.items() if "H" not in name
        )
        data = f'<SchemaData schemaUrl="#t">{data}</SchemaData>'
    else:
        data = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in VALUES.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"{SCHEMA if schema else ''}<Folder><name>t</name><Placemark><name>Lò Thị Thử</name>"
        f"<ExtendedData>{data}</ExtendedData><Point><coordinates>102.45,22.19,0</coordinates></Point></Placemark>"
        "</Folder></Document></kml>"
    )


@pytest.mark.parametrize("schema", [False, True])
@pytest.mark.parametrize("name", ["t.kml", "t.kmz"])
def test_vietnamese_names_in_kml_are_read_as_they_were_written(tmp_path, name, schema):
    if name == "t.kmz":
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("doc.kml", kml(schema))
    else:
        (tmp_path / name).write_text(kml(schema), encoding="utf-8")
    table = read_records(tmp_path / name, "cases")
    assert table.cells[["date", "victims", "source"]].to_numpy().tolist() == [["05/01/2017", "1", "công an"]]
    assert table.named["victims"] == "Số nạn nhân"
    assert "Lò" not in "".join(map(str, table.cells.to_numpy().ravel()))


def test_a_shapefile_s_cut_headings_are_known(tmp_path):
    frame = layer().drop(columns="NAN_NHAN").assign(So_nan_nhan=[2, 1], So_doi_tuong=[1, 0])
    frame.rename(columns=lambda name: name[:10]).set_geometry("geometry").to_file(tmp_path / "t.shp")
    table = read_records(tmp_path / "t.shp", "cases")
    assert table.cells[["victims", "offenders"]].to_numpy().tolist() == [["2", "1"], ["1", "0"]]
    assert table.named["victims"] == "So_nan_nha"


@pytest.mark.parametrize("parts", [None, {}, {"a.txt": "x"}])
def test_a_kmz_without_a_document_is_refused(tmp_path, parts):
    (tmp_path / "t.kmz").write_bytes(b"PK\x03\x04 cut")
    if parts is not None:
        with zipfile.ZipFile(tmp_path / "t.kmz", "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
    with pytest.raises(IntakeError, match="not a readable vector file"):
        read_records(tmp_path / "t.kmz", "cases")
