import numpy as np
import pytest
from affine import Affine

from geo.density import density_ratio
from geo.errors import ModelError
from geo.grid import Grid
from tests.reference import kernel_density

WEST, NORTH = 480_000.0, 2_400_000.0
GRID = Grid("EPSG:9205", Affine(1000, 0, WEST, 0, -1000, NORTH), (20, 20))


@pytest.fixture
def points():
    rng = np.random.default_rng(2)
    return WEST + rng.uniform(0, 12_000, 80), NORTH - rng.uniform(0, 12_000, 80), rng.uniform(100, 5000, 80)


def test_equal_rates_give_a_flat_surface(points):
    """With one bandwidth for both densities the edges cancel: a constant rate stays constant."""
    x, y, people = points
    ratio = density_ratio(x, y, 3e-4 * people, people, GRID, bandwidth_m=4000)
    assert np.nanmin(ratio) == pytest.approx(3.0)
    assert np.nanmax(ratio) == pytest.approx(3.0)


def test_it_is_the_ratio_of_two_densities(points):
    x, y, people = points
    events = np.random.default_rng(5).poisson(1.0, x.size)
    ratio = density_ratio(x, y, events, people, GRID, bandwidth_m=4000, kernel="epanechnikov")
    east, north = np.meshgrid(GRID.eastings(), GRID.northings())
    over, under = (kernel_density(x, y, w, 4000, 1, east, north) for w in (events, people))
    reached = under > 1e-9 * under.max()
    assert np.isnan(ratio[~reached]).all()
    expected = 1e4 * over[reached] / under[reached]
    np.testing.assert_allclose(ratio[reached], expected, rtol=1e-6, atol=1e-9 * expected.max())
    assert (ratio[reached] >= 0).all()


def test_negative_person_years_are_refused(points):
    x, y, people = points
    with pytest.raises(ModelError, match="must not be negative"):
        density_ratio(x, y, people, people - 1000, GRID, bandwidth_m=4000)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"events": [1.0]}, "80 points but 1 weights"),
        ({"person_years": [1.0]}, "80 points but 1 weights"),
        ({"person_years": []}, "80 points but 0 weights"),
        ({"person_years": None}, "person_years must be a list of finite numbers"),
        ({"events": ["a"] * 80}, "weights must be a list of finite numbers"),
        ({"y": [NORTH]}, "80 eastings but 1 northings"),
    ],
)
def test_bad_input_is_explained(points, change, said):
    x, y, people = points
    given = {"x": x, "y": y, "events": people, "person_years": people, "bandwidth_m": 4000} | change
    with pytest.raises(ModelError, match=said):
        density_ratio(**given, grid=GRID)


def test_there_is_no_rate_where_nobody_lives(points):
    ratio = density_ratio(*points[:2], points[2], points[2], GRID, bandwidth_m=4000)
    assert np.isnan(ratio[-1, -1])
    assert np.isfinite(ratio[5, 5])
