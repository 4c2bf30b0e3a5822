"""MBTiles 1.3: raster tiles of several zooms in one SQLite file, for phones and QGIS without a network.

Each zoom is drawn for itself, in blocks of tiles: GDAL's driver would shrink the closest one until nobody can read it.
"""

import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TILE = 256
"""Pixels."""

EDGE_M = math.pi * 6_378_137.0
"""Half the side of the square world of Web Mercator (EPSG:3857), metres."""

BLOCK = 16
"""Tiles along the side of what is drawn at once."""

_WHITE = 255
_APPLICATION = 0x4D504258
"""SQLite's number for MBTiles."""

Pixels = NDArray[np.uint8]


class View(NamedTuple):
    """What is drawn at once: its bounds in EPSG:3857, metres, and its size in pixels."""

    zoom: int
    west: float
    south: float
    east: float
    north: float
    width: int
    height: int


Draw = Callable[[View], Pixels]
"""From a view to its pixels (height, width, 3), north up."""


def write_mbtiles(
    path: Path,
    draw: Draw,
    *,
    bounds: tuple[float, float, float, float],
    zooms: tuple[int, int],
    metadata: Mapping[str, str],
) -> None:
    """Write the tiles that are not white all over; the same content gives the same bytes.

    Parameters
    ----------
    path
        A new file.
    draw
        What is on the map.
    bounds
        West, south, east, north, WGS 84 degrees.
    zooms
        The first and the last.
    metadata
        ``name``, ``description`` and the like.
    """
    with sqlite3.connect(path) as database:
        # The gate waits for the disk.
        database.execute("PRAGMA synchronous = OFF")
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute("CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT)")
        database.execute(
            "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB, "
            "PRIMARY KEY (zoom_level, tile_column, tile_row))"
        )
        given = {
            **metadata,
            "format": "png",
            "type": "baselayer",
            "minzoom": str(zooms[0]),
            "maxzoom": str(zooms[1]),
            "bounds": ",".join(f"{value:.6f}" for value in bounds),
            "center": f"{(bounds[0] + bounds[2]) / 2:.6f},{(bounds[1] + bounds[3]) / 2:.6f},{zooms[0]}",
        }
        database.executemany("INSERT INTO metadata VALUES (?, ?)", given.items())
        for zoom in range(zooms[0], zooms[1] + 1):
            # Rows are counted from the south, unlike on web maps.
            database.executemany(
                "INSERT INTO tiles VALUES (?, ?, ?, ?)",
                (
                    (zoom, column, 2**zoom - 1 - row, _png(pixels))
                    for column, row, pixels in _tiles(draw, zoom, bounds)
                    if pixels.min() < _WHITE
                ),
            )
    database.close()


def tile_of(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """Return the column and row (from the north) of a place in tiles, with their fractions.

    >>> tile_of(0, 0, 1)
    (1.0, 1.0)
    """
    n = 2.0**zoom
    return (lon + 180) / 360 * n, (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n


def _tiles(draw: Draw, zoom: int, bounds: tuple[float, float, float, float]) -> Iterator[tuple[int, int, Pixels]]:
    west, south, east, north = bounds
    left, top = map(math.floor, tile_of(west, north, zoom))
    right, bottom = map(math.floor, tile_of(east, south, zoom))
    for first_row in range(top, bottom + 1, BLOCK):
        for first in range(left, right + 1, BLOCK):
            rows, columns = min(BLOCK, bottom + 1 - first_row), min(BLOCK, right + 1 - first)
            pixels = draw(_view(zoom, first, first_row, columns, rows))
            for row in range(rows):
                for column in range(columns):
                    part = pixels[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                    yield first + column, first_row + row, part


def _view(zoom: int, column: int, row: int, columns: int, rows: int) -> View:
    side = 2 * EDGE_M / 2**zoom
    west, north = column * side - EDGE_M, EDGE_M - row * side
    return View(zoom, west, north - rows * side, west + columns * side, north, columns * TILE, rows * TILE)


def _png(pixels: Pixels) -> bytes:
    stream = BytesIO()
    # Not in a palette of its own: the same colour would differ from tile to tile.
    Image.fromarray(pixels).save(stream, "PNG", compress_level=4)
    return stream.getvalue()
