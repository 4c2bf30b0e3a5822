"""Sums of Gaussians of any widths on a grid, which `KernelDensity` draws adaptive densities with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.density import KernelDensity, _gaussian_widths
from geo.density._gaussian import cut_for, gathering_width, nodes_around, on_lattice
from geo.density._gaussian_cells import add_gathered
from geo.density._gaussian_places import gridding_pays
from geo.density._gaussian_spread import Gaussians, gaussian_along
from geo.density._gaussian_widths import _bins, _classes, gaussian_surface
from geo.density._layout import Lattice
from geo.density._places import sums_at
from geo.density._profile import GAUSSIAN, Profile, peak
from tests.geo.density.test_kernel_density import GRID, NORTH, WEST, centres, places
from tests.reference import kernel_density

LATTICE = Lattice(WEST, NORTH, GRID.cell_m, *GRID.shape)

WAYS = {
    "cheapest": {},
    "lattices": {"LATTICE_NS": 0.0, "NODE_NS": 0.0, "CELL_NS": 0.0, "POINT_NS": 0.0, "NODES_A_CELL": np.inf},
    "cells": {"LATTICE_NS": np.inf},
}
"""Prices that make everything go one way."""


def widths(kind, n):
    rng = np.random.default_rng(5)
    return {
        "alike": rng.uniform(2_000, 2_100, n),
        "a factor of 100": np.exp(rng.uniform(np.log(400), np.log(40_000), n)),
        "below a cell to above the grid": np.exp(rng.uniform(np.log(20), np.log(200_000), n)),
    }[kind]


def drawn(x, y, weights, sigmas, cut, lattice=LATTICE, threads=1):
    """Return the density per km²."""
    return gaussian_surface(x, y, weights * peak(sigmas / 1000, GAUSSIAN), cut * sigmas, cut, lattice, threads)


@pytest.mark.parametrize("tolerance", [1e-12, 1e-6])
@pytest.mark.parametrize("kind", ["scattered", "clustered", "coincident", "on cell edges"])
@pytest.mark.parametrize(
    ("spread", "way"),
    [(spread, way) for spread in ("alike", "a factor of 100") for way in WAYS]
    + [("below a cell to above the grid", way) for way in ("cheapest", "cells")],
)
def test_widths_of_the_points_own_keep_the_bound(way, spread, kind, tolerance, monkeypatch):
    """Weights of both signs; of the scattered points some lie outside the grid."""
    for name, price in WAYS[way].items():
        monkeypatch.setattr(_gaussian_widths, name, price)
    x, y = places(kind, 500)
    weights, sigmas = np.random.default_rng(4).normal(1.0, 2.0, x.size), widths(spread, x.size)
    cut, evenness = cut_for(x, y, np.median(sigmas), tolerance)
    density = drawn(x, y, weights, sigmas, cut)
    expected, sizes = (kernel_density(x, y, w, sigmas, GAUSSIAN, *centres(GRID)) for w in (weights, np.abs(weights)))
    bound = tolerance * (np.abs(weights) @ peak(sigmas / 1000, GAUSSIAN)) / evenness
    assert np.abs(density - expected).max() <= bound + 1e-13 * sizes.max()


@pytest.mark.parametrize("way", ["lattices", "cells"])
@pytest.mark.parametrize("sigma", [450.0, 5_000.0, 1e6, 1e12])
@pytest.mark.parametrize("where", [(9_100.3, 9_000.7), (-15_000.0, 9_000.0), (40_000.0, -12_000.0)])
def test_one_point(where, sigma, way, monkeypatch):
    """Inside, and outside reaching in."""
    for name, price in WAYS[way].items():
        monkeypatch.setattr(_gaussian_widths, name, price)
    x, y, one = np.array([WEST + where[0]]), np.array([NORTH - where[1]]), np.ones(1)
    cut, _ = cut_for(x, y, sigma, 1e-12)
    expected = kernel_density(x, y, one, sigma, GAUSSIAN, *centres(GRID))
    assert np.abs(drawn(x, y, one, np.array([sigma]), cut) - expected).max() <= 1e-12 * peak(sigma / 1000, GAUSSIAN)


def test_adaptive_densities_keep_the_bound_of_their_tolerance():
    """Points of a cluster narrower than a cell, of a wide one, and far from both."""
    rng = np.random.default_rng(6)
    each = [1_000, 300, 3]
    middles = np.repeat([[12_000.0, 9_000.0], [6_000.0, 14_000.0], [22_000.0, 3_000.0]], each, axis=0)
    east, south = (middles + np.repeat([40.0, 2_000.0, 4_000.0], each)[:, None] * rng.normal(size=middles.shape)).T
    x, y, weights = WEST + east, NORTH - south, rng.uniform(0.5, 2.0, east.size)
    for tolerance in (1e-12, 1e-6):
        model = KernelDensity("gaussian", 700.0, adaptive=True, tolerance=tolerance).fit(x, y, weights)
        own = model.bandwidths_m_
        assert own.min() < GRID.cell_m
        assert own.max() > 4 * own.min()
        expected = kernel_density(x, y, weights, own, GAUSSIAN, *centres(GRID))
        evenness = 1 + np.ptp(x) * np.ptp(y) / (2 * np.pi * 700.0**2)
        bound = tolerance * (weights @ peak(own / 1000, GAUSSIAN)) / evenness
        density = model.to_grid(GRID)
        assert np.abs(density - expected).max() <= bound + 1e-13 * expected.max()
        assert density.min() >= 0


@pytest.mark.parametrize("tolerance", [1e-12, 1e-6])
def test_widths_of_the_points_own_keep_the_bound_at_many_places(tolerance):
    """Most are gathered from lattices, one for each octave of widths."""
    x, y = places("scattered", 20_000)
    weights, sigmas = np.random.default_rng(4).normal(1.0, 2.0, x.size), widths("a factor of 100", x.size)
    rng = np.random.default_rng(7)
    at_x, at_y = WEST + rng.uniform(-3_000, 28_000, 20_000), NORTH - rng.uniform(-3_000, 23_000, 20_000)
    cut, evenness = cut_for(x, y, np.median(sigmas), tolerance)
    assert gridding_pays(2_000, at_x, at_y, 2_000.0, cut)
    heights = weights * peak(sigmas / 1000, GAUSSIAN)
    density = sums_at(x, y, heights, cut * sigmas, Profile(GAUSSIAN, 0.5 * cut**2), at_x, at_y, 2)[:200]
    expected, sizes = (
        kernel_density(x, y, w, sigmas, GAUSSIAN, at_x[:200], at_y[:200]) for w in (weights, np.abs(weights))
    )
    assert np.abs(density - expected).max() <= tolerance * np.abs(heights).sum() / evenness + 1e-13 * sizes.max()


def test_any_number_of_threads_gives_the_same_bits():
    """With work enough that the threads are used, on lattices and cell by cell."""
    x, y = places("scattered", 30_000)
    sigmas, weights = np.exp(np.random.default_rng(5).uniform(np.log(200), np.log(9_000), x.size)), np.ones(x.size)
    cut, _ = cut_for(x, y, 2_000.0, 1e-12)
    fine = Lattice(WEST, NORTH, 100.0, 200, 250)
    ways = {one.gridded for one in _classes(_bins(cut * sigmas, x.size), cut, fine)}
    assert ways == {True, False}
    assert len({drawn(x, y, weights, sigmas, cut, fine, threads).tobytes() for threads in (1, 2, 5)}) == 1


def test_many_coincident_points_add_up_without_drift():
    """The same term 10⁵ times, of two widths."""
    n = 100_000
    x, y, weights = np.full(n, WEST + 9_100.3), np.full(n, NORTH - 9_000.7), np.full(n, 0.1)
    sigmas = np.where(np.arange(n) % 2 == 0, 700.0, 3_000.0)
    cut, _ = cut_for(x, y, 2_000.0, 1e-12)
    # The exactly rounded sum of n equal terms is n times one of them.
    expected = n / 2 * kernel_density(x[:2], y[:2], weights[:2], sigmas[:2], GAUSSIAN, *centres(GRID))
    assert np.abs(drawn(x, y, weights, sigmas, cut) - expected).max() <= 1e-13 * expected.max()


@settings(max_examples=200)
@given(
    st.floats(3.5, 8.5), st.floats(1.0, 10.0), st.floats(0.3, 30.0),
    st.floats(-1.5, 2.5), st.floats(-1.5, 2.5), st.sampled_from([(1, 1), (9, 4), (30, 11)]),
)  # fmt: skip
def test_a_lattice_adds_less_than_sixteen_times_what_is_cut(cut, times, cells, right, down, shape):
    """The bound that `_gaussian` states, for a point of ``times`` the narrowest width, which is ``cells`` cells."""
    rows, cols = shape
    grid, narrowest, sigma = Lattice(0.0, 0.0, 1.0, rows, cols), cells, cells * times
    at = np.array([right * cols]), np.array([-down * rows])
    nodes = nodes_around(0.5, -0.5, cols - 1.0, rows - 1.0, narrowest, sigma, cut)
    values = on_lattice(Gaussians(*at, np.ones(1), np.array([sigma]), narrowest, sigma), cut, nodes, 1)
    out = np.zeros(shape)
    add_gathered(values, nodes, gathering_width(narrowest), cut, grid, 1, out)
    far = (np.arange(cols) + 0.5 - at[0]) ** 2 + (np.arange(rows)[:, None] + 0.5 + at[1]) ** 2
    assert np.abs(out - np.exp(-0.5 * far / sigma**2)).max() <= 16 * np.exp(-0.5 * cut**2) + 1e-13


@given(st.lists(st.floats(-6, 6), min_size=1, max_size=60), st.integers(1, 100_000))
def test_classes_are_all_bins_once_each_and_no_lattice_is_large(logarithms, points_a_width):
    radii = 8.0 * 500.0 * 10.0 ** np.array(logarithms)
    bins = _bins(radii, radii.size)
    bins = bins._replace(counts=bins.counts * points_a_width)
    assert bins.counts.sum() == radii.size * points_a_width
    assert ((bins.begin[bins.of] <= radii * (1 + 1e-9)) & (radii <= bins.begin[bins.of] * 2**0.125 * (1 + 1e-9))).all()
    classes = _classes(bins, 8.0, LATTICE)
    assert [one.begin for one in classes] == [0, *(one.end for one in classes[:-1])]
    assert classes[-1].end == bins.counts.size
    most = 0.5 * LATTICE.rows * LATTICE.cols + 0.25 * bins.counts.sum()
    for one in classes:
        if one.gridded:
            mine = radii[(bins.of >= one.begin) & (bins.of < one.end)] / 8.0
            nodes = nodes_around(0.0, 0.0, 25_000.0, 20_000.0, mine.min(), mine.max(), 8.0)
            # Room for the next length that is fast to transform.
            assert nodes.rows * nodes.cols <= 1.3 * most


@pytest.mark.parametrize(
    ("sigma", "points", "gridded"), [(300.0, 1_000_000, False), (5_000.0, 10, False), (5_000.0, 100_000, True)]
)
def test_few_and_narrow_points_are_added_cell_by_cell(sigma, points, gridded):
    assert [one.gridded for one in _classes(_bins(8 * sigma, points), 8.0, LATTICE)] == [gridded]


@given(st.floats(-30, 60), st.floats(-150, 4).map(lambda power: 10.0**power), st.integers(0, 29), st.integers(1, 30))
def test_a_gaussian_along_a_line(at, tau, begin, count):
    end = min(begin + count, 30)
    out = np.full(30, np.nan)
    gaussian_along(at, tau, begin, end, 2.0, out)
    with np.errstate(over="ignore"):
        expected = 2 * np.exp(-0.5 * ((np.arange(begin, end) - at) / tau) ** 2)
    np.testing.assert_allclose(out[begin:end], expected, rtol=1e-9, atol=1e-15)
    assert np.isnan(np.delete(out, np.arange(begin, end))).all()
