import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from geo import boundaries
from geo.adjacency import touching
from geo.errors import CrsError

CRS = "EPSG:9205"


def squares(*corners, gap=0.0):
    shapes = [box(x, y, x + 1000 - gap, y + 1000 - gap) for x, y in corners]
    return gpd.GeoDataFrame(geometry=shapes, crs=CRS)


def test_squares_touch_along_sides_and_at_corners_and_never_themselves():
    found = touching(squares((0, 0), (1000, 0), (1000, 1000), (5000, 0)), CRS)
    np.testing.assert_array_equal(found.toarray(), [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize(("gap", "neighbours"), [(49.0, 1), (51.0, 0)])
def test_boundaries_that_nearly_meet_are_neighbours(gap, neighbours):
    assert touching(squares((0, 0), (1000, 0), gap=gap), CRS).nnz == 2 * neighbours


@pytest.mark.parametrize("vintage", ["2020-01-01", "2025-07-01"])
def test_the_built_in_communes_hang_together(vintage):
    from scipy.sparse.csgraph import connected_components

    found = touching(boundaries.communes(vintage), CRS)
    assert (found != found.T).nnz == 0
    assert connected_components(found, directed=False)[0] == 1


def test_degrees_are_refused():
    with pytest.raises(CrsError):
        touching(squares((0, 0)), "EPSG:4326")
