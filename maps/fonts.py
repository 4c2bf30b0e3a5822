"""The letters of our PDFs: DejaVu, which has all of Vietnamese and comes with matplotlib."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from geo.errors import ReleaseError

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"

MISSING = "□"
"""Stands for what the font has no glyph for."""


@cache
def register() -> None:
    """Make the fonts known to reportlab.

    Raises
    ------
    ReleaseError
        If they are not where matplotlib keeps them.
    """
    spec = find_spec("matplotlib")
    folder = Path(str(spec.origin if spec else None)).parent / "mpl-data" / "fonts" / "ttf"
    for name in (REGULAR, BOLD):
        file = folder / f"{name}.ttf"
        if not file.is_file():
            raise ReleaseError("The font {font}, which PDFs need, is missing; reinstall matplotlib", font=file.name)
        pdfmetrics.registerFont(TTFont(name, str(file)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def drawable(text: str) -> str:
    """Return a text with `MISSING` for each character that the font lacks.

    >>> drawable("Mường Nhé 🏔")
    'Mường Nhé □'
    """
    register()
    glyphs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return "".join(letter if letter in " \n" or ord(letter) in glyphs else MISSING for letter in text)
