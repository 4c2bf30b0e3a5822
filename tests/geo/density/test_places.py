"""Sums at many places by moments of bins, which `KernelDensity.at` takes where points are dense."""

import numpy as np
import pytest

from geo.density import KernelDensity
from geo.density._moments import bins_of_moments, moment_sums
from geo.density._places import sums_at
from geo.density._profile import Profile
from geo.density.parameters import POWERS
from tests.geo.density.test_kernel_density import NORTH, WEST
from tests.reference import kernel_density

N = 40_000
COMPACT = sorted(set(POWERS) - {"gaussian"})


def dense(kind):
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 20_000, (2, N))
    if kind == "clustered":
        x[: N // 2], y[: N // 2] = 9_000 + 300 * rng.standard_normal((2, N // 2))
    if kind == "coincident":
        x[: N // 2], y[: N // 2] = 10_123.4, 7_654.3
    return WEST + x, NORTH - y


@pytest.mark.parametrize("kernel", COMPACT)
@pytest.mark.parametrize("kind", ["scattered", "clustered", "coincident"])
def test_many_places_equal_the_sum_of_kernels(kernel, kind):
    """Weights of both signs; places at the points, and others in and around their bounding box."""
    x, y = dense(kind)
    weights = np.random.default_rng(4).normal(1.0, 2.0, N)
    rng = np.random.default_rng(5)
    at_x = np.concatenate([x, WEST + rng.uniform(-9_000, 29_000, 2_000)])
    at_y = np.concatenate([y, NORTH - rng.uniform(-9_000, 29_000, 2_000)])
    assert bins_of_moments(x, y, 6_000.0, POWERS[kernel], at_x, at_y) is not None
    density = KernelDensity(kernel, 6_000.0, n_jobs=2).fit(x, y, weights).at(at_x, at_y)
    some = np.r_[np.arange(0, N, 400), np.arange(N, N + 2_000, 20)]
    expected = kernel_density(x, y, weights, 6_000.0, POWERS[kernel], at_x[some], at_y[some])
    sizes = kernel_density(x, y, np.abs(weights), 6_000.0, POWERS[kernel], at_x[some], at_y[some])
    assert np.abs(density[some] - expected).max() <= 1e-13 * sizes.max()
    assert (density[np.abs(at_x - WEST - 10_000) > 16_000] == 0).all()


@pytest.mark.parametrize("power", range(4))
@pytest.mark.parametrize("cells", [5.0, 23.4])
def test_bins_of_any_size_give_the_same(power, cells):
    """Few points in many bins, and many in few; a part of the points is not in reach of any place."""
    x, y = (axis[:3_000] for axis in dense("clustered"))
    weights, radius = np.ones(x.size), 4_000.0
    at_x, at_y = x[:200].clip(max=WEST + 9_000), y[:200]
    bins = bins_of_moments(*dense("scattered"), radius, power, *dense("scattered"))
    bins = bins._replace(
        cell=radius / cells, rows=int(20_000 * cells / radius) + 2, cols=int(20_000 * cells / radius) + 2
    )
    out = np.zeros(200)
    moment_sums(x, y, weights, radius, Profile(power), bins, at_x, at_y, 1, out)
    expected = kernel_density(x, y, weights, radius, power, at_x, at_y)
    expected *= np.pi * (radius / 1000) ** 2 / (power + 1)
    assert np.abs(out - expected).max() <= 1e-12 * expected.max()


@pytest.mark.parametrize("power", range(4))
def test_any_number_of_threads_gives_the_same_bits(power):
    x, y = dense("clustered")
    ways = [sums_at(x, y, np.ones(N), 6_000.0, Profile(power), x, y, threads) for threads in (1, 2, 5)]
    assert len({sums.tobytes() for sums in ways}) == 1


def test_moments_are_not_taken_where_they_do_not_pay():
    """Few places, points far apart, or points on one line."""
    x, y = dense("scattered")
    assert bins_of_moments(x, y, 6_000.0, 2, x, y) is not None
    assert bins_of_moments(x, y, 6_000.0, 2, x[:10], y[:10]) is None
    assert bins_of_moments(x, y, 300.0, 2, x, y) is None
    assert bins_of_moments(x, np.full(N, NORTH), 6_000.0, 2, x, np.full(N, NORTH)) is None
