import pytest

from geo.intake.layout import find_table
from geo.intake.sheets import Sheet


def sheet(*rows):
    return Sheet("", iter(list(enumerate((list(row) for row in rows), start=1))))


def test_headings_stand_below_titles_and_in_two_rows():
    found = find_table(
        sheet(
            ["CÔNG AN TỈNH", "CÔNG AN TỈNH", "", ""],
            ["Vụ việc quý 3", "", "", ""],
            ["STT", "Ngày phát hiện", "Địa điểm", "Địa điểm", "Số nạn nhân"],
            ["STT", "Ngày phát hiện", "Xã", "Huyện", "Số nạn nhân"],
            ["1", "3/7/2017", "Mường Nhé", "Mường Nhé", "2"],
        ),
        "cases",
    )
    assert found.columns == {"date": 1, "commune": 2, "district": 3, "victims": 4}
    assert found.named["commune"] == "Địa điểm Xã"
    assert found.titles == ("CÔNG AN TỈNH", "Vụ việc quý 3")
    assert found.unknown == ()
    assert [number for number, _ in found.rows] == [5]


def test_a_title_right_above_the_headings_is_no_part_of_them():
    rows = ["VỤ VIỆC NĂM 2017", "", ""], ["STT", "Ngày phát hiện", "Số nạn nhân"], ["1", "3/7/2017", "2"]
    merged = ["VỤ VIỆC NĂM 2017"] * 3, *rows[1:]
    for found in (find_table(sheet(*rows), "cases"), find_table(sheet(*merged), "cases")):
        assert found.titles == ("VỤ VIỆC NĂM 2017",)
        assert found.named == {"date": "Ngày phát hiện", "victims": "Số nạn nhân"}
        assert [number for number, _ in found.rows] == [3]


def test_a_word_above_headings_that_say_nothing_without_it_is_part_of_them():
    found = find_table(sheet(["", "Nạn nhân", "Nạn nhân"], ["Ngày", "Số", "Ghi chú"], ["3/7/2017", "2", ""]), "cases")
    assert found.columns == {"date": 0, "victims": 1}


@pytest.mark.parametrize(
    "heading", ["Ngày phát hiện", "ngay phat hien", "NGÀY", "Nga\u0300y", "Ngày, tháng, năm (*)", "date"]
)
def test_headings_are_known_in_any_spelling(heading):
    found = find_table(sheet([heading, "So nan nhan"], ["2017-01-01", "1"]), "cases")
    assert found.columns == {"date": 0, "victims": 1}


def test_of_two_headings_that_fit_the_more_telling_is_read():
    found = find_table(sheet(["Ngày", "Ngày phát hiện", "Số nạn nhân"]), "cases")
    assert found.columns == {"date": 1, "victims": 2}
    assert found.unknown == ("Ngày",)


def test_columns_of_persons_are_never_taken_for_numbers():
    found = find_table(sheet(["Ngày", "Họ tên nạn nhân", "SĐT nạn nhân", "Năm sinh", "Dân tộc", "Nạn nhân"]), "cases")
    assert found.columns == {"date": 0, "victims": 5}
    assert found.personal == ("Họ tên nạn nhân", "SĐT nạn nhân", "Năm sinh", "Dân tộc")


def test_how_precise_a_date_is_may_stand_in_a_column_of_its_own():
    found = find_table(sheet(["Ngày", "date_precision", "Số nạn nhân"]), "cases")
    assert found.columns == {"date": 0, "date_precision": 1, "victims": 2}


def test_a_named_heading_goes_before_the_vocabulary():
    found = find_table(sheet(["Ngày", "Cột 7", "Số nạn nhân"]), "cases", {"victims": "Cột 7"})
    assert found.columns == {"date": 0, "victims": 1}


@pytest.mark.parametrize("rows", [[], [["Báo cáo"]], [["2017-01-01", "Lò Thị Thử", "1"]], [["Ngày", ""], ["a", "b"]]])
def test_a_sheet_without_headings_has_no_table(rows):
    assert find_table(sheet(*rows), "cases") is None
