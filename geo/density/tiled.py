"""A density tile by tile: each from the points whose kernels reach it, so that memory does not hold the whole grid."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from geo.density.kernel_density import KernelDensity
from geo.density.points import Floats
from geo.grid import Grid
from geo.tiles import TILE_CELLS, Tile, tiles
from geo.workers import InTurn, Workers


def density_tiles(
    model: KernelDensity, grid: Grid, when: Any = None, *, cells: int = TILE_CELLS, workers: Workers = InTurn()
) -> Iterator[tuple[Tile, Floats]]:
    """Yield the density of `KernelDensity.to_grid` in tiles that together are the grid.

    Each tile is drawn by itself from the points in reach of it (the halo is as wide as the widest kernel), so tiles may
    be drawn anywhere and in any order. A tile differs from its part of the whole by rounding, about 1e-14 of the peak;
    with the Gaussian each keeps the bound of its tolerance, and where edges are corrected by cell with one bandwidth,
    that of the Gaussian's mass (1e-6). On the very rim of a uniform kernel rounding decides, as it does in the whole.

    Parameters
    ----------
    model
        A fitted density, with whatever options.
    grid, when
        See `KernelDensity.to_grid`.
    cells
        Most cells of a tile; what memory holds beside the points is a few times 8 bytes for each.
    workers
        Who draws them; each with the threads of the model's ``n_jobs``.

    Raises
    ------
    CrsError, ModelError
        As `KernelDensity.to_grid`.
    """
    check_is_fitted(model)
    parts = tiles(grid, cells)
    yield from zip(parts, workers.map(_drawn, _pieces(model, grid, parts), when), strict=True)


def _pieces(model: KernelDensity, grid: Grid, parts: Sequence[Tile]) -> Iterator[tuple[KernelDensity, Grid]]:
    """Yield each tile as a grid, with the density of the points in reach of it."""
    reach = model.reach_m
    ordered = model.of(np.argsort(model.y_))  # once, so that the points of some rows are one slice
    for tile in parts:
        on = tile.of(grid)
        west, east, south, north = on.region
        begin, end = np.searchsorted(ordered.y_, [south - reach, north + reach])
        near: Any = slice(begin, end)
        if on.shape[1] < grid.shape[1]:
            x = ordered.x_[near]
            near = begin + np.flatnonzero((x > west - reach) & (x < east + reach))
        yield ordered.of(near), on


def _drawn(piece: tuple[KernelDensity, Grid], when: Any) -> Floats:
    model, grid = piece
    return model.to_grid(grid, when)
