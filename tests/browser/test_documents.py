import io

import pypdf
import pytest

from maps.brief import brief
from maps.document_html import render_html
from maps.document_pdf import write_pdf
from maps.report import run_report
from tests.maps import brief_content, report_content
from tests.maps.map_content import HOSTILE

pytestmark = pytest.mark.browser

CONTRAST = """() => {
    const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = (rgb) => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => sum + w * channel(rgb[i]), 0);
    const parts = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
    const behind = (node) => {
        for (; node; node = node.parentElement) {
            const colour = parts(getComputedStyle(node).backgroundColor);
            if (colour.length && colour[3] !== 0) return colour;
        }
        return [255, 255, 255];
    };
    const ratios = [...document.querySelectorAll("p, h1, h2, li, a, td, th, caption, figcaption")].map((node) => {
        const [a, b] = [light(parts(getComputedStyle(node).color)), light(behind(node))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
    return [ratios.length, Math.min(...ratios)];
}"""


def open_document(visit, document, **size):
    return visit(render_html(document), ready="main section", **size)


@pytest.mark.parametrize(
    "document",
    [
        run_report(report_content.content(HOSTILE, account=report_content.account(changes=report_content.changes()))),
        brief(brief_content.content(lang="vi")),
    ],
    ids=["report", "brief"],
)
def test_the_page_asks_for_nothing_runs_nothing_fits_a_phone_and_has_contrast(visit, document):
    for width in (1000, 412):
        opened = open_document(visit, document, width=width)
        page = opened.page
        assert opened.requests == [page.url]
        assert opened.complaints == []
        assert page.evaluate("window.hacked") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        count, least = page.evaluate(CONTRAST)
        assert count > 30
        assert least >= 4.5


def test_on_a_phone_each_cell_bears_its_heading(visit):
    page = open_document(visit, run_report(report_content.content()), width=412).page
    cell = page.locator("td", has_text="12.50").first
    assert cell.evaluate("node => getComputedStyle(node, '::before').content") == '"Expected a year"'
    letters = page.locator("svg text").first.evaluate("node => node.getBoundingClientRect().height")
    assert letters >= 9


@pytest.mark.parametrize("teams", [2, 12])
def test_the_brief_prints_on_one_sheet(visit, tmp_path, teams):
    document = brief(brief_content.content(schedule=brief_content.many_teams(teams)))
    size = write_pdf(tmp_path / "b.pdf", document)
    page = visit(render_html(document, size=size), ready="main section").page
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    assert (printed.pages[0].mediabox.width, printed.pages[0].mediabox.height) == pytest.approx((595, 842), abs=1)
