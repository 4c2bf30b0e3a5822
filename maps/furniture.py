"""What stands round a paper map so that it can be read and measured: title, scale bar, grid, notes."""

from geo.crs import metric_crs
from geo.errors import Message
from maps.column import Column
from maps.scale import Frame, round_step
from maps.sheet import INK, Sheet
from maps.text import date, number, translate
from maps.typeset import replaced, shortened
from maps.web import MapContent
from maps.web_words import words

NAMELESS = "unknown"
"""What pyproj calls a CRS without a name."""

GRID_MM = 40.0
"""Lines of the grid are at most so far apart, and at least half as far on most scales."""

HEAD = 19.5
"""Height of the title, what stands under it, and the mark of simulated data."""

_WARNING = "#8b0000"
_PARTS = 4


def draw_head(sheet: Sheet, title: str, sub: str, *, margin: float, size: float = 18.0) -> None:
    """Write the title, and a line under it."""
    width, y = sheet.width - 2 * margin, sheet.height - margin - 0.36 * size
    sheet.text(margin, y, shortened(title, width, size, bold=True), size, bold=True)
    Column(sheet, margin, y - 1.2, width, 8).paragraph(sub, colour="#444444", most=1)


def draw_simulated(sheet: Sheet, *, margin: float) -> None:
    """Write under the title, in both languages, that nothing of this happened."""
    said, y, width = words(), sheet.height - margin - HEAD + 1.5, sheet.width - 2 * margin
    banner = shortened(" — ".join(said[lang]["simulated"] for lang in ("vi", "en")), width - 4, 8, bold=True)
    sheet.rectangle((margin, y, width, 5.0), fill=_WARNING)
    sheet.text(sheet.width / 2, y + 1.5, banner, 8, bold=True, colour="white", align="center")


def cautions(content: MapContent, lang: str) -> list[str]:
    """Return what must be known before the map is read."""
    said = words()[lang]
    approximate = bool((content.communes["geometry_quality"] == "approximate").any())
    return [said[key] for key, holds in (
        ("approximate", approximate), ("effort_unknown", not content.effort_known),
    ) if holds]  # fmt: skip


def draw_grid(sheet: Sheet, frame: Frame, lang: str) -> None:
    """Draw the lines of the metric CRS at round kilometres, with their values along the frame, and the frame."""
    step = grid_step(frame)
    right, top = frame.left + frame.width, frame.bottom + frame.height
    for value in _multiples(frame.west, frame.east, step):
        x = float(frame.place([(value, frame.south)])[0, 0])
        sheet.line([x, x], [frame.bottom, top], colour="#8899aa", line=0.25)
        sheet.text(x + 0.6, frame.bottom + 1.0, number(value / 1000, lang, 0), 5.5, colour="#445566")
    for value in _multiples(frame.south, frame.north, step):
        y = float(frame.place([(frame.west, value)])[0, 1])
        sheet.line([frame.left, right], [y, y], colour="#8899aa", line=0.25)
        sheet.text(frame.left + 0.8, y + 0.6, number(value / 1000, lang, 0), 5.5, colour="#445566")


def draw_border(sheet: Sheet, frame: Frame) -> None:
    """Draw the frame's edge."""
    sheet.rectangle((frame.left, frame.bottom, frame.width, frame.height), edge=INK, line=0.9)


def grid_step(frame: Frame) -> float:
    """Return the distance of the grid's lines, metres."""
    return round_step(GRID_MM * frame.metres)


def _multiples(low: float, high: float, step: float) -> list[float]:
    # A line so near to the edge that its value has no room is left out.
    first, last = int(low // step) + 1, int(high // step)
    return [i * step for i in range(first, last + 1) if high - i * step > step / 8]


def draw_scale_bar(sheet: Sheet, frame: Frame, x: float, y: float, room: float, lang: str) -> None:
    """Draw a bar of round length and the ratio, the bar's lower left corner at a place.

    Parameters
    ----------
    sheet, frame
        Where, and at which scale.
    x, y
        The corner.
    room
        The most that bar and ratio may take, in units of the sheet.
    lang
        Language.
    """
    metres = bar_length(frame, 0.62 * room)
    part = metres / frame.metres / _PARTS
    for i in range(_PARTS):
        sheet.rectangle((x + i * part, y, part, 1.4), fill=INK if i % 2 == 0 else "white", edge=INK, line=0.5)
    for i in (0, _PARTS // 2, _PARTS):
        km = i * metres / _PARTS / 1000
        value = number(km, lang, 0 if km == round(km) else 1) + (" km" if i == _PARTS else "")
        sheet.text(x + i * part, y + 2.2, value, 6, align="center" if i else "left")
    ratio = f"1:{number(frame.ratio, lang, 0)}"
    sheet.text(x + _PARTS * part + 5.5, y, ratio, 8, bold=True)


def bar_length(frame: Frame, room: float) -> float:
    """Return the length of the scale bar, metres: the largest round one that fits."""
    return round_step(room * frame.metres)


def about(content: MapContent, lang: str) -> list[str]:
    """Return what holds for every map of a run: period and day, sources, level."""
    start, end = (date(day, lang) for day in content.period)
    made_on, vintage = date(content.made_on, lang), date(content.vintage, lang)
    return [
        words()[lang]["about"].format(start=start, end=end, made_on=made_on, vintage=vintage),
        content.stamp(lang),
        translate(Message("Communes and border sectors, no persons. Sources: run.json lists the files."), lang),
    ]


def grid_note(frame: Frame, crs: str, lang: str) -> str:
    """Say what the grid of a map is."""
    grid = {"crs": metric_crs(crs).name, "code": crs, "km": grid_step(frame) / 1000}
    if grid["crs"] == NAMELESS:
        own = Message("Grid of the settings' own projection, a line every {km} km, grid north up; values in km.", grid)
        return translate(own, lang)
    return translate(Message("Grid {crs} ({code}), a line every {km} km, grid north up; values in km.", grid), lang)


def lacking(names: str, lang: str) -> list[str]:
    """Say how many characters of a page's names the font lacks, if any."""
    n = replaced(names)
    return [translate(Message("{n} characters that the font lacks are printed as □.", {"n": n}), lang)] if n else []
