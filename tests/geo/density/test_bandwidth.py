import math
from functools import cache

import numpy as np
import pytest
import shapely
from scipy.integrate import dblquad

from geo.density import KernelDensity
from geo.density import bandwidth as module
from geo.density._profile import Profile
from geo.density.bandwidth import CRITERIA, choose_bandwidth, rule_of_thumb, self_convolution
from geo.density.parameters import POWERS
from geo.density.study_area import StudyArea
from geo.errors import ModelError

KERNELS = sorted(POWERS.values())


def cloud(n=150):
    rng = np.random.default_rng(11)
    x = np.concatenate([rng.normal(0, 2_000, n), rng.normal(20_000, 4_000, n // 2), [60_000.0]])
    y = np.concatenate([rng.normal(0, 2_000, n), rng.normal(9_000, 4_000, n // 2), [15_000.0]])
    return 480_000 + x, 2_380_000 + y, rng.uniform(0.5, 2, x.size)


def kernel(q, h, power):
    """K at the squared distance q · h², h in km."""
    if power < 0:
        return np.exp(-q / 2) / (2 * np.pi * h**2)
    return np.where(q < 1, (power + 1) / (np.pi * h**2) * np.maximum(1 - q, 0) ** power, 0)


CANDIDATES = (700.0, 2_500.0, 9_000.0, 50_000.0)


@cache
def brute_force_on_the_cloud(power, criterion):
    """Return the scores of the candidates: the same, whichever way ours are found."""
    return np.array([brute_force(*cloud(), h, power, criterion) for h in CANDIDATES])


def brute_force(x, y, weights, h, power, criterion):
    """Leave-one-out from all pairs; ∫ f̂² on small cells. Per km²."""
    h, total = h / 1000, weights.sum()
    q = ((x[:, None] - x) ** 2 + (y[:, None] - y) ** 2) / 1e6 / h**2
    each = kernel(q, h, power)
    np.fill_diagonal(each, 0)
    others = each @ weights / (total - weights)
    if criterion == "likelihood":
        with np.errstate(divide="ignore"):
            return np.average(np.log(others), weights=weights)
    margin, cell = (7 * h if power < 0 else h), h / (3 if power < 0 else 25)
    x, y = x / 1000, y / 1000
    east = np.arange(x.min() - margin, x.max() + margin + cell, cell)
    north = np.arange(y.min() - margin, y.max() + margin + cell, cell)
    square = 0.0
    for row in north:
        near = np.abs(row - y) <= margin
        terms = kernel(((east[:, None] - x[near]) ** 2 + (row - y[near]) ** 2) / h**2, h, power)
        square += np.sum((terms @ weights[near] / total) ** 2) * cell**2
    return square - 2 * np.average(others, weights=weights)


@pytest.mark.parametrize("power", KERNELS)
@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("many", [False, True])
def test_scores_equal_brute_force(power, criterion, many, monkeypatch):
    """By the ways for few points and for many: pairs or cells, one by one or on a lattice."""
    monkeypatch.setattr(module, "PAIRS_UP_TO", 0 if many else 10**9)
    monkeypatch.setattr(module, "gridding_pays", lambda *_: many)
    x, y, weights = cloud()
    search = choose_bandwidth(x, y, weights, power, criterion, candidates_m=np.array(CANDIDATES))
    expected = brute_force_on_the_cloud(power, criterion)
    if criterion == "likelihood":
        assert (np.isfinite(search.scores) == np.isfinite(expected)).all()
        finite = np.isfinite(expected)
        np.testing.assert_allclose(search.scores[finite], expected[finite], rtol=1e-8)
    else:
        tolerance = 2e-3 if power == 0 else 1e-4  # of the cells, ours and the oracle's
        np.testing.assert_allclose(search.scores, expected, rtol=tolerance)


@pytest.mark.parametrize("power", range(4))
def test_cells_and_pairs_give_the_same_square(power, monkeypatch):
    """∫ f̂² from a raster has the error that is stated for it."""
    for h in (1.0, 4.0, 15.0):
        points = module._points(*cloud(), 1_000 * h, power, None, 1)
        squares = []
        for limit in (0, 10**9):
            monkeypatch.setattr(module, "PAIRS_UP_TO", limit)
            squares.append(module._square(points, h, power, 1))
        assert squares[0] == pytest.approx(squares[1], rel=1e-3 if power == 0 else 1e-5)
        assert squares[0] != squares[1]


@pytest.mark.parametrize("power", KERNELS)
@pytest.mark.parametrize("criterion", CRITERIA)
def test_in_a_study_area_scores_are_those_of_diggles_density(power, criterion):
    """Leave-one-out from all pairs, ∫ f̂² over cells whose centres lie inside, masses from `StudyArea`."""
    corner, step = np.array([475_000.0, 2_374_000.0]), 80.0
    ring = np.array([(0, 0), (30_000, 2_000), (28_000, 20_000), (14_000, 9_000), (3_000, 19_000)])
    area = StudyArea(shapely.Polygon(corner + ring))
    x, y, weights = (values[area.holds(*cloud()[:2])] for values in cloud())
    at = [axis.ravel() for axis in np.meshgrid(*(start + step * (np.arange(400) + 0.5) for start in corner))]
    inside = area.holds(*at)
    at = [axis[inside] for axis in at]
    candidates = np.array([2_000.0, 8_000.0])
    search = choose_bandwidth(x, y, weights, power, criterion, area=area, candidates_m=candidates)
    for h, score in zip(candidates, search.scores, strict=True):
        radius, profile = (h, Profile(power)) if power >= 0 else (8 * h, Profile(power, 32.0))
        spread = weights / area.mass(x, y, radius, profile, 1)
        each = kernel(((x[:, None] - x) ** 2 + (y[:, None] - y) ** 2) / h**2, h / 1000, power)
        np.fill_diagonal(each, 0)
        others = each @ spread / (weights.sum() - weights)
        if criterion == "likelihood":
            with np.errstate(divide="ignore"):
                expected = np.average(np.log(others), weights=weights)
            assert score == expected or score == pytest.approx(expected, rel=1e-6)
            continue
        density = np.zeros(at[0].size)
        for px, py, share in zip(x, y, spread / weights.sum(), strict=True):
            density += share * kernel(((at[0] - px) ** 2 + (at[1] - py) ** 2) / h**2, h / 1000, power)
        assert density.sum() * (step / 1000) ** 2 == pytest.approx(1, rel=2e-3)
        expected = np.sum(density**2) * (step / 1000) ** 2 - 2 * np.average(others, weights=weights)
        assert score == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("power", range(4))
def test_the_kernels_convolution_with_itself(power):
    """At 0, by hand ∫K² = (m + 1)²/((2m + 1)π); in the middle by quadrature; at 2 nothing."""
    table = self_convolution(power)
    assert table[0] == pytest.approx((power + 1) ** 2 / ((2 * power + 1) * math.pi), rel=1e-12)
    assert table[-1] == 0
    d = 0.75

    def product(b, a):
        return kernel(a * a + b * b, 1, power) * kernel((a - d) ** 2 + b * b, 1, power)

    # The lens, its right half twice.
    expected = 2 * dblquad(product, d / 2, 1, lambda a: -math.sqrt(1 - a * a), lambda a: math.sqrt(1 - a * a))[0]
    assert np.interp(d, np.linspace(0, 2, table.size), table) == pytest.approx(expected, rel=1e-6)


def test_the_best_bandwidth_of_a_normal_cloud_is_near_the_rule_of_thumb():
    """Silverman's rule is made for it."""
    rng = np.random.default_rng(4)
    x, y = 500_000 + rng.normal(0, 10_000, 2_000), 2_400_000 + rng.normal(0, 10_000, 2_000)
    thumb = rule_of_thumb(x, y, np.ones(2_000), POWERS["gaussian"])
    assert thumb == pytest.approx(10_000 * 2_000 ** (-1 / 6), rel=0.05)
    for criterion in CRITERIA:
        search = KernelDensity("gaussian", criterion).fit(x, y).search_
        assert 0.6 * thumb < search.best_m < 1.5 * thumb
        assert not search.at_end


def test_the_rule_of_thumb_gives_kernels_the_gaussians_spread():
    """The quartic of radius h has the variance h²/8 along each axis (∫ x² K by quadrature)."""
    x, y, weights = cloud()
    wide, narrow = (rule_of_thumb(x, y, weights, POWERS[name]) for name in ("quartic", "gaussian"))
    variance, _ = dblquad(lambda r, angle: r**3 * math.cos(angle) ** 2 * kernel(r**2, 1, 2), 0, 2 * math.pi, 0, 1)
    assert narrow == pytest.approx(wide * math.sqrt(variance), rel=1e-9)


def test_a_point_far_away_does_not_rule_a_gaussian_out():
    """At 30 standard deviations its term is −450: little among 10,000 others."""
    rng = np.random.default_rng(5)
    x, y = 480_000 + rng.normal(0, 3_000, 10_000), 2_380_000 + rng.normal(0, 3_000, 10_000)
    x[0] += 50_000
    search = choose_bandwidth(
        x, y, np.ones(x.size), POWERS["gaussian"], "likelihood", candidates_m=np.array([1_200.0, 30_000.0])
    )
    assert search.best_m == 1_200.0
    q = ((x[:, None] - x[0]) ** 2 + (y[:, None] - y[0]) ** 2)[1:, 0] / 1_200**2
    lonely = np.log(np.exp(-q / 2).sum() / (2 * np.pi * 1.2**2 * (x.size - 1)))
    assert lonely < -400
    assert math.isfinite(search.scores[0])


def test_the_estimator_uses_what_was_chosen():
    x, y, weights = cloud()
    told = []
    x, y, weights = x[:-1], y[:-1], weights[:-1]  # the last is far from all others
    model = KernelDensity("quartic", "likelihood").fit(
        x, y, weights, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(i, 20) for i in range(1, 21)]
    assert model.bandwidth_m_ == model.search_.best_m == model.bandwidths_m_
    best = np.argmax(model.search_.scores)
    assert model.search_.candidates_m[best] == model.bandwidth_m_
    again = KernelDensity("quartic", "likelihood", n_jobs=2).fit(x, y, weights)
    np.testing.assert_array_equal(again.search_.scores, model.search_.scores)


def test_points_of_weight_zero_do_not_count():
    x, y, weights = cloud()
    expected = KernelDensity("quartic", "least-squares").fit(x, y, weights).bandwidth_m_
    more = [np.append(values, extra) for values, extra in ((x, 9e5), (y, 9e6), (weights, 0.0))]
    assert KernelDensity("quartic", "least-squares").fit(*more).bandwidth_m_ == expected


def test_records_at_one_place_draw_least_squares_to_the_end():
    x, y, weights = cloud()
    x[:100], y[:100] = x[0], y[0]
    assert choose_bandwidth(x, y, weights, 2, "least-squares").at_end


def test_a_point_alone_is_explained():
    x, y, weights = cloud()
    with pytest.raises(ModelError, match="With every bandwidth up to 3000 m some point"):
        choose_bandwidth(x, y, weights, 2, "likelihood", candidates_m=np.array([1_000.0, 3_000.0]))


@pytest.mark.parametrize("power", KERNELS)
@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_unit_of_weights_does_not_matter(power, criterion):
    x, y, weights = (values[:-1] for values in cloud(60))  # the last is far from all others
    candidates = np.array([2_500.0, 9_000.0, 90_000.0])
    expected = choose_bandwidth(x, y, weights, power, criterion, candidates_m=candidates).scores
    for unit in (1e-300, 1e-200, 7.0, 1e200, 1e307):
        scores = choose_bandwidth(x, y, unit * weights, power, criterion, candidates_m=candidates).scores
        np.testing.assert_allclose(scores, expected, rtol=1e-9)
    by_rule = [choose_bandwidth(x, y, unit * weights, power, criterion).best_m for unit in (1e-200, 1.0, 1e200)]
    np.testing.assert_allclose(by_rule, by_rule[1], rtol=1e-12)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_point_that_outweighs_all_others_leaves_them_their_density(criterion):
    """Left out, it is predicted by the others, of whose sum 10²⁰ + 3 − 10²⁰ would leave nothing."""
    x, y, _ = cloud(60)
    x, y = x[:4], y[:4]
    weights = np.array([1e20, 1.0, 1.0, 1.0])
    search = choose_bandwidth(x, y, weights, 2, criterion, candidates_m=np.array([20_000.0]))
    q = ((x[1:] - x[0]) ** 2 + (y[1:] - y[0]) ** 2) / 20_000**2
    others = kernel(q, 20.0, 2).mean()
    if criterion == "likelihood":
        assert search.scores[0] == pytest.approx(math.log(others), rel=1e-9)
    else:
        square = self_convolution(2)[0] / 20.0**2
        assert search.scores[0] == pytest.approx(square - 2 * others, rel=1e-9)


def test_points_without_weight_give_no_bandwidth():
    x, y, weights = cloud(10)
    with pytest.raises(ModelError, match="chosen from 0 points"):
        choose_bandwidth(x, y, 0 * weights, 2, "likelihood")
