import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from libpysal.weights import W
from scipy import sparse

from geo.errors import CrsError, ModelError
from models.neighbours import nearest, weights_of, within

UNITS = pd.Index(["03301", "03302", "03303"])
CHAIN = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], float)
NEIGHBOURS = {"03303": ["03302"], "03302": ["03301", "03303"], "03301": ["03302"]}
"""The chain, in another order than the units."""

PLACES = np.array([[500_000, 2_400_000], [503_000, 2_400_000], [503_000, 2_404_000], [520_000, 2_404_000]], float)


@pytest.mark.parametrize(
    "given",
    [CHAIN, sparse.coo_array(CHAIN), sparse.csr_matrix(CHAIN), W(NEIGHBOURS), Graph.from_dicts(NEIGHBOURS)],
    ids=["dense", "coo", "matrix", "W", "Graph"],
)
def test_every_form_gives_one_matrix_in_the_order_of_the_units(given):
    np.testing.assert_array_equal(weights_of(given, UNITS).toarray(), CHAIN)


def test_ids_that_are_positions_are_taken_as_such():
    given = W({0: [1], 1: [0, 2], 2: [1]})
    np.testing.assert_array_equal(weights_of(given, UNITS).toarray(), CHAIN)


def test_labels_come_before_positions():
    """Units that are called 2, 0, 1 are those units, not the third, first and second."""
    given = W({0: [1], 1: [0], 2: [0]})
    expected = np.array([[0, 1, 0], [0, 0, 1], [0, 1, 0]], float)
    np.testing.assert_array_equal(weights_of(given, pd.Index([2, 0, 1])).toarray(), expected)


def test_the_given_matrix_stays_as_it_was():
    given = sparse.csr_array(CHAIN)
    given.data[0] = 0.0
    weights_of(given, UNITS)
    assert given.nnz == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.ones((2, 3)), "2 rows and 3 columns; 3 units"),
        (-CHAIN, "not negative"),
        (np.where(CHAIN > 0, np.inf, 0), "finite"),
        (W({"a": ["b"], "b": ["a", "c"], "c": ["b"]}), "3 of 3 units are not among the ids"),
    ],
)
def test_neighbours_of_other_units_are_refused(given, said):
    with pytest.raises(ModelError, match=said):
        weights_of(given, UNITS)


def test_the_nearest_are_the_nearest_others():
    np.testing.assert_array_equal(nearest(PLACES, 1).nonzero()[1], [1, 0, 1, 2])
    np.testing.assert_array_equal(nearest(np.repeat(PLACES[:1], 3, axis=0), 2).toarray(), 1 - np.eye(3))


def test_those_within_a_distance_are_neighbours_of_each_other():
    expected = np.zeros((4, 4))
    expected[[0, 1, 1, 2], [1, 0, 2, 1]] = 1
    np.testing.assert_array_equal(within(PLACES, 4_000).toarray(), expected)  # 3 km, 4 km; not 5 km


def test_distances_need_metres():
    with pytest.raises(CrsError, match="look like degrees"):
        within([[103.0, 21.4], [103.1, 21.5]], 4_000)


@pytest.mark.parametrize("call", [lambda: nearest(PLACES, 4), lambda: within(PLACES, 0), lambda: within(PLACES.T, 9)])
def test_impossible_neighbourhoods_are_refused(call):
    with pytest.raises(ModelError):
        call()
