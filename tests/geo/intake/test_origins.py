"""Ethnicity and religion in texts, and what only sounds so."""

import pytest

from geo.intake.origins import tells_origin


@pytest.mark.parametrize(
    "text",
    [
        "dân tộc Mông", "bà con dân tộc mông", "phụ nữ dân tộc H'Mông", "dân tộc: Thái", "DÂN TỘC KHƠ MÚ",
        "dan toc Mong", "dân tộc thiểu số Si La", "dân tộc Lào", "người Dao ở bản", "nguoi Mong",
        "đạo Tin Lành", "TIN LANH", "hộ theo đạo",
    ],
)  # fmt: skip
def test_an_ethnicity_or_a_religion_is_found(text):
    assert tells_origin(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ban Dân tộc", "Phòng Dân tộc - Tôn giáo", "Trường dân tộc nội trú", "đồng bào dân tộc thiểu số",
        "người mong tin", "người dao động", "người Mường Nhé", "dân tộc Mường Ảng", "người Thái Bình", "người Lào",
        "nói chuyện bằng tiếng Mông", "xã Mường Mươn", "lãnh đạo xã",
    ],
)  # fmt: skip
def test_offices_places_languages_and_other_words_are_none(text):
    assert not tells_origin(text)
