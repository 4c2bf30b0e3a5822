"""Sheets as one table of text cells in our columns, each row with its place in the file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import IntakeError, Message, some_of
from geo.intake.features import read_features
from geo.intake.layout import Layout, district_of, find_table, is_numbering, is_total
from geo.intake.personal import personal_columns
from geo.intake.rules import listed, word
from geo.intake.sheets import Row, Sheet, read_sheets
from geo.intake.title_years import year_in
from geo.intake.vocabulary import agency_in
from geo.schema import TABLES, key_of
from geo.vector import SUFFIXES as LAYER_SUFFIXES

SHEET_STEP = 2**21
"""Rows of the second sheet are numbered from here on, of the third from twice that: no sheet has as many."""

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
        Text or None (empty), one column for each heading; the index says which row of the file, see `row_in_file`.
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

    @property
    def year_of_rows(self) -> pd.Series:
        """The year that the titles above each row's table name, NaN where they name none."""
        sheet = self.cells.index // SHEET_STEP if len(self.sheets) > 1 else np.zeros(len(self.cells), dtype=np.int64)
        return pd.Series(np.array(self.years, dtype=float)[sheet], index=self.cells.index)

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
    cells = _Cells({name: place for place, name in enumerate(header) if name}, len(header))
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


def read_records(
    path: Path,
    table: str,
    named: Mapping[str, str] | None = None,
    *,
    crs: str | None = None,
    layer: str | None = None,
) -> RawTable:
    """Read every sheet of a file that holds a table of `geo.schema.TABLES`, wherever it stands in the sheet.

    Parameters
    ----------
    path
        CSV, workbook, or layer of points.
    table
        Name of the table.
    named
        Headings by our column, for columns that are called otherwise than the vocabulary knows.
    crs, layer
        See `geo.vector.read_layer`.

    Raises
    ------
    IntakeError
        If the file cannot be read, no sheet has the table's headings, or there is no row below them.
    """
    of_layer = path.suffix.lower() in LAYER_SUFFIXES
    file = read_features(path, crs=crs, layer=layer) if of_layer else read_sheets(path, else_read=LAYER_SUFFIXES)
    frames: list[pd.DataFrame] = []
    layouts: list[Layout] = []
    names: list[str] = []
    without: list[str] = []
    ragged: list[int] = []
    notes: list[Message] = []
    for sheet in file.sheets:
        layout = find_table(sheet, table, named)
        if layout is None:
            without.append(sheet.name)
            continue
        frame, too_long, passed_over = _records(layout, table, strict=not sheet.name)
        frame.index += SHEET_STEP * len(names)
        frames.append(frame)
        ragged += [row + SHEET_STEP * len(names) for row in too_long]
        notes += passed_over
        names.append(sheet.name)
        layouts.append(layout)
    if not layouts:
        raise _no_table(path, table, file.sheets)
    cells = pd.concat(frames) if len(frames) > 1 else frames[0]
    if cells.empty:
        raise IntakeError("{file}: there is a heading but no row below it", file=path.name)
    charsets = dict.fromkeys(sheet.charset for sheet in file.sheets if sheet.charset)
    notes += [Message("the text was in {charset} and was converted to Unicode", {"charset": name}) for name in charsets]
    personal = personal_columns(cells, table)
    notes += _about_sheets(file.hidden_sheets, file.hidden_rows, without)
    headings = {name: text for layout in reversed(layouts) for name, text in layout.named.items()}
    fixlist = set(FIXLIST_COLUMNS)
    return RawTable(
        path,
        cells.drop(columns=personal),
        tuple(ragged),
        tuple(names),
        headings,
        agency_in(title for layout in layouts for title in layout.titles),
        tuple(dict.fromkeys(text for layout in layouts for text in layout.unknown if text not in fixlist)),
        tuple(
            dict.fromkeys([text for layout in layouts for text in layout.personal] + [headings[n] for n in personal])
        ),
        tuple(notes),
        file.refused,
        tuple(year_in(layout.titles) for layout in layouts),
    )


class _Cells:
    """Cells gathered by column: a million rows as lists of rows would not fit."""

    def __init__(self, columns: Mapping[str, int], width: int) -> None:
        self._columns: dict[str, tuple[int, list[str | None]]] = {name: (place, []) for name, place in columns.items()}
        self._width = width
        self.numbers: list[int] = []
        self.ragged: list[int] = []

    def add(self, number: int, row: list[str]) -> None:
        if len(row) > self._width and any(row[self._width :]):
            self.ragged.append(number)
        self.numbers.append(number)
        for place, cells in self._columns.values():
            cells.append((row[place] if place < len(row) else "") or None)

    def frame(self) -> pd.DataFrame:
        columns = {name: pd.Series(cells, dtype=object) for name, (_, cells) in self._columns.items()}
        return pd.DataFrame(columns).set_axis(pd.Index(self.numbers, dtype="int64", name="row"))


def _records(layout: Layout, table: str, *, strict: bool) -> tuple[pd.DataFrame, list[int], list[Message]]:
    """Return the rows that are records, those that are too long (``strict``), and notes on those that are no records.

    In a text file a cell behind the last heading is a comma too many; in a workbook it is somebody's note.
    """
    cells = _Cells(layout.columns, layout.width if strict else 10**9)
    totals: list[int] = []
    others: list[int] = []
    sections: list[str | None] = []
    district = None
    fills_district = "district" not in layout.columns and "district" in TABLES[table].columns
    for number, row in layout.rows:
        here = [row[place] if place < len(row) else "" for place in layout.columns.values()]
        filled = sum(map(bool, here))
        # A row whose cells are all filled can only be a record, or the numbers under the headings.
        if filled == len(here) and (cells.numbers or not is_numbering(row)):
            cells.add(number, row)
            sections.append(district)
        elif (title := district_of(row)) is not None:
            district = title
            others.append(number)
        elif is_total(row):
            totals.append(number)
        elif is_numbering(row) or filled <= 1 < len(here) - 1:
            others.append(number)
        else:
            cells.add(number, row)
            sections.append(district)
    frame = cells.frame()
    if fills_district and any(sections):
        frame["district"] = pd.Series(sections, index=frame.index, dtype=object)
    notes = []
    if totals:
        notes.append(Message("rows {rows} hold totals and are not records", {"rows": some_of(totals)}))
    if others:
        notes.append(Message("rows {rows} hold a title or a note and are not records", {"rows": some_of(others)}))
    return frame, cells.ragged, notes


def _about_sheets(hidden: tuple[str, ...], hidden_rows: int, without: list[str]) -> list[Message]:
    notes = []
    if hidden:
        notes.append(Message("hidden sheets are not read: {sheets}", {"sheets": ", ".join(hidden)}))
    if without:
        notes.append(
            Message("sheets without the table's headings are not read: {sheets}", {"sheets": ", ".join(without)})
        )
    if hidden_rows:
        notes.append(Message("{n} rows that are hidden in the workbook are read too", {"n": hidden_rows}))
    return notes


def _no_table(path: Path, table: str, sheets: tuple[Sheet, ...]) -> IntakeError:
    needed = [name for name, column in TABLES[table].columns.items() if column.required and name != key_of(table)]
    return IntakeError(
        "{file}: no headings of the table {table} were found in {n} sheets; it needs columns for {needed}; "
        "identifiers may be left out; name a column with --column {first}=HEADING",
        file=path.name,
        table=word(table),
        n=len(sheets),
        needed=listed(map(word, needed)),
        first=needed[0],
    )
