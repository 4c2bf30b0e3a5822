import json

import pytest

from geo.seal import Broken, broken, sealed

NAME = "run.json"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "input").mkdir()
    (tmp_path / "a.csv").write_text("1")
    (tmp_path / "input" / "b.csv").write_text("2")
    (tmp_path / NAME).write_text(sealed({"program": "diemnong", "seconds": 1.5}, tmp_path, NAME))
    return tmp_path


def test_a_folder_as_it_was_written_is_whole(folder):
    assert broken(folder, NAME) == Broken()
    manifest = json.loads((folder / NAME).read_text())
    assert manifest["program"] == "diemnong"
    assert sorted(manifest["sha256"]) == ["a.csv", "input/b.csv", NAME]


def test_each_change_is_named(folder):
    (folder / "a.csv").write_text("3")
    (folder / "input" / "b.csv").unlink()
    (folder / "c.csv").touch()
    assert broken(folder, NAME) == Broken(("a.csv",), ("input/b.csv",), ("c.csv",))


@pytest.mark.parametrize(("old", "new"), [("1.5", "1.6"), ("diemnong", "diemnonh"), ('"a.csv"', '"b.csv"')])
def test_the_manifest_vouches_for_itself_too(folder, old, new):
    text = (folder / NAME).read_text()
    (folder / NAME).write_text(text.replace(old, new))
    assert NAME in broken(folder, NAME).damaged


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"sha256": []}', '{"sha256": {}}'])
def test_a_manifest_without_a_seal_vouches_for_nothing(folder, text):
    (folder / NAME).write_text(text)
    assert broken(folder, NAME) == Broken(damaged=(NAME,), unknown=("a.csv", "input/b.csv"))


def test_a_missing_manifest_is_missing(folder):
    (folder / NAME).unlink()
    assert broken(folder, NAME) == Broken(missing=(NAME,), unknown=("a.csv", "input/b.csv"))
