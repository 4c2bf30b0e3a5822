"""What a planner does with the map: search, choose how many, switch views, walk through the year, compare, print."""

import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from geo.season import MONTHS, Season
from maps.earlier import EarlierRun
from maps.palette import MONTHS as TONES
from maps.web import render_map
from maps.web_words import words
from tests.maps.map_content import content

pytestmark = pytest.mark.browser

NAMES = ["Xã Đồng Đăng", "Phường Điện Biên Phủ", "Xã Mường Ảng", "Xã Mường Nhà", "Xã Sín Thầu", "Xã Nà Hỳ"]
WORDS = words()["en"]


def season():
    """The first commune has 4 in January, the second 1 in July, the third 3 in each month; the others nothing."""
    counts = np.zeros((6, 12), int)
    counts[0, 0], counts[1, 6], counts[2] = 4, 1, 3
    return Season(pd.DataFrame(counts, [f"{i:05}" for i in range(1, 7)], MONTHS), pd.Series(5, MONTHS), 2)


def earlier():
    """The third was first, the sixth is new; of the first the interval of then does not hold today's figure."""
    outreach = pd.DataFrame(
        {
            "commune_code": ["00003", "00001", "00002", "00004", "00005"],
            "rank": [1.0, 2.0, 3.0, 4.0, 5.0],
            "expected": [9.0, 8.0, 7.0, 0.3, 0.2],
            "lower": [8.0, 6.0, 6.0, 0.1, 0.1],
            "upper": [10.0, 9.0, 9.0, 0.9, 0.9],
        }
    )
    return EarlierRun(
        "earlier",
        "2026-08-20",
        ("2013-01-01", "2017-09-30"),
        {},
        None,
        outreach,
        pd.DataFrame({"sector_id": ["LAO-002", "LAO-001"], "rank": [1.0, 2.0]}),
    )


def made(**changes):
    given = content(names=NAMES, title="Tỉnh Mẫu", season=season(), earlier=earlier())
    for name, value in changes.items():
        given.communes[name] = value
    return given


@pytest.fixture(scope="module")
def html():
    return render_map(made(), "en")


def plain(text):
    return " ".join(text.split())


def slide(page, name, value):
    page.locator(f"#{name}").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }", str(value)
    )


def season_layer(page):
    """Choose the layer; on a phone the list of layers has to be opened first."""
    if not page.get_by_label(WORDS["season_layer"]).is_visible():
        page.get_by_role("button", name=WORDS["layers"]).focus()
        page.keyboard.press("Enter")
        # Leaflet takes the click that comes with the first touch for the one that opened the list.
        page.locator(".leaflet-control-layers").hover()
        page.wait_for_timeout(50)
    page.get_by_label(WORDS["season_layer"]).check()


class TestSearch:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("dien bien", ["Phường Điện Biên Phủ"]),
            ("DONG dang", ["Xã Đồng Đăng", "LAO-001", "Cửa khẩu A"]),
            ("muong", ["Xã Mường Ảng", "Xã Mường Nhà", "LAO-002", "CHN-001", "<b>Lối mở B</b>", "Lối mở C"]),
            ("mường ang", ["Xã Mường Ảng"]),
            ("lao 002", ["LAO-002"]),
            ("loi mo c", ["Lối mở C"]),
            ("00005", ["Xã Sín Thầu"]),
            ("nothing", []),
        ],
    )
    def test_it_finds_all_kinds_whatever_the_accents(self, visit, html, typed, found):
        page = visit(html).page
        page.get_by_label(WORDS["search"]).fill(typed)
        expect(page.locator("#list .name > bdi")).to_have_text(found)
        expect(page.locator("#found")).to_have_text(f"{len(found)} found")

    def test_it_is_done_by_keyboard_alone(self, visit, html):
        page = visit(html).page
        page.keyboard.press("/")
        page.keyboard.type("muong")
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        expect(page.locator("#list .row").nth(1)).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(page.locator(".card h2")).to_have_text("Xã Mường Ảng")
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowUp")
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#list .row")).to_have_count(6)
        expect(page.locator("#found")).to_be_hidden()

    def test_enter_opens_what_is_found_first_and_a_switch_ends_the_search(self, visit, html):
        page = visit(html).page
        page.locator("#search").fill("sin thau")
        page.locator("#search").press("Enter")
        expect(page.locator(".card h2")).to_have_text("Xã Sín Thầu")
        page.click("#tab-sectors")
        expect(page.locator("#search")).to_have_value("")
        expect(page.locator("#list .row")).to_have_count(3)


class TestHowMany:
    def test_the_slider_says_what_the_first_ones_hold(self, visit, html):
        """12.5 of 20.5361 events, then 12.5 + 7.25."""
        page = visit(html).page
        for k, share in ((1, "60.9 %"), (2, "96.2 %"), (6, "100.0 %")):
            slide(page, "first", k)
            expect(page.locator("#share")).to_have_text(WORDS["first_communes"].format(k=k, share=share))
            expect(page.locator("#list .row.first")).to_have_count(k)
            expect(page.locator("path.communes[stroke='#111']")).to_have_count(k)
            expect(page.locator(".label.top")).to_have_count(k)
            expect(page.locator(".legend")).to_contain_text(WORDS["first_legend"].format(k=k))

    def test_equals_come_first_together(self, visit):
        page = visit(render_map(made(rank=[1, 2, 3, 4, 4, 6]), "en")).page
        slide(page, "first", 4)
        expect(page.locator("#list .row.first")).to_have_count(5)
        expect(page.locator("#share")).to_contain_text("The first 5 hold")

    def test_arrows_move_it(self, visit, html):
        page = visit(html).page
        slide(page, "first", 3)
        page.get_by_label(WORDS["how_many_communes"]).focus()
        page.keyboard.press("ArrowLeft")
        expect(page.locator("#list .row.first")).to_have_count(2)

    def test_each_view_has_its_own(self, visit, html):
        page = visit(html).page
        slide(page, "first", 2)
        page.click("#tab-sectors")
        slide(page, "first", 1)
        expect(page.locator("#share")).to_have_text(WORDS["first_sectors"].format(k=1, share="60.0 %"))
        page.click("#tab-communes")
        expect(page.locator("#first")).to_have_value("2")


def test_the_switch_puts_the_communes_or_the_border_in_front(visit, html):
    page = visit(html).page
    state = """() => ({
        fill: [...new Set([...document.querySelectorAll("path.communes")].map((p) => p.getAttribute("fill-opacity")))],
        lines: [...document.querySelectorAll("path.sectors")].map((p) => Number(p.getAttribute("stroke-width"))),
        legend: [...document.querySelectorAll(".legend h3")].map((h) => h.textContent),
    })"""
    outreach = page.evaluate(state)
    page.click("#tab-sectors")
    patrol = page.evaluate(state)
    assert (outreach["fill"], patrol["fill"]) == (["1"], ["0.4"])
    assert all(thick > thin for thick, thin in zip(patrol["lines"], outreach["lines"], strict=True))
    assert outreach["legend"] == [WORDS[f"{kind}_layer"] for kind in ("communes", "sectors", "crossings")]
    assert patrol["legend"] == [WORDS[f"{kind}_layer"] for kind in ("sectors", "crossings", "communes")]
    page.click("#tab-communes")
    assert page.evaluate(state) == outreach


class TestSeason:
    def fills(self, page):
        return [path.get_attribute("fill") for path in page.locator("path.communes").all()]

    def test_the_slider_walks_through_the_year(self, visit, html):
        page = visit(html).page
        expect(page.locator(".season")).to_be_hidden()
        page.get_by_label(WORDS["season_layer"]).check()
        output = page.locator(".season output")
        expect(output).to_have_text("13 of 41 recorded events in December to February (5 years together)")
        assert sorted(self.fills(page)) == sorted([TONES[3], TONES[3], *["#ffffff"] * 4])
        page.get_by_label(WORDS["season_slider"]).focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        expect(output).to_have_text("10 of 41 recorded events in May to July (5 years together)")
        assert sorted(self.fills(page)) == sorted([TONES[0], TONES[3], *["#ffffff"] * 4])
        for note in (WORDS["season_note"], WORDS["season_even"], WORDS["season_undated"].format(n=2)):
            expect(page.locator(".legend p", has_text=note)).to_be_visible()
        page.click("#language")
        expect(output).to_contain_text("tháng 5 đến tháng 7")
        page.locator(".leaflet-control-layers input[type=radio]").first.check()
        expect(page.locator(".season")).to_be_hidden()
        assert "#ffffff" not in self.fills(page)

    def test_without_records_there_is_no_such_layer(self, visit):
        page = visit(render_map(content(names=NAMES), "en")).page
        expect(page.get_by_label(WORDS["season_layer"])).to_have_count(0)


class TestUncertainty:
    def test_weak_communes_are_hatched_in_their_colour(self, visit, html):
        page = visit(html).page
        fills = [path.get_attribute("fill") for path in page.locator("path.communes").all()]
        hatched = {fill for fill in fills if fill.startswith("url(#weak-")}
        assert sum(fill in hatched for fill in fills) == 3
        for fill in hatched:
            expect(page.locator(f"pattern{fill[4:-1]}")).to_have_count(1)
        expect(page.locator(".legend")).to_contain_text(WORDS["weak_legend"].format(n=3))
        expect(page.locator("#list .swatch.hatched")).to_have_count(3)

    def test_intervals_share_one_scale(self, visit, html):
        """The longest reaches to 25 = 2 × 12.5, so the first is drawn from a quarter to the end."""
        page = visit(html).page
        style = "node => [node.querySelector('.range').style, node.querySelector('.point').style]"
        bars = page.locator("#list .interval").evaluate_all(
            f"nodes => nodes.map({style}).map(([range, point]) => [range.left, range.width, point.left])"
        )
        assert len(bars) == 6
        assert bars[0] == ["25%", "75%", "50%"]
        assert [float(part[:-1]) for part in bars[1]] == pytest.approx([14.5, 43.5, 29])
        page.locator("#list .row").nth(1).click()
        expect(page.locator(".card .scale")).to_have_text("025")


class TestChanges:
    def test_what_changed_since_the_run_before_is_said(self, visit, html):
        page = visit(html).page
        slide(page, "first", 2)
        said = WORDS["changes"].format(day="2026-08-20", until="2017-09-30", n=1, k=2, up=2, down=1)
        expect(page.locator(".changes")).to_have_text(said)
        moves = [plain(text) for text in page.locator("#list .move .spoken").all_inner_texts()]
        assert moves == [
            WORDS["moved_up"].format(n=1),
            WORDS["moved_up"].format(n=1),
            WORDS["moved_down"].format(n=2),
            WORDS["moved_new"],
        ]

    def test_a_card_tells_the_rank_of_then_and_whether_it_may_be_chance(self, visit, html):
        page = visit(html).page
        card = page.locator(".card")
        page.locator("#list .row").nth(0).click()
        expect(card.locator("tr", has_text=WORDS["rank_before"])).to_contain_text("2")
        expect(card.locator("tr", has_text=WORDS["expected_before"])).to_contain_text("8")
        expect(card).not_to_contain_text(WORDS["perhaps_chance"])
        page.locator("#list .row").nth(1).click()
        expect(card).to_contain_text(WORDS["perhaps_chance"])
        page.locator("#list .row").nth(5).click()
        expect(card.locator("tr", has_text=WORDS["rank_before"])).to_contain_text(WORDS["not_ranked"])

    def test_sectors_move_too(self, visit, html):
        page = visit(html).page
        page.click("#tab-sectors")
        assert page.locator("#list .move").evaluate_all("nodes => nodes.map((node) => node.textContent)") == [
            f"▲1{WORDS['moved_up'].format(n=1)}",
            f"▼1{WORDS['moved_down'].format(n=1)}",
            f"✱{WORDS['moved_new']}",
        ]

    def test_a_first_run_says_nothing_of_changes(self, visit):
        page = visit(render_map(content(names=NAMES), "en")).page
        expect(page.locator(".changes, .move")).to_have_count(0)


class TestPrint:
    def many(self):
        return content(names=[f"Xã {i}" for i in range(24)], expected=np.linspace(9, 0.1, 24))

    def test_one_page_holds_title_map_legend_and_the_first_ten(self, visit):
        page = visit(render_map(self.many(), "en")).page
        expect(page.locator("#list .row")).to_have_count(24)
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        visible = page.locator("#list .row").evaluate_all("rows => rows.filter((row) => row.offsetParent).length")
        assert visible == 10
        for shown in ("#title", "#simulated", ".legend div >> nth=0", "#about", "#share", "path.communes >> nth=0"):
            expect(page.locator(shown)).to_be_visible()
        for hidden in ("#search", "#language", "#first", ".leaflet-control-layers", "#tab-sectors"):
            expect(page.locator(hidden)).to_be_hidden()

    def test_the_screen_is_afterwards_as_it_was(self, visit):
        page = visit(render_map(self.many(), "en")).page
        page.locator(".legend summary").click()
        page.locator("#list .row").nth(3).click()
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)
        before = page.locator("path.communes").nth(3).bounding_box()
        page.pdf()
        page.wait_for_timeout(300)
        assert page.locator("path.communes").nth(3).bounding_box() == pytest.approx(before, abs=1.5)
        expect(page.locator(".legend")).not_to_have_attribute("open", "")


LOW_CONTRAST = """() => {
    const parts = (text) => text.match(/[\\d.]+/g).map(Number);
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const light = (rgb) => rgb.slice(0, 3).map((c) => linear(c / 255))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const colour = parts(getComputedStyle(at).backgroundColor);
            if (colour.length < 4 || colour[3] > 0.9) return colour;
        }
        return [255, 255, 255];
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const low = [];
    let seen = 0;
    while (texts.nextNode()) {
        const node = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !node.checkVisibility()) continue;
        if (node.closest("script, .label, .crossing, .leaflet-tooltip")) continue;
        const [text, ground] = [parts(getComputedStyle(node).color), behind(node)].map(light);
        const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
        seen += 1;
        if (ratio < 4.5) low.push([texts.currentNode.data, ratio]);
    }
    return { seen, low };
}"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (412, 915)])
def test_every_text_stands_out_by_4_5_to_1(visit, html, width, height):
    """WCAG 2.2, success criterion 1.4.3."""
    page = visit(html, width, height).page
    states = [page.evaluate(LOW_CONTRAST)]
    page.locator("#list .row").nth(5).click()
    states.append(page.evaluate(LOW_CONTRAST))
    page.keyboard.press("Escape")
    season_layer(page)
    page.click("#tab-sectors")
    page.locator("#search").fill("x")
    states.append(page.evaluate(LOW_CONTRAST))
    assert [state["low"] for state in states] == [[], [], []]
    assert min(state["seen"] for state in states) > 30


def test_everything_that_can_be_used_has_a_name(visit, html):
    page = visit(html).page
    page.get_by_label(WORDS["season_layer"]).check()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, a[href], summary, [role=button]")].filter((node) =>
            node.checkVisibility() && !(node.ariaLabel || node.title || node.textContent.trim() || node.labels?.length))
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []


def test_a_phone_reaches_search_slider_and_the_limits(visit, html):
    page = visit(html, width=412, height=915).page
    season_layer(page)
    slide(page, "month", 6)
    slide(page, "first", 2)
    page.locator("#search").fill("sin thau")
    expect(page.locator("#list .row")).to_have_count(1)
    page.locator("#about").scroll_into_view_if_needed()
    expect(page.locator("#about")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 412
    frame = page.locator(".map").bounding_box()
    box = page.locator(".season").bounding_box()
    assert box["x"] + box["width"] <= 412
    assert frame["y"] <= box["y"] < box["y"] + box["height"] <= frame["y"] + frame["height"]
