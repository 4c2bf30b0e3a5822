"""Draw the README's pictures from the demo, in a real browser: ``python docs/pictures.py`` (needs Chromium)."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import workflow

IMAGES = Path(__file__).parent / "images"


def main() -> None:
    """Write ``images/map-vi.png``, ``images/map-en.png`` and, as on a phone, ``images/map-phone.png``."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for lang in ("vi", "en"):
            page_file = workflow.demo(Path(scratch) / lang, lang=lang).folder / "map.html"
            _shoot(browser, page_file, IMAGES / f"map-{lang}.png", 1280, 860)
            if lang == "vi":
                _shoot(browser, page_file, IMAGES / "map-phone.png", 412, 915)
        browser.close()


def _shoot(browser, page_file, image, width, height):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(page_file.as_uri())
    page.wait_for_timeout(1000)
    page.screenshot(path=image)
    page.close()


if __name__ == "__main__":
    main()
