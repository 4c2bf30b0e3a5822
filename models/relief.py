"""A made-up relief for the demo: smooth hills that are nowhere."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from geo.grid import Grid

WIDTHS_M = (24_000.0, 8_000.0, 2_500.0)
"""Widths of ranges, mountains and hills: noise smoothed to each, and added with a weight that grows with it."""

LOWEST_M, HIGHEST_M = 300.0, 1900.0


def simulate_relief(grid: Grid, random_state: int) -> NDArray[np.float64]:
    """Return elevations in metres, shape of the grid; the same seed gives the same relief.

    Parameters
    ----------
    grid
        Where to.
    random_state
        Seed.
    """
    rng = np.random.default_rng(random_state)
    relief = np.zeros(grid.shape)
    for width in WIDTHS_M:
        waves = gaussian_filter(rng.standard_normal(grid.shape), width / grid.cell_m, mode="reflect")
        relief += width**0.7 * waves / waves.std()
    low, high = relief.min(), relief.max()
    scaled: NDArray[np.float64] = LOWEST_M + (HIGHEST_M - LOWEST_M) * (relief - low) / (high - low)
    return scaled
