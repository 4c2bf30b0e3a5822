"""Text as paper needs it: only what the font can show, measured, wrapped and shortened.

The font is the DejaVu Sans that comes with matplotlib, taken by its file: it has all Vietnamese letters, and the same
content gives the same page on every machine.
"""

import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path

import matplotlib
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

from geo.errors import ReleaseError

MM_PER_POINT = 25.4 / 72
LINE = 1.3
"""Distance of lines, in sizes of the font."""

UNKNOWN = "□"
"""Stands for a character that the font lacks."""

_INVISIBLE = {"Cc", "Cf", "Mn"}
"""Unicode's controls (among them those that turn the direction of text), and marks that no letter took up."""

_EM = 1000.0


@lru_cache(maxsize=10_000)
def tidy(text: str) -> str:
    r"""Return a text as one line that the font can show: letters composed, controls left out, the rest as `UNKNOWN`.

    >>> tidy("Mu\u031bo\u031b\u0300ng\n Nhé\u202e")
    'Mường Nhé'
    """
    composed = unicodedata.normalize("NFC", text)
    shown = "".join(c for c in composed if c.isspace() or unicodedata.category(c) not in _INVISIBLE)
    return "".join(c if ord(c) in _charmap() else UNKNOWN for c in " ".join(shown.split()))


def replaced(text: str) -> int:
    """Return how many characters of a text `tidy` replaces.

    >>> replaced("Mường Nhé \U0001f3d4")
    1
    """
    return tidy(text).count(UNKNOWN) - text.count(UNKNOWN)


def width_mm(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line at ``size`` points, mm, without kerning."""
    return sum(_advance(c, bold) for c in text) * size * MM_PER_POINT


def shortened(text: str, width: float, size: float, *, bold: bool = False, tail: str = "") -> str:
    """Return the beginning of a text that fits a width in mm, with an ellipsis if something is left out.

    ``tail`` is written behind it and never shortened.
    """
    text = tidy(text)
    if width_mm(text + tail, size, bold=bold) <= width:
        return text + tail
    room = (width - width_mm("…" + tail, size, bold=bold)) / (size * MM_PER_POINT)
    kept = bisect_right(list(accumulate(_advance(c, bold) for c in text)), room)
    return text[:kept].rstrip() + "…" + tail


def wrapped(text: str, width: float, size: float, *, bold: bool = False, most: int | None = None) -> list[str]:
    """Return a text as lines that fit a width in mm; a word that is too long for a line is shortened.

    Parameters
    ----------
    text
        Any text; `tidy` is applied.
    width, size, bold
        See `width_mm`.
    most
        The most lines; the last one is then shortened.
    """
    lines: list[str] = []
    for word in tidy(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_mm(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    if most is not None and len(lines) > most:
        lines[most - 1 :] = [" ".join(lines[most - 1 :])]
    return [shortened(line, width, size, bold=bold) for line in lines]


@cache
def font(bold: bool = False) -> FontProperties:
    """Return the font, for matplotlib.

    Raises
    ------
    ReleaseError
        If its file is missing.
    """
    return FontProperties(fname=_file(bold))


def _file(bold: bool) -> str:
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"DejaVuSans{'-Bold' if bold else ''}.ttf")
    if not path.is_file():
        raise ReleaseError(
            "The font file {file}, which comes with matplotlib, is missing; install matplotlib anew to draw maps",
            file=path.name,
        )
    return str(path)


@cache
def _face(bold: bool) -> FT2Font:
    face = FT2Font(_file(bold))
    face.set_size(_EM, 72)
    return face


@cache
def _charmap() -> frozenset[int]:
    return frozenset(_face(False).get_charmap()) & frozenset(_face(True).get_charmap())


@cache
def _advance(character: str, bold: bool) -> float:
    """Return how far a character moves the pen, in sizes of the font."""
    return float(_face(bold).load_char(ord(character)).linearHoriAdvance) / 65536 / _EM
