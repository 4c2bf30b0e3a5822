"""Abramson's rule: bandwidths that are wide where points are few."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WIDEST = 5.0
"""Largest adaptive bandwidth in medians of all: without it a lone point's kernel would cover the province."""


class SquareRootLaw(NamedTuple):
    """h(s) = h · √(G / f(s)), and no more than ``widest_m``.

    f is the pilot density and G its geometric mean at the points.

    References
    ----------
    Abramson, I. S. (1982). On bandwidth variation in kernel estimates: a square root law. Annals of Statistics 10,
    1217–1223.
    Davies, T. M. & Hazelton, M. L. (2010). Adaptive kernel estimation of spatial relative risk. Statistics in Medicine
    29, 2423–2437 (the scaling by G).
    """

    bandwidth_m: float
    mean: float
    widest_m: float

    @classmethod
    def fitted(cls, bandwidth_m: float, pilot: NDArray[np.float64], weights: NDArray[np.float64]) -> "SquareRootLaw":
        """Return the law for points with these pilot densities and weights, none negative, shape (n,)."""
        counted = weights > 0
        if not counted.any():
            return cls(bandwidth_m, 0.0, bandwidth_m)
        if not counted.all():
            pilot, weights = pilot[counted], weights[counted]
        mean = float(np.exp(np.average(np.log(pilot), weights=weights)))
        own = cls(bandwidth_m, mean, np.inf).bandwidths(pilot)
        return cls(bandwidth_m, mean, WIDEST * float(np.median(own)))

    def bandwidths(self, pilot: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the bandwidths in metres where the pilot density is this, in its shape."""
        own = np.full(pilot.shape, np.inf)
        np.divide(self.mean, pilot, out=own, where=pilot > 0)
        # In place: on a large grid each copy counts.
        np.sqrt(own, out=own)
        own *= self.bandwidth_m
        np.minimum(own, self.widest_m, out=own)
        return own
