import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.patrol_demand import PatrolDemand
from models.patrol_schedule import deal, draw_shifts


@given(
    st.lists(st.floats(0.0, 2.0), min_size=1, max_size=8),
    st.integers(1, 8),
    st.integers(0, 5),
    st.integers(0, 2**32 - 1),
)
def test_a_deck_holds_each_route_as_often_as_planned_up_to_one_card(uses, weeks, spare, seed):
    uses = np.array(uses)
    shifts = int(np.ceil(uses.sum())) + spare
    if shifts == 0:
        return
    deck = deal(uses, shifts, weeks, np.random.default_rng(seed))
    assert deck.size == shifts * weeks
    counts = np.bincount(deck, minlength=uses.size + 1)[:-1]
    assert (np.abs(counts - uses * weeks) < 1 + 1e-6).all()


def test_the_mean_of_the_cards_is_exact():
    uses = np.array([0.3, 1.25, 0.07, 0.9])
    rng = np.random.default_rng(1)
    decks = 4000
    counts = np.array([np.bincount(deal(uses, 3, 2, rng), minlength=5) for _ in range(decks)])
    error = np.sqrt(counts.var(axis=0) / decks)
    assert (np.abs(counts.mean(axis=0) - 2 * np.append(uses, 3 - uses.sum())) < 4 * error + 1e-9).all()


def test_whole_weeks_without_spare_keep_the_planned_number_of_uses():
    uses, demand = np.array([2.5, 3.25, 1.25]), PatrolDemand(days=28, deck_weeks=4)
    none = np.zeros(0, dtype=int)
    for seed in range(20):
        drawn = draw_shifts(np.zeros(3, dtype=int), uses, none, np.array([1]), demand, np.random.default_rng(seed))
        assert np.bincount(drawn.route).tolist() == [10, 13, 5]


def test_each_day_is_like_any_other():
    uses, demand = np.array([2.0, 3.0]), PatrolDemand(days=10, rest_days=2)
    none, days = np.zeros(0, dtype=int), np.zeros(10)
    runs = 3000
    for seed in range(runs):
        drawn = draw_shifts(np.zeros(2, dtype=int), uses, none, np.array([1]), demand, np.random.default_rng(seed))
        days += np.bincount(drawn.day[drawn.route == 0] - 1, minlength=10)
    np.testing.assert_allclose(days / runs, 2 / 7, atol=4 * np.sqrt(2 / 7 * 5 / 7 / runs))


@pytest.mark.parametrize("rest_days", [0, 1, 6])
def test_rest_days_are_drawn_afresh_in_each_week(rest_days):
    demand = PatrolDemand(days=700, rest_days=rest_days)
    none = np.zeros(0, dtype=int)
    drawn = draw_shifts(
        np.zeros(1, dtype=int), np.array([7.0 - rest_days]), none, np.array([1]), demand, np.random.default_rng(3)
    )
    week, weekday = np.divmod(drawn.day - 1, 7)
    assert (np.bincount(week) == 7 - rest_days).all()
    assert (np.bincount(weekday, minlength=7) > 0).all()
