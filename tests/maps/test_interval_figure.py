import math
from xml.etree import ElementTree

import pytest

from maps.drawing import Area, Dot, Drawing, Label, Line, to_svg
from maps.interval_figure import LEFT, RIGHT, WIDTH, Interval, interval_figure, nice_step


def figure(*rows):
    return interval_figure(rows, "events", "told", "", "vi")


def ticks(drawing):
    """Return value and place of the axis' numbers."""
    labels = [mark for mark in drawing.marks if isinstance(mark, Label) and mark.anchor == "middle"]
    return {float(label.text.replace(",", ".")): label.x for label in labels if label.text != "events"}


def test_dots_and_intervals_lie_where_the_axis_says():
    drawing = figure(Interval("a", 3.0, 1.0, 7.2, False), Interval("b", 0.5, 0.0, 2.0, True))
    at = ticks(drawing)
    assert (min(at), max(at)) == (0, 8)
    assert (at[0], at[8]) == (LEFT, WIDTH - RIGHT)

    def place(value):
        return at[0] + (at[8] - at[0]) * value / 8

    first, second = (mark for mark in drawing.marks if isinstance(mark, Dot))
    assert (first.x, second.x) == pytest.approx((place(3), place(0.5)))
    assert first.fill == first.outline
    assert second.fill == "#ffffff", "weak data are hollow"
    spans = [mark for mark in drawing.marks if isinstance(mark, Line) and mark.width == 2]
    assert [x for x, _ in spans[0].points] == pytest.approx([place(1), place(7.2)])
    assert spans[0].points[0][1] == first.y < second.y


def test_a_row_without_a_finite_interval_keeps_its_name_only():
    drawing = figure(Interval("a", 3.0, 1.0, 5.0, False), Interval("b", math.nan, 0.0, 1.0, False))
    assert len([mark for mark in drawing.marks if isinstance(mark, Dot)]) == 1
    assert "b" in [mark.text for mark in drawing.marks if isinstance(mark, Label)]


def test_nothing_at_all_and_nothing_expected_have_an_axis():
    for drawing in (figure(), figure(Interval("a", 0.0, 0.0, 0.0, False))):
        at = ticks(drawing)
        assert (at[0], at[1], max(at)) == (LEFT, WIDTH - RIGHT, 1)


def test_long_names_are_shortened():
    drawing = figure(Interval("x" * 200, 1.0, 0.5, 2.0, False))
    assert max(len(mark.text) for mark in drawing.marks if isinstance(mark, Label)) <= 24


@pytest.mark.parametrize("largest", [1e-6, 0.03, 0.7, 1, 5, 7.2, 23, 999, 1e7])
def test_steps_are_round_and_about_five(largest):
    step = nice_step(largest)
    assert f"{step:e}"[0] in "125"
    assert 2 < largest / step <= 5 + 1e-9


def test_the_svg_says_what_the_drawing_says_and_runs_nothing():
    marks = (
        Line(((0, 0), (1, 2)), "#000000", 1.5),
        Area(((0, 0), (1, 0), (1, 1)), "#ffffff"),
        Dot(1, 2, 3, "#ff0000", "#00ff00"),
        Label(5, 6, "<script>x</script>", 9, "end", halo=True),
    )
    svg = ElementTree.fromstring(to_svg(Drawing(10, 20, marks, 'told "so"')))
    assert [child.tag for child in svg] == ["polyline", "polygon", "circle", "text"]
    assert svg.attrib["viewBox"] == "0 0 10 20"
    assert svg.attrib["aria-label"] == 'told "so"'
    assert svg[0].attrib["points"] == "0.00,0.00 1.00,2.00"
    assert (svg[3].text, svg[3].attrib["text-anchor"]) == ("<script>x</script>", "end")
