"""The map of an outreach plan in a browser: what a popup says, and that nothing else is shown or asked for."""

import pytest
from playwright.sync_api import expect

from maps.plan_web import render_outreach_map
from tests.maps.map_content import HOSTILE
from tests.maps.outreach_content import outreach

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(visit):
    return visit(render_outreach_map(outreach(), "en"))


def test_a_popup_says_how_many_sessions_when_and_by_whom(opened):
    opened.page.locator("#list button.row").first.click()
    card = opened.page.locator(".card")
    expect(card.get_by_role("row", name="Outreach sessions planned")).to_contain_text("9")
    expect(card.get_by_role("row", name="Interval, 90 %")).to_contain_text("0.45 to 1.80")
    for month in ("2018-01: border guard 2, police 3", "2018-03: police 4"):
        expect(card).to_contain_text(month)
    opened.page.click("#language")
    expect(card).to_contain_text("01/2018: bộ đội biên phòng 2, công an 3")


def test_only_what_a_plan_has_is_shown(opened):
    page = opened.page
    expect(page.locator("#tabs")).to_be_hidden()
    expect(page.locator("#title")).to_have_text("Tỉnh Mẫu: outreach plan")
    expect(page.locator(".legend")).not_to_contain_text("surface")
    expect(page.locator("#share")).to_have_text("The first 6 get 100.0 % of the sessions.")
    page.locator("#first").fill("1")
    expect(page.locator("#share")).to_have_text("The first 1 get 50.0 % of the sessions.")


def test_hostile_names_run_nothing_and_nothing_is_asked_for(opened):
    page = opened.page
    for row in page.locator("#list button.row").all():
        row.click()
        page.keyboard.press("Escape")
    page.locator("#search").fill(HOSTILE[0])
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [page.url]
    assert page.evaluate("window.hacked") is None
