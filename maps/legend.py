"""Classes of a map and what its legend says of them: one legend for the web map and the prints."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maps.palette import class_breaks, class_of, shades


def classed(values: ArrayLike, palette: Sequence[str]) -> tuple[NDArray[np.int64], list[dict[str, Any]]]:
    """Return the class of each value, and of each class its colour, its least and largest value and its size.

    Parameters
    ----------
    values
        Numbers; those that are not finite have the class −1.
    palette
        Colours from light to dark, see `maps.palette`.

    >>> classed([1, 2, 2], ("white", "grey", "black"))[1]
    [{'colour': 'white', 'low': 1.0, 'high': 1.0, 'n': 1}, {'colour': 'black', 'low': 2.0, 'high': 2.0, 'n': 2}]
    """
    array = np.asarray(values, dtype=float)
    breaks = class_breaks(array)
    classes = class_of(array, breaks)
    colours = shades(palette, len(breaks))
    legend = [
        {
            "colour": colour,
            "low": float(array[classes == i].min()),
            "high": float(breaks[i]),
            "n": int((classes == i).sum()),
        }
        for i, colour in enumerate(colours)
    ]
    return classes, legend
