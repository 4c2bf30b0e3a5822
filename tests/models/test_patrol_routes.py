from itertools import pairwise, permutations

import numpy as np
import pytest

from models.patrol_routes import enumerate_routes
from tests.models.patrol_areas import made_up_area


def brute_force(area, hours, least_watch):
    """Return post, set of sectors → shortest travel, for all sets that leave enough time."""
    access, between = area.access.to_numpy(), area.between.to_numpy()
    found = {}
    for post in range(len(access)):
        for size in (1, 2, 3):
            for order in permutations(range(access.shape[1]), size):
                travel = access[post, order[0]] + access[post, order[-1]]
                travel += sum(between[a, b] for a, b in pairwise(order))
                key = post, frozenset(order)
                if (hours - travel) / size >= least_watch:
                    found[key] = min(found.get(key, np.inf), travel)
    return found


@pytest.mark.parametrize("hours", [3.0, 6.0, 8.0])
def test_every_set_of_sectors_within_the_hours_is_there_once_in_its_quickest_order(hours):
    area = made_up_area(posts=2, sectors=6)
    routes = enumerate_routes(area, hours, 1.0)
    keys = [(int(p), frozenset(s[s >= 0].tolist())) for p, s in zip(routes.post, routes.stops, strict=True)]
    expected = brute_force(area, hours, 1.0)
    assert dict(zip(keys, routes.travel.round(9), strict=True)) == {k: round(t, 9) for k, t in expected.items()}
    assert len(keys) == len(expected)


def test_travel_and_watch_fill_the_shift():
    routes = enumerate_routes(made_up_area(sectors=6), 8.0, 0.5)
    stops = (routes.stops >= 0).sum(axis=1)
    np.testing.assert_allclose(routes.travel + stops * routes.watch, 8.0)
    assert set(stops) == {1, 2, 3}


def test_a_sector_without_a_way_between_is_visited_alone():
    area = made_up_area(posts=1, sectors=3, spread_h=1.0)
    area.between.loc["S0", ["S1", "S2"]] = area.between.loc[["S1", "S2"], "S0"] = np.inf
    routes = enumerate_routes(area, 8.0, 1.0)
    with_first = routes.stops[(routes.stops == 0).any(axis=1)]
    assert with_first.tolist() == [[0, -1, -1]]
