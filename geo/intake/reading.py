"""Sheets as one table of text cells in our columns, each row with its place in the file."""

from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import IntakeError, Message
from geo.intake.sheets import Row, read_sheets
from geo.intake.vocabulary import words_of

SHEET_STEP = 2**21
"""Rows of the second sheet are numbered from here on, of the third from twice that: no sheet has as many."""

AT_ONCE = 2**16
"""Rows whose cells are held as texts of Python at one time."""

FIXLIST_COLUMNS = ("row", "column", "reason_vi", "reason_en", "mend")
"""Columns that a fix list adds to the rows; they are passed over when the mended list is added."""


@dataclass(frozen=True)
class RawTable:
    """A file's cells as text, before any meaning.

    Attributes
    ----------
    path
        Where they came from.
    cells
        Text ("str"), missing where empty, one column for each heading; the index says which row of the file, see
        `row_in_file`.
    ragged
        Rows that hold more cells than there are headings: they cannot be read safely.
    refused
        Rows of which the file does not say one place, and why.
    sheets
        Names of the sheets, in the order of their rows.
    named
        What our columns are called in the file.
    agency
        The agency that the titles above the table name.
    years
        For each of ``sheets`` the year that its titles name, None where they name none or several.
    date_cells
        For each of ``sheets`` the texts of cells that the workbook keeps as dates.
    sources
        `geo.intake.headings.Headings.source` of each table.
    dropped
        Headings of columns that fit no column of ours: they were not read.
    personal
        Headings of columns that hold personal data: they were dropped.
    notes
        What else was passed over, and how the file was read.
    """

    path: Path
    cells: pd.DataFrame
    ragged: tuple[int, ...] = ()
    sheets: tuple[str, ...] = ("",)
    named: Mapping[str, str] = field(default_factory=dict)
    agency: str | None = None
    dropped: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()
    refused: Mapping[int, Message] = field(default_factory=dict)
    years: tuple[int | None, ...] = (None,)
    sources: tuple[tuple[str, ...], ...] = ()
    date_cells: tuple[Collection[str], ...] = ()

    @property
    def sheet_of_rows(self) -> pd.Series:
        """The position in ``sheets`` of each row's sheet."""
        sheet = self.cells.index // SHEET_STEP if len(self.sheets) > 1 else np.zeros(len(self.cells), dtype=np.int64)
        return pd.Series(np.asarray(sheet), index=self.cells.index)

    @property
    def year_of_rows(self) -> pd.Series:
        """The year that the titles above each row's table name, NaN where they name none."""
        return self.sheet_of_rows.map(pd.Series(self.years, dtype=float))

    def renamed(self, columns: Mapping[str, str]) -> "RawTable":
        """Return the table with columns renamed (ours → the file's).

        Raises
        ------
        IntakeError
            If the file has no such column.
        """
        known = {words_of(name): name for name in self.cells}
        if absent := [theirs for theirs in columns.values() if words_of(theirs) not in known]:
            raise IntakeError("{file}: there is no column {columns}", file=self.path.name, columns=", ".join(absent))
        ours = {known[words_of(theirs)]: ours for ours, theirs in columns.items()}
        # A column that bears our name by chance gives way to the one that was named.
        chance = [name for name in ours.values() if name in self.cells and name not in ours]
        return RawTable(self.path, self.cells.drop(columns=chance).rename(columns=ours), self.ragged)


def row_in_file(row: int, sheets: tuple[str, ...]) -> str:
    """Return where a row of a table stands: its number, after the sheet's name if there are several.

    >>> row_in_file(5, ("",)), row_in_file(SHEET_STEP + 5, ("Quý 1", "Quý 2"))
    ('5', 'Quý 2!5')
    """
    if len(sheets) == 1:
        return str(row)
    return f"{sheets[row // SHEET_STEP]}!{row % SHEET_STEP}"


def places_in_file(rows: pd.Index, sheets: tuple[str, ...]) -> tuple[pd.Series, pd.Series]:
    """Return the sheets, empty where there is one only, and the numbers in them of a table's rows.

    >>> [list(said) for said in places_in_file(pd.Index([5, SHEET_STEP + 5]), ("Quý 1", "Quý 2"))]
    [['Quý 1', 'Quý 2'], [5, 5]]
    """
    if len(sheets) == 1:
        return pd.Series("", rows, dtype="str"), pd.Series(rows, rows)
    sheet, row = rows // SHEET_STEP, rows % SHEET_STEP
    return pd.Series(np.array(sheets, dtype=object)[sheet], rows, dtype="str"), pd.Series(row, rows)


def without_rows(rows: pd.DataFrame, gone: Collection[int]) -> pd.DataFrame:
    """Return rows without some of them; where none goes, which is often, nothing is copied."""
    return rows.loc[~rows.index.isin(list(gone))] if len(gone) else rows.copy(deep=False)


def read_table(path: Path) -> RawTable:
    """Read the one sheet of a file that holds something: its first row gives the columns' names, below a lone note.

    Raises
    ------
    IntakeError
        See `geo.intake.sheets.read_sheets`; also if there is no row, or two columns have one name.
    """
    filled = [
        (sheet.name, chain([first], rows))
        for sheet, rows in ((sheet, iter(sheet.rows)) for sheet in read_sheets(path).sheets)
        if (first := next(rows, None)) is not None
    ]
    if len(filled) > 1:
        names = ", ".join(name for name, _ in filled)
        raise IntakeError("{file}: several sheets hold something ({sheets}); leave one", file=path.name, sheets=names)
    rows = _below_a_note(filled[0][1] if filled else iter(()))
    _, header = next(rows, (0, []))
    header = [name.lower() for name in header]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise IntakeError("{file}: the file is empty", file=path.name)
    repeated = [str(place) for place, name in enumerate(header, start=1) if name and header.count(name) > 1]
    if repeated:
        # Places, not names: the first row of a file without a heading is a person's row.
        raise IntakeError("{file}: the columns {places} bear the same name", file=path.name, places=", ".join(repeated))
    cells = CellColumns({name: place for place, name in enumerate(header) if name}, len(header))
    for number, row in rows:
        cells.add(number, row)
    if not cells.numbers:
        raise IntakeError("{file}: there is a heading but no row below it", file=path.name)
    return RawTable(path, cells.frame(), tuple(cells.ragged))


def _below_a_note(rows: Iterator[Row]) -> Iterator[Row]:
    """Return rows without a first one that holds one text above several: it says something of the table."""
    first = list(islice(rows, 2))
    filled = [sum(map(bool, cells)) for _, cells in first]
    return chain(first[1:] if len(first) == 2 and filled[0] == 1 < filled[1] else first, rows)


class CellColumns:
    """Cells gathered by column, and packed after every so many rows: a text of Python takes many times its letters."""

    def __init__(self, columns: Mapping[str, int], width: int) -> None:
        self._columns: dict[str, tuple[int, list[str | None]]] = {name: (place, []) for name, place in columns.items()}
        self._packed: dict[str, list[pd.Series]] = {name: [] for name in columns}
        self._width = width
        self.numbers = array("q")
        self.ragged: list[int] = []

    def add(self, number: int, row: list[str]) -> None:
        """Take the cells of a row; one that is too long is remembered."""
        if len(row) > self._width and any(row[self._width :]):
            self.ragged.append(number)
        self.numbers.append(number)
        for place, cells in self._columns.values():
            cells.append((row[place] if place < len(row) else "") or None)
        if len(self.numbers) % AT_ONCE == 0:
            self._pack()

    def _pack(self) -> None:
        for name, (_, cells) in self._columns.items():
            self._packed[name].append(pd.Series(cells, dtype="str"))
            cells.clear()

    def frame(self) -> pd.DataFrame:
        """Return the columns, missing where a cell is empty; the index is the rows' numbers."""
        self._pack()
        columns = {name: pd.concat(pieces, ignore_index=True) for name, pieces in self._packed.items()}
        return pd.DataFrame(columns).set_axis(pd.Index(self.numbers, dtype="int64", name="row"))
