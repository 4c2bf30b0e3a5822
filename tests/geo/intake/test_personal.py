import pytest

from geo import boundaries
from geo.intake.personal import has_personal_number, is_personal_column, is_personal_heading
from geo.schema import TABLES, VINTAGES


@pytest.mark.parametrize(
    "heading",
    ["Họ và tên", "HỌ TÊN NẠN NHÂN", "ho_ten", "Số CCCD/CMND", "Điện thoại", "SĐT", "Dân tộc", "Tôn giáo", "Ngày sinh",
     "Địa chỉ thường trú", "Người báo tin", "Phone", "Full name"],
)  # fmt: skip
def test_headings_of_persons_are_known(heading):
    assert is_personal_heading(heading)


def test_our_own_columns_are_not_personal():
    assert not [name for schema in TABLES.values() for name in schema.columns if is_personal_heading(name)]


@pytest.mark.parametrize(
    "text", ["0912345678", "0912 345 678", "+84 912 345 678", "011123456", "011123456789", "a@b.vn"]
)
def test_numbers_of_persons_are_found_in_any_text(text):
    assert has_personal_number(text)
    assert has_personal_number(f"liên hệ {text}, gặp sau")


@pytest.mark.parametrize(
    "text", ["17.400", "2017-03-31", "103.0171234567", "2366000.123", "489123", "03127", "18001567"]
)
def test_dates_counts_and_coordinates_are_no_numbers_of_persons(text):
    assert not has_personal_number(text)


def test_names_of_places_do_not_make_a_column_personal():
    for vintage in VINTAGES:
        facts = boundaries.facts(vintage)
        assert not is_personal_column(facts["name"], places=True)
        assert not is_personal_column(facts["district"].dropna(), places=True)


def test_a_column_of_names_is_personal_whatever_it_is_called():
    names = ["Lò Thị Thử", "Giàng A Mẫu", "NGUYỄN VĂN VÍ DỤ", "Quàng Thị Thử"]  # made up
    assert is_personal_column(names)
    assert is_personal_column([*names, *["2"] * 8])
    assert not is_personal_column(["tuyên truyền tại bản", "chiếu phim", "Lò Thị Thử", "họp dân"])
