"""A document as a workbook: its texts on the first sheet, each table on a sheet of its own, numbers as numbers."""

from pathlib import Path

import pandas as pd

from geo.errors import Message
from maps.document import Bullets, Document, Table, Text, seen
from maps.tables import Sheet, write_workbook
from maps.text import translate


def write_report_workbook(path: Path, document: Document) -> None:
    """Write a document as a workbook; drawings, which only show what the tables hold, are left out."""
    note = ". ".join(document.banners)
    tables = [part for section in document.sections for part in section.parts if isinstance(part, Table)]
    write_workbook(path, [_texts(document, note), *(_sheet(table, note) for table in tables)])


def _texts(document: Document, note: str) -> Sheet:
    rows = [(document.title, document.lead)]
    for section in document.sections:
        for part in section.parts:
            lines = [part.words] if isinstance(part, Text) else part.lines if isinstance(part, Bullets) else []
            rows += [(section.title, line) for line in lines]
    headings = {
        name: translate(word, document.lang) for name, word in (("part", Message("Part")), ("text", Message("Text")))
    }
    cleaned = [tuple(seen(text) for text in row) for row in rows]
    return Sheet(headings["text"], pd.DataFrame(cleaned, columns=["part", "text"]), headings, note)


def _sheet(table: Table, note: str) -> Sheet:
    # Columns by number: headings may repeat.
    names = [str(i) for i in range(len(table.columns))]
    rows = [[seen(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows]
    headings = {name: column.heading for name, column in zip(names, table.columns, strict=True)}
    return Sheet(table.title, pd.DataFrame(rows, columns=names, dtype=object), headings, note)
