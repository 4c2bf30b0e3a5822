"""Records of several offices in one workspace. All content is made up."""

from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

import workflow
from geo.errors import IntakeError
from geo.store import Store

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
    assert sorted(Store(workspace.layers).read("cases")["victims"]) == [1, 3, 4]

    fixed = openpyxl.load_workbook(first.fixlist)
    place = [cell.value for cell in fixed.active[1]].index("Ngày") + 1
    fixed.active.cell(2, place).value = "31/01/2017"
    fixed.save(tmp_path / "fixed.xlsx")
    assert workflow.add(workspace, "cases", tmp_path / "fixed.xlsx", now=NOW + timedelta(seconds=3)).accepted == 1


def test_a_heading_that_is_named_must_be_there(tmp_path, workspace):
    file = written(tmp_path / "a.xlsx", ["Ngày", "Xã", "Số nạn nhân"], ["05/01/2017", "Mường Nhé", 1])
    with pytest.raises(IntakeError, match="there is no column Số vụ"):
        workflow.add(workspace, "cases", file, columns={"offenders": "Số vụ"}, agency="police", now=NOW)
