"""The web map of a province and of a country: time to write it, its size, and how soon a browser shows it.

``python benchmarks/webmap.py`` needs Chromium. Everything is made up: communes are the cells of random points with
wavy borders, their numbers are drawn.
"""

import os
import platform
import shutil
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from playwright.sync_api import Browser, CDPSession, sync_playwright

from geo.grid import Grid
from geo.season import MONTHS, Season
from maps.earlier import EarlierRun
from maps.web import MapContent, render_map

RUNS = 5
REASON_VI = (
    "2 vụ và 13 trường hợp vắng mặt nghi vấn trong 5 năm; chiều dài biên giới: tỷ suất cao hơn 146 %; 14.170 dân"
)
REASON_EN = "2 cases and 13 suspected absences in 5 years; length of border: rate higher by 146 %; 14,170 people"
PAINTED = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
)
STEP = """async () => {
    const slider = document.getElementById("first");
    const begin = performance.now();
    slider.value = Number(slider.value) + 1;
    slider.dispatchEvent(new Event("input"));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - begin;
}"""
SEARCH = STEP.replace('"first"', '"search"').replace("Number(slider.value) + 1", '"dong 12"')


@dataclass(frozen=True)
class Size:
    """How much a map shows; the area is ``width`` × ``height`` degrees, a raster cell ``cell_m`` wide."""

    communes: int
    sectors: int
    width: float
    height: float
    raster: tuple[int, int]
    cell_m: float


SIZES = {
    "province: 45 communes, 91 sectors, 380 × 300": Size(45, 91, 1.3, 1.2, (380, 300), 500),
    "country: 3,321 communes, 900 sectors, 1,700 × 700": Size(3321, 900, 6.0, 14.0, (1700, 700), 1000),
}


def wavy(shapes: np.ndarray) -> np.ndarray:
    """Move every corner, the same place always the same way, so that neighbours still touch."""

    def moved(xy: np.ndarray) -> np.ndarray:
        x, y = xy.T
        shift = sum(0.004 / k * np.sin(k * np.c_[37 * y + x, 41 * x - y] + k) for k in (1, 3, 9, 27))
        return np.round(xy + shift, 6)

    return shapely.transform(shapely.segmentize(shapes, 0.002), moved)


def made_up(size: Size) -> MapContent:
    rng = np.random.default_rng(0)
    n = size.communes
    area = shapely.box(102, 9, 102 + size.width, 9 + size.height)
    points = shapely.MultiPoint(rng.uniform((102, 9), (102 + size.width, 9 + size.height), (n, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=area))
    polygons = wavy(shapely.intersection(cells, area))
    codes = [f"{i:05}" for i in range(1, n + 1)]
    expected = np.sort(rng.lognormal(0, 1, n))[::-1]
    communes = gpd.GeoDataFrame(
        {
            "commune_code": codes, "name": [f"Xã Đồng {i}" for i in range(n)],
            "district": [f"Huyện {i // 20}" for i in range(n)],
            "rank": range(1, n + 1), "expected": expected, "lower": expected * 0.6, "upper": expected * 1.5,
            "rate": expected / 2, "p_top10": rng.random(n), "detection": rng.random(n), "band_lower": expected * 0.9,
            "band_upper": expected * 1.1, "cases": rng.poisson(4, n), "absences": rng.poisson(4, n),
            "sessions": rng.poisson(90, n), "population": rng.integers(2_000, 40_000, n),
            "weak_data": rng.random(n) < 0.6, "geometry_quality": "official",
            "reason_vi": REASON_VI, "reason_en": REASON_EN,
        },
        geometry=polygons, crs=4326,
    )  # fmt: skip
    m = size.sectors
    ends = np.linspace(9, 9 + size.height, m + 1)
    lines = wavy(shapely.linestrings(np.stack([np.full((m, 2), 102.0), np.c_[ends[:-1], ends[1:]]], axis=2)))
    ids = [f"LAO-{i:03}" for i in range(m)]
    sectors = gpd.GeoDataFrame(
        {
            "sector_id": ids, "neighbour": "LAO", "commune_code": rng.choice(codes, m), "rank": range(1, m + 1),
            "score": 1 / m, "length_km": 5.0, "nearby_risk": 0.01, "crossing_density": 0.01, "patrol_hours": 90.0,
            "reason_vi": "nguy cơ lân cận", "reason_en": "risk nearby",
        },
        geometry=lines, crs=4326,
    )  # fmt: skip
    crossings = gpd.GeoDataFrame(
        {"crossing_id": [], "name": [], "kind": [], "neighbour": [], "commune_code": [], "position_quality": []},
        geometry=[], crs=4326,
    )  # fmt: skip
    rows, cols = np.mgrid[: size.raster[0], : size.raster[1]]
    grid = Grid("EPSG:9205", Affine(size.cell_m, 0, 400_000, 0, -size.cell_m, 2_500_000), size.raster)
    return MapContent(
        communes, sectors, crossings, (np.hypot(rows - 190, cols - 150) + 10 * np.sin(rows / 9), grid),
        ("2013-01-01", "2017-12-31"), "2017-12-31", simulated=True, effort_known=True, vintage="2025-07-01",
        season=Season(pd.DataFrame(rng.poisson(0.7, (n, 12)), codes, MONTHS), pd.Series(5, MONTHS), 3),
        earlier=EarlierRun(
            "earlier", "2017-12-01", ("2013-01-01", "2017-11-30"), {}, None,
            communes[["commune_code", "expected", "lower", "upper"]].assign(rank=rng.permutation(n) + 1),
            sectors[["sector_id"]].assign(rank=rng.permutation(m) + 1),
        ),
    )  # fmt: skip


def spent(session: CDPSession) -> float:
    """Return the processor seconds of the browser's processes until now."""
    return sum(process["cpuTime"] for process in session.send("SystemInfo.getProcessInfo")["processInfo"])


def shown(browser: Browser, file: Path, width: int, height: int) -> tuple[float, float, float, float]:
    """Return seconds to the first drawing, the browser's processor seconds, and milliseconds of slider and search."""
    session = browser.new_browser_cdp_session()
    page = browser.new_page(viewport={"width": width, "height": height})
    before = spent(session)
    page.goto(file.as_uri())
    drawn = page.evaluate(PAINTED) / 1000
    times = drawn, spent(session) - before, page.evaluate(STEP), page.evaluate(SEARCH)
    session.detach()
    page.close()
    return times


def main() -> None:
    """Print the table; medians and, for the first drawing, the worst."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        print(f"Python {platform.python_version()}, folium {version('folium')}, Chromium {browser.version}")
        print("Load of the machine before, 1 minute:", f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        headings = ("write s", "CPU s", "size kB", "px", "drawn s", "worst s", "CPU s", "slider ms", "search ms")
        print(f"{'map':<52}" + "".join(f"{heading:>10}" for heading in headings))
        for name, size in SIZES.items():
            content = made_up(size)
            begin, begin_cpu = time.perf_counter(), time.process_time()
            page = render_map(content)
            seconds, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
            file = Path(scratch) / "map.html"
            file.write_text(page, encoding="utf-8")
            for width, height in ((1440, 900), (412, 915)):
                drawn, busy, slider, search = np.array([shown(browser, file, width, height) for _ in range(RUNS)]).T
                figures = (
                    f"{seconds:.2f}", f"{cpu:.2f}", f"{len(page.encode()) / 1000:.0f}", f"{width}",
                    f"{np.median(drawn):.2f}", f"{drawn.max():.2f}", f"{np.median(busy):.2f}",
                    f"{np.median(slider):.0f}", f"{np.median(search):.0f}",
                )  # fmt: skip
                print(f"{name:<52}" + "".join(f"{figure:>10}" for figure in figures))
        browser.close()


if __name__ == "__main__":
    main()
