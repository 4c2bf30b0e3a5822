import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc, ndtr

from geo.density import KernelDensity, study_area
from geo.density._profile import GAUSSIAN, Profile, peak
from geo.density.parameters import POWERS
from geo.density.study_area import StudyArea
from geo.errors import CrsError, ModelError
from geo.grid import Grid
from tests.reference import kernel_density

WEST, SOUTH = 480_000.0, 2_380_000.0
GRID = Grid("EPSG:9205", Affine(500, 0, WEST - 1_000, 0, -500, SOUTH + 17_000), (37, 50))


def moved(*rings):
    return shapely.transform(shapely.Polygon(rings[0], rings[1:]), lambda corners: corners * 1000 + [WEST, SOUTH])


MAINLAND = moved([(0, 0), (20, 1), (18, 16), (9, 7), (2, 15)], [(4, 3), (7, 3), (6, 6)])
ISLAND = moved([(20, 12), (22, 12), (22, 15), (20, 15)])
PROVINCE = shapely.MultiPolygon([MAINLAND, ISLAND])
AREA = StudyArea(PROVINCE)


def profile(power, cut=8.0):
    return Profile(power, 0.5 * cut**2)


def reach(power, bandwidth):
    return bandwidth * 8.0 if power == GAUSSIAN else bandwidth


def by_cells(polygon, x, y, bandwidth, power, cell=25.0):
    """The midpoint rule on small cells."""
    west, south, east, north = polygon.bounds
    at = np.meshgrid(np.arange(west + cell / 2, east, cell), np.arange(south + cell / 2, north, cell))
    inside = shapely.contains_xy(polygon, *at)
    at = [axis[inside] for axis in at]
    return [
        kernel_density(*at, np.full(at[0].size, cell**2 / 1e6), bandwidth, power, [a], [b])[0]
        for a, b in zip(x, y, strict=True)
    ]


@pytest.mark.parametrize("power", sorted(POWERS.values()))
@pytest.mark.parametrize("bandwidth", [1_500.0, 4_000.0])
def test_the_mass_is_the_integral_over_the_polygon(power, bandwidth):
    """At its vertices, on its edges, within and without, where a hole and an island are in reach."""
    rng = np.random.default_rng(0)
    west, south, east, north = PROVINCE.bounds
    corners = shapely.get_coordinates(PROVINCE)
    x = np.concatenate([corners[:, 0], [WEST + 5_500, WEST + 10_000], rng.uniform(west, east, 40)])
    y = np.concatenate([corners[:, 1], [SOUTH + 3_000, SOUTH + 500], rng.uniform(south, north, 40)])
    expected = by_cells(PROVINCE, x, y, bandwidth, power)
    mass = AREA.mass(x, y, reach(power, bandwidth), profile(power), 2)
    assert np.abs(mass - expected).max() < 6e-3  # the cells' error at the boundary
    assert np.abs(mass - expected).mean() < 1e-3
    own = AREA.mass(x, y, np.full(x.size, reach(power, bandwidth)), profile(power), 1)
    np.testing.assert_allclose(own, mass, atol=1e-12)


def test_the_uniform_kernels_mass_is_the_share_of_its_disc():
    """Against GEOS: the area of the polygon's intersection with a disc of 2,048 sides a quarter."""
    rng = np.random.default_rng(1)
    x, y = WEST + rng.uniform(0, 20_000, 50), SOUTH + rng.uniform(0, 15_000, 50)
    radii = rng.uniform(500, 8_000, 50)
    discs = shapely.buffer(shapely.points(x, y), radii, quad_segs=2048)
    expected = shapely.area(shapely.intersection(discs, PROVINCE)) / shapely.area(discs)
    np.testing.assert_allclose(AREA.mass(x, y, radii, profile(0), 1), expected, atol=1e-6)


@pytest.mark.parametrize("power", sorted(POWERS.values()))
def test_beside_a_straight_border_it_is_the_marginal_distribution(power):
    """In closed form: a normal, or a beta distribution, of the distance across the line."""
    half_plane = StudyArea(shapely.box(WEST, SOUTH - 1e6, WEST + 1e6, SOUTH + 1e6))
    bandwidth, p = 3_000.0, np.array([0.0, 100.0, 1_234.5, 2_900.0, 3_100.0])
    t = p / bandwidth
    # (1 − q)^m integrated over its chord is (1 − t²)^(m + 1/2).
    beta = betainc(abs(power) + 1.5, abs(power) + 1.5, np.minimum(1 + t, 2) / 2)
    expected = ndtr(t) if power == GAUSSIAN else beta
    mass = half_plane.mass(WEST + p, np.full(5, SOUTH), reach(power, bandwidth), profile(power), 1)
    np.testing.assert_allclose(mass, expected, atol=2e-9)
    assert mass[0] == pytest.approx(0.5, abs=2e-9)


@pytest.mark.parametrize("power", sorted(POWERS.values()))
@pytest.mark.parametrize("times", [1e3, 1e5, 1e9, 1e20])
def test_a_kernel_far_wider_than_the_area_is_flat_there(power, times):
    """Its mass is its height times the area: at a vertex, on an edge, in a hole, inside; of one or of many widths."""
    corners = shapely.get_coordinates(PROVINCE)
    x, y = (
        np.append(corners[:, k], middle)
        for k, middle in enumerate([[WEST + 10_000, WEST + 5_500], [SOUTH + 500, SOUTH + 4_000]])
    )
    bandwidth = 22_000.0 * times
    expected = peak(bandwidth / 1000, power) * PROVINCE.area / 1e6
    one = AREA.mass(x, y, reach(power, bandwidth), profile(power), 1)
    many = AREA.mass(x, y, np.full(x.size, reach(power, bandwidth)), profile(power), 1)
    np.testing.assert_allclose([one, many], expected, rtol=3 / times**2 + 2e-8)


def test_places_on_the_boundary_belong_to_the_area_on_a_grid_as_singly():
    """A box and a triangle whose edges run through cell centres, and a hole."""
    shape = shapely.MultiPolygon([
        shapely.box(WEST + 1_250, SOUTH + 1_250, WEST + 8_250, SOUTH + 9_250).difference(
            shapely.box(WEST + 3_250, SOUTH + 3_250, WEST + 5_250, SOUTH + 5_250)
        ),
        moved([(10.25, 1.25), (18.25, 1.25), (14.25, 9.25)]),
    ])  # fmt: skip
    area = StudyArea(shape)
    east, north = np.meshgrid(GRID.eastings(), GRID.northings())
    expected = shapely.intersects_xy(shape, east, north)
    assert shapely.intersects_xy(shape.boundary, east, north).sum() > 90
    np.testing.assert_array_equal(area.cells(GRID), expected)
    np.testing.assert_array_equal(area.holds(east.ravel(), north.ravel()), expected.ravel())
    for correction in ("uniform", "diggle"):
        model = KernelDensity("quartic", 3_000.0, edge_correction=correction)
        model.fit([WEST + 1_250, WEST + 12_000], [SOUTH + 1_250, SOUTH + 2_000], area=area)
        singly = model.at(east.ravel(), north.ravel()).reshape(GRID.shape)
        np.testing.assert_allclose(model.to_grid(GRID), singly, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("power", [1, GAUSSIAN])
def test_masses_come_in_blocks_and_bands_without_a_seam(power, monkeypatch):
    """Of a few cells each; next to the boundary and far from it."""
    x, y, _ = inside_points(2_000)
    own = np.random.default_rng(5).uniform(500, 8_000, GRID.shape)
    radii = [(radius, np.full(x.size, radius)) for radius in (reach(power, 700.0), reach(power, 4_000.0))]

    def masses():
        for one, many in radii:
            yield from (AREA.mass(x, y, many, profile(power), 2), AREA.mass_on(GRID, one, profile(power), 2))
        yield AREA.mass_on(GRID, own.copy(), profile(power), 2)

    expected = list(masses())
    monkeypatch.setattr(study_area, "AT_ONCE", 130)
    for some, whole in zip(masses(), expected, strict=True):
        np.testing.assert_allclose(some, whole, atol=1e-11)


@settings(max_examples=40, deadline=None)
@given(st.floats(-3, 23), st.floats(-3, 18), st.floats(0.05, 40), st.sampled_from(sorted(POWERS.values())))
def test_masses_of_parts_add_up(east, north, radius, power):
    """The box is the province and what is left of the box; a place may lie anywhere."""
    box = shapely.box(WEST - 1_000, SOUTH - 1_000, WEST + 24_000, SOUTH + 17_000)
    rest = StudyArea(shapely.difference(box, PROVINCE))
    place = np.array([WEST + 1_000 * east]), np.array([SOUTH + 1_000 * north])
    whole, province, others = (
        area.mass(*place, reach(power, 1_000 * radius), profile(power), 1) for area in (StudyArea(box), AREA, rest)
    )
    assert 0 <= province[0] <= 1
    assert province + others == pytest.approx(whole, abs=1e-7)


def test_a_gaussians_mass_on_a_fine_grid_is_interpolated_well():
    radius, own = reach(GAUSSIAN, 4_000.0), np.full(GRID.shape, reach(GAUSSIAN, 4_000.0))
    coarse = AREA.mass_on(GRID, radius, profile(GAUSSIAN), 1)
    exact = AREA.mass_on(GRID, own, profile(GAUSSIAN), 1)
    inside = AREA.cells(GRID)
    assert np.isnan(coarse[~inside]).all()
    np.testing.assert_allclose(coarse[inside], exact[inside], atol=1e-6)


def test_a_gaussians_mass_at_many_places_is_interpolated_well():
    x, y, _ = inside_points(8_000)
    radius = reach(GAUSSIAN, 3_000.0)
    many = AREA.mass(x, y, radius, profile(GAUSSIAN), 2)
    exact = AREA.mass(x, y, np.full(x.size, radius), profile(GAUSSIAN), 2)
    np.testing.assert_allclose(many, exact, atol=1e-6)
    assert (many != exact).any()


def inside_points(n=400):
    rng = np.random.default_rng(2)
    x, y = WEST + rng.uniform(0, 22_000, n), SOUTH + rng.uniform(0, 16_000, n)
    kept = AREA.holds(x, y)
    return x[kept], y[kept], rng.uniform(0.5, 2, kept.sum())


@pytest.mark.parametrize("kernel", ["epanechnikov", "quartic", "gaussian"])
@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("correction", ["uniform", "diggle"])
def test_corrected_densities_are_those_of_the_formula(kernel, adaptive, correction):
    x, y, weights = inside_points()
    bandwidth = 1_500.0 if kernel == "gaussian" else 4_000.0
    model = KernelDensity(kernel, bandwidth, adaptive=adaptive, edge_correction=correction)
    model.fit(x, y, weights, area=PROVINCE)
    power = POWERS[kernel]

    def mass(x, y, bandwidth):
        return AREA.mass(x, y, reach(power, bandwidth), profile(power), 1)

    def corrected(weights, own, at_x, at_y, own_at):
        if correction == "diggle":
            return kernel_density(x, y, weights / mass(x, y, own), own, power, at_x, at_y)
        return kernel_density(x, y, weights, own, power, at_x, at_y) / mass(at_x, at_y, own_at)

    own, own_at = bandwidth, bandwidth
    inside = AREA.cells(GRID)
    east, north = (axis[inside] for axis in np.meshgrid(GRID.eastings(), GRID.northings()))
    if adaptive:
        pilot = corrected(weights, bandwidth, x, y, bandwidth)
        scale = bandwidth * np.sqrt(np.exp(np.average(np.log(pilot), weights=weights)))
        widest = 5 * np.median(scale / np.sqrt(pilot))
        own = np.minimum(scale / np.sqrt(pilot), widest)
        np.testing.assert_allclose(model.bandwidths_m_, own, rtol=1e-6)
        with np.errstate(divide="ignore"):
            own_at = np.minimum(scale / np.sqrt(corrected(weights, bandwidth, east, north, bandwidth)), widest)
    expected = corrected(weights, own, east, north, own_at)
    density = model.to_grid(GRID)
    assert np.isnan(density[~inside]).all()
    np.testing.assert_allclose(density[inside], expected, atol=2e-6 * expected.max())
    np.testing.assert_allclose(model.at(east, north), expected, atol=2e-6 * expected.max())
    assert np.isnan(model.at([WEST - 5_000.0], [SOUTH])).all()


def test_diggles_correction_keeps_every_event_inside():
    x, y, weights = inside_points()
    fine = Grid("EPSG:9205", Affine(50, 0, WEST - 1_000, 0, -50, SOUTH + 17_000), (370, 500))
    model = KernelDensity("quartic", 3_000.0, edge_correction="diggle").fit(x, y, weights, area=PROVINCE)
    assert np.nansum(model.to_grid(fine)) * fine.cell_area_km2 == pytest.approx(weights.sum(), rel=2e-3)


def test_the_uniform_correction_keeps_an_even_density_even():
    """Points on a lattice that fills the area, one to a km²: 1 everywhere, at the border too."""
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(50, 22_000, 100.0), np.arange(50, 16_000, 100.0)))
    kept = AREA.holds(WEST + x, SOUTH + y)
    model = KernelDensity("quartic", 3_000.0, edge_correction="uniform")
    model.fit(WEST + x[kept], SOUTH + y[kept], np.full(kept.sum(), 0.01), area=PROVINCE)
    density = model.to_grid(GRID)
    assert np.nanmin(density) > 0.97
    assert np.nanmax(density) < 1.04


def test_areas_come_in_several_forms_and_any_orientation():
    x, y, _ = inside_points()
    model = KernelDensity("quartic", 3_000.0, edge_correction="uniform")
    expected = model.fit(x, y, area=PROVINCE).to_grid(GRID)
    parts = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[shapely.reverse(MAINLAND), ISLAND], crs="EPSG:9205")
    np.testing.assert_allclose(model.fit(x, y, area=parts).to_grid(GRID), expected, rtol=1e-9)
    points = gpd.GeoSeries.from_xy(x, y, crs="EPSG:9205")
    np.testing.assert_allclose(model.fit(points, area=parts.geometry).to_grid(GRID), expected, rtol=1e-9)
    with pytest.raises(CrsError, match="EPSG:32648"):
        model.fit(points, area=parts.to_crs("EPSG:32648"))


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
@pytest.mark.parametrize("correction", [None, "uniform", "diggle"])
def test_a_far_point_of_next_to_no_weight_does_not_break_adaptive_bandwidths(kernel, correction):
    """Its own kernel is far below the rounding error of the others' sums. It gets the widest bandwidth there is."""
    x, y, weights = inside_points()
    x, y, weights = np.append(x, WEST + 21_999), np.append(y, SOUTH + 14_999), np.append(weights, 1e-14)
    mainland = x < WEST + 15_000
    mainland[-1] = True
    x, y, weights = x[mainland], y[mainland], weights[mainland]
    model = KernelDensity(kernel, 400.0, adaptive=True, edge_correction=correction)
    model.fit(x, y, weights, area=None if correction is None else PROVINCE)
    assert model.bandwidths_m_[-1] == model.bandwidths_m_.max()
    assert np.isfinite(model.bandwidths_m_).all()
    assert np.nanmax(model.to_grid(GRID)) > 0


def test_a_correction_set_after_fit_waits_for_the_next_fit():
    x, y, _ = inside_points()
    model = KernelDensity("quartic", 3_000.0, edge_correction="diggle").fit(x, y, area=PROVINCE)
    before = model.to_grid(GRID), model.at(x, y)
    model.set_params(edge_correction="uniform")
    np.testing.assert_array_equal(model.to_grid(GRID), before[0])
    np.testing.assert_array_equal(model.at(x, y), before[1])


@pytest.mark.parametrize("threads", [2, 5])
def test_any_number_of_threads_gives_the_same_mass(threads):
    x, y, _ = inside_points(30_000)
    radii = np.random.default_rng(5).uniform(500, 8_000, x.size)
    expected = AREA.mass(x, y, radii, profile(2), 1)
    np.testing.assert_array_equal(AREA.mass(x, y, radii, profile(2), threads), expected)


@pytest.mark.parametrize(
    ("area", "said"),
    [
        (shapely.Point(WEST, SOUTH), "one valid polygon"),
        (shapely.Polygon(), "one valid polygon"),
        (moved([(0, 0), (5, 5), (5, 0), (0, 5)]), "one valid polygon"),
        (moved([(0, 0), (5, 0), (5, 5)]), r"of 2 points lie outside"),
        ("a province", "one valid polygon"),
    ],
)
def test_bad_areas_are_explained(area, said):
    model = KernelDensity("quartic", 3_000.0, edge_correction="uniform")
    with pytest.raises(ModelError, match=said):
        model.fit([WEST + 4_000, WEST + 1_000], [SOUTH + 1_000, SOUTH + 3_000], area=area)
