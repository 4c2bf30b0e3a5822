"""What the world may put into a map: markup, endless names, scripts that run from the right, and next to nothing."""

import numpy as np
import pytest
import shapely
from playwright.sync_api import expect

from maps.web import render_map
from maps.web_words import words
from tests.maps.map_content import EXPECTED, SIDE, SOUTH, WEST, content

pytestmark = pytest.mark.browser

WORDS = words()["en"]
SCRIPT = "<script>window.hacked = 1</script>"
QUOTES = "\"><svg onload='window.hacked = 1'>' `${window.hacked = 1}` &lt;b&gt; \\u003c {{ 7 * 7 }} {% raw %} {n}"
EMOJI = "Bản 🏔️ 👩‍👧‍👦 Z̸̢͝a̷l̶g̸o̵"
FROM_THE_RIGHT = "Xã \u202eđảo ngược\u2067 و \u05d0\u05d1\u05d2"
LONG = "Dài" * 66 + "!!"
CONTROL = "Xã\u0000\u0007\u2028 </title></style><!-- ]]>"
NAMES = [SCRIPT, QUOTES, EMOJI, FROM_THE_RIGHT, LONG, CONTROL]


def walk(page):
    """Use everything that shows a text from the data."""
    for tab in ("communes", "sectors", "crossings"):
        page.click(f"#tab-{tab}")
        for row in page.locator("#list button.row").all():
            row.click()
            page.keyboard.press("Escape")
    for kind in ("communes", "sectors"):
        for path in page.locator(f"path.{kind}").all():
            path.dispatch_event("mouseover")
            path.dispatch_event("mouseout")
    for typed in (SCRIPT, QUOTES, FROM_THE_RIGHT, "\\", "(", "[a-", "%", "{n}"):
        page.locator("#search").fill(typed)
    page.locator("#search").fill("")
    page.click("#language")
    page.emulate_media(media="print")
    page.evaluate("['beforeprint', 'afterprint'].forEach((name) => window.dispatchEvent(new Event(name)))")
    page.wait_for_timeout(100)


def assert_harmless(opened):
    page = opened.page
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [page.url]
    assert page.evaluate("window.hacked") is None
    # Leaflet's, ours, folium's, and the data; nothing that a text brought along.
    assert page.locator("script").count() == 4
    assert page.locator("svg[onload], [onerror], [onmouseover], iframe, object, embed, link").count() == 0


def test_hostile_texts_in_every_field_are_shown_and_do_nothing(visit):
    made = content(names=NAMES, title=" ".join(NAMES))
    made.communes["district"] = NAMES[::-1]
    made.communes["commune_code"] = [f"<i>{i}</i>\"'" for i in range(6)]
    for layer in (made.communes, made.sectors):
        layer["reason_vi"] = layer["reason_en"] = (NAMES * 2)[: len(layer)]
    made.sectors["sector_id"] = NAMES[:3]
    made.sectors["commune_code"] = made.communes["commune_code"].iloc[3]
    made.crossings["name"] = NAMES[3:]
    made.crossings["crossing_id"] = NAMES[:3]
    opened = visit(render_map(made, "en"))
    page = opened.page
    shown = page.locator("#list .name > bdi").evaluate_all("nodes => nodes.map((node) => node.textContent)")
    assert shown == NAMES
    walk(page)
    assert_harmless(opened)


def test_a_name_from_the_right_leaves_what_stands_beside_it_in_its_place(visit):
    page = visit(render_map(content(names=NAMES), "en")).page
    row = page.locator("#list .row").nth(3)
    texts = row.evaluate("node => [...node.children].map((child) => child.getBoundingClientRect().left)")
    assert texts == sorted(texts)
    small = row.locator("small")
    assert small.inner_text() == "Huyện Sông A · weak data"
    ends = small.evaluate(
        """node => [...node.childNodes].map((part) => {
            const range = document.createRange();
            range.selectNode(part);
            return range.getBoundingClientRect().left;
        })"""
    )
    assert ends == sorted(ends)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (412, 915)])
def test_two_hundred_letters_without_a_space_break_no_page(visit, width, height):
    page = visit(render_map(content(names=NAMES, title=LONG), "en"), width, height).page
    page.locator("#list .row").nth(4).click()
    page.wait_for_timeout(400)
    page.locator("path.communes").nth(4).dispatch_event("mouseover")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for part in ("#list .row >> nth=4", ".leaflet-popup", "#title"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= width, part


class TestNextToNothing:
    def test_no_crossings_no_surface_no_sectors(self, visit):
        made = content(names=["a", "b"], surface=None)
        made = content(names=["a", "b"], surface=None, sectors=made.sectors.iloc[:0], crossings=made.crossings.iloc[:0])
        opened = visit(render_map(made, "en"))
        page = opened.page
        expect(page.locator(".legend")).to_contain_text(WORDS["no_surface"])
        expect(page.locator(".leaflet-control-layers")).not_to_contain_text(WORDS["sectors_layer"])
        for tab in ("sectors", "crossings"):
            page.click(f"#tab-{tab}")
            expect(page.locator("#list")).to_have_text(WORDS[f"no_{tab}"])
            expect(page.locator("#top")).to_be_hidden()
        walk(page)
        assert_harmless(opened)

    def test_one_commune_fills_the_map_and_has_no_slider(self, visit):
        opened = visit(render_map(content(names=["Xã duy nhất"]), "en"))
        page = opened.page
        expect(page.locator("path.communes")).to_have_count(1)
        expect(page.locator("#top")).to_be_hidden()
        expect(page.locator(".legend")).to_contain_text("12.50 (1 communes)")
        assert page.locator("path.communes").bounding_box()["height"] > 300
        walk(page)
        assert_harmless(opened)

    def test_communes_of_which_nothing_is_known(self, visit):
        made = content(names=["a", "b", "c"])
        made.communes[["expected", "lower", "upper", "rate", "p_top10", "detection"]] = np.nan
        made.communes[["rank"]] = np.nan
        made.communes[["reason_vi", "reason_en", "district"]] = None
        opened = visit(render_map(made, "en"))
        page = opened.page
        expect(page.locator(".legend")).to_contain_text(WORDS["no_data"])
        expect(page.locator("#share")).to_contain_text("hold –")
        expect(page.locator("#list .row.first")).to_have_count(0)
        walk(page)
        assert_harmless(opened)


def test_an_outline_of_a_hundred_thousand_corners_is_drawn_with_fewer(visit):
    angles = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    radius = SIDE * (0.4 + 0.05 * np.sin(997 * angles))
    ring = np.c_[np.cos(angles), np.sin(angles)] * radius[:, None] + (WEST - SIDE, SOUTH + SIDE)
    made = content(names=[f"Xã {i}" for i in range(6)], expected=EXPECTED)
    made.communes.loc[0, "geometry"] = shapely.Polygon(ring)
    html = render_map(made, "en")
    assert len(html) < 600_000
    opened = visit(html)
    opened.page.locator("#list .row").first.click()
    expect(opened.page.locator(".card h2")).to_have_text("Xã 0")
    assert_harmless(opened)
