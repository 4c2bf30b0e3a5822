import pytest
from playwright.sync_api import expect

from maps.web import render_map
from maps.web_words import words
from tests.maps.map_content import HOSTILE, content

pytestmark = pytest.mark.browser

WORDS = words()["vi"]


@pytest.fixture(scope="module")
def html():
    return render_map(content())


def plain(text):
    """Text as a browser shows it, with runs of spaces made one."""
    return " ".join(text.split())


def test_the_page_asks_for_nothing_and_complains_of_nothing(visit, html):
    opened = visit(html)
    outside = [url for url in opened.requests if not url.startswith("data:")]
    assert outside == [opened.page.url]
    assert opened.complaints == []


def test_communes_sectors_crossings_and_ranking_are_drawn(visit, html):
    page = visit(html).page
    expect(page.locator("path.communes")).to_have_count(6)
    expect(page.locator("path.sectors")).to_have_count(3)
    expect(page.locator(".leaflet-marker-icon.crossing")).to_have_count(2)
    expect(page.locator(".leaflet-marker-icon.crossing.demo")).to_have_count(1)
    rows = page.locator("#list .row")
    expect(rows).to_have_count(6)
    values = page.locator("#list .row > :last-child").all_inner_texts()
    assert values == ["12,50", "7,25", "0,35", "0,20", "0,20", "0,035"]
    assert plain(rows.last.inner_text()) == "6 Xã Nà Hỳ Huyện Sông A · số liệu yếu 0,035"
    page.get_by_role("button", name="Đoạn biên giới cần tuần tra").click()
    assert [plain(row) for row in rows.all_inner_texts()] == [
        plain(f"1 LAO-001 Lào · {HOSTILE[0]} 60,0 %"),
        plain(f"2 LAO-002 Lào · {HOSTILE[3]} 30,0 %"),
        plain(f"3 CHN-001 Trung Quốc · {HOSTILE[3]} 10,0 %"),
    ]


def test_the_map_shows_the_whole_province_between_the_panels(visit, html):
    page = visit(html).page
    frame = page.locator(".map").bounding_box()
    for path in page.locator("path.communes").all():
        box = path.bounding_box()
        assert frame["x"] <= box["x"]
        assert box["x"] + box["width"] <= page.locator(".legend").bounding_box()["x"]
        assert frame["y"] <= box["y"]
        assert box["y"] + box["height"] <= frame["y"] + frame["height"]


def test_the_legend_tells_classes_with_numbers_and_counts(visit, html):
    page = visit(html).page
    lines = [plain(line) for line in page.locator(".legend > *").all_inner_texts()]
    assert lines == [
        "Chú giải",
        "Xã, phường: số vụ dự kiến mỗi năm",
        "12,50 (1 xã, phường)",
        "7,25 (1 xã, phường)",
        "0,35 (1 xã, phường)",
        "0,035 đến 0,20 (3 xã, phường)",
        WORDS["weak_legend"].format(n=3),
        WORDS["first_legend"].format(k=6),
        "Số vụ gồm cả trường hợp vắng mặt nghi vấn, tính như khi mọi nơi đều được chú ý phát hiện như nhau.",
        "Đoạn biên giới: tỷ trọng dòng qua toàn tuyến",
        "60,0 % (1 đoạn)",
        "30,0 % (1 đoạn)",
        "10,0 % (1 đoạn)",
        "Cửa khẩu, lối mở biên giới",
        "vị trí đã công bố",
        "vị trí minh họa, đặt ra cho bản mô phỏng",
    ]
    fills = {path.get_attribute("fill") for path in page.locator("path.communes").all()}
    # What is weak is hatched in the colour of its class: url(#weak-ffffb2).
    fills = {fill.replace("url(#weak-", "#").rstrip(")") for fill in fills}
    swatches = page.locator(".legend .swatch").evaluate_all("nodes => nodes.map(n => n.style.backgroundColor)")
    assert {f"rgb({int(f[1:3], 16)}, {int(f[3:5], 16)}, {int(f[5:], 16)})" for f in fills} <= set(swatches)


def test_a_row_opens_its_popup_by_keyboard_and_escape_leads_back(visit, html):
    page = visit(html).page
    row = page.locator("#list .row").nth(5)
    row.focus()
    page.keyboard.press("Enter")
    card = page.locator(".leaflet-popup .card")
    expect(card.locator("h2")).to_have_text("Xã Nà Hỳ")
    facts = {plain(tr.split("\t")[0]): plain(tr.split("\t")[1]) for tr in card.locator("tr").all_inner_texts()}
    assert facts == {
        "Thứ hạng": "6 trên 6",
        "Số vụ dự kiến mỗi năm": "0,035",
        "Khoảng tin cậy 90 %": "0,018 đến 0,070",
        "Tùy mức phát hiện giả định": "0,10 đến 0,20",
        "Xác suất thuộc nhóm 10 % đầu": "90,0 %",
        "Số vụ trên 10.000 dân mỗi năm": "1,50",
        "Tỷ lệ vụ được phát hiện": "25,0 %",
        "Số vụ đã ghi nhận": "5",
        "Vắng mặt nghi vấn": "3",
        "Buổi truyền thông": "2",
        "Dân số": "17.400",
    }
    expect(card).to_contain_text("Lý do: lý do Xã Nà Hỳ")
    expect(card).to_contain_text("Số liệu yếu")
    expect(card).to_contain_text("DỮ LIỆU MÔ PHỎNG")
    assert page.evaluate("document.activeElement.classList.contains('leaflet-popup')")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(row).to_be_focused()


def test_a_moved_commune_says_the_models_rank_why_and_until_when(visit):
    given = content()
    reasons = ["<img src=x onerror=window.hacked=1> `${window.hacked = 1}`", *[None] * 5]
    moved = given.communes.assign(
        rank_model=range(3, 9), override_reason=reasons, override_by=None, flips=0.34,
        override_until=["2026-06-30", *[None] * 5], unstable=[True, *[False] * 5],
    )  # fmt: skip
    page = visit(render_map(content(communes=moved), "en")).page
    page.locator("#list .row").first.click()
    card = page.locator(".leaflet-popup .card")
    facts = {plain(tr.split("\t")[0]): plain(tr.split("\t")[1]) for tr in card.locator("tr").all_inner_texts()}
    assert [facts[name] for name in ("Rank", "Rank by the model", "Moved by a planner", "Moved until")] == [
        "1 of 6",
        "3",
        reasons[0],
        "2026-06-30",
    ]
    expect(card).to_contain_text("Place unsure")
    expect(card).to_contain_text("34.0 %")
    assert page.evaluate("window.hacked") is None
    expect(page.locator("#list .row").first).to_contain_text("moved by a planner · place unsure")
    page.locator("#list .row").nth(1).click()
    expect(card.locator("h2")).to_have_text(plain(HOSTILE[1]))
    expect(card).not_to_contain_text("Moved")
    expect(card).not_to_contain_text("Place unsure")
    expect(page.locator(".label b").first).to_have_text("1?")
    expect(page.locator(".legend")).to_contain_text("? behind a rank: place unsure (1)")
    expect(page.locator("#about")).to_contain_text("Valid until 2027-05-22. Model: the default one")


def test_one_row_after_another_shows_the_last(visit, html):
    page = visit(html).page
    for i in (0, 4, 5):
        page.locator("#list .row").nth(i).click()
    expect(page.locator(".leaflet-popup .card h2")).to_have_text(["Xã Nà Hỳ"])


def test_a_sector_and_a_crossing_open_too(visit, html):
    page = visit(html).page
    page.get_by_role("button", name="Đoạn biên giới cần tuần tra").click()
    page.locator("#list .row").first.click()
    card = page.locator(".leaflet-popup .card")
    expect(card.locator("h2")).to_have_text("LAO-001")
    expect(card).to_contain_text("chưa có số liệu")
    expect(card).to_contain_text("60,0 %")
    page.get_by_role("button", name="Cửa khẩu, lối mở").click()
    assert page.locator("#list h2").all_inner_texts() == ["Có trên bản đồ", "Chưa rõ vị trí, không vẽ trên bản đồ"]
    expect(page.locator("#list button.row")).to_have_count(2)
    page.locator("#list button.row", has_text="Lối mở B").click()
    expect(card.locator("h2")).to_have_text("<b>Lối mở B</b>")
    expect(card).to_contain_text("vị trí minh họa")


def test_clicks_on_the_map_open_popups(visit, html):
    page = visit(html).page
    page.locator("path.communes").nth(1).click()
    expect(page.locator(".leaflet-popup .card")).to_contain_text("Thứ hạng")
    page.keyboard.press("Escape")
    page.locator(".leaflet-marker-icon.crossing.demo").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup .card h2")).to_have_text("<b>Lối mở B</b>")


def test_the_language_switch_changes_every_text(visit, html):
    page = visit(html).page
    assert page.title() == "DỮ LIỆU MÔ PHỎNG: không vụ việc nào ở đây có thật – Tỉnh <i>Mẫu</i>: nguy cơ mua bán người"
    assert page.evaluate("document.documentElement.lang") == "vi"
    page.locator("#list .row").nth(5).click()
    card = page.locator(".leaflet-popup .card")
    expect(card).to_contain_text("17.400")
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator("#title")).to_have_text("Tỉnh <i>Mẫu</i>: risk of human trafficking")
    expect(card).to_contain_text("17,400")
    expect(card).to_contain_text("Why: reason Xã Nà Hỳ")
    expect(page.locator(".legend")).to_contain_text("0.035 to 0.20 (3 communes)")
    expect(page.locator("#about")).to_contain_text("Records from 2013-01-01 to 2017-12-31, as of 2026-11-23.")
    expect(page.locator(".leaflet-control-layers")).to_contain_text("Border sectors")
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(card).to_contain_text("17.400")
    expect(page.locator("#about")).to_contain_text("Số liệu từ 01/01/2013 đến 31/12/2017, tính đến 23/11/2026.")
    expect(page.locator("#about")).to_contain_text("không phải căn cứ để khám xét, bắt giữ")


def test_the_map_begins_in_the_language_that_was_asked_for(visit):
    page = visit(render_map(content(), "en")).page
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    expect(page.get_by_role("button", name="Communes for outreach")).to_be_visible()


def test_simulated_and_approximate_are_said_in_banners(visit, html):
    page = visit(html).page
    expect(page.locator("#simulated")).to_contain_text("DỮ LIỆU MÔ PHỎNG")
    expect(page.locator("#simulated")).to_contain_text("SIMULATED DATA")
    expect(page.locator("#cautions")).to_be_hidden()
    made = content(simulated=False, effort_known=False)
    made.communes.loc[0, "geometry_quality"] = "approximate"
    page = visit(render_map(made)).page
    expect(page.locator("#simulated")).to_be_hidden()
    expect(page.locator("#cautions")).to_contain_text("Ranh giới gần đúng")
    expect(page.locator("#title")).to_have_text("Tỉnh <i>Mẫu</i>: số vụ đã ghi nhận, chưa phải nguy cơ")
    page.locator("#list .row").first.click()
    expect(page.locator(".card")).to_contain_text("Ranh giới chỉ là gần đúng.")
    expect(page.locator(".card")).not_to_contain_text("MÔ PHỎNG")


def test_the_surface_takes_the_place_of_the_fill(visit, html):
    page = visit(html).page
    expect(page.locator("img.surface")).to_have_count(0)
    page.get_by_label("Bề mặt: số vụ đã ghi nhận trên 10.000 dân mỗi năm").check()
    expect(page.locator("img.surface")).to_be_visible()
    assert {path.get_attribute("fill-opacity") for path in page.locator("path.communes").all()} == {"0"}
    expect(page.locator(".legend")).to_contain_text("Bề mặt: số vụ đã ghi nhận trên 10.000 dân mỗi năm")
    page.get_by_label("Đoạn biên giới: tỷ trọng dòng").uncheck()
    expect(page.locator("path.sectors")).to_have_count(0)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_label("Surface: recorded events per 10,000 people a year")).to_be_checked()
    expect(page.get_by_label("Border sectors")).not_to_be_checked()
    image, ground = (page.locator(name).first.bounding_box() for name in ("img.surface", "path.communes"))
    assert image["width"] / ground["width"] == pytest.approx(3, abs=0.25)  # 30 km over squares of 0.1° (10.3 km)


def test_hostile_names_are_shown_and_run_nothing(visit, html):
    opened = visit(html)
    page = opened.page
    for i, name in enumerate(HOSTILE):
        page.locator("#list .row").nth(i).click()
        expect(page.locator(".leaflet-popup .card h2")).to_have_text(plain(name))
        page.locator("path.communes").nth(i).dispatch_event("mouseover")
    for tab in ("#tab-sectors", "#tab-crossings"):
        page.click(tab)
    page.click("#language")
    assert page.evaluate("window.hacked") is None
    assert opened.complaints == []


def test_even_injected_markup_can_neither_run_nor_ask(visit, html):
    page = visit(html).page
    violations = page.evaluate(
        """async () => {
            const seen = [];
            document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
            document.body.insertAdjacentHTML("beforeend", "<img src='data:x' onerror='window.hacked = 1'>");
            document.body.insertAdjacentHTML("beforeend", "<img src='https://tiles.invalid/1.png'>");
            const script = document.createElement("script");
            script.textContent = "window.hacked = 1";
            document.body.append(script);
            await fetch("https://tiles.invalid/").catch(() => null);
            await new Promise((resolve) => setTimeout(resolve, 300));
            return seen;
        }"""
    )
    assert {"script-src-attr", "img-src", "script-src-elem", "connect-src"} <= set(violations)
    assert page.evaluate("window.hacked") is None


def test_a_phone_has_room_for_everything(visit, html):
    page = visit(html, width=412, height=915).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 412
    assert page.locator(".map").bounding_box()["height"] > 250
    expect(page.locator(".legend summary")).to_be_visible()
    page.locator("#list .row").nth(5).scroll_into_view_if_needed()
    page.locator("#list .row").nth(5).click()
    page.wait_for_timeout(500)  # the map moves until the popup has room
    popup, frame = (page.locator(name).bounding_box() for name in (".leaflet-popup", ".map"))
    assert frame["x"] <= popup["x"]
    assert popup["x"] + popup["width"] <= 412
    assert frame["y"] <= popup["y"]
    expect(page.locator(".leaflet-control-zoom")).to_be_hidden()
    page.keyboard.press("Escape")
    page.locator(".legend summary").click()
    expect(page.locator(".legend")).to_contain_text("(3 xã, phường)")
    page.get_by_role("button", name="Các lớp").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Thứ hạng và tên xã")).to_be_checked()


def test_a_map_of_the_least_content_opens(visit):
    made = content(surface=None, simulated=False)
    empty = {"sectors": made.sectors.iloc[:0], "crossings": made.crossings.iloc[:0]}
    opened = visit(render_map(content(surface=None, simulated=False, **empty)))
    expect(opened.page.locator("#list .row")).to_have_count(6)
    for tab in ("#tab-sectors", "#tab-crossings"):
        opened.page.click(tab)
        expect(opened.page.locator("#list .row")).to_have_count(0)
    assert opened.complaints == []
