"""An old workbook (XLS) record by record: how far its cells lie, before a reader makes a place for each up to the last.

A workbook is a stream of records, each with its type and length ([MS-XLS] 2.1.4; the records of BIFF5 to BIFF8).
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import olefile
from olefile.olefile import OleFileError

from geo.intake.workbook_scan import MOST_CELLS, MOST_MERGED, too_large

_STREAMS = ("Workbook", "Book")
_BEGIN, _ENCRYPTED, _DIMENSIONS, _MERGED = 0x0809, 0x002F, 0x0200, 0x00E5
_CELLS = frozenset({0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E})
"""Formulas, numbers, texts, truth values, errors and blanks: row and (first) column stand first in each."""
_OF_MANY = frozenset({0x00BD, 0x00BE})
"""Cells side by side: the last column stands last."""


class _Reach(NamedTuple):
    """Rows and columns up to the last cell."""

    rows: int
    columns: int


def check_old(path: Path) -> None:
    """Go through an XLS before a reader holds it.

    Raises
    ------
    IntakeError
        If a sheet reaches, or says that it reaches, farther than the limits of `geo.intake.workbook_scan`.
    ValueError
        If it is no XLS, or damaged.
    """
    try:
        with olefile.OleFileIO(path) as book:
            for name in _STREAMS:
                if book.exists(name) and _is_large(book.openstream(name).read()):
                    raise too_large(path)
    except (OleFileError, OSError, struct.error, IndexError):
        raise ValueError("no XLS") from None


def _is_large(stream: bytes) -> bool:
    """Tell whether a sheet of the stream is too large; an encrypted one is refused by the reader."""
    rows = columns = merged = 0
    for kind, data in _records(stream):
        if kind == _ENCRYPTED:
            return False
        if kind == _BEGIN:
            rows = columns = merged = 0
        elif kind == _DIMENSIONS or kind in _CELLS:
            reach = _said(data) if kind == _DIMENSIONS else _of_cell(kind, data)
            rows, columns = max(rows, reach.rows), max(columns, reach.columns)
        elif kind == _MERGED:
            ends = struct.iter_unpack("<4H", data[2 : 2 + 8 * struct.unpack_from("<H", data)[0]])
            merged += sum(last - first + 1 for first, last, *_ in ends)
        if rows * columns > MOST_CELLS or merged > MOST_MERGED:
            return True
    return False


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _said(data: bytes) -> _Reach:
    """Return what the record of dimensions says; BIFF8 has wider numbers of rows."""
    _, rows, _, columns = struct.unpack_from("<2I2H" if len(data) >= 14 else "<4H", data)
    return _Reach(rows, columns)


def _of_cell(kind: int, data: bytes) -> _Reach:
    row, column = struct.unpack_from("<2H", data)
    if kind in _OF_MANY:
        column = max(column, struct.unpack_from("<H", data, len(data) - 2)[0])
    return _Reach(row + 1, column + 1)
