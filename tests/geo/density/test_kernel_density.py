import datetime as dt
import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from geo.density import KernelDensity
from geo.density.parameters import POWERS
from geo.errors import CrsError, ModelError
from geo.grid import Grid
from tests.reference import kernel_density

WEST, NORTH = 480_000.0, 2_400_000.0
GRID = Grid("EPSG:9205", Affine(500, 0, WEST, 0, -500, NORTH), (40, 50))


def places(kind, n=300):
    rng = np.random.default_rng(3)
    scatter = rng.uniform(-4_000, 29_000, (n, 2))
    layouts = {
        "scattered": scatter,
        "clustered": 12_000 + 300 * rng.standard_normal((n, 2)),
        "coincident": np.full((n, 2), 10_123.4),
        "collinear": np.column_stack([np.linspace(0, 25_000, n), np.full(n, 7_250.0)]),
        "on cell edges": np.floor(scatter / 500) * 500,
        "on cell centres": np.floor(scatter / 500) * 500 + 250,
    }
    east, south = layouts[kind].T
    return WEST + east, NORTH - south


def centres(grid):
    return np.meshgrid(grid.eastings(), grid.northings())


def distances(x, y):
    """Return the distance from every cell centre to every point, shape (rows, cols, points)."""
    east, north = centres(GRID)
    return np.hypot(east[..., None] - x, north[..., None] - y)


@pytest.mark.parametrize("kernel", sorted(POWERS))
@pytest.mark.parametrize("bandwidth", [150.0, 500.0, 2_345.6, 5_000.0, 60_000.0])
@pytest.mark.parametrize(
    "kind", ["scattered", "clustered", "coincident", "collinear", "on cell edges", "on cell centres"]
)
def test_it_equals_the_sum_of_kernels(kernel, bandwidth, kind):
    x, y = places(kind)
    weights = np.random.default_rng(4).normal(1.0, 2.0, x.size)
    density = KernelDensity(kernel=kernel, bandwidth_m=bandwidth).fit(x, y, weights).to_grid(GRID)
    expected = kernel_density(x, y, weights, bandwidth, POWERS[kernel], *centres(GRID))
    far = distances(x, y) / bandwidth
    if kernel == "uniform":
        # On the rim of a disc the kernel jumps, and rounding decides: either value is right.
        expected = np.where((np.abs(far - 1) < 1e-9).any(axis=-1), density, expected)
    assert np.abs(density - expected).max() <= 1e-12 * max(np.abs(expected).max(), 1e-300)
    if kernel != "gaussian":
        assert (density[(far > 1).all(axis=-1)] == 0).all()


@pytest.mark.parametrize("tolerance", [1e-12, 1e-6])
@pytest.mark.parametrize("bandwidth", [600.0, 2_345.6, 1e6, 1e12])
def test_the_gaussian_keeps_its_bound(bandwidth, tolerance):
    """Wide and narrow; at the cells and at places."""
    x, y = places("scattered")
    weights = np.random.default_rng(4).uniform(0.5, 2.0, x.size)
    model = KernelDensity("gaussian", bandwidth, tolerance=tolerance).fit(x, y, weights)
    expected = kernel_density(x, y, weights, bandwidth, -1, *centres(GRID))
    spread = 1 + np.ptp(x) * np.ptp(y) / (2 * np.pi * bandwidth**2)
    bound = tolerance * weights.sum() / (2 * np.pi * (bandwidth / 1000) ** 2) / spread
    rounding = 1e-13 * expected.max()
    assert np.abs(model.to_grid(GRID) - expected).max() <= bound + rounding
    east, north = (c.ravel() for c in centres(GRID))
    assert np.abs(model.at(east, north) - expected.ravel()).max() <= bound + rounding


@pytest.mark.parametrize("kernel", sorted(POWERS))
def test_adaptive_bandwidths_are_abramsons(kernel):
    """By the formula, from the oracle's pilot; then the surface and the places from those bandwidths."""
    x, y = places("scattered")
    x, y = np.append(x, WEST + 12_000 + np.arange(50.0)), np.append(y, NORTH - 9_000 + np.arange(50.0))
    weights = np.random.default_rng(4).uniform(0.5, 2.0, x.size)
    model = KernelDensity(kernel, 3_000.0, adaptive=True).fit(x, y, weights)
    pilot = kernel_density(x, y, weights, 3_000.0, POWERS[kernel], x, y)
    own = 3_000 * np.sqrt(np.exp(np.average(np.log(pilot), weights=weights)) / pilot)
    own = np.minimum(own, 5 * np.median(own))
    np.testing.assert_allclose(model.bandwidths_m_, own, rtol=1e-10)
    assert own.max() > 3 * own.min()
    expected = kernel_density(x, y, weights, model.bandwidths_m_, POWERS[kernel], *centres(GRID))
    assert np.abs(model.to_grid(GRID) - expected).max() <= 1e-12 * expected.max()
    east, north = (c.ravel() for c in centres(GRID))
    assert np.abs(model.at(east, north) - expected.ravel()).max() <= 1e-12 * expected.max()


@pytest.mark.parametrize("kernel", sorted(POWERS))
def test_adaptive_bandwidths_from_narrow_to_wide(kernel):
    """Radii of less than a cell and of the whole grid in one surface."""
    x, y = places("scattered", 60)
    x[:40], y[:40] = WEST + 5_000 + np.arange(40.0), NORTH - 5_000
    model = KernelDensity(kernel, 1_500.0, adaptive=True).fit(x, y)
    expected = kernel_density(x, y, np.ones(60), model.bandwidths_m_, POWERS[kernel], *centres(GRID))
    assert np.abs(model.to_grid(GRID) - expected).max() <= 1e-12 * expected.max()


def test_a_single_point_has_the_shape_of_its_kernel():
    """By hand: at the centre 3 / (π h²) for the quartic kernel, at half the radius (3/4)² of that."""
    density = KernelDensity(bandwidth_m=2000).fit([WEST], [NORTH])
    peak = 3 / (math.pi * 2**2)
    assert density.at([WEST, WEST + 1000, WEST + 2000, WEST + 2001], [NORTH] * 4) == pytest.approx(
        [peak, peak * 0.75**2, 0, 0], abs=1e-15
    )


def test_many_coincident_points_add_up_without_drift():
    """The same term 10⁵ times: plain sums are wrong by 2e-12 of the peak here."""
    n = 100_000
    x, y, weights = np.full(n, WEST + 9_100.3), np.full(n, NORTH - 9_000.7), np.full(n, 0.1)
    model = KernelDensity(bandwidth_m=2000).fit(x, y, weights)
    # The exactly rounded sum of n equal terms is n times one of them.
    expected = n * kernel_density(x[:1], y[:1], weights[:1], 2000, 2, *centres(GRID))
    assert np.abs(model.to_grid(GRID) - expected).max() <= 1e-12 * expected.max()
    at = model.at([WEST + 9_250.0], [NORTH - 9_250.0])
    assert np.abs(at - expected[18, 18]).max() <= 1e-14 * expected.max()


@pytest.mark.parametrize("bandwidth", [5_000.0, 1e24])
def test_no_distance_is_too_far(bandwidth):
    """Cell numbers past the largest integer are cut to the grid."""
    x, y = np.array([WEST + 9_000, 1e25, -1e25, WEST]), np.array([NORTH - 9_000, NORTH, NORTH, 1e25])
    density = KernelDensity(bandwidth_m=bandwidth).fit(x, y).to_grid(GRID)
    near = KernelDensity(bandwidth_m=bandwidth).fit(x[:1], y[:1]).to_grid(GRID)
    assert near.all() == (bandwidth > 1e6)
    np.testing.assert_array_equal(density, near)


@pytest.mark.parametrize("kernel", sorted(POWERS))
def test_unit_mass(kernel):
    """On a fine grid the cells of one point add up to its weight (midpoint rule)."""
    bandwidth = 4000 if kernel != "gaussian" else 800
    grid = Grid("EPSG:9205", Affine(20, 0, WEST, 0, -20, NORTH), (500, 500))
    density = KernelDensity(kernel=kernel, bandwidth_m=bandwidth).fit([WEST + 5003.0], [NORTH - 4991.0], [7.0])
    assert density.to_grid(grid).sum() * grid.cell_area_km2 == pytest.approx(
        7.0, rel=1e-3 if kernel == "uniform" else 1e-4
    )


def test_at_and_to_grid_agree():
    """Also where the places come in no order."""
    x, y = places("scattered")
    density = KernelDensity(bandwidth_m=3000).fit(x, y)
    east, north = (c.ravel() for c in centres(GRID))
    order = np.random.default_rng(6).permutation(east.size)
    np.testing.assert_allclose(
        density.at(east[order], north[order]), density.to_grid(GRID).ravel()[order], rtol=1e-12, atol=1e-14
    )
    assert density.at([], []).shape == (0,)


offsets = st.lists(st.tuples(st.floats(-5e3, 3e4), st.floats(-5e3, 3e4), st.floats(-3, 3)), min_size=1, max_size=30)
H = 4321.0
every_kernel = pytest.mark.parametrize("kernel", sorted(POWERS))


def placed(points, shift=(0.0, 0.0), scale=1.0):
    """Return points (east, south of the grid's corner, weight) as x, y and weights."""
    east, south, weights = np.array(points).T
    return WEST + scale * east + shift[0], NORTH - scale * south - shift[1], weights


def drawn(kernel, x, y, weights, bandwidth=H, grid=GRID):
    return KernelDensity(kernel, bandwidth).fit(x, y, weights).to_grid(grid)


def assert_equal(kernel, points, surface, expected):
    """Up to rounding; on the rim of a disc the uniform kernel jumps, and rounding decides."""
    x, y, weights = placed(points)
    differs = np.abs(surface - expected) > 1e-11 * max(np.abs(weights).sum(), 1e-9)
    if kernel == "uniform":
        differs &= (np.abs(distances(x, y) / H - 1) > 1e-9).all(axis=-1)[: differs.shape[0], : differs.shape[1]]
    assert not differs.any()


@every_kernel
@settings(max_examples=40)
@given(points=offsets, random=st.randoms(use_true_random=False), cut=st.integers(0, 30), factor=st.floats(-1e6, 1e6))
def test_sums_of_points_are_sums_of_densities(kernel, points, random, cut, factor):
    """In any order, in parts, and with weights times any factor."""
    x, y, weights = placed(points)
    surface = drawn(kernel, x, y, weights)
    shuffled = random.sample(points, len(points))
    assert_equal(kernel, points, drawn(kernel, *placed(shuffled)), surface)
    parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    assert_equal(kernel, points, sum(drawn(kernel, *placed(part)) for part in parts), surface)
    times = drawn(kernel, x, y, factor * weights)
    assert_equal(kernel, points, times / max(abs(factor), 1), surface * factor / max(abs(factor), 1))


@every_kernel
@settings(max_examples=40)
@given(points=offsets, cols=st.integers(0, 20), rows=st.integers(0, 20), scale=st.sampled_from([0.125, 0.3, 2.0, 7.0]))
def test_moved_or_enlarged_points_take_their_density_along(kernel, points, cols, rows, scale):
    """Moved by whole cells it is the same; with all lengths times s it is over s²."""
    surface = drawn(kernel, *placed(points))
    moved = drawn(kernel, *placed(points, shift=(500.0 * cols, 500.0 * rows)))
    assert_equal(kernel, points, moved[rows:, cols:], surface[: 40 - rows, : 50 - cols])
    grid = Grid("EPSG:9205", Affine(500 * scale, 0, WEST, 0, -500 * scale, NORTH), GRID.shape)
    larger = drawn(kernel, *placed(points, scale=scale), H * scale, grid)
    assert_equal(kernel, points, larger * scale**2, surface)


@pytest.mark.parametrize("kernel", sorted(set(POWERS) - {"gaussian"}))
@settings(max_examples=40)
@given(points=offsets)
def test_out_of_reach_it_is_exactly_zero(kernel, points):
    x, y, weights = placed(points)
    far = (distances(x, y) > H * (1 + 1e-12)).all(axis=-1)
    assert (drawn(kernel, x, y, weights)[far] == 0).all()
    assert (drawn(kernel, x, y, np.ones(x.size))[(distances(x, y) < 0.9 * H).any(axis=-1)] > 0).all()


@pytest.mark.parametrize("kernel", sorted(POWERS))
def test_any_number_of_threads_gives_the_same_bits(kernel):
    """With work enough that the threads are used."""
    x, y = places("scattered", 40_000)
    surfaces = [KernelDensity(kernel, 2500.0, n_jobs=n).fit(x, y).to_grid(GRID) for n in (1, 1, 2, 5, -1)]
    assert len({surface.tobytes() for surface in surfaces}) == 1


@pytest.mark.parametrize("kernel", sorted(POWERS))
def test_many_clustered_points(kernel):
    """10⁵ points, a fifth of them in one spot; the oracle looks at some of the cells."""
    rng = np.random.default_rng(8)
    x, y = (rng.normal(0, 2_000, 100_000) + middle for middle in (WEST + 12_000, NORTH - 9_000))
    x[:20_000], y[:20_000] = WEST + 12_345.6, NORTH - 9_876.5
    some = slice(None, None, 7), slice(None, None, 6)
    density = KernelDensity(kernel, 5_000.0).fit(x, y).to_grid(GRID)
    at = [axis[some] for axis in centres(GRID)]
    expected = kernel_density(x, y, np.ones(x.size), 5_000.0, POWERS[kernel], *at)
    assert np.abs(density[some] - expected).max() <= 1e-12 * density.max()


def test_nothing_is_left_behind_a_cluster():
    """Large weights that cancel leave no rounding error in the empty cells after them."""
    x = WEST + np.array([1_000.0, 1_100.0, 24_000.0])
    density = KernelDensity("triweight", 2_100.0).fit(x, np.full(3, NORTH - 10_000), [1e9, -1e9, 1.0]).to_grid(GRID)
    assert (density[:, 8:40] == 0).all()
    assert (density[:, 45] > 0).any()


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.float32])
def test_other_number_types_are_taken(dtype):
    x, y = (np.array([486_016, 489_984], dtype=dtype), np.array([2_390_016, 2_396_032], dtype=dtype))
    expected = KernelDensity().fit(x.astype(float), y.astype(float)).to_grid(GRID)
    assert (KernelDensity().fit(x, y).to_grid(GRID) == expected).all()


def test_the_callers_arrays_may_be_views_and_are_never_changed():
    x, y = places("scattered")
    both = np.column_stack([x, y])
    before = both.copy()
    both.flags.writeable = False
    surface = KernelDensity().fit(both[::2, 0], both[::2, 1]).to_grid(GRID)
    assert (both == before).all()
    assert (surface == KernelDensity().fit(x[::2].copy(), y[::2].copy()).to_grid(GRID)).all()


def test_a_weight_of_zero_gives_an_empty_surface():
    assert not KernelDensity().fit([WEST], [NORTH], [0.0]).to_grid(GRID).any()


def test_it_follows_the_estimator_contract():
    model = KernelDensity(kernel="epanechnikov", bandwidth_m=123.0)
    assert clone(model).get_params() == {
        "kernel": "epanechnikov",
        "bandwidth_m": 123.0,
        "adaptive": False,
        "edge_correction": None,
        "bandwidth_days": None,
        "past_only": True,
        "tolerance": 1e-12,
        "n_jobs": 1,
    }
    with pytest.raises(NotFittedError):
        model.to_grid(GRID)
    assert model.fit([WEST], [NORTH]) is model


def test_parameters_set_after_fit_wait_for_the_next_fit():
    model = KernelDensity(bandwidth_m=2000).fit([WEST], [NORTH])
    before = model.to_grid(GRID)
    model.set_params(bandwidth_m=-1, kernel="box")
    np.testing.assert_array_equal(model.to_grid(GRID), before)


def test_an_error_never_quotes_a_value():
    for value in ("0912 345 678", dt.date(2017, 3, 31)):
        with pytest.raises(ModelError) as error:
            KernelDensity().fit([value], [NORTH])
        assert str(error.value) == "x must be a list of finite numbers"
        assert error.value.__context__ is None


@pytest.mark.parametrize(
    ("options", "x", "y", "weights", "error", "said"),
    [
        ({"kernel": "box"}, [WEST], [NORTH], None, ModelError, "box is not known"),
        ({"n_jobs": 0}, [WEST], [NORTH], None, ModelError, "n_jobs"),
        ({"bandwidth_m": 0}, [WEST], [NORTH], None, ModelError, "above zero"),
        ({"bandwidth_m": -5}, [WEST], [NORTH], None, ModelError, "above zero"),
        ({"bandwidth_m": math.nan}, [WEST], [NORTH], None, ModelError, "above zero"),
        ({"bandwidth_m": "5000"}, [WEST], [NORTH], None, ModelError, "above zero"),
        ({"bandwidth_m": "silverman"}, [WEST], [NORTH], None, ModelError, "one of likelihood, least-squares"),
        ({"bandwidth_m": "likelihood"}, [WEST] * 2, [NORTH] * 2, None, ModelError, "chosen from 2 points"),
        ({"bandwidth_m": "likelihood"}, [WEST] * 3, [NORTH] * 3, None, ModelError, "in one place"),
        ({"bandwidth_m": "likelihood"}, [WEST] * 3, [NORTH] * 3, [1, 1, -1], ModelError, "negative"),
        ({"bandwidth_days": 30}, [WEST], [NORTH], None, ModelError, "the times of the points"),
        ({"bandwidth_days": 0}, [WEST], [NORTH], None, ModelError, "above zero"),
        ({"edge_correction": "uniform"}, [WEST], [NORTH], None, ModelError, "the study area"),
        ({"edge_correction": "ripley"}, [WEST], [NORTH], None, ModelError, "uniform, diggle or None"),
        ({"tolerance": 0}, [WEST], [NORTH], None, ModelError, "tolerance"),
        ({"adaptive": True}, [WEST], [NORTH], [-1.0], ModelError, "no negative weights"),
        ({}, [[WEST]], [[NORTH]], None, ModelError, "list of finite"),
        ({}, [], [], None, ModelError, "at least one point"),
        ({}, [WEST, math.nan], [NORTH, NORTH], None, ModelError, "finite"),
        ({}, [WEST, math.inf], [NORTH, NORTH], None, ModelError, "finite"),
        ({}, [WEST], [NORTH, NORTH], None, ModelError, "1 eastings but 2 northings"),
        ({}, [WEST], [NORTH], [1, 2], ModelError, "1 points but 2 weights"),
        ({}, [WEST], [NORTH], [math.nan], ModelError, "finite"),
        ({}, [103.0, 102.9], [21.4, 21.5], None, CrsError, "look like degrees"),
    ],
)
def test_bad_input_is_explained(options, x, y, weights, error, said):
    with pytest.raises(error, match=said):
        KernelDensity(**options).fit(x, y, weights)
