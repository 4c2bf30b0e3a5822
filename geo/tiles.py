"""A grid in tiles, so that memory holds one of them and not the whole."""

from collections.abc import Iterator
from typing import NamedTuple

from affine import Affine

from geo.grid import Grid

BLOCK = 512
"""Side of the blocks of a GeoTIFF: tiles whose sides are multiples of it write each block once."""

TILE_CELLS = 16 * BLOCK * BLOCK
"""Cells of a tile, if nobody says otherwise: 34 MB of float64."""


class Tile(NamedTuple):
    """Rows and columns of a grid."""

    rows: slice
    cols: slice

    def of(self, grid: Grid) -> Grid:
        """Return the tile as a grid of its own."""
        shape = self.rows.stop - self.rows.start, self.cols.stop - self.cols.start
        return Grid(grid.crs, grid.transform @ Affine.translation(self.cols.start, self.rows.start), shape)


def tiles(grid: Grid, cells: int = TILE_CELLS, block: int = BLOCK) -> list[Tile]:
    """Return tiles that together are the grid, none of more than ``cells`` cells, or of one block if that is more.

    They are as wide as the grid where at least ``block`` rows of it fit; else as wide as ``block`` rows allow.

    >>> grid = Grid("EPSG:9205", Affine(100, 0, 500_000, 0, -100, 2_400_000), (5, 4))
    >>> [(tile.rows.start, tile.rows.stop) for tile in tiles(grid, cells=8, block=1)]
    [(0, 2), (2, 4), (4, 5)]
    """
    rows, cols = grid.shape
    width = min(cols, max(1, cells // block // block) * block)
    height = max(1, cells // width // block) * block
    return [Tile(down, along) for down in _parts(rows, height) for along in _parts(cols, width)]


def _parts(size: int, step: int) -> Iterator[slice]:
    for begin in range(0, size, step):
        yield slice(begin, min(begin + step, size))
