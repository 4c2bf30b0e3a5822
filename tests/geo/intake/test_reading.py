import datetime as dt

import openpyxl
import pytest

from geo.errors import IntakeError
from geo.intake import read_table, reading


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_cells_are_text_with_the_rows_numbers_of_the_file(tmp_path, delimiter):
    text = "\ufeffCase_ID,note\n\na,  Nà   Tòng \nb,\n".replace(",", delimiter)
    table = read_table(written(tmp_path, "t.csv", text))
    assert list(table.cells.columns) == ["case_id", "note"]
    assert list(table.cells.index) == [3, 4]
    assert table.cells["note"].fillna("").tolist() == ["Nà Tòng", ""]


def test_quoted_cells_may_hold_delimiters_and_lines(tmp_path):
    table = read_table(written(tmp_path, "t.csv", 'a,b\n"1,5","x\ny"\n2,z\n'))
    assert table.cells["a"].tolist() == ["1,5", "2"]
    assert list(table.cells.index) == [3, 4]


def test_rows_with_too_many_cells_are_named(tmp_path):
    assert read_table(written(tmp_path, "t.csv", "a,b\n1,2\n1,2,3\n1\n")).ragged == (3,)


def test_xlsx_dates_and_whole_numbers_become_plain_text(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c"])
    book.active.append([dt.date(2017, 3, 31), 12.0, "03127"])
    book.active.append([dt.datetime(2017, 3, 31, 14, 30), 1.5, None])
    book.save(tmp_path / "t.xlsx")
    cells = read_table(tmp_path / "t.xlsx").cells
    assert cells.fillna("").to_numpy().tolist() == [["2017-03-31", "12", "03127"], ["2017-03-31T14:30:00", "1.5", ""]]
    assert list(cells.index) == [2, 3]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", b"", "empty"),
        ("t.csv", b"\n \n", "empty"),
        ("t.csv", b"a,b\n", "no row below"),
        ("t.csv", b"a,a\n1,2\n", "the columns 1, 2 bear the same name"),
        ("t.csv", "tên\nĐiện".encode("cp1258", "replace"), "not UTF-8"),
        ("t.csv", b'a,b\n"1,2\n', "not a readable CSV"),
        ("t.xlsx", b"%PDF-1.4 not a workbook", "not a readable workbook"),
        ("t.pdf", b"%PDF-1.4", "expected one of .csv"),
    ],
)
def test_files_that_cannot_be_read_are_explained(tmp_path, name, content, said):
    with pytest.raises(IntakeError, match=said):
        read_table(written(tmp_path, name, content))


def test_a_missing_file_is_explained(tmp_path):
    with pytest.raises(IntakeError, match="no such file"):
        read_table(tmp_path / "nowhere.csv")


def test_a_heading_is_named_by_its_words_whatever_their_spelling(tmp_path):
    table = read_table(written(tmp_path, "t.csv", "Kinh Độ (x),Vĩ độ\n1,2\n"))
    assert table.renamed({"lon": "kinh do X"}).cells["lon"].tolist() == ["1"]
    with pytest.raises(IntakeError, match="there is no column kinh"):
        table.renamed({"lon": "kinh"})


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_cells_that_are_packed_some_rows_at_a_time_are_those_of_the_file(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(reading, "AT_ONCE", rows)
    cells = read_table(written(tmp_path, "t.csv", "a,b\n1,x\n2,\n,z\n")).cells
    assert cells.fillna("").to_numpy().tolist() == [["1", "x"], ["2", ""], ["", "z"]]
    assert list(cells.index) == [2, 3, 4]
