"""Sheets as others read them: by pypdf, which sees operators and text, and by GDAL, which sees the map."""

import dataclasses
import json
import re
from itertools import combinations

import numpy as np
import pypdf
import pyproj
import pytest
import shapely
from matplotlib.patches import Rectangle
from PIL import Image

from maps import map_names
from maps.furniture import grid_note
from maps.print import draw_print, write_print
from maps.sheet import _Line, save_pdf
from maps.typeset import width_mm
from tests.maps.map_content import HOSTILE, SIDE, SOUTH, WEST
from tests.maps.paper_content import CRS, NAMES, doubted, paper_content, with_corners

MM = 72 / 25.4


@pytest.fixture(scope="module")
def drawn():
    return draw_print(paper_content(), CRS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("print")
    assert write_print(folder, paper_content(), CRS) == ["map_a3.pdf", "map_a3.png"]
    return folder


@pytest.fixture(scope="module")
def page(folder):
    return pypdf.PdfReader(folder / "map_a3.pdf").pages[0]


def text_of(tmp_path, made, lang="en"):
    """Return the text of a sheet that is drawn as PDF only."""
    save_pdf(tmp_path / "map.pdf", [draw_print(made, CRS, lang=lang).sheet], title="", made_on=made.made_on)
    return words_of(pypdf.PdfReader(tmp_path / "map.pdf").pages[0])


def vertices(page):
    """Return the ends of all lines of a page's paths, mm."""
    stream = page.get_contents().get_data().decode("latin1")
    return np.array(re.findall(r"^(-?[\d.]+) (-?[\d.]+) [ml]$", stream, re.MULTILINE), dtype=float) / MM


def metric(lon, lat):
    return pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(lon, lat)


def words_of(page):
    return " ".join(page.extract_text().split())


def test_the_paper_has_its_size(page, tmp_path):
    assert [float(side) / MM for side in page.mediabox[2:]] == pytest.approx([420, 297], abs=0.01)
    assert write_print(tmp_path, paper_content(), CRS, paper="a0") == ["map_a0.pdf"]
    large = pypdf.PdfReader(tmp_path / "map_a0.pdf").pages[0]
    assert sorted(float(side) / MM for side in large.mediabox[2:]) == pytest.approx([841, 1189], abs=0.01)


def test_the_picture_has_300_dots_an_inch(folder):
    with Image.open(folder / "map_a3.png") as picture:
        assert picture.size == pytest.approx((420 / 25.4 * 300, 297 / 25.4 * 300), abs=1)
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.01)


@pytest.mark.parametrize("paper", ["a3", "a0"])
def test_distances_measured_on_the_paper_are_those_on_the_ground_by_the_printed_scale(paper, tmp_path):
    """Two corners of communes, a third of a degree apart, found in the PDF's paths."""
    write_print(tmp_path, paper_content(), CRS, paper=paper)
    page = pypdf.PdfReader(tmp_path / f"map_{paper}.pdf").pages[0]
    ratio = float(re.search(r"1:([\d.]+)", page.extract_text())[1].replace(".", ""))
    found, frame = vertices(page), draw_print(paper_content(), CRS, paper=paper).frame
    places = [metric(WEST, SOUTH), metric(WEST + 3 * SIDE, SOUTH + 2 * SIDE)]
    near = [found[np.hypot(*(found - frame.magnification * frame.place([place])[0]).T).argmin()] for place in places]
    measured, expected = near[1] - near[0], 1000 * (np.array(places[1]) - places[0]) / ratio
    assert np.abs(measured - expected).max() < 0.1


def test_the_scale_bar_is_as_long_as_it_says(drawn, page):
    kilometres = float(re.search(r"(\d+) km\n", page.extract_text())[1])
    bars = [patch for patch in drawn.sheet.figure.artists if isinstance(patch, Rectangle) and patch.get_height() == 1.4]
    length = bars[-1].get_x() + bars[-1].get_width() - bars[0].get_x()
    assert len(bars) == 4
    assert length * drawn.frame.ratio == pytest.approx(kilometres * 1e6)


def test_gdal_finds_the_corners_within_a_metre(folder, drawn, gdalinfo):
    info = json.loads(gdalinfo("-json", folder / "map_a3.pdf"))
    system = pyproj.CRS.from_wkt(info["coordinateSystem"]["wkt"])
    assert (system.to_epsg(), system.geodetic_crs.to_epsg()) == (9205, 4756)
    corners = shapely.get_coordinates(shapely.from_wkt(info["metadata"][""]["NEATLINE"]))
    frame = drawn.frame
    expected = [(x, y) for x in (frame.west, frame.east) for y in (frame.south, frame.north)]
    for corner in expected:
        assert np.hypot(*(corners - corner).T).min() < 1
    # The same by the pixels of the whole page, of which GDAL makes a raster.
    west, across, _, north, _, down = info["geoTransform"]
    pixels, pixel_m = np.array(info["size"]) / (420, 297), frame.ratio / 1000 * 25.4 / 150
    assert west + across * frame.left * pixels[0] == pytest.approx(frame.west, abs=pixel_m)
    assert north + down * (297 - frame.bottom) * pixels[1] == pytest.approx(frame.south, abs=pixel_m)


def test_the_degrees_are_those_of_the_maps_own_datum(page, drawn):
    """WGS 84 would be some 200 m off."""
    measure = page["/VP"][0]["/Measure"]
    degrees = np.array([float(value) for value in measure["/GPTS"]]).reshape(-1, 2)[:, ::-1]
    own, wgs84 = (
        np.column_stack(pyproj.Transformer.from_crs(system, CRS, always_xy=True).transform(*degrees.T))
        for system in ("EPSG:4756", "EPSG:4326")
    )
    corner = drawn.frame.west, drawn.frame.south
    assert own[0] == pytest.approx(corner, abs=0.05)
    assert 150 < np.hypot(*(wgs84[0] - corner)) < 300
    assert measure["/GCS"]["/EPSG"] == 9205


def test_the_sheet_says_what_must_be_known(page):
    text = words_of(page)
    for said in (
        "SIMULATED DATA: nothing in these records happened", "DỮ LIỆU MÔ PHỎNG", "Tỉnh Mẫu", "01/01/2013",
        "31/12/2017", "23/11/2026", "01/07/2025", "EPSG:9205", "VN-2000", "không phải căn cứ để khám xét",
    ):  # fmt: skip
        assert said in text
    for name in NAMES:
        assert name in text
    # The web map's classes: three at most 0.2, then one each; see test_web.
    table = page.extract_text().split("Các xã, phường cần ưu tiên")[1]
    for rank, row in enumerate(("12,50 6,25 đến 25", "7,25 3,62 đến 14,50"), start=1):
        assert re.search(rf"{rank}\s+{NAMES[rank - 1]}\s+{row}", table)
    for bounds in (
        "0,035 đến 0,20 (3 xã, phường)",
        "0,35 (1 xã, phường)",
        "7,25 (1 xã, phường)",
        "12,50 (1 xã, phường)",
        "số liệu yếu (3 xã, phường)",
    ):
        assert bounds in text
    assert "60,0 %" in text


def test_without_known_effort_it_speaks_of_records_and_not_of_risk(tmp_path):
    made = paper_content(simulated=False, effort_known=False)
    made.communes["geometry_quality"] = "approximate"
    text = text_of(tmp_path, made)
    assert text.startswith("Tỉnh Mẫu: recorded cases, not risk")
    assert "do not measure distances" in text
    assert "Not corrected for outreach" in text
    assert "as they would go on being recorded" in " ".join(text.split())
    assert "even effort" not in text
    assert "SIMULATED" not in text


def test_the_sheet_bears_its_day_expiry_model_and_level(tmp_path):
    text = " ".join(text_of(tmp_path, paper_content(model_id="made-up", level="command")).split())
    assert "as of 2026-11-23" in text
    assert "Valid until 2027-05-22. Model: made-up. Level: command, restricted." in text


def test_doubted_and_moved_communes_are_marked_on_map_and_ranking_and_the_marks_explained(tmp_path):
    long = "Phường " + "Điện Biên " * 5
    names = [NAMES[0], long, *NAMES[2:]]
    plain, text = (
        " ".join(text_of(tmp_path, made).split()) for made in (paper_content(names), doubted(paper_content(names)))
    )
    for mark, name, said in (
        ("*", NAMES[0], "* moved by a planner"),
        ("?", "Phường Điện Biên", "? place unsure"),
    ):
        marked = rf"{name}[^?*0-9]* {re.escape(mark)}"
        assert len(re.findall(marked, text)) == 2  # on the map and in the ranking
        assert not re.search(marked, plain)
        assert said in text
        assert said not in plain


def test_a_long_name_is_shortened_and_keeps_its_mark(tmp_path):
    made = doubted(paper_content())
    long = "Phường " + "Điện Biên " * 20
    made = dataclasses.replace(made, communes=made.communes.assign(name=[NAMES[0], long, *made.communes["name"][2:]]))
    assert len(re.findall(r"Phường Điện Biên [^\n?]*… \?", text_of(tmp_path, made))) == 2


def test_fonts_travel_with_the_sheet(page):
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert {font["/Subtype"] for font in fonts} == {"/Type0"}
    for font in fonts:
        assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"]


def test_the_same_content_gives_the_same_bytes(folder, tmp_path):
    made = paper_content()
    turned = dataclasses.replace(made, communes=made.communes[::-1], sectors=made.sectors[::-1])
    write_print(tmp_path, turned, CRS)
    for name in ("map_a3.pdf", "map_a3.png"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_file_bears_the_contents_day(folder):
    about = pypdf.PdfReader(folder / "map_a3.pdf").metadata
    assert str(about.creation_date.date()) == "2026-11-23"
    assert about.title == "Tỉnh Mẫu: nguy cơ mua bán người"


def grounds_of(sheet):
    """Return the boxes behind the names: left, bottom, right, top."""
    patches = [patch for patch in sheet.figure.artists if isinstance(patch, Rectangle) and patch.get_alpha() == 0.75]
    return [(p.get_x(), p.get_y(), p.get_x() + p.get_width(), p.get_y() + p.get_height()) for p in patches]


@pytest.mark.parametrize("names", [NAMES, HOSTILE])
def test_names_on_the_map_do_not_overlap(names):
    boxes = grounds_of(draw_print(paper_content(names), CRS).sheet)
    assert len(boxes) == 6 + 2
    for a, b in combinations(boxes, 2):
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]


def test_of_many_communes_the_first_are_named_and_it_is_said_how_many_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(map_names, "MOST", 4)
    assert len(grounds_of(draw_print(paper_content(), CRS).sheet)) == 4 + 2
    text = text_of(tmp_path, paper_content())
    assert "2 communes have no room for their name" in text
    assert [text.count(name) for name in NAMES] == [2] * 4 + [1] * 2  # on the map and in the ranking


def test_wide_numbers_of_the_ranking_keep_apart():
    made = paper_content()
    communes = made.communes.assign(expected=10_086.45, lower=9_981.04, upper=10_192.32)
    sheet = draw_print(dataclasses.replace(made, communes=communes), CRS).sheet
    lines = [part for part in sheet.figure.artists if isinstance(part, _Line)]
    for one, other in combinations(lines, 2):
        (x, y), (other_x, other_y) = one._start, other._start
        if y == other_y and x <= other_x:
            assert x + width_mm(one._text, one._font.get_size()) <= other_x


def test_a_projection_without_a_name_is_not_spelled_out():
    own = "+proj=lcc +lat_0=19 +lon_0=105 +lat_1=16 +lat_2=22 +x_0=1085000 +y_0=2020000 +ellps=WGS84 +units=m"
    frame = draw_print(paper_content(), CRS).frame
    assert "VN-2000" in grid_note(frame, CRS, "en")
    assert grid_note(frame, own, "en").startswith("Grid of the settings' own projection, a line every")


def test_hostile_names_are_shown_shortened_or_replaced_and_it_is_said(tmp_path):
    made = paper_content(["<script>alert(1)</script>", '" $x_1$ \\frac{1}{2}', "a\u202eb", *HOSTILE[3:5], "Xã"])
    text = text_of(tmp_path, made)
    assert "<script>" in text
    assert "$x_1$" in text
    assert "Mường Nhé □" in text
    assert "1 characters that the font lacks are printed as □" in text
    assert "\u202e" not in text
    assert max(len(run) for run in re.findall(r"(?:dài ?)+", text)) < 60


def test_what_is_missing_is_left_out_or_said(tmp_path):
    made = paper_content()
    none = dataclasses.replace(
        made, surface=None, crossings=made.crossings[:0], communes=made.communes[:1], sectors=made.sectors[:0]
    )
    text = text_of(tmp_path, none)
    assert "12.50 (1 communes)" in text
    assert "Border" not in text
    hidden = dataclasses.replace(made, crossings=made.crossings[2:])
    text = text_of(tmp_path, hidden)
    assert "1 crossings without a known position are not drawn" in text


def test_communes_without_a_number_are_grey_and_counted(tmp_path):
    made = paper_content()
    made.communes.loc[5, ["expected", "lower", "upper", "rank"]] = np.nan
    assert "no data (1 communes)" in text_of(tmp_path, made)


def test_an_outline_of_a_hundred_thousand_corners(tmp_path):
    made = paper_content()
    assert NAMES[0] in text_of(tmp_path, dataclasses.replace(made, communes=with_corners(made)))
    assert (tmp_path / "map.pdf").stat().st_size < 1_000_000


def test_a_wide_province_lies_on_the_paper():
    made = paper_content()
    wide = made.communes.copy()
    wide.geometry = wide.geometry.affine_transform([4, 0, 0, 0.5, -3 * WEST, SOUTH / 2])
    drawn = draw_print(dataclasses.replace(made, communes=wide, sectors=made.sectors[:0]), CRS)
    assert drawn.sheet.width > drawn.sheet.height
    # By hand: 1.2° of longitude at 21.5° N are 124 km, which take 338 mm of paper at 1:368,000.
    assert drawn.frame.ratio == 400_000
    upright = made.communes.copy()
    upright.geometry = upright.geometry.affine_transform([0.5, 0, 0, 4, WEST / 2, -3 * SOUTH])
    drawn = draw_print(dataclasses.replace(made, communes=upright, sectors=made.sectors[:0]), CRS)
    assert drawn.sheet.width < drawn.sheet.height
