"""A dot with its interval for each place: how far apart the first ranks really are."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from maps.drawing import Dot, Drawing, Label, Line, shortened
from maps.text import number

WIDTH, ROW, LEFT, RIGHT = 370.0, 16.0, 140.0, 12.0
"""Of the drawing, of a row, of the names, and of what is left free on the right, points."""

COLOUR, PALE, WEAK = "#bd0026", "#d8d8d8", "#ffffff"
_LETTERS = 24


class Interval(NamedTuple):
    """A place with its number and the interval of it; ``weak`` where few own records stand behind it."""

    name: str
    value: float
    lower: float
    upper: float
    weak: bool


def interval_figure(rows: Sequence[Interval], axis: str, told: str, caption: str, lang: str) -> Drawing:
    """Return dots with their intervals in the order of ``rows`` on an axis from 0; weak ones are hollow.

    Intervals that are not finite are not drawn; the row keeps its name.
    """
    finite = [row.upper for row in rows if math.isfinite(row.upper)]
    step = nice_step(max(finite, default=1.0))
    last = step * max(1, math.ceil(max(finite, default=1.0) / step - 1e-9))
    bottom = ROW * len(rows) + 6

    def at(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * value / last

    marks: list[Line | Dot | Label] = []
    for i in range(round(last / step) + 1):
        x = at(i * step)
        marks.append(Line(((x, 2), (x, bottom)), PALE, 0.6))
        marks.append(Label(x, bottom + 11, number(i * step, lang), 9, "middle", "#555555"))
    marks.append(Label(LEFT + (WIDTH - LEFT - RIGHT) / 2, bottom + 25, axis, 9.5, "middle"))
    for i, row in enumerate(rows):
        y = ROW * (i + 0.5) + 3
        marks.append(Label(LEFT - 8, y + 3, shortened(row.name, _LETTERS), 9.5, "end"))
        if math.isfinite(row.value + row.lower + row.upper):
            marks.append(Line(((at(row.lower), y), (at(row.upper), y)), COLOUR, 2))
            marks.append(Dot(at(row.value), y, 3.6, WEAK if row.weak else COLOUR, COLOUR))
    return Drawing(WIDTH, bottom + 30, tuple(marks), told, caption)


def nice_step(largest: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten, with which about five steps reach the largest value.

    >>> [nice_step(largest) for largest in (7.2, 23, 0.4)]
    [2.0, 5.0, 0.1]
    """
    if not largest > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest / 5))
    return float(f"{next(k * power for k in (1, 2, 5, 10) if largest <= 5 * k * power * (1 + 1e-9)):.3g}")
