"""Draw the README's pictures from the demo: ``python -m docs.pictures`` (needs Chromium and QGIS)."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import workflow
from benchmarks.field_pack import made_up_plan
from maps.field import field_pack
from maps.mbtiles import TILE, tile_of
from workflow.demonstration import demo_workspace

IMAGES = Path(__file__).parent / "images"


def main() -> None:
    """Write ``images/map-vi.png`` and ``images/map-en.png``."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for lang in ("vi", "en"):
            page_file = workflow.demo(Path(scratch) / lang, lang=lang).folder / "map.html"
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.goto(page_file.as_uri())
            page.wait_for_timeout(1000)
            page.screenshot(path=IMAGES / f"map-{lang}.png")
        browser.close()
        qgis_picture(Path(scratch) / "vi" / "hotspots.qgs", IMAGES / "qgis-vi.png")
        tiles_picture(Path(scratch), IMAGES / "field-tiles-vi.png")


def qgis_picture(project: Path, picture: Path) -> None:
    """Draw a run's project as QGIS shows it."""
    script = Path(__file__).with_name("qgis_layout.py")
    environment = {"PATH": os.environ["PATH"], "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run(["/usr/bin/python3", script, project, picture], check=True, env=environment)  # noqa: S603


def tiles_picture(scratch: Path, picture: Path) -> None:
    """Put four tiles of a field pack together: a made-up plan of the demo's simulated posts."""
    folder = scratch / "field"
    folder.mkdir()
    field_pack(folder, made_up_plan(demo_workspace(scratch / "workspace")), lang="vi")
    image = Image.new("RGB", (4 * TILE, 3 * TILE), "white")
    column, row = (int(place) for place in tile_of(102.3, 22.2, 11))
    with sqlite3.connect(folder / "command_level_map.mbtiles") as database:
        tiles = "SELECT tile_column, tile_row, tile_data FROM tiles WHERE zoom_level = 11"
        for x, y, data in database.execute(tiles):
            image.paste(Image.open(BytesIO(data)), ((x - column) * TILE, (2**11 - 1 - y - row) * TILE))
    database.close()
    image.save(picture)


if __name__ == "__main__":
    main()
