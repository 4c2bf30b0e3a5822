import datetime as dt
import time
import timeit
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DiemnongError, IntakeError
from geo.intake import workbook_scan
from geo.intake.sheets import read_sheets
from tests.geo.intake.old_charsets import typed


def book(path, *tables, hidden=(), hidden_rows=(), merged=()):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in tables:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for number in hidden_rows if name not in hidden else ():
            sheet.row_dimensions[number].hidden = True
        for area in merged:
            sheet.merge_cells(area)
        if name in hidden:
            sheet.sheet_state = "hidden"
    made.save(path)
    return path


def rows_of(path):
    return [list(sheet.rows) for sheet in read_sheets(path).sheets]


def test_rows_bear_the_numbers_that_excel_shows(tmp_path):
    """With empty rows above and empty columns on the left, which the reader leaves out."""
    path = book(tmp_path / "t.xlsx", ("a", [[], [None, "x", 1.0], [], [None, "y", dt.date(2017, 3, 31)]]))
    assert rows_of(path) == [[(2, ["", "x", "1"]), (4, ["", "y", "2017-03-31"])]]


def test_merged_cells_are_filled_and_a_count_is_counted_once(tmp_path):
    """A number that stands for two rows would be counted twice."""
    table = [["Thời gian", "Địa điểm", None, "Số"], ["", "Xã", "Huyện", ""], ["a", "b", "c", 2], ["d", None, "e", None]]
    path = book(tmp_path / "t.xlsx", ("a", table), merged=("B1:C1", "A1:A2", "B3:B4", "D3:D4"))
    (sheet,) = read_sheets(path).sheets
    rows = list(sheet.rows)
    assert rows == [
        (1, ["Thời gian", "Địa điểm", "Địa điểm", "Số"]),
        (2, ["Thời gian", "Xã", "Huyện", ""]),
        (3, ["a", "b", "c", "2"]),
        (4, ["d", "b", "e", "2"]),
    ]
    assert [sheet.counted_once(number, row, {3})[3] for number, row in rows] == ["Số", "", "2", ""]
    assert sheet.counted_once(*rows[3], {0, 1}) == ["d", "", "e", "2"]  # what a merge filled with words too


def test_errors_and_formulas_without_a_value_are_named_on_the_sheet_that_has_them(tmp_path):
    path = book(
        tmp_path / "t.xlsx",
        ("a", [["x", "#REF!"], ["=1+1", "#x"]]),
        ("b", [["y"]]),
        ("c", [["#N/A", "z"], [None, "=B1"]]),
        hidden=("b",),
    )
    assert rows_of(path) == [[(1, ["x", "#REF!"]), (2, ["=", "#x"])], [(1, ["#N/A", "z"]), (2, ["", "="])]]


@pytest.mark.parametrize(
    ("cell", "broken"),
    [
        (b'<c r="C7" t="e"><v>#DIV/0!</v></c>', [(6, 2, "#DIV/0!")]),
        (b'<c t="e" s="1" r="AA7"><f>1/0</f><v>#DIV/0!</v></c>', [(6, 26, "#DIV/0!")]),
        (b'<x:c r="C7"><x:f>1+1</x:f><x:v/></x:c>', [(6, 2, "=")]),
        (b'<c r="C7"><f>1+1</f></c>', [(6, 2, "=")]),
        (b'<c r="C7"><f>1+1</f><v>2</v></c>', []),
        (b'<c r="C7" t="str"><f>IF(A1,1,"")</f><v></v></c>', []),
        (b'<c r="B7"/><c r="C7"><v>2</v></c>', []),
    ],
)
def test_a_cell_is_broken_if_its_formula_gave_an_error_or_nothing(cell, broken):
    assert list(workbook_scan._broken_cells(b"<row>" + cell + b"</row>")) == broken


@pytest.mark.parametrize("opened", [b"<row ", b"<c ", b"<c>", b"<c><f>", b'<c r="A1" '])
def test_tags_that_are_opened_and_never_closed_cost_their_length_not_its_square(opened):
    def seconds(n):
        find = workbook_scan._WHOLE_CELL.findall
        return min(timeit.repeat(lambda: find(opened * n), timer=time.process_time, number=1, repeat=5))

    assert seconds(40_000) < 24 * seconds(5_000) + 0.01  # eight times as long; 64 times, were it the square


def test_hidden_sheets_are_named_and_hidden_rows_counted(tmp_path):
    path = book(tmp_path / "t.xlsx", ("a", [["x"], ["1"], ["2"]]), ("b", [["y"]]), hidden=("b",), hidden_rows=(2,))
    file = read_sheets(path)
    assert ([sheet.name for sheet in file.sheets], file.hidden_sheets, file.hidden_rows) == (["a"], ("b",), 1)
    assert [number for number, _ in file.sheets[0].rows] == [1, 2, 3]


def test_a_file_is_what_its_first_bytes_say(tmp_path):
    named_csv = book(tmp_path / "t.xlsx", ("a", [["x", "y"]])).rename(tmp_path / "t.csv")
    assert rows_of(named_csv) == [[(1, ["x", "y"])]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_below_titles(tmp_path, delimiter):
    lines = ["Báo cáo quý 3, năm 2017", "", *(delimiter.join("abcd") for _ in range(5))]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    assert rows_of(tmp_path / "t.csv")[0][1:] == [(number, list("abcd")) for number in range(3, 8)]


def test_excels_note_on_the_delimiter_is_no_row(tmp_path):
    (tmp_path / "t.csv").write_text("sep=;\na;b,c\n", encoding="utf-8")
    assert rows_of(tmp_path / "t.csv") == [[(2, ["a", "b,c"])]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_text_is_read_in_any_unicode_encoding(tmp_path, encoding):
    (tmp_path / "t.csv").write_bytes("Ngày,Xã\n1/2/2017,Nà Tòng\n".encode(encoding))
    assert rows_of(tmp_path / "t.csv") == [[(1, ["Ngày", "Xã"]), (2, ["1/2/2017", "Nà Tòng"])]]


def test_cells_typed_in_a_font_of_before_unicode_are_converted(tmp_path):
    names = [
        "Mường Nhé",
        "Sín Thầu",
        "Nậm Kè",
        "Quảng Lâm",
        "Chà Cang",
        "Nà Tòng",
        "Búng Lao",
        "Tủa Chùa",
        "Tủa Thàng",
    ]
    path = book(
        tmp_path / "t.xlsx", ("a", [[typed("Xã phường", "TCVN3")], *([typed(name, "TCVN3")] for name in names)])
    )
    file = read_sheets(path)
    assert file.sheets[0].charset == "TCVN3"
    assert [cells[0] for _, cells in file.sheets[0].rows] == ["Xã phường", *names]


SHEET, ELSEWHERE = "xl/worksheets/sheet1.xml", "xl/other/part.bin"
FAR = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>'


def crafted(path, rows, part=SHEET, more=()):
    """Write a workbook of one sheet with rows added as they are, the sheet in the named part of the archive."""
    book(path, ("a", [["x"]]))
    with zipfile.ZipFile(path) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()} | dict(more)
    inside[part] = inside.pop(SHEET).replace(b"</sheetData>", rows + b"</sheetData>")
    relations = "xl/_rels/workbook.xml.rels"
    inside[relations] = inside[relations].replace(SHEET.encode(), part.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in inside.items():
            archive.writestr(member, content)


FAR_AWAY = {
    "as Excel writes it": (FAR, SHEET),
    "in another part": (FAR, ELSEWHERE),
    "in single quotes": (FAR.replace(b'"', b"'"), SHEET),
    "with blanks around =": (FAR.replace(b'r="XFD', b'r = "XFD'), SHEET),
    "behind a > in an attribute": (FAR.replace(b"<c ", b'<c x=">" '), SHEET),
    "in a tag of three megabytes": (FAR.replace(b"<c ", b"<c" + b" " * 3_000_000), SHEET),
    "in small letters": (FAR.replace(b"XFD", b"xfd"), SHEET),
    "with zeros before the row": (FAR.replace(b"XFD", b"XFD000"), SHEET),
    "beyond the last column": (FAR.replace(b"XFD", b"AAAA"), SHEET),
    "without a place of its own": (b'<row r="1048576">' + b"<c><v>1</v></c>" * 16384 + b"</row>", SHEET),
}


@pytest.mark.parametrize("way", FAR_AWAY)
def test_a_cell_far_away_is_seen_however_it_is_written(tmp_path, way):
    """The reader would ask for half a terabyte, and end the process: each of them did, in calamine 0.9.1."""
    crafted(tmp_path / "t.xlsx", *FAR_AWAY[way])
    with pytest.raises(IntakeError, match="too large when unpacked"):
        read_sheets(tmp_path / "t.xlsx")


def test_merges_that_would_fill_the_memory_are_refused(tmp_path):
    merges = b"<mergeCells>" + b'<mergeCell ref="A1:B1048576"/>' * 5 + b"</mergeCells>"
    crafted(tmp_path / "t.xlsx", b"</sheetData>" + merges + b"<sheetData>")
    with pytest.raises(IntakeError, match="too large when unpacked"):
        read_sheets(tmp_path / "t.xlsx")


@pytest.mark.parametrize("part", ["xl/workbook.bin", "content.xml"])
@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_a_workbook_of_another_kind_within_is_refused(tmp_path, part, name):
    crafted(tmp_path / name, b"", more=[(part, b"<x/>")])
    with pytest.raises(IntakeError, match="not a readable workbook"):
        read_sheets(tmp_path / name)


def bomb(path):
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(1100):
            member.write(b" " * 2**20)


def crowd(path):
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(workbook_scan.LIMITS.members + 1):
            archive.writestr(str(number), b"")


def deep(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/" * 33 + "b", b"")


def thin(path):
    """Write a workbook whose 32 MB come out of a few kilobytes: within the bytes that are allowed, not the ratio."""
    crafted(path, b"", more=[("xl/media/a.png", bytes(2**25))])


@pytest.mark.parametrize("make", [bomb, crowd, deep, thin])
def test_workbooks_that_would_fill_the_memory_are_refused(tmp_path, make):
    make(tmp_path / "t.xlsx")
    with pytest.raises(IntakeError, match="too large when unpacked"):
        read_sheets(tmp_path / "t.xlsx")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xls", b"<html><table><tr><td>1</td></tr></table></html>", "a web page named as a workbook"),
        ("t.xlsx", b"PK\x03\x04 and nothing else", "not a readable workbook"),
        ("t.xls", b"\xd0\xcf\x11\xe0 and nothing else", "not a readable workbook"),
        ("t.doc", b"text", "expected one of .csv"),
        ("t.csv", b"", "the file is empty"),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(IntakeError, match=said):
        read_sheets(tmp_path / name)


@settings(max_examples=150)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xef\xbb\xbf"]), st.booleans()
)
def test_any_bytes_give_rows_or_an_explained_error(tmp_path, content, start, as_book):
    path = tmp_path / ("t.xlsx" if as_book else "t.csv")
    path.write_bytes(start + content)
    try:
        for sheet in read_sheets(path).sheets:
            assert all(any(cells) for _, cells in sheet.rows)
    except DiemnongError:
        pass


def test_a_workbook_cut_anywhere_gives_rows_or_an_explained_error(tmp_path):
    whole = book(tmp_path / "t.xlsx", ("a", [["x", "y"], [1, 2]])).read_bytes()
    for size in range(0, len(whole), 97):
        (tmp_path / "cut.xlsx").write_bytes(whole[:size])
        with pytest.raises(IntakeError):
            read_sheets(tmp_path / "cut.xlsx")
