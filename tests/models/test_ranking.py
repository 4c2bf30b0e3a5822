import numpy as np
import pandas as pd
import pytest

from geo.crs import METRIC
from models.baselines import GammaPoisson
from models.ranking import PER, WEAK_WEIGHT, rank_of, rank_outreach
from tests.conftest import NEW, commune_layer, square

YEARS = 5.0


def totals(cases, absences=(0, 0, 0, 0), population=(1000, 2000, 3000, 4000)):
    zeros = dict.fromkeys(["victims", "offenders", "sessions", "attendees"], 0)
    columns = {"cases": cases, "absences": absences, **zeros, "services": 0.0, "population": population}
    return pd.DataFrame(columns, index=pd.Index(NEW, name="commune_code"))


def ranked(communes, table, reach_m=12_000.0):
    return rank_outreach(communes, table, YEARS, reach_m=reach_m, crs=METRIC).set_index("commune_code")


def rate_around_by_hand(events, people, reach_m):
    """Written out for four squares whose centres are 10 km apart along the sides and 14.1 km across."""
    kernel = {d: max(0.0, 1 - (d / reach_m) ** 2) ** 2 for d in (10_000.0, 10_000.0 * 2**0.5)}
    beside, across = kernel[10_000.0], kernel[10_000.0 * 2**0.5]
    neighbours = {0: {1: beside, 2: beside, 3: across}, 1: {0: beside, 3: beside, 2: across}}
    neighbours |= {2: {0: beside, 3: beside, 1: across}, 3: {1: beside, 2: beside, 0: across}}
    exposure = np.array(people) * YEARS
    province = sum(events) / exposure.sum()
    known_from = np.array([sum(w * events[j] for j, w in near.items()) + 1 for near in neighbours.values()])
    people_years = [sum(w * exposure[j] for j, w in near.items()) + 1 / province for near in neighbours.values()]
    return known_from / people_years, known_from


@pytest.mark.parametrize("reach_m", [12_000.0, 25_000.0])
def test_the_rate_is_the_gamma_poisson_posterior_around_the_neighbours_rate(communes, reach_m):
    events, people = [3, 0, 5, 1], [1000, 2000, 3000, 4000]
    result = ranked(communes, totals([1, 0, 4, 1], [2, 0, 1, 0]), reach_m).loc[NEW]
    around, known_from = rate_around_by_hand(events, people, reach_m)
    np.testing.assert_allclose(result["neighbour_rate"], around * PER, rtol=1e-6)
    model = GammaPoisson().fit(events, np.array(people) * YEARS, around, known_from)
    np.testing.assert_allclose(result["expected"], model.rate_ * people, rtol=1e-6)
    np.testing.assert_allclose(result["own_rate"], np.array(events) / people / YEARS * PER)


def test_each_score_is_the_weighted_mean_of_its_two_parts(communes):
    result = ranked(communes, totals([1, 0, 4, 1], [2, 0, 1, 0]))
    mixed = result["own_weight"] * result["own_rate"] + (1 - result["own_weight"]) * result["neighbour_rate"]
    np.testing.assert_allclose(result["rate"], mixed)
    np.testing.assert_allclose(result["expected"], result["rate"] / PER * result["population"])
    assert (result["lower"] < result["expected"]).all()
    assert (result["expected"] < result["upper"]).all()


def test_a_neighbour_of_many_events_ranks_above_a_lonely_commune_of_as_many():
    shapes = [square(0, 0), square(1, 0), square(6, 0), square(9, 9)]
    result = ranked(commune_layer(shapes), totals([4, 1, 1, 1], population=[2000] * 4), 15_000.0)
    assert result["expected"]["00002"] > 1.05 * result["expected"]["00003"]
    assert result["rank"]["00003"] == result["rank"]["00004"] == 3


def test_ties_share_the_best_rank_whatever_the_rounding():
    assert rank_of(pd.Series([0.3, 0.1 + 0.2, 0.5, 0.1])).tolist() == [2, 2, 1, 4]
    assert rank_of(pd.Series([0.0, 0.0])).tolist() == [1, 1]


def test_without_any_event_communes_rank_by_population_and_say_that_silence_is_not_safety(communes):
    result = ranked(communes, totals([0, 0, 0, 0]))
    assert list(result.index) == ["00004", "00003", "00002", "00001"]
    assert np.isfinite(result.select_dtypes("number")).all(axis=None)
    assert all("silence is not safety" in str(reasons[0]) for reasons in result["reasons"])


def test_a_commune_without_people_gives_no_infinite_rate(communes):
    result = ranked(communes, totals([1, 0, 2, 0], population=[0, 2000, 3000, 4000]))
    assert np.isfinite(result.select_dtypes("number")).all(axis=None)


def test_communes_ranked_mostly_by_their_neighbours_are_flagged(communes):
    result = ranked(communes, totals([8, 1, 0, 30], population=[100, 2000, 3000, 40_000]))
    assert (result["weak_data"] == (result["own_weight"] < WEAK_WEIGHT)).all()


def test_the_order_of_communes_does_not_matter(communes):
    table = totals([1, 0, 4, 1])
    pd.testing.assert_frame_equal(ranked(communes, table), ranked(communes.iloc[::-1], table.iloc[::-1]), rtol=1e-9)
