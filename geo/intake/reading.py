"""Readers: a CSV or XLSX file as a table of text cells, each row with its number in the file."""

import csv
import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import python_calamine

from geo.errors import IntakeError
from geo.names import tidy

_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class RawTable:
    """A file's cells as text, before any meaning.

    Attributes
    ----------
    path
        Where they came from.
    cells
        Text or None (empty), one column per heading; the index is the row's number in the file, from 1.
    ragged
        Numbers of the rows that hold more cells than there are headings: they cannot be read safely.
    """

    path: Path
    cells: pd.DataFrame
    ragged: tuple[int, ...] = ()

    def renamed(self, columns: Mapping[str, str]) -> "RawTable":
        """Return the table with columns renamed (ours → the file's).

        Raises
        ------
        IntakeError
            If the file has no such column.
        """
        absent = [theirs for theirs in columns.values() if theirs.lower() not in self.cells]
        if absent:
            raise IntakeError("{file}: there is no column {columns}", file=self.path.name, columns=", ".join(absent))
        ours = {theirs.lower(): ours for ours, theirs in columns.items()}
        return RawTable(self.path, self.cells.rename(columns=ours), self.ragged)


def read_table(path: Path) -> RawTable:
    """Read the first sheet of an XLSX file, or a CSV file in UTF-8 with any of ``, ; tab |`` between the cells.

    Raises
    ------
    IntakeError
        If the file is missing, of another kind, damaged, empty, or has two columns of one name.
    """
    if not path.is_file():
        raise IntakeError("{file}: no such file", file=path.name)
    if path.stat().st_size == 0:
        raise IntakeError("{file}: the file is empty", file=path.name)
    readers = {".csv": _csv_rows, ".tsv": _csv_rows, ".txt": _csv_rows, ".xlsx": _xlsx_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise IntakeError("{file}: expected a .csv or .xlsx file", file=path.name)
    return _table(path, reader(path))


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            delimiter = max(_DELIMITERS, key=first.count)
            stream.seek(0)
            reader = csv.reader(stream, delimiter=delimiter, strict=True)
            yield from ((reader.line_num, row) for row in reader)
    except UnicodeDecodeError:
        raise IntakeError("{file}: the text is not UTF-8; save it again as “CSV UTF-8”", file=path.name) from None
    except csv.Error:
        raise IntakeError(
            "{file}: not a readable CSV file (a quotation mark is not closed, or binary data)", file=path.name
        ) from None


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open("rb") as stream:
            sheet = python_calamine.load_workbook(stream).get_sheet_by_index(0)
            for number, row in enumerate(sheet.iter_rows(), start=(sheet.start or (0, 0))[0] + 1):
                yield number, [_cell_text(cell) for cell in row]
    except (python_calamine.CalamineError, zipfile.BadZipFile):
        raise IntakeError("{file}: not a readable XLSX workbook", file=path.name) from None


def _cell_text(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return cell.isoformat() if cell.time() != dt.time() else cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _table(path: Path, rows: Iterable[tuple[int, list[str]]]) -> RawTable:
    filled = ((number, [tidy(cell) for cell in row]) for number, row in rows)
    filled = ((number, row) for number, row in filled if any(row))
    _, header = next(filled, (0, []))
    header = [name.lower() for name in header]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise IntakeError("{file}: the file is empty", file=path.name)
    repeated = [str(place) for place, name in enumerate(header, start=1) if name and header.count(name) > 1]
    if repeated:
        # Places, not names: the first row of a file without a heading is a person's row.
        raise IntakeError("{file}: the columns {places} bear the same name", file=path.name, places=", ".join(repeated))
    width, numbers, cells, ragged = len(header), [], [], []
    for number, row in filled:
        if any(row[width:]):
            ragged.append(number)
        numbers.append(number)
        cells.append([cell or None for cell in row[:width]] + [None] * (width - len(row)))
    if not numbers:
        raise IntakeError("{file}: there is a heading but no row below it", file=path.name)
    frame = pd.DataFrame(cells, index=pd.Index(numbers, name="row"), columns=header, dtype=object)
    return RawTable(path, frame.loc[:, [bool(name) for name in header]], tuple(ragged))
