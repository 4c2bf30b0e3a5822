"""A sheet of paper: texts, lines and areas placed in millimetres, and saved as PDF or PNG."""

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.transforms import Affine2D, Transform

from maps.scale import Frame
from maps.typeset import font, tidy, width_mm

MM_PER_INCH = 25.4
DPI = 300
"""Of a PNG for print."""

INK = "#222222"
_HATCHES_PER_INCH = 3

_SHARE_BEFORE = {"left": 0.0, "center": 0.5, "right": 1.0}


def _look() -> AbstractContextManager[None]:
    """Return the settings for saving.

    TrueType fonts, so that text can be found and copied. matplotlib 3.11 asks PostScript's setting whether a PDF's font
    must be cut at 256 letters, which would break Vietnamese words into pieces.
    """
    return matplotlib.rc_context(
        {
            "pdf.fonttype": 42,
            "ps.fonttype": 42,
            "pdf.compression": 4,
            "text.hinting": "none",
        }
    )


class _Line(Artist):
    """A line of text that knows where its baseline begins; matplotlib's own would measure each one anew."""

    def __init__(
        self, start: tuple[float, float], text: str, size: float, bold: bool, colour: str, units: Transform
    ) -> None:
        super().__init__()
        self._start, self._text, self._colour, self._units = start, text, colour, units
        self._font = font(bold).copy()
        self._font.set_size(size)

    def draw(self, renderer: RendererBase) -> None:
        """Draw it; pictures count their rows from above."""
        x, y = self._units.transform(self._start)
        context = renderer.new_gc()
        context.set_foreground(self._colour)
        height = renderer.get_canvas_width_height()[1]
        y = height - y if renderer.flipy() else y
        renderer.draw_text(context, x, y, self._text, self._font, 0.0, mtext=self)  # type: ignore[arg-type]
        context.restore()

    def get_fontfeatures(self) -> tuple[str, ...]:
        """Return what the font shall not do: ligatures cannot be searched, and widths are those of single letters."""
        return ("-liga", "-clig", "-kern")

    def get_language(self) -> None:
        """Return no language: the font has none of its own for Vietnamese."""


class Sheet:
    """A page. Its units are millimetres of the page before it is magnified as a whole.

    A page of A0 is drawn as one of A2 and printed at twice its size, letters and lines with it.

    Parameters
    ----------
    width_mm, height_mm
        Of the paper.
    magnification
        How many millimetres of paper a unit takes.
    """

    def __init__(self, width_mm: float, height_mm: float, magnification: float = 1.0) -> None:
        self.width, self.height = width_mm / magnification, height_mm / magnification
        self.magnification = magnification
        self.figure = Figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH), dpi=72)
        self._units = Affine2D().scale(magnification / MM_PER_INCH) + self.figure.dpi_scale_trans

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: str = INK,
        align: str = "left",
    ) -> None:
        """Write a line whose baseline begins (or, by ``align``, has its middle or end) at a place."""
        line = tidy(text)
        x -= _SHARE_BEFORE[align] * width_mm(line, size, bold=bold)
        self._add(_Line((x, y), line, size * self.magnification, bold, colour, self._units))

    def rectangle(
        self,
        box: tuple[float, float, float, float],
        *,
        fill: str = "none",
        edge: str = "none",
        line: float = 0.5,
        hatched: bool = False,
        opacity: float = 1.0,
    ) -> None:
        """Draw a rectangle ``(left, bottom, width, height)``; lines are in points."""
        left, bottom, width, height = box
        self._add(
            Rectangle(
                (left, bottom),
                width,
                height,
                facecolor=fill,
                edgecolor=edge,
                linewidth=line * self.magnification,
                alpha=opacity,
                **self._hatch(hatched),
                transform=self._units,
            )
        )

    def circle(self, x: float, y: float, radius: float, *, fill: str, edge: str = "none", line: float = 0.5) -> None:
        """Draw a disc."""
        width = line * self.magnification
        self._add(Circle((x, y), radius, facecolor=fill, edgecolor=edge, linewidth=width, transform=self._units))

    def line(self, xs: Sequence[float], ys: Sequence[float], *, colour: str = INK, line: float = 0.5) -> None:
        """Draw a line through places."""
        width = line * self.magnification
        self._add(Line2D(xs, ys, color=colour, linewidth=width, solid_capstyle="butt", transform=self._units))

    def shape(
        self,
        frame: Frame,
        outline: Outline,
        *,
        fill: str = "none",
        edge: str = "none",
        line: float = 0.5,
        hatched: bool = False,
    ) -> None:
        """Draw an outline in metres (see `outline_of`) within a frame."""
        patch = PathPatch(
            outline,
            facecolor=fill,
            edgecolor=edge,
            linewidth=line * self.magnification,
            **self._hatch(hatched),
            capstyle="butt",
            joinstyle="round",
            transform=self._metres(frame),
        )
        patch.set_clip_path(Rectangle((frame.left, frame.bottom), frame.width, frame.height, transform=self._units))
        self._add(patch)

    def save_png(self, path: Path, dpi: int = DPI) -> None:
        """Write the sheet as a picture; the same content gives the same bytes."""
        self.figure.patch.set_visible(True)
        with _look():
            self.figure.savefig(
                path, format="png", dpi=dpi, metadata={"Software": None}, pil_kwargs={"compress_level": 2}
            )

    def _hatch(self, hatched: bool) -> dict[str, Any]:
        """Return the hatching of an area; matplotlib does not magnify it."""
        if not hatched:
            return {}
        lines = max(1, round(_HATCHES_PER_INCH / self.magnification))
        return {"hatch": "/" * lines, "hatch_linewidth": 0.6 * self.magnification}

    def _metres(self, frame: Frame) -> Transform:
        shifted = Affine2D().translate(-frame.west, -frame.south).scale(1 / frame.metres)
        return shifted.translate(frame.left, frame.bottom) + self._units

    def _add(self, artist: Artist) -> None:
        # Later things lie over earlier ones; matplotlib would draw areas, lines and texts in this order.
        artist.set_zorder(len(self.figure.artists))
        self.figure.add_artist(artist)


def save_pdf(path: Path, sheets: Iterable[Sheet], *, title: str, made_on: str) -> None:
    """Write sheets as the pages of a PDF; the same content gives the same bytes.

    Parameters
    ----------
    path
        The file.
    sheets
        Drawn one after the other, so they may be made on the way.
    title
        Of the document.
    made_on
        The day that it bears, ISO 8601.
    """
    made = dt.datetime.combine(dt.date.fromisoformat(made_on), dt.time(), dt.UTC)
    about = {"Title": title, "Creator": "diemnong", "CreationDate": made}
    with _look(), PdfPages(path, metadata=about) as pages:
        for sheet in sheets:
            sheet.figure.patch.set_visible(False)  # Paper is white, and pages may lie over a common ground.
            sheet.figure.savefig(pages, format="pdf")


def outline_of(shapes: "np.ndarray[tuple[int], np.dtype[np.object_]]", *, closed: bool) -> Outline:
    """Return polygons (``closed``) or lines as one outline; holes stay holes."""
    parts = shapely.get_parts(shapes)
    rings = shapely.get_rings(shapely.orient_polygons(parts)) if closed else parts
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(vertices), Outline.LINETO, dtype=Outline.code_type)
    starts = np.flatnonzero(np.diff(ring, prepend=-1))
    codes[starts] = Outline.MOVETO
    if closed and len(vertices):
        codes[np.r_[starts[1:], len(vertices)] - 1] = Outline.CLOSEPOLY
    return Outline(vertices, codes)
