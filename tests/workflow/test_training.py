import json
from datetime import UTC, datetime

import pandas as pd
import pytest

import workflow
from geo.errors import ModelError, WorkspaceError
from models.registry import Registry
from models.risk import RiskModel

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
