"""Text files as lines of Unicode, whatever encoding an office's program wrote them in."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from geo.errors import IntakeError
from geo.intake.legacy_charsets import CHARSETS, legacy_charset, read_as

_PIECE = 2**20

_SIGNATURES = {
    b"%PDF": "PDF",
    b"PK\x03\x04": "ZIP (XLSX, DOCX)",
    b"\xd0\xcf\x11\xe0": "XLS (DOC)",
    b"{\\rtf": "RTF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}
"""How files begin that get renamed to .csv or .txt."""

_PLAIN = re.compile(r"[\t\r\n\x20-\x7e\xa0-\u024f\u0300-\u036f\u1e00-\u1eff\u2010-\u203a\u20ab\u20ac]+")
_VIETNAMESE_UTF8 = re.compile(rb"[\xc3-\xc6][\x80-\xbf]|\xe1[\xba\xbb][\x80-\xbf]")
"""Never seen in the single-byte charsets: no letter with a tone is followed by such a byte."""


@dataclass(frozen=True)
class TextFile:
    """A text file and the encoding that the whole of it is in.

    Attributes
    ----------
    path
        The file.
    encoding
        ``UTF-8``, ``UTF-16``, or one of `geo.intake.legacy_charsets.CHARSETS`.
    codec
        Python's codec for its bytes; of a legacy charset they are read as Latin-1 and then converted.
    """

    path: Path
    encoding: str
    codec: str

    def lines(self) -> Iterator[str]:
        """Yield the lines in composed Unicode (NFC) with their ends as in the file, as `csv.reader` wants them.

        Raises
        ------
        IntakeError
            At a line that holds a letter which the charset does not have.
        """
        charset = self.encoding if self.encoding in CHARSETS else None
        with self.path.open(encoding=self.codec, newline="") as stream:
            for number, line in enumerate(stream, start=1):
                text = read_as(line, charset)
                if text is None:
                    raise _wrong(self.path, number, self.encoding)
                yield text


def text_file(path: Path) -> TextFile:
    """Find the encoding of a text file by reading through it once; nothing of it is kept.

    UTF-8 wins if the whole file is valid. UTF-16 is known by its mark, or without one by its zero bytes. Another
    encoding counts only if the text is Vietnamese in it.

    Raises
    ------
    IntakeError
        If the file is no text, if its encoding is none of these, or if a part of it is in another one.
    """
    with path.open("rb") as stream:
        start = stream.read(_PIECE)
        for signature, kind in _SIGNATURES.items():
            if start.startswith(signature):
                raise IntakeError(
                    "{file}: the file is not text but {kind}; save its table as “CSV UTF-8”", file=path.name, kind=kind
                )
        codec = _unicode_codec(start)
        wrong_line = _first_wrong_line(stream, codec, path)
        name = "UTF-8" if codec == "utf-8-sig" else "UTF-16"
        if wrong_line is None:
            return TextFile(path, name, codec)
        pieces = partial(_whole_lines, stream)
        if name == "UTF-8" and any(b"\0" in piece for piece in pieces()):
            raise _binary(path)
        if name == "UTF-16" or any(map(_VIETNAMESE_UTF8.search, pieces())):
            raise _wrong(path, wrong_line, name)
        charset = legacy_charset((piece.decode("latin-1") for piece in pieces()), path.name)
    if charset is None:
        raise IntakeError("{file}: the text is not UTF-8; save it again as “CSV UTF-8”", file=path.name)
    return TextFile(path, charset, "latin-1")


def _unicode_codec(start: bytes) -> str:
    """Return the codec that a file's first bytes promise; UTF-8 if they promise nothing."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in start:
        even = start[: len(start) // 2 * 2]
        for codec in ("utf-16-le", "utf-16-be"):
            if _PLAIN.fullmatch(even.decode(codec, errors="replace")):
                return codec
    return "utf-8-sig"


def _first_wrong_line(stream: BinaryIO, codec: str, path: Path) -> int | None:
    """Decode the whole file; return the number of the line with the first bytes that the codec does not allow."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    while True:
        piece = stream.read(_PIECE)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n")
        if "\0" in text:
            raise _binary(path)
        if not piece:
            return None
        line += text.count("\n")


def _whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while lines := stream.readlines(_PIECE):
        yield b"".join(lines)


def _binary(path: Path) -> IntakeError:
    return IntakeError("{file}: the file holds binary data, not text; save its table as “CSV UTF-8”", file=path.name)


def _wrong(path: Path, line: int, encoding: str) -> IntakeError:
    return IntakeError(
        "{file}: the text is {encoding}, but not in line {line}; correct that line and save the file as “CSV UTF-8”",
        file=path.name,
        encoding=encoding,
        line=line,
    )
