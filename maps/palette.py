"""Colours that the colour-blind can tell apart, and the classes that they stand for.

The colours are ColorBrewer 2.0 schemes (Harrower & Brewer 2003, The Cartographic Journal 40:27–37), marked there as
safe for the colour-blind: this product includes color specifications and designs developed by Cynthia Brewer
(https://colorbrewer2.org). Each runs from light to dark, so that it also survives a grey print.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

CLASSES = 5

COMMUNES = ("#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026")
"""YlOrRd: the polygons."""

SURFACE = ("#f1eef6", "#d7b5d8", "#df65b0", "#dd1c77", "#980043")
"""PuRd: the raster, another quantity than the polygons'."""

SECTORS = ("#b3cde3", "#8c96c6", "#8c6bb1", "#88419d", "#4d004b")
"""BuPu without its palest tones, which a thin line would lose."""

MONTHS = ("#c7e9b4", "#7fcdbb", "#1d91c0", "#0c2c84")
"""Four tones of YlGnBu: events by season, which are recorded ones and not expected."""

NO_DATA = "#d9d9d9"


def class_breaks(values: ArrayLike, k: int = CLASSES) -> NDArray[np.float64]:
    """Return the upper bounds of at most ``k`` classes of about equally many values.

    The bounds are quantiles by the inverse of the distribution function, hence values that occur: every class holds
    at least one value, equal values are never parted, and ties or few values make fewer classes.

    Parameters
    ----------
    values
        Numbers; those that are not finite belong to no class.
    k
        The most classes.

    Returns
    -------
    numpy.ndarray
        Increasing, the last is the largest value; empty if no value is finite.

    >>> class_breaks([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    array([ 2.,  4.,  6.,  8., 10.])
    >>> class_breaks([0, 0, 0, 0, 5])
    array([0., 5.])
    """
    flat = np.asarray(values, dtype=float).ravel()
    finite = flat[np.isfinite(flat)]
    if not finite.size:
        return np.empty(0)
    bounds: NDArray[np.float64] = np.unique(np.quantile(finite, np.arange(1, k + 1) / k, method="inverted_cdf"))
    return bounds


def class_of(values: ArrayLike, breaks: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the class of each value, 0 for the lowest, −1 where a value is not finite; the shape of ``values``.

    A value belongs to the first class whose upper bound it does not exceed.

    >>> class_of([1, 2, 2.5, float("nan")], class_breaks([1, 2, 3], k=3))
    array([ 0,  1,  2, -1])
    """
    array = np.asarray(values, dtype=float)
    classes: NDArray[np.int64] = np.where(np.isfinite(array), np.searchsorted(breaks, array, side="left"), -1)
    return classes


def shades(palette: Sequence[str], n: int) -> list[str]:
    """Return ``n`` colours of a palette, spread over its whole range; its middle for one.

    >>> shades(COMMUNES, 2)
    ['#ffffb2', '#bd0026']
    """
    if n == 1:
        return [palette[len(palette) // 2]]
    return [palette[round(i * (len(palette) - 1) / (n - 1))] for i in range(n)]
