"""What `diemnong verify` names: every file that is not as it was written, and nothing else. All data are made up."""

import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime

import pandas as pd
import pytest

import workflow
from geo.errors import WorkspaceError
from geo.geopackage import STORE, GeoPackage
from geo.ledger import LEDGER
from maps.outputs import write_manifest
from maps.release import Level, released

NOW = datetime(2018, 1, 2, tzinfo=UTC)
ROWS = {
    "case_id": ["p1", "p2", "p3"],
    "date": ["2017-03-03", "2017-05-05", "2017-13-13"],
    "victims": [1, 2, 3],
    "source": "police",
    "commune_code": "03160",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace with an intake that has a fix list, and an output."""
    folder = tmp_path_factory.mktemp("made")
    workspace = workflow.init(folder / "w")
    pd.DataFrame(ROWS).to_csv(folder / "cases.csv", index=False)
    workflow.add(workspace, "cases", folder / "cases.csv", now=NOW)
    with released(workspace.runs / "r1") as draft:
        (draft / "map.html").write_text("<p>made up</p>")
        write_manifest(draft, {}, Level.PLANNER)
    return workspace.folder


@pytest.fixture
def folder(made, tmp_path):
    import shutil

    shutil.copytree(made, tmp_path / "w")
    return tmp_path / "w"


@pytest.fixture
def intake(folder):
    return next((folder / "intake").iterdir()).relative_to(folder).as_posix()


def flip(file, place=0.5):
    data = bytearray(file.read_bytes())
    data[int(len(data) * place)] ^= 0xFF
    file.write_bytes(data)


def test_a_workspace_as_it_was_written_is_whole(folder):
    found = workflow.verify(folder)
    assert found.is_whole
    assert found.checked == len([path for path in folder.rglob("*") if path.is_file()]) - 2  # the lock, the ledger
    assert [str(message) for message in found.messages] == [
        f"{found.checked} files checked: all are as they were written"
    ]


def test_every_single_file_is_watched(folder):
    """Flip one byte of any file, and this file is named, and no other."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", LEDGER)]
    assert len(files) >= 5
    for file in files:
        before = file.read_bytes()
        flip(file)
        found = workflow.verify(folder)
        named = {*found.damaged, *found.changed, *found.edited}
        assert named == {file.relative_to(folder).as_posix()}, file
        assert not found.is_whole or found.edited
        file.write_bytes(before)
    assert workflow.verify(folder).is_whole


@pytest.mark.file_store
def test_a_corrupted_page_of_the_store_is_damage(folder):
    data = bytearray((folder / STORE).read_bytes())
    data[4096 * 5 : 4096 * 5 + 200] = bytes(200)
    (folder / STORE).write_bytes(data)
    assert workflow.verify(folder).damaged == (STORE,)
    (folder / STORE).write_bytes(data[:-5000])
    assert workflow.verify(folder).damaged == (STORE,)


@pytest.mark.file_store
def test_a_store_that_another_program_wrote_is_changed_not_damaged(folder):
    with closing(sqlite3.connect(folder / STORE)) as store:
        store.execute("UPDATE cases SET victims = 9")
        store.commit()
    found = workflow.verify(folder)
    assert (found.changed, found.damaged, found.is_whole) == ((STORE,), (), False)


def test_settings_edited_by_hand_are_said_and_are_no_damage(folder):
    settings = folder / "workspace.toml"
    settings.write_text(settings.read_text().replace("seed = 0", "seed = 7"))
    found = workflow.verify(folder)
    assert (found.edited, found.is_whole) == (("workspace.toml",), True)
    settings.write_bytes(settings.read_bytes()[:100] + b"\xff")
    assert workflow.verify(folder).damaged == ("workspace.toml",)


def test_a_fix_list_damaged_anywhere_is_named_and_ends_in_no_traceback(folder, intake):
    fixlist = folder / intake / "fixlist.xlsx"
    data = fixlist.read_bytes()
    for place in range(0, len(data), 150):  # names, sizes, flags, deflated bytes, checksums, the directory
        fixlist.write_bytes(data[:place] + bytes([data[place] ^ 0x3F]) + data[place + 1 :])
        found = workflow.verify(folder)
        assert {*found.damaged, *found.edited} == {f"{intake}/fixlist.xlsx"}, place


def test_a_fix_list_that_was_mended_is_edited_and_a_torn_one_is_damaged(folder, intake):
    fixlist = folder / intake / "fixlist.xlsx"
    data = fixlist.read_bytes()
    with zipfile.ZipFile(fixlist, "a") as book:
        book.writestr("xl/comments1.xml", "<x/>")
    assert workflow.verify(folder).edited == (f"{intake}/fixlist.xlsx",)
    fixlist.write_bytes(data[:-100])
    assert workflow.verify(folder).damaged == (f"{intake}/fixlist.xlsx",)


def test_what_is_missing_and_what_is_unknown_is_named(folder, intake):
    (folder / intake / "intake.json").unlink()
    (folder / "runs" / "r1" / "map.html").unlink()
    (folder / intake / "extra.csv").touch()
    (folder / "notes.txt").touch()
    found = workflow.verify(folder)
    assert found.missing == (f"{intake}/intake.json", "runs/r1/map.html")
    assert found.unknown == (f"{intake}/extra.csv",)
    assert found.own == ("notes.txt",)
    assert not found.is_whole


@pytest.mark.parametrize(("text", "kind"), [(None, "missing"), ("?", "damaged")])
def test_without_hashes_nothing_is_vouched_for(folder, text, kind):
    (folder / LEDGER).unlink()
    if text:
        (folder / LEDGER).write_text(text)
    found = workflow.verify(folder)
    assert getattr(found, kind) == (LEDGER,)
    assert {"workspace.toml", *(name for name in [STORE] if (folder / name).exists())} <= set(found.unknown)


def test_a_model_that_is_truncated_or_gone_is_named(folder):
    model = folder / "models" / "m1"
    model.mkdir(parents=True)
    (model / "card.json").write_text(json.dumps({"sha256": "0" * 64}))
    (model / "model.skops").write_text("torn")
    (folder / "models" / "in_use.json").write_text('{"model": "m2"}')
    found = workflow.verify(folder)
    assert found.damaged == ("models/in_use.json", "models/m1/model.skops")


@pytest.mark.file_store
def test_a_change_that_was_killed_is_no_damage(folder):
    """Once made, it is finished, and its hashes are those that count."""
    commit = folder / ".commit" / "files"
    commit.mkdir(parents=True)
    before = (folder / STORE).read_bytes()
    store = GeoPackage(commit / STORE)
    (commit / STORE).write_bytes(before)
    store.write({"cases": store.read("cases").iloc[:1]})
    from geo.ledger import listed_hashes, read_hashes, sha256_of

    hashes = read_hashes(folder / LEDGER) | {STORE: sha256_of(commit / STORE)}
    (commit / LEDGER).write_text(listed_hashes(hashes))
    (commit / STORE).replace(folder / STORE)  # killed after the store, before the hashes
    assert workflow.verify(folder).is_whole
    assert not (folder / ".commit").exists()


def test_a_folder_that_is_no_workspace_is_explained(tmp_path):
    with pytest.raises(WorkspaceError, match="is not a workspace"):
        workflow.verify(tmp_path)
