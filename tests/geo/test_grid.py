import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CrsError, DiemnongError, ModelError
from geo.grid import Grid

eastings, northings = st.floats(3e5, 6e5), st.floats(9e5, 2.6e6)
sides = st.floats(0, 2e5)


@given(eastings, northings, sides, sides, st.floats(10, 5e4))
def test_the_grid_covers_its_region_and_no_more(west, south, width, height, cell):
    grid = Grid.covering((west, west + width, south, south + height), cell, "EPSG:9205")
    left, right, bottom, top = grid.region
    slack = 1e-6 * cell
    assert left - slack <= west < left + cell + slack
    assert bottom - cell - slack <= south - cell <= bottom + slack or grid.shape[0] == 1
    assert right + slack >= west + width
    assert top + slack >= south + height
    assert math.isclose(left / cell, round(left / cell), abs_tol=1e-6)


@given(eastings, northings, st.integers(1, 500), st.integers(1, 500), st.floats(10, 500))
def test_centres_lead_back_to_their_cells(west, north, rows, cols, cell):
    grid = Grid("EPSG:9205", Affine(cell, 0, west, 0, -cell, north), (rows, cols))
    col, _ = ~grid.transform @ (grid.eastings(), north)
    _, row = ~grid.transform @ (west, grid.northings())
    assert np.floor(col).tolist() == list(range(cols))
    assert np.floor(row).tolist() == list(range(rows))
    left, right, bottom, top = grid.region
    assert math.isclose(right - left, cols * cell, abs_tol=1e-6)
    assert math.isclose(top - bottom, rows * cell, abs_tol=1e-6)


def test_centres_run_east_and_south():
    grid = Grid("EPSG:9205", Affine(10, 0, 100, 0, -10, 2000), (2, 3))
    assert grid.eastings().tolist() == [105, 115, 125]
    assert grid.northings().tolist() == [1995, 1985]
    assert grid.region == (100, 130, 1980, 2000)
    assert grid.cell_m == 10


@pytest.mark.parametrize(
    ("crs", "transform", "shape", "error", "said"),
    [
        ("EPSG:4326", Affine(1, 0, 0, 0, -1, 0), (2, 2), CrsError, "not in metres"),
        ("EPSG:2913", Affine(1, 0, 0, 0, -1, 0), (2, 2), CrsError, "not in metres"),
        ("nonsense", Affine(1, 0, 0, 0, -1, 0), (2, 2), CrsError, "not a known"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -2, 0), (2, 2), ModelError, "square cells"),
        ("EPSG:9205", Affine(1, 0, 0, 0, 1, 0), (2, 2), ModelError, "north up"),
        ("EPSG:9205", Affine(1, 0.1, 0, 0, -1, 0), (2, 2), ModelError, "square cells"),
        ("EPSG:9205", Affine(math.nan, 0, 0, 0, -math.nan, 0), (2, 2), ModelError, "square cells"),
        ("EPSG:9205", Affine(math.inf, 0, 0, 0, -math.inf, 0), (2, 2), ModelError, "square cells"),
        ("EPSG:9205", Affine(1, 0, math.nan, 0, -1, 0), (2, 2), ModelError, "corner in metres"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, math.inf), (2, 2), ModelError, "corner in metres"),
        ("EPSG:9205", Affine(1, 0, -1e300, 0, -1, 0), (2, 2), ModelError, "corner in metres"),
        ("EPSG:9205", Affine(1, 0, 5e5, 0, -1, 9e8), (2, 2), CrsError, "No place on Earth"),
        ("EPSG:9205", Affine(500, 0, 2e6, 0, -500, 2.4e6), (2, 2), CrsError, "for example EPSG:32650"),
        ("EPSG:3857", Affine(500, 0, 11.4e6, 0, -500, 2.4e6), (2, 2), CrsError, "by up to 7.7 %; .* EPSG:9205"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (0, 2), ModelError, "each at least 1"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (-3, -2), ModelError, "each at least 1"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (2.0, 2), ModelError, "two whole numbers"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (2, math.nan), ModelError, "two whole numbers"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (True, 2), ModelError, "two whole numbers"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), ("2", 2), ModelError, "two whole numbers"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (2,), ModelError, "two whole numbers"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), 4, ModelError, "two whole numbers"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (100_000, 100_000), ModelError, "would take 80 GB"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (np.int32(99_999),) * 2, ModelError, "99999 × 99999 .* take 79 GB"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (10**200, 10**200), ModelError, "GB"),
    ],
)
def test_wrong_grids_are_refused(crs, transform, shape, error, said):
    with pytest.raises(error, match=said):
        Grid(crs, transform, shape)


def test_numpys_whole_numbers_are_a_shape():
    shape = np.zeros((3, 4)).shape
    grid = Grid("EPSG:9205", Affine(500, 0, 480_000, 0, -500, 2_400_000), (np.int64(3), np.uint8(4)))
    assert grid.shape == shape
    assert grid == Grid("EPSG:9205", grid.transform, shape)
    assert hash(grid) == hash(Grid("EPSG:9205", grid.transform, shape))


@pytest.mark.parametrize(
    ("region", "cell"),
    [
        ((0, math.nan, 0, 1), 10.0),
        ((0, 1000, 0, 1000), 0.0),
        ((0, 1000, 0, 1000), math.inf),
        ((0, 1000, 0, 1000), math.nan),
        ((0, 1e300, 0, 1000), 10.0),
        ((-math.inf, 1000, 0, 1000), 10.0),
        ((0, 1000, 0, 10**400), 10.0),
        ((1000, 0, 0, 1000), 10.0),
        ((102.1, 103.0, 21.5, 22.1), 500.0),
    ],
)
def test_wrong_regions_are_refused(region, cell):
    with pytest.raises(DiemnongError):
        Grid.covering(region, cell, "EPSG:9205")
