import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from geo.errors import ModelError
from models.national_risk import NationalRiskModel, fit_province, what_counts_say
from models.risk import RiskModel

ROWS, COLS = 4, 8
ASKED = {"counts": ["cases"], "covariates": ["x"], "draws": 300}


def country(seed=0, small=2):
    """Return a panel of three provinces, the third with ``small`` columns' worth of people at risk, adjacency, truth.

    Their coefficients are the same, and the order of rows has nothing to do with the provinces.
    """
    rng = np.random.default_rng(seed)
    n, years = ROWS * COLS, np.arange(3.0)
    col = np.tile(np.arange(COLS), ROWS)
    x = rng.normal(size=n)
    rate = np.exp(0.9 * x + rng.normal(0, 0.2, n)) / 500
    people = np.where(col < COLS - small, 3000, 300)
    index = pd.MultiIndex.from_product([[f"{i:02d}" for i in range(n)], years], names=["commune_code", "month"])
    columns = {
        "cases": rng.poisson(np.repeat(rate * people, 3)),
        "population": np.repeat(people, 3),
        "x": np.repeat(x, 3),
        "province_code": np.repeat(np.where(col < 3, "01", np.where(col < COLS - small, "02", "03")), 3),
    }
    grid = sparse.kron(np.eye(ROWS, k=1) + np.eye(ROWS, k=-1), np.eye(COLS))
    grid = grid + sparse.kron(np.eye(ROWS), np.eye(COLS, k=1) + np.eye(COLS, k=-1))
    return pd.DataFrame(columns, index=index), sparse.csr_array(grid), pd.Series(rate * people, index.unique(0))


@pytest.fixture(scope="module")
def fitted():
    panel, grid, truth = country()
    return NationalRiskModel(**ASKED).fit(panel, grid), panel, grid, truth


def test_one_province_is_the_plain_model_to_the_bit():
    panel, grid, _ = country()
    one = NationalRiskModel(**ASKED, random_state=3).fit(panel.assign(province_code="01"), grid)
    plain = RiskModel(**ASKED, random_state=3).fit(panel, grid)
    pd.testing.assert_frame_equal(one.predict(), plain.predict(), check_exact=True)
    pd.testing.assert_frame_equal(one.contributions(), plain.contributions(), check_exact=True)
    pd.testing.assert_frame_equal(one.flips(), plain.flips(), check_exact=True)
    pd.testing.assert_series_equal(one.log_score(panel), plain.log_score(panel), check_exact=True)
    np.testing.assert_array_equal(one.forecast(panel), plain.forecast(panel))
    assert (one.hyper_, one.flags_, len(one.national_)) == (plain.hyper_, plain.flags_, 0)


def test_tables_have_the_columns_and_the_order_of_the_plain_model(fitted):
    model, panel, grid, _ = fitted
    plain = RiskModel(**ASKED).fit(panel, grid)
    assert model.predict().columns.tolist() == plain.predict().columns.tolist()
    assert model.predict().index.equals(plain.units_)
    assert model.contributions().columns.tolist() == plain.contributions().columns.tolist()
    assert model.forecast(panel, most=20).shape == plain.forecast(panel, most=20).shape
    np.testing.assert_allclose(model.predict()["expected"], model.draws_.mean(axis=1))


def test_each_unit_has_what_the_model_of_its_province_says(fitted):
    model, panel, _, _ = fitted
    table, parts, third = model.predict(), model.contributions(), model.provinces_["03"]
    own = third.predict()
    columns = ["expected", "rate", "lower", "upper", "own_weight", "weak_data", "band_lower", "band_upper"]
    pd.testing.assert_frame_equal(table.loc[own.index, columns], own[columns])
    pd.testing.assert_frame_equal(parts.loc[own.index], third.contributions())
    later = panel.assign(population=2 * panel["population"])
    np.testing.assert_allclose(model.predict(later)["expected"], 2 * table["expected"])


def test_a_score_of_the_country_is_the_mean_of_its_counts(fitted):
    model, panel, _, _ = fitted
    panel = panel.assign(cases=panel["cases"].astype("Int64"))
    panel.loc["00", "cases"] = pd.NA
    total = 0.0
    for code, one in model.provinces_.items():
        rows = panel[panel["province_code"] == code]
        total += one.log_score(rows) * rows["cases"].notna().groupby(level="month").sum()
    np.testing.assert_allclose(model.log_score(panel), total / panel["cases"].notna().groupby(level="month").sum())


def test_a_province_of_few_cases_borrows_most_of_what_one_fit_of_the_country_knows():
    """Of the error that a fit of its own makes beyond one of the country, the national prior mends more than half."""
    errors, covered = [], []
    for seed in range(4):
        panel, grid, truth = country(seed)
        third = panel["province_code"] == "03"
        units = panel[third].index.unique("commune_code")
        inside = np.flatnonzero(truth.index.isin(units))
        alone = RiskModel(**ASKED).fit(panel[third], grid[inside][:, inside]).predict()
        whole = RiskModel(**ASKED).fit(panel, grid).predict().loc[units]
        national = NationalRiskModel(**ASKED).fit(panel, grid).predict().loc[units]
        errors.append([np.sqrt(np.mean(np.log(t["expected"] / truth[units]) ** 2)) for t in (alone, national, whole)])
        covered.append(((national["lower"] <= truth[units]) & (truth[units] <= national["upper"])).mean())
    alone, national, whole = np.mean(errors, axis=0)
    assert national - whole < 0.5 * (alone - whole)
    assert np.mean(covered) > 0.8


def test_what_is_common_is_found_with_its_spread(fitted):
    model, _, _, _ = fitted
    table = model.national_
    assert table.index.tolist() == ["level of cases", "x", "trend", "log sigma", "logit phi"]
    assert abs(table.loc["x", "mean"] - 0.9) < 2 * np.hypot(table.loc["x", "sd"], 0.1)
    assert abs(table.loc["level of cases", "mean"] - np.log(1 / 500)) < 3 * table.loc["level of cases", "sd"]
    assert (table[["sd", "between"]] > 0).all(axis=None)


class Backwards:
    """Workers who do the last piece first, and read what they are given as another process would."""

    def __init__(self):
        self.asked = []

    def map(self, function, pieces, *shared):
        self.asked.append(function)
        done = [pickle.loads(pickle.dumps(function(*pickle.loads(pickle.dumps((piece, *shared))))))  # noqa: S301
                for piece in reversed(list(pieces))]  # fmt: skip
        yield from reversed(done)


def test_the_bits_are_the_same_whoever_fits_the_provinces(fitted):
    model, panel, grid, _ = fitted
    workers = Backwards()
    again = NationalRiskModel(**ASKED).fit(panel, grid, workers=workers)
    assert workers.asked == [what_counts_say, fit_province]
    pd.testing.assert_frame_equal(again.predict(), model.predict(), check_exact=True)
    pd.testing.assert_frame_equal(again.national_, model.national_, check_exact=True)


def test_a_province_in_which_nobody_is_at_risk_or_nothing_is_known_is_the_countrys():
    panel, grid, _ = country()
    panel = panel.assign(cases=panel["cases"].astype("Int64"))
    panel.loc[panel["province_code"] == "03", "cases"] = pd.NA
    empty = panel.assign(population=panel["population"].where(panel["province_code"] != "03", 0))
    table = NationalRiskModel(**ASKED).fit(panel, grid).predict()
    third = panel["province_code"].groupby(level=0).first() == "03"
    per_person = (table["rate"] / 10_000)[third]
    assert 1 / 5000 < np.exp(np.log(per_person).mean()) < 1 / 100
    assert (NationalRiskModel(**ASKED).fit(empty, grid).predict().loc[third, "expected"] == 0).all()


def test_efforts_and_two_streams_are_told_of_the_mean_of_the_provinces():
    panel, grid, _ = country()
    rng = np.random.default_rng(5)
    panel = panel.assign(absences=rng.poisson(panel["cases"] + 0.5), effort=rng.gamma(2.0, 0.5, len(panel)))
    model = NationalRiskModel(effort=["effort"], covariates=["x"], draws=100).fit(panel, grid)
    assert model.noticing_[["stream", "effort"]].to_numpy().tolist() == [["cases", "effort"], ["absences", "effort"]]
    found = model.noticing_
    assert ((found["lower"] < found["share"]) & (found["share"] < found["upper"])).all()
    assert "log weight of effort for absences" in model.national_.index
    assert len(model.national_) == 2 + 1 + 1 + 4 + 3
    assert ((model.predict()["detection"] > 0) & (model.predict()["detection"] < 1)).all()
    assert set(model.flips()["unstable"]) <= {True, False}
    plain = RiskModel(covariates=["x"], effort=["effort"], draws=100).fit(panel, grid)
    assert stats.spearmanr(model.predict()["rate"], plain.predict()["rate"])[0] > 0.9


def test_a_unit_without_a_province_or_with_two_is_an_error_that_counts_them():
    panel, grid, _ = country()
    lacking = panel.copy()
    lacking.loc["05", "province_code"] = None
    twice = panel.copy()
    twice.iloc[:1, twice.columns.get_loc("province_code")] = "02"
    for wrong in (lacking, twice):
        with pytest.raises(ModelError, match="1 units have no province_code, or more than one"):
            NationalRiskModel(**ASKED).fit(wrong, grid)
    with pytest.raises(ModelError, match="lacks the columns province_code"):
        NationalRiskModel(**ASKED).fit(panel.drop(columns="province_code"), grid)


def test_several_provinces_are_flagged(fitted):
    model, panel, grid, _ = fitted
    assert model.flags_ == (*RiskModel(**ASKED).fit(panel, grid).flags_, "by province")
