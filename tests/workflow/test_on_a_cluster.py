"""Commands with independent pieces, done by two real workers: the same files, and whole workspaces when things fail."""

import os
import signal
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import workflow
from geo import cluster
from geo.change import changing
from geo.crs import METRIC
from geo.errors import ClusterError
from geo.workspace import Settings, Workspace
from tests.conftest import SCHEDULERS
from tests.dask_cluster import DaskCluster
from tests.workflow import small_province
from tests.workflow.small_province import CODES

NOW = datetime(2018, 1, 2, tzinfo=UTC)
VOLATILE = {"run.json"}
"""What bears the time of its making."""


@pytest.fixture(scope="module")
def dask():
    made = DaskCluster(SCHEDULERS)
    for _ in range(2):
        made.add_worker()
    made.wait_for(2)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A workspace whose work is done by this process."""
    folder = tmp_path_factory.mktemp("here")
    made = small_province.make(folder / "w")
    rng, n = np.random.default_rng(4), 200
    days = pd.Series(rng.choice(pd.date_range("2014-01-15", periods=48, freq="MS"), n)).dt.strftime("%Y-%m-%d")
    codes = rng.choice(CODES, n, p=[0.5, 0.3, 0.1, 0.1])
    same = {"commune_code": codes, "vintage": "2025-07-01", "date": days}
    small_province.add(made, "cases", folder, case_id=np.arange(n), victims=1, source="police", **same)
    small_province.add(made, "outreach", folder, session_id=np.arange(n), sessions=2, agency="police", **same)
    return made


@pytest.fixture
def there(here, dask, tmp_path):
    """The same workspace, whose settings name the cluster."""
    return moved(here, tmp_path, dask.address)


def moved(here, folder, address, **scale):
    workflow.backup(here.folder, folder / "b.zip")
    workflow.restore(folder / "b.zip", folder / "w")
    settings = here.settings.model_dump() | {"scale": {"scheduler": address, **scale}}
    (folder / "w" / "workspace.toml").write_text(Settings.checked(settings).to_toml(), encoding="utf-8")
    return Workspace(folder / "w")


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in VOLATILE}


def whole(workspace):
    """Tell whether all files are as they were written, and none is left over."""
    return workflow.verify(workspace.folder).is_whole and "cases" in Workspace(workspace.folder).store.names()


@pytest.fixture(scope="module")
def evaluated(here, tmp_path_factory):
    return workflow.evaluate_workspace(here, out=tmp_path_factory.mktemp("evaluated") / "e", windows=1, now=NOW)


def test_an_evaluation_has_the_same_bytes(evaluated, there, tmp_path):
    found = workflow.evaluate_workspace(there, out=tmp_path / "e", windows=1, now=NOW)
    assert len(found.evaluation.windows) == 1
    assert bytes_of(found.folder) == bytes_of(evaluated.folder)
    assert found.as_dict()["scores"] == evaluated.as_dict()["scores"]
    assert "scheduler" not in (found.folder / "run.json").read_text(encoding="utf-8")


def test_an_audit_has_the_same_bytes(here, there, tmp_path):
    audits = [workflow.audit(w, out=tmp_path / name, now=NOW) for name, w in (("here", here), ("there", there))]
    assert bytes_of(audits[0].folder) == bytes_of(audits[1].folder)
    assert len(audits[0].content.kinds)


def test_a_run_by_district_has_the_same_bytes(here, dask, tmp_path):
    runs = []
    for name, scheduler in (("a", "local"), ("b", dask.address)):
        (tmp_path / name).mkdir()
        workspace = moved(here, tmp_path / name, scheduler, by_district=True)
        communes = workspace.store.read("communes").assign(district=["A", "A", "B", "B"])
        with changing(workspace.folder) as change:
            change.write({"communes": communes})
        runs.append(workflow.run(workspace, out=tmp_path / name / "r", now=NOW))
    assert bytes_of(runs[0].folder) == bytes_of(runs[1].folder)


def test_a_raster_has_the_same_bytes(dask, tmp_path):
    rng = np.random.default_rng(8)
    places = gpd.GeoSeries.from_xy(rng.uniform(500_000, 540_000, 99), rng.uniform(2_400_000, 2_430_000, 99), crs=METRIC)
    gpd.GeoDataFrame(geometry=places).to_file(tmp_path / "points.gpkg")
    for name, scheduler in (("a.tif", "local"), ("b.tif", dask.address)):
        workflow.draw_density(tmp_path / "points.gpkg", tmp_path / name, cell_m=20, scheduler=scheduler)
    a, b = ((tmp_path / f"command_level_{name}").read_bytes() for name in ("a.tif", "b.tif"))
    assert a == b


def test_a_worker_killed_in_the_middle_of_an_evaluation_changes_no_byte(evaluated, there, dask, tmp_path):
    told = []

    def tell(*step):
        told.append(step)
        if len(told) == 6:
            os.kill(dask.pids()[0], signal.SIGKILL)

    found = workflow.evaluate_workspace(there, out=tmp_path / "e", windows=1, now=NOW, tell=tell)
    assert len(told) > 6
    assert bytes_of(found.folder) == bytes_of(evaluated.folder)


def test_a_scheduler_that_goes_away_in_the_middle_leaves_the_workspace_whole(here, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    going = DaskCluster(SCHEDULERS)
    going.add_worker()
    workspace, told = moved(here, tmp_path, going.address), []

    def tell(*step):
        told.append(step)
        if len(told) == 6:
            os.kill(going.scheduler.pid, signal.SIGKILL)

    try:
        with pytest.raises(ClusterError, match=going.address):
            workflow.train(workspace, tell=tell)
    finally:
        going.stop()
    assert len(told) >= 6
    assert not list(workspace.models.glob("*"))
    assert whole(workspace)
    with pytest.raises(ClusterError, match="no scheduler answers"):
        workflow.train(workspace)
    assert whole(workspace)
