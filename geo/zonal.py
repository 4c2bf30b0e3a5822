"""What the cells of a raster say of each polygon: exact for cells that a boundary cuts.

Polygons go to the raster and not the raster to the polygons, so that every cell keeps its value and its extent; a cell
counts by the part of it that lies in the polygon (exactextract). Reads are windows of bounded size.
"""

from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource
from numpy.typing import NDArray

from geo.errors import IntakeError
from geo.raster_file import RasterFile

CELLS_AT_ONCE = 1_000_000
"""Cells that are read at one time (float64 and a mask: 9 MB)."""

LONGEST_EDGE_M = 1000.0
"""Edges are split to this length before they go to another CRS, which may bend them (then by 1 cm at most)."""

IMPOSSIBLE = -9999.0
"""No elevation, slope, light or count is this low: it stands for “no value” in a file that does not declare it."""

LEAST_COVERED = {"mean": 0.5, "share": 0.5, "sum": 0.99}
"""Share of a polygon on which there must be values. What a sum lacks would silently make it smaller."""

MOST_CLASSES = 20
"""Classes that a message lists."""


def zonal(raster: RasterFile, polygons: gpd.GeoSeries, statistic: str, classes: Collection[float] = ()) -> pd.DataFrame:
    """Return a statistic of the cells within each polygon.

    Parameters
    ----------
    raster
        An open raster; cells with its nodata value, masked cells, NaN and infinite ones have no value.
    polygons
        In a metric CRS.
    statistic
        ``"mean"``: mean of the cells by area (on the sphere, where the raster is in degrees). ``"share"``: of the area
        with values, the part whose value is one of ``classes``. ``"sum"``: of the cells, each by the part of it that
        lies within, for rasters of counts.
    classes
        For ``"share"``.

    Returns
    -------
    pandas.DataFrame
        In the order and index of the polygons: ``value``, NaN where less than `LEAST_COVERED` has values;
        ``coverage``, the share of the polygon's area with values (for a sum: within the raster, because rasters of
        counts often have no value where nobody is; 0 if no cell has one).

    Raises
    ------
    IntakeError
        If no polygon has values, cells hold a value that must mean “no value”, counts are below zero, or no cell has
        one of the classes.
    """
    shapes = polygons.segmentize(LONGEST_EDGE_M).to_crs(raster.crs)
    _check_overlap(shapes, raster)
    source = _Source(raster, classes if statistic == "share" else None, counts=statistic == "sum")
    weight = "(coverage_weight=area_spherical_m2)" if raster.crs.is_geographic and statistic != "sum" else ""
    cells = exact_extract(
        source,
        gpd.GeoDataFrame(geometry=shapes),
        ["sum" if statistic == "sum" else f"mean{weight}", "count"],
        max_cells_in_memory=CELLS_AT_ONCE,
        output="pandas",
    )
    found, area = cells[cells.columns[0]].to_numpy(), shapely.area(shapes.to_numpy())
    coverage = cells["count"].to_numpy() * raster.cell_area / area
    if not (coverage > 0).any():
        raise IntakeError("{file}: no cell within the communes has a value", file=raster.name)
    if statistic == "share" and not (found > 0).any():
        raise IntakeError(
            "{file}: no cell within the communes has the value {values}; there are {found}",
            file=raster.name,
            values=_listed(classes),
            found=_listed(source.classes_found),
        )
    if statistic == "sum":
        within = shapely.area(shapely.clip_by_rect(shapes.to_numpy(), *raster.dataset.bounds)) / area
        coverage = np.where(coverage > 0, within, 0.0)
    value = np.where(coverage >= LEAST_COVERED[statistic], found, np.nan)
    return pd.DataFrame({"value": value, "coverage": coverage.clip(0, 1)}, index=polygons.index)


def _check_overlap(shapes: gpd.GeoSeries, raster: RasterFile) -> None:
    bounds = shapes.total_bounds
    if not (np.isfinite(bounds).all() and shapely.box(*bounds).intersects(raster.outline)):
        raise IntakeError(
            "{file}: the raster does not cover any commune of the workspace; is it of another province?",
            file=raster.name,
        )


class _Source(RasterioRasterSource):  # type: ignore[misc]
    """Windows of a raster in which every cell without a value is masked."""

    def __init__(self, raster: RasterFile, classes: Collection[float] | None, *, counts: bool) -> None:
        super().__init__(raster.dataset, raster.band)
        self.raster, self.classes, self.counts = raster, classes, counts
        self.classes_found: set[float] = set()

    def srs_wkt(self) -> None:
        """Return nothing: the polygons were brought into the raster's CRS."""

    def nodata_value(self) -> None:
        """Return nothing: the windows are masked."""

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> np.ma.MaskedArray[Any, Any]:
        """Return the cells of a window as floats, or for classes 1 where a cell is of them and 0 where not."""
        if not (nx and ny):
            return np.ma.masked_array(np.empty((ny, nx)), mask=False)
        read = np.ma.masked_array(super().read_window(x0, y0, nx, ny))
        mask = np.ma.getmaskarray(read) | ~np.isfinite(read.data)
        cells = read.data.astype(np.float64)
        self._check(cells[~mask])
        if self.classes is not None:
            cells = np.isin(cells, list(self.classes)).astype(np.float64)
        return np.ma.masked_array(cells, mask)

    def _check(self, values: NDArray[np.float64]) -> None:
        least = values.min(initial=0.0)
        if least <= IMPOSSIBLE:
            raise IntakeError(
                "{file}: cells hold {value}, which must mean that there is no value; declare it, for example "
                "gdal_translate -a_nodata {value} {file} OUT.tif",
                file=self.raster.name,
                value=f"{least:.9g}",
            )
        if self.counts and least < 0:
            raise IntakeError(
                "{file}: cells hold {value}, but counts are not below zero; is this a raster for --stat mean?",
                file=self.raster.name,
                value=f"{least:.9g}",
            )
        if self.classes is not None and len(self.classes_found) <= MOST_CLASSES:
            self.classes_found |= set(np.unique(values)[: MOST_CLASSES + 1].tolist())


def _listed(values: Collection[float]) -> str:
    listed = [f"{value:g}" for value in sorted(values)]
    return ", ".join(listed[:MOST_CLASSES]) + (", …" if len(listed) > MOST_CLASSES else "")
