"""A workbook's parts as they are unpacked: their size, hidden rows, and cells whose formula has no value.

The reader (calamine) makes a place for every cell between the first and the last that holds something, and ends the
process if there is no memory for them. So each part that it could take for a sheet is gone through here first, by a
parser and not by looking for what cells usually look like.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import digits

from geo.archive_limits import Limits
from geo.errors import IntakeError
from geo.plain_xml import PlainXml

LIMITS = Limits(members=10_000, unpacked=2**30)
MOST_CELLS, MOST_MERGED = 50_000_000, 2**22
"""Cells of a sheet up to the last that holds something, and rows of its merges, each filled with what it repeats."""

_WHOLE_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?P<named>[^<>]*+)(?<!/)>(?P<holds>[^<]*+(?:<(?!/?(?:\w+:)?c\b)[^<]*+)*+)</(?:\w+:)?c>"
)
_VALUE = re.compile(rb"<(?:\w+:)?v>(?P<value>[^<]+)</")
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_OTHER_BOOKS = ("xl/workbook.bin", "content.xml")
"""XLSB and ODS: the reader would take one under any name, and nothing here bounds their cells."""
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
    ValueError
        If it is no XLSX, or the XML of a part that may be a sheet is damaged or declares types and entities.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if LIMITS.passed_by(members, path.stat().st_size):
            raise too_large(path)
        names = {member.filename for member in members}
        if not {_BOOK, _RELATIONS} <= names or names.intersection(_OTHER_BOOKS):
            raise ValueError("no XLSX")
        targets = {one.get("Id"): one.get("Target", "") for one in _elements(archive, _RELATIONS, "Relationship")}
        # By the last part of their names: how the reader makes a path of a target shall not matter.
        named = {posixpath.basename(target).casefold() for target in targets.values()}
        seen: dict[str, _Scan] = {}
        for member in members:
            with archive.open(member) as stream:
                if posixpath.basename(member.filename).casefold() in named:
                    seen[member.filename] = scan = _Scan()
                    while piece := stream.read(_PIECE):
                        scan.feed(piece)
                        if scan.rows * scan.columns > MOST_CELLS or scan.merged > MOST_MERGED:
                            raise too_large(path)
                    scan.feed(b"", last=True)
                while stream.read(_PIECE):
                    pass
        parts = []
        if any(scan.broken for scan in seen.values()):
            for sheet in _elements(archive, _BOOK, "sheet"):
                target = next((targets.get(value, "") for name, value in sheet.items() if name.endswith(":id")), "")
                parts.append(posixpath.normpath(posixpath.join("/xl", target)).lstrip("/"))
    return sum(scan.hidden for scan in seen.values()), [seen[part].broken if part in seen else {} for part in parts]


def _elements(archive: zipfile.ZipFile, part: str, wanted: str) -> list[dict[str, str]]:
    """Return the attributes of all elements of a name."""
    found: list[dict[str, str]] = []
    PlainXml(lambda name, attributes: found.append(attributes) if name == wanted else None).feed(
        archive.read(part), last=True
    )
    return found


@dataclass
class _Scan:
    """What is seen of a part that may be a sheet."""

    rows: int = 0
    columns: int = 0
    merged: int = 0
    hidden: int = 0
    broken: Broken = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._row = self._column = 0
        self._before = b""
        self._xml = PlainXml(self._element)

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        self._xml.feed(piece, last=last)
        text = self._before + piece
        if b't="e"' in text or b"<f" in text or b":f>" in text:
            for row, column, error in _broken_cells(text):
                self.broken.setdefault(row, {})[column] = error
        self._before = text[-_LONGEST_CELL:]

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._column += 1  # what bears no place stands beside the one before
            if place := attributes.get("r"):
                letters = place.rstrip(digits)
                self._column = _column_number(letters)
                row = int(place[len(letters) :] or 0)
                if row > self.rows:
                    self.rows = row
            if self._column > self.columns:
                self.columns = self._column
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
            self.rows = max(self.rows, self._row)
            self.hidden += attributes.get("hidden") in ("1", "true")
        elif name == "mergeCell":
            ends = [re.sub(r"\D", "", end) for end in attributes.get("ref", "").split(":")]
            self.merged += int(ends[-1] or 0) - int(ends[0] or 0) + 1


def _broken_cells(text: bytes) -> Iterator[tuple[int, int, str]]:
    for cell in _WHOLE_CELL.finditer(text):
        holds, place = cell["holds"], re.search(rb'\br="([A-Z]{1,3})(\d{1,7})"', cell["named"])
        value = _VALUE.search(holds)
        is_error = b't="e"' in cell["named"]
        is_text = b't="str"' in cell["named"]  # a formula whose value is an empty text has one
        if place and (is_error or (not (value or is_text) and re.search(rb"<(?:\w+:)?f\b", holds))):
            error = value["value"].decode("ascii", "replace") if is_error and value else NOT_COMPUTED
            yield int(place[2]) - 1, _column_number(place[1].decode()) - 1, error


def too_large(path: Path) -> IntakeError:
    """Return the error of a workbook that is larger than the limits."""
    return IntakeError(
        "{file}: the workbook is too large when unpacked, or holds something far from its table; copy the table into a "
        "new workbook",
        file=path.name,
    )


@lru_cache(maxsize=2**15)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
