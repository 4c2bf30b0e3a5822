"""Rankings and fix lists as CSV and XLSX that open in a Vietnamese Excel as they are."""

import csv
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from geo.formula_text import marked
from maps.text import translate

_WIDEST = 60
_CREATED = dt.datetime(2017, 1, 1)
"""Workbooks bear one fixed time, so that the same content gives the same bytes."""

_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "dd/mm/yyyy"}
_NUMBER, _SMALL_NUMBER = {"num_format": "#,##0.00"}, {"num_format": "0.0000"}
_WRAPPED = {"text_wrap": True, "valign": "top"}


def write_csv(path: Path, table: pd.DataFrame, note: str = "") -> None:
    """Write a table as UTF-8 CSV with a byte-order mark; what a spreadsheet would run as a formula is marked as text.

    A ``note`` is a line of its own above the heading.
    """
    text = table.select_dtypes(exclude=["number", "bool"]).columns
    safe = table.assign(**{name: table[name].map(_plain, na_action="ignore") for name in text}).rename(columns=_plain)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        if note:
            csv.writer(stream).writerow([marked(note)])
        safe.to_csv(stream, index=False, lineterminator="\r\n", float_format="%.8g")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook.

    Attributes
    ----------
    title
        Its name, at most 31 characters.
    table
        Numbers stay numbers; text is never a formula or a link.
    headings
        What is shown for a column's name.
    note
        A line above the heading, for example that the data are simulated; none if empty.
    marked
        Cells to colour: position of the row from 0, and column.
    """

    title: str
    table: pd.DataFrame
    headings: Mapping[str, str]
    note: str = ""
    marked: Collection[tuple[int, str]] = ()


def write_xlsx(
    path: Path,
    table: pd.DataFrame,
    *,
    title: str,
    headings: Mapping[str, str],
    note: str = "",
    marked: Collection[tuple[int, str]] = (),
) -> None:
    """Write a table as a workbook of one `Sheet`."""
    write_workbook(path, [Sheet(title, table, headings, note, marked)])


def write_workbook(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write sheets with frozen headings; the same content gives the same bytes."""
    try:
        with xlsxwriter.Workbook(path, _OPTIONS) as book:
            book.set_properties({"author": "diemnong", "created": _CREATED})
            for sheet in sheets:
                _fill(book, book.add_worksheet(sheet.title[:31]), sheet)
    except FileCreateError as error:
        # The library hides the system's own error, which says whether the disk is full, in one of its own.
        raise (error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error))) from None


def write_fixlist(
    path: Path, rows: pd.DataFrame, why: pd.DataFrame, headings: Mapping[str, str], note: str = ""
) -> None:
    """Write rejected rows as they came, the wrong cell marked, with row, column, reasons and a proposed mend.

    The list keeps the file's headings, so that it can be mended and added back.

    Parameters
    ----------
    path
        The workbook.
    rows
        The cells, as text, in our columns.
    why
        With the index of ``rows``: ``row`` (where in the file), ``column``, ``reason`` (a Message), ``mend``.
    headings
        What our columns are called in the file.
    note
        See `write_xlsx`.
    """
    marked = {(position, name) for position, name in enumerate(why["column"]) if name in rows}
    fixlist = rows.assign(
        row=why["row"],
        column=[headings.get(name, name) for name in why["column"]],
        reason_vi=[translate(reason, "vi") for reason in why["reason"]],
        reason_en=[translate(reason, "en") for reason in why["reason"]],
        mend=why["mend"],
    )
    write_xlsx(path, fixlist, title="fixlist", headings=headings, note=note, marked=marked)


def _plain(value: object) -> object:
    return marked(value) if isinstance(value, str) else value


def _cell(value: object) -> object:
    """Return a plain Python value; None for what is missing."""
    if value is None or pd.isna(value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else getattr(value, "item", lambda: value)()


def _fill(book: xlsxwriter.Workbook, page: Worksheet, sheet: Sheet) -> None:
    table, headings = sheet.table, sheet.headings
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8E8E8"})
    plain, fine, wrapped = (book.add_format(look) for look in (_NUMBER, _SMALL_NUMBER, _WRAPPED))
    wrong = book.add_format({**_WRAPPED, "bg_color": "#FFD2A0", "border": 1})
    if sheet.note:
        page.write_string(0, 0, sheet.note, book.add_format({"bold": True}))
    top = 1 if sheet.note else 0
    page.freeze_panes(top + 1, 0)
    for col, name in enumerate(table.columns):
        cells = [_cell(value) for value in table[name]]
        shown = [*headings.get(name, name).split("\n"), *(str(cell) for cell in cells if cell is not None)]
        page.set_column(col, col, min(_WIDEST, max(8, *map(len, shown)) + 2))
        page.write_string(top, col, headings.get(name, name), bold)
        for row, cell in enumerate(cells, start=top + 1):
            if (row - top - 1, name) in sheet.marked:
                page.write(row, col, "" if cell is None else cell, wrong)
            elif isinstance(cell, float):
                page.write_number(row, col, cell, plain if abs(cell) >= 0.1 or cell == 0 else fine)
            elif cell is not None:
                page.write(row, col, cell, wrapped if isinstance(cell, str) and len(cell) > _WIDEST else None)
