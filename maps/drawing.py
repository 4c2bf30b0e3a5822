"""Drawings of lines, areas, dots and labels: one description for the page, where it is SVG, and for paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line through points."""

    points: tuple[Point, ...]
    colour: str
    width: float = 1.0


@dataclass(frozen=True)
class Area:
    """A polygon without holes."""

    points: tuple[Point, ...]
    fill: str
    outline: str = "#666666"
    width: float = 0.5


@dataclass(frozen=True)
class Dot:
    """A circle."""

    x: float
    y: float
    radius: float
    fill: str
    outline: str


@dataclass(frozen=True)
class Label:
    """A text whose ``anchor`` stands at (x, y), on its baseline; ``halo`` keeps it legible on lines."""

    x: float
    y: float
    text: str
    size: float
    anchor: Literal["start", "middle", "end"] = "start"
    colour: str = "#222222"
    halo: bool = False


@dataclass(frozen=True)
class Drawing:
    """Marks in the order in which they cover each other, in points (1/72 inch), y downwards.

    ``told`` says in words what is drawn, for who cannot see it; ``caption`` stands below.
    """

    width: float
    height: float
    marks: tuple[Line | Area | Dot | Label, ...]
    told: str
    caption: str = ""


def shortened(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters.

    >>> shortened("Xã Mường Nhé", 9)
    'Xã Mường…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def to_svg(drawing: Drawing) -> str:
    """Return a drawing as an SVG element, its texts escaped; where there is room it is larger than on paper."""
    marks = "".join(_marks(drawing))
    size = f'viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    style = f"width:{1.3 * drawing.width:g}pt"
    return f'<svg {size} style="{style}" role="img" aria-label="{escape(drawing.told)}">{marks}</svg>'


def _marks(drawing: Drawing) -> Iterator[str]:
    for mark in drawing.marks:
        match mark:
            case Line(points, colour, width):
                yield f'<polyline points="{_path(points)}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>'
            case Area(points, fill, outline, width):
                yield f'<polygon points="{_path(points)}" fill="{fill}" stroke="{outline}" stroke-width="{width:g}"/>'
            case Dot(x, y, radius, fill, outline):
                yield f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:g}" fill="{fill}" stroke="{outline}"/>'
            case Label(x, y, text, size, anchor, colour, halo):
                around = ' paint-order="stroke" stroke="#ffffff" stroke-width="2.5"' if halo else ""
                place = f'x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" text-anchor="{anchor}"'
                yield f'<text {place} fill="{colour}"{around}>{escape(text)}</text>'


def _path(points: tuple[Point, ...]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
