import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist

from models.laplace import find_mode
from models.risk import RiskModel
from models.risk_priors import coefficient_priors
from models.unsure_reporting import flips, rates_if_reported, reporting_draws

UNITS = pd.Index([f"{i:05d}" for i in range(20)], name="commune_code")


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(3)
    rate = np.exp(rng.normal(0.0, 1.0, len(UNITS)))
    table = pd.DataFrame(
        {
            "commune_code": np.repeat(UNITS, 6),
            "month": np.tile(np.arange(6), len(UNITS)),
            "population": 1000,
            "far": np.repeat(rng.normal(size=len(UNITS)), 6),
            "effort": rng.gamma(2.0, 1.0, 6 * len(UNITS)),
        }
    )
    for name in ("cases", "absences"):
        table[name] = rng.poisson(np.repeat(rate, 6))
    model = RiskModel(effort=["effort"], covariates=["far"], draws=50)
    places = np.argwhere(np.ones((4, 5)))
    return model.fit(table, sparse.csr_array((cdist(places, places) == 1).astype(float)))


def factors(model, reporting):
    prior = coefficient_priors(model._data.rows, model.priors)
    return rates_if_reported(model._data, model._graph, prior, model._posterior.best, reporting)


def rates(model, mode):
    level = np.exp(mode.b[model._data.rows.layout.level])
    slopes = model._data.rows.covariates @ mode.b[model._data.rows.layout.slopes]
    return np.exp(slopes) * (level @ np.exp(np.outer(mode.hyper.loadings, mode.u)))


def test_reporting_as_it_was_taken_changes_nothing(fitted):
    assert factors(fitted, np.ones((len(UNITS), 1))) == pytest.approx(1.0, abs=1e-4)


def test_it_is_the_mode_of_a_model_whose_people_report_so_much(fitted):
    reporting = reporting_draws(len(UNITS), 1)[:, :5]
    rows, best = fitted._data.rows, fitted._posterior.best
    prior = coefficient_priors(rows, fitted.priors)
    refitted = [
        find_mode(
            rows._replace(log_exposure=rows.log_exposure + np.log(one)[:, None]), fitted._graph, prior, best.hyper, best
        )
        for one in reporting.T
    ]
    expected = np.stack([rates(fitted, mode) / rates(fitted, best) for mode in refitted], axis=1)
    # Noticing and the course of time are held, so that all rates may be off by a common factor.
    apart = np.log(factors(fitted, reporting) / expected)
    assert (apart - apart.mean(axis=0)).std() < 0.05 * np.log(expected).std()


def test_half_the_reporting_means_up_to_twice_the_rate(fitted):
    one = np.ones((len(UNITS), 1))
    one[7] = 0.5
    moved = factors(fitted, one)[:, 0]
    assert 1.5 < moved[7] <= 2.0
    assert moved[7] == moved.max()


def test_a_place_flips_as_often_as_draws_leave_or_enter_the_top_tenth():
    expected = np.array([10.0, 9.0, 1.0, *[0.5] * 7])
    draws = np.ones((10, 4))
    draws[0, :1] = 0.5  # in one draw of four the second passes the first
    found = flips(expected, draws, pd.RangeIndex(10))
    assert found["flips"].tolist() == [0.25, 0.25, *[0.0] * 8]
    assert found["unstable"].tolist() == [True, True, *[False] * 8]


def test_the_same_seed_varies_reporting_alike_by_half_at_most():
    draws = reporting_draws(45, 0)
    assert (draws == reporting_draws(45, 0)).all()
    assert draws.min() >= 0.5
    assert draws.max() <= 1.5
    assert draws.mean() == pytest.approx(1.0, abs=0.02)
