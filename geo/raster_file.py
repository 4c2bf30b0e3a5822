"""An office's raster file: one band, a declared CRS, north up."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from pyproj import CRS
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

from geo.crs import file_crs
from geo.errors import IntakeError

DRIVERS = {
    ".tif": ("GTiff",),
    ".tiff": ("GTiff",),
    ".img": ("HFA", "ENVI", "EHdr"),
    ".asc": ("AAIGrid",),
    ".bil": ("EHdr", "ENVI"),
    ".hgt": ("SRTMHGT",),
}
"""GDAL's readers of each kind. Left to itself it goes by what a file holds, and a text that is called t.tif could lead
it to any other file (VRT) or to a server (WMS)."""

SUFFIXES = tuple(DRIVERS)

CACHE_BYTES = 64_000_000
"""What GDAL may keep of blocks it has read; by default it takes a twentieth of the memory."""


@dataclass(frozen=True)
class RasterFile:
    """One band of an open raster.

    Attributes
    ----------
    dataset
        A `rasterio` dataset, north up.
    name
        Of the file.
    band
        Counted from 1.
    crs
        Geographic or projected.
    """

    dataset: Any
    name: str
    band: int
    crs: CRS

    @property
    def unit(self) -> str:
        """What the file says the unit of its values is; empty if it says nothing."""
        return self.dataset.units[self.band - 1] or ""

    @property
    def simulated(self) -> bool:
        """Whether the file says that it is simulated (tag ``data_kind``)."""
        return bool(self.dataset.tags().get("data_kind") == "simulated")

    @property
    def of_classes(self) -> bool:
        """Whether values are numbers of classes: they have colours of their own."""
        return bool(self.dataset.colorinterp[self.band - 1] == ColorInterp.palette)

    @property
    def outline(self) -> shapely.Polygon:
        """The rectangle that the raster covers, in its CRS."""
        return shapely.box(*self.dataset.bounds)

    @property
    def cell_area(self) -> float:
        """Area of a cell in squared units of the CRS."""
        return abs(float(self.dataset.transform.a) * float(self.dataset.transform.e))


@contextmanager
def open_raster(path: Path, *, crs: str | None = None, band: int | None = None) -> Iterator[RasterFile]:
    """Open a raster, read window by window as it is used.

    Parameters
    ----------
    path
        A file of the kinds `SUFFIXES`.
    crs
        The CRS, for a file that declares none. A file's own declaration may not be overruled.
    band
        Counted from 1; may be left out where there is only one.

    Raises
    ------
    IntakeError
        If the file is missing, unreadable, has several bands and none is named, or is not north up.
    CrsError
        If the CRS is missing, contradicts ``crs``, or cannot be that of the coordinates.
    """
    if not path.is_file():
        raise IntakeError("{file}: no such file", file=path.name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = _opened(path)
        with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES), dataset:
            _check_position(dataset, path.name)
            chosen = _check_band(dataset, path.name, band)
            yield RasterFile(dataset, path.name, chosen, _crs(dataset, path.name, crs))
    except RasterioIOError:
        raise IntakeError("{file}: not a readable raster", file=path.name) from None


def _opened(path: Path) -> Any:
    for driver in DRIVERS.get(path.suffix.lower(), ()):
        with suppress(RasterioIOError):
            return rasterio.open(path, driver=driver)
    raise RasterioIOError(path.name)


def _check_position(dataset: Any, name: str) -> None:
    transform = dataset.transform
    if transform.is_identity:
        raise IntakeError("{file}: the raster does not say where it lies; georeference it first", file=name)
    if transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
        raise IntakeError(
            "{file}: the raster is rotated or upside down; turn it north up, for example gdalwarp {file} OUT.tif",
            file=name,
        )


def _check_band(dataset: Any, name: str, band: int | None) -> int:
    if band is None and dataset.count > 1:
        said = [f"{number} {text or ''}".strip() for number, text in enumerate(dataset.descriptions, 1)]
        raise IntakeError(
            "{file}: there are {n} bands ({bands}); name one with --band",
            file=name,
            n=dataset.count,
            bands=", ".join(said[:12]),
        )
    chosen = band or 1
    if not 1 <= chosen <= dataset.count:
        raise IntakeError("{file}: there is no band {band}; the last is {n}", file=name, band=chosen, n=dataset.count)
    if np.issubdtype(dataset.dtypes[chosen - 1], np.complexfloating):
        raise IntakeError("{file}: the band holds complex numbers; choose one of real numbers", file=name)
    return chosen


def _crs(dataset: Any, name: str, given: str | None) -> CRS:
    declared = CRS.from_user_input(dataset.crs.to_wkt()) if dataset.crs else None
    if declared is not None and not (declared.is_geographic or declared.is_projected):
        declared = None  # a local system, which says no more of the place than none
    # From the centres of cells: the outer edges of a raster of the whole world may lie beyond 180 degrees.
    across, down = dataset.transform.a / 2, dataset.transform.e / 2
    west, south, east, north = dataset.bounds
    return file_crs(name, declared, given, (west + across, south - down, east - across, north + down))
