"""Gi, Gi* and local Moran's I against esda (2.9, PySAL), against all permutations of small maps, and their laws."""

from itertools import permutations as orderings

import esda.crand
import esda.getisord
import esda.moran
import numpy as np
import pandas as pd
import pytest
from esda import G_Local, Moran_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from libpysal.weights import lat2W
from numba import njit
from scipy import sparse, stats

from geo.errors import ModelError
from models.hotspots import local_g, local_moran
from models.neighbours import weights_of

pytestmark = pytest.mark.filterwarnings("ignore:The alternative hypothesis for conditional:DeprecationWarning")

SIDE = 12
QUEEN = lat2W(SIDE, SIDE, rook=False)
VALUES = np.random.default_rng(3).gamma(2.0, size=SIDE * SIDE)
"""Made up; no two sums of them are tied."""

SMALL = np.array([3.0, 0, 1, 1, 7, 2])
SMALL_WEIGHTS = np.array(
    [
        [0, 1, 1, 0, 0, 0],
        [1, 0, 1, 1, 0, 0],
        [2, 1, 0, 1, 0, 0],
        [0, 1, 1, 0, 1, 0],
        [0, 0, 0, 3, 0, 1],
        [0, 0, 0, 1, 1, 0],
    ],
    dtype=float,
)


def graph():
    return Graph.from_W(QUEEN)  # esda changes the weights that it is given


@pytest.fixture
def interpreted(monkeypatch):
    """Run esda's permutations as plain Python: to compile them takes a minute."""
    monkeypatch.setattr(esda.crand, "boolean", bool)
    for module in (esda.crand, esda.getisord, esda.moran):
        for name, function in list(vars(module).items()):
            if hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)


def conditional_lags(i):
    """All lags of unit i when the values of all others are dealt anew."""
    others = np.delete(SMALL, i)
    return np.array([np.delete(SMALL_WEIGHTS[i], i) @ np.array(order) for order in orderings(others)])


@pytest.mark.parametrize("star", [True, False])
def test_g_and_its_scores_are_those_of_esda(star):
    theirs = G_Local(VALUES, graph(), transform="B", star=star, permutations=0)
    ours = local_g(VALUES, QUEEN, star=star, permutations=0)
    np.testing.assert_allclose(ours["g"], theirs.Gs, rtol=1e-12)
    np.testing.assert_allclose(ours["z"], theirs.Zs, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.minimum(ours["p_high"], ours["p_low"]), theirs.p_norm, rtol=1e-9)


def test_pseudo_p_values_are_those_of_esda_within_the_error_of_both(interpreted):
    theirs = G_Local(VALUES, graph(), transform="B", star=True, permutations=9999, seed=1, n_jobs=1)
    ours = local_g(VALUES, QUEEN, permutations=9999)
    np.testing.assert_allclose(np.minimum(ours["p_high"], ours["p_low"]), theirs.p_sim, atol=0.025)


def test_local_moran_is_that_of_esda(interpreted):
    theirs = Moran_Local(VALUES, graph(), permutations=9999, seed=1)
    ours = local_moran(VALUES, QUEEN, permutations=9999)
    np.testing.assert_allclose(ours["i"], theirs.Is, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(ours["quadrant"], np.array(["HH", "LH", "LL", "HL"])[theirs.q - 1])
    np.testing.assert_allclose(np.minimum(ours["p_high"], ours["p_low"]), theirs.p_sim, atol=0.025)
    n = VALUES.size  # esda's I has n − 1 where its moments have n
    conditional = (theirs.Is * n / (n - 1) - theirs.EIc) / np.sqrt(theirs.VIc)
    np.testing.assert_allclose(ours["z"], conditional, rtol=1e-9, atol=1e-12)


def test_the_moments_of_gi_are_those_of_all_conditional_permutations():
    table = local_g(SMALL, SMALL_WEIGHTS, star=False, permutations=0)
    for i in range(6):
        lags = conditional_lags(i)
        assert table["z"][i] == pytest.approx((SMALL_WEIGHTS[i] @ SMALL - lags.mean()) / lags.std(), rel=1e-12)


def test_the_moments_of_gi_star_are_those_of_all_permutations():
    """Also for weights that are not binary, where esda 2.9 takes the sum of weights for the sum of their squares."""
    weights = SMALL_WEIGHTS + np.diag([1, 1, 2, 1, 1.5, 0.25])
    every = np.array(list(orderings(SMALL))) @ weights.T
    expected = (weights @ SMALL - every.mean(axis=0)) / every.std(axis=0)
    table = local_g(SMALL, weights, permutations=0)
    np.testing.assert_allclose(table["z"], expected, rtol=1e-12)


def test_pseudo_p_values_come_from_the_whole_conditional_distribution():
    """Counts with ties: a permutation that only equals the observed sum is as extreme."""
    many = 99_999
    table = local_g(SMALL, SMALL_WEIGHTS, permutations=many)
    for i in range(6):
        lags, seen = conditional_lags(i), SMALL_WEIGHTS[i] @ SMALL
        for side, true in (("p_high", np.mean(lags >= seen)), ("p_low", np.mean(lags <= seen))):
            error = np.sqrt(true * (1 - true) / many)
            assert table[side][i] == pytest.approx(true, abs=4.5 * error + 2 / many)


def test_moran_of_a_low_unit_is_high_where_its_neighbours_are_low():
    table = local_moran(SMALL, SMALL_WEIGHTS, permutations=99_999)
    deviations = SMALL - SMALL.mean()
    for i in range(6):
        weights = SMALL_WEIGHTS[i] / SMALL_WEIGHTS[i].sum()
        seen = 5 * deviations[i] * (weights @ deviations) / (deviations @ deviations)
        every = np.array([np.delete(weights, i) @ np.array(o) for o in orderings(np.delete(deviations, i))])
        every *= 5 * deviations[i] / (deviations @ deviations)
        assert table["i"][i] == pytest.approx(seen)
        assert table["z"][i] == pytest.approx((seen - every.mean()) / every.std())
        assert table["p_high"][i] == pytest.approx(np.mean(every >= seen - 1e-12), abs=0.008)
        assert table["p_low"][i] == pytest.approx(np.mean(every <= seen + 1e-12), abs=0.008)


def test_one_seed_gives_the_same_bits_whatever_the_number_of_threads():
    one, again, two = (local_g(VALUES, QUEEN, random_state=5, n_jobs=jobs) for jobs in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again, check_exact=True)
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    other = local_g(VALUES, QUEEN, random_state=6)
    assert (other["p"] != one["p"]).mean() > 0.5
    np.testing.assert_allclose(other["p_high"], one["p_high"], atol=0.03)


def test_units_draw_independently_of_each_other():
    """200 units with one and the same question: their hits scatter as independent binomials, not all alike."""
    ring = sparse.csr_array(np.roll(np.eye(400), 1, axis=1) + np.roll(np.eye(400), -1, axis=1))
    table = local_g(np.tile([0.0, 1.0], 200), ring, permutations=999)
    hits = table["p_high"][::2] * 1000 - 1
    share = 200 / 399 * 199 / 398  # both neighbours are 1
    assert hits.mean() / 999 == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 999 / 200))
    assert hits.var() / (999 * share * (1 - share)) == pytest.approx(1, abs=0.4)


def test_numba_s_global_random_numbers_are_left_alone():
    @njit
    def number(seed):
        if seed:
            np.random.seed(seed)
        return np.random.random()

    number(1)
    expected = number(0)
    number(1)
    local_g(VALUES, QUEEN, permutations=99)
    assert number(0) == expected


def test_a_planted_cluster_is_hot_and_its_opposite_cold():
    field = np.full((SIDE, SIDE), 5.0) + np.random.default_rng(0).normal(0, 0.5, (SIDE, SIDE))
    field[1:4, 1:4] += 4
    field[8:11, 8:11] -= 4
    table = local_g(field.ravel(), QUEEN)
    spot = table["spot"].to_numpy().reshape(SIDE, SIDE)
    assert spot[2, 2] == "hot"
    assert spot[9, 9] == "cold"
    moran = local_moran(field.ravel(), QUEEN)["cluster"].to_numpy().reshape(SIDE, SIDE)
    assert (moran[2, 2], moran[9, 9]) == ("HH", "LL")


def test_outliers_are_told_from_clusters():
    field = np.zeros((SIDE, SIDE))
    field[2:5, 2:5] = 5
    field[3, 3] = 0
    field[9, 9] = 5
    field += np.random.default_rng(1).normal(0, 0.05, field.shape)
    cluster = local_moran(field.ravel(), QUEEN)["cluster"].to_numpy().reshape(SIDE, SIDE)
    assert cluster[3, 3] == "LH"
    table = local_moran(field.ravel(), QUEEN)
    assert table["quadrant"].to_numpy().reshape(SIDE, SIDE)[9, 9] == "HL"


def test_without_any_pattern_false_discoveries_are_as_rare_as_promised():
    """200 maps of exchangeable counts: a share of alpha or less finds anything at all."""
    rng = np.random.default_rng(11)
    weights = weights_of(lat2W(6, 6), pd.RangeIndex(36))
    found = [
        (local_g(rng.poisson(1.0, 36), weights, permutations=1999, random_state=i)["spot"] != "none").any()
        for i in range(200)
    ]
    assert np.mean(found) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_islands_are_flagged_and_not_tested():
    weights = SMALL_WEIGHTS.copy()
    weights[0] = weights[:, 0] = 0
    for table in (local_g(SMALL, weights), local_g(SMALL, weights, star=False), local_moran(SMALL, weights)):
        assert list(table["flag"]) == ["no neighbours"] + 5 * ["none"]
        assert tuple(table.loc[0, ["z", "p_high", "p_low", "p", "q"]]) == (0, 1, 1, 1, 1)
        np.testing.assert_allclose(table["q"][1:], stats.false_discovery_control(table["p"][1:]))
    assert local_moran(SMALL, weights)["quadrant"][0] == "none"


@pytest.mark.parametrize("same", [0.0, 0.1, 7.0])
def test_values_that_are_all_equal_show_no_pattern_and_say_so(same):
    for table in (local_g(np.full(6, same), SMALL_WEIGHTS), local_moran(np.full(6, same), SMALL_WEIGHTS)):
        assert set(table["flag"]) == {"no variation"}
        assert (table["q"] == 1).all()
        assert np.isfinite(table.select_dtypes("number").to_numpy()).all()


def test_of_a_single_event_its_own_unit_cannot_tell_anything():
    table = local_g([0, 0, 0, 0, 1, 0], SMALL_WEIGHTS, star=False)
    assert table["flag"][4] == "no variation"
    assert (table["flag"].drop(4) == "none").all()
    assert table["p_high"][5] == pytest.approx(2 / 5, abs=0.02)  # of the others, two are its neighbours


def test_a_unit_whose_neighbours_are_all_others_has_no_variation():
    weights = np.ones((6, 6)) - np.eye(6)
    assert set(local_g(SMALL, weights)["flag"]) == {"no variation"}


def test_neighbours_that_are_all_others_but_of_unequal_weight_can_be_permuted():
    weights = np.arange(36.0).reshape(6, 6) % 5 + 1
    table = local_g(SMALL, weights, permutations=9_999)
    for i in range(6):
        every = np.array([np.delete(weights[i], i) @ np.array(o) for o in orderings(np.delete(SMALL, i))])
        seen = np.delete(weights[i], i) @ np.delete(SMALL, i)
        assert table["p_high"][i] == pytest.approx(np.mean(every >= seen - 1e-9), abs=0.02)


def test_an_outlier_a_million_times_too_large_leaves_finite_and_exact_scores():
    values = SMALL * np.array([1, 1, 1, 1, 1e6, 1])
    table = local_g(values, SMALL_WEIGHTS, star=False, permutations=999)
    others = values[[0, 1, 2, 3, 5]]
    lags = np.array([[3, 1] @ np.array(order[:2]) for order in orderings(others)])
    assert table["z"][4] == pytest.approx(([3, 1] @ values[[3, 5]] - lags.mean()) / lags.std(), rel=1e-6)
    assert np.isfinite(table.select_dtypes("number").to_numpy()).all()


NINE = lat2W(3, 3).sparse.toarray()
maps = st.lists(st.integers(0, 4), min_size=9, max_size=9)


@settings(max_examples=30)
@given(maps, st.permutations(range(9)), st.floats(0.1, 100))
def test_laws(counts, order, scale):
    """Scores follow their units, and neither another unit of measure nor another scale of weights changes them."""
    values, weights = np.array(counts, float), NINE
    for test in (local_g, local_moran):
        table = test(values, weights, permutations=0)
        assert not table.isna().any(axis=None)
        assert table["p"].between(0, 1).all()
        assert (table["q"] >= table["p"] - 1e-12).all()
        moved = test(values[order], weights[np.ix_(order, order)], permutations=0)
        np.testing.assert_allclose(moved["z"], table["z"].to_numpy()[order], atol=1e-9)
        np.testing.assert_allclose(test(values * scale, weights * scale, permutations=0)["z"], table["z"], atol=1e-9)


def test_labels_follow_the_values():
    values = pd.Series(SMALL, index=[f"0330{i}" for i in range(6)])
    assert list(local_g(values, SMALL_WEIGHTS, permutations=99).index) == list(values.index)


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([1, 2, np.nan, 4, 5, 6], {}, "1 of 6 values are missing"),
        (["1", "x", "2", "3", "4", "5"], {}, "must be numbers"),
        ([1, 2], {}, "at least 3 units"),
        ([1, -2, 3, 4, -5, 6], {}, "2 values are negative"),
        ([1, 2, 3, 4, 5], {}, "6 rows and 6 columns; 5 units"),
        (pd.Series(SMALL, index=list("aabcde")), {}, "more than once"),
        (SMALL, {"permutations": 10}, "at least 99"),
        (SMALL, {"alpha": 5}, "between 0 and 1"),
        (SMALL, {"correction": "bonferroni"}, "bh"),
        (SMALL, {"n_jobs": 0}, "at least 1"),
    ],
)
def test_bad_input_is_explained(values, options, said):
    with pytest.raises(ModelError, match=said):
        local_g(values, SMALL_WEIGHTS, **options)
