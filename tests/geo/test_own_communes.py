"""Layers of other places, made up: what they say is all that is known."""

import geopandas as gpd
import numpy as np
import pytest

from geo.crs import STORED
from geo.errors import CrsError, SchemaError
from geo.own_communes import load_own_communes
from models.country import CRS, simulate_country

COUNTRY = simulate_country(communes=30, provinces=3, area_km2=3_000, edge_m=5_000).communes
COLUMNS = {"commune_code": "MaXa", "name": "TenXa", "population": "DanSo"}


@pytest.fixture
def layer():
    words = (
        "Ban Bình Châu Dương Đình Giang Hải Hòa Kim Lâm Long Mai Minh Nam Ngọc Phong Quang Sơn Tân Thành Thủy Vân Yên"
    )
    names = [f"Xã Giả {word}" for word in words.split()] + ["Xã Giả Ban"] * 7
    return gpd.GeoDataFrame(
        {
            "MaXa": COUNTRY["commune_code"].astype(int),  # a spreadsheet has eaten the zeros
            "TenXa": names,
            "Tinh": COUNTRY["province_code"],
            "DanSo": COUNTRY["population"],
        },
        geometry=COUNTRY.geometry,
        crs=CRS,
    )


def loaded(tmp_path, layer, crs=CRS, **options):
    layer.to_file(tmp_path / "xa.gpkg")
    return load_own_communes(tmp_path / "xa.gpkg", vintage="2025-07-01", crs=crs, **{"columns": COLUMNS, **options})


def test_units_are_what_the_file_says_and_areas_are_measured(tmp_path, layer):
    found = loaded(tmp_path, layer, columns={**COLUMNS, "district": "Tinh"})
    units = found.communes.set_index("commune_code")
    expected = COUNTRY.set_index("commune_code")
    assert found.usable
    assert units.crs == STORED
    assert units["population"].tolist() == expected["population"].tolist()
    assert units["district"].tolist() == expected["province_code"].tolist()
    np.testing.assert_allclose(units["area_km2"], expected["area_km2"], rtol=1e-6)
    assert units["border_km_laos"].isna().all()


def test_columns_of_our_names_need_not_be_named(tmp_path, layer):
    ours = layer.rename(columns={theirs: ours for ours, theirs in COLUMNS.items()})
    assert len(loaded(tmp_path, ours, columns={}).communes) == 30


def test_no_column_is_guessed(tmp_path, layer):
    with pytest.raises(
        SchemaError, match="no column commune_code, name, population; name it with --column commune_code"
    ):
        loaded(tmp_path, layer, columns={})
    with pytest.raises(SchemaError, match="no column area"):
        loaded(tmp_path, layer, columns={**COLUMNS, "area": "DanSo"})


def test_names_that_several_units_bear_are_told(tmp_path, layer):
    shared = [one for one in loaded(tmp_path, layer).findings if one.check == "shared"]
    assert "8 units share their name with another one, 8 of them within one" in str(shared[0].message)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("MaXa", 2, "of 30 units 2 have no code of five digits of their own, 0 no name, and 0 no population"),
        ("MaXa", 123456, "of 30 units 1 have no code"),
        ("TenXa", None, "0 have no code of five digits of their own, 1 no name"),
        ("DanSo", np.nan, "0 no name, and 1 no population"),
        ("DanSo", -1, "0 no name, and 1 no population"),
    ],
)
def test_what_is_missing_is_counted(tmp_path, layer, column, value, said):
    layer[column] = layer[column].astype(object if isinstance(value, str | None) else float)
    layer.loc[0, column] = value
    with pytest.raises(SchemaError, match=said):
        loaded(tmp_path, layer)


def test_a_metric_crs_of_elsewhere_is_refused(tmp_path, layer):
    with pytest.raises(CrsError, match="lengths in EPSG:32651 are wrong"):
        loaded(tmp_path, layer, crs="EPSG:32651")
