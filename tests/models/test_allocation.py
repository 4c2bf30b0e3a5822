import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from models.allocation import add_greedily, nothing_given


def best_by_milp(gains, supply, able, least, units):
    """The optimum with a binary for each unit of each place, and integer flows from holders; gains (places, most)."""
    holders, places = able.shape
    most = gains.shape[1]
    cost = np.concatenate([-gains.ravel(), np.zeros(holders * places)])
    upper = np.concatenate([np.ones(places * most), (able * supply[:, None]).ravel().astype(float)])
    taken = np.kron(np.eye(places), np.ones(most))
    given_to, given_by = np.kron(np.ones(holders), np.eye(places)), np.kron(np.eye(holders), np.ones(places))
    nothing = np.zeros((holders, places * most))
    rules = [
        LinearConstraint(np.hstack([taken, -given_to]), 0, 0),
        LinearConstraint(np.hstack([nothing, given_by]), 0, supply),
        LinearConstraint(np.hstack([taken, 0 * given_to]), least, np.inf),
        LinearConstraint(np.concatenate([np.ones(places * most), np.zeros(holders * places)]), units, units),
    ]
    result = milp(cost, integrality=1, bounds=(0, upper), constraints=rules)
    return None if result.x is None else -result.fun


@st.composite
def problems(draw):
    places, holders = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    able = np.array(draw(st.lists(st.booleans(), min_size=places * holders, max_size=places * holders)))
    supply = np.array(draw(st.lists(st.integers(0, 4), min_size=holders, max_size=holders)))
    least = np.array(draw(st.lists(st.integers(0, 1), min_size=places, max_size=places)))
    steps = draw(st.lists(st.integers(0, 20), min_size=places * 12, max_size=places * 12))
    gains = -np.sort(-np.array(steps, dtype=float).reshape(places, 12), axis=1)
    return gains, supply, able.reshape(holders, places), least, draw(st.integers(0, 12))


def shared(gains, supply, able, least, units):
    start = nothing_given(supply, len(least))
    floor = add_greedily(start, able, lambda _, n: -float(n), int(least.sum()), most=least)
    return add_greedily(floor, able, lambda place, n: gains[place, n], units - int(floor.flow.sum()))


@given(problems())
@settings(max_examples=150)
def test_the_greedy_choice_reaches_the_optimum_of_integer_programming(problem):
    gains, supply, able, least, units = problem
    result = shared(*problem)
    optimum = best_by_milp(gains, supply, able, least, units)
    reached = sum(gains[place, :n].sum() for place, n in enumerate(result.units))
    if optimum is None:
        assert result.flow.sum() != units or (result.units < least).any()
    else:
        assert abs(reached - optimum) < 1e-6


@given(problems())
def test_nobody_gives_more_than_they_have_or_where_they_may_not(problem):
    _, supply, able, _, _ = problem
    result = shared(*problem)
    assert (result.flow >= 0).all()
    assert (result.flow[~able] == 0).all()
    np.testing.assert_array_equal(result.flow.sum(axis=1) + result.left, supply)


def test_a_holder_is_freed_by_another_who_stands_in():
    # The first may work in both places, the second only in the first place.
    able = np.array([[True, True], [True, False]])
    result = add_greedily(nothing_given(np.array([1, 1]), 2), able, lambda place, n: (2.0 - place) * (n == 0), 2)
    assert result.flow.tolist() == [[0, 1], [1, 0]]


def test_equal_gains_are_spread():
    able = np.ones((1, 3), dtype=bool)
    result = add_greedily(nothing_given(np.array([9]), 3), able, lambda *_: 1.0, 7)
    assert result.units.tolist() == [3, 2, 2]
