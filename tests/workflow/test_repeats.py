"""Files that overlap, come again, or come again mended: each record counts once. All records are made up."""

from datetime import UTC, datetime, timedelta

import openpyxl
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import workflow
from workflow.intake_folder import files_of

NOW = datetime(2018, 1, 2, tzinfo=UTC)
HEADINGS = ("Ngày", "Xã", "Số nạn nhân", "Nguồn tin")


@pytest.fixture
def workspace(tmp_path):
    return workflow.init(tmp_path / "w")


@pytest.fixture
def add(workspace, tmp_path):
    """Return a function that writes rows as a workbook, adds it, and moves the clock on."""
    clock = iter(range(1000))

    def write(*rows, headings=HEADINGS, name="cases.xlsx", table="cases", **options):
        book = openpyxl.Workbook()
        for row in (headings, *rows):
            book.active.append(row)
        book.save(tmp_path / name)
        return workflow.add(workspace, table, tmp_path / name, now=NOW + timedelta(hours=next(clock)), **options)

    return write


@pytest.fixture
def mend(workspace, tmp_path):
    """Return a function that changes a column of a fix list and adds it back."""

    def write(added, column, *values):
        book = openpyxl.load_workbook(added.fixlist)
        place = [cell.value for cell in book.active[1]].index(column) + 1
        for row, value in enumerate(values, start=2):
            book.active.cell(row, place).value = value
        book.save(tmp_path / "mended.xlsx")
        return workflow.add(workspace, added.kind, tmp_path / "mended.xlsx", now=NOW + timedelta(days=1))

    return write


def stored(workspace, table="cases"):
    return workspace.store.read(table)


def headings_of(fixlist):
    return [cell.value for cell in openpyxl.load_workbook(fixlist).active[1]]


def test_a_fix_list_names_no_vintage_that_nobody_named(workspace, add, mend):
    """Pá Mỳ is a commune of 2020 only: with the workspace's vintage beside it, the mended row would be refused."""
    added = add(("32/01/2017", "Pá Mỳ", 1, "công an"), ("05/01/2017", "Mường Nhé", 1, "công an"))
    assert not {"vintage", "hệ đơn vị"} & set(headings_of(added.fixlist))
    mended = mend(added, "Ngày", "31/01/2017")
    assert (mended.accepted, mended.rejected) == (1, 0)
    assert stored(workspace)["vintage"].tolist() == ["2025-07-01", "2020-01-01"]


def test_a_fix_list_keeps_the_vintage_that_the_user_named(workspace, add, mend):
    added = add(("32/01/2017", "Thanh Luông", 1, "công an"), vintage="2020-01-01")
    assert mend(added, "Ngày", "31/01/2017").accepted == 1
    assert stored(workspace)["vintage"].tolist() == ["2020-01-01"]


@pytest.mark.parametrize("vintage", [None, "2020-01-01"])
def test_a_mended_fix_list_and_the_corrected_file_are_the_same_records(workspace, add, mend, vintage):
    def rows(*days):
        return [(day, "Nậm Kè", 1, "công an") for day in days]

    added = add(*rows("tháng 1/2017", "32/02/2017", "08/02/2017"), vintage=vintage)
    assert mend(added, "Ngày", "12/02/2017").accepted == 1
    corrected = add(*rows("tháng 1/2017", "12/02/2017", "08/02/2017"), name="corrected.xlsx", vintage=vintage)
    assert (corrected.accepted, corrected.known) == (3, 3)
    assert sorted(stored(workspace)["date"].dt.strftime("%d/%m")) == ["01/01", "08/02", "12/02"]


def test_equal_rows_of_a_file_are_several_events_in_any_order(workspace, add):
    session = ("Quý 1/2017", "Mường Nhé", 1, "phụ nữ", 100)
    other = ("Quý 1/2017", "Nậm Kè", 1, "phụ nữ", 50)
    headings = ("Quý", "Xã", "Số buổi", "Cơ quan", "Số người tham dự")
    add(session, session, other, headings=headings, table="outreach")
    again = add(other, session, session, headings=headings, table="outreach", name="shuffled.xlsx")
    assert (again.accepted, again.known) == (3, 3)
    assert sorted(stored(workspace, "outreach")["attendees"]) == [50, 100, 100]


@pytest.fixture(scope="module")
def new_workspace(tmp_path_factory, copied):
    """Return a function that gives a workspace of its own, copied and not made anew."""
    made = workflow.init(tmp_path_factory.mktemp("new") / "w")

    def copy():
        return copied(made.folder, tmp_path_factory.mktemp("copy") / "w")

    return copy


def write_cases(path, rows):
    pd.DataFrame(rows, columns=list(HEADINGS)).to_csv(path, index=False)
    return path


DAYS = ("05/01/2017", "06/01/2017", "tháng 2/2017")
ROWS = st.lists(
    st.tuples(st.sampled_from(DAYS), st.sampled_from(["Mường Nhé", "Nậm Kè"]), st.integers(1, 2), st.just("công an")),
    min_size=1,
    max_size=6,
)


@settings(max_examples=8, phases=(Phase.explicit, Phase.generate))
@given(rows=ROWS, data=st.data())
def test_a_file_its_mended_fix_list_and_the_corrected_file_count_each_record_once(tmp_path, new_workspace, rows, data):
    workspace = new_workspace()
    wrong = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    sent = [("32/01/2017", *row[1:]) if bad else row for row, bad in zip(rows, wrong, strict=True)]
    added = workflow.add(workspace, "cases", write_cases(tmp_path / "sent.csv", sent), now=NOW)
    assert added.rejected == sum(wrong)
    if added.fixlist:
        book = openpyxl.load_workbook(added.fixlist)
        for number, day in enumerate((row[0] for row, bad in zip(rows, wrong, strict=True) if bad), start=2):
            book.active.cell(number, 1).value = day
        book.save(tmp_path / "mended.xlsx")
        assert workflow.add(workspace, "cases", tmp_path / "mended.xlsx", now=NOW + timedelta(hours=1)).rejected == 0
    workflow.add(workspace, "cases", write_cases(tmp_path / "right.csv", rows), now=NOW + timedelta(hours=2))
    alone = new_workspace()
    workflow.add(alone, "cases", tmp_path / "right.csv", now=NOW)
    assert sorted(stored(workspace)["case_id"]) == sorted(stored(alone)["case_id"])
    assert len(stored(workspace)) == len(rows)


def same_store(one, other):
    """Hold two stores to be alike but for the intakes' names, which bear the time, and the order of rows."""
    assert sorted(one.store.names()) == sorted(other.store.names())
    first, second = (
        stored(w)
        .sort_values("case_id", ignore_index=True)
        .assign(file=lambda rows, w=w: rows["intake_id"].map(files_of(w)))
        for w in (one, other)
    )
    pd.testing.assert_frame_equal(first.drop(columns="intake_id"), second.drop(columns="intake_id"))


@settings(max_examples=8, phases=(Phase.explicit, Phase.generate))
@given(ROWS, ROWS, st.booleans())
def test_undoing_a_file_leaves_what_the_other_alone_would_have_left(tmp_path, new_workspace, rows_a, rows_b, first):
    both, alone = new_workspace(), new_workspace()
    rows_b = [(day, f"xã {commune}", *others) for day, commune, *others in [*rows_b, *rows_a[:1]]]
    files = {"a": write_cases(tmp_path / "a.csv", rows_a), "b": write_cases(tmp_path / "b.csv", rows_b)}
    undone = "a" if first else "b"
    intakes = {
        name: workflow.add(both, "cases", file, now=NOW + timedelta(hours=hour)).intake_id
        for hour, (name, file) in enumerate(files.items())
    }
    workflow.undo(both, intakes[undone], now=NOW)
    workflow.add(alone, "cases", files["b" if first else "a"], now=NOW)
    same_store(both, alone)
    workflow.undo(both, intakes["b" if first else "a"], now=NOW)
    assert both.store.names() == new_workspace().store.names()


def test_an_undone_row_that_another_file_brought_stays_as_that_files_row(workspace, add):
    rows = [(f"0{day}/01/2017", "Mường Nhé", 1, "công an") for day in range(1, 9)]
    first, second = add(*rows[:5], name="a.xlsx"), add(*rows[2:], name="b.xlsx")
    assert (second.accepted, second.known) == (6, 3)
    undone = workflow.undo(workspace, first.intake_id, now=NOW)
    assert [str(said) for said in undone.messages][:2] == [
        "2 rows of a.xlsx were removed from cases",
        "3 of its rows stay: other files brought them too",
    ]
    left = stored(workspace).sort_values("date")
    assert left["date"].dt.day.tolist() == [3, 4, 5, 6, 7, 8]
    assert left["file_row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert set(left["intake_id"]) == {second.intake_id}
    workflow.undo(workspace, second.intake_id, now=NOW)
    assert stored(workspace).empty


def test_an_undone_intake_leaves_no_table_no_fix_list_and_no_byte_of_its_rows(workspace, add):
    names = workspace.store.names()
    headings = ("Số hồ sơ", *HEADINGS)
    added = add(("CANARY-1", "05/01/2017", "Mường Nhé", 1, "công an"), ("x", "?", "?", "?", "?"), headings=headings)
    assert added.fixlist.exists()
    workflow.undo(workspace, added.intake_id, now=NOW)
    assert workspace.store.names() == names
    assert not added.fixlist.exists()
    if workspace.layers.exists():
        assert b"CANARY-1" not in workspace.layers.read_bytes()


def test_a_file_with_rejected_rows_that_comes_again_leaves_no_second_fix_list(workspace, add):
    rows = (("05/01/2017", "Mường Nhé", 1, "công an"), ("32/01/2017", "Mường Nhé", 1, "công an"))
    first = add(*rows)
    before = sorted(workspace.intake.iterdir()), workspace.store.digest()
    again = workflow.add(workspace, "cases", workspace.folder.parent / "cases.xlsx", now=NOW + timedelta(days=1))
    assert (again.known, again.rejected, again.fixlist) == (1, 1, first.fixlist)
    assert (sorted(workspace.intake.iterdir()), workspace.store.digest()) == before


def test_a_file_of_known_rows_only_can_be_undone_and_changes_nothing_then(workspace, add):
    row = ("05/01/2017", "Mường Nhé", 1, "công an")
    first, second = add(row, name="a.xlsx"), add(row, (*row[:2], 1, "CA tỉnh"), name="b.xlsx")
    assert (second.known, len(stored(workspace))) == (1, 2)
    workflow.undo(workspace, second.intake_id, now=NOW)
    assert stored(workspace)["intake_id"].tolist() == [first.intake_id]
    assert workspace.store.read("repeats").empty


def test_a_list_of_villages_between_two_readings_of_a_file_is_no_contradiction(workspace, add, tmp_path):
    row, headings = ("05/01/2017", "Nà Pán", 1, "công an"), ("Ngày", "Thôn, bản", "Số nạn nhân", "Nguồn tin")
    assert add(row, headings=headings).unplaced == 1
    (tmp_path / "villages.csv").write_text("village,commune_code\nNà Pán,03160\n", encoding="utf-8")
    workflow.add(workspace, "villages", tmp_path / "villages.csv", now=NOW)
    again = add(row, headings=headings)
    assert (again.accepted, again.known, again.rejected) == (1, 1, 0)


NUMBERED = ("Số hồ sơ", *HEADINGS)
POLICE = ("1", "05/01/2017", "Mường Nhé", 1, "công an")
GUARD = ("1", "05/04/2017", "Nậm Kè", 1, "biên phòng")


def test_two_offices_that_give_the_same_number_keep_both_records(workspace, add):
    first = add(POLICE, headings=NUMBERED, name="police.xlsx")
    second = add(GUARD, headings=NUMBERED, name="guard.xlsx")
    assert (second.accepted, second.rejected, second.known) == (1, 0, 0)
    assert stored(workspace)["case_id"].tolist() == ["1", "border_guard:1"]
    assert add(GUARD, headings=NUMBERED, name="guard2.xlsx").known == 1
    both = add(POLICE, GUARD, headings=NUMBERED, name="both.xlsx")
    assert (both.accepted, both.known) == (2, 2)
    workflow.undo(workspace, both.intake_id, now=NOW)
    # Alone, the number needs no office before it.
    workflow.undo(workspace, first.intake_id, now=NOW)
    assert stored(workspace)["case_id"].tolist() == ["1"]
    assert stored(workspace)["intake_id"].tolist() == [second.intake_id]


def test_two_offices_may_share_a_number_within_a_file_but_one_may_not_give_it_twice(workspace, add):
    added = add(POLICE, GUARD, ("2", *POLICE[1:]), ("2", "09/09/2017", *POLICE[2:]), headings=NUMBERED)
    assert (added.accepted, added.rejected) == (2, 2)
    assert stored(workspace)["case_id"].tolist() == ["police:1", "border_guard:1"]


def test_a_number_whose_office_alone_was_changed_is_no_other_record(workspace, add):
    add(POLICE, headings=NUMBERED)
    changed = add((*POLICE[:-1], "hòm thư"), headings=NUMBERED, name="changed.xlsx")
    assert (changed.accepted, changed.rejected) == (0, 1)


def test_decisions_on_links_follow_an_identifier_that_loses_its_office(workspace, add, tmp_path):
    first = add(POLICE, headings=NUMBERED, name="police.xlsx")
    add(GUARD, headings=NUMBERED, name="guard.xlsx")
    add(("7", *GUARD[1:4], "công an"), headings=NUMBERED, name="other.xlsx")
    decide(workspace, tmp_path, ("7", "border_guard:1", "đúng"))
    workflow.undo(workspace, first.intake_id, now=NOW)
    assert links_of(workspace) == [("1", "7", "confirmed")]


def decide(workspace, tmp_path, *pairs):
    pd.DataFrame(pairs, columns=["id_a", "id_b", "decision"]).to_csv(tmp_path / "links.csv", index=False)
    assert workflow.add(workspace, "links", tmp_path / "links.csv", now=NOW + timedelta(days=1)).rejected == 0


def links_of(workspace):
    links = workspace.store.read("links")
    return list(links[["id_a", "id_b", "status"]].itertuples(index=False, name=None))


SAME_CASE = ("1", "06/01/2017", "Mường Nhé", 1, "biên phòng")


def test_a_file_can_be_undone_whose_number_a_linked_row_of_another_office_takes(workspace, add):
    police = add(POLICE, headings=NUMBERED, name="police.xlsx")
    add(SAME_CASE, headings=NUMBERED, name="guard.xlsx")
    assert links_of(workspace) == [("1", "border_guard:1", "proposed")]
    workflow.undo(workspace, police.intake_id, now=NOW)
    assert stored(workspace)["case_id"].tolist() == ["1"]
    assert links_of(workspace) == []


@pytest.mark.parametrize("third_comes", ["before the undo", "after it"])
def test_a_decision_on_a_row_that_went_is_not_handed_to_another_of_its_number(workspace, add, tmp_path, third_comes):
    """…and holds again once that row is back, under whatever identifier."""
    hotline = ("1", "08/08/2014", "Sín Thầu", 1, "đường dây nóng")
    police = add(POLICE, headings=NUMBERED, name="police.xlsx")
    add(("9", *SAME_CASE[1:]), headings=NUMBERED, name="guard.xlsx")
    decide(workspace, tmp_path, ("1", "9", "đúng"))
    if third_comes == "before the undo":
        add(hotline, headings=NUMBERED, name="hotline.xlsx")
    workflow.undo(workspace, police.intake_id, now=NOW)
    if third_comes == "after it":
        add(hotline, headings=NUMBERED, name="hotline.xlsx")
    assert sorted(stored(workspace)["case_id"]) == ["1", "9"]
    assert links_of(workspace) == [("9", "police:1", "confirmed")]
    layers = workflow.read_layers(workspace)
    assert workflow.analyse(layers, workspace.settings).panel.totals()["cases"].sum() == 2
    add(POLICE, headings=NUMBERED, name="police.xlsx")
    assert sorted(stored(workspace)["case_id"]) == ["1", "9", "police:1"]
    assert links_of(workspace) == [("9", "police:1", "confirmed")]


def test_a_list_of_links_decides_nothing_on_a_row_that_took_a_number_since(workspace, add, tmp_path):
    police = add(POLICE, headings=NUMBERED, name="police.xlsx")
    guard = add(("9", *SAME_CASE[1:]), headings=NUMBERED, name="guard.xlsx")
    add(("1", "08/08/2014", "Sín Thầu", 1, "đường dây nóng"), headings=NUMBERED, name="hotline.xlsx")
    book = openpyxl.load_workbook(workspace.intake / guard.intake_id / "links.xlsx")
    book.active.cell(2, 8).value = "đúng"
    book.save(tmp_path / "links.xlsx")
    workflow.undo(workspace, police.intake_id, now=NOW)
    assert sorted(stored(workspace)["case_id"]) == ["1", "9"]
    late = workflow.add(workspace, "links", tmp_path / "links.xlsx", now=NOW + timedelta(days=2))
    assert (late.accepted, late.rejected) == (0, 1)
    assert any("is another row now than when the list was written" in str(message) for message in late.messages)
    assert links_of(workspace) == []


WHOLE = ("Ngày", "Xã", "Huyện", "Số nạn nhân", "Nguồn tin")


@pytest.mark.parametrize(
    ("headings", "place"),
    [
        (WHOLE, ("Sín Thầu", "Mường Nhé")),
        (WHOLE, ("Xã Sín Thầu", "Huyện Mường Nhé")),
        (WHOLE, ("SÍN THẦU", "MƯỜNG NHÉ")),
        (HEADINGS, ("Xã Sín Thầu, huyện Mường Nhé",)),
        (("Ngày", "Mã xã", *HEADINGS[2:]), ("3158",)),
    ],
)
def test_a_case_whose_place_is_written_another_way_is_the_same_case(workspace, add, headings, place):
    add(("13/02/2017", "Sín Thầu", 1, "công an"), name="first.xlsx")
    again = add(("13/02/2017", *place, 1, "CA tỉnh"), headings=headings, name="again.xlsx")
    assert (again.accepted, again.known, again.rejected) == (1, 1, 0)
    assert len(stored(workspace)) == 1


def test_a_village_is_part_of_the_place_however_it_is_written(workspace, add):
    headings = ("Ngày", "Bản", *HEADINGS[1:])
    add(("13/02/2017", "Bản Tả Kố Khừ", "Sín Thầu", 1, "công an"), headings=headings, name="a.xlsx")
    same = add(("13/02/2017", "tả kố  khừ", "xã Sín Thầu", 1, "công an"), headings=headings, name="b.xlsx")
    other = add(("13/02/2017", "A Pa Chải", "Sín Thầu", 1, "công an"), headings=headings, name="c.xlsx")
    assert (same.known, other.known, len(stored(workspace))) == (1, 0, 2)


def test_a_row_whose_first_file_is_undone_says_its_place_as_the_other_file_does(workspace, add):
    first = add(("13/02/2017", "SÍN THẦU", 1, "công an"), name="first.xlsx")
    add(("13/02/2017", "Xã Sín Thầu", "Mường Nhé", 1, "công an"), headings=WHOLE, name="second.xlsx")
    workflow.undo(workspace, first.intake_id, now=NOW)
    (left,) = stored(workspace)[["commune", "district", "commune_code"]].itertuples(index=False, name=None)
    assert left == ("Xã Sín Thầu", "Mường Nhé", "03158")


def test_a_later_file_of_an_office_that_says_more_of_a_case_is_asked_about(workspace, add, tmp_path):
    more = (*HEADINGS, "Số đối tượng")
    add(("13/02/2017", "Sín Thầu", 1, "công an"), ("14/03/2017", "Mường Toong", 2, "công an"), name="quarter.xlsx")
    later = add(
        ("13/02/2017", "Sín Thầu", 1, "công an", 3),
        ("14/03/2017", "Mường Toong", 2, "công an", 1),
        headings=more,
        name="half.xlsx",
    )
    assert later.known == 0
    pairs = [(a, b) for a, b, _ in links_of(workspace)]
    dates = stored(workspace).set_index("case_id")["date"]
    assert [dates[a] == dates[b] for a, b in pairs] == [True, True]
    decide(workspace, tmp_path, *((*pair, "đúng") for pair in pairs))
    totals = workflow.analyse(workflow.read_layers(workspace), workspace.settings).panel.totals()
    assert totals[["cases", "victims"]].sum().tolist() == [2, 3]


ONLY = "only with other cells filled: if they are the same, undo the intakes"


def said_before(added):
    return [said for said in map(str, added.messages) if ONLY in said]


def test_a_later_file_of_sessions_that_says_more_of_one_is_told(workspace, add):
    """Sessions have no links: nobody can be asked, but nothing is counted twice in silence."""
    headings, session = ("Ngày", "Xã", "Số buổi", "Cơ quan"), ("13/02/2017", "Sín Thầu", 1, "phụ nữ")
    first = add(session, headings=headings, table="outreach", name="a.xlsx")
    more = (*headings, "Số người tham dự")
    later = add((*session, 80), ("14/02/2017", *session[1:], 80), headings=more, table="outreach", name="b.xlsx")
    assert said_before(later) == [f"rows 2 say what rows of the workspace say, {ONLY} {first.intake_id}"]
    # Another number of persons is another session; only the first file's row may be the same.
    third = add((*session, 90), headings=more, table="outreach", name="c.xlsx")
    assert said_before(third) == [f"rows 2 say what rows of the workspace say, {ONLY} {first.intake_id}"]
    assert said_before(add((*session, 90), headings=more, table="outreach", name="d.xlsx")) == []


def test_rows_of_one_file_or_with_numbers_of_one_office_are_told_apart(workspace, add):
    row = ("13/02/2017", "Sín Thầu", 1, "công an")
    add(row, row, name="one_file.xlsx")
    assert links_of(workspace) == []
    numbered = [(number, "13/02/2018", "Nậm Kè", 1, "công an") for number in "12"]
    add(numbered[0], headings=NUMBERED, name="numbers.xlsx")
    add(numbered[1], headings=NUMBERED, name="more_numbers.xlsx")
    assert links_of(workspace) == []


def test_rows_that_were_there_already_are_named(workspace, add):
    headings = ("Quý", "Xã", "Số buổi", "Cơ quan")
    session = ("Quý 1/2017", "Mường Nhé", 1, "phụ nữ")
    add(session, headings=headings, table="outreach", name="a.xlsx")
    again = add(session, ("Quý 2/2017", *session[1:]), headings=headings, table="outreach", name="b.xlsx")
    said = [str(message) for message in again.messages]
    assert "1 rows were in the workspace already and are not counted again: 2" in said
    assert any("give each session its own number" in message for message in said)
