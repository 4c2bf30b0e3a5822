import csv
import io
import itertools
import unicodedata

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import IntakeError
from geo.intake import encoding
from geo.intake.encoding import text_file
from geo.intake.legacy_charsets import CHARSETS
from geo.intake.vietnamese import LETTERS
from tests.geo.intake.old_charsets import NAMES, OFFICE_WORDS, typed

TEXT = "\r\n".join([",".join(OFFICE_WORDS), *(f'{number},"{name}"' for number, name in enumerate(NAMES)), ""])
SMALL_TEXT = TEXT.lower()
"""In small letters, because TCVN3 has no others with a tone."""


def written(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    return path


def in_charset(text, charset):
    return typed(text, charset).encode("latin-1")


def read(path):
    return "".join(text_file(path).lines())


ENCODED = [
    ("UTF-8", SMALL_TEXT.encode()),
    ("UTF-8", SMALL_TEXT.encode("utf-8-sig")),
    ("UTF-8", unicodedata.normalize("NFD", SMALL_TEXT).encode()),
    ("UTF-16", SMALL_TEXT.encode("utf-16")),
    ("UTF-16", b"\xfe\xff" + SMALL_TEXT.encode("utf-16-be")),
    ("UTF-16", SMALL_TEXT.encode("utf-16-le")),
    ("UTF-16", SMALL_TEXT.encode("utf-16-be")),
    ("UTF-16", unicodedata.normalize("NFD", SMALL_TEXT).encode("utf-16-le")),
    *((charset, in_charset(SMALL_TEXT, charset)) for charset in CHARSETS),
]


@pytest.mark.parametrize(("name", "content"), ENCODED)
def test_each_encoding_is_found_and_read_as_composed_text(tmp_path, name, content):
    path = written(tmp_path, content)
    assert text_file(path).encoding == name
    assert read(path) == SMALL_TEXT


@pytest.mark.parametrize("size", [4, 5, 7])
@pytest.mark.parametrize(("name", "content"), ENCODED)
def test_pieces_may_end_inside_a_letter(tmp_path, monkeypatch, size, name, content):
    whole = text_file(written(tmp_path, content))
    monkeypatch.setattr(encoding, "_PIECE", size)
    assert text_file(whole.path) == whole


def test_lines_keep_their_ends_for_the_csv_reader(tmp_path):
    text = 'a,b\r\n"một\nhai",3\r\n\x85,4\r\n'
    lines = text_file(written(tmp_path, text.encode())).lines()
    assert list(csv.reader(lines)) == [["a", "b"], ["một\nhai", "3"], ["\x85", "4"]]


def test_lines_can_be_gone_through_again(tmp_path):
    table = text_file(written(tmp_path, in_charset(TEXT, "VNI")))
    head = list(itertools.islice(table.lines(), 2))
    assert "".join(head) + "".join(itertools.islice(table.lines(), 2, None)) == TEXT


def test_utf_8_wins_where_the_whole_is_valid(tmp_path):
    """Bytes that also read as syllables of VPS: “nước, đến, để, được”."""
    words = [b"n\xdc\xa7c", b"\xc7\x89n", b"\xc7\x8b", b"l\xdc\xaeng", b"\xc7\x8an"]
    path = written(tmp_path, b",".join(words))
    assert text_file(path).encoding == "UTF-8"
    assert read(path) == b",".join(words).decode()


@pytest.mark.parametrize("wrong", [b"\xff", b"\xe1\xbb", in_charset("Tủa Chùa", "TCVN3"), in_charset("Tủa", "VNI")])
def test_a_late_byte_that_is_not_utf_8_is_an_error_with_its_line(tmp_path, wrong):
    lines = 100_000
    path = written(tmp_path, "Điện Biên,1\n".encode() * lines + b"x" + wrong + b"\n" + "Mường Chà,2\n".encode())
    with pytest.raises(
        IntakeError, match=rf"^t\.csv: the text is UTF-8, but not in line {lines + 1}; correct that line"
    ):
        text_file(path)


@pytest.mark.parametrize(
    ("content", "name"), [("ệ".encode()[:-1], "UTF-8"), ("\ufeffệ".encode("utf-16-le")[:-1], "UTF-16")]
)
def test_a_file_that_was_cut_off_inside_a_letter_is_an_error(tmp_path, content, name):
    head = "một\nhai\n".encode() if name == "UTF-8" else b""
    with pytest.raises(IntakeError, match=rf"the text is {name}, but not in line {3 if head else 1};"):
        text_file(written(tmp_path, head + content))


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_line_of_utf_8_in_an_old_charset_is_an_error(tmp_path, charset):
    with pytest.raises(IntakeError, match="the text is UTF-8, but not in line 1;"):
        text_file(written(tmp_path, in_charset(TEXT, charset) + "Điện Biên\n".encode()))


@pytest.mark.parametrize(("charset", "byte"), [("TCVN3", b"\xc0"), ("VNI", b"n\xf8"), ("Windows-1258", b"\xe4")])
def test_a_line_with_a_letter_that_an_old_charset_does_not_have_is_an_error(tmp_path, charset, byte):
    table = text_file(written(tmp_path, in_charset(TEXT, charset) + b"x" + byte + b"\n"))
    assert table.encoding == charset
    with pytest.raises(IntakeError, match=rf"the text is {charset}, but not in line {len(NAMES) + 2};"):
        list(table.lines())


def test_two_old_charsets_in_one_file_are_an_error(tmp_path):
    content = in_charset(SMALL_TEXT, "TCVN3") + in_charset(SMALL_TEXT, "VNI")
    with pytest.raises(IntakeError, match=r"^t\.csv: part of the text is in"):
        text_file(written(tmp_path, content))


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("La forêt était déjà brûlée, où l'élève a dû rentrer à Noël", "cp1252"),
        ("“quoted” – 5 €", "cp1252"),
        ("Die Müller hießen größer, Ärger über Öl", "cp1252"),
        ("ประเทศลาว", "cp874"),
        ("Москва, Киев", "cp1251"),
        ("河内 奠边府 中国 云南", "gb18030"),
        ("Déjà élève forêt", "cp437"),
        ("Điện Biên", "cp1258"),
    ],
)
def test_other_encodings_and_too_few_words_are_refused_with_the_mend(tmp_path, text, codec):
    with pytest.raises(IntakeError, match=r"^t\.csv: the text is not UTF-8; save it again as “CSV UTF-8”$"):
        text_file(written(tmp_path, unicodedata.normalize("NFC", text).replace("ệ", "ê\u0323").encode(codec)))


def workbook():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet()
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.4\n% plain ASCII", "not text but PDF"),
        (workbook(), r"not text but ZIP \(XLSX, DOCX\)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), r"not text but XLS \(DOC\)"),
        (b"{\\rtf1\\ansi}", "not text but RTF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not text but PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "not text but JPEG"),
        (b"a,b\n1,\x00\n", "binary data, not text"),
        ("a,b\n".encode("utf-32"), "binary data, not text"),
        (b"a,b\n" * 500_000 + b"\x00", "binary data, not text"),
        (bytes(1000), "binary data, not text"),
        (b"a\xff\n\x00", "binary data, not text"),
        (in_charset(TEXT, "TCVN3") + b"\x00", "binary data, not text"),
    ],
)
def test_what_is_no_text_is_refused_with_the_mend(tmp_path, content, said):
    with pytest.raises(IntakeError, match=rf"^t\.csv: .*{said}; save its table as “CSV UTF-8”$"):
        text_file(written(tmp_path, content))


def test_an_empty_file_has_no_lines(tmp_path):
    assert read(written(tmp_path, b"")) == ""


WORDS = [word.encode("latin-1") for charset in CHARSETS for text in NAMES[::9] for word in typed(text, charset).split()]


@given(st.binary() | st.lists(st.sampled_from(WORDS)).map(b" ".join))
def test_any_bytes_are_text_or_an_explained_error(tmp_path, content):
    path = written(tmp_path, content)
    try:
        text = read(path)
    except IntakeError as error:
        text = error.message.template
        assert "save" in text or "UniKey" in text
    assert unicodedata.is_normalized("NFC", text)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_in_utf_8_comes_back(tmp_path, text):
    content = text.encode()
    if not content.startswith((b"%PDF", b"PK\x03\x04", b"{\\rtf")):
        path = written(tmp_path, content)
        assert text_file(path).encoding == "UTF-8"
        assert read(path) == unicodedata.normalize("NFC", text.removeprefix("\ufeff"))


@given(st.text(st.sampled_from(sorted(set(LETTERS + LETTERS.upper() + "bcdghnt 0123456789,.\n")))))
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_plain_text_in_utf_16_needs_no_mark(tmp_path, codec, text):
    path = written(tmp_path, f"a,{text}".encode(codec))
    assert text_file(path).encoding == "UTF-16"
    assert read(path) == f"a,{text}"
