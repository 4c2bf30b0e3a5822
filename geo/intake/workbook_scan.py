"""A workbook's parts as they are unpacked: their size, hidden rows, and cells whose formula has no value."""

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from geo.errors import IntakeError

MOST_BYTES, MOST_MEMBERS, MOST_CELLS = 2**30, 10_000, 50_000_000
"""Limits of a workbook: unpacked bytes and members of its archive; cells of a sheet, of which the reader fills all
between the first and the last that holds something."""

# A tag holds no "<": so each of these looks at a tag at most twice, however much of it the file leaves open.
_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^<>]*+(?<!/)>)[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^<>]*\bhidden="(?:1|true)")[^<>]*?\br="(\d{1,7})"')
_WHOLE_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?P<named>[^<>]*+)(?<!/)>(?P<holds>[^<]*+(?:<(?!/?(?:\w+:)?c\b)[^<]*+)*+)</(?:\w+:)?c>"
)
_VALUE = re.compile(rb"<(?:\w+:)?v>(?P<value>[^<]+)</")
_SHEET_PART = re.compile(rb'<(?:\w+:)?sheet\b[^<>]*?\b\w+:id="([^"]+)"')
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^<>]*+>")
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_PIECE, _LONGEST_CELL = 2**20, 2**15

NOT_COMPUTED = "="
"""What stands for a formula whose value no program ever saved."""

Broken = dict[int, dict[int, str]]
"""Cells of a sheet that hold an error or no value of their formula: rows from 0, columns from 0, and the error."""


def scanned(path: Path) -> tuple[int, list[Broken]]:
    """Unpack a workbook piece by piece, before a reader holds it whole.

    Returns
    -------
    tuple
        How many of its rows are hidden; and the broken cells of each sheet, in the workbook's order: the reader takes
        them for empty ones.

    Raises
    ------
    IntakeError
        If it is larger than the limits, whatever its directory says.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
            raise _too_large(path)
        hidden = 0
        broken: dict[str, Broken] = {}
        for member in members:
            with archive.open(member) as stream:
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename):
                    rows, broken[member.filename] = _scan_sheet(path, stream.read)
                    hidden += rows
                else:
                    while stream.read(_PIECE):
                        pass
        parts = _parts_of_sheets(archive) if any(broken.values()) else []
    return hidden, [broken.get(part, {}) for part in parts]


def _parts_of_sheets(archive: zipfile.ZipFile) -> list[str]:
    """Return which part of the archive holds each sheet, in the workbook's order."""
    targets = {}
    if not {_BOOK, _RELATIONS} <= set(archive.namelist()):
        return []  # the reader says what it thinks of such a workbook
    for relation in _RELATION.findall(archive.read(_RELATIONS)):
        named = dict(re.findall(rb'\b(Id|Target)="([^"]*)"', relation))
        targets[named.get(b"Id")] = named.get(b"Target", b"").decode()
    ids = _SHEET_PART.findall(archive.read(_BOOK))
    return [posixpath.normpath(posixpath.join("/xl", targets.get(one, ""))).lstrip("/") for one in ids]


def _scan_sheet(path: Path, read: Callable[[int], bytes]) -> tuple[int, Broken]:
    rows, cols, before = 0, 0, b""
    hidden: set[bytes] = set()
    broken: Broken = {}
    while piece := read(_PIECE):
        text = before + piece
        for letters, number in _CELL.findall(text):
            rows, cols = max(rows, int(number)), max(cols, _column_number(letters))
        if rows * cols > MOST_CELLS:
            raise _too_large(path)
        hidden.update(_HIDDEN_ROW.findall(text))
        if b't="e"' in text or b"<f" in text or b":f>" in text:
            for row, column, error in _broken_cells(text):
                broken.setdefault(row, {})[column] = error
        before = text[-_LONGEST_CELL:]
    return len(hidden), broken


def _broken_cells(text: bytes) -> Iterator[tuple[int, int, str]]:
    for cell in _WHOLE_CELL.finditer(text):
        holds, place = cell["holds"], re.search(rb'\br="([A-Z]{1,3})(\d{1,7})"', cell["named"])
        value = _VALUE.search(holds)
        is_error = b't="e"' in cell["named"]
        is_text = b't="str"' in cell["named"]  # a formula whose value is an empty text has one
        if place and (is_error or (not (value or is_text) and re.search(rb"<(?:\w+:)?f\b", holds))):
            error = value["value"].decode("ascii", "replace") if is_error and value else NOT_COMPUTED
            yield int(place[2]) - 1, _column_number(place[1]) - 1, error


def _too_large(path: Path) -> IntakeError:
    return IntakeError(
        "{file}: the workbook is too large when unpacked, or holds something far from its table; copy the table into a "
        "new workbook",
        file=path.name,
    )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
