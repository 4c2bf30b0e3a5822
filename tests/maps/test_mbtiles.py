import math
import sqlite3
from io import BytesIO

import morecantile
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from maps import mbtiles
from maps.mbtiles import EDGE_M, TILE, tile_of, write_mbtiles

GRID = morecantile.tms.get("WebMercatorQuad")
BOUNDS = (102.0, 21.0, 104.0, 22.5)


def where(view):
    """Draw what is different everywhere: each pixel's place in the world's pixels, and white in the south."""
    side = 2 * EDGE_M / 2**view.zoom / TILE
    first_x, first_y = round((view.west + EDGE_M) / side), round((EDGE_M - view.north) / side)
    x, y = np.meshgrid(np.arange(view.width) + first_x, np.arange(view.height) + first_y)
    pixels = np.stack([x % 251, y % 241, (x // TILE + y // TILE) % 239], axis=-1).astype("uint8")
    pixels[y > tile_of(0, 21.5, view.zoom)[1] * TILE + TILE] = 255
    return pixels


def tiles(path):
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT * FROM tiles").fetchall()
    database.close()
    return {row[:3]: np.asarray(Image.open(BytesIO(row[3]))) for row in rows}


@given(lon=st.floats(-179.9, 179.9), lat=st.floats(-85, 85), zoom=st.integers(0, 18))
def test_places_lie_in_the_tiles_that_morecantile_says(lon, lat, zoom):
    column, row = tile_of(lon, lat, zoom)
    expected = GRID.tile(lon, lat, zoom)
    assert (column, row) == pytest.approx((expected.x + column % 1, expected.y + row % 1), abs=1e-6)


@pytest.mark.parametrize("block", [1, 3, 16])
def test_tiles_do_not_depend_on_the_blocks_that_are_drawn_at_once(tmp_path, monkeypatch, block):
    monkeypatch.setattr(mbtiles, "BLOCK", block)
    write_mbtiles(tmp_path / "t.mbtiles", where, bounds=BOUNDS, zooms=(7, 9), metadata={})
    found = tiles(tmp_path / "t.mbtiles")
    for (zoom, column, row), pixels in found.items():
        north = 2**zoom - 1 - row
        if (pixels[-1] < 255).any():  # not in the white south
            assert tuple(pixels[5, 7][:2]) == ((column * TILE + 7) % 251, (north * TILE + 5) % 241)
    assert {zoom for zoom, _, _ in found} == {7, 8, 9}


def test_every_tile_of_the_bounds_is_there_but_those_that_are_white(tmp_path):
    write_mbtiles(tmp_path / "t.mbtiles", where, bounds=BOUNDS, zooms=(9, 9), metadata={})
    expected = {(9, tile.x, 2**9 - 1 - tile.y) for tile in GRID.tiles(*BOUNDS, zooms=[9])}
    limit = math.floor(tile_of(0, 21.5, 9)[1]) + 1  # what is farther south is white
    assert set(tiles(tmp_path / "t.mbtiles")) == {key for key in expected if 2**9 - 1 - key[2] <= limit}


def test_the_file_says_what_it_is(tmp_path):
    write_mbtiles(tmp_path / "t.mbtiles", where, bounds=BOUNDS, zooms=(7, 8), metadata={"name": "Tỉnh Mẫu"})
    with sqlite3.connect(tmp_path / "t.mbtiles") as database:
        assert database.execute("PRAGMA application_id").fetchone() == (0x4D504258,)
        about = dict(database.execute("SELECT name, value FROM metadata"))
    database.close()
    assert about == {
        "name": "Tỉnh Mẫu",
        "format": "png",
        "type": "baselayer",
        "minzoom": "7",
        "maxzoom": "8",
        "bounds": "102.000000,21.000000,104.000000,22.500000",
        "center": "103.000000,21.750000,7",
    }
