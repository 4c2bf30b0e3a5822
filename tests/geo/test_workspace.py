import tomllib

import pytest

from geo.errors import WorkspaceError
from geo.workspace import Settings, Workspace


@pytest.mark.file_store
def test_settings_written_and_read_are_the_same(tmp_path):
    settings = Settings.checked({"title": 'Điện "Biên" \\ 1', "seed": 7, "period_start": "2017-01-01"})
    assert Workspace.create(tmp_path / "w", settings).settings == settings
    assert Workspace(tmp_path / "w").settings == settings


def test_every_key_is_explained_in_the_file():
    lines = Settings().to_toml().splitlines()
    for number, line in enumerate(lines):
        if line and not line.startswith(("#", "[")):
            assert lines[number - 1].startswith("# "), line
    assert tomllib.loads(Settings().to_toml())["surface"]["cell_m"] == 500.0


def test_keys_without_a_value_show_an_example_that_is_one():
    shown = [line[2:] for line in Settings().to_toml().splitlines() if line.startswith("# ") and " = " in line]
    given = tomllib.loads("\n".join(shown))
    assert set(given) == {"office", "store", "period_start", "period_end"}
    assert Settings.checked(given).office == given["office"]


def test_where_work_is_done_is_in_no_manifest():
    settings = Settings.checked({"scale": {"scheduler": "tcp://head.office:8786"}})
    assert "head.office" in settings.to_toml()
    assert "head.office" not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("vintge = 1", "unknown key vintge; the nearest known key is vintage"),
        ("[ranking]\npatrol_reach_m = 1", r"the section \[ranking\] is not used any more; delete it with its keys"),
        ("[surface]\ncel_m = 1", "unknown key surface.cel_m; the nearest known key is cell_m"),
        ('crs = "EPSG:4326"', "not in metres"),
        ('crs = "EPSG:0"', "not a known coordinate reference system"),
        ("[surface]\ncell_m = -5", "greater than or equal to 10"),
        (f'office = "{"x" * 201}"', "at most 200"),
        ("period_start = 2018-01-01\nperiod_end = 2017-01-01", "period_start comes after period_end"),
        ("seed = ", "not readable as TOML"),
        ("[scale]\nschedulr = 1", "unknown key scale.schedulr; the nearest known key is scheduler"),
        ('[scale]\nscheduler = "tcp://me:word@host:1"', r"scale.scheduler: \D+named as tcp://host:8786 or tls://host"),
    ],
)
def test_wrong_settings_are_explained(tmp_path, toml, said):
    Workspace.create(tmp_path / "w", Settings())
    (tmp_path / "w" / "workspace.toml").write_text(toml)
    with pytest.raises(WorkspaceError, match=said):
        Workspace(tmp_path / "w")


def test_a_folder_that_is_no_workspace_says_how_to_make_one(tmp_path):
    with pytest.raises(WorkspaceError, match="diemnong init"):
        Workspace(tmp_path)


def test_a_folder_in_use_is_not_taken(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(WorkspaceError, match="not an empty folder"):
        Workspace.create(tmp_path, Settings())
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
