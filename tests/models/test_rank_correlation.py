import numpy as np
import pytest
from scipy import stats

from models.rank_correlation import correlations, explained_by_ranks, rank_correlation


def rng():
    return np.random.default_rng(0)


def test_the_correlation_is_scipys_with_ties_too():
    one, other = rng().integers(0, 5, 40).astype(float), rng().normal(size=40)
    assert rank_correlation(one, other, rng()).value == pytest.approx(stats.spearmanr(one, other).statistic)


def test_the_interval_holds_the_value_and_narrows_with_units():
    def width(n):
        draws = np.random.default_rng(1)
        one = draws.normal(size=n)
        found = rank_correlation(one, one + draws.normal(size=n), rng())
        assert found.lower < found.value < found.upper
        return found.upper - found.lower

    assert width(400) < width(40) / 2


def test_years_of_a_unit_are_drawn_together():
    # Every unit is alike in all its years: with the years drawn apart the interval would be far narrower.
    draws = np.random.default_rng(2)
    by_unit = draws.normal(size=30)
    noise = draws.normal(size=30)
    one, other = (np.repeat(side[:, None], 10, axis=1) for side in (by_unit, by_unit + noise))
    _, again = correlations([(one, other), (by_unit, by_unit + noise)], rng())
    assert again[:, 0] == pytest.approx(again[:, 1], abs=1e-12)


def test_what_is_everywhere_the_same_is_correlated_with_nothing():
    assert rank_correlation(np.ones(10), np.arange(10.0), rng()) == (0.0, 0.0, 0.0)


def test_r2_of_a_share_that_follows_the_ranking_is_one_and_of_noise_within_chance():
    x = np.arange(45.0)
    told, chance = explained_by_ranks(x, np.exp(x), rng())
    assert told.value == pytest.approx(1.0)
    assert chance == pytest.approx(1.96**2 / 44, rel=0.25)
    noise, chance = explained_by_ranks(x, np.random.default_rng(5).normal(size=45), rng())
    assert noise.value < chance
