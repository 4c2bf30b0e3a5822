"""Draw the README's pictures from the demo: ``python docs/pictures.py`` (needs Chromium and poppler-utils)."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import workflow

IMAGES = Path(__file__).parent / "images"


def main() -> None:
    """Write the pictures into ``images``."""
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
        draw_page(Path(scratch) / "en" / "map_a3.pdf", 1, "map-a3", dots=75)
        draw_page(Path(scratch) / "en" / "atlas.pdf", 1, "atlas", dots=100)


def draw_page(file: Path, page: int, name: str, *, dots: int) -> None:
    """Draw a page of a PDF as ``images/NAME.png``."""
    pages = ["-f", str(page), "-l", str(page), "-singlefile"]
    subprocess.run(["pdftoppm", "-png", "-r", str(dots), *pages, str(file), str(IMAGES / name)], check=True)


if __name__ == "__main__":
    main()
