from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.labels import Label, place_labels

REGION = (0.0, 0.0, 100.0, 80.0)
POINTS = st.tuples(st.floats(0, 100), st.floats(0, 80), st.floats(1, 30), st.floats(1, 6), st.sampled_from([0.0, 1.5]))


def disjoint(a, b):
    return a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]


@given(st.lists(POINTS, max_size=40), st.lists(st.tuples(st.floats(0, 90), st.floats(0, 70)), max_size=4))
def test_no_label_touches_another_or_what_is_taken_or_leaves_the_region(points, marks):
    taken = [(x, y, x + 4, y + 4) for x, y in marks]
    labels = [Label(x, y, ((w, h), (w / 3, h)), gap) for x, y, w, h, gap in points]
    placed = [p.box for p in place_labels(labels, REGION, taken) if p]
    assert all(disjoint(a, b) for a, b in combinations(placed, 2))
    assert all(disjoint(a, b) for a in placed for b in taken)
    assert all(b[0] >= 0 and b[1] >= 0 and b[2] <= 100 and b[3] <= 80 for b in placed)


def test_the_first_stands_at_its_place_and_the_next_beside_it():
    first, second = place_labels([Label(50, 40, ((20, 4),)), Label(50, 40, ((20, 4),))], REGION)
    assert first.box == (40, 38, 60, 42)
    assert second.box == pytest.approx((40, 42.8, 60, 46.8))


def test_a_label_without_room_takes_a_shorter_form_or_none():
    wall = [(0.0, 0.0, 100.0, 36.0), (0.0, 44.0, 100.0, 80.0), (0.0, 36.0, 48.0, 44.0), (53.0, 36.0, 100.0, 44.0)]
    assert place_labels([Label(50, 40, ((20, 4), (4, 4)))], REGION, wall)[0].form == 1
    assert place_labels([Label(50, 40, ((20, 4), (9, 4)))], REGION, wall) == [None]


def test_a_points_label_leaves_the_point_free():
    (placed,) = place_labels([Label(50, 40, ((20, 4),), gap=2)], REGION)
    assert placed.box == (52, 38, 72, 42)
