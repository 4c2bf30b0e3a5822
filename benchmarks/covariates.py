"""Covariates at size: memory and time by the size of a raster, error of taking cells by their centres, many lines.

Rasters lie over the 45 built-in communes; each is measured in a process of its own, so that its peak memory is its own.
"""

import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine
from rasterio.windows import Window

from geo import boundaries
from geo.crs import METRIC
from geo.features import line_length_km
from geo.grid import Grid
from geo.raster import cells_in, write_cog
from geo.raster_file import open_raster
from geo.zonal import zonal
from models.relief import simulate_relief

SIZES = (2_000, 8_000, 16_000)
LINES = 200_000


def communes() -> gpd.GeoSeries:
    """Return the built-in communes in metres."""
    return boundaries.communes("2025-07-01").set_index("commune_code").geometry.to_crs(METRIC)


def write_large(path: Path, side: int) -> None:
    """Write a raster of side × side int16 cells, strip by strip."""
    west, south, east, north = communes().total_bounds
    cell = max(east - west, north - south) / side
    strip = np.random.default_rng(0).integers(0, 3000, (256, side), dtype="int16")
    profile = {"height": side, "width": side, "count": 1, "dtype": "int16", "crs": METRIC, "nodata": -1}
    place = Affine(cell, 0, west, 0, -cell, north)
    with rasterio.open(path, "w", driver="GTiff", tiled=True, transform=place, **profile) as out:
        for row in range(0, side, 256):
            rows = min(256, side - row)
            out.write(strip[:rows], 1, window=Window(0, row, side, rows))


def megabytes() -> float:
    """Return the peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_large(path: Path) -> None:
    """Print how long the means of a raster take, and what memory."""
    shapes, before, begin = communes(), megabytes(), time.perf_counter()
    with open_raster(path) as raster:
        zonal(raster, shapes, "mean")
    seconds, more = time.perf_counter() - begin, megabytes() - before
    print(f"{path.stem:>12}: {seconds:6.1f} s, {more:5.0f} MB above {before:.0f} MB, of an array of", end=" ")
    print(f"{int(path.stem) ** 2 * 2 / 1e6:,.0f} MB")


def error_of_centres(cell_m: float, folder: Path) -> None:
    """Print how far the means of cells by their centres are from those by exact parts, over the values' spread."""
    shapes = communes()
    west, south, east, north = shapes.total_bounds
    grid = Grid.covering((west, east, south, north), cell_m, METRIC)
    relief, path = simulate_relief(grid, 0).astype("float32"), folder / "relief.tif"
    write_cog(path, relief, grid, description="simulated elevation", unit="m", tags={"data_kind": "simulated"})
    with open_raster(path) as raster:
        exact = zonal(raster, shapes, "mean")["value"].to_numpy()
    owner = cells_in(gpd.GeoDataFrame(geometry=shapes), grid)
    rough = pd.Series(relief[owner >= 0]).groupby(owner[owner >= 0]).mean().to_numpy()
    error = np.abs(rough - exact) / exact.std()
    print(f"{cell_m:10,.0f} m: mean {error.mean():.4f}, largest {error.max():.4f}")


def many_lines() -> None:
    """Print how long it takes to measure lines by commune."""
    shapes = communes().segmentize(100.0).to_numpy()
    west, south, east, north = shapely.total_bounds(shapes)
    rng = np.random.default_rng(0)
    starts = rng.uniform((west, south), (east, north), (LINES, 1, 2))
    lines = shapely.linestrings(starts + rng.normal(0, 200, (LINES, 6, 2)).cumsum(axis=1))
    begin = time.perf_counter()
    line_length_km(shapes, lines)
    print(f"{LINES:,} lines: {time.perf_counter() - begin:.1f} s")


def main() -> None:
    """Print all tables, or measure the raster that is named."""
    if len(sys.argv) > 1:
        measure_large(Path(sys.argv[1]))
        return
    libraries = ", ".join(f"{name} {version(name)}" for name in ("exactextract", "rasterio", "shapely"))
    print(f"Python {platform.python_version()}, {libraries}")
    with tempfile.TemporaryDirectory() as folder:
        print("Means of rasters, cells a side:", flush=True)
        for side in SIZES:
            path = Path(folder) / f"{side}.tif"
            write_large(path, side)
            subprocess.run([sys.executable, __file__, str(path)], check=True)
            path.unlink()
        print("Cells taken by their centres, error in standard deviations of the communes' means, by side of a cell:")
        for cell_m in (500.0, 1000.0, 5000.0):
            error_of_centres(cell_m, Path(folder))
    many_lines()


if __name__ == "__main__":
    main()
