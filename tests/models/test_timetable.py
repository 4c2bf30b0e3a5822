import itertools

import numpy as np
import pytest

from geo.errors import PlanError
from models.timetable import Demand, ideal_stock, spread


def demand(units, months=12, agencies=1, **changes):
    units = np.array(units)
    usual = {
        "able": np.ones((agencies, months, len(units)), dtype=bool),
        "capacity": np.full(agencies, units.sum()),
        "monthly": np.full((agencies, months), units.sum()),
        "place_share": np.full((len(units), months), 1 / months),
        "agency_share": np.full(agencies, 1 / agencies),
    }
    return Demand(units, **(usual | changes))


def squares(table, asked):
    """The sum that is minimised, written down once more."""
    held = table.sum(axis=0).T.cumsum(axis=1)
    ideal = np.column_stack([ideal_stock(asked), asked.units])
    level = np.outer(asked.agency_share, asked.units @ asked.place_share)
    return ((held - ideal) ** 2).sum() + ((table.sum(axis=2) - level) ** 2).sum()


def test_three_sessions_of_one_commune_lie_four_months_apart():
    months = np.flatnonzero(spread(demand([3])).ravel())
    assert np.diff(months).tolist() == [4, 4]


def test_communes_with_one_session_each_take_turns():
    table = spread(demand([1] * 12))
    assert table.sum(axis=(0, 2)).max() <= 2
    assert table.sum(axis=(0, 2)).min() >= 0
    assert (table.sum(axis=(0, 2)) == 1).sum() >= 10


def test_it_is_the_least_of_all_tables():
    able = np.array([[[1, 1], [1, 0], [1, 1]], [[1, 0], [1, 1], [0, 1]]], dtype=bool)
    shares = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
    asked = demand(
        [3, 2],
        months=3,
        agencies=2,
        able=able,
        capacity=np.array([3, 4]),
        monthly=np.array([[2, 1, 1], [1, 2, 3]]),
        place_share=shares,
        agency_share=np.array([0.4, 0.6]),
    )
    best = np.inf
    for numbers in itertools.product(range(3), repeat=int(able.sum())):
        table = np.zeros(able.shape, dtype=int)
        table[able] = numbers
        fits = (table.sum(axis=(0, 1)) == asked.units).all() and (table.sum(axis=2) <= asked.monthly).all()
        if fits and (table.sum(axis=(1, 2)) <= asked.capacity).all():
            best = min(best, squares(table, asked))
    found = spread(asked)
    assert found.sum(axis=(0, 1)).tolist() == [3, 2]
    assert squares(found, asked) == pytest.approx(best)


def test_many_units_far_from_the_ideal_are_still_held():
    able = np.ones((1, 12, 1), dtype=bool)
    able[:, :11] = False
    table = spread(demand([40], able=able))
    assert table[0, :, 0].tolist() == [0] * 11 + [40]


def test_work_that_no_month_can_hold_is_refused():
    with pytest.raises(PlanError, match="13 sessions cannot be held in the open months"):
        spread(demand([13], monthly=np.ones((1, 12), dtype=int)))
