import json
from datetime import UTC, datetime

import pandas as pd
import pytest

import workflow
from geo.workspace import Settings, Workspace
from maps.text import translate
from tests.test_workflow import case_file

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Cases of four fates, and absences of which one was cleared; made up."""
    folder = tmp_path_factory.mktemp("accounting")
    made = workflow.init(folder / "w", Settings.checked({"period_start": "2017-01-01", "lang": "en"}))
    rows = [
        {"case_id": "here", "date": "2017-03-05"},
        {"case_id": "late", "date": "2017-06-05", "data_kind": "simulated"},
        {"case_id": "early", "date": "2016-03-05"},
        {"case_id": "nowhere", "date": "2017-03-06", "commune_code": None},
    ]
    workflow.add(made, "cases", case_file(folder, *rows), now=NOW)
    absences = pd.DataFrame(
        {
            "absence_id": ["a", "b"],
            "reported_on": ["2017-01-02", "2017-01-03"],
            "commune_code": "03160",
            "vintage": "2025-07-01",
            "status": ["open", "cleared"],
        }
    )
    absences.to_csv(folder / "absences.csv", index=False)
    workflow.add(made, "absences", folder / "absences.csv", now=NOW)
    return made


@pytest.fixture(scope="module")
def first(workspace):
    return workflow.run(workspace, now=NOW)


def test_each_row_is_counted_or_said_why_not(first):
    rows = first.content.account.rows.set_index("table")
    counts = rows[["rows", "counted", "unplaced", "outside", "other", "simulated"]].astype(int)
    assert counts.loc["cases"].tolist() == [4, 2, 1, 1, 0, 1]
    assert counts.loc["absences"].tolist() == [2, 1, 0, 0, 1, 0]
    assert (counts["rows"] == counts[["counted", "unplaced", "outside", "other"]].sum(axis=1)).all()
    assert first.content.outreach["cases"].sum() == 2
    assert first.content.outreach["absences"].sum() == 1


def test_months_are_those_with_records_in_the_period(first):
    rows = first.content.account.rows.set_index("table")
    assert rows.loc["cases", ["first", "last", "months"]].tolist() == ["2016-03", "2017-06", 2]
    assert first.content.account.months == 6


def test_what_was_asked_is_said(first):
    asked = {str(what): value for what, value in first.content.account.asked}
    assert translate(asked["Period"], "en") == "2017-01-01 to 2017-06-30, as set"
    assert str(asked["Model in use"]) == "none: the default one"
    assert first.content.account.changes is None


def test_the_next_run_on_other_inputs_compares_with_this_one(workspace, first):
    file = workspace.folder / "workspace.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("cell_m = 500.0", "cell_m = 1000.0"), encoding="utf-8")
    second = workflow.run(Workspace(workspace.folder), now=NOW.replace(hour=9))
    changes = second.content.account.changes
    assert changes.made_on == "2026-11-23"
    assert (changes.moves["rank"] == changes.moves["rank_before"]).all()
    html = (second.folder / "report.html").read_text(encoding="utf-8")
    assert "Compared with the run of 2026-11-23" in html
    assert "The first 10 are the same, in the same order." in html
    manifest = json.loads((second.folder / "run.json").read_text(encoding="utf-8"))
    assert manifest["compared_with"] == first.folder.name
    assert {"report.html", "report.pdf", "report.xlsx"} <= set(manifest["outputs"])
