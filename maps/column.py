"""A column of text on a sheet that grows downwards: headings, paragraphs, tables and the rows of a legend."""

from collections.abc import Sequence

from maps.sheet import INK, Sheet
from maps.typeset import LINE, MM_PER_POINT, shortened, wrapped

MUTED = "#555555"
_SWATCH = 6.0


class Column:
    """Text between two vertical lines; `y` is the lower edge of what is written so far.

    Parameters
    ----------
    sheet
        Where to write.
    x, y, width
        Left and upper edge, and width, in units of the sheet.
    size
        Of the text, points.
    """

    def __init__(self, sheet: Sheet, x: float, y: float, width: float, size: float = 8.0) -> None:
        self.sheet, self.x, self.y, self.width, self.size = sheet, x, y, width, size

    def space(self, height: float = 1.5) -> None:
        """Leave a space."""
        self.y -= height

    def heading(self, text: str) -> None:
        """Write a heading."""
        self.paragraph(text, size=self.size * 1.1, bold=True)
        self.space(0.5)

    def paragraph(
        self,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        colour: str = INK,
        most: int | None = None,
        indent: float = 0.0,
    ) -> None:
        """Write a text as lines that fit the column, at most ``most``."""
        size = size or self.size
        for line in wrapped(text, self.width - indent, size, bold=bold, most=most):
            self.sheet.text(self.x + indent, self._next(size), line, size, bold=bold, colour=colour)

    def note(self, text: str, *, bold: bool = False) -> None:
        """Write a text in smaller letters."""
        self.paragraph(text, size=0.85 * self.size, bold=bold, colour=INK if bold else MUTED)

    def row(
        self,
        cells: Sequence[str],
        shares: Sequence[float],
        *,
        size: float | None = None,
        bold: bool = False,
        colour: str = INK,
        align: Sequence[str] | None = None,
    ) -> None:
        """Write a row of a table; a name is shortened to its share of the width, a number never.

        Names are aligned to the left and numbers to the right: the first cell and the others, unless ``align`` says
        otherwise.
        """
        size = size or self.size
        align = align or ("left", *["right"] * (len(cells) - 1))
        baseline, left = self._next(size), self.x
        for cell, share, side in zip(cells, shares, align, strict=True):
            width = share * self.width
            if side == "left":
                text = shortened(cell, width - 0.8, size, bold=bold)
                self.sheet.text(left, baseline, text, size, bold=bold, colour=colour)
            else:
                self.sheet.text(left + width, baseline, cell, size, bold=bold, colour=colour, align=side)
            left += width

    def swatch(self, text: str, colour: str, *, hatched: bool = False) -> None:
        """Write a row of the legend of areas."""
        middle = self._entry(text)
        self.sheet.rectangle((self.x, middle - 1.2, _SWATCH, 2.4), fill=colour, edge="#777777", hatched=hatched)

    def stroke(self, text: str, colour: str, line: float) -> None:
        """Write a row of the legend of lines; their width is in points."""
        middle = self._entry(text)
        self.sheet.line([self.x, self.x + _SWATCH], [middle, middle], colour=colour, line=line)

    def mark(self, text: str) -> tuple[float, float]:
        """Write a row of the legend of points, and return where the point belongs."""
        return self.x + _SWATCH / 2, self._entry(text)

    def _entry(self, text: str) -> float:
        """Write the text of a legend's row; return the height of its middle."""
        top = self.y
        self.paragraph(text, indent=_SWATCH + 1.8)
        return top - self.size * MM_PER_POINT * LINE * 0.55

    def _next(self, size: float) -> float:
        """Return the baseline of the next line, and move on."""
        height = size * MM_PER_POINT
        baseline = self.y - height
        self.y -= LINE * height
        return baseline
