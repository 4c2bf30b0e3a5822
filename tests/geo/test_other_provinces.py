"""A made-up province in the form of vietnamadminunits 1.0.4."""

import json
import sqlite3
from contextlib import closing

import pytest

from geo.errors import SchemaError
from geo.other_provinces import province_crosswalk


@pytest.fixture
def folder(tmp_path):
    converter = {
        "DICT_PROVINCE_WARD_NO_DIVIDED": {
            "tinhsonga": {
                "xamot": ["tinhsonga_huyenx_xamot", "tinhsongb_huyeny_xahai"],
                "dackhuba": ["tinhsongb_huyenz_"],
            }
        },
        "DICT_PROVINCE_WARD_DIVIDED": {
            "tinhsonga": {"tinhsonga_huyenx_xaba": [{"newWardKey": "xamot"}, {"newWardKey": "xahai"}]}
        },
    }
    (tmp_path / "converter_2025.json").write_text(json.dumps(converter), encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "dataset.db")) as database:
        database.execute("CREATE TABLE admin_units (province, provinceKey, wardKey, wardCode)")
        database.executemany(
            "INSERT INTO admin_units VALUES ('Tỉnh Sông A', 'tinhsonga', ?, ?)",
            [("xamot", "00001"), ("xahai", "00004"), ("dackhuba", "00007")],
        )
        database.execute("CREATE TABLE admin_units_legacy (provinceKey, districtKey, wardKey, wardCode)")
        database.executemany(
            "INSERT INTO admin_units_legacy VALUES (?, ?, ?, ?)",
            [
                ("tinhsonga", "huyenx", "xamot", "00001"),
                ("tinhsonga", "huyenx", "xaba", "00002"),
                ("tinhsongb", "huyeny", "xahai", "00003"),
                ("tinhsongb", "huyenz", None, None),
            ],
        )
        database.commit()
    return tmp_path


def test_the_parts_of_a_province_are_read_by_code(folder):
    walk = province_crosswalk("song a", "2020-01-01", folder)
    assert walk.parts[["old_code", "new_code", "whole"]].to_numpy().tolist() == [
        ["00001", "00001", True],
        ["00002", "00001", False],
        ["00002", "00004", False],
        ["00003", "00001", True],
    ]
    assert (walk.old, walk.new) == ("2020-01-01", "2025-07-01")
    assert walk.parts[["population", "area_km2"]].isna().all(axis=None)


def test_a_province_that_is_none_is_named(folder):
    with pytest.raises(SchemaError, match="Sông B is not the name of a province since July 2025"):
        province_crosswalk("Sông B", "2020-01-01", folder)


def test_a_missing_package_is_explained(monkeypatch):
    monkeypatch.setattr("geo.other_provinces.find_spec", lambda _: None)
    with pytest.raises(SchemaError, match="pip install --no-deps vietnamadminunits"):
        province_crosswalk("Sông A", "2020-01-01")
