import math

import numpy as np
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import METRIC
from geo.grid import Grid
from geo.tiles import BLOCK, tiles

sizes = st.integers(1, 60)


def grid(rows, cols):
    return Grid(METRIC, Affine(25, 0, 500_000, 0, -25, 2_400_000), (rows, cols))


@given(sizes, sizes, st.integers(1, 500), st.integers(1, 9))
def test_tiles_are_all_cells_once_each_and_small(rows, cols, cells, block):
    times = np.zeros((rows, cols), int)
    for tile in tiles(grid(rows, cols), cells, block):
        times[tile] += 1
        size = times[tile].shape
        assert math.prod(size) <= max(cells, block**2)
        assert all(side.start % block == 0 for side in tile)
    assert (times == 1).all()


@given(sizes, sizes, st.integers(1, 500), st.integers(1, 9))
def test_a_tile_lies_where_its_cells_do(rows, cols, cells, block):
    whole = grid(rows, cols)
    for tile in tiles(whole, cells, block):
        part = tile.of(whole)
        assert part.eastings().tolist() == whole.eastings()[tile.cols].tolist()
        assert part.northings().tolist() == whole.northings()[tile.rows].tolist()


def test_tiles_are_as_wide_as_the_grid_while_a_row_of_blocks_fits():
    def shapes(*shape):
        whole = grid(*shape)
        return [tile.of(whole).shape for tile in tiles(whole, 16 * BLOCK**2)]

    assert shapes(2_000, 4 * BLOCK) == [(2_000, 4 * BLOCK)]
    assert shapes(BLOCK + 7, 16 * BLOCK) == [(BLOCK, 16 * BLOCK), (7, 16 * BLOCK)]
    assert shapes(10, 20 * BLOCK) == [(10, 16 * BLOCK), (10, 4 * BLOCK)]
