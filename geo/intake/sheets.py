"""Files as sheets of text cells, each row with its number in the file; nothing is understood yet."""

import contextlib
import csv
import datetime as dt
import re
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice, repeat
from pathlib import Path

import python_calamine
from python_calamine import CalamineError, CalamineSheet, PasswordError, SheetVisibleEnum

from geo.archive_limits import ARCHIVE_ERRORS
from geo.errors import IntakeError, Message
from geo.formula_text import unmarked
from geo.intake.encoding import TextFile, text_file
from geo.intake.legacy_charsets import from_legacy, legacy_charset
from geo.intake.old_workbook_scan import check_old
from geo.intake.workbook_scan import Broken, scanned
from geo.names import tidy

Row = tuple[int, list[str]]
"""A row's number in the file, from 1, and its cells as tidy text, empty where there is nothing."""

DELIMITERS = ",;\t|"
SNIFFED_LINES = 50
LOOKED_AT = 300
"""Rows by which a sheet's charset is told."""

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls")
SUFFIXES = TEXT_SUFFIXES + BOOK_SUFFIXES

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""How an XLSX and an XLS file begin."""

MOST_KNOWN = 100_000
"""Texts of a sheet that are remembered while it is read."""

_TOO_LONG = "field larger than field limit"
"""How the reader of CSV says that a cell is too long; it has no class of its own for that."""

_UNREADABLE = (CalamineError, *ARCHIVE_ERRORS)
"""What a damaged workbook raises, here or in the reader."""


@dataclass(frozen=True)
class Sheet:
    """One table of a file, as it stands there.

    Attributes
    ----------
    name
        Of the sheet; empty for a text file.
    rows
        The rows that hold something, in order; hidden ones too. They can be gone through once.
    charset
        The charset of before Unicode that its text was typed in, if it was: the rows are converted.
    merged
        For each row so far the places that a merge filled with what stands in another cell. It stands for all of
        them, but a count, with or without its unit, would be counted several times.
    date_cells
        The texts, so far, of cells that a workbook keeps as dates, and not as somebody typed them.
    """

    name: str
    rows: Iterator[Row]
    charset: str | None = None
    merged: Mapping[int, Collection[int]] = field(default_factory=dict)
    date_cells: Collection[str] = ()

    def counted_once(self, number: int, row: list[str], counts: Collection[int]) -> list[str]:
        """Return a row without what a merge repeats in columns of counts."""
        again = [p for p in self.merged.get(number, ()) if p in counts]
        return [("" if place in again else cell) for place, cell in enumerate(row)] if again else row


@dataclass(frozen=True)
class SheetFile:
    """The sheets of a file.

    Attributes
    ----------
    path
        Where they came from.
    sheets
        Those that can be seen.
    hidden_sheets
        Names of the others: they hold lists for choosing, not records.
    hidden_rows
        How many rows are hidden in the sheets, by a filter for instance.
    refused
        Rows of which the file does not say one place, and why.
    """

    path: Path
    sheets: tuple[Sheet, ...]
    hidden_sheets: tuple[str, ...] = ()
    hidden_rows: int = 0
    refused: Mapping[int, Message] = field(default_factory=dict)


def read_sheets(path: Path, *, else_read: tuple[str, ...] = ()) -> SheetFile:
    """Open a workbook (XLSX, XLS) or a text file with any of ``, ; tab |`` between the cells.

    What a file is, is read from its first bytes, not from its name.

    Parameters
    ----------
    path
        The file.
    else_read
        Suffixes of other files that the caller can read, for the error that says what is expected.

    Raises
    ------
    IntakeError
        If the file is missing, empty, of another kind, damaged, protected by a password, or too large when unpacked.
        Errors in the middle of a text file are raised while its rows are gone through.
    """
    if not path.is_file():
        raise IntakeError("{file}: no such file", file=path.name)
    with path.open("rb") as stream:
        start = stream.read(512)
    if not start:
        raise IntakeError("{file}: the file is empty", file=path.name)
    if start.startswith(ZIP) or start.startswith(OLE):
        return _read_book(path, zipped=start.startswith(ZIP))
    if path.suffix.lower() in BOOK_SUFFIXES:
        if start.lstrip().lower().startswith((b"<html", b"<table", b"<!doctype", b"<?xml")):
            raise IntakeError(
                "{file}: a web page named as a workbook; open it in Excel and save it as .xlsx", file=path.name
            )
        raise IntakeError("{file}: not a readable workbook", file=path.name)
    if path.suffix.lower() not in TEXT_SUFFIXES:
        raise IntakeError("{file}: expected one of {kinds}", file=path.name, kinds=", ".join(SUFFIXES + else_read))
    file = text_file(path)
    sheet = sheet_of(path, "", _text_rows(file))
    return SheetFile(path, (sheet if file.encoding == "UTF-8" else replace(sheet, charset=file.encoding),))


def sheet_of(path: Path, name: str, rows: Iterable[Row]) -> Sheet:
    """Return a sheet of tidy text, converted to Unicode if its beginning was typed in a font of before."""
    rows = iter(rows)
    beginning = list(islice(rows, LOOKED_AT))
    # Before the text is tidied: in TCVN3 a soft hyphen is a letter.
    charset = legacy_charset({cell for _, cells in beginning for cell in cells if cell}, path.name)
    whole = chain(beginning, rows)
    return Sheet(name, _tidied(_converted(whole, charset) if charset else whole), charset)


def _converted(rows: Iterable[Row], charset: str) -> Iterator[Row]:
    known: dict[str, str] = {}
    for number, cells in rows:
        for cell in cells:
            if cell not in known and len(known) < MOST_KNOWN:
                known[cell] = from_legacy(cell, charset)
        yield number, [known[cell] if cell in known else from_legacy(cell, charset) for cell in cells]


def _tidied(rows: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    known: dict[str, str] = {"": ""}  # most texts stand in many rows: each is tidied, and kept, once
    for number, row in rows:
        cells = []
        for cell in row:
            text = known.get(cell)
            if text is None:
                text = tidy(cell)
                if len(known) < MOST_KNOWN:
                    known[cell] = text
            cells.append(text)
        if any(cells):
            yield number, cells


def _text_rows(file: TextFile) -> Iterator[Row]:
    lines = list(islice(file.lines(), SNIFFED_LINES))
    hint = re.fullmatch(r"sep=(.)\s*", lines[0]) if lines else None  # Excel's own note to itself
    delimiter = hint[1] if hint else max(DELIMITERS, key=partial(_likeness, lines))
    reader = csv.reader(file.lines(), delimiter=delimiter, strict=True)
    begun = 1
    try:
        for row in reader:
            begun = reader.line_num + 1
            if not (hint and reader.line_num == 1):
                yield reader.line_num, [unmarked(cell) for cell in row]
    except csv.Error as error:
        if _TOO_LONG in str(error):
            raise IntakeError(
                "{file}: a cell of the row that begins in line {line} has more than {n} letters; is a quotation mark "
                "not closed there?",
                file=file.path.name,
                line=begun,
                n=csv.field_size_limit(),
            ) from None
        raise IntakeError(
            "{file}: not a readable CSV file (a quotation mark is not closed, or binary data)", file=file.path.name
        ) from None


def _likeness(lines: list[str], delimiter: str) -> float:
    """Return the share of rows that a delimiter parts into as many cells as most: a decimal comma is in no heading."""
    with contextlib.suppress(csv.Error):
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if any(row))
        return max((n for width, n in widths.items() if width > 1), default=0) / max(widths.total(), 1)
    return 0.0


def _read_book(path: Path, *, zipped: bool) -> SheetFile:
    try:
        if not zipped:
            check_old(path)
        hidden_rows, broken = scanned(path) if zipped else (0, [])
        book = python_calamine.load_workbook(path)
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        hidden = tuple(name for name in book.sheet_names if name not in shown)
        of_names = dict(zip(book.sheet_names, broken, strict=False))
        sheets = tuple(_book_sheet(path, book.get_sheet_by_name(name), of_names.get(name, {})) for name in shown)
    except PasswordError:
        raise IntakeError(
            "{file}: the workbook is protected by a password; save it without one", file=path.name
        ) from None
    except _UNREADABLE:
        raise IntakeError("{file}: not a readable workbook", file=path.name) from None
    return SheetFile(path, sheets, hidden, hidden_rows)


def _book_sheet(path: Path, sheet: CalamineSheet, broken: Broken) -> Sheet:
    merged: dict[int, list[int]] = {}
    date_cells: set[str] = set()
    rows = _book_rows(sheet, broken, merged, date_cells)
    return replace(sheet_of(path, sheet.name, rows), merged=merged, date_cells=date_cells)


def _book_rows(
    sheet: CalamineSheet, broken: Broken, merged: dict[int, list[int]], date_cells: set[str]
) -> Iterator[Row]:
    """Yield the rows, with broken cells named and merged cells filled; tells which, and the texts of date cells."""
    left = (sheet.start or (0, 0))[1]  # the reader leaves out empty columns on the left, but no rows above
    ranges = deque(sorted(sheet.merged_cell_ranges or []))
    filled: dict[int, list[tuple[int, int, str]]] = {}
    beyond = max(broken, default=-1) - (sheet.end or (-1, 0))[0]  # rows that hold nothing else
    for number, row in enumerate(chain(sheet.iter_rows(), repeat([], max(beyond, 0)))):
        cells = [""] * left + [cell_text(cell) for cell in row]
        date_cells.update(cell_text(cell) for cell in row if isinstance(cell, dt.date))
        for place, error in broken.get(number, {}).items():
            cells += [""] * (place + 1 - len(cells))
            cells[place] = error
        for begin, end, text in filled.pop(number, ()):
            cells[begin : end + 1] = [text] * len(cells[begin : end + 1])
            merged.setdefault(number + 1, []).extend(range(begin, end + 1))
        while ranges and ranges[0][0][0] <= number:
            (top, begin), (bottom, end) = ranges.popleft()
            if top != number or begin >= len(cells) or not cells[begin]:
                continue
            text = cells[begin]
            last = end if _is_words(text) else begin  # a number stands in its own column only
            cells[begin : last + 1] = [text] * len(cells[begin : last + 1])
            if last > begin:
                merged.setdefault(number + 1, []).extend(range(begin + 1, last + 1))
            for below in range(top + 1, min(bottom, top + 10_000) + 1):
                filled.setdefault(below, []).append((begin, last, text))
        yield number + 1, cells


def _is_words(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def cell_text(cell: object) -> str:
    """Return a cell as text: dates in ISO 8601, whole numbers without a point."""
    if isinstance(cell, dt.datetime):
        return cell.isoformat() if cell.time() != dt.time() else cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
