"""An office's file as the rows of one of our tables: the tables of all its sheets, found and put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.errors import IntakeError, Message, some_of
from geo.intake.dates import is_period
from geo.intake.features import read_features
from geo.intake.group_titles import of_title, under_titles
from geo.intake.headings import Headings, Saved, Sought
from geo.intake.layout import LOOKED_AT, Layout, tables_in
from geo.intake.personal import personal_columns
from geo.intake.reading import FIXLIST_COLUMNS, SHEET_STEP, CellColumns, RawTable, without_rows
from geo.intake.row_kinds import Kind, Rows
from geo.intake.rules import listed, word
from geo.intake.sheets import Sheet, SheetFile, read_sheets
from geo.intake.split_columns import added_up, dated
from geo.intake.title_years import DATES_OF_ROWS, period_in, year_in
from geo.intake.vocabulary import agency_in
from geo.schema import TABLES, key_of
from geo.vector_file import SUFFIXES as LAYER_SUFFIXES

CUTTING = (".shp", ".zip", ".dbf")
"""Suffixes of Shapefiles, which cut their headings."""


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
    plans: list[str] = []
    for sheet in file.sheets:
        of_sheet: list[_Read] = []
        for layout in tables_in(sheet, sought):
            if layout.planned:
                plans.append(sheet.name)
                break
            _check_doubts(path, layout)
            titles = of_sheet[0].layout.titles if of_sheet else layout.titles
            of_sheet.append(_read_table(layout, sought, table, sheet, SHEET_STEP * len(names), period_in(titles)))
        if of_sheet:
            names.append(sheet.name)
        elif sheet.name not in plans:
            without.append(sheet.name)
        read += of_sheet
    if not read and plans:
        raise IntakeError(
            "{file}: the titles say that this is a plan, and only what was done is added; if it was done, take the "
            "word out of the titles",
            file=path.name,
        )
    if not read:
        raise _no_table(path, table, file.sheets)
    _check_named(path, named or {}, [one.layout for one in read])
    cells = pd.concat([one.cells for one in read]) if len(read) > 1 else read[0].cells
    if cells.empty:
        raise IntakeError("{file}: there is a heading but no row below it", file=path.name)
    return _gathered(path, table, cells.astype("str"), read, names, file, without, plans)


def _gathered(
    path: Path,
    table: str,
    cells: pd.DataFrame,
    read: list["_Read"],
    names: list[str],
    file: SheetFile,
    without: list[str],
    plans: list[str],
) -> RawTable:
    """Return the rows of all tables as one, without columns of personal data."""
    layouts = [one.layout for one in read]
    personal = personal_columns(cells, table)
    headings = {name: text for layout in reversed(layouts) for name, text in layout.named.items()}
    dropped = [text for layout in layouts for text in layout.headings.unknown if text not in FIXLIST_COLUMNS]
    dropped_persons = [text for layout in layouts for text in layout.headings.personal]
    charsets = dict.fromkeys(sheet.charset for sheet in file.sheets if sheet.charset)
    notes = [
        Message("{sheet}: {note}", {"sheet": one.sheet, "note": note}) if len(names) > 1 else note
        for one in read
        for note in one.notes
    ]
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
        (*notes, *_about_sheets(file.hidden_sheets, file.hidden_rows, without, plans)),
        file.refused,
        tuple(year_in(first_of_sheet[name].titles) for name in names),
        tuple(dict.fromkeys(layout.headings.source for layout in layouts)),
        tuple(sheet.date_cells for name in names for sheet in file.sheets if sheet.name == name),
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


@dataclass(frozen=True)
class _Read:
    """The rows of one table of a sheet, and what is to be said of it."""

    sheet: str
    layout: Layout
    cells: pd.DataFrame
    ragged: list[int]
    notes: list[Message]


def _read_table(layout: Layout, sought: Sought, table: str, sheet: Sheet, offset: int, period: str | None) -> _Read:
    """Return the records below headings, with the place of the title above them where they name none.

    A table without any dates is of the ``period`` that the sheet's titles name.

    In a text file a cell behind the last heading is a comma too many; in a workbook it is somebody's note.
    """
    columns = layout.headings.columns
    events = layout.headings.events
    places = sorted({place for found in (*columns.values(), events) for place in found})
    cells = CellColumns({str(place): place for place in places}, 10**9 if sheet.name else layout.headings.width)
    rows = Rows(layout.headings, sought.counts, sought.dates)
    of_titles: dict[str, list[str | None]] = {"district": [], "commune": []}
    undated = not sought.dates & layout.headings.found
    numbered: list[bool] = []
    counts = {place for name in sought.counted for place in columns.get(name, ())}
    for number, row in layout.rows:
        row = sheet.counted_once(number, row, counts)
        if rows.is_record(number, row):
            cells.add(number, row)
            of_titles["district"].append(rows.district)
            of_titles["commune"].append(rows.commune)
            undated = undated and (len(numbered) >= LOOKED_AT or not _has_time(row, layout.headings, places))
            numbered.append(rows.is_numbered(row))
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
    if events:
        texts = [by_place[str(place)] for place in events]
        frame["events"] = texts[0] if len(texts) == 1 else pd.concat(texts, axis=1).agg(_listed_cells, axis=1)
    if "lon" in frame and "lat" not in frame:
        frame["lat"] = None  # one cell may hold both
    frame, titles, said = under_titles(frame, pd.Series(numbered, frame.index, dtype=bool), sought.dates)
    rows.pass_over(Kind.TITLE, titles)
    notes += said
    for name, units in of_titles.items():
        if any(units) and name not in frame and name in TABLES[table].columns:
            frame[name] = pd.Series(units, index=frame.index, dtype=object)
            notes.append(of_title(name, int(frame[name].notna().sum())))
    if undated and period and "date_precision" in TABLES[table].columns:
        name = next(name for name in DATES_OF_ROWS if name in TABLES[table].columns)
        frame[name] = period
        notes.append(Message("there is no column of dates: all rows are of the time in the title above the table"))
    frame = without_rows(frame, titles)
    frame.index += offset
    notes += rows.messages()
    for name, text in layout.headings.earlier.items():
        values = {"heading": text, "column": name}
        notes.append(Message("{heading} was read as {column}, as it was named for an earlier file", values))
    if layout.repeated:
        notes.append(Message("rows {rows} repeat the headings", {"rows": some_of(layout.repeated)}))
    return _Read(sheet.name, layout, frame, [row + offset for row in cells.ragged], notes)


def _has_time(row: list[str], headings: Headings, read: list[int]) -> bool:
    """Tell whether a day or period stands in a column that was not recognised."""
    texts = headings.texts
    others = (cell for place, cell in enumerate(row) if cell and place < len(texts) and place not in read)
    personal = {cell for cell, text in zip(row, texts, strict=False) if text in headings.personal}
    return any(is_period(cell) for cell in others if cell not in personal)


def _listed_cells(cells: pd.Series) -> str | None:
    return " + ".join(cells.dropna()) or None


def _about_sheets(hidden: tuple[str, ...], hidden_rows: int, without: list[str], plans: list[str]) -> list[Message]:
    notes = []
    if plans:
        notes.append(Message("sheets of plans are not read: {sheets}", {"sheets": ", ".join(plans)}))
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
