import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CrsError, DiemnongError, ModelError
from geo.grid import Grid

metres = st.floats(-1e6, 4e6)
sides = st.floats(0, 2e5)


@given(metres, metres, sides, sides, st.floats(10, 5e4))
def test_the_grid_covers_its_region_and_no_more(west, south, width, height, cell):
    if abs(west) <= 180 and abs(south + height) <= 90:
        return
    grid = Grid.covering((west, west + width, south, south + height), cell, "EPSG:9205")
    left, right, bottom, top = grid.region
    slack = 1e-6 * cell
    assert left - slack <= west < left + cell + slack
    assert bottom - cell - slack <= south - cell <= bottom + slack or grid.shape[0] == 1
    assert right + slack >= west + width
    assert top + slack >= south + height
    assert math.isclose(left / cell, round(left / cell), abs_tol=1e-6)


@given(metres, metres, st.integers(1, 500), st.integers(1, 500), st.floats(10, 5e4))
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
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (0, 2), ModelError, "at least one row"),
        ("EPSG:9205", Affine(1, 0, 0, 0, -1, 0), (100_000, 100_000), ModelError, "would take 80 GB"),
    ],
)
def test_wrong_grids_are_refused(crs, transform, shape, error, said):
    with pytest.raises(error, match=said):
        Grid(crs, transform, shape)


@pytest.mark.parametrize(
    ("region", "cell"),
    [
        ((0, math.nan, 0, 1), 10.0),
        ((0, 1000, 0, 1000), 0.0),
        ((0, 1000, 0, 1000), math.inf),
        ((1000, 0, 0, 1000), 10.0),
        ((102.1, 103.0, 21.5, 22.1), 500.0),
    ],
)
def test_wrong_regions_are_refused(region, cell):
    with pytest.raises(DiemnongError):
        Grid.covering(region, cell, "EPSG:9205")
