import os
from pathlib import Path

import pytest
from pyogrio.errors import DataSourceError

from geo.errors import ReleaseError
from maps.release import MANIFEST, released, released_file


def put(target, **files):
    with released(target) as draft:
        for name, text in files.items():
            (draft / name).write_text(text)


def put_and_fail(target, text):
    with released(target) as draft:
        (draft / "a").write_text(text)
        raise ZeroDivisionError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_outputs_appear_together_at_the_end(tmp_path):
    target = tmp_path / "new" / "out"
    with released(target) as draft:
        (draft / "a").write_text("1")
        assert not target.exists()
    assert names(target) == ["a"]
    assert names(target.parent) == ["out"]


def test_an_error_leaves_nothing_behind(tmp_path):
    with pytest.raises(ZeroDivisionError):
        put_and_fail(tmp_path / "out", "1")
    assert names(tmp_path) == []


def test_an_error_leaves_the_earlier_outputs(tmp_path):
    put(tmp_path / "out", a="old", **{MANIFEST: "{}"})
    with pytest.raises(ZeroDivisionError):
        put_and_fail(tmp_path / "out", "new")
    assert (tmp_path / "out" / "a").read_text() == "old"
    assert names(tmp_path) == ["out"]


def test_earlier_outputs_are_replaced_whole(tmp_path):
    put(tmp_path / "out", a="old", b="old", **{MANIFEST: "{}"})
    put(tmp_path / "out", a="new")
    assert names(tmp_path / "out") == ["a"]


def test_a_folder_of_other_files_is_not_touched(tmp_path):
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(ReleaseError, match="holds other files"):
        put(tmp_path, a="1")
    assert names(tmp_path) == ["thesis.doc"]


def test_a_file_in_the_way_is_not_touched(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ReleaseError):
        put(tmp_path / "out", a="1")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize(("number", "said"), [(28, "disk is full"), (122, "disk is full"), (5, "cannot be written")])
def test_a_full_disk_is_said_to_be_full(tmp_path, number, said):
    with pytest.raises(ReleaseError, match=said), released(tmp_path / "out"):
        raise OSError(number, os.strerror(number))
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ReleaseError, match="cannot be written"):
        put(Path(tmp_path / "file" / "out"), a="1")


def test_a_driver_that_does_not_say_why_is_explained_too(tmp_path):
    with pytest.raises(ReleaseError, match="cannot be written: DataSourceError"), released(tmp_path / "out"):
        raise DataSourceError("sqlite3_exec(…) failed")
    assert names(tmp_path) == []


def test_a_file_appears_at_the_end_or_not_at_all(tmp_path):
    with released_file(tmp_path / "new" / "a.tif") as draft:
        draft.write_text("1")
        assert not (tmp_path / "new" / "a.tif").exists()
        assert draft.suffix == ".tif"
    assert names(tmp_path / "new") == ["a.tif"]

    def fail():
        with released_file(tmp_path / "new" / "a.tif", overwrite=True) as draft:
            draft.write_text("2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(tmp_path / "new") == ["a.tif"]
    assert (tmp_path / "new" / "a.tif").read_text() == "1"


def test_a_file_or_folder_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "a.tif").write_text("1")
    (tmp_path / "b.tif").mkdir()
    for name, overwrite in (("a.tif", False), ("b.tif", False), ("b.tif", True)):
        with pytest.raises(ReleaseError, match="exists already"), released_file(tmp_path / name, overwrite=overwrite):
            pytest.fail("no draft is given")
    assert (tmp_path / "a.tif").read_text() == "1"
