import json
import re
from datetime import UTC, datetime

import pandas as pd
import pytest

import workflow
from maps.release import MANIFEST
from workflow.earlier import comparable, earlier_run

FIRST, SECOND, THIRD = (datetime(2018, month, 2, tzinfo=UTC) for month in (1, 4, 7))


def manifest(**changes):
    given = {
        "layers": "a",
        "lang": "vi",
        "cell_m": 500,
        "vintage": "2025-07-01",
        "data_kind": "recorded",
        "model": None,
    }
    given |= changes
    return {
        "inputs": {"layers.gpkg": given["layers"]},
        "settings": {name: given[name] for name in ("lang", "cell_m", "vintage")},
        "model": {"in_use": given["model"]},
        "data_kind": given["data_kind"],
        "made_at": "2018-01-02T03:04:05+00:00",
        "period": ["2013-01-01", "2017-12-31"],
    }


def add_run(workspace, name, **changes):
    folder = workspace.runs / name
    folder.mkdir()
    (folder / MANIFEST).write_text(json.dumps(manifest(**changes)))
    pd.DataFrame({"commune_code": ["03127"], "rank": [4], "expected": [0.5]}).to_csv(
        folder / "ranking_outreach.csv", index=False, encoding="utf-8-sig"
    )
    pd.DataFrame({"sector_id": ["LAO-001"], "rank": [7]}).to_csv(folder / "ranking_patrol.csv", index=False)
    return folder


@pytest.fixture
def workspace(tmp_path):
    return workflow.init(tmp_path / "w")


@pytest.mark.parametrize("change", [{"layers": "b"}, {"cell_m": 1000}, {"model": "20180101T000000-1"}])
def test_a_run_on_other_inputs_is_read(workspace, change):
    add_run(workspace, "20180102T030405-00000000")
    earlier, notes = earlier_run(workspace, comparable(manifest(**change)))
    assert (earlier.made_on, earlier.period, notes) == ("2018-01-02", ("2013-01-01", "2017-12-31"), ())
    assert earlier.outreach.to_dict("records") == [{"rank": 4.0, "expected": 0.5, "commune_code": "03127"}]
    assert earlier.patrol.to_dict("records") == [{"rank": 7.0, "sector_id": "LAO-001"}]


@pytest.mark.parametrize("change", [{}, {"lang": "en"}, {"vintage": "2020-01-01"}, {"data_kind": "simulated"}])
def test_the_same_inputs_other_units_and_simulated_records_are_not_compared(workspace, change):
    add_run(workspace, "20180102T030405-00000000", **change)
    assert earlier_run(workspace, comparable(manifest())) == (None, ())


def test_the_newest_of_several_is_read(workspace):
    add_run(workspace, "20180102T030405-00000000", layers="b")
    newer = add_run(workspace, "20180302T030405-00000000", layers="c")
    pd.DataFrame({"commune_code": ["03127"], "rank": [1]}).to_csv(newer / "ranking_outreach.csv", index=False)
    earlier, _ = earlier_run(workspace, comparable(manifest()))
    assert earlier.outreach["rank"].tolist() == [1]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (MANIFEST, "{"),
        (MANIFEST, "[]"),
        (MANIFEST, "{}"),
        (MANIFEST, json.dumps(manifest(layers="c") | {"period": ["2013", "x"]})),
        ("ranking_outreach.csv", ""),
        ("ranking_outreach.csv", "commune_code,name\n03127,x\n"),
        ("ranking_outreach.csv", "commune_code,rank\n03127,first\n"),
        ("ranking_outreach.csv", "commune_code,rank\n03127,1\n03127,2\n"),
        ("ranking_patrol.csv", "\ufeff\x00"),
    ],
)
def test_a_damaged_run_is_told_and_the_one_before_is_read(workspace, file, text):
    add_run(workspace, "20180102T030405-00000000", layers="b")
    damaged = add_run(workspace, "20180302T030405-00000000", layers="c")
    (damaged / file).write_text(text, encoding="utf-8")
    earlier, (note,) = earlier_run(workspace, comparable(manifest()))
    assert earlier.outreach["rank"].tolist() == [4]
    assert note.values == {"folder": damaged.name}


def test_a_run_shows_on_its_map_what_changed_since_the_run_before(tmp_path, workspace):
    """Two communes with one case each; then the second gets four more. A run without news compares with the first."""
    file = tmp_path / "cases.csv"

    def add(codes, name):
        rows = [
            {"case_id": f"{name}{i}", "date": f"2017-0{i + 1}-05", "commune_code": code, "vintage": "2025-07-01",
             "victims": 1, "source": "police"} for i, code in enumerate(codes)
        ]  # fmt: skip
        pd.DataFrame(rows).to_csv(file, index=False)
        workflow.add(workspace, "cases", file)

    def shown(run):
        page = (run.folder / "map.html").read_text(encoding="utf-8")
        return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])

    add(["03160", "03127"], "a")
    first = workflow.run(workspace, now=FIRST)
    add(["03127"] * 4, "b")
    second = workflow.run(workspace, now=SECOND)
    third = workflow.run(workspace, now=THIRD)
    assert shown(first)["earlier"] is None
    assert shown(second)["earlier"] == {"made_on": "2018-01-02", "until": "2017-02-28"}
    layer = shown(second)["communes"]
    rows = [dict(zip(layer["fields"], row, strict=True)) for row in layer["rows"]]
    before = first.content.outreach.set_index("commune_code")
    assert {p["commune_code"]: p["rank_before"] for p in rows} == before["rank"].to_dict()
    raised = next(p for p in rows if p["commune_code"] == "03127")
    assert raised["rank"] < raised["rank_before"] or raised["rank"] == raised["rank_before"] == 1
    assert raised["expected_before"] == pytest.approx(before.loc["03127", "expected"], abs=1e-6)
    assert (third.folder / "map.html").read_bytes() == (second.folder / "map.html").read_bytes()
