import json

import numpy as np
import pandas as pd
import pytest

import workflow
from geo.errors import IntakeError
from maps.audit import FILES, audit_document
from maps.text import translate
from models.errors_by_kind import BAND
from tests.maps.html_reader import Page


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, demo_in):
    return demo_in(tmp_path_factory.mktemp("auditing") / "demo")


@pytest.fixture(scope="module")
def audited(workspace, tmp_path_factory):
    """The audit with a table of shares: one that is the ranking itself, one of numbers drawn at random."""
    communes = workflow.read_layers(workspace).communes
    first = workflow.run(workspace, out=tmp_path_factory.mktemp("auditing") / "run").content.outreach
    expected = first.set_index("commune_code")["expected"][communes["commune_code"]]
    shares = pd.DataFrame(
        {
            "commune_code": communes["commune_code"],
            "share_a": (expected / expected.max()).round(4).to_numpy(),
            "share_b": np.random.default_rng(0).random(len(communes)).round(9),
        }
    )
    file = tmp_path_factory.mktemp("auditing") / "shares.csv"
    shares.to_csv(file, index=False)
    return workflow.audit(workspace, proxy=file), shares


def said(result):
    return [translate(message, "en") for message in result.messages]


def test_all_files_are_written_in_both_languages_and_say_that_data_are_simulated(audited):
    result, _ = audited
    assert sorted(path.name for path in result.folder.iterdir()) == sorted([*FILES, "run.json"])
    assert said(result)[0] == "SIMULATED DATA: nothing in these records happened"
    assert json.loads((result.folder / "run.json").read_text(encoding="utf-8"))["data_kind"] == "simulated"
    page = Page((result.folder / "audit_en.html").read_text(encoding="utf-8"))
    assert ["Weight of own data", "high third"] in [row[:2] for row in page.rows]
    assert "SIMULATED DATA: nothing in these records happened" in page.texts
    table = pd.read_csv(result.folder / "audit_communes.csv", dtype={"commune_code": str})
    assert len(table) == 45
    assert set(table["data_kind"]) == {"simulated"}


def test_every_part_finds_something(audited):
    findings = audited[0].as_dict()["findings"]
    assert list(findings) == ["feedback", "effort", "exploration", "kinds", "reporting", "proxy"]
    assert all(findings.values())
    assert findings["effort"][0] == "0 of 45 communes were never visited in the period"
    titles = [section.title for section in audit_document(audited[0].content, "en").sections]
    assert len(titles) == 7


def test_sessions_by_commune_are_those_of_the_ranking(audited, workspace):
    communes = audited[0].content.communes.set_index("commune_code")
    outreach = workflow.read_layers(workspace).records["outreach"]
    assert communes["sessions"].sum() == outreach["sessions"].sum()
    assert communes["least_known"].sum() == round(0.25 * 45)


def test_groups_are_judged_by_the_years_that_were_forecast(audited):
    kinds = audited[0].content.kinds
    assert set(kinds["kind"]) == {"remoteness", "population", "border", "data"}
    events = kinds[kinds["measure"] == "effort"].groupby("kind")["events"].sum()
    assert events.nunique() == 1, "every kind parts the same events"
    alike = kinds[kinds["verdict"] == "alike"]["ratio"]
    assert alike.between(*BAND).all()


def test_every_group_outside_the_band_is_named_with_its_interval_and_no_other(audited):
    kinds, findings = audited[0].content.kinds, audited[0].as_dict()["findings"]["kinds"]
    assert set(kinds["measure"]) == {"hit_rate", "calibration", "effort"}
    thirds = kinds[kinds["kind"] != "border"].groupby("kind")["group"].agg(set)
    assert all(groups == {"low", "middle", "high"} for groups in thirds)
    outside = ~kinds["ratio"].between(*BAND) & kinds["ratio"].notna()
    named = [line for line in findings if "times that of all communes (90 %: " in line]
    assert len(named) == outside.sum() > 0
    assert kinds.loc[outside, ["lower", "upper"]].notna().all(axis=None)


def test_a_share_that_is_the_ranking_is_told_by_it_and_a_random_one_is_not(audited):
    proxies = audited[0].content.proxies.set_index("column")
    assert proxies.loc["share_a", "r2"] == pytest.approx(1.0, abs=0.01)
    assert proxies.loc["share_b", "r2"] < proxies.loc["share_b", "chance"]
    assert [line for line in said(audited[0]) if "STANDS FOR IT" in line] == [
        "share_a: THE RANKING STANDS FOR IT in part; say so wherever the ranking is used, and never read a rank as one "
        "of people"
    ]


def test_the_table_of_shares_is_kept_nowhere_and_repeated_nowhere(audited, workspace):
    result, shares = audited
    written = "".join(
        path.read_text(encoding="utf-8")
        for path in result.folder.iterdir()
        if path.suffix in (".html", ".csv", ".json")
    )
    assert not any(str(value) in written for value in shares["share_b"] if len(str(value)) > 10)
    assert not list(workspace.folder.rglob("*shares*"))


@pytest.mark.parametrize(
    ("table", "match"),
    [
        ({"commune_code": ["03127", "03127"], "share": [0.1, 0.7531]}, "more than once"),
        ({"commune_code": ["00001", "03127"], "share": [0.1, 0.7531]}, "at least 10 are needed"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_without_its_values(workspace, tmp_path, table, match):
    file = tmp_path / "shares.csv"
    pd.DataFrame(table).to_csv(file, index=False)
    with pytest.raises(IntakeError, match=match) as error:
        workflow.audit(workspace, proxy=file, out=tmp_path / "out")
    assert "7531" not in str(error.value)
    assert not (tmp_path / "out").exists()
