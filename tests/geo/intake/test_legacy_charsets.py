import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import IntakeError
from geo.intake.legacy_charsets import CHARSETS, from_legacy, legacy_charset
from geo.intake.vietnamese import LETTERS
from tests.geo.intake.old_charsets import NAMES, OFFICE_WORDS, SMALL, typed

FRENCH = (
    "L'élève où la forêt était déjà brûlée a dû rentrer à Noël, çà et là ; le maïs thaï naît tôt, l'hôtel « Été » "
    "coûte très cher, il se tut, haï de tous. Vît-il le rôt ? Le laïc aï, le goï, le gît."
)
LAO = (
    "Phôngsali Louang Namtha Bokèo Oudômxai Louangphrabang Houaphan Xaignabouli Xiangkhouang Viangchan Bolikhamxai "
    "Khammouan Savannakhét Saravan Xékong Champasak Attapu Paksé Muang Không Thakhèk Xépôn Môc Châu Tây Trang"
)
FOREIGN = FRENCH.split() + LAO.split()
ENGLISH = ["case_id", "date", "district of the reporting office", "2017-03-31", "naïve “café” – 37 °C", "½ m²", "", "—"]

vietnamese = st.text(st.sampled_from(sorted(set(LETTERS + LETTERS.upper() + "bcdghklmnpqrstvx BCDĐ-.,;0123456789\n"))))


def western(text):
    """As a workbook shows the bytes: what Windows-1252 leaves undefined stays as it is."""
    return "".join(bytes([ord(sign)]).decode("cp1252", errors="ignore") or sign for sign in text)


@pytest.mark.parametrize("charset", CHARSETS)
def test_each_letter_comes_back_from_bytes_and_from_cells(charset):
    for letter in SMALL + SMALL.upper():
        expected = letter.lower() if charset == "TCVN3" and letter not in "ĂÂĐÊÔƠƯ" else letter
        assert from_legacy(typed(letter, charset), charset) == expected
        assert from_legacy(western(typed(letter, charset)), charset) == expected


@pytest.mark.parametrize("charset", CHARSETS)
def test_names_and_words_come_back_composed(charset):
    for text in NAMES + OFFICE_WORDS:
        # “Ẳng” in the font of small letters is “ẳng”.
        expected = text.replace(" Ẳ", " ẳ").replace(" Ả", " ả") if charset == "TCVN3" else text
        assert from_legacy(western(typed(text, charset)), charset) == expected


@pytest.mark.parametrize("charset", CHARSETS)
def test_capitals_come_back_as_capitals(charset):
    for text in {*NAMES, *OFFICE_WORDS} - {"Xã Nà Hỳ", "Xã Pá Mỳ"}:  # short words may be capitalised ones
        assert from_legacy(typed(text.upper(), charset), charset) == text.upper()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("§IÖN BI£N", "ĐIỆN BIÊN"),
        ("UBND X· M¦êNG NHÐ", "UBND XÃ MƯỜNG NHÉ"),
        ("UBND x· M¦êNG NHÐ", "UBND xã MƯỜNG NHÉ"),
        ("X·", "Xã"),
        ("X· Nµ Hú", "Xã Nà Hỳ"),
        ("TP. Hµ Néi", "TP. Hà Nội"),
        ("Aµ, £Òn, Oß", "À, Ền, Ò"),
        ("MOãC", "MOÓC"),
    ],
)
def test_tcvn3_has_no_toned_capitals_but_a_font_of_them(cell, text):
    assert from_legacy(cell, "TCVN3") == text


@given(vietnamese)
@pytest.mark.parametrize("charset", ["VNI", "VPS", "VISCII", "Windows-1258"])
def test_any_vietnamese_text_comes_back(charset, text):
    assert from_legacy(typed(text, charset), charset) == text
    assert from_legacy(western(typed(text, charset)), charset) == text


@given(vietnamese)
def test_any_small_vietnamese_text_comes_back_from_tcvn3(text):
    assert from_legacy(typed(text.lower(), "TCVN3"), "TCVN3") == text.lower()


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_cell_that_is_unicode_already_stays(charset):
    for text in ("Điện Biên", unicodedata.normalize("NFD", "Phụ nữ"), "plain", "ນາແມ", "Đ"):
        assert from_legacy(text, charset) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("charset", ["TCVN3", "VNI", "Windows-1258"])
def test_signs_stay_signs(charset):
    text = "37 °C – ‘±2’, 10 m² • 5 €"
    assert from_legacy(text, charset) == text
    assert from_legacy(text.encode("cp1252").decode("latin-1"), charset) == text


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("case", [str, str.upper, str.lower])
def test_a_files_charset_is_found(charset, case):
    texts = [typed(case(text), charset) for text in NAMES + OFFICE_WORDS]
    assert legacy_charset(texts, "t.csv") == charset
    assert legacy_charset(map(western, texts), "t.xlsx") == charset
    assert legacy_charset(texts[::10] + ENGLISH, "t.csv") == charset


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("texts", [NAMES, OFFICE_WORDS, FOREIGN, ENGLISH, FOREIGN + NAMES, ["42", "0,5"], []])
def test_text_that_is_what_it_looks_like_is_left_alone(texts, form):
    texts = [unicodedata.normalize(form, text) for text in texts]
    assert legacy_charset(texts, "t.csv") is None
    assert [text for text in texts if legacy_charset([text], "t.csv")] == []


@given(st.lists(st.sampled_from(NAMES + OFFICE_WORDS + FOREIGN + ENGLISH)), st.sampled_from(["NFC", "NFD"]))
def test_no_selection_of_such_texts_is_taken_for_an_old_charset(texts, form):
    assert legacy_charset([unicodedata.normalize(form, text) for text in texts], "t.csv") is None


def test_a_few_words_prove_nothing():
    assert legacy_charset(["où", "thaï", "gît", "haï"], "t.csv") is None
    assert legacy_charset([typed("Mường Nhé", "TCVN3")] * 9, "t.csv") is None


@pytest.mark.parametrize("first", [None, *CHARSETS])
@pytest.mark.parametrize("second", [None, *CHARSETS])
def test_a_file_in_two_charsets_is_refused_and_not_quoted(first, second):
    halves = (first, NAMES[::2]), (second, NAMES[1::2])
    texts = [typed(text, charset) if charset else text for charset, half in halves for text in half]
    if first == second:
        assert legacy_charset(texts, "t.csv") == first
        return
    with pytest.raises(IntakeError, match=r"t.csv: part of the text is in .* convert it all to Unicode") as caught:
        legacy_charset(texts, "t.csv")
    values = caught.value.message.values
    assert {values["one"], values["other"]} == {first or "Unicode", second or "Unicode"}


@given(st.lists(st.text()))
def test_any_texts_have_an_answer(texts):
    try:
        found = legacy_charset(texts, "t.csv")
    except IntakeError:
        return
    for text in texts:
        assert unicodedata.is_normalized("NFC", from_legacy(text, found or "TCVN3"))
