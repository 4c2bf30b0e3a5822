import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import ModelError
from models.hit_rates import (
    area_under_curve,
    best_hits,
    hit_curve,
    hit_rate,
    hits,
    pai,
    pei,
    shares_taken,
    spans,
)

SCORE = [3.0, 1.0, 2.0, 0.0]
EVENTS = [4, 1, 0, 5]


def hits_by_all_orders(score, events, budget):
    """The mean over every order of tied cells, the last cell in part; equal areas."""
    found = []
    for order in itertools.permutations(range(len(score))):
        if all(score[a] >= score[b] for a, b in itertools.pairwise(order)):
            left, sum_ = budget * len(score), 0.0
            for cell in order:
                sum_ += min(1.0, left) * events[cell]
                left = max(0.0, left - 1.0)
            found.append(sum_)
    return np.mean(found)


def test_cells_are_taken_by_score_and_the_last_one_in_part():
    # In order of score: 4, 0, 1, 5 events, a quarter of the area each.
    np.testing.assert_allclose(hits(SCORE, EVENTS, None, [0.125, 0.25, 0.5, 0.625, 0.875, 1]), [2, 4, 4, 4.5, 7.5, 10])
    assert hits(SCORE, EVENTS, None, 0.25).shape == ()


def test_areas_say_how_far_a_budget_reaches():
    # Half of an area of 8 buys the first cell (3) and half of the second (2).
    assert hits(SCORE, [4, 1, 6, 5], [3, 2, 2, 1], 0.5) == 4 + 6 / 2


def test_pai_and_pei_are_as_computed_by_hand():
    assert hit_rate(SCORE, EVENTS, None, 0.25) == 0.4
    assert pai(SCORE, EVENTS, None, 0.25) == 0.4 / 0.25
    assert best_hits(EVENTS, None, 0.25) == 5
    assert pei(SCORE, EVENTS, None, 0.25) == 4 / 5
    assert pei(SCORE, EVENTS, None, 1) == 1


def test_the_best_choice_takes_events_per_area_and_first_what_costs_nothing():
    # 2 events at no cost, then 4 on 1, then 6 on 3: a budget of 2 of 4 buys the first two and a third of the last.
    np.testing.assert_allclose(best_hits([6, 4, 2, 0], [3, 1, 0, 0], 0.5), 2 + 4 + 2)


def test_the_area_under_the_curve_is_as_computed_by_hand():
    # Trapezoids over quarters: (0+4)/2, (4+4)/2, (4+5)/2, (5+10)/2, over 10 events.
    assert area_under_curve(SCORE, EVENTS) == pytest.approx((2 + 4 + 4.5 + 7.5) / 4 / 10)
    assert area_under_curve([1, 1, 1, 1], EVENTS) == 0.5


def test_the_curve_has_one_edge_for_each_distinct_score():
    curve = hit_curve([2, 2, 1, 1], [4, 0, 1, 1], [1, 2, 3, 2])
    assert curve.area_share.tolist() == [0, 3 / 8, 1]
    assert curve.events.tolist() == [0, 4, 6]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=6),
    st.floats(0.01, 1),
)
def test_tied_cells_count_as_the_mean_over_all_their_orders(cells, budget):
    score, events = zip(*cells, strict=True)
    np.testing.assert_allclose(hits(score, events, None, budget), hits_by_all_orders(score, events, budget), atol=1e-9)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 4)), min_size=1, max_size=20))
def test_no_ranking_beats_the_best_and_the_whole_area_holds_all(cells):
    score, events, area = (np.array(column, float) for column in zip(*cells, strict=True))
    budget = [0.05, 0.3, 1.0]
    found = hits(score, events, area, budget)
    assert (found <= best_hits(events, area, budget) + 1e-9).all()
    assert found[-1] == events.sum()
    assert (np.diff(found) >= 0).all()
    np.testing.assert_allclose(found, hits(np.exp(score), events, area, budget), atol=1e-9)


@pytest.mark.parametrize(
    ("score", "events", "area", "budget", "text"),
    [
        ([1, 2], [1], None, 0.5, "equal length"),
        ([], [], None, 0.5, "at least one"),
        ([np.nan, 1], [1, 1], None, 0.5, "1 values of score"),
        ([1, 2], [-1, 1], None, 0.5, "negative"),
        ([1, 2], [1, 1], [0, 0], 0.5, "some area"),
        ([1, 2], [1, 1], None, 0.0, "share of the area"),
        ([1, 2], [1, 1], None, [0.5, np.nan], "share of the area"),
        ([1, 2], [0, 0], None, 0.5, "no event"),
    ],
)
def test_what_cannot_be_measured_is_refused(score, events, area, budget, text):
    with pytest.raises(ModelError, match=text):
        pei(score, events, area, budget)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(1, 4)), min_size=1, max_size=8),
    st.floats(0.01, 1),
)
def test_spans_give_the_hits_and_the_area_under_the_curve(cells, budget):
    score, events, area = (np.array(column, dtype=float) for column in zip(*cells, strict=True))
    begin, end = spans(score, area)
    assert shares_taken(begin, end, budget)[0] @ events == pytest.approx(hits(score, events, area, budget), abs=1e-9)
    assert shares_taken(begin, end, budget)[0] @ area == pytest.approx(budget * area.sum())
    if events.any():
        found = (1 - 0.5 * (begin + end)) @ events / events.sum()
        assert found == pytest.approx(area_under_curve(score, events, area))


def test_a_cell_without_area_is_taken_once_its_turn_has_come():
    begin, end = spans([3.0, 2.0, 1.0], [1.0, 0.0, 1.0])
    assert shares_taken(begin, end, [0.4, 0.5]).tolist() == [[0.8, 0, 0], [1, 1, 0]]
