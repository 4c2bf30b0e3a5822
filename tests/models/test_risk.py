import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import clone

from geo.errors import ModelError
from models.risk import RiskModel
from models.risk_priors import Priors, coefficient_priors

SIDE, YEARS = 6, 2
COLUMNS = ["expected", "rate", "lower", "upper", "expected_rank", "p_top5", "p_top10", "p_top20", "detection"]


def checkerboard(side=SIDE):
    """Return the adjacency of a square of units that touch along their sides."""
    line = np.eye(side, k=1) + np.eye(side, k=-1)
    return np.kron(line, np.eye(side)) + np.kron(np.eye(side), line)


def simulate(seed=0, side=SIDE, level=8.0, effort_matters=True):
    """Return a panel of quarters over a square whose risk rises from west to east, and the true rates."""
    rng = np.random.default_rng(seed)
    n, quarters = side * side, pd.period_range("2018Q1", periods=4 * YEARS, freq="Q")
    east = np.tile(np.linspace(-1, 1, side), side)
    rate = np.exp(1.2 * east + rng.normal(0, 0.2, n))
    # Agencies look where there is little: what is noticed runs against what happens.
    effort = np.exp(-0.8 * east)[:, None] * rng.gamma(4.0, 0.25, (n, 1)) * np.ones(len(quarters))
    people = rng.integers(500, 4000, n)
    events = rate[:, None] * people[:, None] / 1000 * level / 4
    columns = {}
    for name, share, floor in (("cases", 0.15, 0.3), ("absences", 0.4, 1.0)):
        attention = (floor + effort) / (floor + 1) if effort_matters else np.ones_like(effort)
        columns[name] = rng.poisson(events * (1 - (1 - share) ** attention)).ravel()
    index = pd.MultiIndex.from_product([[f"{i:05d}" for i in range(n)], quarters], names=["commune_code", "month"])
    more = {
        "population": np.repeat(people, len(quarters)),
        "effort": effort.ravel(),
        "east": np.repeat(east, len(quarters)),
    }
    return pd.DataFrame(columns | more, index=index), rate


@pytest.fixture(scope="module")
def fitted():
    panel, rate = simulate()
    return RiskModel(effort=["effort"], covariates=["east"]).fit(panel, checkerboard()), panel, rate


def test_a_prediction_has_the_columns_and_one_row_a_unit(fitted):
    model, panel, _ = fitted
    table = model.predict()
    assert table.columns.tolist()[:9] == COLUMNS
    assert table.index.equals(pd.Index(panel.index.unique("commune_code")))
    assert np.isfinite(table.drop(columns="weak_data").to_numpy(dtype=float)).all()
    assert (table["lower"] <= table["expected"]).all()
    assert (table["expected"] <= table["upper"]).all()
    np.testing.assert_allclose(table["expected"], model.draws_.mean(axis=1))


def test_the_truth_is_found_behind_effort_that_runs_against_it(fitted):
    model, panel, rate = fitted
    counts = panel.groupby(level=0)[["cases", "absences"]].sum().sum(axis=1)
    people = panel.groupby(level=0)["population"].first()
    blind = RiskModel(covariates=["east"]).fit(panel, checkerboard())
    of_counts = stats.spearmanr(counts / people, rate)[0]
    of_blind = stats.spearmanr(blind.predict()["rate"], rate)[0]
    of_model = stats.spearmanr(model.predict()["rate"], rate)[0]
    assert of_counts < of_model
    assert of_blind < of_model
    assert of_model > 0.9


def test_intervals_of_twelve_worlds_hold_the_truth_nine_times_in_ten():
    inside = []
    for seed in range(12):
        panel, rate = simulate(seed, effort_matters=False)
        table = RiskModel(counts=["absences"], draws=400).fit(panel, checkerboard()).predict()
        people = panel.groupby(level=0)["population"].first().to_numpy()
        truth = rate * people / 1000 * 8.0 * 0.4
        inside.append(((table["lower"] <= truth) & (truth <= table["upper"])).mean())
    assert 0.86 < np.mean(inside) < 0.95


def test_the_same_seed_gives_the_same_bytes_and_another_seed_nearly_the_same(fitted):
    model, panel, _ = fitted
    again = clone(model).fit(panel, checkerboard())
    np.testing.assert_array_equal(model.draws_, again.draws_)
    other = clone(model).set_params(random_state=1).fit(panel, checkerboard()).predict()["expected"]
    np.testing.assert_allclose(other, model.predict()["expected"], rtol=0.1)


def test_the_order_of_rows_changes_nothing_but_the_order_of_units(fitted):
    model, panel, _ = fitted
    flipped = panel.iloc[::-1]
    again = clone(model).set_params(draws=4000).fit(flipped, checkerboard()[::-1, ::-1]).predict()
    assert again.index.tolist() == model.units_[::-1].tolist()
    np.testing.assert_allclose(again["expected"].loc[model.units_], model.predict()["expected"], rtol=0.12)


def test_contributions_add_up_to_the_log_rate(fitted):
    model, _, _ = fitted
    parts = model.contributions()
    assert parts.columns.tolist() == ["east", "neighbours", "own", "effort"]
    log_rate = np.log(model.predict()["rate"])
    gap = log_rate - parts[["east", "neighbours", "own"]].sum(axis=1)
    assert gap.std() < 0.1 * log_rate.std()  # the mean of a logarithm is not the logarithm of a mean
    assert parts["effort"].corr(model.predict()["detection"], method="spearman") == pytest.approx(-1)


def test_a_prediction_for_later_periods_follows_their_people(fitted):
    model, panel, _ = fitted
    later = panel.xs(pd.Period("2019Q4", "Q"), level="month", drop_level=False).rename(
        index={pd.Period("2019Q4", "Q"): pd.Period("2020Q4", "Q")}, level="month"
    )
    table = model.predict(later.assign(population=2 * later["population"]))
    same = model.predict(later)
    np.testing.assert_allclose(table["expected"], 2 * same["expected"])
    np.testing.assert_allclose(table["rate"], same["rate"])


def test_the_score_of_later_counts_is_best_for_the_model_that_made_them():
    panel, _ = simulate(5, level=20.0)
    split = pd.Period("2019Q1", "Q")
    months = panel.index.get_level_values("month")
    early, late = panel[months < split], panel[months >= split]
    seeing = RiskModel(effort=["effort"]).fit(early, checkerboard()).log_score(late)
    blind = RiskModel(draws=300).fit(early.assign(population=1), checkerboard()).log_score(late.assign(population=1))
    assert seeing.index.astype(str).tolist() == ["2019Q1", "2019Q2", "2019Q3", "2019Q4"]
    assert seeing.mean() > blind.mean() - 0.02


def test_the_score_of_one_draw_is_the_poisson_probability():
    panel, _ = simulate(1, side=2)
    model = RiskModel(draws=1).fit(panel, checkerboard(2))
    data = model._data
    mean = model._sample.mean_counts(data, 0)
    by_hand = stats.poisson.logpmf(data.rows.counts, mean).mean(axis=(0, 1))
    np.testing.assert_allclose(model.log_score(panel), by_hand)


def test_a_forecast_is_the_means_of_the_draws_given_the_efforts(fitted):
    model, panel, _ = fitted
    one = model.forecast(panel, ["cases"], most=3)
    both = model.forecast(panel, most=3)
    assert both.shape == (SIDE**2, 4 * YEARS, 3)
    for place, draw in enumerate((0, 499, 999)):
        mean = model._sample.mean_counts(model._data, draw)
        np.testing.assert_allclose(one[:, :, place], mean[0])
        np.testing.assert_allclose(both[:, :, place], mean.sum(axis=0))
    more = model.forecast(panel.assign(effort=2 * panel["effort"], cases=0, absences=0))
    assert (more.mean(axis=(1, 2)) > model.forecast(panel).mean(axis=(1, 2))).all()


def test_a_forecast_of_negative_binomial_counts_carries_their_gamma_variate():
    panel, _ = simulate(0, level=40.0, effort_matters=False)
    panel["cases"] = np.random.default_rng(0).poisson(
        panel["cases"] * np.random.default_rng(1).gamma(0.5, 2.0, len(panel))
    )
    model = RiskModel(["cases"], family="negative_binomial", draws=200).fit(panel, checkerboard())
    draws = np.linspace(0, 199, 200).astype(int)
    means = np.stack([model._sample.mean_counts(model._data, draw)[0] for draw in draws], axis=-1)
    variate = model.forecast(panel) / means
    assert variate.mean() == pytest.approx(1, abs=0.02)
    assert variate.var() == pytest.approx((1 / model._sample.size).mean(), rel=0.1)


def test_negative_binomial_counts_are_seen_as_more_uncertain():
    rng = np.random.default_rng(0)
    panel, _ = simulate(0, level=40.0)
    wild = rng.gamma(0.5, 2.0, len(panel))
    panel["cases"] = rng.poisson(panel["cases"] * wild)
    one = {"counts": ["cases"], "draws": 500}
    poisson = RiskModel(**one).fit(panel, checkerboard())
    dispersed = RiskModel(**one, family="negative_binomial").fit(panel, checkerboard())
    assert 0.3 < dispersed.hyper_["size"] < 0.9  # 0.5 is the truth
    width = [
        (model.predict().eval("upper - lower") / model.predict()["expected"]).mean() for model in (poisson, dispersed)
    ]
    assert width[1] > 1.3 * width[0]


def test_effort_that_the_data_do_not_speak_of_gives_a_band():
    # Where counts are almost none, what effort notices stays what the prior says.
    panel, _ = simulate(2, level=0.05)
    model = RiskModel(effort=["effort"]).fit(panel, checkerboard())
    assert "effort not identified" in model.flags_
    assert not model.noticing_["moved"].any()
    table = model.predict()
    assert ((table["band_upper"] - table["band_lower"]) / table["expected"]).median() > 0.05
    assert (table["band_lower"] <= table["expected"]).all()
    assert (table["expected"] <= table["band_upper"]).all()


def test_other_priors_give_other_results_and_the_defaults_the_same():
    panel, _ = simulate(2, level=1.0)
    usual, named, seen = (
        RiskModel(effort=["effort"], draws=100, **given).fit(panel, checkerboard()).predict()
        for given in ({}, {"priors": Priors()}, {"priors": Priors(noticed=3.0, noticed_sd=0.1)})
    )
    pd.testing.assert_frame_equal(usual, named, check_exact=True)
    assert usual["detection"].mean() < 0.4  # 1 − exp(−0.3) is a quarter
    assert seen["detection"].mean() > 0.8


def test_a_fit_without_effort_says_so_and_has_no_band():
    panel, _ = simulate(0)
    model = RiskModel(draws=50).fit(panel, checkerboard())
    table = model.predict()
    assert model.flags_ == ("no effort",)
    assert model.noticing_.empty
    np.testing.assert_array_equal(table["band_lower"], table["expected"])
    assert (table["detection"] == 1).all()


def broken(panel, what):
    table = panel.reset_index()
    unit = table["commune_code"]
    if what == "all zero":
        return table.assign(cases=0, absences=0)
    if what == "nobody in one unit":
        return table.assign(population=table["population"].where(unit != "00003", 0))
    if what == "collinear":
        return table.assign(again=2 * table["east"] + 1)
    if what == "outlier":
        return table.assign(cases=table["cases"].where(unit != "00005", 1_000_000))
    if what == "vast exposure":
        return table.assign(population=table["population"].where(unit != "00005", 10**9))
    if what == "missing months":
        return table.assign(cases=table["cases"].astype("Int64").mask(np.arange(len(table)) % 3 == 0)).iloc[5:]
    if what == "no effort in most":
        return table.assign(effort=table["effort"].where(unit == "00007", 0.0))
    return table


@pytest.mark.parametrize(
    "what",
    ["all zero", "nobody in one unit", "collinear", "outlier", "vast exposure", "missing months", "no effort in most"],
)
def test_bad_panels_give_numbers_and_never_nan(what):
    panel, _ = simulate(3, side=4)
    covariates = ["east", "again"] if what == "collinear" else ["east"]
    model = RiskModel(effort=["effort"], covariates=covariates, draws=100).fit(broken(panel, what), checkerboard(4))
    table = model.predict()
    assert np.isfinite(table.to_numpy(dtype=float)).all()
    assert np.isfinite(model.contributions()).all().all()
    if what == "all zero":
        assert "no event" in model.flags_
        assert table["expected"].sum() < 10
    if what == "nobody in one unit":
        assert table.loc["00003", ["expected", "rate", "upper"]].tolist() == [0, 0, 0]
    if what == "outlier":
        assert table["expected"].idxmax() == "00005"


@pytest.mark.parametrize(
    "neighbours",
    [None, np.zeros((16, 16)), np.kron(np.eye(2), checkerboard(4)[:8, :8])],
    ids=["none", "islands", "parts"],
)
def test_islands_and_parts_are_fitted(neighbours):
    panel, _ = simulate(3, side=4)
    table = RiskModel(draws=100).fit(panel, neighbours).predict()
    assert np.isfinite(table.to_numpy(dtype=float)).all()


def test_one_commune_is_fitted():
    panel, _ = simulate(3, side=1)
    model = RiskModel(effort=["effort"], covariates=["east"], draws=100).fit(panel)
    assert np.isfinite(model.predict().to_numpy(dtype=float)).all()
    assert set(model.flags_) >= {"dropped: effort", "dropped: east", "no neighbours"}


def test_one_period_is_fitted():
    panel, _ = simulate(3, side=4)
    year = panel.groupby(level=0).agg({"cases": "sum", "absences": "sum", "population": "first", "effort": "mean"})
    table = (
        RiskModel(effort=["effort"], period="year", draws=100).fit(year.assign(year=2020), checkerboard(4)).predict()
    )
    assert np.isfinite(table.to_numpy(dtype=float)).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"family": "normal"}, "family normal is not known; choose one of poisson, negative_binomial"),
        ({"counts": ()}, "at least one column of counts"),
        ({"draws": 0}, "at least one draw"),
        ({"exposure": "nobody"}, "Nobody is at risk"),
    ],
)
def test_wrong_parameters_are_said(parameters, message):
    panel, _ = simulate(3, side=2)
    with pytest.raises(ModelError, match=message):
        RiskModel(**parameters).fit(panel.assign(nobody=0), checkerboard(2))


def test_few_records_leave_no_tail_above_what_counts_of_nothing_allow():
    rng = np.random.default_rng(1)
    n, months = 45, pd.period_range("2020-01", periods=24, freq="M")
    counts = rng.multinomial(24, np.repeat(rng.dirichlet(np.ones(n) * 0.08), 24) / 24)
    index = pd.MultiIndex.from_product([[f"{i:05d}" for i in range(n)], months], names=["commune_code", "month"])
    people = np.repeat(rng.integers(2000, 20_000, n), 24)
    model = RiskModel(counts=["cases"]).fit(pd.DataFrame({"cases": counts, "population": people}, index=index))
    table = model.predict()
    # 12 a year were recorded; the sum of a commune's mean and of all is that of a Poisson posterior, not of its tail.
    assert 10 < table["expected"].sum() < 16
    assert model.draws_.sum(axis=0).max() < 30
    assert (table["expected"] < table["upper"]).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_the_expected_counts_add_up_to_the_counts_but_for_the_levels_prior(seed):
    """Integrating the posterior's derivative in α_k by parts: E Σ μ = Y − (E α_k − mean) / variance, exactly."""
    panel, _ = simulate(seed, level=0.6)
    model = RiskModel().fit(panel, checkerboard())
    sample, data = model._sample, model._data
    prior, level = coefficient_priors(data.rows), data.rows.layout.level
    totals = np.array([sample.mean_counts(data, draw).sum(axis=(1, 2)) for draw in range(1000)])
    moved = -prior.gradient(sample.coefficients.mean(axis=1))[level]
    # A total has the standard deviation √Y; the mean of 1,000 draws a thirtieth of it.
    counts = data.rows.counts.sum(axis=(1, 2))
    assert (np.abs(totals.mean(axis=0) - (counts - moved)) < 0.15 * np.sqrt(counts)).all()


def test_a_missing_month_is_not_known_and_makes_no_commune_smaller():
    panel, _ = simulate(4)
    unit = panel.index.get_level_values("commune_code")
    late = panel.index.get_level_values("month") > pd.Period("2018Q2", "Q")
    gone = panel[~((unit == "00004") & late)]
    unsent = panel.astype({"cases": "Int64", "absences": "Int64"})
    unsent.loc[(unit == "00004") & late, ["cases", "absences"]] = pd.NA
    by_rows, by_counts = (RiskModel(draws=4000).fit(table, checkerboard()) for table in (gone, unsent))
    assert "rows missing" in by_rows.flags_
    assert "rows missing" not in by_counts.flags_
    expected = by_rows.predict()["expected"]
    np.testing.assert_allclose(expected, by_counts.predict()["expected"], rtol=1e-9)
    assert np.isfinite(by_rows.log_score(gone)).all()


def test_a_stream_of_which_nothing_is_known_is_refused():
    panel, _ = simulate(3, side=2)
    with pytest.raises(ModelError, match="No count of absences is known"):
        RiskModel().fit(panel.assign(absences=np.nan), checkerboard(2))


@pytest.mark.parametrize(
    ("what", "flag"),
    [
        ("nobody in one unit", "events of nobody"),
        ("collinear", "collinear covariates"),
        ("outlier", "outlier: cases"),
        ("vast exposure", "outlier: population"),
        ("missing months", "rows missing"),
    ],
)
def test_what_is_odd_in_a_panel_is_flagged(what, flag):
    panel, _ = simulate(3, side=4)
    covariates = ["east", "again"] if what == "collinear" else ["east"]
    assert flag in RiskModel(covariates=covariates, draws=20).fit(broken(panel, what), checkerboard(4)).flags_
    assert flag not in RiskModel(covariates=["east"], draws=20).fit(panel, checkerboard(4)).flags_


def test_one_column_may_be_given_by_its_name():
    panel, _ = simulate(3, side=2)
    one, other = (RiskModel(counts=counts, draws=20).fit(panel, checkerboard(2)) for counts in ("cases", ["cases"]))
    np.testing.assert_array_equal(one.draws_, other.draws_)


ORACLE = json.loads((Path(__file__).parent / "mcmc_reference.json").read_text(encoding="utf-8"))


def test_the_posterior_is_that_of_a_long_markov_chain():
    """`mcmc_reference.py` sampled the same model by NUTS; its summary names the versions and the settings."""
    panel = pd.DataFrame(ORACLE["panel"])
    panel["quarter"] = pd.PeriodIndex(panel["quarter"], freq="Q")
    model = RiskModel(effort=["effort"], covariates=["east"], unit="unit", period="quarter", draws=4000)
    model.fit(panel, np.array(ORACLE["neighbours"]))
    found, chain = np.log(model.draws_), ORACLE["log_expected"]
    spread = np.array(chain["sd"])
    assert np.abs(found.mean(axis=1) - chain["mean"]).max() < 0.25 * spread.max()
    assert np.abs((found.mean(axis=1) - chain["mean"]) / spread).mean() < 0.12
    np.testing.assert_allclose(found.std(axis=1), spread, rtol=0.15)
    lower, upper = np.quantile(found, [0.05, 0.95], axis=1)
    assert np.abs((lower - chain["q05"]) / spread).mean() < 0.2
    assert np.abs((upper - chain["q95"]) / spread).mean() < 0.2
    assert model.hyper_["sigma"] == pytest.approx(chain["sigma"], rel=0.15)
    assert stats.spearmanr(found.mean(axis=1), chain["mean"])[0] > 0.995
