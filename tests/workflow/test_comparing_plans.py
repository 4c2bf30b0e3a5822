"""Plans beside what was recorded since; records and posts are made up."""

import json
from datetime import UTC, datetime

import pandas as pd
import pytest

import workflow
from geo.errors import PlanError
from workflow.analysis import count
from workflow.layers import read_layers
from workflow.modelling import default_model, fit, model_inputs

NOW = datetime(2018, 3, 2, tzinfo=UTC)
SAME = {"vintage": "2025-07-01", "data_kind": "simulated"}


def written(folder, name, **columns):
    pd.DataFrame(columns).to_csv(folder / f"{name}.csv", index=False)
    return folder / f"{name}.csv"


@pytest.fixture
def workspace(tmp_path):
    made = workflow.init(tmp_path / "w")
    days = pd.date_range("2016-01-01", periods=24, freq="MS").strftime("%Y-%m-%d")
    cases = {"case_id": [f"c{i}" for i in range(24)], "date": days, "commune_code": ["03160", "03328", "03368"] * 8}
    workflow.add(made, "cases", written(tmp_path, "cases", **cases, **SAME, victims=1, source="police"), now=NOW)
    return made


def plan_folder(folder, what, name, table, note="", **asked):
    """Write a plan by hand, as its command writes it."""
    folder.mkdir()
    manifest = {"what": what, "data_kind": "simulated", "made_at": "2018-01-01", "asked": asked}
    (folder / "run.json").write_text(json.dumps(manifest))
    text = pd.DataFrame(table).to_csv(index=False)
    (folder / name).write_text((f"{note}\n" if note else "") + text, encoding="utf-8-sig")
    return folder


@pytest.fixture
def patrol_plan(tmp_path):
    schedule = {
        "day": [1, 2, 20],
        "date": ["2018-01-01", "2018-01-02", "2018-01-20"],
        "sectors": ["LAO-001 + LAO-002", "LAO-001", "LAO-003"],
        "watch_hours": [2.0, 5.0, 6.0],
    }
    return plan_folder(
        tmp_path / "plan",
        "plan patrol",
        "command_level_patrol_schedule.csv",
        schedule,
        "note",
        start="2018-01-01",
        days=30,
    )


def add_patrols(workspace, folder, **columns):
    ids = [f"p{n}" for n in range(len(columns["date"]))]
    workflow.add(workspace, "patrols", written(folder, "patrols", patrol_id=ids, **columns), now=NOW)


def test_visits_and_hours_are_held_against_each_other_up_to_the_last_record(workspace, patrol_plan, tmp_path):
    add_patrols(
        workspace, tmp_path, date=["2018-01-01", "2018-01-03", "2018-01-05", "2018-02-20"],
        sector_id=["LAO-001", "LAO-001", "LAO-009", "LAO-001"], hours=[2.0, 1.0, 4.0, 9.0], teams=[1, 2, 1, 1],
    )  # fmt: skip
    found = workflow.compare_plan(workspace, patrol_plan, out=tmp_path / "c", now=NOW)
    table = pd.read_csv(found.folder / "command_level_comparison_patrol.csv", skiprows=1).set_index("sector_id")
    columns = ["visits", "hours", "visits_done", "hours_done"]
    assert table.loc["LAO-001", columns].tolist() == [2, 7.0, 3, 4.0]
    assert table.loc["LAO-002", columns].tolist() == [1, 2.0, 0, 0.0]
    assert table.loc["LAO-003", columns].tolist() == [0, 0.0, 0, 0.0], "its day has not come"
    assert table.loc["LAO-009", columns].tolist() == [0, 0.0, 1, 4.0]
    assert sorted(table.index) == sorted(read_layers(workspace).border["sector_id"])
    said = [str(message) for message in found.messages]
    assert "Compared from 2018-01-01 to 2018-01-05, the last day with a record" in said
    assert "1 planned sectors have no visit; 4.0 hours went to sectors without a planned visit" in said
    assert any(
        line.startswith("8.0 hours on watch are recorded, 9.0 were planned; sector by sector 4.0") for line in said
    )
    assert found.folder.stat().st_mode & 0o077 == 0
    assert "LAO-" not in json.dumps(found.as_dict())


def test_sessions_are_held_against_each_other_by_commune(workspace, tmp_path):
    timetable = {
        "commune_code": ["03160", "03160", "03328", "03160"],
        "month": ["2018-01", "2018-02", "2018-01", "2018-06"],
        "agency": ["police", "justice", "police", "police"],
        "sessions": [3, 2, 4, 9],
    }
    plan = plan_folder(tmp_path / "plan", "plan outreach", "outreach_timetable.csv", timetable)
    held = {
        "session_id": ["s1", "s2", "s3"],
        "date": ["2018-01-10", "2018-02-11", "2017-12-01"],
        "sessions": [4, 2, 50],
    }
    codes = ["03160", "03368", "03328"]
    workflow.add(
        workspace, "outreach", written(tmp_path, "o", **held, commune_code=codes, agency="police", **SAME), now=NOW
    )
    found = workflow.compare_plan(workspace, plan, out=tmp_path / "c", now=NOW)
    table = pd.read_csv(found.folder / "comparison_outreach.csv", dtype={"commune_code": str}).set_index("commune_code")
    both = table[["sessions", "sessions_done"]]
    assert both.loc[["03160", "03328", "03368"]].to_numpy().tolist() == [[5, 4], [4, 0], [0, 2]]
    assert len(table) == 45
    said = [str(message) for message in found.messages]
    assert any(line.startswith("6 sessions are recorded, 9 were planned; commune by commune 4") for line in said)
    assert "1 communes with planned sessions have none" in said


def test_plans_as_their_commands_write_them_can_be_compared(workspace, tmp_path):
    """The folders that the other tests make by hand are like these."""
    posts = written(tmp_path, "posts", post_id=["MADE-UP-1"], lon=[103.0], lat=[21.1], teams=[2])
    patrol = workflow.patrols_for(workspace, posts=posts, days=14, seed=1, now=NOW)
    schedule = pd.read_csv(patrol.folder / "command_level_patrol_schedule.csv", skiprows=1)
    rows = schedule.assign(sector_id=schedule["sectors"].str.split(" + ", regex=False)).explode("sector_id")
    add_patrols(
        workspace, tmp_path, date=rows["date"].tolist(), sector_id=rows["sector_id"].tolist(),
        hours=rows["watch_hours"].tolist(), teams=1,
    )  # fmt: skip
    found = workflow.compare_plan(workspace, patrol.folder, out=tmp_path / "c", now=NOW)
    table = pd.read_csv(found.folder / "command_level_comparison_patrol.csv", skiprows=1)
    assert table["visits"].sum() == len(rows)
    assert table["visits"].equals(table["visits_done"])
    assert table["hours"].to_numpy() == pytest.approx(table["hours_done"].to_numpy(), rel=1e-5)
    outreach = workflow.outreach_for(workspace, 90, 2, now=NOW)
    session = {"session_id": ["s1"], "date": ["2018-01-15"], "commune_code": ["03160"], "sessions": [1], **SAME}
    workflow.add(workspace, "outreach", written(tmp_path, "o", **session, agency="police"), now=NOW)
    done = workflow.compare_plan(workspace, outreach.folder, out=tmp_path / "d", now=NOW)
    assert sum(row["sessions_done"] for row in done.tables["comparison"]) == 1


def test_before_anything_is_recorded_it_is_said_what_to_add(workspace, patrol_plan, tmp_path):
    with pytest.raises(
        PlanError, match=r"No patrol from 2018-01-01 to 2018-01-30 is recorded yet; .* add patrols FILE"
    ):
        workflow.compare_plan(workspace, patrol_plan, out=tmp_path / "c", now=NOW)
    assert not (tmp_path / "c").exists()


def test_a_folder_that_is_no_plan_is_refused(workspace, tmp_path):
    with pytest.raises(PlanError, match="w is no plan of patrols or outreach"):
        workflow.compare_plan(workspace, workspace.folder, now=NOW)
    broken = plan_folder(tmp_path / "p", "plan patrol", "other.csv", {"a": [1]}, start="2018-01-01", days=30)
    with pytest.raises(PlanError, match=r"command_level_patrol_schedule\.csv of the plan cannot be read"):
        workflow.compare_plan(workspace, broken, now=NOW)


def test_the_effort_of_patrols_enters_the_next_fit(workspace, tmp_path):
    """Hours near the border are effort of the commune that the sector faces, in the month they were spent."""
    layers, settings = read_layers(workspace), workspace.settings
    before = fit(
        default_model(model_inputs(layers, count(layers, settings), settings), settings),
        model_inputs(layers, count(layers, settings), settings),
    )
    add_patrols(
        workspace,
        tmp_path,
        date=["2017-03-05", "2017-03-20", "2017-09-09"],
        sector_id="LAO-042",
        hours=[6.0, 4.0, 8.0],
        teams=[1, 2, 1],
    )
    layers = read_layers(workspace)
    inputs = model_inputs(layers, count(layers, settings), settings)
    hours = inputs.effort.table["patrols"]
    spent = hours[hours > 0]
    assert spent.tolist() == [14.0, 8.0]
    assert [str(month) for month in spent.index.get_level_values("month")] == ["2017-03", "2017-09"]
    after = fit(default_model(inputs, settings), inputs)
    assert ("patrols" in before.effort, "patrols" in after.effort) == (False, True)
    assert not (before.draws_.shape == after.draws_.shape and (before.draws_ == after.draws_).all())
