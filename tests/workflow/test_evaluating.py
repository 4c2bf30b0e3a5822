import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import workflow
from geo.errors import ModelError
from geo.workspace import Settings, Workspace
from maps.evaluation import FILES
from models.drift import drift
from models.evaluate import as_recorded
from models.risk import RiskModel
from models.risk_state import from_state, to_state
from workflow.analysis import count
from workflow.evaluating import BASELINES, RISK_MODEL, STACK, models_of, newest_months
from workflow.layers import read_layers
from workflow.modelling import default_model, model_inputs

NOW = datetime(2018, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, demo_in):
    return Workspace(demo_in(tmp_path_factory.mktemp("evaluate") / "w").folder, lang="en")


@pytest.fixture(scope="module")
def inputs(workspace):
    layers = read_layers(workspace)
    return model_inputs(layers, count(layers, workspace.settings), workspace.settings)


@pytest.fixture(scope="module")
def evaluated(workspace):
    return workflow.evaluate_workspace(workspace, windows=1, now=NOW)


def test_the_risk_model_stands_beside_every_baseline(evaluated):
    found = set(evaluated.evaluation.scores["model"])
    trees = "boosted trees"
    assert found == {str(RISK_MODEL), as_recorded(str(RISK_MODEL)), str(STACK), *map(str, BASELINES)} - {trees}
    assert any(str(message).startswith(f"{trees} is left out") for message in evaluated.messages)
    assert set(evaluated.evaluation.scores["of"]) == {"units", "population", "area", "", "top"}
    assert set(evaluated.evaluation.comparisons["model"]) == {str(RISK_MODEL)}


def test_files_say_that_the_records_are_simulated(evaluated, workspace):
    folder = workspace.folder / "evaluations"
    assert [file.parent for file in evaluated.folder.iterdir()] == [evaluated.folder] * (1 + len(FILES))
    assert evaluated.folder.parent == folder
    table = pd.read_csv(evaluated.folder / "evaluation.csv")
    assert set(table["data_kind"]) == {"simulated"}
    assert (evaluated.folder / "hit_rates.png").read_bytes().startswith(b"\x89PNG")
    manifest = json.loads((evaluated.folder / "run.json").read_text(encoding="utf-8"))
    assert manifest["data_kind"] == "simulated"
    assert str(evaluated.messages[0]).startswith("SIMULATED DATA")


def test_the_table_of_the_file_is_that_of_the_result(evaluated):
    table = pd.read_csv(evaluated.folder / "evaluation.csv")
    np.testing.assert_allclose(table["value"], evaluated.evaluation.scores["value"], rtol=1e-6)


def test_plain_values_hold_no_nan(evaluated):
    told = json.dumps(evaluated.as_dict(), allow_nan=False)
    answer = json.loads(told)
    assert answer["data_kind"] == "simulated"
    assert isinstance(answer["fits"], bool)
    assert len(answer["communes"]) == 45
    assert all(row["value"] is not None for row in answer["scores"])


def test_the_last_year_is_compared_with_the_months_before_it(evaluated):
    assert (str(evaluated.drift.first), str(evaluated.drift.last)) == ("2017-01", "2017-12")
    assert list(evaluated.drift.checks.index) == ["cases", "absences", "log score", "coverage"]


def test_newer_months_are_compared_with_the_model_in_use_as_it_was_stored(inputs):
    months = inputs.table.index.get_level_values("month")
    model = (
        default_model(inputs, Settings()).set_params(draws=100).fit(inputs.table[months < "2017-11"], inputs.neighbours)
    )
    stored = from_state(to_state(model))
    found = newest_months(stored, model, inputs.table, inputs.neighbours)
    assert (str(found.first), str(found.last)) == ("2017-11", "2017-12")
    expected = drift(model, inputs.table[months >= "2017-11"])
    pd.testing.assert_frame_equal(found.checks, expected.checks)


def test_baselines_count_what_the_model_counts(inputs):
    risk = RiskModel(["cases"], covariates=["border_distance_km"])
    models = models_of(risk, 3)
    assert {tuple(model.counts) for model in models.values()} == {("cases",)}
    assert models["ridge regression"].covariates == ["border_distance_km"]
    assert models["Gaussian process"].random_state == 3


def test_records_of_a_few_months_cannot_be_evaluated(workspace, tmp_path):
    few = workflow.init(tmp_path / "w")
    store, source = few.store, workspace.store
    cases = source.read("cases")
    store.write({"cases": cases[cases["date"] >= "2017-09-01"]})
    with pytest.raises(ModelError, match="A forecast of 12 periods after 1 needs 13"):
        workflow.evaluate_workspace(Workspace(few.folder))
    assert not (few.folder / "evaluations").exists() or not any((few.folder / "evaluations").iterdir())
