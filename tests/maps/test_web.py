import base64
import dataclasses
import hashlib
import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine
from shapely.geometry import LineString

from geo.grid import Grid
from geo.schema import CROSSING_KINDS, NEIGHBOURS
from maps.palette import COMMUNES, NO_DATA
from maps.stamp import LEVELS
from maps.web import SCRIPTS, render_map
from maps.web_words import words
from tests.maps.map_content import EXPECTED, HOSTILE, content, surface

ASSETS = Path(__file__).parents[2] / "maps" / "assets"


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


@pytest.fixture(scope="module")
def page():
    return render_map(content())


@pytest.fixture(scope="module")
def data(page):
    return data_of(page)


def properties(data, layer):
    return [dict(zip(data[layer]["fields"], row, strict=True)) for row in data[layer]["rows"]]


def test_the_same_content_gives_the_same_page(page):
    assert render_map(content()) == page


def test_the_page_refers_to_nothing_outside(page):
    markup = re.sub(r"<script.*?</script>|/\*.*?\*/|'sha256-.*?'", "", page, flags=re.DOTALL)
    assert re.findall(r"https?:|//[a-z]|@import|<link|<iframe|<img", markup) == []
    assert {url[:5] for url in re.findall(r"url\(['\"]?([^)]+)", markup)} <= {"data:", "#defa"}
    assert "sourceMappingURL" not in page


def test_the_policy_allows_the_pages_own_scripts_only(page):
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page)[1]
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert len(scripts) == 3
    assert policy.startswith("default-src 'none'; script-src " + " ".join(f"'sha256-{d}'" for d in digests) + "; ")
    assert "unsafe-eval" not in policy
    assert "script-src 'unsafe-inline'" not in policy


def test_leaflet_comes_with_its_licence(page):
    assert "BSD 2-Clause License" in page
    assert "Volodymyr Agafonkin" in page


def test_hostile_texts_stay_data(page, data):
    tame = render_map(content(names=["a", "b", "c", "d", "e", "f"], title="t"))
    for mark in ("<script", "</script", "<!--", "<img"):
        assert page.count(mark) == tame.count(mark)
    assert [p["name"] for p in properties(data, "communes")] == HOSTILE
    assert "<title>Tỉnh &lt;i&gt;Mẫu&lt;/i&gt;</title>" in page
    assert data["title"] == "Tỉnh <i>Mẫu</i>"


def test_communes_carry_their_numbers_and_classes(data):
    rows = properties(data, "communes")
    assert [p["rank"] for p in rows] == [1, 2, 3, 4, 5, 6]
    assert [p["expected"] for p in rows] == EXPECTED
    assert (rows[0]["district"], rows[0]["population"], rows[1]["weak_data"]) == (None, 17_400, True)
    assert (rows[1]["p_top10"], rows[1]["detection"]) == (0.9, 0.25)
    assert [p["band_upper"] for p in rows] == [None, 0.2, 0.2, 0.2, 0.2, 0.2], "none where the records tell"
    # By hand: six values, fifths at the 2nd, 3rd, 4th, 5th and 6th; 0.2 stands twice, so four classes are left.
    assert data["legends"]["communes"] == [
        {"colour": COMMUNES[0], "low": 0.0351, "high": 0.2, "n": 3},
        {"colour": COMMUNES[1], "low": 0.351, "high": 0.351, "n": 1},
        {"colour": COMMUNES[3], "low": 7.25, "high": 7.25, "n": 1},
        {"colour": COMMUNES[4], "low": 12.5, "high": 12.5, "n": 1},
    ]
    assert [p["colour"] for p in rows] == [COMMUNES[i] for i in (4, 3, 1, 0, 0, 0)]


def test_communes_without_a_number_are_grey():
    made = content()
    made.communes.loc[5, ["expected", "rank"]] = np.nan
    rows = properties(data_of(render_map(made)), "communes")
    assert (rows[-1]["expected"], rows[-1]["rank"], rows[-1]["colour"]) == (None, None, NO_DATA)
    assert sum(entry["n"] for entry in data_of(render_map(made))["legends"]["communes"]) == 5


def test_sectors_and_crossings(data):
    rows = properties(data, "sectors")
    assert [p["patrol_hours"] for p in rows] == [None, 12, 0]
    assert [p["weight"] for p in rows] == pytest.approx([1, 2 / 3, 1 / 3], abs=1e-6)
    assert [shape is None for shape in data["crossings"]["shapes"]] == [False, False, True]
    assert [p["position_quality"] for p in properties(data, "crossings")] == ["published", "demo", "unknown"]


def test_rows_stand_by_rank_whatever_their_order(data):
    made = content()
    turned = dataclasses.replace(made, communes=made.communes[::-1], sectors=made.sectors[::-1])
    assert data_of(render_map(turned)) == data


def test_layers_in_another_crs_land_in_the_same_place(data):
    made = content()
    metric = dataclasses.replace(made, communes=made.communes.to_crs("EPSG:9205"))
    ours, theirs = (
        shapely.get_coordinates([shapely.geometry.shape(geometry) for geometry in d["communes"]["shapes"]])
        for d in (data, data_of(render_map(metric)))
    )
    assert ours == pytest.approx(theirs, abs=2e-5)


def test_what_the_page_is_told(data):
    assert (data["lang"], data["simulated"], data["effort_known"], data["approximate"]) == ("vi", True, True, False)
    assert (data["period"], data["made_on"], data["vintage"]) == (
        ["2013-01-01", "2017-12-31"],
        "2026-11-23",
        "2025-07-01",
    )
    made = content()
    made.communes.loc[3, "geometry_quality"] = "approximate"
    assert data_of(render_map(made, "en"))["approximate"] is True
    assert data_of(render_map(made, "en"))["lang"] == "en"


def test_a_page_bears_its_expiry_model_and_level(data):
    assert (data["made_on"], data["valid_until"], data["model"], data["level"]) == (
        "2026-11-23",
        "2027-05-22",
        None,
        "planner",
    )
    told = data_of(render_map(content(valid_days=8, model_id="M1", level="command")))
    assert (told["valid_until"], told["model"], told["level"]) == ("2026-12-01", "M1", "command")


def test_the_surface_lies_where_it_was_measured(data):
    """The image's pixels, placed by the page's two corners and taken back to the metric CRS, show the raster."""
    array, grid = surface()
    image = base64.b64decode(data["surface"]["image"].removeprefix("data:image/png;base64,"))
    with rasterio.MemoryFile(image) as file, pytest.warns(rasterio.errors.NotGeoreferencedWarning), file.open() as png:
        codes, colours = png.read(1), png.colormap(1)
    assert colours[0][3] == 0
    assert [entry["high"] for entry in data["surface"]["legend"]] == [1, 4]
    (south, west), (north, east) = data["surface"]["bounds"]
    to_web = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    left, bottom = to_web.transform(west, south)
    right, top = to_web.transform(east, north)
    rows, cols = np.nonzero(codes)
    x = left + (cols + 0.5) * (right - left) / codes.shape[1]
    y = top - (rows + 0.5) * (top - bottom) / codes.shape[0]
    easting, northing = pyproj.Transformer.from_crs("EPSG:3857", grid.crs, always_xy=True).transform(x, y)
    col, row = ~grid.transform @ (easting, northing)
    there = np.array([array[int(r), int(c)] for r, c in zip(row, col, strict=True)])
    agrees = there == np.array([np.nan, 1, 4])[codes[rows, cols]]
    assert agrees.mean() > 0.97, "all but pixels on the edges of classes"
    stretched = 1 / np.cos(np.radians((south + north) / 2)) ** 2
    assert np.count_nonzero(codes) == pytest.approx(np.isfinite(array).sum() * stretched, rel=0.05)


def test_a_map_without_a_surface():
    assert data_of(render_map(content(surface=None)))["surface"] is None


def test_every_word_is_there_and_used():
    script = "".join((ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    by_kind = {f"{kind}_tab" for kind in ("communes", "sectors", "crossings")}
    by_kind |= {f"no_{kind}" for kind in ("communes", "sectors", "crossings")}
    by_kind |= {f"{what}_{kind}" for kind in ("communes", "sectors") for what in ("first", "how_many")}
    from_data = {*NEIGHBOURS, *CROSSING_KINDS, "published", "demo", "unknown"}
    from_data |= {f"level_{level}" for level in LEVELS}
    both = words()
    assert both["vi"].keys() == both["en"].keys()
    for key in both["vi"]:
        assert key in by_kind | from_data or re.search(rf'["\s.]{key}["\s:]', script), key
    assert set(re.findall(r'say\("(\w+)"', script)) | by_kind | from_data <= both["vi"].keys()
    for key, text in both["vi"].items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", both["en"][key]))


def test_a_province_fits_into_a_megabyte():
    """45 communes of 360 corners each, 91 sectors of 100, a raster of 380 × 300 cells."""
    made = content()
    communes = made.communes.iloc[[0] * 45].assign(
        commune_code=[f"{i:05}" for i in range(45)], expected=np.arange(45.0), name="Xã Mường Nhé", rank=range(1, 46)
    )
    angles = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    ring = np.c_[np.cos(angles), np.sin(angles)] * (0.05 + 0.003 * np.sin(40 * angles))[:, None]
    rings = [shapely.Polygon(ring + np.array([102 + 0.15 * (i % 9), 21 + 0.15 * (i // 9)])) for i in range(45)]
    sectors = made.sectors.iloc[[0] * 91].assign(sector_id=[f"LAO-{i:03}" for i in range(91)])
    x = np.linspace(102, 103, 9101)
    y = 21 + 0.01 * np.sin(np.arange(9101))
    lines = [LineString(np.c_[x, y][i * 100 : i * 100 + 101]) for i in range(91)]
    rows, cols = np.mgrid[:380, :300]
    grid = Grid("EPSG:9205", Affine(500, 0, 400_000, 0, -500, 2_500_000), (380, 300))
    page = render_map(
        dataclasses.replace(
            made,
            communes=gpd.GeoDataFrame(communes, geometry=rings, crs=4326),
            sectors=gpd.GeoDataFrame(sectors, geometry=lines, crs=4326),
            surface=(np.hypot(rows - 190, cols - 150) + 10 * np.sin(rows / 9), grid),
        )
    )
    assert len(page.encode()) < 1_000_000
    coordinates = re.findall(r"\d+\.(\d+),", json.dumps(data_of(page)["communes"]["shapes"]))
    assert max(map(len, coordinates)) <= 5
