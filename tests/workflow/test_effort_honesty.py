"""Where the model does not know where people looked, no output calls what it shows a risk."""

import json
import re
import sqlite3
from datetime import UTC, date, datetime

import pandas as pd
import pytest
import rasterio

import workflow
from maps.text import translate
from tests.workflow.test_training import SMALL, cases

NOW = datetime(2018, 1, 2, tzinfo=UTC)
FRAGMENT = "recorded cases, not risk"
NOT_RISK = re.compile("chưa phải nguy cơ|not risk")


def sessions(folder):
    """Write two sessions a month, in communes that take turns."""
    rows = {
        "session_id": [f"s{i}" for i in range(48)],
        "date": pd.date_range("2016-01-01", periods=24, freq="MS").strftime("%Y-%m-%d").repeat(2),
        "commune_code": ["03160", "03127", "03166"] * 16,
        "vintage": "2025-07-01",
        "agency": "police",
        "kind": "mobile session",
        "sessions": [1, 2, 3] * 16,
    }
    pd.DataFrame(rows).to_csv(folder / "outreach.csv", index=False)
    return folder / "outreach.csv"


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory):
    """Workspaces with a log of outreach and without."""
    made = []
    for name in ("with", "without"):
        folder = tmp_path_factory.mktemp(name)
        workspace = workflow.init(folder / "w")
        workflow.add(workspace, "cases", cases(folder), now=NOW)
        if name == "with":
            workflow.add(workspace, "outreach", sessions(folder), now=NOW)
        made.append(workspace)
    return made


@pytest.fixture(scope="module")
def runs(workspaces):
    return [workflow.run(workspace, now=NOW) for workspace in workspaces]


def titles(folder):
    """Return what each kind of output of a run calls itself, in English and in Vietnamese."""
    page = (folder / "map.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL).group(1))
    key = "title_risk" if data["effort_known"] else "title_recorded"
    report = re.search(r"<h1[^>]*>(.*?)</h1>", (folder / "report.html").read_text(encoding="utf-8"), re.DOTALL).group(1)
    project = re.search(r'projectname="([^"]*)"', (folder / "hotspots.qgs").read_text(encoding="utf-8")).group(1)
    with sqlite3.connect(folder / "hotspots.gpkg") as database:
        ((layer, about),) = database.execute(
            "SELECT identifier, description FROM gpkg_contents WHERE table_name = 'communes'"
        ).fetchall()
    database.close()
    return {"map": data["words"]["vi"][key], "report": report, "project": project, "layer": layer, "about": about}


def test_without_a_log_of_outreach_every_title_speaks_of_recorded_cases(runs):
    known, unknown = (titles(run.folder) for run in runs)
    for where, title in unknown.items():
        assert NOT_RISK.search(title), where
        assert not NOT_RISK.search(known[where]), where
    assert FRAGMENT in " ".join(map(str, runs[1].notices()))
    assert FRAGMENT not in " ".join(map(str, runs[0].notices()))


def test_a_model_that_does_not_use_the_log_ranks_recorded_cases_too(workspaces, tmp_path):
    workspace = workspaces[0]
    name = workflow.train(workspace, SMALL, now=NOW).card.model_id
    workflow.promote(workspace, name, now=NOW)
    result = workflow.run(workspace, out=tmp_path / "run", now=NOW)
    assert result.content.outreach["sessions"].sum() == 96, "there is a log"
    assert not result.content.effort_known
    assert all(NOT_RISK.search(title) for title in titles(result.folder).values())


def test_the_map_of_an_outreach_plan_says_so_too(workspaces, tmp_path):
    plan = workflow.outreach_for(workspaces[1], 60, 2, out=tmp_path / "plan", now=NOW)
    page = (plan.folder / "plan_map.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL).group(1))
    assert data["effort_known"] is False
    assert data["words"]["en"]["title_recorded"].endswith("outreach plan by recorded cases, not risk")


def test_the_sources_of_cases_stay_apart_in_the_ranking(tmp_path):
    made = workflow.init(tmp_path / "w")
    file = cases(tmp_path)
    sources = ["police", "border_guard", "mailbox", "hotline"] * 6
    pd.read_csv(file, dtype=str).assign(source=sources).to_csv(file, index=False)
    workflow.add(made, "cases", file, now=NOW)
    ranking = workflow.run(made, now=NOW).content.outreach
    found = ranking[["cases_reported", "cases_by_patrol", "cases_by_outreach"]].sum()
    assert found.tolist() == [12, 6, 6]
    assert (ranking[found.index].sum(axis=1) == ranking["cases"]).all()


def test_outputs_bear_their_day_expiry_level_and_model(runs):
    folder = runs[0].folder
    stamp = "Có giá trị đến 29/06/2018. Mô hình: mặc định, khớp với chính số liệu này. Mức phát hành: "
    said = titles(folder)
    assert stamp in said["project"]
    assert stamp in said["about"]
    assert "2017-12-31" in said["about"]
    assert translate("planner, for office use", "vi") in said["project"]
    with rasterio.open(folder / "risk.tif") as raster:
        tags = raster.tags()
    assert {name: tags[name] for name in ("made_on", "valid_until", "model", "release_level")} == {
        "made_on": "2017-12-31",
        "valid_until": "2018-06-29",
        "model": "default",
        "release_level": "planner",
    }
    assert date.fromisoformat(tags["valid_until"]) > NOW.date()
