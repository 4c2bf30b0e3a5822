"""Each command that changes a workspace is kept out while another one is at work there; those that read are not."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

import workflow
from geo import change
from geo.change import locked
from geo.errors import WorkspaceError

NOW = datetime(2018, 1, 2, tzinfo=UTC)
WORDS = "a made-up passphrase"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locking")
    made = workflow.init(folder / "w")
    rows = {"case_id": ["c1"], "date": "2017-03-31", "commune_code": "03160", "victims": 1, "source": "police"}
    pd.DataFrame(rows).to_csv(folder / "cases.csv", index=False)
    pd.DataFrame({"x": [103.0], "y": [21.4]}).to_csv(folder / "schools.csv", index=False)
    workflow.add(made, "cases", folder / "cases.csv", now=NOW)
    return made


def intake(workspace):
    return workflow.intakes(workspace)[0]["intake_id"]


WRITING = {
    "add": lambda w: workflow.add(w, "cases", w.folder.parent / "cases.csv", now=NOW),
    "add covariate": lambda w: workflow.add_covariate(w, "schools", w.folder.parent / "schools.csv", stat="distance"),
    "undo": lambda w: workflow.undo(w, intake(w), now=NOW),
    "promote": lambda w: workflow.promote(w),
    "train": lambda w: workflow.train(w),
    "forget": lambda w: workflow.forget(w, date(2018, 1, 1)),
    "backup": lambda w: workflow.backup(w.folder, w.folder.parent / "b.zip"),
    "protect": lambda w: workflow.protect(w.folder, passphrase=WORDS),
    "verify": lambda w: workflow.verify(w.folder),
}
READING = {
    "check": lambda w: workflow.check(w),
    "read layers": lambda w: workflow.read_layers(w),
    "add --dry-run": lambda w: workflow.add(w, "cases", w.folder.parent / "cases.csv", dry_run=True),
    "forget --dry-run": lambda w: workflow.forget(w, date(2018, 1, 1), dry_run=True),
}


@pytest.mark.parametrize("command", WRITING)
def test_what_writes_is_kept_out(workspace, command, monkeypatch):
    monkeypatch.setattr(change, "PATIENCE_S", 0.05)
    before = {path: path.read_bytes() for path in workspace.folder.rglob("*") if path.is_file()}
    with locked(workspace.folder), pytest.raises(WorkspaceError, match="Another diemnong is at work in w"):
        WRITING[command](workspace)
    assert {path: path.read_bytes() for path in workspace.folder.rglob("*") if path.is_file()} == before
    assert not list(workspace.folder.parent.glob("*.zip*"))


@pytest.mark.parametrize("command", READING)
def test_what_reads_is_not(workspace, command):
    with locked(workspace.folder):
        READING[command](workspace)
