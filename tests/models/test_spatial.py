import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

from geo.errors import ModelError
from models.spatial import DENSE_UP_TO, factor, graph_of


def ring(n):
    """Return the adjacency of a ring of n units."""
    matrix = np.zeros((n, n))
    for i in range(n):
        matrix[i, (i + 1) % n] = matrix[(i + 1) % n, i] = 1
    return matrix


def test_within_a_part_the_geometric_mean_of_the_variances_is_one():
    adjacency = np.zeros((9, 9))
    adjacency[:6, :6] = ring(6)
    adjacency[0, 3] = 1  # one direction is enough
    adjacency[6, 7] = adjacency[7, 6] = 1
    graph = graph_of(adjacency, pd.RangeIndex(9))
    assert graph.part.tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 2]
    laplacian = graph.precision().toarray() - np.diag(graph.anchor)
    for members in (range(6), range(6, 8)):
        inverse = np.linalg.pinv(laplacian[np.ix_(members, members)])
        assert np.exp(np.log(np.diag(inverse)).mean()) == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(graph.precision().toarray()[8], [0] * 8 + [1])


def test_the_level_of_each_part_has_variance_one():
    graph = graph_of(ring(7), pd.RangeIndex(7))
    variance = np.linalg.inv(graph.precision().toarray())
    assert variance.mean() == pytest.approx(1)  # of the mean of the units


def test_a_large_part_is_scaled_from_a_sample_of_its_units():
    n = DENSE_UP_TO + 1
    # On a ring of n units, the variance with edges of precision 1 is (n² − 1) / 12n in each.
    assert graph_of(sparse.csr_array(ring(n)), pd.RangeIndex(n)).strength[0] == pytest.approx(
        (n**2 - 1) / (12 * n), rel=1e-3
    )


def test_neighbours_of_another_number_of_units_are_refused():
    with pytest.raises(ModelError, match="3 rows and 3 columns; 4 units"):
        graph_of(ring(3), pd.RangeIndex(4))


def test_no_neighbours_make_every_unit_a_part_of_its_own():
    np.testing.assert_array_equal(graph_of(None, pd.RangeIndex(3)).precision().toarray(), np.eye(3))


class Weights:
    """What a libpysal ``W`` offers."""

    sparse = sparse.csr_matrix(ring(4))


def test_a_libpysal_w_is_read_by_its_sparse_matrix():
    assert graph_of(Weights(), pd.RangeIndex(4)).one.size == 4


@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_right_hand_sides_have_the_covariance_of_the_precision(n, seed):
    rng = np.random.default_rng(seed)
    adjacency = np.triu(rng.random((n, n)) < 0.4, 1)
    graph, more = graph_of(adjacency, pd.RangeIndex(n)), rng.random(n)
    draws = 4000
    rhs = graph.draw_rhs(more, rng, draws)
    precision = graph.precision(more).toarray()
    # The trace of (covariance · precision⁻¹) is a mean of n · draws squares of standard normals.
    trace = np.trace(rhs @ rhs.T / draws @ np.linalg.inv(precision))
    assert abs(trace - n) < 6 * np.sqrt(2 * n / draws)


def test_the_factor_solves_and_tells_the_determinant():
    graph, more = graph_of(ring(30), pd.RangeIndex(30)), np.linspace(0.1, 3, 30)
    solver, precision = factor(graph.precision(more)), graph.precision(more).toarray()
    np.testing.assert_allclose(precision @ solver.solve(np.arange(30.0)), np.arange(30.0), atol=1e-12)
    log_determinant = np.log(np.abs(solver.U.diagonal())).sum()
    assert log_determinant == pytest.approx(np.linalg.slogdet(precision)[1])


def test_parts_are_those_of_the_graph():
    adjacency = sparse.random_array((40, 40), density=0.03, rng=np.random.default_rng(0))
    assert (
        graph_of(adjacency, pd.RangeIndex(40)).part.max() + 1
        == csgraph.connected_components(adjacency, directed=False)[0]
    )
