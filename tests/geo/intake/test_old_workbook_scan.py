import struct

import pytest
import xlwt

from geo.errors import IntakeError
from geo.intake import old_workbook_scan
from geo.intake.old_workbook_scan import check_old
from geo.intake.sheets import read_sheets

NUMBER, DIMENSIONS, MERGED = 0x027E, 0x0200, 0x00E5


@pytest.fixture
def workbook(tmp_path):
    """Return a workbook as Excel 97 wrote it: a heading, two rows, and a merge."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Quý 3")
    for row, cells in enumerate(
        [("Ngày", "Xã", "Số nạn nhân"), ("05/03/2016", "Mường Xa", 2.5), ("06/03/2016", "", 1)]
    ):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    sheet.write_merge(3, 4, 0, 1, "Tổng")
    book.save(str(tmp_path / "t.xls"))
    return tmp_path / "t.xls"


def changed(path, kind, place, form, *values):
    """Overwrite a part of the first record of a kind."""
    data = bytearray(path.read_bytes())
    begin = 0
    while True:
        begin = data.index(struct.pack("<H", kind), begin)
        length = struct.unpack_from("<H", data, begin + 2)[0]
        if length == {NUMBER: 10, DIMENSIONS: 14, MERGED: 10}[kind]:
            break
        begin += 1
    struct.pack_into(form, data, begin + 4 + place, *values)
    path.write_bytes(data)


def test_a_workbook_of_excel_97_is_read_as_it_is(workbook):
    check_old(workbook)
    rows = list(read_sheets(workbook).sheets[0].rows)
    assert [cells[:3] for _, cells in rows][:2] == [["Ngày", "Xã", "Số nạn nhân"], ["05/03/2016", "Mường Xa", "2.5"]]


@pytest.mark.parametrize(
    ("kind", "place", "form", "values"),
    [
        (NUMBER, 0, "<2H", (65535, 65535)),
        (DIMENSIONS, 0, "<2I2H", (0, 2**32 - 1, 0, 65535)),
        (DIMENSIONS, 0, "<2I2H", (0, 65536, 0, 1024)),
    ],
)
def test_a_cell_far_away_and_a_size_that_is_only_said_are_refused(workbook, kind, place, form, values):
    changed(workbook, kind, place, form, *values)
    with pytest.raises(IntakeError, match="holds something far from its table"):
        read_sheets(workbook)


def test_merges_are_counted(workbook, monkeypatch):
    changed(workbook, MERGED, 2, "<4H", 3, 1002, 0, 1)
    check_old(workbook)
    monkeypatch.setattr(old_workbook_scan, "MOST_MERGED", 999)
    with pytest.raises(IntakeError, match="holds something far from its table"):
        read_sheets(workbook)


def test_a_whole_sheet_of_an_old_workbook_is_within_the_limits(workbook):
    changed(workbook, DIMENSIONS, 0, "<2I2H", 0, 65536, 0, 256)
    check_old(workbook)


@pytest.mark.parametrize("kept", [8, 600, 3000])
def test_a_file_cut_off_is_not_readable(workbook, kept):
    workbook.write_bytes(workbook.read_bytes()[:kept])
    with pytest.raises(IntakeError, match="not a readable workbook"):
        read_sheets(workbook)
