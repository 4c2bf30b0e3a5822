"""Layers, columns and communes whose names are SQL: they stay names, whatever reads and writes them. All made up."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import geopandas as gpd
import pyogrio
import pytest

import workflow
from geo.change import changing
from geo.errors import IntakeError
from tests.conftest import SIDE, SOUTH, WEST, commune_layer, square
from tests.workflow import small_province
from tests.workflow.small_province import CODES

NOW = datetime(2018, 1, 2, tzinfo=UTC)
LAYER = 'a"; DROP TABLE cases; --'
COLUMNS = {"date": 'd\'); DROP TABLE "communes"; --', "source": '" OR 1=1 --', "victims": "v`]; DELETE FROM cases; --"}
NAMES = ["'; DROP TABLE communes; --", '"); DELETE FROM communes; --', "a' OR '1'='1", "%_' ESCAPE '\\"]


def hostile_file(path):
    middles = gpd.GeoSeries.from_xy([WEST + SIDE / 2] * 2, [SOUTH + SIDE / 2] * 2, crs="EPSG:9205").to_crs(4326)
    values = {"date": ["2015-03-01", "2016-03-01"], "source": "police", "victims": 1}
    frame = gpd.GeoDataFrame(
        {"case_id": ["'; DROP TABLE cases; --", "b"], "data_kind": "simulated"}
        | {COLUMNS[name]: value for name, value in values.items()},
        geometry=middles,
    )
    pyogrio.write_dataframe(frame, path, layer=LAYER, driver="GPKG")
    return path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    made = small_province.make(folder / "w")
    shapes = [square(0, 0), square(1, 0), square(0, 1), square(1, 1)]
    named = commune_layer(shapes, CODES, NAMES).assign(name=NAMES, border_km_laos=[10.0, 0.0, 10.0, 0.0])
    with changing(made.folder) as change:
        change.write({"communes": named})
    same = {"case_id": ["x"], "date": "2015-05-01", "commune_code": CODES[0], "vintage": "2025-07-01", "victims": 1}
    small_province.add(made, "cases", folder, **same, source="police")
    return made


def test_names_of_layers_and_columns_are_never_run(workspace, tmp_path):
    before = set(workspace.store.names())
    file = hostile_file(tmp_path / "t.gpkg")
    added = workflow.add(workspace, "cases", file, layer=LAYER, columns=COLUMNS, now=NOW)
    assert (added.read, added.accepted) == (2, 2), added.messages
    workflow.add_covariate(workspace, "near", file, stat="distance", layer=LAYER, now=NOW)
    store = workspace.store
    assert set(store.names()) == before | {"covariates"}
    assert store.read("communes")["name"].tolist() == NAMES
    assert sorted(store.read("cases")["case_id"]) == ["'; DROP TABLE cases; --", "b", "x"]
    with pytest.raises(IntakeError, match="cannot be the name of a covariate"):
        workflow.add_covariate(workspace, "x; DROP TABLE covariates", file, stat="distance", layer=LAYER, now=NOW)


def test_names_of_communes_are_never_run_in_what_is_written(workspace, tmp_path):
    folder = workflow.run(workspace, out=tmp_path / "out", now=NOW).folder
    written = pyogrio.read_dataframe(folder / "hotspots.gpkg", layer="communes")
    assert sorted(NAMES) == sorted(next(column for _, column in written.items() if set(column) == set(NAMES)))
    with closing(sqlite3.connect(folder / "hotspots.gpkg")) as package:
        assert package.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
