import numpy as np
import pandas as pd
import pytest

from geo.errors import ModelError
from models.national_risk import NationalRiskModel
from models.risk import RiskModel
from models.risk_priors import Priors
from models.risk_state import from_state, to_state
from tests.models.test_risk import checkerboard, simulate


def plain(value):
    """Return whether a value holds nothing but what JSON and numpy know."""
    if isinstance(value, dict):
        return all(isinstance(name, str) and plain(one) for name, one in value.items())
    if isinstance(value, list):
        return all(map(plain, value))
    return value is None or type(value) in (str, int, float, bool) or value.dtype.kind == "f"


@pytest.fixture(scope="module", params=["all", "years, one stream", "negative binomial", "by province"])
def fitted(request):
    panel, _ = simulate(side=4)
    if request.param == "by province":
        of = pd.Series(np.array(["01", "02"]).repeat(8), panel.index.unique("commune_code")).sample(
            frac=1, random_state=0
        )
        panel = panel.join(of.rename("province_code"))
        return NationalRiskModel(effort=["effort"], covariates=["east"], draws=40).fit(panel, checkerboard(4)), panel
    if request.param == "all":
        return RiskModel(effort=["effort"], covariates=["east"], draws=60).fit(panel, checkerboard(4)), panel
    if request.param == "negative binomial":
        return RiskModel(effort=["effort"], family="negative_binomial", priors=Priors(noticed=0.5), draws=20).fit(
            panel, checkerboard(4)
        ), panel
    years = panel.groupby(level=0).agg({"cases": "sum", "population": "first"}).assign(year=2020)
    return RiskModel(["cases"], period="year", draws=20).fit(years, checkerboard(4)), years


def test_a_state_is_plain_and_knows_no_count(fitted):
    state = to_state(fitted[0])
    assert plain(state)
    assert "counts" not in state["rows"]


def test_a_model_from_its_state_predicts_the_same_bytes(fitted):
    model, panel = fitted
    again = from_state(to_state(model))
    pd.testing.assert_frame_equal(again.predict(), model.predict(), check_exact=True)
    pd.testing.assert_frame_equal(again.contributions(), model.contributions(), check_exact=True)
    pd.testing.assert_frame_equal(again.predict(panel), model.predict(panel), check_exact=True)
    pd.testing.assert_series_equal(again.log_score(panel), model.log_score(panel), check_exact=True)
    pd.testing.assert_frame_equal(again.noticing_, model.noticing_, check_dtype=False)
    np.testing.assert_array_equal(again.draws_, model.draws_)
    assert (again.hyper_, again.flags_) == (model.hyper_, model.flags_)
    assert again.get_params() == {n: tuple(v) if isinstance(v, list) else v for n, v in model.get_params().items()}
    assert type(again.priors) is Priors
    assert type(again) is type(model)


def test_a_state_of_another_form_is_refused(fitted):
    with pytest.raises(ModelError, match="is of form 99; this program reads form 1: train it again"):
        from_state(to_state(fitted[0]) | {"version": 99})
