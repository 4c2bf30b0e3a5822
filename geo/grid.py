"""One immutable georeference for every raster: CRS, affine transform, shape."""

import numbers
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from geo.crs import check_scale, metric_crs
from geo.errors import CrsError, ModelError

LEAST, FARTHEST = 1e-3, 1e9
"""Side of the smallest cell, and how far from the origin of a CRS anything on Earth can lie, metres."""

MAX_CELLS = 2_000_000_000
"""Grids above this many cells (16 GB of float64) are refused."""


@dataclass(frozen=True)
class Grid:
    """Square cells in metres, rows from north to south.

    Parameters
    ----------
    crs
        A projected CRS in metres, as text (``"EPSG:9205"``).
    transform
        Affine transform from (column, row) to (easting, northing) of corners: ``(cell, 0, west, 0, -cell, north)``.
    shape
        ``(rows, columns)``.

    Raises
    ------
    CrsError
        If the CRS is not in metres, or not made for the region (`geo.crs.check_scale`).
    ModelError
        If cells are not square and north up, a corner is no place on Earth, or the grid is empty or too large to hold.
    """

    crs: str
    transform: Affine
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        crs = metric_crs(self.crs)
        a, b, west, d, e, north = tuple(self.transform)[:6]
        if not (LEAST <= a <= FARTHEST and e == -a and b == 0 and d == 0):
            raise ModelError("A grid needs square cells, north up; got the transform {t}", t=tuple(self.transform)[:6])
        if not (abs(west) <= FARTHEST and abs(north) <= FARTHEST):
            raise ModelError("A grid needs a corner in metres; got the transform {t}", t=tuple(self.transform)[:6])
        if not (isinstance(self.shape, tuple) and len(self.shape) == 2 and all(map(_counts, self.shape))):
            raise ModelError(
                "A grid needs a shape (rows, columns) of two whole numbers, each at least 1; got {shape}",
                shape=self.shape,
            )
        rows, cols = map(int, self.shape)  # numpy's integers would overflow
        if rows * cols > MAX_CELLS:
            raise ModelError(
                "A grid of {rows} × {cols} cells would take {gb} GB; use larger cells or a smaller region",
                rows=rows,
                cols=cols,
                gb=rows * cols * 8 // 10**9,
            )
        object.__setattr__(self, "shape", (rows, cols))
        west, east, south, north = self.region
        check_scale(crs, (west, east), (south, north))

    @classmethod
    def covering(cls, region: tuple[float, float, float, float], cell_m: float, crs: str) -> "Grid":
        """Return the smallest grid over a region whose corners lie on multiples of the cell.

        Parameters
        ----------
        region
            ``(west, east, south, north)`` in metres of ``crs``.
        cell_m
            Side of a cell, metres.
        crs
            The metric CRS.

        >>> Grid.covering((1.0, 9.0, 1.0, 19.0), cell_m=5.0, crs="EPSG:9205").shape
        (4, 2)
        """
        west, east, south, north = region
        within = -FARTHEST <= west <= east <= FARTHEST and -FARTHEST <= south <= north <= FARTHEST
        if not (within and LEAST <= cell_m <= FARTHEST):
            raise ModelError("A grid needs a finite region (west, east, south, north) and a cell above zero")
        if east - west < 1 and north - south < 1 and abs(west) <= 180 and abs(north) <= 90:
            raise CrsError("The region {region} looks like degrees; pass metres of {crs}", region=region, crs=crs)
        left, top = floor(west / cell_m), ceil(north / cell_m)
        cols = max(1, ceil(east / cell_m) - left)
        rows = max(1, top - floor(south / cell_m))
        return cls(crs, Affine(cell_m, 0, left * cell_m, 0, -cell_m, top * cell_m), (rows, cols))

    @property
    def cell_m(self) -> float:
        """Side of a cell in metres."""
        return float(self.transform.a)

    @property
    def region(self) -> tuple[float, float, float, float]:
        """``(west, east, south, north)`` of the outer cell edges, metres."""
        west, north = float(self.transform.c), float(self.transform.f)
        rows, cols = self.shape
        return west, west + cols * self.cell_m, north - rows * self.cell_m, north

    def eastings(self) -> NDArray[np.float64]:
        """Return the eastings of the cell centres, metres, shape (columns,)."""
        return float(self.transform.c) + (np.arange(self.shape[1], dtype=np.float64) + 0.5) * self.cell_m

    def northings(self) -> NDArray[np.float64]:
        """Return the northings of the cell centres from north to south, metres, shape (rows,)."""
        return float(self.transform.f) - (np.arange(self.shape[0], dtype=np.float64) + 0.5) * self.cell_m


def _counts(number: object) -> bool:
    """Tell whether a number counts something: whole, at least 1, and no truth value."""
    return isinstance(number, numbers.Integral) and not isinstance(number, bool) and int(number) >= 1
