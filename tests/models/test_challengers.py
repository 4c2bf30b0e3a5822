import numpy as np
import pytest

from geo.errors import ModelError
from models.baselines import GammaPoisson
from models.kernel_ratio import KernelRatio
from models.simple_rankings import CumulativeCount, EmpiricalBayes, LastYearCount, Population
from tests.models.areal_panel import world, yearly

COUNTS = [[2, 4], [0, 0], [1, 5], [0, 0]]
PEOPLE = np.array([1000, 500, 4000, 500])
ALL = [CumulativeCount, LastYearCount, Population, EmpiricalBayes, KernelRatio]


def panel(counts=COUNTS, **columns):
    return yearly(counts, PEOPLE, x=[0.0, 3000, 0, 90_000], y=[0.0, 0, 4000, 0], **columns)


def test_the_cumulative_count_is_events_a_year_and_units_without_any_are_tied():
    table = CumulativeCount(["cases"]).fit(panel()).predict()
    assert table["expected"].tolist() == [3, 0, 3, 0]
    np.testing.assert_allclose(table["rate"], [30, 0, 7.5, 0])


def test_its_chances_have_one_event_more_spread_over_units_and_years():
    model = CumulativeCount(["cases"]).fit(panel())
    means = model.forecast(panel().xs("u0", drop_level=False))
    assert means.shape == (4, 2, 1)
    np.testing.assert_allclose(means[:, 0, 0], [3.125, 0.125, 3.125, 0.125])


def test_the_last_year_is_the_last_four_quarters():
    table, _, _ = world(years=2)
    recent = table[table.index.get_level_values("month").year == 2016]["cases"].groupby(level=0, sort=False).sum()
    found = LastYearCount(["cases"]).fit(table).predict()["expected"]
    np.testing.assert_allclose(found, recent)


def test_population_shares_the_events_out_by_people():
    table = Population(["cases"]).fit(panel()).predict()
    np.testing.assert_allclose(table["expected"], 6 * PEOPLE / PEOPLE.sum())
    np.testing.assert_allclose(table["rate"], 10)


def test_empirical_bayes_is_the_gamma_poisson_model_with_its_posterior():
    found = EmpiricalBayes(["cases"], draws=20_000).fit(panel()).predict()
    events = np.array(COUNTS).sum(axis=1)
    model = GammaPoisson().fit(events, 2.0 * PEOPLE)
    np.testing.assert_allclose(found["expected"], model.rate_ * PEOPLE)
    lower, upper = model.interval()
    np.testing.assert_allclose(found["lower"], lower * PEOPLE, rtol=0.05)
    np.testing.assert_allclose(found["upper"], upper * PEOPLE, rtol=0.05)
    assert found["p_top10"].sum() == pytest.approx(1)


def test_the_kernel_ratio_is_that_of_sums_of_kernels():
    h = 5000.0
    found = KernelRatio(["cases"], bandwidth_m=h).fit(panel()).predict()
    places = np.array([[0, 0], [3000, 0], [0, 4000], [90_000, 0]])
    kernel = np.exp(-(((places[:, None] - places) ** 2).sum(axis=2)) / (2 * h**2))
    events, person_years = np.array([6, 0, 6, 0]), 2.0 * PEOPLE
    common = 12 / person_years.sum()
    rate = (kernel @ events + 1) / (kernel @ person_years + 1 / common)
    np.testing.assert_allclose(found["expected"], rate * PEOPLE, rtol=1e-6)


def test_the_kernel_ratio_takes_the_bandwidth_that_foretells_the_last_year():
    table, _, _ = world(level=40.0, freq="Y")
    smooth = KernelRatio(["cases"]).fit(table).bandwidth_m_
    rng = np.random.default_rng(0)
    rates = np.repeat(rng.lognormal(0, 1.5, 25)[:, None], 4, axis=1)
    people = table["population"].to_numpy().reshape(25, 4)
    rough = KernelRatio(["cases"]).fit(table.assign(cases=rng.poisson(rates * people / 50).ravel())).bandwidth_m_
    assert rough == pytest.approx(5000)  # the nearest neighbour's distance: the least that can be chosen
    assert smooth >= rough


@pytest.mark.parametrize("challenger", ALL)
def test_without_any_event_all_are_finite(challenger):
    model = challenger(["cases"]).fit(panel(np.zeros((4, 2), dtype=int)))
    assert np.isfinite(model.predict().to_numpy(dtype=float)).all()
    assert (model.forecast(panel()).mean(axis=-1) > 0).all()


@pytest.mark.parametrize("challenger", ALL)
def test_nobody_at_risk_is_a_rate_without_nan_and_none_anywhere_is_an_error(challenger):
    people = np.array([1000, 0, 4000, 500])
    table = yearly(COUNTS, people, x=[0.0, 3000, 0, 90_000], y=[0.0, 0, 4000, 0])
    assert np.isfinite(challenger(["cases"]).fit(table).predict().to_numpy(dtype=float)).all()
    with pytest.raises(ModelError, match="Nobody is at risk"):
        challenger(["cases"]).fit(table.assign(population=0))


def test_missing_counts_are_not_zeros():
    table = panel().astype({"cases": "Int64"})
    table.loc[("u0", "2016"), "cases"] = None
    rate = EmpiricalBayes(["cases"]).fit(table)
    expected = GammaPoisson().fit([2, 0, 6, 0], [1000, 1000, 8000, 1000]).rate_
    np.testing.assert_allclose(rate.rate_, expected)


def test_places_must_be_there():
    with pytest.raises(ModelError, match="lacks the columns x, y"):
        KernelRatio(["cases"]).fit(yearly(COUNTS, PEOPLE))
    with pytest.raises(ModelError, match="1 units have no place"):
        KernelRatio(["cases"]).fit(panel().assign(x=np.repeat([0.0, np.nan, 1, 2], 2)))


@pytest.mark.parametrize("challenger", ALL)
def test_the_forecast_of_later_periods_follows_their_people(challenger):
    model = challenger(["cases"]).fit(panel())
    later = panel().assign(population=2 * np.repeat(PEOPLE, 2))
    factor = 1 if challenger in (CumulativeCount, LastYearCount) else 2
    np.testing.assert_allclose(model.predict(later)["expected"], factor * model.predict()["expected"])
    np.testing.assert_allclose(model.forecast(later), factor * model.forecast(panel()))
