import os
from multiprocessing import get_context
from pathlib import Path

import pytest

from geo.durable import DRAFT, drafted, settle_folder, sweep, take_place
from tests.killing import killed_at


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def put(target, text):
    with drafted(target) as draft:
        draft.write_text(text)


def put_folder(target, text):
    with drafted(target, folder=True) as draft:
        (draft / "a").write_text(text)
        (draft / "b").write_text(text)


def kills(prepare, work):
    """Yield after each point at which the work can be killed, from the first to the last."""
    for step in range(1, 1000):
        prepare()
        if not killed_at(step, work):
            return
        yield step
    raise AssertionError("the work does not end")


def test_a_file_killed_at_any_step_is_the_old_one_or_the_new_one(tmp_path):
    target, found = tmp_path / "a.txt", set()
    for _ in kills(lambda: put(target, "old"), lambda: put(target, "new")):
        found.add(target.read_text())
        sweep(tmp_path)
        assert names(tmp_path) == ["a.txt"]
    assert found == {"old", "new"}


def test_a_new_folder_killed_at_any_step_is_whole_or_not_there(tmp_path):
    target, found = tmp_path / "out", set()

    def prepare():
        if target.exists():
            for path in target.iterdir():
                path.unlink()
            target.rmdir()

    for _ in kills(prepare, lambda: put_folder(target, "new")):
        sweep(tmp_path)
        found.add(target.exists())
        assert not target.exists() or names(target) == ["a", "b"]
        assert set(names(tmp_path)) <= {"out"}
    assert found == {True, False}


def test_a_folder_that_replaces_another_is_the_old_one_or_the_new_one_once_swept(tmp_path):
    target, found = tmp_path / "out", set()
    for _ in kills(lambda: put_folder(target, "old"), lambda: put_folder(target, "new")):
        sweep(tmp_path)
        found.add("".join((target / name).read_text() for name in "ab"))
        assert names(tmp_path) == ["out"]
    assert found == {"oldold", "newnew"}


def test_the_unprotected_way_is_torn(tmp_path):
    """The test above can fail: a plain write, killed likewise, leaves a file that is neither."""
    target = tmp_path / "a.txt"

    def plain():
        with target.open("w") as stream:
            stream.write("n")
            stream.flush()
            os.fsync(stream.fileno())
            stream.write("ew")

    target.write_text("old")
    assert killed_at(1, plain)
    assert target.read_text() == "n"


def test_a_draft_that_is_being_written_is_not_swept(tmp_path):
    with drafted(tmp_path / "a.txt") as draft:
        draft.write_text("1")
        sweeper = get_context("fork").Process(target=sweep, args=(tmp_path,))
        sweeper.start()
        sweeper.join()
        assert draft.read_text() == "1"
    assert names(tmp_path) == ["a.txt"]


def test_drafts_of_killed_processes_go_and_other_files_stay(tmp_path):
    (tmp_path / f"{DRAFT}0a0a0a0a.map.html").touch()
    (tmp_path / f"{DRAFT}0b0b0b0b.out").mkdir()
    (tmp_path / f"{DRAFT}0b0b0b0b.out" / "cases.csv").touch()
    (tmp_path / ".mine").touch()
    sweep(tmp_path)
    assert names(tmp_path) == [".mine"]


def test_a_draft_that_is_not_written_replaces_nothing(tmp_path):
    put(tmp_path / "a", "old")
    with drafted(tmp_path / "a"):
        pass
    assert (tmp_path / "a").read_text() == "old"


def test_names_reach_the_disk_only_after_what_they_name(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(
        os, "fsync", lambda handle: (done.append(Path(f"/proc/self/fd/{handle}").readlink().name), fsync(handle))[1]
    )
    monkeypatch.setattr(Path, "replace", lambda self, target: (done.append("replace"), replace(self, target))[1])
    (tmp_path / "draft").write_text("1")
    take_place(tmp_path / "draft", tmp_path / "a")
    assert done == ["draft", "replace", tmp_path.name]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX opens folders")
def test_a_folder_can_be_settled(tmp_path):
    settle_folder(tmp_path)
