import csv
import datetime as dt

import openpyxl
import pandas as pd
import pytest

from geo.errors import Message
from geo.intake import read_table
from maps.tables import write_csv, write_fixlist, write_xlsx


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "name": ["Mường Nhé", "=1+1", None],
            "n": [1, 2, 3],
            "x": [0.5, float("nan"), 1e-3],
            "day": pd.to_datetime(["2017-03-31", None, "2017-04-01"]),
            "weak": [True, False, True],
        }
    )


def test_csv_opens_in_excel_and_runs_nothing(tmp_path, table):
    write_csv(tmp_path / "t.csv", table)
    data = (tmp_path / "t.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfname,n,x,day,weak\r\n")
    assert "Mường Nhé,1,0.5,2017-03-31,True" in data.decode("utf-8-sig")
    assert b"'=1+1," in data


def test_xlsx_keeps_types_and_runs_nothing(tmp_path, table):
    write_xlsx(tmp_path / "t.xlsx", table, title="ranking", headings={"name": "Xã\nCommune"}, note="SIMULATED")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["ranking"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "SIMULATED"
    assert rows[1] == ("Xã\nCommune", "n", "x", "day", "weak")
    assert rows[2] == ("Mường Nhé", 1, 0.5, dt.datetime(2017, 3, 31), True)
    assert rows[3] == ("=1+1", 2, None, None, False)
    assert sheet["A4"].data_type == "s"
    assert sheet.freeze_panes == "A3"


DANGEROUS = [
    "=1+1",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    '=HYPERLINK("x","y")',
    "{=1}",
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("sign", [*"=+-@＝", "\t=", " ="])
def test_no_cell_of_a_csv_is_a_formula_with_whatever_delimiter_it_is_read(tmp_path, sign, delimiter):
    """Excel takes the delimiter of the machine's region: then a quotation mark in a cell's middle holds nothing."""
    formula = f"{sign}cmd|' /C calc'!A0"
    hidden = [f"a{before}{formula}" for before in (";", "\t", "\n", "\r\n", ';"', ',"')]
    table = pd.DataFrame({"a": ["x"] * len(hidden), "b": [formula, *hidden[1:]], formula: hidden})
    write_csv(tmp_path / "t.csv", table, note=formula)
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream, delimiter=delimiter) for cell in row]
    assert len(cells) > len(hidden)
    assert [cell for cell in cells if cell.strip().startswith(tuple("=+-@＝"))] == []


@pytest.mark.parametrize("text", ["=1+1", "-5", "+84", "@x", "＝1", "'a", "''=1", "a'=1", "-", "'"])
def test_a_text_that_was_marked_comes_back_as_it_was(tmp_path, text):
    write_csv(tmp_path / "t.csv", pd.DataFrame({"case_id": [text, "b"], "victims": ["1", "2"]}))
    write_xlsx(
        tmp_path / "t.xlsx", pd.DataFrame({"case_id": [text, "b"], "victims": ["1", "2"]}), title="t", headings={}
    )
    for name in ("t.csv", "t.xlsx"):
        assert read_table(tmp_path / name).cells["case_id"].tolist() == [text, "b"]


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_csv_begins_no_cell_or_heading_with_what_spreadsheets_run(tmp_path, dtype):
    cells = pd.Series(DANGEROUS, dtype=dtype)
    write_csv(tmp_path / "t.csv", pd.DataFrame({"=name": cells, "n": -1.5}))
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        heading, *rows = csv.reader(stream)
    assert heading == ["'=name", "n"]
    after_space = {"\t=1": "\t'=1", "\r=1": "\r'=1", "\n=1": "\n'=1"}  # there too a cell may begin
    assert [row[0] for row in rows] == [f"'{after_space.get(cell, cell)}" for cell in DANGEROUS[:-1]] + ["{=1}"]
    assert {row[1] for row in rows} == {"-1.5"}, "numbers stay numbers"


def test_xlsx_holds_them_as_the_text_that_they_are(tmp_path):
    texts = [*DANGEROUS, "https://example.org", "mailto:a", "00123"]
    table = pd.DataFrame({"a": texts})
    marked = [(row, "a") for row in range(0, len(texts), 2)]
    write_xlsx(tmp_path / "t.xlsx", table, title="t", headings={"a": "=heading"}, note="=note", marked=marked)
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    cells = [row[0] for row in sheet.iter_rows()]
    # XML reads a lone carriage return as a line feed; openpyxl does not undo Excel's escape of it.
    shown = [cell.value.replace("_x000D_", "\r") for cell in cells]
    assert shown == ["=note", "=heading", *texts]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)


def test_the_same_table_gives_the_same_bytes(tmp_path, table):
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsx(tmp_path / name, table, title="t", headings={})
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_fix_list_can_be_read_back(tmp_path):
    rows = pd.DataFrame({"case_id": ["a", "b"], "victims": ["-1", "two"]}, index=[4, 7])
    why = pd.DataFrame(
        {
            "row": ["4", "7"],
            "column": "victims",
            "reason": [Message("is less than {limit}", {"limit": "0"}), Message("is not a whole number")],
            "mend": [None, "2"],
        },
        index=rows.index,
    )
    write_fixlist(tmp_path / "fixlist.xlsx", rows, why, {"victims": "Số nạn nhân"})
    cells = openpyxl.load_workbook(tmp_path / "fixlist.xlsx").active
    coloured = [
        cell.coordinate for row in cells.iter_rows(min_row=2) for cell in row if cell.fill.fgColor.rgb != "00000000"
    ]
    assert coloured == ["B2", "B3"]
    back = read_table(tmp_path / "fixlist.xlsx").cells
    assert back["case_id"].tolist() == ["a", "b"]
    assert back["số nạn nhân"].tolist() == ["-1", "two"]
    assert back["mend"].isna().tolist() == [True, False]
    assert back["mend"].iloc[1] == "2"
    assert back["row"].tolist() == ["4", "7"]
    assert back["reason_en"].tolist() == ["is less than 0", "is not a whole number"]
    assert (back["reason_vi"] != back["reason_en"]).all()
