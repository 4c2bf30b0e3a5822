"""Drawings in a PDF, as vectors."""

from typing import Any

from reportlab.lib import colors
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from maps.document import seen
from maps.drawing import Area, Dot, Drawing, Label, Line, Point
from maps.fonts import REGULAR, drawable


class Drawn(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A drawing in the flow of a document."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__()
        self._drawing = drawing
        self.width, self.height = drawing.width, drawing.height

    def draw(self) -> None:
        """Draw the marks; reportlab calls this."""
        canvas, height = self.canv, self.height
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        for mark in self._drawing.marks:
            match mark:
                case Line(points, colour, width):
                    canvas.setStrokeColor(colors.HexColor(colour))
                    canvas.setLineWidth(width)
                    canvas.drawPath(_path(canvas, points, height))
                case Area(points, fill, outline, width):
                    canvas.setStrokeColor(colors.HexColor(outline))
                    canvas.setFillColor(colors.HexColor(fill))
                    canvas.setLineWidth(width)
                    canvas.drawPath(_path(canvas, points, height, close=True), fill=1)
                case Dot(x, y, radius, fill, outline):
                    canvas.setStrokeColor(colors.HexColor(outline))
                    canvas.setFillColor(colors.HexColor(fill))
                    canvas.setLineWidth(1)
                    canvas.circle(x, height - y, radius, fill=1)
                case Label():
                    _write(canvas, mark, height)


def _path(canvas: Canvas, points: tuple[Point, ...], height: float, *, close: bool = False) -> Any:
    path = canvas.beginPath()
    for i, (x, y) in enumerate(points):
        (path.lineTo if i else path.moveTo)(x, height - y)
    if close:
        path.close()
    return path


def _write(canvas: Canvas, label: Label, height: float) -> None:
    draw = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}[label.anchor]
    place = (label.x, height - label.y, drawable(seen(label.text)))
    canvas.setFont(REGULAR, label.size)
    if label.halo:
        canvas.setStrokeColor(colors.white)
        canvas.setLineWidth(2.5)
        draw(*place, mode=1)
    canvas.setFillColor(colors.HexColor(label.colour))
    draw(*place)
