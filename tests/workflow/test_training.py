import json
from datetime import UTC, datetime

import pandas as pd
import pytest

import workflow
from geo.errors import ModelError, WorkspaceError
from maps.text import translate
from models.model_card import Judgement, ModelCard
from models.registry import Registry
from models.risk import RiskModel
from workflow.describing import card_in_words
from workflow.judging import SIMPLE, judgement_words

NOW = datetime(2018, 1, 2, tzinfo=UTC)
SMALL = RiskModel(counts=("cases",), draws=40)


def cases(folder, n=24):
    """Write cases of two years, a month one, in communes that take turns."""
    rows = {
        "case_id": [f"c{i}" for i in range(n)],
        "date": pd.date_range("2016-01-01", periods=n, freq="MS").strftime("%Y-%m-%d"),
        "commune_code": ["03160", "03127", "03160"] * (n // 3),
        "vintage": "2025-07-01",
        "victims": 1,
        "source": "police",
    }
    pd.DataFrame(rows).to_csv(folder / "cases.csv", index=False)
    return folder / "cases.csv"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    made = workflow.init(folder / "w")
    workflow.add(made, "cases", cases(folder), now=NOW)
    return made


def test_a_trained_model_is_stored_with_its_card_and_not_in_use(workspace):
    trained = workflow.train(workspace, SMALL, now=NOW)
    registry = Registry(workspace.models)
    name = trained.card.model_id
    assert name in registry.names()
    assert registry.in_use() is None
    pd.testing.assert_frame_equal(registry.load(name).predict(), trained.model.predict(), check_exact=True)
    card = registry.card(name)
    assert card == trained.card
    assert (card.data_kind, card.units, card.events, card.period) == (
        "recorded", 45, {"cases": 24}, ("2016-01-01", "2017-12-31")
    )  # fmt: skip
    assert [row["table"] for row in card.inputs] == ["layers", "cases"]
    assert "no effort" in card.flags


def test_what_was_learned_is_said(workspace):
    trained = workflow.train(workspace, SMALL, now=NOW.replace(hour=1))
    said = [str(message) for message in trained.messages]
    assert said[0].startswith(f"Trained {trained.card.model_id} on 24 events in 45 communes")
    assert said[1].startswith("No effort is recorded")
    top = trained.ranking.iloc[0]
    first = said.index("Top communes, as even effort would record them in a year:") + 1
    assert said[first].startswith(f"1. {top['name']}: ")
    assert said[-1].endswith(f"diemnong promote {trained.card.model_id}")
    assert json.loads(json.dumps(trained.as_dict()))["card"]["units"] == 45


def test_the_card_can_be_read_in_both_languages(workspace):
    trained = workflow.train(workspace, SMALL, now=NOW.replace(hour=2))
    text = (workspace.models / trained.card.model_id / "card.md").read_text(encoding="utf-8")
    assert text.count(trained.card.model_id) >= 2
    assert "never whom to suspect" in text
    assert "| noticed_sd | 0.80 |" in text
    assert "| noticed_sd | 0,80 |" in text
    assert "SIMULATED" not in text
    assert trained.card.sha256 in text


def test_the_default_is_all_that_there_is(workspace):
    trained = workflow.train(workspace, now=NOW.replace(hour=3))
    assert trained.card.parameters["counts"] == ["cases"]
    assert trained.card.parameters["covariates"] == [
        "border_km_laos", "border_km_china", "border_distance_km", "population_per_km2", "centre_distance_km",
    ], "no crossing has a position, so distances to crossings are left out"  # fmt: skip
    assert trained.card.parameters["effort"] == []


def test_a_specification_of_what_is_not_there_is_refused_and_nothing_is_stored(workspace):
    before = Registry(workspace.models).names()
    with pytest.raises(ModelError, match="The model needs schools, which the workspace does not have"):
        workflow.train(workspace, RiskModel(counts=("cases",), covariates=("schools",)))
    assert Registry(workspace.models).names() == before


def test_without_any_record_there_is_nothing_to_train_on(tmp_path):
    with pytest.raises(WorkspaceError, match="diemnong add cases"):
        workflow.train(workflow.init(tmp_path / "w"))


HEADINGS = [
    "What it is for",
    "What it must not be used for",
    "Who may have it, and until when",
    "What it was given",
    "How it works",
    "Goals, and how well it foretells",
    "Errors by kind of commune",
    "What was learned of noticing",
    "Its limits",
    "When it came into use",
    "Correction and appeal",
    "Specification",
    "Priors",
    "Hyperparameters",
]


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """The card of a model of two years of cases, and its text: Vietnamese, then English."""
    folder = tmp_path_factory.mktemp("card")
    made = workflow.init(folder / "w")
    workflow.add(made, "cases", cases(folder), now=NOW)
    trained = workflow.train(made, SMALL, now=NOW)
    text = (made.models / trained.card.model_id / "card.md").read_text(encoding="utf-8")
    return trained.card, text.split("\n---\n")


def test_both_languages_of_a_card_have_every_section(card):
    _, (vietnamese, english) = card
    titles = [line.removeprefix("## ") for line in english.splitlines() if line.startswith("## ")]
    assert titles == HEADINGS
    said = [line.removeprefix("## ") for line in vietnamese.splitlines() if line.startswith("## ")]
    assert said == [translate(title, "vi") for title in HEADINGS]
    assert "2017-12-31" in english, "the last day of the records"
    assert "31/12/2017" in vietnamese


def test_a_card_bears_its_level_and_the_day_until_which_it_holds(card):
    kept, (_, english) = card
    assert (kept.release_level, kept.valid_until) == ("command", "2018-06-29")
    assert "- Level: command, restricted. " in english
    assert "- Valid until 2018-06-29. " in english
    assert "answers in writing within 15 days" in english


def test_a_card_sets_the_model_against_its_goals_and_simple_rankings_with_intervals(card):
    kept, (_, english) = card
    scores = pd.DataFrame(kept.judgement.scores)
    hits = scores[scores["metric"] == "hit_rate"].set_index("model")
    assert list(hits.index) == ["risk model", *map(str, SIMPLE)]
    assert hits[["lower", "value", "upper"]].apply(lambda row: row.is_monotonic_increasing, axis=1).all()
    # A case a month, two of three in a populous commune and one in another: who counts them finds every one.
    assert hits["value"]["cumulative counts"] == 1.0
    assert hits["value"]["population"] == pytest.approx(2 / 3)
    assert [(row["other"], row["goal"], row["value"]) for row in kept.judgement.multiples] == [
        ("cumulative counts", 1.25, hits["value"]["risk model"]),
        ("cumulative counts", 1.05, hits["value"]["risk model"]),
    ]
    assert english.count(": NOT MET") == 2
    assert "cumulative counts: 100 % of the events in 10 % of the units (100 to 100)" in english
    assert [window["events"] for window in kept.judgement.windows] == [12]


def test_a_card_tells_the_errors_by_kind_of_commune(card):
    kept, (_, english) = card
    kinds = pd.DataFrame(kept.judgement.kinds)
    assert set(kinds["kind"]) == {"remoteness", "population", "border", "data"}
    assert set(kinds.groupby("kind")["units"].sum()) == {3 * 45}
    outside = kinds["verdict"].isin(["outside", "perhaps chance"]).sum()
    assert sum("times that of all communes" in line for line in english.splitlines()) == outside > 0


def test_a_goal_is_met_only_if_its_whole_interval_is():
    def judged(lower, value):
        row = {"other": "population", "best": False, "goal": 1.25, "value": value, "lower": lower, "upper": 9.0}
        scores = [
            {"model": "risk model", "metric": metric, "of": of, "budget": budget, "value": 1, "lower": 1, "upper": 1}
            for metric, of, budget in (("hit_rate", "units", 0.1), ("log_score", "", None))
        ]
        windows = [{"first": "2017-01", "last": "2017-12", "events": 9}]
        words = judgement_words(Judgement(windows=windows, scores=scores, multiples=[row], kinds=[]))
        return str(words[1]).rsplit(": ", 1)[1]

    assert [judged(1.3, 2.0), judged(1.2, 2.0), judged(1.0, 1.1)] == ["met", "met in the mean only", "NOT MET"]


def test_a_card_that_an_earlier_version_wrote_is_read_and_says_what_it_lacks(card):
    old = card[0].model_dump(mode="json", exclude={"valid_until", "judgement"})
    english = card_in_words(ModelCard.model_validate(old)).split("\n---\n")[1]
    assert "It bears no expiry" in english
    assert "Not judged: " in english
