"""Any table of counts by commune, as offices lay it out: a column of codes, and each other column of numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from geo.errors import IntakeError, Message, some_of
from geo.intake.headings import Headings, Sought
from geo.intake.layout import Layout, tables_in
from geo.intake.numbers import read_numbers
from geo.intake.parsed import Parsed
from geo.intake.personal import is_personal_column
from geo.intake.row_kinds import Rows
from geo.intake.sheets import Row, Sheet, read_sheets
from geo.intake.vocabulary import begins_with, headings, listed, words_of

CODE = "commune_code"
SHOWN = 5
"""Repairs of one column that are told; a column may have as many as it has rows."""

_COUNTED = ("victims", "offenders")
"""Columns of cases that are counts; the others of their vocabulary say where, when and what."""


@dataclass(frozen=True)
class CountTable:
    """Counts by commune.

    Attributes
    ----------
    codes
        The cells of the column of codes, as they came; the index is the row's number in the file.
    counts
        One column for each of the file's, float64, NaN where the cell is empty.
    left_out
        Headings of columns that are no counts.
    personal
        Headings of columns of personal data, which were dropped.
    notes
        What was passed over, and how cells were read.
    """

    codes: pd.Series
    counts: pd.DataFrame
    left_out: tuple[str, ...]
    personal: tuple[str, ...]
    notes: tuple[Message, ...]


def read_counts(path: Path) -> CountTable:
    """Read the one table of a file that has a column of commune codes; titles, totals and notes are passed over.

    Whole numbers are read as counts (“17.400” is 17400); a column that has others, as measures.

    Raises
    ------
    IntakeError
        If the file cannot be read, has no such table or several, a row has no code, a cell among numbers is none, or
        there is no column of numbers.
    """
    names = {name: known for name, known in headings("cases").items() if name not in _COUNTED}
    sought = Sought(names, needed=frozenset({CODE}), fewest=1)
    sheets = [
        (sheet, layout, list(layout.rows)) for sheet in read_sheets(path).sheets for layout in tables_in(sheet, sought)
    ]
    found = [(sheet, layout, rows) for sheet, layout, rows in sheets if CODE in layout.headings.columns]
    if not found:
        raise IntakeError("{file}: there must be one column of commune codes (commune_code, mã xã)", file=path.name)
    if len(found) > 1:
        names_of_sheets = ", ".join(sheet.name for sheet, _, _ in found)
        raise IntakeError(
            "{file}: several sheets hold something ({sheets}); leave one", file=path.name, sheets=names_of_sheets
        )
    sheet, layout, rows = found[0]
    return _read(path, sheet, layout, rows)


def _read(path: Path, sheet: Sheet, layout: Layout, rows: Iterable[Row]) -> CountTable:
    code = layout.headings.columns[CODE]
    places = {place: layout.headings.texts[place] for place in _of_counts(layout.headings)}
    rows = [(number, sheet.counted_once(number, row, places)) for number, row in rows]
    repeated = [str(place + 1) for place, text in places.items() if list(places.values()).count(text) > 1]
    if repeated:
        raise IntakeError("{file}: the columns {places} bear the same name", file=path.name, places=", ".join(repeated))
    columns = {CODE: code, **{text: (place,) for place, text in places.items()}}
    kinds = Rows(replace(layout.headings, columns=columns), list(places.values()), ())
    records = [(number, row) for number, row in rows if kinds.is_record(number, row)]
    index = pd.Index([number for number, _ in records], dtype="int64")
    cells = pd.DataFrame(
        {
            name: pd.Series(
                [(row[place] if place < len(row) else "") or None for _, row in records], index, dtype=object
            )
            for name, (place, *_) in columns.items()
        }
    )
    codes = cells.pop(CODE)
    if codes.isna().any():
        raise _unread(path, codes.index[codes.isna()], layout.named[CODE], Message("is empty"))
    personal = [name for name in cells if is_personal_column(cells[name].dropna().unique())]
    notes = kinds.messages()
    if layout.repeated:
        notes.append(Message("rows {rows} repeat the headings", {"rows": some_of(layout.repeated)}))
    counts, left_out = (
        {},
        [t for t in layout.headings.texts if t and t not in cells and t not in layout.headings.personal],
    )
    for name in cells.columns.drop(personal):
        read = _numbers(cells[name])
        if len(read.bad) >= read.values.notna().sum():
            left_out.append(name)
        elif len(read.bad):
            raise _unread(path, read.bad.index[read.bad == read.bad.iloc[0]], name, read.bad.iloc[0])
        else:
            counts[name] = read.values.astype(float)
            notes += _repairs(name, read.repaired)
    if not counts:
        raise IntakeError("{file}: there is no column of numbers", file=path.name)
    left_out.remove(layout.headings.texts[code[0]])
    dropped = (*layout.headings.personal, *personal)
    return CountTable(codes, pd.DataFrame(counts), tuple(left_out), dropped, tuple(notes))


def _of_counts(found: Headings) -> Iterator[int]:
    """Yield the places of columns that may be counts: they have a heading, which is no other thing's we know."""
    taken = {place for places in (*found.columns.values(), *found.doubtful.values()) for place in places}
    for place, text in enumerate(found.texts):
        words = words_of(text)
        others = words in listed("layout", "numbering") or begins_with(words, "ma") or text.lower() in ("năm", "year")
        if words and place not in taken and text not in found.personal and not others:
            yield place


def _numbers(cells: pd.Series) -> Parsed:
    readings = (read_numbers(cells, "count"), read_numbers(cells, "measure"))
    return min(readings, key=lambda read: len(read.bad))


def _repairs(name: str, repaired: pd.Series) -> list[Message]:
    kinds = [rows for _, rows in repaired.groupby(repaired.map(str), sort=False)]
    said = [
        Message(
            "repaired, rows {rows}: {column} {reason}",
            {"rows": some_of(rows.index), "column": name, "reason": rows.iloc[0]},
        )
        for rows in kinds[:SHOWN]
    ]
    more = len(kinds) - SHOWN
    return said + ([Message("{n} more repairs like these", {"n": more})] if more > 0 else [])


def _unread(path: Path, rows: pd.Index, column: str, reason: Message) -> IntakeError:
    return IntakeError(
        "{file}, rows {rows}: {column} {reason}", file=path.name, rows=some_of(rows), column=column, reason=reason
    )
