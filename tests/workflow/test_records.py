"""Records of several offices in one workspace. All content is made up."""

from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

import workflow
from geo.errors import IntakeError

NOW = datetime(2018, 1, 2, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path):
    return workflow.init(tmp_path / "w")


def written(path, *rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def test_a_heading_named_for_one_office_holds_for_its_next_file_and_no_other(tmp_path, workspace):
    one = written(
        tmp_path / "a.xlsx", ["Ngày", "Xã", "SL", "Nguồn tin"], ["05/01/2017", "Mường Nhé", 1, "công an"],
        ["32/01/2017", "Nậm Kè", 2, "công an"],
    )  # fmt: skip
    with pytest.raises(IntakeError, match="needs the columns victims"):
        workflow.add(workspace, "cases", one, now=NOW)
    first = workflow.add(workspace, "cases", one, columns={"victims": "SL"}, now=NOW)
    assert (first.accepted, first.rejected) == (1, 1)

    other = written(
        tmp_path / "b.xlsx", ["Ngày", "Xã", "Số nạn nhân", "Nguồn tin"], ["05/03/2017", "Mường Nhé", 3, "hòm thư"]
    )
    assert workflow.add(workspace, "cases", other, now=NOW + timedelta(seconds=1)).accepted == 1

    again = written(
        tmp_path / "c.xlsx", ["STT", "Xã", "Ngày", "SL", "Nguồn tin"], [1, "Nậm Kè", "05/04/2017", 4, "công an"]
    )
    third = workflow.add(workspace, "cases", again, now=NOW + timedelta(seconds=2))
    assert third.accepted == 1
    said = "Note: SL was read as victims, as it was named for an earlier file"
    assert said in [str(message) for message in third.messages]
    assert sorted(workspace.store.read("cases")["victims"]) == [1, 3, 4]

    fixed = openpyxl.load_workbook(first.fixlist)
    place = [cell.value for cell in fixed.active[1]].index("Ngày") + 1
    fixed.active.cell(2, place).value = "31/01/2017"
    fixed.save(tmp_path / "fixed.xlsx")
    assert workflow.add(workspace, "cases", tmp_path / "fixed.xlsx", now=NOW + timedelta(seconds=3)).accepted == 1


def test_a_heading_that_is_named_must_be_there(tmp_path, workspace):
    file = written(tmp_path / "a.xlsx", ["Ngày", "Xã", "Số nạn nhân"], ["05/01/2017", "Mường Nhé", 1])
    with pytest.raises(IntakeError, match="there is no column Số vụ"):
        workflow.add(workspace, "cases", file, columns={"offenders": "Số vụ"}, agency="police", now=NOW)


HEADINGS = ["Thời gian", "Xã", "Huyện", "Số nạn nhân", "Nguồn tin"]
QUARTERS = [[f"{quarter}/2017", "Sín Thầu", "Mường Nhé", n, "công an"] for quarter, n in (("Quý I", 1), ("Quý II", 2))]
YEAR = ["Cả năm 2017", "Sín Thầu", "Mường Nhé", 3, "công an"]


def victims(workspace):
    return int(workspace.store.read("cases")["victims"].sum())


def test_a_sum_is_not_counted_though_its_fix_list_comes_back_as_it_is(tmp_path, workspace):
    first = workflow.add(workspace, "cases", written(tmp_path / "a.xlsx", HEADINGS, *QUARTERS, YEAR), now=NOW)
    assert (first.accepted, first.rejected, victims(workspace)) == (2, 1, 3)
    again = workflow.add(workspace, "cases", first.fixlist, now=NOW + timedelta(seconds=1))
    assert (again.accepted, again.rejected, victims(workspace)) == (0, 1, 3)
    said = "rows 2: Số nạn nhân covers the time and place of 2 rows in the workspace"
    assert any(str(message).startswith(said) for message in again.messages)
    numbered = written(tmp_path / "b.xlsx", [*HEADINGS, "Mã vụ"], [*YEAR, "7"])
    assert workflow.add(workspace, "cases", numbered, now=NOW + timedelta(seconds=2)).accepted == 1


def test_quarters_that_come_after_their_year_are_told(tmp_path, workspace):
    year = workflow.add(workspace, "cases", written(tmp_path / "a.xlsx", HEADINGS, YEAR), now=NOW)
    spelled = [[time, f"Xã {name}", None, n, office] for time, name, _, n, office in QUARTERS]
    quarters = written(tmp_path / "b.xlsx", HEADINGS, *spelled)
    added = workflow.add(workspace, "cases", quarters, now=NOW + timedelta(seconds=1))
    assert added.accepted == 2
    doubt = (
        "rows of the workspace cover the time and place of rows of this file; if they are sums of these, undo their "
    )
    assert f"{doubt}intakes: {year.intake_id}" in [str(message) for message in added.messages]
