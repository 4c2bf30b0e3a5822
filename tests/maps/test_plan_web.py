import json
import re

import pytest

from maps.plan_web import render_outreach_map
from tests.maps.map_content import HOSTILE
from tests.maps.outreach_content import outreach


@pytest.fixture(scope="module")
def page():
    return render_outreach_map(outreach(), "vi")


@pytest.fixture(scope="module")
def communes(page):
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL).group(1))
    table = data["communes"]
    return [dict(zip(table["fields"], row, strict=True)) for row in table["rows"]]


def test_communes_with_most_sessions_come_first_and_equal_ones_share_a_rank(communes):
    ranked = [(row["rank"], row["commune_code"], row["planned"]) for row in communes]
    assert ranked == [
        (1, "00002", 9), (2, "00006", 4), (3, "00001", 2), (3, "00003", 2), (5, "00004", 1), (6, "00005", 0),
    ]  # fmt: skip


def test_each_commune_says_month_by_month_who_holds_how_many(communes):
    by_code = {row["commune_code"]: row for row in communes}
    assert by_code["00002"]["timetable_en"] == ["2018-01: border guard 2, police 3", "2018-03: police 4"]
    assert by_code["00002"]["timetable_vi"] == ["01/2018: bộ đội biên phòng 2, công an 3", "03/2018: công an 4"]
    assert by_code["00005"]["timetable_en"] == []


def test_texts_stay_data_and_the_same_plan_gives_the_same_page(page, communes):
    assert {row["name"] for row in communes} == set(HOSTILE)
    assert page.count("<script") == 4
    shuffled = outreach(timetable=outreach().timetable.iloc[::-1])
    assert render_outreach_map(shuffled, "vi") == page
