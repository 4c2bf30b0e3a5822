from datetime import UTC, date, datetime

import pytest

import workflow
from geo.errors import WorkspaceError
from maps.text import translate

TODAY, LATER = date(2026, 1, 10), date(2026, 6, 30)


@pytest.fixture(scope="module")
def demo(tmp_path_factory, demo_in):
    return demo_in(tmp_path_factory.mktemp("overriding") / "demo")


@pytest.fixture
def kept(demo):
    """Give the demo's workspace, and take back what was decided."""
    yield demo
    for code in demo.store.read("overrides")["commune_code"]:
        workflow.take_back(demo, code)


def said(result):
    return [translate(message, "en") for message in result.messages]


def decided(workspace, **more):
    given = {"move": 5, "until": LATER, "reason": "new road", "by": "police", "today": TODAY}
    return workflow.override(workspace, "03175", **(given | more))


def test_a_decision_is_kept_and_the_later_one_takes_its_place(kept):
    decided(kept)
    told = decided(kept, move=None, rank=3).as_dict()["overrides"]
    assert [(row["commune_code"], row["move"], row["to_rank"], row["until"]) for row in told] == [
        ("03175", None, 3, "2026-06-30")
    ]


def test_a_commune_is_found_by_its_name(kept):
    names = kept.store.read("communes").set_index("commune_code")["name"]
    found = workflow.override(
        kept, names["03158"].lower(), rank=2, until=LATER, reason="known on the spot", today=TODAY
    )
    assert found.as_dict()["overrides"][0]["commune_code"] == "03158"


def test_a_reason_that_names_a_person_is_not_kept(kept):
    told = decided(kept, reason="theo lời bà Lò Thị Thử")
    assert "What named a person was not kept: the reason or office now says [đã xóa]" in said(told)
    assert kept.store.read("overrides")["reason"].tolist() == ["[đã xóa]"]


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"rank": 2}, "give --move or --rank"),
        ({"move": None}, "give --move or --rank"),
        ({"move": 0}, "not 0"),
        ({"move": None, "rank": 0}, "at least 1"),
        ({"reason": " "}, "needs a reason"),
        ({"until": date(2026, 1, 9)}, "expired on 2026-01-09"),
        ({"until": date(2999, 1, 1)}, "name a day within 3,?653 days"),
    ],
)
def test_a_decision_that_says_nothing_is_refused(demo, wrong, match):
    with pytest.raises(WorkspaceError, match=match):
        decided(demo, **wrong)
    assert demo.store.read("overrides").empty


def test_a_place_that_is_not_known_is_not_repeated(demo):
    with pytest.raises(WorkspaceError, match="No commune of the workspace") as error:
        workflow.override(demo, "Lò Thị Thử", rank=1, until=LATER, reason="x", today=TODAY)
    assert "Thử" not in str(error.value)


def test_there_is_nothing_to_take_back_where_nothing_was_decided(demo):
    with pytest.raises(WorkspaceError, match="nothing to take back"):
        workflow.take_back(demo, "03175")


def test_a_run_applies_what_has_not_expired_and_says_what_has(kept, tmp_path):
    decided(kept, move=None, rank=1)
    runs = [
        workflow.run(kept, out=tmp_path / str(day), now=datetime(2026, month, 1, tzinfo=UTC))
        for day, month in enumerate((6, 7))
    ]
    first, second = (run.content.outreach.set_index("commune_code") for run in runs)
    assert first.loc["03175", ["rank", "override_reason", "override_by", "override_until"]].tolist() == [
        1,
        "new road",
        "police",
        "2026-06-30",
    ]
    assert first.loc["03175", "rank_model"] == second.loc["03175", "rank"] > 1
    assert "override_reason" not in second
    notes = [[translate(note, "en") for note in run.notices()] for run in runs]
    assert "1 communes were moved by planners; the ranking says why" in notes[0]
    assert "1 decisions of planners have expired and are not applied; renew or remove them" in notes[1]
    page = (runs[0].folder / "map.html").read_text(encoding="utf-8")
    assert "new road" in page
    assert "2018-06-29" in page
    report = (runs[0].folder / "report.html").read_text(encoding="utf-8")
    assert "new road" in report
    assert "29/06/2018" in report
    project = (runs[0].folder / "hotspots.qgs").read_text(encoding="utf-8")
    assert "29/06/2018" in project
    csv = (runs[0].folder / "ranking_outreach.csv").read_text(encoding="utf-8-sig")
    assert "override_reason" in csv.splitlines()[0]
