"""Sheets as one table of text cells in our columns, each row with its place in the file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import IntakeError, Message, some_of
from geo.intake.features import read_features
from geo.intake.headings import Saved, Sought
from geo.intake.layout import Layout, tables_in
from geo.intake.personal import is_personal_column
from geo.intake.row_kinds import Rows
from geo.intake.sheets import Row, Sheet, SheetFile, read_sheets
from geo.intake.split_columns import added_up, dated
from geo.intake.title_years import year_in
from geo.intake.vocabulary import agency_in, words_of
from geo.schema import PLACE, TABLES
from geo.vector import SUFFIXES as LAYER_SUFFIXES

SHEET_STEP = 2**21
"""Rows of the second sheet are numbered from here on, of the third from twice that: no sheet has as many."""

FIXLIST_COLUMNS = ("row", "column", "reason_vi", "reason_en", "mend")
"""Columns that a fix list adds to the rows; they are passed over when the mended list is added."""

CUTTING = (".shp", ".zip", ".dbf")
"""Suffixes of Shapefiles, which cut their headings."""

NAMES_OF_PLACES = ("commune", "district", "village")


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
    saved: Sequence[Saved] = (),
    crs: str | None = None,
    layer: str | None = None,
) -> RawTable:
    """Read the tables of every sheet of a file that hold rows of a table of `geo.schema.TABLES`.

    Parameters
    ----------
    path
        CSV, workbook, or layer of points.
    table
        Name of the table.
    named
        Headings by our column, for columns that are called otherwise than the vocabulary knows.
    saved
        Such headings that were named for earlier files, see `geo.intake.headings.Sought`.
    crs, layer
        See `geo.vector.read_layer`.

    Raises
    ------
    IntakeError
        If the file cannot be read, no sheet has the table's headings, there is no row below them, several columns fit
        one of ours equally well, or a heading that was named is not there.
    """
    of_layer = path.suffix.lower() in LAYER_SUFFIXES
    file = read_features(path, crs=crs, layer=layer) if of_layer else read_sheets(path, else_read=LAYER_SUFFIXES)
    sought = Sought.of(table, named, saved, cut=path.suffix.lower() in CUTTING)
    read: list[_Read] = []
    names: list[str] = []
    without: list[str] = []
    for sheet in file.sheets:
        of_sheet = []
        for layout in tables_in(sheet, sought):
            _check_doubts(path, layout)
            of_sheet.append(_read_table(layout, sought, table, sheet, SHEET_STEP * len(names)))
        if of_sheet:
            names.append(sheet.name)
        else:
            without.append(sheet.name)
        read += of_sheet
    if not read:
        raise _no_table(path, table, file.sheets)
    _check_named(path, named or {}, [one.layout for one in read])
    cells = pd.concat([one.cells for one in read]) if len(read) > 1 else read[0].cells
    if cells.empty:
        raise IntakeError("{file}: there is a heading but no row below it", file=path.name)
    return _gathered(path, cells.astype(object).where(cells.notna(), None), read, names, file, without)


def _gathered(
    path: Path, cells: pd.DataFrame, read: list["_Read"], names: list[str], file: SheetFile, without: list[str]
) -> RawTable:
    """Return the rows of all tables as one, without columns of personal data."""
    layouts = [one.layout for one in read]
    personal = [name for name in cells if _is_personal(cells[name])]
    headings = {name: text for layout in reversed(layouts) for name, text in layout.named.items()}
    dropped = [text for layout in layouts for text in layout.headings.unknown if text not in FIXLIST_COLUMNS]
    dropped_persons = [text for layout in layouts for text in layout.headings.personal]
    charsets = dict.fromkeys(sheet.charset for sheet in file.sheets if sheet.charset)
    notes = [note for one in read for note in one.notes]
    notes += [Message("the text was in {charset} and was converted to Unicode", {"charset": name}) for name in charsets]
    first_of_sheet = {one.sheet: one.layout for one in reversed(read)}
    return RawTable(
        path,
        cells.drop(columns=personal),
        tuple(row for one in read for row in one.ragged),
        tuple(names),
        headings,
        agency_in(title for layout in layouts for title in layout.titles),
        tuple(dict.fromkeys(dropped)),
        tuple(dict.fromkeys([*dropped_persons, *(headings[name] for name in personal)])),
        (*notes, *_about_sheets(file.hidden_sheets, file.hidden_rows, without)),
        file.refused,
        tuple(year_in(first_of_sheet[name].titles) for name in names),
        tuple(dict.fromkeys(layout.headings.source for layout in layouts)),
    )


def _check_doubts(path: Path, layout: Layout) -> None:
    texts = layout.headings.texts
    for name, places in layout.headings.doubtful.items():
        raise IntakeError(
            "{file}: it is not clear which column is {column} ({headings}); name it with --column {column}=HEADING",
            file=path.name,
            column=name,
            headings=", ".join(texts[place] for place in places),
        )


def _check_named(path: Path, named: Mapping[str, str], layouts: list[Layout]) -> None:
    found = {name for layout in layouts for name in layout.headings.columns}
    if absent := [text for name, text in named.items() if name not in found]:
        raise IntakeError("{file}: there is no column {columns}", file=path.name, columns=", ".join(absent))


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


@dataclass(frozen=True)
class _Read:
    """The rows of one table of a sheet, and what is to be said of it."""

    sheet: str
    layout: Layout
    cells: pd.DataFrame
    ragged: list[int]
    notes: list[Message]


def _read_table(layout: Layout, sought: Sought, table: str, sheet: Sheet, offset: int) -> _Read:
    """Return the records below headings, with the district of the title above them where they name none.

    In a text file a cell behind the last heading is a comma too many; in a workbook it is somebody's note.
    """
    columns = layout.headings.columns
    places = sorted({place for found in columns.values() for place in found})
    cells = _Cells({str(place): place for place in places}, 10**9 if sheet.name else layout.headings.width)
    rows = Rows(layout.headings, sought.counts, sought.dates)
    sections: list[str | None] = []
    counts = {place for name in sought.counted for place in columns.get(name, ())}
    for number, row in layout.rows:
        row = sheet.counted_once(number, row, counts)
        if rows.is_record(number, row):
            cells.add(number, row)
            sections.append(rows.district)
    by_place = cells.frame()
    notes: list[Message] = []
    frame = pd.DataFrame(index=by_place.index)
    for name, found in columns.items():
        parts = [by_place[str(place)] for place in found]
        if name in sought.dates:
            frame[name] = dated(layout.headings.texts[found[0]], parts)
        elif len(parts) > 1:
            frame[name], said = added_up(layout.named[name], parts)
            notes += said
        else:
            frame[name] = parts[0]
    if "lon" in frame and "lat" not in frame:
        frame["lat"] = None  # one cell may hold both
    if any(sections) and "district" not in frame and "district" in TABLES[table].columns:
        frame["district"] = pd.Series(sections, index=frame.index, dtype=object)
    frame.index += offset
    notes += rows.messages()
    for name, text in layout.headings.earlier.items():
        values = {"heading": text, "column": name}
        notes.append(Message("{heading} was read as {column}, as it was named for an earlier file", values))
    if layout.repeated:
        notes.append(Message("rows {rows} repeat the headings", {"rows": some_of(layout.repeated)}))
    return _Read(sheet.name, layout, frame, [row + offset for row in cells.ragged], notes)


def _is_personal(column: pd.Series) -> bool:
    places = column.name in NAMES_OF_PLACES
    exempt = column.name in PLACE and not places
    return not exempt and is_personal_column(column.dropna().unique(), places=places)


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
    needed = [name for name, column in TABLES[table].columns.items() if column.required]
    return IntakeError(
        "{file}: no headings of the table {table} were found in {n} sheets; it needs columns for {needed}; name "
        "them with --column {first}=HEADING",
        file=path.name,
        table=table,
        n=len(sheets),
        needed=", ".join(needed),
        first=needed[0],
    )
