"""Exact scale: where metres on the ground come to lie on paper."""

from dataclasses import dataclass
from math import floor, log10

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

ROUND = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5)
"""What a ratio begins with."""


@dataclass(frozen=True)
class Frame:
    """A rectangle of a sheet that shows a region at an exact scale, the grid's north up.

    Attributes
    ----------
    left, bottom, width, height
        On the sheet, in its units (mm, times `magnification` on the paper).
    west, south
        Easting and northing of the lower left corner, metres of the map's CRS.
    ratio
        Metres on the ground for a metre on paper, 250,000 for 1:250,000.
    magnification
        Of the sheet, see `maps.sheet.Sheet`.
    """

    left: float
    bottom: float
    width: float
    height: float
    west: float
    south: float
    ratio: float
    magnification: float = 1.0

    @classmethod
    def around(
        cls,
        extent: tuple[float, float, float, float],
        room: tuple[float, float, float, float],
        magnification: float = 1.0,
    ) -> "Frame":
        """Return the frame that fills ``room`` and shows ``extent`` in its middle at the largest round scale.

        Parameters
        ----------
        extent
            ``(west, south, east, north)`` in metres.
        room
            ``(left, bottom, width, height)`` on the sheet.
        magnification
            Of the sheet.
        """
        _, _, width, height = room
        west, south, east, north = extent
        ratio = round_ratio(1000 / magnification * max((east - west) / width, (north - south) / height))
        metres = ratio * magnification / 1000
        corner = (west + east - width * metres) / 2, (south + north - height * metres) / 2
        return cls(*room, *corner, ratio, magnification)

    @property
    def metres(self) -> float:
        """Metres on the ground that a unit of the sheet shows."""
        return self.ratio * self.magnification / 1000

    @property
    def east(self) -> float:
        """Easting of the right edge."""
        return self.west + self.width * self.metres

    @property
    def north(self) -> float:
        """Northing of the upper edge."""
        return self.south + self.height * self.metres

    @property
    def view(self) -> shapely.Polygon:
        """The rectangle of ground that the frame shows."""
        return shapely.box(self.west, self.south, self.east, self.north)

    def place(self, coordinates: ArrayLike) -> NDArray[np.float64]:
        """Return places on the sheet, shape (n, 2), of eastings and northings, shape (n, 2)."""
        corner, ground = np.array((self.left, self.bottom)), np.array((self.west, self.south))
        places: NDArray[np.float64] = corner + (np.asarray(coordinates) - ground) / self.metres
        return places


def round_ratio(least: float) -> float:
    """Return the smallest round ratio that is at least so large.

    >>> round_ratio(193_000), round_ratio(250_000), round_ratio(760_001)
    (200000.0, 250000.0, 1000000.0)
    """
    power = 10.0 ** floor(log10(least))
    return next(step * power for step in (*ROUND, 10.0) if step * power >= least * (1 - 1e-12))


def round_step(most: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is at most so large.

    >>> round_step(37_000), round_step(5), round_step(0.4)
    (20000.0, 5.0, 0.2)
    """
    power = 10.0 ** floor(log10(most))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= most * (1 + 1e-12))
