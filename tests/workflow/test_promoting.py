import json
from datetime import UTC, datetime

import pandas as pd
import pytest

import workflow
from geo.errors import ModelError
from models.comparison import COLUMNS
from models.registry import IN_USE, MODEL, Registry
from models.risk import RiskModel
from tests.workflow.test_training import SMALL, cases
from workflow import promoting

NOW = datetime(2018, 1, 2, tzinfo=UTC)
OTHER = RiskModel(counts=("cases",), covariates=("border_distance_km",), draws=40)


@pytest.fixture
def workspace(tmp_path):
    made = workflow.init(tmp_path / "w")
    workflow.add(made, "cases", cases(tmp_path), now=NOW)
    return made


@pytest.fixture
def trained(workspace):
    return [
        workflow.train(workspace, model, now=NOW.replace(hour=hour)).card.model_id
        for hour, model in ((1, SMALL), (2, OTHER))
    ]


def found(verdict):
    sign = -1 if verdict == "worse" else 1
    rows = [("log_score", -2.0, -1.0, sign, sign - 0.5, sign + 0.5, verdict),
            ("hit_rate", 0.25, 0.3, -0.05, -0.2, 0.1, "not told apart")]  # fmt: skip
    return lambda *_: pd.DataFrame(rows, columns=list(COLUMNS))


def test_the_first_model_comes_into_use_without_a_comparison(workspace, trained):
    promoted = workflow.promote(workspace, trained[0], now=NOW)
    assert (promoted.instead_of, promoted.comparison) == (None, None)
    registry = Registry(workspace.models)
    assert registry.in_use() == trained[0]
    assert registry.card(trained[0]).promotions[0].instead_of is None
    assert [str(message) for message in promoted.messages] == [
        f"{trained[0]} is the model in use now",
        "No model was in use, so it was compared with none",
    ]


def test_the_newest_is_promoted_by_default_and_compared_with_the_one_in_use(workspace, trained):
    workflow.promote(workspace, trained[0], now=NOW)
    promoted = workflow.promote(workspace, now=NOW)
    assert (promoted.model_id, promoted.instead_of) == (trained[1], trained[0])
    assert promoted.comparison["metric"].tolist() == ["log_score", "hit_rate"]
    assert "worse" not in set(promoted.comparison["verdict"])
    kept = Registry(workspace.models).card(trained[1]).promotions[0]
    assert kept.comparison["hit_rate"]["difference"] == promoted.comparison["difference"].iloc[1]
    text = (workspace.models / trained[1] / "card.md").read_text(encoding="utf-8")
    assert f"2018-01-02T00:00:00+00:00: instead of {trained[0]}" in text
    assert "log score of a count in the last months" in text


def test_a_worse_model_needs_force_and_a_reason_which_the_card_keeps(workspace, trained, monkeypatch):
    workflow.promote(workspace, trained[0], now=NOW)
    monkeypatch.setattr(promoting, "compare_models", found("worse"))
    with pytest.raises(ModelError, match=f"{trained[1]} is shown to be worse than {trained[0]}.*-2.* give --force"):
        workflow.promote(workspace, trained[1])
    registry = Registry(workspace.models)
    assert registry.in_use() == trained[0]
    assert registry.card(trained[1]).promotions == []
    promoted = workflow.promote(workspace, trained[1], force=True, reason="new boundaries", now=NOW)
    assert registry.in_use() == trained[1]
    kept = registry.card(trained[1]).promotions[0]
    assert (kept.forced, kept.reason) == (True, "new boundaries")
    assert "It is shown to be worse, and was taken all the same" in map(str, promoted.messages)
    assert "reason given: new boundaries" in (workspace.models / trained[1] / "card.md").read_text(encoding="utf-8")
    assert json.loads(json.dumps(promoted.as_dict()))["comparison"][0]["verdict"] == "worse"


def test_a_model_of_other_counts_cannot_be_compared_and_needs_force(workspace, tmp_path):
    first = workflow.train(workspace, SMALL, now=NOW.replace(hour=1)).card.model_id
    workflow.promote(workspace, first, now=NOW)
    other = RiskModel(counts=("victims",), draws=40)
    second = workflow.train(workspace, other, now=NOW.replace(hour=2)).card.model_id
    with pytest.raises(ModelError, match=f"{second} counts other records than {first}.* give --force"):
        workflow.promote(workspace, second)
    promoted = workflow.promote(workspace, second, force=True, reason="victims are counted now", now=NOW)
    assert promoted.comparison is None
    assert "so the two were not compared" in str(promoted.messages[1])
    assert Registry(workspace.models).card(second).promotions[0].reason == "victims are counted now"


def test_a_better_model_needs_no_force(workspace, trained, monkeypatch):
    workflow.promote(workspace, trained[0], now=NOW)
    monkeypatch.setattr(promoting, "compare_models", found("better"))
    workflow.promote(workspace, trained[1], now=NOW)
    assert Registry(workspace.models).card(trained[1]).promotions[0].forced is False


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"force": True}, "--force needs --reason"),
        ({"force": True, "reason": "  "}, "--force needs --reason"),
        ({"reason": "because"}, "give it together with --force"),
        ({"force": True, "reason": "x" * 501}, "has 501 letters; at most 500"),
        ({"model_id": "other"}, "There is no model other"),
    ],
)
def test_options_that_do_not_fit_are_refused(workspace, options, said):
    with pytest.raises(ModelError, match=said):
        workflow.promote(workspace, **options)


def test_there_must_be_a_model_and_it_must_not_be_in_use_already(workspace, trained):
    workflow.promote(workspace, trained[1], now=NOW)
    with pytest.raises(ModelError, match="is in use already"):
        workflow.promote(workspace, trained[1])
    (workspace.models / IN_USE).unlink()
    for name in trained:
        (workspace.models / name / "card.json").unlink()
    with pytest.raises(ModelError, match="diemnong train"):
        workflow.promote(workspace)


def test_a_run_fits_the_model_in_use_to_the_present_records_and_says_which(workspace, trained, tmp_path):
    workflow.promote(workspace, trained[1], now=NOW)
    result = workflow.run(workspace, now=NOW)
    said = [str(notice) for notice in result.notices()]
    assert f"Model in use: {trained[1]}, fitted anew to the present records" in said
    unused = next(text for text in said if text.startswith("The model does not use: "))
    assert "; population density; " in unused
    assert "distance to the border;" not in unused
    manifest = json.loads((result.folder / "run.json").read_text(encoding="utf-8"))["model"]
    assert (manifest["in_use"], manifest["parameters"]["covariates"]) == (trained[1], ["border_distance_km"])
    stored = Registry(workspace.models).load(trained[1]).predict()
    ranking = result.content.outreach.set_index("commune_code")
    pd.testing.assert_series_equal(ranking["expected"].sort_index(), stored["expected"].sort_index())


def test_a_run_refuses_a_model_whose_file_was_changed(workspace, trained):
    workflow.promote(workspace, trained[0], now=NOW)
    (workspace.models / trained[0] / MODEL).write_bytes(b"torn")
    with pytest.raises(ModelError, match="is torn or was changed"):
        workflow.run(workspace, now=NOW)
    assert not list(workspace.runs.iterdir())
