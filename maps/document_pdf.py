"""A document as a PDF on A4: bookmarks, numbered pages, embedded letters; the same content gives the same bytes."""

import io
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus import Table as Grid

from geo.errors import Message
from maps.document import Beside, Bullets, Document, Section, Table, Text, numeric, seen, shown
from maps.drawing import Drawing
from maps.drawing_pdf import Drawn
from maps.fonts import BOLD, REGULAR, drawable, register
from maps.text import translate

SIZE = 9.0
"""Letters of a report, points."""
SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
"""Letters tried for a document of one page; smaller ones cannot be read outdoors."""

SHORT = 8
"""A table of so many rows is not parted."""

_MARGIN = 13 * mm
WIDTH = A4[0] - 2 * _MARGIN
"""Of texts and tables, points."""
_FOOT = 9 * mm
_BANNER = 5.5 * mm
_BESIDE = 3.0
"""Left free on both sides of a cell, points."""
_SIDES = ("LEFT", "RIGHT", "TOP", "BOTTOM")
_BARE = [("VALIGN", (0, 0), (-1, -1), "TOP"), *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in _SIDES)]
_ACCENT, _GREY, _RULE = colors.HexColor("#8b0000"), colors.HexColor("#555555"), colors.HexColor("#cccccc")


def write_pdf(path: Path, document: Document) -> float:
    """Write a document as a PDF; return the size of its letters, points.

    A document of one page gets the largest of `SIZES` with which it is one page; if there is none, it gets the
    smallest and as many pages as it takes: nothing is left out.

    Raises
    ------
    ReleaseError
        If the fonts are missing.
    """
    register()
    for size in SIZES if document.one_page else (SIZE,):
        data, pages = _built(document, size)
        if pages == 1:
            break
    path.write_bytes(data)
    return size


def _built(document: Document, size: float) -> tuple[bytes, int]:
    target = io.BytesIO()
    template = _Template(target, document)
    template.build(_story(document, _Styles(size, one_page=document.one_page)), canvasmaker=_canvas(document))
    return target.getvalue(), template.page


class _Template(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """Pages with a frame below the banners; sections become bookmarks."""

    def __init__(self, target: io.BytesIO, document: Document) -> None:
        super().__init__(
            target, pagesize=A4, title=seen(document.title), author="diemnong", lang=document.lang, invariant=1
        )
        height = A4[1]
        top = _MARGIN + _BANNER * len(document.banners)
        frame = Frame(_MARGIN, _MARGIN, WIDTH, height - top - _MARGIN, 0, 0, 0, 0)
        self.addPageTemplates(PageTemplate(frames=[frame]))
        self._sections = 0

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 (reportlab's name)
        if getattr(flowable, "bookmark", None):
            self._sections += 1
            key = f"s{self._sections}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.bookmark, key)


def _canvas(document: Document) -> Callable[..., Canvas]:
    """Return the kind of canvas that writes banners, title and "page n of all" on each page when all are there."""

    class Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 (reportlab's name)
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for page in self._pages:
                self.__dict__.update(page)
                _furnish(self, document, len(self._pages))
                super().showPage()
            super().save()

    return Numbered


def _furnish(canvas: Canvas, document: Document, pages: int) -> None:
    width, height = A4
    canvas.saveState()
    for i, banner in enumerate(document.banners):
        bottom = height - _MARGIN / 2 - _BANNER * (i + 1)
        canvas.setFillColor(_ACCENT)
        canvas.rect(_MARGIN, bottom, width - 2 * _MARGIN, _BANNER - 1, stroke=0, fill=1)
        canvas.setFillColor(colors.white)
        canvas.setFont(BOLD, 8)
        canvas.drawString(_MARGIN + 4, bottom + 4.5, drawable(seen(banner)))
    canvas.setFillColor(_GREY)
    canvas.setFont(REGULAR, 7)
    title = drawable(seen(document.title))
    canvas.drawString(_MARGIN, _FOOT, title if len(title) <= 100 else title[:99] + "…")
    number = Message("Page {n} of {all}", {"n": canvas.getPageNumber(), "all": pages})
    canvas.drawRightString(width - _MARGIN, _FOOT, translate(number, document.lang))
    canvas.restoreState()


class _Styles:
    """Looks of paragraphs, in letters of one size."""

    def __init__(self, size: float, *, one_page: bool) -> None:
        def look(scale: float = 1.0, font: str = REGULAR, **more: Any) -> ParagraphStyle:
            given = {"fontName": font, "fontSize": size * scale, "leading": size * scale * 1.3, **more}
            return ParagraphStyle("", **given)

        gap = size * 0.4
        self.size = size
        self.one_page = one_page
        self.title = look(1.7, BOLD, spaceAfter=gap)
        self.section = look(1.25, BOLD, spaceBefore=size, spaceAfter=gap, textColor=_ACCENT)
        self.plain = look(spaceAfter=gap)
        self.note = look(0.88, textColor=_GREY, spaceAfter=gap)
        self.warning = look(
            spaceBefore=gap, spaceAfter=3.5 * gap, borderPadding=gap, backColor=colors.HexColor("#fff3cd"),
            leftIndent=gap, rightIndent=gap,
        )  # fmt: skip
        self.bullet = look(leftIndent=1.1 * size, bulletIndent=2, spaceAfter=gap / 3)
        self.caption = look(0.92, BOLD, spaceBefore=gap, spaceAfter=gap / 2)
        self.cell = look(0.83)
        self.number = look(0.83, alignment=2)
        self.heading = look(0.8, BOLD)
        self.number_heading = look(0.8, BOLD, alignment=2)


def _story(document: Document, styles: _Styles) -> list[Flowable]:
    story: list[Flowable] = [_paragraph(document.title, styles.title), _paragraph(document.lead, styles.note)]
    for section in document.sections:
        story += _section(section, styles, document.lang)
    return story


def _section(section: Section, styles: _Styles, lang: str) -> list[Flowable]:
    heading = _paragraph(section.title, styles.section)
    heading.bookmark = seen(section.title)
    flowables: list[Flowable] = [_room(styles, 22), heading]
    for part in section.parts:
        match part:
            case Text(words, look):
                flowables.append(_paragraph(words, getattr(styles, look)))
            case Bullets(lines):
                flowables += [_paragraph(line, styles.bullet, bullet="•") for line in lines]
            case Table():
                titled = _titled(part, styles, lang, WIDTH)
                together = (
                    [KeepTogether(titled)]
                    if len(part.rows) <= SHORT and not styles.one_page
                    else [_room(styles), *titled]
                )
                flowables += [*together, Spacer(0, styles.size / 2)]
            case Drawing():
                flowables.append(KeepTogether(_captioned(part, styles)))
            case Beside(drawing, table):
                left = drawing.width + styles.size
                cells = [[_captioned(drawing, styles), _titled(table, styles, lang, WIDTH - left)]]
                flowables.append(Grid(cells, colWidths=[left, WIDTH - left], style=_BARE))
    return flowables


def _paragraph(words: str, style: ParagraphStyle, bullet: str | None = None) -> Paragraph:
    marked = escape(_unbroken(drawable(seen(words))), quote=False).replace("\n", "<br/>")
    return Paragraph(marked, style, bulletText=bullet)


def _captioned(drawing: Drawing, styles: _Styles) -> list[Flowable]:
    return [Drawn(drawing), *([_paragraph(drawing.caption, styles.note)] if drawing.caption else [])]


def _titled(table: Table, styles: _Styles, lang: str, width: float) -> list[Flowable]:
    return [_paragraph(table.title, styles.caption), _grid(table, styles, lang, width)]


def _room(styles: _Styles, lines: int = 14) -> CondPageBreak:
    """Return a page break unless there is room for so many lines: for a heading and the beginning of what follows.

    On a single page nothing is kept together, so that all of it is used.
    """
    return CondPageBreak(0 if styles.one_page else lines * styles.size)


def _grid(table: Table, styles: _Styles, lang: str, width: float) -> Grid:
    right = numeric(table)
    rows = [
        [
            _paragraph(column.heading, styles.number_heading if number else styles.heading)
            for column, number in zip(table.columns, right, strict=True)
        ]
    ]
    for row in table.rows:
        rows.append(
            [
                _paragraph(shown(cell, column, lang), styles.number if number else styles.cell)
                for cell, column, number in zip(row, table.columns, right, strict=True)
            ]
        )
    return Grid(
        rows,
        colWidths=_widths(table, styles.heading, width),
        repeatRows=1,
        splitInRow=1,
        style=[
            ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e8e8e8")),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), _BESIDE),
            ("RIGHTPADDING", (0, 0), (-1, -1), _BESIDE),
            ("TOPPADDING", (0, 0), (-1, -1), styles.size * 0.15),
            ("BOTTOMPADDING", (0, 0), (-1, -1), styles.size * 0.25),
        ],
    )


def _widths(table: Table, heading: ParagraphStyle, width: float) -> list[float]:
    """Return widths in the columns' shares, but none less than the longest word of its heading, if there is room."""
    least = [
        2 * _BESIDE + 0.1 + max(stringWidth(word, heading.fontName, heading.fontSize) for word in words)
        for words in (_unbroken(drawable(seen(column.heading))).split(" ") for column in table.columns)
    ]
    whole = sum(column.width for column in table.columns)
    widths = [max(few, width * column.width / whole) for few, column in zip(least, table.columns, strict=True)]
    too_wide = sum(widths) - width
    spare = [wide - few for wide, few in zip(widths, least, strict=True)]
    if not 0 < too_wide <= sum(spare):
        return [width * wide / sum(widths) for wide in widths]
    return [wide - too_wide * some / sum(spare) for wide, some in zip(widths, spare, strict=True)]


def _unbroken(words: str) -> str:
    """Keep a percent sign on the line of its number."""
    return words.replace(" %", "\u00a0%")
