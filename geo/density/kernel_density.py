"""KernelDensity: the estimator that users call."""

import math
import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from geo.crs import looks_like_degrees
from geo.density._layout import Lattice
from geo.density._places import sums_at
from geo.density._profile import GAUSSIAN, Profile
from geo.density._surface import surface
from geo.errors import CrsError, ModelError
from geo.grid import Grid

POWERS = {"uniform": 0, "epanechnikov": 1, "quartic": 2, "triweight": 3, "gaussian": GAUSSIAN}
"""The kernels (1 − d²/h²)^m, by their m, and the Gaussian."""

WIDEST = 5.0
"""Largest adaptive bandwidth in medians of all: without it a lone point's kernel would cover the province."""


class KernelDensity(BaseEstimator):  # type: ignore[misc]
    """Density of weighted points, exact at every cell centre, or, for the Gaussian, to a stated tolerance.

    K(d) = (m + 1) / (π h²) · (1 − d²/h²)^m inside the radius h and exactly zero outside, so that a point of weight 1
    contributes 1 to the integral over the plane. m = 0 is the uniform kernel, 1 the Epanechnikov, 2 the
    quartic (biweight), 3 the triweight. The Gaussian is K(d) = exp(−d²/2h²) / (2π h²); what is left out of it or
    computed wrongly is at most ``tolerance`` · Σ|w| · K(0) / (1 + A / 2πh²), A the area of the points' bounding box.
    For points spread evenly that is the tolerance of the mean density, for points in one place that of the peak.

    Parameters
    ----------
    kernel
        ``"uniform"``, ``"epanechnikov"``, ``"quartic"``, ``"triweight"`` or ``"gaussian"``.
    bandwidth_m
        The radius h in metres; of the Gaussian the standard deviation along each axis.
    adaptive
        Give each point a bandwidth of its own, h_i = h · √(G / f(x_i)): f is the density with ``bandwidth_m`` (the
        pilot) and G its geometric mean at the points; at most 5 times the median of all h_i. Weights must not be
        negative.
    tolerance
        Error of the Gaussian, see above; 1e-6 takes about two thirds of the time of 1e-12.
    n_jobs
        Threads of `to_grid`; −1 takes all processors. The result is the same to the last bit.

    Attributes
    ----------
    x_, y_, weights_
        The points, float64, metres: copies of what `fit` was given.
    bandwidths_m_
        What was fitted: the bandwidth, or with ``adaptive`` one of each point, shape (n,). Later changes of the
        parameters need another `fit`.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, §4.2. Chapman & Hall.
    Abramson, I. S. (1982). On bandwidth variation in kernel estimates: a square root law. Annals of Statistics 10,
    1217–1223.
    Davies, T. M. & Hazelton, M. L. (2010). Adaptive kernel estimation of spatial relative risk. Statistics in Medicine
    29, 2423–2437 (the scaling by G).

    Examples
    --------
    >>> from affine import Affine
    >>> grid = Grid("EPSG:9205", Affine(1000, 0, 500_000, 0, -1000, 2_401_000), (1, 1))
    >>> density = KernelDensity(kernel="epanechnikov", bandwidth_m=2000).fit([500_500.0], [2_400_500.0])
    >>> bool(np.isclose(density.to_grid(grid)[0, 0], 2 / (np.pi * 2**2)))
    True
    """

    def __init__(
        self,
        kernel: str = "quartic",
        bandwidth_m: float = 5000.0,
        *,
        adaptive: bool = False,
        tolerance: float = 1e-12,
        n_jobs: int = 1,
    ) -> None:
        self.kernel = kernel
        self.bandwidth_m = bandwidth_m
        self.adaptive = adaptive
        self.tolerance = tolerance
        self.n_jobs = n_jobs

    def fit(self, x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None) -> "KernelDensity":
        """Take the points.

        Parameters
        ----------
        x, y
            Eastings and northings in metres, shape (n,), n ≥ 1.
        weights
            Events of each point, of any sign, shape (n,); 1 each by default. For an empty surface pass a weight of 0.

        Raises
        ------
        CrsError
            If the coordinates look like degrees.
        ModelError
            If the kernel is unknown, the bandwidth is not above zero, there is no point, lengths differ, or a value
            is not finite.
        """
        if self.kernel not in POWERS:
            raise ModelError(
                "The kernel {kernel} is not known; choose one of {known}", kernel=self.kernel, known=", ".join(POWERS)
            )
        if self.n_jobs != -1 and self.n_jobs < 1:
            raise ModelError("n_jobs must be −1 (all processors) or at least 1; got {n}", n=self.n_jobs)
        number = isinstance(self.bandwidth_m, (int, float, np.integer, np.floating))
        if not (number and math.isfinite(self.bandwidth_m) and self.bandwidth_m > 0):
            raise ModelError("The bandwidth must be a number of metres above zero; got {h}", h=self.bandwidth_m)
        if not 1e-14 <= self.tolerance <= 1e-2:
            raise ModelError("The tolerance must lie between 1e-14 and 0.01; got {tolerance}", tolerance=self.tolerance)
        x, y = _coordinates(x, y)
        if not x.size:
            raise ModelError("A density needs at least one point; give a point of weight 0 for an empty surface")
        weights = np.ones(x.size) if weights is None else _vector(weights, "weights")
        if weights.size != x.size:
            raise ModelError("There are {n} points but {m} weights", n=x.size, m=weights.size)
        self.x_, self.y_, self.weights_ = x, y, weights
        self._power = POWERS[self.kernel]
        self._cut = self._cut_at() if self._power == GAUSSIAN else 1.0
        self.bandwidths_m_: float | NDArray[np.float64] = float(self.bandwidth_m)
        if self.adaptive:
            if (weights < 0).any():
                raise ModelError("An adaptive density takes no negative weights")
            self.bandwidths_m_ = self._abramson()
        return self

    def to_grid(self, grid: Grid) -> NDArray[np.float64]:
        """Return the density at the cell centres, events per km², shape (rows, cols), north up.

        Points outside the grid count where their kernels reach in.
        """
        check_is_fitted(self)
        west, _, _, north = grid.region
        lattice = Lattice(west, north, grid.cell_m, *grid.shape)
        return surface(self.x_, self.y_, *self._kernels(), lattice, self._threads())

    def at(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return the density at places, events per km², shape (k,).

        Parameters
        ----------
        x, y
            Eastings and northings in metres, shape (k,).

        Raises
        ------
        CrsError, ModelError
            As in `fit`.
        """
        check_is_fitted(self)
        x, y = _coordinates(x, y)
        return sums_at(self.x_, self.y_, *self._kernels(), x, y, self._threads())

    def _threads(self) -> int:
        return os.cpu_count() or 1 if self.n_jobs == -1 else self.n_jobs

    def _kernels(self) -> tuple[NDArray[np.float64], float | NDArray[np.float64], Profile]:
        """Return the points' weights times the peaks of their kernels per km², the radii and the kernel's shape."""
        area = math.pi * (self.bandwidths_m_ / 1000) ** 2
        peak = 1 / (2 * area) if self._power == GAUSSIAN else (self._power + 1) / area
        return self.weights_ * peak, self._cut * self.bandwidths_m_, Profile(self._power, 0.5 * self._cut**2)

    def _cut_at(self) -> float:
        """Return where to cut the Gaussian, in standard deviations."""
        box = float(np.ptp(self.x_)) * float(np.ptp(self.y_))
        spread = 1 + box / (2 * math.pi * float(self.bandwidth_m) ** 2)
        # A sixteenth for each thing that is left out: tails, images and the aliases of each axis.
        return math.sqrt(2 * math.log(16 * spread / self.tolerance))

    def _abramson(self) -> NDArray[np.float64]:
        """Return a bandwidth of each point, shape (n,)."""
        pilot = self.at(self.x_, self.y_)
        counted = self.weights_ > 0
        if not counted.any():
            return np.full(self.x_.size, float(self.bandwidth_m))
        mean = np.exp(np.average(np.log(pilot[counted]), weights=self.weights_[counted]))
        own = float(self.bandwidth_m) * np.sqrt(mean / np.where(counted, pilot, mean))
        bandwidths: NDArray[np.float64] = np.minimum(own, WIDEST * np.median(own[counted]))
        return bandwidths


def _coordinates(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = _vector(x, "x"), _vector(y, "y")
    if x.size != y.size:
        raise ModelError("There are {n} eastings but {m} northings", n=x.size, m=y.size)
    if looks_like_degrees(x, y):
        raise CrsError("The coordinates look like degrees; a density needs metres (to_crs('EPSG:9205'))")
    return x, y


def _vector(values: Any, name: str) -> NDArray[np.float64]:
    try:
        vector = np.array(values, dtype=np.float64)  # a copy: the caller may change his
    except (TypeError, ValueError):
        # numpy's own words would quote the value, which may be a person's.
        raise ModelError("{name} must be a list of finite numbers", name=name) from None
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise ModelError("{name} must be a list of finite numbers", name=name)
    return vector
