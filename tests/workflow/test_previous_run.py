import json
from datetime import UTC, datetime

import pandas as pd
import pytest

import workflow
from geo.workspace import Settings
from workflow.previous_run import RANKING, changes_since

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def ranking(*rows):
    """Return a ranking; each row is code, rank, expected, cases, absences, sessions, population."""
    columns = ["commune_code", "rank", "expected", "cases", "absences", "sessions", "population"]
    return pd.DataFrame(rows, columns=columns).assign(name=lambda table: "Xã " + table["commune_code"])


BEFORE = ranking(("00001", 1, 2.0, 3, 1, 5, 900), ("00002", 2, 1.0, 1, 0, 5, 800))
NOW_RANKED = ranking(("00002", 1, 2.5, 4, 0, 6, 800), ("00001", 2, 2.0, 3, 1, 5, 900), ("00003", 3, 0.5, 0, 0, 0, 100))
PERIOD = ("2013-01-01", "2017-12-31")


@pytest.fixture
def workspace(tmp_path):
    return workflow.init(tmp_path / "w", Settings.checked({}))


def earlier(workspace, name="20261120T080000-aaaaaaaa", table=BEFORE, **changes):
    folder = workspace.runs / name
    folder.mkdir(parents=True)
    manifest = {
        "made_at": "2026-11-20T08:00:00+00:00",
        "period": PERIOD,
        "settings": workspace.settings.model_dump(mode="json"),
        "model": {"in_use": None},
        "data_kind": "recorded",
    }
    (folder / "run.json").write_text(json.dumps(manifest | changes), encoding="utf-8")
    table.to_csv(folder / RANKING, index=False, encoding="utf-8-sig")
    return folder


def changes(workspace, **given):
    asked = {"outreach": NOW_RANKED, "period": PERIOD, "model_id": None, "data_kind": "recorded"}
    return changes_since(workspace, **(asked | given))


def test_without_an_earlier_run_there_is_nothing(workspace):
    assert changes(workspace) is None


def test_moves_stand_with_what_changed_in_the_communes_own_records(workspace):
    earlier(workspace)
    found = changes(workspace)
    assert (found.made_on, found.period, found.notes) == ("2026-11-20", PERIOD, ())
    told = found.moves.set_index("commune_code")
    assert told["rank_before"].tolist()[:2] == [2, 1]
    assert told["expected_before"].tolist()[:2] == [1.0, 2.0]
    assert pd.isna(told.loc["00003", "rank_before"])
    assert [str(reason) for reason in told.loc["00002", "reasons"]] == [
        "cases: 1.0, now 4",
        "outreach sessions: 5.0, now 6",
    ]
    assert [str(reason) for reason in told.loc["00001", "reasons"]] == [
        "its own records are the same; the others', the effort or what was asked changed"
    ]
    assert [str(reason) for reason in told.loc["00003", "reasons"]] == ["not ranked before"]


def test_the_newest_run_is_the_one_compared_with(workspace):
    earlier(workspace, "20261101T080000-aaaaaaaa", made_at="2026-11-01T08:00:00+00:00")
    earlier(workspace, "20261110T080000-aaaaaaaa", made_at="2026-11-10T08:00:00+00:00")
    (workspace.runs / ".20261122T080000-draft").mkdir()
    assert changes(workspace).made_on == "2026-11-10"


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / RANKING).unlink(),
        lambda folder: (folder / RANKING).write_text("rank\nx\n", encoding="utf-8"),
        lambda folder: (folder / RANKING).write_bytes(b"\xff\xfe\x00"),
        lambda folder: (folder / "run.json").write_text("[]", encoding="utf-8"),
        lambda folder: (folder / "run.json").write_text("{", encoding="utf-8"),
    ],
)
def test_a_damaged_run_is_passed_over_and_said(workspace, damage):
    earlier(workspace, "20261101T080000-aaaaaaaa", made_at="2026-11-01T08:00:00+00:00")
    damage(earlier(workspace, "20261110T080000-aaaaaaaa"))
    found = changes(workspace)
    assert found.made_on == "2026-11-01"
    assert [str(note) for note in found.notes] == ["1 newer runs cannot be read and were passed over"]


def test_a_run_that_ranks_a_commune_twice_is_not_believed(workspace):
    earlier(workspace, table=pd.concat([BEFORE, BEFORE]))
    assert changes(workspace) is None


def test_what_was_asked_or_given_differently_is_said(workspace):
    settings = workspace.settings.model_dump(mode="json") | {"seed": 9, "title": "other", "lang": "en"}
    earlier(
        workspace, settings=settings, period=("2013-01-01", "2016-12-31"), model={"in_use": "m"}, data_kind="simulated"
    )
    assert [str(note) for note in changes(workspace).notes] == [
        "Settings that are different: seed",
        "The period is different, so that counts are those of other months, too.",
        "Another model ranks than then.",
        "Simulated data were used in one of the two runs only: do not compare them.",
    ]


def test_ranks_of_another_unit_system_are_not_compared(workspace):
    earlier(workspace, settings=workspace.settings.model_dump(mode="json") | {"vintage": "2020-01-01"})
    found = changes(workspace)
    assert found.moves is None
    assert "ranks cannot be compared" in str(found.notes[-1])
