import pytest

from geo.intake.headings import Sought
from geo.intake.layout import tables_in
from geo.intake.sheets import Sheet


def sheet(*rows):
    return Sheet("", iter(list(enumerate((list(row) for row in rows), start=1))))


def find_table(sheet, table, named=None):
    """Return the first table of a sheet, or None."""
    return next(tables_in(sheet, Sought.of(table, named)), None)


def places(layout):
    """Return the one place of each column."""
    return {name: place for name, (place,) in layout.headings.columns.items()}


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
    assert places(found) == {"date": 1, "commune": 2, "district": 3, "victims": 4}
    assert found.named["commune"] == "Địa điểm Xã"
    assert found.titles == ("CÔNG AN TỈNH", "Vụ việc quý 3")
    assert found.headings.unknown == ()
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
    assert places(found) == {"date": 0, "victims": 1}


@pytest.mark.parametrize(
    "heading", ["Ngày phát hiện", "ngay phat hien", "NGÀY", "Nga\u0300y", "Ngày, tháng, năm (*)", "date"]
)
def test_headings_are_known_in_any_spelling(heading):
    found = find_table(sheet([heading, "So nan nhan"], ["2017-01-01", "1"]), "cases")
    assert places(found) == {"date": 0, "victims": 1}


def test_of_two_headings_that_fit_the_more_telling_is_read():
    found = find_table(sheet(["Ngày", "Ngày phát hiện", "Số nạn nhân"]), "cases")
    assert places(found) == {"date": 1, "victims": 2}
    assert found.headings.unknown == ("Ngày",)


def test_columns_of_persons_are_never_taken_for_numbers():
    found = find_table(sheet(["Ngày", "Họ tên nạn nhân", "SĐT nạn nhân", "Năm sinh", "Dân tộc", "Nạn nhân"]), "cases")
    assert places(found) == {"date": 0, "victims": 5}
    assert found.headings.personal == ("Họ tên nạn nhân", "SĐT nạn nhân", "Năm sinh", "Dân tộc")


def test_how_precise_a_date_is_may_stand_in_a_column_of_its_own():
    found = find_table(sheet(["Ngày", "date_precision", "Số nạn nhân"]), "cases")
    assert places(found) == {"date": 0, "date_precision": 1, "victims": 2}


def test_a_named_heading_goes_before_the_vocabulary():
    found = find_table(sheet(["Ngày", "Cột 7", "Số nạn nhân"]), "cases", {"victims": "Cột 7"})
    assert places(found) == {"date": 0, "victims": 1}


@pytest.mark.parametrize("rows", [[], [["Báo cáo"]], [["2017-01-01", "Lò Thị Thử", "1"]], [["Ngày", ""], ["a", "b"]]])
def test_a_sheet_without_headings_has_no_table(rows):
    assert find_table(sheet(*rows), "cases") is None


H = ["Ngày", "Xã", "Số nạn nhân", "Nguồn tin"]


def test_a_record_below_the_headings_is_no_part_of_them():
    headings = ["STT", "Họ và tên", "Ngày phát hiện", "Tên xã", "Số nạn nhân", "Tóm tắt"]
    record = ["1", "Lò Thị Thử", "05/01/2017", "Mường Nhé", "1", "bắt giữ 02 đối tượng"]
    found = find_table(sheet(["CÔNG AN TỈNH"], headings, record), "cases")
    assert found.headings.texts == tuple(headings)
    assert list(found.rows) == [(3, record)]


@pytest.mark.parametrize("record", [["Lò Thị Thử", "Nữ", "Chưa về"], ["Quý III", "Nam", "Chưa về"]])
def test_a_record_without_a_number_is_no_heading_either(record):
    found = find_table(sheet(["Thời gian", "Giới tính", "Kết quả"], record), "absences")
    assert list(found.rows) == [(2, record)]


@pytest.mark.parametrize("title", [["CÔNG AN TỈNH - DANH SÁCH"], ["BÁO CÁO", "", "CỘNG HÒA XÃ HỘI"], ["BÁO CÁO"] * 4])
def test_titles_right_above_complete_headings_stay_titles(title):
    found = find_table(sheet(title, H, ["5/1/2017", "Mường Nhé", "1", "công an"]), "cases")
    assert found.titles == tuple(dict.fromkeys(filter(None, title)))
    assert found.headings.texts == tuple(H)


def test_what_was_done_is_read_and_not_what_was_planned():
    upper = ["STT", "Quý", "Kế hoạch", "Kế hoạch", "Thực hiện", "Thực hiện"]
    lower = ["STT", "Quý", "Số buổi", "Số người", "Số buổi", "Số người"]
    found = find_table(sheet(upper, lower, ["1", "Quý 1/2017", "10", "500", "4", "180"]), "outreach")
    assert places(found) == {"date": 1, "sessions": 4, "attendees": 5}
    assert found.headings.unknown == ("Kế hoạch Số buổi", "Kế hoạch Số người")


@pytest.mark.parametrize(
    ("headings", "victims"),
    [
        (["Ngày", "Số nạn nhân nữ", "Số nạn nhân nam"], (1, 2)),
        (["Ngày", "Số nạn nhân nữ", "Số nạn nhân nam", "Số nạn nhân"], (3,)),
        (["Ngày", "Số nạn nhân Tổng số", "Số nạn nhân Nam", "Số nạn nhân Nữ"], (1,)),
    ],
)
def test_counts_by_sex_are_added_up_where_there_is_no_total(headings, victims):
    assert find_table(sheet(headings), "cases").headings.columns["victims"] == victims


@pytest.mark.parametrize(
    "headings",
    [
        ["Ngày", "Số nạn nhân nữ"],
        ["Ngày", "Phát hiện số nạn nhân", "Giải cứu số nạn nhân"],
        ["Ngày", "Số nạn nhân", "Số nạn nhân"],
    ],
)
def test_columns_that_fit_equally_well_are_not_chosen_between(headings):
    found = find_table(sheet(headings), "cases").headings
    assert "victims" not in found.columns
    assert found.doubtful["victims"] == tuple(range(1, len(headings)))


def test_headings_stand_far_below_and_come_again():
    rows = [[f"dòng dẫn {n}"] for n in range(60)] + [H, ["5/1/2017", "Mường Nhé", "1", "công an"], H]
    found = find_table(sheet(*rows, ["6/1/2017", "Nậm Kè", "2", "công an"]), "cases")
    assert [number for number, _ in found.rows] == [62, 64]
    assert found.repeated == [63]


def test_a_second_table_with_other_columns_is_read_by_its_own_headings():
    other = ["STT", "Nguồn tin", "Ngày", "Số nạn nhân", "Xã"]
    rows = [H, ["5/1/2017", "Mường Nhé", "1", "công an"], ["Quý 2"], other, ["1", "công an", "5/5/2017", "3", "Nậm Kè"]]
    read = [(places(one), [n for n, _ in one.rows]) for one in tables_in(sheet(*rows), Sought.of("cases"))]
    assert read == [
        ({"date": 0, "commune": 1, "victims": 2, "source": 3}, [2, 3]),
        ({"source": 1, "date": 2, "victims": 3, "commune": 4}, [5]),
    ]


def test_an_earlier_file_names_columns_only_of_files_with_all_of_its_headings():
    saved = [(frozenset({"ngay", "sl", "nguon tin"}), {"victims": "SL"})]
    sought = Sought.of("cases", saved=saved)
    again, other = (
        next(tables_in(sheet(headings), sought)).headings
        for headings in (["Ngày", "SL", "Nguồn tin"], ["Ngày", "SL", "Số nạn nhân"])
    )
    assert (again.columns["victims"], again.earlier) == ((1,), {"victims": "SL"})
    assert (other.columns["victims"], other.earlier) == ((2,), {})


def test_headings_that_a_shapefile_cut_are_known_by_their_beginning():
    cut = Sought.of("cases", cut=True)
    found = next(tables_in(sheet(["Ngay", "So_nan_nha", "So_doi_tuo"]), cut)).headings
    assert found.columns == {"date": (0,), "victims": (1,), "offenders": (2,)}


@pytest.mark.parametrize(
    ("headings", "date"),
    [
        (["Năm", "Tháng", "Số nạn nhân"], (1, 0)),
        (["Quý", "Năm", "Số nạn nhân"], (0, 1)),
        (["Ngày", "Tháng", "Năm", "Số nạn nhân"], (0, 1, 2)),
        (["Quý", "Số nạn nhân", "Nam"], (0,)),
    ],
)
def test_dates_stand_in_parts(headings, date):
    assert find_table(sheet(headings), "cases").headings.columns["date"] == date
