import geopandas as gpd
import pytest

from geo.border_file import load_border
from geo.crs import METRIC
from geo.errors import SchemaError
from tests.geo.test_border import CHINA, LAOS


def saved(tmp_path, **columns):
    layer = gpd.GeoDataFrame(columns, geometry=[LAOS, CHINA, CHINA.offset_curve(-9000)], crs=METRIC)
    layer.to_file(tmp_path / "b.gpkg")
    return tmp_path / "b.gpkg"


@pytest.mark.parametrize(
    "names", [["LAO", "CHN", "VNM"], ["Lào", "Trung Quốc", "Sơn La"], ["laos", "CHINA", None], ["LA", "CN", ""]]
)
def test_neighbours_are_recognised_and_other_lines_left_out(tmp_path, names):
    sectors, findings = load_border(saved(tmp_path, giap=names), crs=METRIC)
    assert sectors.groupby("neighbour").size().to_dict() == {"CHN": 2, "LAO": 4}
    assert set(sectors["geometry_quality"]) == {"official"}
    assert [finding.check for finding in findings] == ["length", "neighbour"]
    assert findings[0].message.values == {
        "lengths": f"LAO {LAOS.length / 1000:.0f} km, CHN {CHINA.length / 1000:.0f} km",
        "n": 6,
    }


def test_cambodia_is_a_neighbour_too(tmp_path):
    sectors, findings = load_border(saved(tmp_path, giap=["Campuchia", "KHM", "Lào"]), crs=METRIC)
    assert set(sectors["neighbour"]) == {"KHM", "LAO"}
    assert sectors["sector_id"].str.startswith("KHM-").sum() == (sectors["neighbour"] == "KHM").sum()
    assert [finding.check for finding in findings] == ["length"]


def test_a_missing_neighbour_is_reported(tmp_path):
    sectors, findings = load_border(saved(tmp_path, giap=["LAO", "VNM", "VNM"]), crs=METRIC, expected={"LAO", "CHN"})
    assert set(sectors["neighbour"]) == {"LAO"}
    assert [str(f.message) for f in findings if f.check == "missing"] == [
        "There is no line to CHN; that border has no sectors now"
    ]


def test_a_file_that_names_no_neighbour_is_refused(tmp_path):
    with pytest.raises(SchemaError, match="no column names the neighbour"):
        load_border(saved(tmp_path, id=[1, 2, 3]), crs=METRIC)
    with pytest.raises(SchemaError, match="the column id names no neighbour"):
        load_border(saved(tmp_path, id=["a", "b", "c"]), crs=METRIC, columns={"neighbour": "id"})
    with pytest.raises(SchemaError, match="no column side"):
        load_border(saved(tmp_path, id=["a", "b", "c"]), crs=METRIC, columns={"neighbour": "side"})
