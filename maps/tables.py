"""Rankings and fix lists as CSV and XLSX that open in a Vietnamese Excel as they are."""

import datetime as dt
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from geo.errors import Message
from maps.text import translate

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60
_EPOCH = (2017, 1, 1, 0, 0, 0)
"""Files in a workbook's archive bear one fixed time, so that the same content gives the same bytes."""


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as UTF-8 CSV with a byte-order mark; text that a spreadsheet would run as a formula is quoted."""
    text = table.select_dtypes(exclude=["number", "bool"]).columns
    safe = table.assign(**{name: table[name].map(_plain, na_action="ignore") for name in text})
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n", float_format="%.8g")


def write_xlsx(path: Path, table: pd.DataFrame, *, title: str, headings: Mapping[str, str], note: str = "") -> None:
    """Write a table as one sheet with a frozen heading.

    Parameters
    ----------
    path
        The workbook.
    table
        Numbers stay numbers; text is never a formula.
    title
        Name of the sheet, at most 31 characters.
    headings
        What is shown for a column's name.
    note
        A line above the heading, for example that the data are simulated; none if empty.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "diemnong"
    book.properties.created = book.properties.modified = dt.datetime(*_EPOCH)
    sheet = book.create_sheet(title[:31])
    _lay_out(sheet, table, headings, frozen_below=2 if note else 1)
    if note:
        sheet.append([_cell(sheet, note, bold=True)])
    sheet.append([_cell(sheet, headings.get(name, name), bold=True, filled=True) for name in table.columns])
    for row in table.itertuples(index=False):
        sheet.append([_cell(sheet, value) for value in row])
    book.save(path)
    _fix_times(path)


def write_fixlist(path: Path, rows: pd.DataFrame, reasons: Mapping[int, tuple[str, Message]]) -> None:
    """Write rejected rows as they came, with row number, column and reason in Vietnamese and English.

    The list keeps the file's columns, so that it can be mended and added back.
    """
    fixlist = rows.assign(
        row=rows.index,
        column=[reasons[row][0] for row in rows.index],
        reason_vi=[translate(reasons[row][1], "vi") for row in rows.index],
        reason_en=[translate(reasons[row][1], "en") for row in rows.index],
    )
    write_xlsx(path, fixlist, title="fixlist", headings={})


def _plain(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value


def _lay_out(sheet: WriteOnlyWorksheet, table: pd.DataFrame, headings: Mapping[str, str], frozen_below: int) -> None:
    sheet.freeze_panes = f"A{frozen_below + 1}"
    for number, name in enumerate(table.columns, start=1):
        cells = [*headings.get(name, name).split("\n"), *(str(value) for value in table[name].dropna())]
        sheet.column_dimensions[get_column_letter(number)].width = min(_WIDEST, max(8, *map(len, cells)) + 2)


def _cell(sheet: WriteOnlyWorksheet, value: object, *, bold: bool = False, filled: bool = False) -> WriteOnlyCell:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        value = None
    elif hasattr(value, "item"):
        value = value.item()
    elif isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=filled or len(value) > _WIDEST, vertical="top")
    elif isinstance(value, float):
        cell.number_format = "#,##0.00" if abs(value) >= 0.1 else "0.0000"
    elif isinstance(value, dt.datetime):
        cell.number_format = "dd/mm/yyyy"
    if bold:
        cell.font = Font(bold=True)
    if filled:
        cell.fill = PatternFill("solid", fgColor="E8E8E8")
    return cell


def _fix_times(path: Path) -> None:
    draft = path.with_suffix(".tmp")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in source.namelist():
            fixed.writestr(zipfile.ZipInfo(name, _EPOCH), source.read(name), zipfile.ZIP_DEFLATED)
    draft.replace(path)
