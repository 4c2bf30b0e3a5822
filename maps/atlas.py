"""The atlas: one PDF, a page a commune, by rank: its map, numbers with intervals, reasons and neighbours."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.adjacency import touching
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
from maps.legend_blocks import legend_strips, percent
from maps.map_names import draw_names
from maps.marks import MOVED, UNSURE, marks_of
from maps.paper_layers import PaperLayers, draw_communes, draw_sectors, paper_layers
from maps.pdf_pages import bookmark, changed, lay_under
from maps.scale import Frame
from maps.sheet import Sheet, save_pdf
from maps.text import date, number, translate
from maps.typeset import shortened
from maps.web import MapContent
from maps.web_words import words

FILE = "atlas.pdf"

_WIDTH, _HEIGHT = 210.0, 297.0
_MARGIN, _GAP = 10.0, 6.0
_MAP_HEIGHT, _FOOT = 120.0, 24.0
_MAP_BOTTOM = _HEIGHT - _MARGIN - HEAD - _MAP_HEIGHT
_RIM = 0.12
"""Of the commune's size, shown round it."""

COUNTS = (
    "cases", "cases_reported", "cases_by_patrol", "cases_by_outreach", "absences", "sessions", "population",
)  # fmt: skip
WARNING = "#8b0000"
_LEFT = ("left", "left", "right")

_MOST = 9
"""Neighbours, or sectors, that a page lists; how many more there are is said."""


def write_atlas(folder: Path, content: MapContent, crs: str, *, lang: str = "vi", pages: int | None = None) -> str:
    """Write `FILE`, a GeoPDF with a list of its pages; return its name.

    Parameters
    ----------
    folder
        A draft of `maps.release.released`.
    content
        What the web map shows.
    crs
        The metric CRS of the maps.
    lang
        ``"vi"`` or ``"en"``.
    pages
        How many communes have a page, the first by rank; by default all.
    """
    layers = paper_layers(content, crs)
    rows = _rows(layers.communes)
    frames = [_frame(layers, place) for place in range(len(rows))[:pages]]
    touch, sectors = touching(layers.communes, crs), _rows(layers.sectors[::-1])
    drawn = (
        draw_page(
            layers,
            frame,
            place,
            [rows[place], *(rows[other] for other in np.sort(touch[[place]].indices))],
            [sector for sector in sectors if sector.commune_code == rows[place].commune_code],
            crs,
            lang,
        )
        for place, frame in enumerate(frames)
    )
    sheets = chain([_ground(content, layers, len(frames), lang)], drawn)
    save_pdf(
        folder / FILE,
        sheets,
        title=content.full_title(lang),
        made_on=content.made_on,
    )
    with changed(folder / FILE) as document:
        lay_under(document)
        georeference(document, frames, crs)
        bookmark(document, [_title(row, lang) for row in rows[: len(frames)]])
    return FILE


def draw_page(
    layers: PaperLayers,
    frame: Frame,
    place: int,
    communes: Sequence[Any],
    sectors: Sequence[Any],
    crs: str,
    lang: str,
) -> Sheet:
    """Draw a commune's page.

    Parameters
    ----------
    layers, crs, lang
        See `write_atlas`.
    frame
        Of the page's map.
    place
        The commune's position in ``layers.communes``.
    communes
        Rows of it and of those that touch it, by rank.
    sectors
        Rows of the border sectors that it faces, by rank.
    """
    row, *neighbours = communes
    sheet = Sheet(_WIDTH, _HEIGHT)
    where = " · ".join(str(text) for text in (row.district, row.commune_code) if pd.notna(text))
    draw_head(sheet, _title(row, lang), where, margin=_MARGIN)
    draw_communes(sheet, frame, layers, only=place)
    draw_grid(sheet, frame, lang)
    draw_sectors(sheet, frame, layers)
    draw_names(sheet, frame, layers)
    draw_border(sheet, frame)
    top, width = frame.bottom - 12.0, (_WIDTH - 2 * _MARGIN - _GAP) / 2
    left = Column(sheet, _MARGIN, top, width)
    _facts(left, row, len(layers.communes), lang)
    right = Column(sheet, _MARGIN + width + _GAP, top, width)
    right.space(5)
    draw_scale_bar(sheet, frame, right.x, right.y, width, lang)
    right.space(2)
    for note in (grid_note(frame, crs, lang), *lacking("".join(each.name for each in communes), lang)):
        right.note(note)
    right.space(2)
    _neighbours(right, neighbours, lang)
    _sectors(right, sectors, lang)
    sheet.text(_WIDTH - _MARGIN, _MARGIN, number(place + 1, lang), 9, bold=True, align="right")
    return sheet


def _ground(content: MapContent, layers: PaperLayers, pages: int, lang: str) -> Sheet:
    """Draw what all pages have in common: that the data are simulated, the legend, and the foot."""
    sheet, width = Sheet(_WIDTH, _HEIGHT), _WIDTH - 2 * _MARGIN
    if content.simulated:
        draw_simulated(sheet, margin=_MARGIN)
    legend_strips(sheet, layers, _MARGIN, _MAP_BOTTOM - 4.5, width, lang)
    sheet.line([_MARGIN, _WIDTH - _MARGIN], [_MARGIN + _FOOT - 3] * 2, colour="#999999", line=0.4)
    column = Column(sheet, _MARGIN, _MARGIN + _FOOT - 4, width - 12, 7.5)
    warned = [f"{caution}." for caution in cautions(content, lang)]
    n = len(layers.communes)
    told = Message("The first {pages} of {n} communes have a page", {"pages": pages, "n": n})
    left_out = [f"{translate(told, lang)}."] if pages < n else []
    column.note(" ".join([*warned, *left_out, *about(content, lang)]))
    column.note(words()[lang]["limits"], bold=True)
    return sheet


def _frame(layers: PaperLayers, place: int) -> Frame:
    west, south, east, north = layers.communes.geometry.iat[place].bounds
    rim = _RIM * max(east - west, north - south)
    room = (_MARGIN, _MAP_BOTTOM, _WIDTH - 2 * _MARGIN, _MAP_HEIGHT)
    return Frame.around((west - rim, south - rim, east + rim, north + rim), room)


def _rows(layer: pd.DataFrame) -> list[Any]:
    return list(pd.DataFrame(layer.drop(columns="geometry")).itertuples())


def _title(row: Any, lang: str) -> str:
    return shortened(f"{number(row.rank, lang, 0)}. {row.name}", 100, 8)


def _facts(column: Column, row: Any, n: int, lang: str) -> None:
    """Write the numbers of the web map's card, and the reasons."""
    said = words()[lang]

    def between(low: float, high: float) -> str:
        return said["range"].format(low=number(low, lang), high=number(high, lang))

    facts = [
        ("rank", said["rank_of"].format(rank=number(row.rank, lang, 0), n=number(n, lang))),
        ("expected", number(row.expected, lang)),
        ("interval", between(row.lower, row.upper)),
        *([("band", between(row.band_lower, row.band_upper))] if pd.notna(row.band_lower) else []),
        ("p_top10", percent(row.p_top10, lang)),
        ("rate", number(row.rate, lang)),
        ("detection", percent(row.detection, lang)),
        *((name, number(getattr(row, name), lang)) for name in COUNTS if hasattr(row, name)),
    ]
    for name, value in facts:
        column.row((said[name], value), (0.68, 0.32), bold=name == "expected")
    column.space(2)
    column.heading(said["reasons"])
    reasons = row.reason_vi if lang == "vi" else row.reason_en
    column.paragraph(reasons if isinstance(reasons, str) else "–", most=9)
    if MOVED in marks_of(row):
        _override(column, row, lang)
    if UNSURE in marks_of(row):
        column.space(1)
        column.paragraph(said["unstable_note"].format(n=percent(row.flips, lang)), colour=WARNING)
    if row.weak_data is True or row.weak_data == 1:
        column.space(1)
        column.paragraph(said["weak_note"], colour=WARNING)
    if row.geometry_quality == "approximate":
        column.note(said["approximate_note"])


def _override(column: Column, row: Any, lang: str) -> None:
    said = words()[lang]
    column.space(1)
    by = f" ({row.override_by})" if isinstance(row.override_by, str) else ""
    column.paragraph(f"{said['override']}{by}: {row.override_reason}", most=4)
    for name, value in (
        ("rank_model", number(row.rank_model, lang, 0)),
        ("override_until", date(row.override_until, lang)),
    ):
        column.row((said[name], value), (0.68, 0.32))


def _neighbours(column: Column, rows: Sequence[Any], lang: str) -> None:
    said = words()[lang]
    column.heading(translate(Message("Neighbouring communes"), lang))
    shares = (0.2, 0.5, 0.3)
    column.row((said["rank"], "", translate(Message("expected a year"), lang)), shares, colour=MUTED, align=_LEFT)
    for row in rows[:_MOST]:
        cells = number(row.rank, lang, 0), row.name, number(row.expected, lang)
        column.row(cells, shares, align=_LEFT)
    _more(column, len(rows), lang)


def _sectors(column: Column, rows: Sequence[Any], lang: str) -> None:
    if not rows:
        return
    said = words()[lang]
    column.space(2)
    column.heading(translate(Message("Border sectors of the commune"), lang))
    shares = (0.2, 0.3, 0.2, 0.3)
    align = ("left", "left", "left", "right")
    column.row((said["rank"], "", "", translate(Message("share of flow"), lang)), shares, colour=MUTED, align=align)
    for row in rows[:_MOST]:
        cells = number(row.rank, lang, 0), row.sector_id, said[row.neighbour], percent(row.score, lang)
        column.row(cells, shares, align=align)
    _more(column, len(rows), lang)


def _more(column: Column, n: int, lang: str) -> None:
    if n > _MOST:
        column.note(translate(Message("and {n} more", {"n": n - _MOST}), lang))
