"""The legend of a paper map, in a column: classes with bounds and counts, as on the web map."""

from collections.abc import Callable
from typing import Any

from geo.errors import Message
from maps.column import Column
from maps.palette import CLASSES, NO_DATA
from maps.paper_layers import PaperLayers, draw_crossing, sector_line
from maps.sheet import Sheet
from maps.text import number, translate
from maps.typeset import shortened
from maps.web_words import words

_STRIP = 6.2
"""Size of letters, points."""

_TITLE = 40.0


def commune_legend(column: Column, layers: PaperLayers, lang: str) -> None:
    """Write the classes of the communes, from the highest, and what hatches and grey mean."""
    said = words()[lang]
    column.heading(said["communes_layer"])
    for entry in reversed(layers.commune_legend):
        column.swatch(_class(entry, lambda value: number(value, lang), said, "n_communes", lang), entry["colour"])
    if unknown := int(layers.communes["expected"].isna().sum()):
        column.swatch(f"{said['no_data']} ({said['n_communes'].format(n=number(unknown, lang))})", NO_DATA)
    if weak := int(layers.communes["weak_data"].fillna(False).sum()):
        column.swatch(f"{said['weak_data']} ({said['n_communes'].format(n=number(weak, lang))})", "white", hatched=True)
        column.space(0.5)
        column.note(said["weak_note"])
    column.space(0.5)
    column.note(said["events" if layers.effort_known else "events_recorded"])


def border_legend(column: Column, layers: PaperLayers, lang: str) -> None:
    """Write the classes of the border sectors, and the kinds of crossings that the map shows."""
    said = words()[lang]
    if layers.sector_legend:
        column.heading(said["sectors_layer"])
    for place, entry in reversed(list(enumerate(layers.sector_legend))):
        text = _class(entry, lambda share: percent(share, lang), said, "n_sectors", lang)
        column.stroke(text, entry["colour"], sector_line(place, len(layers.sector_legend)))
    if layers.crossings.empty and not layers.unplaced:
        return
    column.space(1.2)
    column.heading(said["crossings_layer"])
    for quality in sorted(set(layers.crossings["position_quality"]), reverse=True):
        draw_crossing(column.sheet, *column.mark(said[quality]), published=quality == "published")
    if layers.unplaced:
        left_out = Message("{n} crossings without a known position are not drawn.", {"n": layers.unplaced})
        column.note(translate(left_out, lang))


def legend_strips(sheet: Sheet, layers: PaperLayers, x: float, y: float, width: float, lang: str) -> None:
    """Write the legend in two lines, the classes of the communes and, 4 units lower, those of the border sectors."""
    said, cell = words()[lang], (width - _TITLE) / (CLASSES + 1)

    def entry(place: int, row: int, text: str) -> float:
        left = x + _TITLE + place * cell
        sheet.text(left + 5.8, y - 4 * row, text, _STRIP)
        return left

    for row, title in enumerate((said["expected"], said["share"])):
        sheet.text(x, y - 4 * row, shortened(title, _TITLE - 1, _STRIP, bold=True), _STRIP, bold=True)
    for place, each in enumerate(reversed(layers.commune_legend)):
        left = entry(place, 0, _bounds(each, lambda value: number(value, lang), said))
        sheet.rectangle((left, y - 0.3, 5, 2.4), fill=each["colour"], edge="#777777")
    if layers.communes["weak_data"].fillna(False).any():
        sheet.rectangle(
            (entry(CLASSES, 0, shortened(said["weak_data"], cell - 6, _STRIP)), y - 0.3, 5, 2.4),
            edge="#777777",
            hatched=True,
        )
    for place, each in enumerate(reversed(layers.sector_legend)):
        left, middle = entry(place, 1, _bounds(each, lambda share: percent(share, lang), said)), y - 3.1
        line = sector_line(len(layers.sector_legend) - 1 - place, len(layers.sector_legend))
        sheet.line([left, left + 5], [middle, middle], colour=each["colour"], line=line)


def percent(share: float, lang: str) -> str:
    """Return a share of 1 as per cent."""
    return words()[lang]["percent"].format(n=number(100 * share, lang, 1))


def _class(entry: dict[str, Any], show: Callable[[float], str], said: dict[str, str], counted: str, lang: str) -> str:
    return f"{_bounds(entry, show, said)} ({said[counted].format(n=number(entry['n'], lang))})"


def _bounds(entry: dict[str, Any], show: Callable[[float], str], said: dict[str, str]) -> str:
    low, high = show(entry["low"]), show(entry["high"])
    return high if low == high else said["range"].format(low=low, high=high)
