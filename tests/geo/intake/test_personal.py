import pandas as pd
import pytest

from geo.intake.personal import is_personal_heading, personal_columns, writable
from geo.intake.persons import REMOVED, persons
from geo.schema import TABLES


@pytest.mark.parametrize(
    "heading",
    ["Họ và tên", "HỌ TÊN NẠN NHÂN", "ho_ten", "Số CCCD/CMND", "Điện thoại", "SĐT", "Dân tộc", "Tôn giáo", "Ngày sinh",
     "Địa chỉ thường trú", "Người báo tin", "Phone", "Full name"],
)  # fmt: skip
def test_headings_of_persons_are_known(heading):
    assert is_personal_heading(heading)


def test_our_own_columns_are_not_personal():
    assert not [name for schema in TABLES.values() for name in schema.columns if is_personal_heading(name)]


def column(cells, table="outreach", name="kind"):
    return personal_columns(pd.DataFrame({name: pd.Series(cells, dtype=object)}), table)


def test_a_column_of_names_is_dropped_and_one_name_is_not_enough():
    names = ["Lò Thị Thử", "Giàng A Mẫu", "NGUYỄN VĂN VÍ DỤ", "Quàng Thị Thử"]  # made up
    assert column(names) == ["kind"]
    assert column([*names, *["loa"] * 5]) == ["kind"]
    assert column(["tuyên truyền tại bản", "chiếu phim", "Lò Thị Thử", "họp dân"]) == []


def test_rows_are_counted_not_texts():
    """One odd cell beside a text that all others hold is one row, not half of the texts."""
    assert column(["loa"] * 5 + ["gọi 0912345678"]) == []
    assert column(["Lò Thị Thử"] * 5 + ["loa"]) == ["kind"]


@pytest.mark.parametrize("name", ["date", "agency", "sessions", "attendees", "session_id", "commune"])
def test_a_column_that_is_not_free_text_is_never_dropped(name):
    assert column(["Lò Thị Thử"] * 3, name=name) == []


def test_what_may_be_written_of_a_row():
    cells = {
        "case_id": ["Lò Thị Thử", "HS-01"],
        "date": ["ngày Lò Thị Thử", "32/02/2017"],
        "commune": ["Lò Thị Thử", "Mường Nhé"],
        "village": ["Lò Thị Thử", "Hồ Chim"],
        "victims": ["Lò Thị Thử (SN 2001)", "hai người"],
        "offenders": ["1. Vàng A Mẫu", "trên 2"],
        "crossing_id": ["nhà ông Thử", "lối mở 3"],
        "source": ["Lò Văn Nguồn", "công an"],
        "lon": ["0912345678", "103°01'00\"E"],
    }
    shown = writable(pd.DataFrame(cells, dtype=object), "cases", persons())
    assert shown.loc[0].tolist() == [REMOVED] * len(cells)
    assert shown.loc[1].tolist() == [texts[1] for texts in cells.values()]


def test_a_column_of_origins_is_dropped():
    assert column(["dân tộc Mông", "đạo Tin Lành", "câu lạc bộ"], table="services", name="subkind") == ["subkind"]


@pytest.mark.parametrize("number", ["145.678.901", "145 678 901", "40123456", "12.345.678"])
def test_a_count_like_the_number_of_a_card_is_not_written(number):
    shown = writable(pd.DataFrame({"victims": [number, "17.400"]}, dtype=object), "cases", persons())
    assert shown["victims"].tolist() == [REMOVED, "17.400"]
