"""A workspace whose layer has several districts (provinces), each fitted by itself with what the others tell."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import workflow
from geo.change import changing
from geo.errors import ModelError
from geo.workspace import Settings
from models.national_risk import NationalRiskModel
from models.registry import Registry
from models.risk import RiskModel
from tests.workflow import small_province
from tests.workflow.small_province import CODES
from workflow.analysis import count
from workflow.layers import read_layers
from workflow.modelling import default_model, fit, model_inputs

NOW = datetime(2018, 1, 2, tzinfo=UTC)
SAID = "Each district (since July 2025: province) was fitted by itself"


@pytest.fixture
def workspace(tmp_path):
    return made(tmp_path, ["Tỉnh A", "Tỉnh A", "Tỉnh B", "Tỉnh B"])


def made(folder, districts, **settings):
    workspace = small_province.make(folder / "w", **{"scale": {"by_district": True}, **settings})
    communes = workspace.store.read("communes").assign(district=pd.array(districts, dtype="str"))
    with changing(workspace.folder) as change:
        change.write({"communes": communes})
    rng, n = np.random.default_rng(4), 80
    days = pd.Series(rng.choice(pd.date_range("2014-01-15", periods=36, freq="MS"), n)).dt.strftime("%Y-%m-%d")
    same = {"commune_code": rng.choice(CODES, n), "vintage": "2025-07-01", "date": days}
    small_province.add(workspace, "cases", folder, case_id=np.arange(n), victims=1, source="police", **same)
    return workspace


def test_the_default_model_is_that_of_its_districts(workspace):
    layers, settings = read_layers(workspace), workspace.settings
    inputs = model_inputs(layers, count(layers, settings), settings)
    model = fit(default_model(inputs, settings), inputs)
    assert isinstance(model, NationalRiskModel)
    assert {name: list(one.units_) for name, one in model.provinces_.items()} == {
        "Tỉnh A": CODES[:2],
        "Tỉnh B": CODES[2:],
    }
    plain = default_model(inputs, Settings())
    assert type(plain) is RiskModel
    assert {n: v for n, v in model.get_params().items() if n != "province"} == plain.get_params()


def test_a_run_says_so_and_a_stored_model_is_fitted_by_district_wherever_it_is_used(workspace):
    ran = workflow.run(workspace, now=NOW)
    assert any(SAID in str(notice) for notice in ran.notices())
    trained = workflow.train(workspace, now=NOW)
    workflow.promote(workspace, trained.card.model_id, now=NOW)
    stored = Registry(workspace.models).load(trained.card.model_id)
    assert isinstance(stored, NationalRiskModel)
    np.testing.assert_array_equal(stored.draws_, trained.model.draws_)
    settings = workspace.settings.model_copy(
        update={"scale": workspace.settings.scale.model_copy(update={"by_district": False})}
    )
    (workspace.folder / "workspace.toml").write_text(settings.to_toml(), encoding="utf-8")
    again = workflow.run(type(workspace)(workspace.folder), now=NOW)
    same = ["commune_code", "rank", "expected", "lower", "upper"]
    pd.testing.assert_frame_equal(again.content.outreach[same], ran.content.outreach[same])


def test_one_district_is_the_plain_model(tmp_path):
    one, plain = (tmp_path / name for name in ("one", "plain"))
    rows = []
    for folder, by_district in ((one, True), (plain, False)):
        folder.mkdir()
        found = workflow.run(made(folder, ["A"] * 4, scale={"by_district": by_district}), now=NOW)
        assert not any(SAID in str(notice) for notice in found.notices())
        rows.append(found.content.outreach)
    pd.testing.assert_frame_equal(*rows)


def test_where_a_district_is_not_known_it_is_said_what_to_do(tmp_path):
    with pytest.raises(ModelError, match=r"name none; give the layer's column: --column district=COLUMN, or set it"):
        workflow.run(made(tmp_path, ["A", None, "B", "B"]), now=NOW)


def test_a_model_by_district_needs_the_districts_later_too(workspace):
    trained = workflow.train(workspace, now=NOW)
    workflow.promote(workspace, trained.card.model_id, now=NOW)
    communes = workspace.store.read("communes").assign(district=pd.array([None] * 4, dtype="str"))
    with changing(workspace.folder) as change:
        change.write({"communes": communes})
    with pytest.raises(ModelError, match="The model needs district, which the workspace does not have"):
        workflow.run(workspace, now=NOW)
