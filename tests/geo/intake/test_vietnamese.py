import re
import unicodedata

import pytest

from geo.intake.vietnamese import LETTERS, VOWELS, is_syllable
from tests.geo.intake.old_charsets import NAMES, SMALL


def test_the_letters_are_those_of_unicode_that_are_not_in_ascii():
    assert {letter for letter in LETTERS if not letter.isascii()} == set(SMALL)
    assert len(set(LETTERS + LETTERS.upper())) == 146
    assert VOWELS["ơ"] == "ờởỡớợ"


def test_every_word_of_the_provinces_names_is_a_syllable():
    words = {word for name in NAMES for word in re.findall(r"[^\W\d_]+", name)}
    assert len(words) > 150
    assert [word for word in words if not is_syllable(word)] == []


def test_syllables_of_all_kinds_are_known_in_both_cases_and_both_normal_forms():
    words = "nghiêng quỳnh khuỷu thuở giữa gì oái xoong khuya ươm yếu tuyệt hoạch quốc ngoằn thuỳ thùy hòa hoà ỉa lưu"
    for word in words.split():
        assert is_syllable(word)
        assert is_syllable(unicodedata.normalize("NFD", word.upper()))


@pytest.mark.parametrize(
    "word",
    [
        "",
        "HĐND",
        "été",
        "hôtel",
        "Zürich",
        "señor",
        "café",
        "où",
        "việtnam",
        "viềt",
        "tỏch",
        "hàá",
        "ngữe",
        "Ñieän",
        "ab1",
    ],
)
def test_what_spelling_forbids_is_no_syllable(word):
    assert not is_syllable(word)
