"""Files that overlap, come again, or come again mended: each record counts once. All records are made up."""

import shutil
from datetime import UTC, datetime, timedelta

import openpyxl
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import workflow
from geo.store import Store
from geo.workspace import Workspace

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
    return Store(workspace.layers).read(table)


def headings_of(fixlist):
    return [cell.value for cell in openpyxl.load_workbook(fixlist).active[1]]


def test_a_fix_list_names_no_vintage_that_nobody_named(workspace, add, mend):
    """Pá Mỳ is a commune of 2020 only: with the workspace's vintage beside it, the mended row would be refused."""
    added = add(("32/01/2017", "Pá Mỳ", 1, "công an"), ("05/01/2017", "Mường Nhé", 1, "công an"))
    assert "vintage" not in headings_of(added.fixlist)
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
def new_workspace(tmp_path_factory):
    """Return a function that gives a workspace of its own, copied and not made anew."""
    made = workflow.init(tmp_path_factory.mktemp("new") / "w")

    def copy():
        folder = tmp_path_factory.mktemp("copy") / "w"
        shutil.copytree(made.folder, folder)
        return Workspace(folder)

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
