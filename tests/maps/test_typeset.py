import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from geo.errors import ReleaseError
from maps import typeset
from maps.typeset import MM_PER_POINT, replaced, shortened, tidy, width_mm, wrapped

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"


def test_all_vietnamese_letters_are_in_the_font():
    assert tidy(VIETNAMESE + VIETNAMESE.upper()) == VIETNAMESE + VIETNAMESE.upper()
    assert replaced(VIETNAMESE + VIETNAMESE.upper()) == 0


@pytest.mark.parametrize(
    ("text", "shown", "n"),
    [
        (unicodedata.normalize("NFD", "Mường Nhé"), "Mường Nhé", 0),
        ("Mường\n\tNhé ", "Mường Nhé", 0),
        ("Mường Nhé 🏔️", "Mường Nhé □", 1),
        ("a\u202egpj.exe\u202c\u200f\u2067b", "agpj.exeb", 0),
        ("<script>$x_1$</script>", "<script>$x_1$</script>", 0),
        ("□ 猫", "□ □", 1),
        ("", "", 0),
    ],
)
def test_text_is_one_line_that_the_font_can_show(text, shown, n):
    assert (tidy(text), replaced(text)) == (shown, n)


@given(st.text(max_size=60))
def test_tidying_is_done_after_one_time(text):
    assert tidy(tidy(text)) == tidy(text)
    assert not re.search(r"[\n\r\t\u202a-\u202e\u2066-\u2069]|  ", tidy(text))


@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_those_of_matplotlibs_outlines(bold):
    text = "Phường Điện Biên Phủ"
    name = typeset.font(bold).get_file()
    outline = TextPath((0, 0), text, size=100, prop=FontProperties(fname=name))
    assert width_mm(text, 100, bold=bold) == pytest.approx(outline.get_extents().width * MM_PER_POINT, rel=0.02)
    assert width_mm("", 8) == 0


@given(st.text("ab ệW", max_size=200), st.floats(3, 80))
def test_lines_fit_and_keep_every_word(text, width):
    lines = wrapped(text, width, 7)
    assert all(width_mm(line, 7) <= width + 1e-9 or line == "…" for line in lines)
    if "…" not in "".join(lines):
        assert " ".join(lines) == tidy(text)
    assert len(wrapped(text, width, 7, most=2)) <= 2


def test_a_long_name_is_shortened_to_its_room():
    name = "Bản " + "dài " * 49
    short = shortened(name, 40, 7)
    assert short.endswith("i…")
    assert 36 < width_mm(short, 7) <= 40
    assert shortened("Nà Hỳ", 40, 7) == "Nà Hỳ"


def test_a_missing_font_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(typeset.matplotlib, "get_data_path", lambda: str(tmp_path))
    with pytest.raises(ReleaseError, match=r"DejaVuSans-Bold\.ttf, which comes with matplotlib, is missing") as error:
        typeset._file(True)
    assert str(Path(tmp_path)) not in str(error.value)
