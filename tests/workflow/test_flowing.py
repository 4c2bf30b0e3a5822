from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import workflow
from geo import boundaries
from workflow.analysis import count
from workflow.flowing import Closure, facing_sectors, flows_of, season_of

NOW = datetime(2018, 1, 2, tzinfo=UTC)


@pytest.fixture
def made(tmp_path):
    """Make a workspace with crossings at made-up positions."""
    workspace = workflow.init(tmp_path / "w")
    store = workspace.store
    store.write({"crossings": boundaries.demo_crossings("2025-07-01", store.read("border"))})
    return workspace


def add_cases(workspace, folder, **columns):
    n = len(columns["date"])
    rows = pd.DataFrame({"case_id": [f"c{k}" for k in range(n)], "vintage": "2025-07-01", "victims": 1, **columns})
    rows.assign(source="police").to_csv(folder / "cases.csv", index=False)
    workflow.add(workspace, "cases", folder / "cases.csv", now=NOW)


def smaller_gate(workspace):
    crossings = workspace.store.read("crossings")
    return crossings[crossings["kind"] != "international"].iloc[0]


def test_cases_with_a_known_crossing_draw_the_ranking_to_its_sector(made, tmp_path):
    gate = smaller_gate(made)
    dates = pd.date_range("2016-01-05", periods=24, freq="MS").strftime("%Y-%m-%d")
    known = {"date": dates, "commune_code": gate["commune_code"]}
    add_cases(made, tmp_path, **known, crossing_id=gate["crossing_id"])
    run = workflow.run(made, now=NOW).content.patrol.set_index("sector_id")
    layers = workflow.read_layers(made)
    metric = layers.border.to_crs(made.settings.crs)
    place = layers.crossings.to_crs(made.settings.crs).set_index("crossing_id").geometry[gate["crossing_id"]]
    beside = metric["sector_id"].iloc[metric.distance(place).argmin()]
    assert run.loc[beside, "rank"] == 1
    assert run["score"].sum() == pytest.approx(1)
    assert run["expected"].sum() < workflow.run(made, now=NOW).content.outreach["expected"].sum()


def test_a_run_says_what_it_assumes_of_ways_out(made, tmp_path):
    add_cases(made, tmp_path, date=["2016-03-01", "2017-03-01"], commune_code="03160")
    said = [str(notice) for notice in workflow.run(made, now=NOW).notices()]
    assert any(line.startswith("no elevation model is given") for line in said)
    assert any(line.startswith("no case with a known crossing") for line in said)
    assert any(line == "the share that leaves by other ways is assumed: 30.0 %" for line in said)


def test_dates_of_a_whole_year_make_no_season(made, tmp_path):
    """A year as a date is stored as its first day: that is no January."""
    add_cases(made, tmp_path, date=["2014", "2015", "2016", "2017"] * 5, commune_code="03160")
    panel = count(workflow.read_layers(made), made.settings)
    assert season_of(panel).tolist() == pytest.approx([1 / 12] * 12)


def test_a_case_of_a_whole_year_does_not_tell_whether_ground_was_closed(made, tmp_path):
    """Its date is stored as a first of January, and says nothing of January's ways."""
    gate = smaller_gate(made)
    known = {"commune_code": gate["commune_code"], "crossing_id": gate["crossing_id"]}
    add_cases(made, tmp_path, date=["2016-03-01", "2017"], **known)
    layers = workflow.read_layers(made)
    panel, sectors = count(layers, made.settings), facing_sectors(layers, made.settings)
    codes = layers.communes["commune_code"]
    risk = SimpleNamespace(draws_=np.ones((len(codes), 3)), units_=pd.Index(codes, name="commune_code"))

    def left_out(closure):
        notes = flows_of(layers, sectors, panel, risk, made.settings, closure).notes
        return [note.values["n"] for note in notes if "do not tell their month" in note.template]

    assert left_out(None) == []
    assert left_out(Closure(layers.terrain, {1, 2})) == [1]
