"""A store copied from a file into a database and back is the same row by row, or nothing is copied."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

import workflow
from geo.errors import WorkspaceError
from geo.geopackage import STORE, GeoPackage
from geo.postgis import Change
from geo.store import LAYERS
from geo.stores import open_store
from geo.workspace import SETTINGS, Settings
from workflow.copying_store import _same

DAYS = pd.to_datetime(["2017-12-31", "2016-02-29", "1999-12-31"]).astype("datetime64[ns]")


@pytest.fixture
def file(tmp_path, communes):
    """A store with values that copies like to lose."""
    store = GeoPackage(tmp_path / "from.gpkg")
    cases = pd.DataFrame(
        {
            "case_id": ["c", "a", "b\t\"\\N\n'; DROP TABLE cases; --"],
            "date": DAYS,
            "lon": [103.0 + 1e-13, np.nan, -0.1 - 0.2],
            "commune_code": ["00001", None, ""],
            "village": ["\\N", "Bản Nà Tòng ạ̣", None],
            "victims": pd.array([1, 2**53 + 1, 0], dtype="Int64"),
            "offenders": pd.array([None, 2, None], dtype="Int64"),
            "source": ["police", "other", "hotline"],
        }
    )
    line = shapely.from_wkt("LINESTRING Z (103 21 900, 103.1 21.1 950)")
    shapes = [shapely.Point(103.123456789012345, 21), None, shapely.Point(103, 21)]
    crossings = gpd.GeoDataFrame(
        {
            "crossing_id": ["x", "y", "z"],
            "name": "made up",
            "kind": "trail",
            "neighbour": "LAO",
            "commune_code": "00001",
            "position_quality": "demo",
        },
        geometry=shapes,
        crs="EPSG:4326",
    )
    roads = {"speed_kmh": [np.nan], "file": "f", "sha256": "0" * 64, "data_kind": "simulated"}
    links = pd.DataFrame({"id_a": ["a"], "id_b": ["c"], "score": [1 / 3], "status": ["proposed"]})
    store.write(
        {
            "communes": communes,
            "cases": cases.astype({"case_id": "str", "commune_code": "str", "village": "str", "source": "str"}),
            "crossings": crossings,
            "roads": gpd.GeoDataFrame(roads, geometry=[line], crs="EPSG:4326"),
            "links": links,
        }
    )
    return store


def assert_same(one, other):
    for name in LAYERS:
        before, after = one.read(name), other.read(name)
        if isinstance(before, gpd.GeoDataFrame):
            assert_geodataframe_equal(before, after)
            assert list(before.geometry.to_wkb()) == list(after.geometry.to_wkb())
        else:
            assert_frame_equal(before, after, check_exact=True)


def test_a_store_comes_back_from_a_database_as_it_went(file, address, tmp_path):
    copied = workflow.copy_store(str(file.path), address)
    assert copied.rows == {"communes": 4, "crossings": 3, "cases": 3, "links": 1, "roads": 1}
    assert_same(file, open_store(address))
    assert workflow.copy_store(address, str(tmp_path / "back.gpkg")).rows == copied.rows
    assert_same(file, GeoPackage(tmp_path / "back.gpkg"))


def test_a_target_that_holds_anything_is_refused(file, address, tmp_path):
    workflow.copy_store(str(file.path), address)
    with pytest.raises(WorkspaceError, match="The database is not empty: it holds communes, crossings, cases"):
        workflow.copy_store(str(file.path), address)
    with pytest.raises(WorkspaceError, match="from.gpkg is there already".replace(".", r"\.")):
        workflow.copy_store(address, str(file.path))
    with pytest.raises(WorkspaceError, match="There is no file nothing"):
        workflow.copy_store(str(tmp_path / "nothing.gpkg"), address)


def test_a_row_that_comes_out_otherwise_stops_the_copy(file, address, monkeypatch):
    """Nothing of it stays, and the error says where, not what."""
    read = Change.read

    def read_otherwise(change, name):
        frame = read(change, name)
        return frame.assign(village=frame["village"].str.strip("ạ̣")) if name == "cases" else frame

    monkeypatch.setattr(Change, "read", read_otherwise)
    with pytest.raises(WorkspaceError, match="cases: village came out otherwise in row 2; nothing was copied"):
        workflow.copy_store(str(file.path), address)
    monkeypatch.undo()
    assert open_store(address).names() == []


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (pd.Series([0.1 + 0.2, np.nan]), pd.Series([0.3, np.nan]), [False, True]),
        (pd.Series([np.nan, 1.0]), pd.Series([0.0, np.nan]), [False, False]),
        (pd.Series(["", None], dtype="str"), pd.Series([None, None], dtype="str"), [False, True]),
        (pd.Series([None, 1], dtype="Int64"), pd.Series([None, 2], dtype="Int64"), [True, False]),
        (
            pd.Series([shapely.Point(1, 2), None], name="geometry"),
            pd.Series([shapely.Point(1, 2 + 1e-15), None], name="geometry"),
            [False, True],
        ),
    ],
)
def test_the_comparison_tells_the_last_bit(before, after, same):
    assert _same(before, after).tolist() == same


def test_columns_without_a_place_stop_the_copy(file, address, communes):
    file.write({"communes": communes.assign(remark="made up")})
    with pytest.raises(WorkspaceError, match="communes has columns that a database has no place for: remark"):
        workflow.copy_store(str(file.path), address)
    assert open_store(address).names() == []


def test_layers_of_other_programs_are_named(file, address):
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), file.path, layer="layer_styles", driver="GPKG")
    said = "".join(map(str, workflow.copy_store(str(file.path), address).messages))
    assert "Not copied, because they are not of this program: layer_styles" in said


def test_a_workspace_moves_to_a_database_and_back(tmp_path, address):
    made = workflow.init(tmp_path / "w")
    before = made.store.read_together(LAYERS)
    workflow.copy_store(str(made.layers), address)
    settings = made.folder / SETTINGS
    alone = settings.read_text(encoding="utf-8")
    settings.write_text(Settings(store=address).to_toml(), encoding="utf-8")
    told = workflow.verify(made.folder)
    assert (told.is_whole, told.left, told.edited) == (True, (STORE,), (SETTINGS,))
    made.layers.unlink()
    assert workflow.verify(made.folder).is_whole
    workflow.copy_store(address, str(made.layers))
    settings.write_text(alone, encoding="utf-8")
    assert workflow.verify(made.folder).messages[0].template == "{n} files checked: all are as they were written"
    after = type(made)(made.folder).store.read_together(LAYERS)
    for name in LAYERS:
        assert_frame_equal(pd.DataFrame(before[name]), pd.DataFrame(after[name]))
