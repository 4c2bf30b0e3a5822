import dataclasses
import re

import pypdf
import pytest
from matplotlib.patches import Circle

from maps.atlas import FILE, write_atlas
from maps.map_names import draw_names
from maps.paper_layers import paper_layers
from maps.scale import Frame
from maps.sheet import Sheet
from tests.maps.map_content import HOSTILE
from tests.maps.paper_content import CRS, NAMES, doubted, paper_content, with_corners

MM = 72 / 25.4


def atlas(folder, made, lang="vi"):
    assert write_atlas(folder, made, CRS, lang=lang) == FILE
    return pypdf.PdfReader(folder / FILE)


def words_of(page):
    return " ".join(page.extract_text().split())


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return atlas(tmp_path_factory.mktemp("atlas"), paper_content())


def test_a_page_for_each_commune_by_rank_and_a_list_of_them(book):
    assert len(book.pages) == 6
    assert [entry.title for entry in book.outline] == [f"{i}. {name}" for i, name in enumerate(NAMES, start=1)]
    for place, (page, name) in enumerate(zip(book.pages, NAMES, strict=True)):
        assert f" {place + 1}. {name} " in words_of(page)
        assert [float(side) / MM for side in page.mediabox[2:]] == pytest.approx([210, 297], abs=0.01)
        assert book.get_destination_page_number(book.outline[place]) == place


def test_of_many_communes_the_first_have_a_page_and_every_page_says_so(tmp_path, book):
    write_atlas(tmp_path, paper_content(), CRS, lang="en", pages=4)
    short = pypdf.PdfReader(tmp_path / FILE)
    assert [entry.title for entry in short.outline] == [f"{i}. {name}" for i, name in enumerate(NAMES[:4], start=1)]
    assert all("The first 4 of 6 communes have a page." in words_of(page) for page in short.pages)
    assert "1 of 6" in words_of(short.pages[0])
    assert "have a page" not in words_of(book.pages[0])


def test_every_page_says_that_it_is_simulated_and_what_it_is_not_for(book):
    for page in book.pages:
        text = words_of(page)
        assert "SIMULATED DATA: nothing in these records happened" in text
        assert "không phải căn cứ để khám xét" in text
        assert "23/11/2026" in text
        assert "Có giá trị đến 22/05/2027. Mô hình: mặc định, khớp với chính số liệu này. Mức phát hành: cán bộ" in text


def test_a_page_holds_numbers_with_intervals_reasons_neighbours_and_sectors(tmp_path):
    first = words_of(atlas(tmp_path, paper_content(), "en").pages[0])
    for said in ("1 of 6", "12.50", "6.25 to 25", "25.0 %", "90.0 %", "17,400", "reason", "LAO-001", "60.0 %"):
        assert said in first
    # A 2 × 3 chessboard: the first touches the second, the fourth and, at its corner, the fifth.
    neighbours = first[first.index("Neighbouring communes") : first.index("Border sectors")]
    assert [name for name in NAMES if name in neighbours] == [NAMES[1], NAMES[3], NAMES[4]]


def test_a_moved_commune_says_why_and_until_when_and_a_doubted_one_how_far(tmp_path):
    first, second, third = (words_of(page) for page in atlas(tmp_path, doubted(paper_content()), "en").pages[:3])
    for said in ("Moved by a planner (police): new road", "Rank by the model 3", "Moved until 2026-06-30"):
        assert said in first
        assert said not in second
    assert "leaves the first 10 % in 34.0 % of the cases" in second
    assert "Place unsure" not in first + third


def test_a_page_keeps_the_sources_of_cases_apart(tmp_path):
    made = paper_content()
    communes = made.communes.assign(cases=9, cases_reported=5, cases_by_patrol=3, cases_by_outreach=1)
    text = words_of(atlas(tmp_path, dataclasses.replace(made, communes=communes), "en").pages[0])
    assert "of these reported 5 … of these found by patrols 3 … of these by mailboxes of outreach 1" in text


def test_what_all_pages_share_is_stored_once(book):
    assert len({page.raw_get("/Contents")[0].idnum for page in book.pages}) == 1
    assert len({page.raw_get("/Contents")[1].idnum for page in book.pages}) == len(book.pages)


def test_each_map_is_georeferenced_where_its_commune_is(book):
    for place, page in enumerate(book.pages):
        degrees = [float(value) for value in page["/VP"][0]["/Measure"]["/GPTS"]]
        shape = paper_content().communes.geometry.iloc[place]
        assert min(degrees[0::2]) < shape.bounds[1] < shape.bounds[3] < max(degrees[0::2])
        assert min(degrees[1::2]) < shape.bounds[0] < shape.bounds[2] < max(degrees[1::2])


def test_nothing_is_drawn_outside_its_map():
    """The last commune lies in the north-east, both drawn crossings in the west."""
    layers, sheet = paper_layers(paper_content(), CRS), Sheet(210, 297)
    frame = Frame.around(layers.communes.geometry.iloc[5].bounds, (20, 100, 160, 100))
    assert draw_names(sheet, frame, layers) == 0
    discs = [artist.center for artist in sheet.figure.artists if isinstance(artist, Circle)]
    assert len(discs) > 0
    assert all(20 < x < 180 and 100 < y < 200 for x, y in discs)


def test_the_same_content_gives_the_same_bytes(tmp_path):
    atlas(tmp_path, paper_content())
    first = (tmp_path / FILE).read_bytes()
    made = paper_content()
    atlas(tmp_path, dataclasses.replace(made, communes=made.communes[::-1], sectors=made.sectors[::-1]))
    assert (tmp_path / FILE).read_bytes() == first


def test_hostile_names_and_reasons(tmp_path):
    made = paper_content(HOSTILE)
    made.communes["reason_vi"] = "lý do \u202e 🏔 " * 200
    book = atlas(tmp_path, made)
    assert " 1. <script>window.hacked = 1</script> " in words_of(book.pages[0])
    assert len(re.search(r"4\. Bản (dài )+", words_of(book.pages[3]) + " ")[0]) < 80
    assert "□" in words_of(book.pages[4])


def test_one_commune_alone_without_border_or_crossings(tmp_path):
    made = paper_content()
    alone = dataclasses.replace(
        made, communes=made.communes[:1], sectors=made.sectors[:0], crossings=made.crossings[:0], surface=None
    )
    book = atlas(tmp_path, alone, "en")
    assert len(book.pages) == 1
    assert "1 of 1" in words_of(book.pages[0])


def test_an_outline_of_a_hundred_thousand_corners(tmp_path):
    made = paper_content()
    atlas(tmp_path, dataclasses.replace(made, communes=with_corners(made)))
    assert (tmp_path / FILE).stat().st_size < 2_000_000
