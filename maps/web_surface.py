"""A classed raster as an image that Leaflet can stretch between two corners."""

import base64
import math
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio import warp

from geo.crs import STORED
from geo.grid import Grid
from maps.legend import classed
from maps.palette import SURFACE

WEB_CRS = "EPSG:3857"
"""The CRS in which Leaflet stretches an image between its corners."""


def surface_image(array: NDArray[np.float64], grid: Grid) -> dict[str, Any]:
    """Return the classed surface as an image between two corners, (latitude, longitude), and its legend."""
    numbers, legend = classed(array, SURFACE)
    west, east, south, north = grid.region
    left, bottom, right, top = warp.transform_bounds(grid.crs, WEB_CRS, west, south, east, north)
    # Web Mercator's metres are shorter than true ones: pixels of a cell's nominal size are a little finer than cells.
    width, height = math.ceil((right - left) / grid.cell_m), math.ceil((top - bottom) / grid.cell_m)
    right, bottom = left + width * grid.cell_m, top - height * grid.cell_m
    transform = Affine(grid.cell_m, 0, left, 0, -grid.cell_m, top)
    codes = np.zeros((height, width), dtype="uint8")
    warp.reproject(
        (numbers + 1).astype("uint8"),
        codes,
        src_transform=grid.transform,
        src_crs=grid.crs,
        dst_transform=transform,
        dst_crs=WEB_CRS,
        resampling=warp.Resampling.nearest,
    )
    (west, east), (south, north) = warp.transform(WEB_CRS, STORED, [left, right], [bottom, top])
    colours = {0: (0, 0, 0, 0)} | {i: (*bytes.fromhex(entry["colour"][1:]), 255) for i, entry in enumerate(legend, 1)}
    with rasterio.MemoryFile() as file:
        with file.open(
            driver="PNG", width=width, height=height, count=1, dtype="uint8", transform=transform, crs=WEB_CRS
        ) as png:
            png.write(codes, 1)
            png.write_colormap(1, colours)
        image = base64.b64encode(bytes(file.getbuffer())).decode()
    return {
        "image": f"data:image/png;base64,{image}",
        "bounds": [[south, west], [north, east]],
        "legend": legend,
    }
