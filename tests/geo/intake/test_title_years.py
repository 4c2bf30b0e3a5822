from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.intake import RawTable, accept, read_records
from geo.intake.reading import SHEET_STEP
from geo.intake.title_years import with_years, year_in

TODAY = pd.Timestamp("2019-01-01")


@pytest.mark.parametrize(
    ("titles", "year"),
    [
        (["Báo cáo kết quả quý III năm 2017"], 2017),
        (["CÔNG AN TỈNH", "NĂM 2017"], 2017),
        (["Quý IV/2017"], 2017),
        (["TỔNG HỢP THÁNG 9 - 2017", "Năm 2017"], 2017),
        (["6 tháng đầu năm 2017", "Điện Biên, ngày 05 tháng 7 năm 2017"], 2017),
        (["Quý IV năm 2017", "Điện Biên, ngày 5 tháng 1 năm 2018"], None),
        (["Kế hoạch năm 2017", "Thực hiện năm 2018"], None),
        (["Điện Biên, ngày 5 tháng 1 năm 2018"], None),
        (["Báo cáo ngày 5/1/2018"], None),
        (["Báo cáo số 2017/BC-CAT"], None),
        (["Năm 12017"], None),
        ([], None),
    ],
)
def test_titles_name_a_year_where_one_alone_stands_there(titles, year):
    assert year_in(titles) == year


def completed(cells, years):
    text, rows = with_years(pd.Series(cells, dtype=object), pd.Series(years, dtype=float), today=TODAY)
    return text.tolist(), rows.tolist()


def test_cells_without_a_year_get_that_of_their_title():
    cells = ["Quý II", "quý 3", "tháng ba", "6 tháng đầu năm", "03/04/2017", None, "31/3", "quý I/2017"]
    assert completed(cells, [2017] * 8) == (
        ["Quý II năm 2017", "quý 3 năm 2017", "tháng ba năm 2017", "6 tháng đầu năm 2017", *cells[4:]],
        [0, 1, 2, 3],
    )


def test_a_date_of_another_year_in_a_sheet_of_that_title_contradicts_it():
    cells = ["Quý II", "31/12/2016", "Quý II", "5/5/2018"]
    assert completed(cells, [2017, 2017, 2018, 2018]) == (["Quý II", "31/12/2016", "Quý II năm 2018", "5/5/2018"], [2])


def test_without_a_year_in_the_title_nothing_is_changed():
    assert completed(["Quý II"], [np.nan]) == (["Quý II"], [])


@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order):
    cells = pd.Series(["Quý II", "quý 3", "31/12/2016", "Quý II", None, "5/5/2018"], dtype=object)
    years = pd.Series([2017, 2017, 2017, 2018, 2018, 2018], dtype=float)
    one, rows = with_years(cells, years, today=TODAY)
    two, others = with_years(cells.iloc[order], years.iloc[order], today=TODAY)
    pd.testing.assert_series_equal(one, two.sort_index())
    assert set(rows) == set(others)


def test_each_sheet_has_its_own_title_and_the_report_says_where_the_year_stood(tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for year in (2016, 2017):
        sheet = book.create_sheet(str(year))
        sheet.append([f"BÁO CÁO NĂM {year}"])
        sheet.append(["Thời gian", "Số nạn nhân", "Nguồn tin"])
        sheet.append(["Quý III", 1, "Công an"])
    book.save(tmp_path / "t.xlsx")
    raw = read_records(tmp_path / "t.xlsx", "cases")
    assert raw.years == (2016, 2017)
    intake = accept(raw, "cases", today=TODAY)
    assert intake.accepted["date"].tolist() == [pd.Timestamp("2016-07-01"), pd.Timestamp("2017-07-01")]
    assert set(intake.accepted["date_precision"]) == {"quarter"}
    assert [(column, str(said), rows) for column, said, rows in intake.repairs] == [
        ("date", f"read as {year}-07-01: the first day of the quarter; the year stands in the title", [row])
        for year, row in ((2016, 3), (2017, SHEET_STEP + 3))
    ]


def test_the_fix_list_shows_the_year_as_it_bears_no_title():
    cells = pd.DataFrame({"date": ["Quý III"], "victims": ["nhiều"], "source": ["police"]}, index=[3], dtype=object)
    intake = accept(RawTable(Path("t.xlsx"), cells, years=(2017,)), "cases", today=TODAY)
    assert intake.rejected["date"].tolist() == ["Quý III năm 2017"]


def test_since_when_somebody_is_absent_is_not_told_by_the_title():
    cells = {"reported_on": "Quý III", "absent_since": "tháng 3", "status": "open"}
    frame = pd.DataFrame([cells], index=[3], dtype=object)
    intake = accept(RawTable(Path("t.xlsx"), frame, years=(2017,)), "absences", today=TODAY)
    assert intake.rejections[3].column == "absent_since"
    assert str(intake.rejections[3].reason).startswith("has no year")
