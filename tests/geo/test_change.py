import os
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest

from geo import change as changes
from geo.change import COMMIT, LOCK, changing, current, finish
from geo.errors import WorkspaceError
from geo.geopackage import STORE, GeoPackage
from geo.ledger import LEDGER, read_hashes, sha256_of
from tests.killing import killed_at


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "w"
    (made / "intake" / "i1").mkdir(parents=True)
    put(made, **{STORE: "old", "intake/i1/links.xlsx": "old", "intake/i1/intake.json": "old"})
    return made


def put(folder, gone=(), **files):
    with changing(folder) as change:
        for path, text in files.items():
            change.draft(folder / path).write_text(text)
        for path in gone:
            change.remove(folder / path)


def state(folder):
    """Return the files of a workspace and what they hold, but for the lock."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != LOCK
    }


def test_a_change_is_made_with_its_hashes(folder):
    put(folder, gone=["intake/i1/links.xlsx"], **{STORE: "new", "intake/i2/intake.json": "new"})
    found = state(folder)
    assert found.pop(LEDGER)
    assert found == {STORE: "new", "intake/i1/intake.json": "old", "intake/i2/intake.json": "new"}
    assert read_hashes(folder / LEDGER) == {path: sha256_of(folder / path) for path in found}


def test_an_error_changes_nothing(folder):
    before = state(folder)

    def fail():
        with changing(folder) as change:
            change.draft(folder / STORE).write_text("new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert state(folder) == before


def test_a_change_killed_at_any_step_is_made_whole_or_not_at_all(folder, tmp_path):
    """GeoPackage, report, lists that go and hashes: never one without the others, whatever a process was killed at."""
    old = state(folder)
    new = {"gone": ["intake/i1/links.xlsx"], STORE: "new", "intake/i1/intake.json": "undone", "intake/i2/a": "new"}
    reference = tmp_path / "reference"
    reference.mkdir()
    put(reference, **{path: text for path, text in old.items() if path != LEDGER})
    put(reference, **new)
    found = []
    for step in range(1, 1000):
        put(folder, gone=["intake/i2"], **{path: text for path, text in old.items() if path != LEDGER})
        (folder / "intake" / "i2").rmdir() if (folder / "intake" / "i2").exists() else None
        if not killed_at(step, lambda: put(folder, **new)):
            break
        assert (folder / STORE).read_text() in ("old", "new"), "what readers see without a lock"
        put(folder)  # the next command that changes anything
        found.append(state(folder))
        assert found[-1] in (old, state(reference)), step
    assert len(found) > 20
    assert old in found
    assert state(reference) in found


def test_what_was_made_and_not_finished_is_seen_where_it_is(folder):
    commit = folder / COMMIT / "files"
    commit.mkdir(parents=True)
    (commit / STORE).write_text("new")
    assert current(folder, STORE).read_text() == "new"
    assert current(folder, "intake/i1/intake.json").read_text() == "old"
    finish(folder)
    assert (folder / STORE).read_text() == "new"
    assert not (folder / COMMIT).exists()


@contextmanager
def somebody_at_work(folder):
    context = get_context("fork")
    begun, end = context.Event(), context.Event()

    def work():
        with changing(folder):
            begun.set()
            end.wait()

    process = context.Process(target=work)
    process.start()
    begun.wait()
    try:
        yield process
    finally:
        if process.is_alive():  # an event waits for its sleepers to wake, and one that was killed never does
            end.set()
        process.join()


def test_the_second_process_is_told_that_another_is_at_work(folder, monkeypatch):
    monkeypatch.setattr(changes, "PATIENCE_S", 0.1)
    before = state(folder)
    with somebody_at_work(folder), pytest.raises(WorkspaceError, match="Another diemnong is at work in w; wait"):
        put(folder, **{STORE: "new"})
    assert {path: text for path, text in state(folder).items() if ".draft." not in path} == before
    put(folder, **{STORE: "new"})
    assert state(folder)[STORE] == "new"


def test_a_killed_process_holds_no_lock(folder):
    with somebody_at_work(folder) as process:
        process.kill()
        process.join()
        put(folder, **{STORE: "new"})
    assert state(folder)[STORE] == "new"


def test_a_reader_never_sees_tables_of_two_states(tmp_path):
    """A store that is replaced between two tables is read again."""
    store = GeoPackage(tmp_path / STORE)
    links = pd.DataFrame({"id_a": ["a"], "id_b": ["b"], "score": [0.5], "status": ["proposed"]})
    villages = pd.DataFrame({"village": ["v"], "commune_code": ["00001"], "vintage": None, "lon": 103.0, "lat": 21.0})
    store.write({"links": links, "villages": villages})

    class Slow(GeoPackage):
        reads = 0

        def read(self, name):
            self.reads += 1
            if self.reads == 2:
                store.write({"links": links.assign(status="confirmed"), "villages": villages.assign(village="w")})
            return super().read(name)

    found = Slow(store.path).read_together(["links", "villages"])
    assert (found["links"]["status"][0], found["villages"]["village"][0]) == ("confirmed", "w")


def test_a_folder_that_cannot_be_written_is_said_to_be_so(folder):
    def refuse(*args):
        raise PermissionError(13, os.strerror(13), str(folder / LOCK))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes.FileLock, "acquire", refuse)
        with pytest.raises(WorkspaceError, match="w cannot be written: Permission denied; nothing was written"):
            put(folder, **{STORE: "new"})


def test_the_file_that_is_added_is_not_blamed_on_the_workspace(folder, tmp_path):
    def read_nothing():
        with changing(folder):
            (tmp_path / "missing.csv").read_bytes()

    with pytest.raises(FileNotFoundError):
        read_nothing()


def test_the_same_folder_is_not_made_twice(folder):
    with pytest.raises(WorkspaceError, match="i1 is there already"), changing(folder) as change:
        change.new_folder(folder / "intake" / "i1")


def test_hashes_are_in_the_form_of_sha256sum(folder):
    line = (folder / LEDGER).read_text().splitlines()[-1]
    assert line == f"{sha256_of(folder / STORE)}  {STORE}"
    assert Path(folder / STORE).read_text() == "old"
