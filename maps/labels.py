"""Labels that do not overlap: the more important first, each at the first free place near what it names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_AREA = (
    *((0, 0), (0, 0.6), (0, -0.6), (0, 1.2), (0, -1.2), (0.3, 0), (-0.3, 0), (0.3, 0.9), (-0.3, 0.9), (0.3, -0.9)),
    *((-0.3, -0.9), (0.5, 0), (-0.5, 0), (0, 2), (0, -2), (0.5, 1.6), (-0.5, 1.6), (0.5, -1.6), (-0.5, -1.6)),
)
"""Where the middle of an area's label may lie, in widths and heights of the label from the area's middle."""

_POINT = ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5), (0.5, 0.5), (-0.5, 0.5), (0.5, -0.5), (-0.5, -0.5))
"""The same for a label beside a point, which it must leave free."""


@dataclass(frozen=True)
class Label:
    """What wants to be named, and in which forms it may be, the best first.

    Attributes
    ----------
    x, y
        The place that is named.
    forms
        Width and height of each form.
    gap
        Distance to keep from the place, for a point's label that stands beside it; 0 for an area's label.
    """

    x: float
    y: float
    forms: tuple[tuple[float, float], ...]
    gap: float = 0.0


class Placed(NamedTuple):
    """The form that found a place, and its box."""

    form: int
    box: Box


def place_labels(labels: Sequence[Label], region: Box, taken: Sequence[Box] = ()) -> list[Placed | None]:
    """Place labels in the order of their importance.

    A label takes the first of its forms, at the first place near its own, that lies in the region and touches neither
    what is taken nor an earlier label.

    Parameters
    ----------
    labels
        The most important first.
    region
        Where labels may be.
    taken
        Boxes that no label may touch.

    Returns
    -------
    list
        For each label its form and box, None for one that found no place.
    """
    boxes = np.empty((len(taken) + len(labels), 4))
    boxes[: len(taken)] = np.reshape(taken, (-1, 4))
    used, placed = len(taken), []
    for label in labels:
        found = next((c for c in _candidates(label) if _inside(c.box, region) and _free(c.box, boxes[:used])), None)
        placed.append(found)
        if found:
            boxes[used] = found.box
            used += 1
    return placed


def _candidates(label: Label) -> Iterator[Placed]:
    for form, (width, height) in enumerate(label.forms):
        for across, up in _POINT if label.gap else _AREA:
            x = label.x + across * width + np.sign(across) * label.gap
            y = label.y + up * height + np.sign(up) * label.gap
            yield Placed(form, (x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def _inside(box: Box, region: Box) -> bool:
    return box[0] >= region[0] and box[1] >= region[1] and box[2] <= region[2] and box[3] <= region[3]


def _free(box: Box, boxes: NDArray[np.float64]) -> bool:
    left, bottom, right, top = boxes.T
    return not ((left < box[2]) & (right > box[0]) & (bottom < box[3]) & (top > box[1])).any()
