"""Hostile commune names in a real Chromium, on each page that the program writes: seen as they are, nothing runs."""

import ast
import dataclasses
from pathlib import Path

import pandas as pd
import pytest

import maps
from geo.errors import Message
from maps.audit import AuditContent, audit_document
from maps.brief import brief
from maps.document import seen
from maps.document_html import render_html
from maps.plan_web import render_outreach_map
from maps.publication import write_publication
from maps.report import run_report
from maps.web import render_map
from tests.maps import brief_content, map_content, report_content
from tests.maps.outreach_content import outreach
from tests.workflow.test_publishing import province, published

pytestmark = pytest.mark.browser

NAMES = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=1>",
    "\"><svg onload='window.hacked = 1'>",
    "' onmouseover='window.hacked = 1' `${window.hacked = 1}` \\u003cb\\u003e",
    "</title></style></script><!-- ]]> {{ 7 * 7 }} {% raw %} {n} {0} $1 $& \\",
    "&lt;b&gt; &amp; &#60;b&#62; javascript:window.hacked=1",
]
"""All of ``& < > " ' \\ $ { }`` and the backtick, as they end texts, attributes, scripts, comments and templates."""


def test_every_letter_that_ends_something_is_among_them():
    assert set("&<>\"'\\${}`") <= set("".join(NAMES))


def web(lang, _):
    made = map_content.content(names=NAMES, title=NAMES[0])
    made.communes["reason_vi"] = made.communes["reason_en"] = NAMES
    return render_map(made, lang)


def plan(lang, _):
    return render_outreach_map(outreach(NAMES, title=NAMES[1]), lang)


def report(lang, _):
    account = report_content.account(changes=report_content.changes())
    return render_html(run_report(report_content.content(NAMES, account=account, lang=lang, title=NAMES[2])))


def week(lang, _):
    sectors = brief_content.sectors(6).assign(commune=NAMES, reasons=[(Message("{n}", {"n": n}),) for n in NAMES])
    posts = pd.DataFrame({"post_id": ["P1", "P2"], "name": NAMES[:2]})
    one = brief_content.schedule().iloc[:1]
    days = [one.assign(day=i, sectors=[(f"LAO-{i:03}",)]) for i in range(1, 7)]
    document = brief_content.content(lang=lang, sectors=sectors, posts=posts, schedule=pd.concat(days))
    return render_html(brief(document))


def audit(lang, _):
    findings = dict.fromkeys(
        ("feedback", "effort", "exploration", "kinds", "reporting", "proxy"), (Message("{n}", {"n": NAMES[3]}),)
    )
    n = len(NAMES)
    communes = pd.DataFrame(
        {
            "commune_code": [f"{i:05}" for i in range(n)], "name": NAMES, "rank": range(1, n + 1), "expected": 1.0,
            "flips": 0.5, "unstable": True, "sessions": 0, "months": 0, "last": None, "agencies": "",
            "patrol_hours": 0.0, "never": True, "least_known": True,
        }
    )  # fmt: skip
    proxies = pd.DataFrame(
        {"column": NAMES[4:], "communes": n, "r2": 0.5, "lower": 0.1, "upper": 0.9, "chance": 0.2, "low": 0, "high": 1}
    )
    period = ("2014-01-01", "2017-12-31")
    content = AuditContent(NAMES[0], "2018-01-02", period, True, findings, communes, communes.iloc[:0], proxies)
    return render_html(audit_document(content, lang))


def publication(file):
    def page(lang, folder):
        communes = province(len(NAMES)).assign(name=NAMES)
        counts = pd.DataFrame({"victims": 9, "absences": 0}, index=communes["commune_code"])
        content = published(folder / "public", communes, counts)
        write_publication(folder / "public", dataclasses.replace(content, lang=lang, title=NAMES[5]))
        return (folder / "public" / file).read_text(encoding="utf-8")

    return page


PAGES = {
    "maps/web.py": web,
    "maps/plan_web.py": plan,
    "maps/report.py": report,
    "maps/brief.py": week,
    "maps/audit.py": audit,
    "maps/publication.py": publication("map.html"),
    "maps/publication.py, the report": publication("publication_report.html"),
}
"""By who writes them."""
MAPS = ("maps/web.py", "maps/plan_web.py")


def test_no_page_of_the_program_is_left_out():
    root = Path(maps.__file__).parents[1]
    writers = {
        str(path.relative_to(root))
        for room in ("geo", "models", "maps", "workflow", "cli")
        for path in (root / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("render_html", "page_of")
    }
    assert writers == {name.partition(",")[0] for name in PAGES}


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_names_are_seen_as_they_are_and_nothing_runs(visit, tmp_path, name, lang):
    of_map = name in MAPS
    opened = visit(PAGES[name](lang, tmp_path), ready="path.communes" if of_map else "main section")
    page = opened.page
    if of_map:
        for row in page.locator("#list button.row").all():
            row.click()
            page.keyboard.press("Escape")
        for path in page.locator("path.communes").all():
            path.dispatch_event("mouseover")
        for typed in NAMES:
            page.locator("#search").fill(typed)
        page.locator("#search").fill("")
    text = " ".join(page.evaluate("document.body.textContent").split())
    assert [one for one in NAMES if " ".join(seen(one).split()) not in text] == []
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [page.url]
    assert page.evaluate("window.hacked") is None
    assert page.locator("script").count() == (4 if of_map else 0)
    inside = page.evaluate("[...document.querySelectorAll('body *')].flatMap(n => n.getAttributeNames())")
    assert not [attribute for attribute in inside if attribute.startswith("on")]
    assert page.locator("iframe, object, embed, base, form, img[src=x], a[href^=javascript]").count() == 0
