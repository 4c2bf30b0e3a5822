"""A document in one language, before it is HTML, PDF or a workbook: sections of texts, tables and drawings."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from maps.drawing import Drawing
from maps.text import date, number

Cell = str | float | dt.date | None
"""What a table holds; numbers and days stay what they are, so that a workbook can calculate with them. A line feed in a
text begins a new line of the cell."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
"""Controls, and marks that turn the order of what follows: a name that bears them must not disarrange the rest."""


@dataclass(frozen=True)
class Text:
    """A paragraph; a warning is framed, a note is small."""

    words: str
    look: Literal["plain", "warning", "note"] = "plain"


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width relative to the others', and the decimals of its numbers (see `number`)."""

    heading: str
    width: float = 1.0
    digits: int | None = None


@dataclass(frozen=True)
class Table:
    """A table; its title also names its sheet in a workbook, so it has at most 31 characters."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Beside:
    """A drawing with a table on its right."""

    drawing: Drawing
    table: Table


Part = Text | Bullets | Table | Drawing | Beside


@dataclass(frozen=True)
class Section:
    """A titled part of a document."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Document:
    """A document.

    Attributes
    ----------
    title, lead
        What it is, and the line below.
    banners
        What must be seen on every page: that the data are simulated, or who may read it.
    sections
        In order.
    lang
        ``"vi"`` or ``"en"``: the language of its texts and the form of its numbers.
    one_page
        Whether it is meant for one sheet of A4: the writers then choose the largest letters that fit.
    """

    title: str
    lead: str
    banners: tuple[str, ...]
    sections: tuple[Section, ...]
    lang: str
    one_page: bool = False


def shown(cell: Cell, column: Column, lang: str) -> str:
    """Return a cell as a reader sees it; a dash for what is missing."""
    match cell:
        case None:
            return "–"
        case str():
            return cell
        case dt.date():
            return date(cell, lang)
        case _:
            return number(cell, lang, column.digits)


def known(value: Any) -> Any:
    """Return a value of a table, None for pandas' forms of what is missing."""
    return None if pd.isna(value) else value


def numeric(table: Table) -> tuple[bool, ...]:
    """Return which columns hold numbers, and are set flush right."""
    return tuple(any(isinstance(row[i], int | float) for row in table.rows) for i in range(len(table.columns)))


def seen(text: str) -> str:
    r"""Return a text without what cannot be seen and may disarrange what can, each letter one with its marks.

    >>> seen("Mường \u202eNhe\u0301\u200f")
    'Mường Nhé'
    """
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))
