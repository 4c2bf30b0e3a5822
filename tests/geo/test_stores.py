import os
import sqlite3
from contextlib import closing

import pandas as pd
import pyogrio
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from geo import geopackage
from geo.errors import WorkspaceError
from geo.geopackage import GeoPackage
from geo.schema import CASES, COMMUNES, TABLES
from geo.store import LAYERS
from geo.stores import open_store


@pytest.fixture
def file_store(tmp_path):
    return GeoPackage(tmp_path / "layers.gpkg")


@pytest.fixture(params=["file", "database"])
def store(request, tmp_path):
    """Each store in turn, empty."""
    place = str(tmp_path / "layers.gpkg") if request.param == "file" else request.getfixturevalue("address")
    return open_store(place)


@pytest.fixture
def cases():
    return pd.DataFrame(
        {
            "case_id": ["a", "b"],
            "date": pd.to_datetime(["2017-01-31", "2017-02-01"]).astype("datetime64[ns]"),
            "commune_code": ["00001", None],
            "victims": pd.array([1, 2], dtype="Int64"),
            "offenders": pd.array([None, 2], dtype="Int64"),
            "source": ["police", "other"],
        }
    ).astype({"case_id": "str", "commune_code": "str", "source": "str"})


def test_tables_come_back_as_they_went(store, cases):
    store.write({"cases": cases})
    back = store.read("cases")
    CASES.validate(back)
    assert_frame_equal(back[cases.columns], cases)


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
def test_a_table_comes_back_as_it_went_however_many_rows_are_read_at_one_time(file_store, cases, monkeypatch, at_once):
    monkeypatch.setattr(geopackage, "AT_ONCE", at_once)
    more = pd.concat([cases, cases.assign(case_id=["c", "d"], victims=pd.NA, offenders=pd.NA)], ignore_index=True)
    more = more.astype(cases.dtypes)
    for rows in (more, more.iloc[1:3], more.iloc[:1], more):
        file_store.write({"cases": rows.reset_index(drop=True)})
        assert_frame_equal(file_store.read("cases")[cases.columns], rows.reset_index(drop=True))


def test_layers_come_back_as_they_went(store, communes):
    store.write({"communes": communes})
    back = store.read("communes")
    COMMUNES.validate(back)
    assert_geodataframe_equal(back[communes.columns], communes, check_dtype=False, check_geom_type=True)


def test_writing_one_table_keeps_the_others(store, communes, cases):
    store.write({"communes": communes})
    store.write({"cases": cases})
    store.write({"cases": cases.iloc[:1]})
    assert sorted(store.names()) == ["cases", "communes"]
    assert len(store.read("cases")) == 1
    assert len(store.read("communes")) == 4


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_what_was_never_added_is_empty_and_typed(store, name):
    empty = store.read(name)
    assert empty.empty
    assert set(LAYERS[name].columns) <= set(empty.columns)
    if name in TABLES:
        TABLES[name].validate(empty)


def test_a_failed_write_leaves_the_old_store(file_store, cases, monkeypatch):
    file_store.write({"cases": cases})
    before = file_store.path.read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(pyogrio, "write_dataframe", full)
    with pytest.raises(WorkspaceError, match="disk is full"):
        file_store.write({"cases": cases})
    assert file_store.path.read_bytes() == before
    assert [path.name for path in file_store.path.parent.iterdir()] == ["layers.gpkg"]


def test_a_text_that_is_no_utf_8_is_told_and_not_quoted(file_store, cases):
    file_store.write({"cases": cases})
    with closing(sqlite3.connect(file_store.path)) as file:
        file.execute("UPDATE cases SET case_id = CAST(x'ff626164' AS TEXT) WHERE fid = 1")
        file.commit()
    with pytest.raises(WorkspaceError, match="cases holds values of another type") as refused:
        file_store.read("cases")
    assert "bad" not in str(refused.value)


@pytest.mark.parametrize("column", ["victims", "offenders"])
def test_a_text_where_a_number_belongs_is_no_0(file_store, cases, column):
    """SQLite keeps what it is given, and GDAL reads it as 0."""
    file_store.write({"cases": cases})
    with closing(sqlite3.connect(file_store.path)) as file:
        file.execute(f"UPDATE cases SET {column} = 'bad' WHERE fid = 2")  # noqa: S608
        file.commit()
    with pytest.raises(WorkspaceError, match="cases holds values of another type") as refused:
        file_store.read("cases")
    assert "bad" not in str(refused.value)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_table_written_some_rows_at_a_time_comes_back_whole(file_store, cases, monkeypatch, rows):
    monkeypatch.setattr(geopackage, "AT_ONCE", rows)
    file_store.write({"cases": cases})
    assert_frame_equal(file_store.read("cases")[cases.columns], cases)
    file_store.write({"cases": cases.iloc[1:]})
    assert file_store.read("cases")["case_id"].tolist() == ["b"]


def test_a_damaged_store_is_said_to_be_damaged(file_store, cases):
    file_store.path.write_bytes(b"not a database" * 100)
    with pytest.raises(WorkspaceError, match="damaged"):
        file_store.read("cases")
