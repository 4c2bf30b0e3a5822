import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln

from models.season import season_shares


def counts(*values):
    return pd.Series(values, index=range(1, 13))


def test_counts_that_differ_as_by_chance_give_nearly_even_shares():
    rng = np.random.default_rng(1)
    for _ in range(20):
        shares = season_shares(counts(*rng.multinomial(60, [1 / 12] * 12)))
        assert shares.sum() == pytest.approx(1)
    even = season_shares(counts(*[5] * 12))
    assert even.to_numpy() == pytest.approx(np.full(12, 1 / 12))


def test_a_strong_season_is_nearly_the_counts_own():
    seen = counts(*[100] * 3, *[10] * 9)
    shares = season_shares(seen)
    assert shares.to_numpy() == pytest.approx(seen.to_numpy() / seen.sum(), abs=0.01)


def test_no_month_is_left_without_a_share():
    assert (season_shares(counts(30, 10, *[0] * 10)) > 0).all()


def test_the_prior_is_the_one_that_makes_the_counts_most_probable():
    seen = counts(*[9, 4, 3, 8, 2, 1, 0, 2, 5, 6, 12, 9])
    events = seen.to_numpy(dtype=float)

    def log_probability(each):
        own = (gammaln(events + each) - gammaln(each)).sum()
        return gammaln(12 * each) - gammaln(events.sum() + 12 * each) + own

    grid = np.exp(np.linspace(-2, 12, 20_001))
    best = grid[np.argmax([log_probability(each) for each in grid])]
    expected = (events + best) / (events.sum() + 12 * best)
    assert season_shares(seen).to_numpy() == pytest.approx(expected, abs=1e-5)


def test_without_events_all_months_are_alike():
    assert season_shares(pd.Series(dtype=float)).to_numpy() == pytest.approx(np.full(12, 1 / 12))
