"""The map on one sheet of A3 or A0, at an exact and round scale, as GeoPDF and as picture."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.errors import Message
from maps.column import MUTED, Column
from maps.furniture import (
    HEAD,
    about,
    cautions,
    draw_border,
    draw_grid,
    draw_head,
    draw_scale_bar,
    draw_simulated,
    grid_note,
    lacking,
)
from maps.geopdf import georeference
from maps.legend_blocks import border_legend, commune_legend
from maps.map_names import TOP, draw_names
from maps.marks import mark_notes, marked
from maps.paper_layers import PaperLayers, draw_communes, draw_sectors, paper_layers
from maps.pdf_pages import changed
from maps.scale import Frame
from maps.sheet import Sheet, save_pdf
from maps.text import number, translate
from maps.typeset import width_mm
from maps.web import MapContent
from maps.web_words import words

PAPERS = {"a3": (297.0, 420.0, 1.0), "a0": (841.0, 1189.0, 2.0)}
"""Width and height upright, mm, and how much letters and lines are enlarged."""

_PICTURED = ("a3",)
_MARGIN, _GAP = 8.0, 4.0
_BELOW, _BESIDE = 62.0, 72.0
"""What the legend takes of an upright and of a lying sheet, mm."""

_SIZE, _BETWEEN = 7.5, 2.0
"""Of the ranking: points, and mm left free before a number."""

_RIM = 0.004
"""Of the province's size, left free round it."""


@dataclass(frozen=True)
class Print:
    """A drawn sheet, and where its map lies."""

    sheet: Sheet
    frame: Frame


def write_print(folder: Path, content: MapContent, crs: str, *, paper: str = "a3", lang: str = "vi") -> list[str]:
    """Write ``map_<paper>.pdf`` and, of A3, ``map_<paper>.png``; return their names.

    Parameters
    ----------
    folder
        A draft of `maps.release.released`.
    content
        What the web map shows.
    crs
        The metric CRS of the print and its grid.
    paper
        One of `PAPERS`.
    lang
        ``"vi"`` or ``"en"``.
    """
    drawn = draw_print(content, crs, paper=paper, lang=lang)
    pdf, png = f"map_{paper}.pdf", f"map_{paper}.png"
    save_pdf(
        folder / pdf,
        [drawn.sheet],
        title=content.full_title(lang),
        made_on=content.made_on,
    )
    with changed(folder / pdf) as document:
        georeference(document, [drawn.frame], crs)
    if paper not in _PICTURED:
        return [pdf]
    drawn.sheet.save_png(folder / png)
    return [pdf, png]


def draw_print(content: MapContent, crs: str, *, paper: str = "a3", lang: str = "vi") -> Print:
    """Draw the sheet; see `write_print`. The paper stands or lies, whichever gives the larger scale."""
    layers = paper_layers(content, crs)
    short, long, magnification = PAPERS[paper]
    papers = ((short, long, False), (long, short, True))
    width, height, lying, frame = min(
        ((*size, _frame(layers, *size, magnification)) for size in papers), key=lambda choice: choice[3].ratio
    )
    sheet = Sheet(width, height, magnification)
    draw_head(
        sheet,
        content.full_title(lang),
        ". ".join(cautions(content, lang)),
        margin=_MARGIN,
    )
    if content.simulated:
        draw_simulated(sheet, margin=_MARGIN)
    draw_communes(sheet, frame, layers)
    draw_grid(sheet, frame, lang)
    draw_sectors(sheet, frame, layers)
    nameless = draw_names(sheet, frame, layers)
    draw_border(sheet, frame)
    blocks: list[Callable[[Column], None]] = [
        lambda column: commune_legend(column, layers, lang),
        lambda column: border_legend(column, layers, lang),
        lambda column: _ranking(column, layers, lang),
        lambda column: _notes(column, content, frame, crs, nameless, lang),
    ]
    if lying:
        column = Column(sheet, frame.left + frame.width + _GAP, frame.bottom + frame.height, _BESIDE - _GAP)
        for block in blocks:
            block(column)
            column.space(3)
    else:
        wide = (sheet.width - 2 * _MARGIN + _GAP) / len(blocks)
        for place, block in enumerate(blocks):
            block(Column(sheet, _MARGIN + place * wide, frame.bottom - 2.5, wide - _GAP))
    return Print(sheet, frame)


def _frame(layers: PaperLayers, width: float, height: float, lying: bool, magnification: float) -> Frame:
    """Return the frame of the whole province on a paper of that size, mm."""
    bounds = np.array([layer.total_bounds for layer in (layers.communes, layers.sectors) if not layer.empty])
    (west, south), (east, north) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    rim = _RIM * max(east - west, north - south)
    right, below = (_BESIDE, 0.0) if lying else (0.0, _BELOW)
    room = (
        _MARGIN,
        _MARGIN + below,
        width / magnification - 2 * _MARGIN - right,
        height / magnification - 2 * _MARGIN - below - HEAD,
    )
    return Frame.around((west - rim, south - rim, east + rim, north + rim), room, magnification)


def _ranking(column: Column, layers: PaperLayers, lang: str) -> None:
    said = words()[lang]
    column.heading(translate(Message("Top communes for prevention outreach"), lang))
    rows = list(layers.communes.head(TOP).itertuples())
    expected = [number(row.expected, lang) for row in rows]
    intervals = [said["range"].format(low=number(row.lower, lang), high=number(row.upper, lang)) for row in rows]
    # Numbers are never shortened, and a country's are wider than a province's: names get what they leave.
    wide = [
        max((width_mm(text, _SIZE) + _BETWEEN for text in texts), default=0.0) / column.width
        for texts in (expected, intervals)
    ]
    shares, align = (0.06, 0.02, 0.92 - sum(wide), *wide), ("right", "left", "left", "right", "right")
    column.row(("", "", "", "", translate(Message("90 % interval"), lang)), shares, colour=MUTED, align=align)
    for row, value, interval in zip(rows, expected, intervals, strict=True):
        name = marked(row, shares[2] * column.width - 0.8, _SIZE)
        column.row((number(row.rank, lang, 0), "", name, value, interval), shares, size=_SIZE, align=align)
    for note in mark_notes(layers.communes, lang):
        column.note(note)


def _notes(column: Column, content: MapContent, frame: Frame, crs: str, nameless: int, lang: str) -> None:
    column.space(5)
    draw_scale_bar(column.sheet, frame, column.x, column.y, column.width, lang)
    column.space(2.5)
    names = "".join([content.title, *content.communes["name"], *content.crossings["name"].dropna()])
    for note in (*about(content, lang), grid_note(frame, crs, lang), *lacking(names, lang)):
        column.note(note)
    if nameless:
        column.note(translate(Message("{n} communes have no room for their name.", {"n": nameless}), lang))
    column.space(0.8)
    column.note(words()[lang]["limits"], bold=True)
