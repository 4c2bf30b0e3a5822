import numpy as np
import pandas as pd
import pytest

from geo.errors import PlanError
from models.patrol_pins import pin_routes
from models.patrol_routes import enumerate_routes
from tests.models.patrol_areas import made_up_area


def test_as_few_shifts_as_possible_visit_all_pinned_sectors_and_no_other():
    area = made_up_area(posts=1, sectors=8, spread_h=0.5)
    routes = enumerate_routes(area, 8.0, 1.0)
    pins = np.array([0, 2, 3, 5, 7])
    chosen = pin_routes(routes, pins, np.array([7.0]), area.value.mean(axis=1))
    stops = routes.stops[chosen]
    assert set(stops[stops >= 0]) == set(pins)
    assert chosen.size == 2


def test_of_equally_few_shifts_those_that_watch_most_where_it_counts():
    area = made_up_area(posts=2, sectors=1, spread_h=1.0)
    routes = enumerate_routes(area, 8.0, 1.0)
    chosen = pin_routes(routes, np.array([0]), np.array([7.0, 7.0]), area.value.mean(axis=1))
    assert chosen.tolist() == [routes.watch.argmax()]


def test_nothing_is_pinned_where_nothing_is_demanded():
    area = made_up_area()
    routes = enumerate_routes(area, 8.0, 1.0)
    assert pin_routes(routes, np.zeros(0, dtype=int), np.array([7.0, 7.0]), pd.Series(1.0, area.value.index)).size == 0


def test_too_many_pins_name_those_that_do_not_fit():
    area = made_up_area(posts=1, sectors=8, spread_h=0.5)
    routes = enumerate_routes(area, 8.0, 1.0)
    with pytest.raises(
        PlanError, match=r"8 sectors must be covered each week, but no plan .* the 2 shifts .* reach more than 6; left"
    ) as e:
        pin_routes(routes, np.arange(8), np.array([2.0]), area.value.mean(axis=1))
    assert str(e.value).count("S") == 2


def test_pins_that_a_count_does_not_rule_out_but_the_ways_do_are_named_too():
    area = made_up_area(posts=1, sectors=3, spread_h=0.5)
    # Each sector fills a shift of its own, and there are two.
    area.between[:] = 9.0
    routes = enumerate_routes(area, 8.0, 1.0)
    with pytest.raises(PlanError, match=r"the 2 shifts .* reach more than 2; left over: S\d;"):
        pin_routes(routes, np.arange(3), np.array([2.0]), area.value.mean(axis=1))
