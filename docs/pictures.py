"""Draw the README's pictures from the demo: ``python -m docs.pictures`` (needs Chromium, QGIS and poppler-utils)."""

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

import pandas as pd
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import workflow
from benchmarks.field_pack import made_up_plan
from maps.brief import FILES as BRIEF
from maps.brief import BriefContent, write_brief
from maps.field import field_pack
from maps.mbtiles import TILE, tile_of
from workflow.demonstration import demo_workspace
from workflow.running import RunResult

IMAGES = Path(__file__).parent / "images"
SHEET = {"width": 794, "height": 1123}
"""A4 at 96 pixels an inch."""


def main() -> None:
    """Write the pictures into ``images``."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for lang in ("vi", "en"):
            run = workflow.demo(Path(scratch) / lang, lang=lang)
            _shoot(browser, run.folder / "map.html", IMAGES / f"map-{lang}.png", 1280, 860)
            if lang == "vi":
                _shoot(browser, run.folder / "map.html", IMAGES / "map-phone.png", 412, 915)
                picture(browser, run.folder / "report.html", "report-vi.png", media="screen")
                picture(browser, week_of_patrols(run, Path(scratch)), "brief-vi.png", media="print")
        browser.close()
        qgis_picture(Path(scratch) / "vi" / "hotspots.qgs", IMAGES / "qgis-vi.png")
        tiles_picture(Path(scratch), IMAGES / "field-tiles-vi.png")
        draw_page(Path(scratch) / "en" / "map_a3.pdf", 1, "map-a3", dots=75)
        draw_page(Path(scratch) / "en" / "atlas.pdf", 1, "atlas", dots=100)


def qgis_picture(project: Path, picture: Path) -> None:
    """Draw a run's project as QGIS shows it."""
    script = Path(__file__).with_name("qgis_layout.py")
    environment = {"PATH": os.environ["PATH"], "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run(["/usr/bin/python3", script, project, picture], check=True, env=environment)


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


def _shoot(browser: Browser, page_file: Path, image: Path, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(page_file.as_uri())
    page.wait_for_timeout(1000)
    page.screenshot(path=image)
    page.close()


def picture(browser: Browser, file: Path, name: str, media: str) -> None:
    """Write the first sheet of a page as it is on the screen or in print."""
    page = browser.new_page(viewport=SHEET)
    page.emulate_media(media=media)
    page.goto(file.as_uri())
    page.add_style_tag(content="@media print { body { padding: 8mm 13mm; } }")
    page.screenshot(path=IMAGES / name)


def week_of_patrols(run: RunResult, folder: Path) -> Path:
    """Write the brief of a made-up week of four teams on the demo's first sectors."""
    first = run.content.patrol.sort_values("rank")["sector_id"].head(12).tolist()
    shifts = [
        (day, post, team, tuple(first[start : start + 2]), 2.5, 8.0)
        for i, (post, team) in enumerate([("A", 1), ("A", 2), ("B", 1), ("B", 2)])
        for day in range(1, 8)
        if (start := (5 * i + 3 * day) % 12) < 10
    ]
    columns = ["day", "post_id", "team", "sectors", "watch_hours", "shift_hours"]
    told = run.content.patrol[["sector_id", "commune", "reasons"]]
    write_brief(
        folder,
        BriefContent(
            schedule=pd.DataFrame(shifts, columns=columns),
            sectors=run.content.sectors.merge(told, on="sector_id"),
            posts=pd.DataFrame({"post_id": ["A", "B"], "name": ["Đồn mẫu A", "Đồn mẫu B"]}),
            communes=run.content.communes,
            first_day=dt.date(2026, 11, 23),
            days=7,
            title=run.content.title,
            made_on=dt.date.fromisoformat(run.content.made_on),
            simulated=True,
            lang="vi",
        ),
    )
    return folder / BRIEF[0]


def draw_page(file: Path, page: int, name: str, *, dots: int) -> None:
    """Draw a page of a PDF as ``images/NAME.png``."""
    pages = ["-f", str(page), "-l", str(page), "-singlefile"]
    subprocess.run(["pdftoppm", "-png", "-r", str(dots), *pages, str(file), str(IMAGES / name)], check=True)


if __name__ == "__main__":
    main()
