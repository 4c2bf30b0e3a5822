"""Backups come back byte for byte, or not at all. All data are made up."""

import json
import shutil
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest

import workflow
from geo.change import LOCK
from geo.errors import ReleaseError, WorkspaceError
from geo.ledger import LEDGER, sha256_of
from geo.workspace import Settings, Workspace
from maps.outputs import write_manifest
from maps.release import Level, released
from workflow.backup_ledger import BACKUPS, backups_of

NOW = datetime(2018, 1, 2, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path):
    made = Workspace.create(tmp_path / "w", Settings())
    with released(made.runs / "r1") as draft:
        (draft / "bản đồ.html").write_bytes(np.random.default_rng(0).bytes(20_000))
        write_manifest(draft, {}, Level.PLANNER)
    (made.folder / "notes.txt").write_text("mine")
    return made


def content(folder):
    """Return the bytes of each file, but for those that say what was done with the workspace since."""
    since = (LOCK, LEDGER, BACKUPS)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in since
    }


@pytest.mark.file_store  # settings of a copy name no database
def test_what_is_restored_is_what_was_backed_up_byte_for_byte(workspace, tmp_path):
    kept = workflow.backup(workspace.folder, tmp_path / "b.zip", now=NOW)
    restored = workflow.restore(tmp_path / "b.zip", tmp_path / "new")
    assert content(tmp_path / "new") == content(workspace.folder)
    assert restored.sha256 == kept.sha256 == sha256_of(tmp_path / "b.zip")
    assert restored.files == kept.files
    assert Workspace(tmp_path / "new").settings == workspace.settings
    assert workflow.verify(tmp_path / "new").is_whole


def test_the_same_files_make_the_same_backup(workspace, tmp_path):
    shutil.copytree(workspace.folder, tmp_path / "copy")
    one = workflow.backup(workspace.folder, tmp_path / "1.zip", now=NOW)
    other = workflow.backup(tmp_path / "copy", tmp_path / "2.zip")
    assert one.sha256 == other.sha256


def test_each_backup_is_noted_where_it_was_made_and_where_it_was_restored(workspace, tmp_path):
    kept = workflow.backup(workspace.folder, tmp_path / "b.zip", now=NOW)
    (noted,) = backups_of(workspace.folder)
    assert noted.model_dump() == {
        "file": str(tmp_path / "b.zip"),
        "made_at": "2018-01-02T00:00:00+00:00",
        "sha256": kept.sha256,
        "restored_at": None,
    }
    workflow.restore(tmp_path / "b.zip", tmp_path / "new", now=NOW)
    (came_from,) = backups_of(tmp_path / "new")
    assert (came_from.sha256, came_from.restored_at) == (kept.sha256, "2018-01-02T00:00:00+00:00")


def test_a_backup_is_not_put_into_the_workspace_or_over_another_file(workspace, tmp_path):
    with pytest.raises(ReleaseError, match="in the workspace itself"):
        workflow.backup(workspace.folder, workspace.folder / "b.zip")
    (tmp_path / "b.zip").write_text("mine")
    with pytest.raises(ReleaseError, match="exists already"):
        workflow.backup(workspace.folder, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_text() == "mine"
    assert backups_of(workspace.folder) == []


def test_a_link_is_refused_because_what_it_leads_to_is_not_ours(workspace, tmp_path):
    (workspace.folder / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(WorkspaceError, match="holds links"):
        workflow.backup(workspace.folder, tmp_path / "b.zip")


def test_damage_comes_into_the_backup_but_not_unsaid(workspace, tmp_path):
    hashes = workspace.folder / LEDGER
    hashes.write_text(f"{'0' * 64}  notes.txt\n" + hashes.read_text())
    kept = workflow.backup(workspace.folder, tmp_path / "b.zip")
    assert kept.damaged == 1
    assert "1 files in it are not as they were written" in str(kept.messages[-1])


def test_a_folder_in_use_is_not_restored_into(workspace, tmp_path):
    workflow.backup(workspace.folder, tmp_path / "b.zip")
    with pytest.raises(WorkspaceError, match="not an empty folder"):
        workflow.restore(tmp_path / "b.zip", workspace.folder)


def test_a_damaged_backup_restores_nothing(workspace, tmp_path):
    workflow.backup(workspace.folder, tmp_path / "b.zip")
    data = bytearray((tmp_path / "b.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        place = archive.getinfo("runs/r1/bản đồ.html").header_offset + 5000
    data[place] ^= 0xFF
    (tmp_path / "b.zip").write_bytes(data)
    with pytest.raises(WorkspaceError, match="zip is not unpacked"):
        workflow.restore(tmp_path / "b.zip", tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "w"]


def test_another_archive_is_not_restored(tmp_path):
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as made:
        made.writestr("archive.sha256", "")
    with pytest.raises(WorkspaceError, match="holds no workspace"):
        workflow.restore(tmp_path / "b.zip", tmp_path / "new")
    with pytest.raises(WorkspaceError, match="There is no file"):
        workflow.restore(tmp_path / "missing.zip", tmp_path / "new")


def test_a_damaged_list_of_backups_is_explained(workspace, tmp_path):
    (workspace.folder / BACKUPS).write_text(json.dumps([{"file": 1}]))
    with pytest.raises(WorkspaceError, match=r"backups.json is damaged"):
        workflow.backup(workspace.folder, tmp_path / "b.zip")
