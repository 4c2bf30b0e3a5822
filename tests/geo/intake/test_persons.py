"""What is taken for a person and what is not. All names and numbers are made up."""

import time
import timeit

import pytest

from geo import boundaries
from geo.intake.persons import Persons, has_personal_number
from geo.names import fold, without_accents
from geo.schema import VINTAGES

PERSONS = (
    "Lò Thị Mỷ (SN 2001)",
    "nhà ông Lò Văn Tám",
    "1. Vàng A Chống, 2. Giàng A Páo",
    "ngày Lò Thị Ngày",
    "Thăm gia đình Lò Thị Kín, SĐT 0912345678",
    "gặp em Kín",
    "Nhà Lò Thị Kín",
    "LÒ VĂN MẪU",
    "gap Lo Thi Kin",
    "Giang A Pao",
    "lò thị mỷ",
    "Hờ A Chúa",
    "Chá Thị Dở",
    "Phàng A Lử",
    "Tráng A Câu",
    "Hảng Thị Só",
    "Lù Văn Pha",
    "Lò Thị Xã",
    "Nguyễn Hoàng Minh Anh",
    "Lò Mỷ",
    "Kín, sinh năm 2004",
    "CCCD 11204",
    "CMND 145.678.901",
    "Vương Văn Hùng",
    "Thái Văn Nam",
    "Thái Minh Thử",
    "Xồng Bá Chù",
    "Kiều Minh Tuấn",
    "gặp Vương Minh Tuấn ở chợ",
    "nhà Vương Văn Hùng, xã Sín Thầu",
    "vừ a páo",
    "Khachac Văn Thử",
)
OTHERS = (
    "Nói chuyện chuyên đề",
    "CLB Phụ nữ với pháp luật",
    "PHÒNG CHỐNG MA TÚY VÀ MUA BÁN NGƯỜI",
    "phụ nữ và trẻ em Mường Nhé",
    "xã và thị trấn Tủa Chùa",
    "công an Hà Nội",
    "chị em Phụ nữ xã",
    "làm theo Bác Hồ",
    "Nhà Văn hóa bản",
    "bản Ma Thì Hồ, Huổi Puốc",
    "TP. Hồ Chí Minh",
    "Đồn BP Leng Su Sìn",
    "Tuan tra don bien phong Muong Nhe - ca sang",
    "CA TINH DIEN BIEN",
    "Báo cáo số 123/BC-BTV ngày 15/12/2023",
    "H. Điện Biên",
    "Nhà Văn Hóa",
    "Xây Dựng Nếp Sống Văn Minh",
    "Thôn Văn Tiến",
    "ĐỘI VĂN NGHỆ",
    "tỉnh Thái Bình",
    "quà trị giá 145.678.000 đồng",
)
NUMBERS = (
    "0912345678", "0912 345 678", "0912 34 56 78", "0912.345.678", "+84 912 345 678", "84912345678", "912345678",
    "011123456", "11204001234", "011204001234", "011 204 001 234", "145.678.901", "a@b.vn",
)  # fmt: skip
NO_NUMBERS = (
    "17.400", "2017-03-31", "2017-03-31 10:00:00", "01-02-2017 10 người", "103.0171234567", "2366000.123", "489123",
    "03127", "18001567", "20170331", "201703310730", "102.450.000",
)  # fmt: skip


@pytest.mark.parametrize("text", PERSONS)
def test_a_person_is_found_in_any_text(text):
    assert Persons().in_text(text)


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_looks_like_a_person_is_left(text):
    assert not Persons().in_text(text)


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_of_persons_are_found_in_any_text(text):
    assert has_personal_number(text)
    assert has_personal_number(f"liên hệ {text}, gặp sau")


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_dates_counts_and_coordinates_are_no_numbers_of_persons(text):
    assert not has_personal_number(text)


@pytest.mark.parametrize("name", ["Vương Văn Hùng", "lo_van_mau", "LòVănMẫu", "HS-LO_THI_MAU", "0912345678"])
def test_an_identifier_may_be_a_person_whatever_parts_its_words(name):
    assert Persons().in_identifier(name)


@pytest.mark.parametrize(
    "name",
    ["HS_01", "VA-2017/03", "QĐ-12", "CA.TP.01", "vu_an_12", "border_guard:12", "6d874985e8a74949-2", "20170331"],
)
def test_an_offices_number_is_no_person(name):
    assert not Persons().in_identifier(name)


def test_a_long_word_costs_its_length_not_its_square():
    def seconds(n):
        return min(timeit.repeat(lambda: has_personal_number("a" * n), timer=time.process_time, number=1, repeat=5))

    assert seconds(40_000) < 24 * seconds(5_000) + 0.01


def test_no_unit_of_the_province_is_a_person_however_it_is_written():
    names = [name for vintage in VINTAGES for name in boundaries.facts(vintage)["name"]]
    names += [*boundaries.former_names()["name"], *boundaries.facts(VINTAGES[0])["district"]]
    assert len(names) > 45 + 129
    alone = [name.split(" ", 1)[1] for name in names]
    written = [*names, *alone, *map(str.upper, alone), *map(fold, alone), *(without_accents(n).title() for n in alone)]
    assert [name for name in written if Persons().in_text(name)] == []


def test_a_village_is_a_person_only_if_more_than_capitals_say_so():
    villages = ["Hồ Chim", "Vàng Lếch", "Lò Cang", "Cà Là Pá", "Nà Pán"]
    assert [name for name in villages if Persons().in_text(name, of_place=True)] == []
    persons = ["Lò Văn Chín", "nhà ông Tám", "0912345678"]
    assert [name for name in persons if Persons().in_text(name, of_place=True)] == persons
    assert not Persons(["Lò Văn Chín"]).in_text("họp tại Lò Văn Chín")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Báo cáo quý 3.xlsx", "Báo cáo quý 3.xlsx"),
        ("Lò Văn Bí Mật 0912345678.xlsx", "[đã xóa].xlsx"),
        ("Lo_Van_Bi_Mat.gpx", "[đã xóa].gpx"),
        ("gap-0912345678.csv", "[đã xóa].csv"),
        ("x.Lò Văn Mật", "[đã xóa]"),
        ("Vuong_Van_Hung.gpx", "[đã xóa].gpx"),
        ("LoVanMau.xlsx", "[đã xóa].xlsx"),
        ("tu_van_phap_ly.csv", "tu_van_phap_ly.csv"),
    ],
)
def test_a_files_name_that_names_a_person_keeps_its_ending_only(name, shown):
    assert Persons().masked_file(name) == shown
