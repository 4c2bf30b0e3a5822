import pypdf
import pytest

from geo.errors import PlanError
from maps.brief import FILES, brief, visited, week_of, write_brief
from maps.brief_map import HEIGHT, WIDTH
from maps.document_html import render_html
from maps.document_pdf import SIZES, write_pdf
from maps.drawing import Label, Line
from maps.fonts import MISSING
from maps.palette import SECTORS
from models.patrol import plan_patrols
from models.patrol_demand import PatrolDemand
from tests.maps.brief_content import content, many_teams, schedule, sectors
from tests.maps.html_reader import Page
from tests.models.patrol_areas import made_up_area


def timetable(document):
    return document.sections[0].parts[0]


def beside(document):
    return document.sections[1].parts[0]


def test_teams_stand_with_their_sectors_by_day_and_their_hours():
    table = timetable(brief(content()))
    assert [column.heading for column in table.columns] == [
        "Team", "Mon 11-23", "Tue 11-24", "Wed 11-25", "Thu 11-26", "Fri 11-27", "Sat 11-28", "Sun 11-29", "Hours",
    ]  # fmt: skip
    assert table.rows == (
        ("Đồn mẫu 1, team 1", "LAO-001\nLAO-002", None, "LAO-001", None, None, None, None, 16.0),
        ("P2, team 1", None, None, None, None, None, None, "LAO-004", 8.0),
    )


def test_two_shifts_of_a_team_on_one_day_both_stand_there():
    twice = content(schedule=schedule().assign(day=1, post_id="P1"))
    assert timetable(brief(twice)).rows[0][1] == "LAO-001\nLAO-002\nLAO-001\nLAO-004\nLAO-006"


def test_another_week_has_its_own_days_and_shifts():
    second = content(week=2)
    assert week_of(second)[["day", "post_id"]].to_numpy().tolist() == [[1, "P2"]]
    document = brief(second)
    assert document.title == "Tỉnh Mẫu: patrols from 2026-11-30 to 2026-12-06"
    assert document.lead.startswith("Valid from 2026-11-30 to 2026-12-06; destroy it afterwards.")
    assert "Teams: 1, shifts: 1, hours: 8." in document.lead


def test_a_brief_bears_its_day_expiry_model_and_level():
    assert brief(content(model_id="made-up")).lead.endswith(
        "As of 2026-10-31. Valid until 2026-11-29. Model: made-up. Level: command, restricted."
    )


def test_the_last_week_ends_with_the_plan():
    document = brief(content(week=2, days=9))
    assert document.title == "Tỉnh Mẫu: patrols from 2026-11-30 to 2026-12-01"
    assert len(timetable(document).columns) == 1 + 2 + 1
    assert timetable(document).rows == (("P2, team 1", "LAO-006", None, 8.0),)


def test_a_week_beyond_the_plan_is_refused():
    with pytest.raises(PlanError, match="The plan of 9 days has no week 3"):
        brief(content(week=3, days=9))


def test_visits_and_hours_on_watch_are_summed_by_sector():
    assert visited(week_of(content())).to_numpy().tolist() == [
        ["LAO-001", 2, 7.5],
        ["LAO-004", 1, 4.0],
        ["LAO-002", 1, 2.5],
    ]


def test_sectors_stand_with_commune_visits_hours_and_reasons():
    assert beside(brief(content())).table.rows[0] == ("LAO-001", "<b>Xã A</b>", 2, 7.5, "because of 17,400")


def test_a_sector_that_the_layer_lacks_is_still_listed():
    document = brief(content(sectors=sectors().iloc[1:]))
    assert beside(document).table.rows[0] == ("LAO-001", None, 2, 7.5, None)


def test_sectors_beyond_the_list_are_counted():
    walks = [tuple(f"LAO-{i:03}" for i in range(1, 12))]
    document = brief(content(schedule=schedule().iloc[:1].assign(sectors=walks), sectors=sectors(11)))
    assert len(beside(document).table.rows) == 8
    assert document.sections[1].parts[1].words.startswith("3 more sectors are visited")


def test_the_map_shows_visited_sectors_in_colours_and_names_them():
    drawing = beside(brief(content())).drawing
    lines = [mark for mark in drawing.marks if isinstance(mark, Line) and mark.width == 3.5]
    assert [line.colour for line in lines] == [SECTORS[-1], SECTORS[0], SECTORS[0]]
    assert {mark.text for mark in drawing.marks if isinstance(mark, Label)} == {"LAO-001", "LAO-002", "LAO-004"}
    # North is up: LAO-004 lies north of LAO-001.
    assert lines[1].points[0][1] < lines[0].points[0][1]
    for line in lines:
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in line.points)


def test_where_posts_lie_is_nowhere_on_it():
    assert {type(mark).__name__ for mark in beside(brief(content())).drawing.marks} == {"Area", "Line", "Label"}


@pytest.mark.parametrize(
    ("office", "said"),
    [(None, "the standing office of the provincial steering committee"), ("<i>Phòng X</i>", "<i>Phòng X</i>")],
)
def test_a_suspicion_is_reported_to_the_office_named_or_to_the_committee(office, said):
    lines = brief(content(office=office)).sections[2].parts[0].lines
    assert f"Report at once to {said}; the national hotline for reports is 111." in lines
    assert any("no ground for a search" in line for line in lines)


def test_level_and_simulation_stand_on_top():
    assert brief(content()).banners == (
        "COMMAND LEVEL: not to leave the command",
        "SIMULATED DATA: nothing in these records happened",
    )
    assert brief(content(simulated=False)).banners == ("COMMAND LEVEL: not to leave the command",)


def test_the_files_are_one_page_their_owners_alone_and_the_same_each_time(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_brief(tmp_path / name, content(title="Tỉnh 🏔 Mẫu", lang="vi"))
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    for file in FILES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    reader = pypdf.PdfReader(tmp_path / "a" / "command_level_brief.pdf")
    assert len(reader.pages) == 1
    text = " ".join(reader.pages[0].extract_text().split())
    assert f"Tỉnh {MISSING} Mẫu" in text
    assert "23/11/2026" in text
    assert "29/11/2026" in text
    assert "17.400" in text
    page = Page((tmp_path / "a" / "command_level_brief.html").read_text(encoding="utf-8"))
    assert "<b>Xã A</b>" in page.text
    assert "b" not in page.tags


def test_letters_shrink_until_all_is_on_one_page_and_no_further(tmp_path):
    sizes = [write_pdf(tmp_path / "b.pdf", brief(content(schedule=many_teams(n)))) for n in (2, 12)]
    assert sizes[0] == SIZES[0] > sizes[1]
    assert len(pypdf.PdfReader(tmp_path / "b.pdf").pages) == 1


def test_more_teams_than_one_page_holds_go_on_to_the_next_and_none_is_left_out(tmp_path):
    document = brief(content(schedule=many_teams(60)))
    assert write_pdf(tmp_path / "b.pdf", document) == SIZES[-1]
    reader = pypdf.PdfReader(tmp_path / "b.pdf")
    assert len(reader.pages) > 1
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert all(f"Đồn mẫu 1, team {n} " in text for n in range(1, 61))


def test_a_week_without_shifts_is_an_empty_timetable():
    document = brief(content(week=3))
    assert timetable(document).rows == ()
    assert "shifts: 0" in document.lead
    assert render_html(document)


def test_a_plan_is_taken_as_it_comes_and_no_visit_of_the_week_is_lost():
    plan = plan_patrols(made_up_area(), PatrolDemand(days=14), random_state=0)
    document = brief(content(schedule=plan.schedule, week=2))
    first, second = (plan.schedule[plan.schedule["day"].between(*days)] for days in ((1, 7), (8, 14)))
    stops = [id for cells in timetable(document).rows for cell in cells[1:8] if cell for id in cell.split("\n")]
    assert sorted(stops) == sorted(id for walk in second["sectors"] for id in walk)
    assert len(first) + len(second) == len(plan.schedule)
    assert sum(row[-1] for row in timetable(document).rows) == second["shift_hours"].sum()
    assert visited(week_of(content(schedule=plan.schedule, week=2)))["visits"].sum() == len(stops)
