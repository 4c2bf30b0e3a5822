"""One immutable georeference for every raster: CRS, affine transform, shape."""

import math
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from geo.crs import metric_crs
from geo.errors import CrsError, ModelError

LEAST = 1e-3
"""Side of the smallest cell, metres."""

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
        If the CRS is not in metres.
    ModelError
        If cells are not square and north up, or the grid is empty or too large to hold.
    """

    crs: str
    transform: Affine
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        metric_crs(self.crs)
        a, b, _, d, e, _ = tuple(self.transform)[:6]
        if not (a > 0 and e == -a and b == 0 and d == 0 and math.isfinite(a)):
            raise ModelError("A grid needs square cells, north up; got the transform {t}", t=tuple(self.transform)[:6])
        rows, cols = self.shape
        if rows < 1 or cols < 1:
            raise ModelError("A grid needs at least one row and one column; got {shape}", shape=self.shape)
        if rows * cols > MAX_CELLS:
            raise ModelError(
                "A grid of {rows} × {cols} cells would take {gb} GB; use larger cells or a smaller region",
                rows=rows,
                cols=cols,
                gb=round(rows * cols * 8 / 1e9),
            )

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
        if not (all(map(math.isfinite, (*region, cell_m))) and cell_m >= LEAST and west <= east and south <= north):
            raise ModelError("A grid needs a finite region (west, east, south, north) and a cell above zero")
        if east - west < 1 and north - south < 1 and abs(west) <= 180 and abs(north) <= 90:
            raise CrsError("The region {region} looks like degrees; pass metres of {crs}", region=region, crs=crs)
        left, top = math.floor(west / cell_m), math.ceil(north / cell_m)
        cols = max(1, math.ceil(east / cell_m) - left)
        rows = max(1, top - math.floor(south / cell_m))
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
