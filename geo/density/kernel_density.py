"""KernelDensity: the estimator that users call."""

from collections.abc import Iterator
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from geo.density._gaussian import cut_for
from geo.density._layout import Lattice
from geo.density._places import sums_at
from geo.density._profile import GAUSSIAN, Profile, peak
from geo.density._surface import surface
from geo.density._threads import threads_for
from geo.density.adaptive import SquareRootLaw
from geo.density.bandwidth import BandwidthSearch, Progress, choose_bandwidth
from geo.density.parameters import POWERS, check_parameters
from geo.density.points import Places, read_numbers, read_places, same_crs
from geo.density.study_area import Area, read_area
from geo.density.times import read_time_kernel, read_when, weights_at
from geo.errors import ModelError
from geo.grid import Grid


class KernelDensity(BaseEstimator):  # type: ignore[misc]
    """Density of weighted points, exact at every cell centre, or, for the Gaussian, to a stated tolerance.

    K(d) = (m + 1) / (π h²) · (1 − d²/h²)^m inside the radius h and exactly zero outside, so that a point of weight 1
    contributes 1 to the integral over the plane. m = 0 is the uniform kernel, 1 the Epanechnikov, 2 the
    quartic (biweight), 3 the triweight. The Gaussian is K(d) = exp(−d²/2h²) / (2π h²); what is left out of it or
    computed wrongly is at most ``tolerance`` · Σ|w| · K(0) / (1 + A / 2πh²), A the area of the points' bounding box.
    For points spread evenly that is the tolerance of the mean density, for points in one place that of the peak. With
    bandwidths of the points' own it is ``tolerance`` · Σ|w_i| K_i(0) / (1 + A / 2πh²), h still the one bandwidth.

    Parameters
    ----------
    kernel
        ``"uniform"``, ``"epanechnikov"``, ``"quartic"``, ``"triweight"`` or ``"gaussian"``.
    bandwidth_m
        The radius h in metres; of the Gaussian the standard deviation along each axis. Or ``"likelihood"`` or
        ``"least-squares"``: the best of 20 by cross-validation (`choose_bandwidth`).
    adaptive
        Give each point a bandwidth of its own, h_i = h · √(G / f(x_i)): f is the density with the one bandwidth h (the
        pilot) and G its geometric mean at the points (`SquareRootLaw`). Weights must not be negative.
    edge_correction
        With a study area: ``"uniform"`` divides the density at s by the mass of the kernel around s inside the area,
        ``"diggle"`` each point's weight by the mass of its own kernel inside the area, so that the integral over
        the area is the sum of the weights. Masses are those of the polygon itself, to 1e-8 (the Gaussian's at many
        places to 1e-6). Outside the area the density is NaN; the boundary belongs to the area.
    bandwidth_days
        With times: reach of an Epanechnikov kernel in time.
    past_only
        Whether only the time before counts: k(u) = 3/(2b) · (1 − u²/b²) for u from 0 to b days after an event;
        otherwise k(u) = 3/(4b) · (1 − u²/b²) on both sides of it.
    tolerance
        Error of the Gaussian, see above; 1e-6 takes less time than 1e-12 (`docs/performance.md`).
    n_jobs
        Threads; −1 takes all processors. The result is the same to the last bit.

    Attributes
    ----------
    x_, y_, weights_
        The points, float64, metres: copies of what `fit` was given.
    bandwidth_m_
        The bandwidth that was given or chosen.
    bandwidths_m_
        The same, or with ``adaptive`` the bandwidth of each point, shape (n,). Later changes of the parameters need
        another `fit`.
    area_
        The `StudyArea`, if one was given.
    search_
        How the bandwidth was chosen, if it was: a `BandwidthSearch`.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, §4.2. Chapman & Hall.
    Diggle, P. J. (1985). A kernel method for smoothing point process data. Applied Statistics 34, 138–147.
    Jones, M. C. (1993). Simple boundary correction for kernel density estimation. Statistics and Computing 3, 135–146.

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
        bandwidth_m: float | str = 5000.0,
        *,
        adaptive: bool = False,
        edge_correction: str | None = None,
        bandwidth_days: float | None = None,
        past_only: bool = True,
        tolerance: float = 1e-12,
        n_jobs: int = 1,
    ) -> None:
        self.kernel = kernel
        self.bandwidth_m = bandwidth_m
        self.adaptive = adaptive
        self.edge_correction = edge_correction
        self.bandwidth_days = bandwidth_days
        self.past_only = past_only
        self.tolerance = tolerance
        self.n_jobs = n_jobs

    def fit(
        self,
        x: Places,
        y: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        times: Any = None,
        *,
        area: Area | None = None,
        progress: Progress | None = None,
    ) -> "KernelDensity":
        """Take the points.

        Parameters
        ----------
        x, y
            Eastings and northings in metres, shape (n,), n ≥ 1; or points in a metric CRS in place of ``x`` alone.
        weights
            Events of each point, of any sign, shape (n,); 1 each by default. For an empty surface pass a weight of 0.
        times
            Dates, or days as numbers, shape (n,); needed for densities at a time, and only for those.
        area
            The study area, if edges shall be corrected: a polygon in the points' CRS; all points lie in it.
        progress
            Told how far the search for a bandwidth is.

        Raises
        ------
        CrsError
            If the coordinates look like degrees, or the area is in another CRS.
        ModelError
            If a parameter is unknown or out of range, there is no point, lengths differ, a value is not finite, points
            lie outside the area, or no bandwidth can be chosen (`choose_bandwidth`).
        """
        check_parameters(self.get_params(deep=False))
        self.x_, self.y_, self._crs = read_places(x, y)
        n = self.x_.size
        if not n:
            raise ModelError("A density needs at least one point; give a point of weight 0 for an empty surface")
        self.weights_ = np.ones(n) if weights is None else read_numbers(weights, "weights")
        if self.weights_.size != n:
            raise ModelError("There are {n} points but {m} weights", n=n, m=self.weights_.size)
        self._times = read_time_kernel(times, self.bandwidth_days, self.past_only, n)
        if (area is None) != (self.edge_correction is None):
            raise ModelError("An edge correction needs both: the name of it, and the study area")
        self.area_ = None if area is None else read_area(area, self.x_, self.y_, self._crs)
        self._correction = self.edge_correction
        self._fit_bandwidths(progress)
        self._shares: float | NDArray[np.float64] = 1.0
        if self.area_ and self._correction == "diggle":
            self._shares = self.area_.mass(self.x_, self.y_, *self._reach(self.bandwidths_m_), threads_for(self.n_jobs))
        return self

    def to_grid(self, grid: Grid, when: Any = None) -> NDArray[np.float64]:
        """Return the density at the cell centres, shape (rows, cols), north up; NaN outside a study area.

        Points outside the grid count where their kernels reach in.

        Parameters
        ----------
        grid
            Where.
        when
            A date, or days as a number: the density at that time, in events per km² and day. Of several dates, the sum
            of their densities, for the price of one. By default the density of all times, in events per km².

        Raises
        ------
        CrsError
            If the points brought a CRS and the grid has another.
        ModelError
            If ``when`` is given but no times were fitted.
        """
        check_is_fitted(self)
        return self._on(grid, weights_at(self.weights_, self._times, when), self._mass_on(grid))

    def frames(self, grid: Grid, when: Any) -> Iterator[NDArray[np.float64]]:
        """Yield the density at each of several times in turn, events per km² and day; see `to_grid`."""
        check_is_fitted(self)
        mass = self._mass_on(grid)
        for day in read_when(when):
            yield self._on(grid, weights_at(self.weights_, self._times, day), mass)

    def at(self, x: Places, y: ArrayLike | None = None, when: Any = None) -> NDArray[np.float64]:
        """Return the density at places, shape (k,); NaN outside a study area.

        Parameters
        ----------
        x, y
            Eastings and northings in metres, shape (k,), or points.
        when
            As in `to_grid`.

        Raises
        ------
        CrsError, ModelError
            As in `fit` and `to_grid`.
        """
        check_is_fitted(self)
        x, y, crs = read_places(x, y)
        same_crs(self._crs, crs)
        if self.area_ is None:
            return self._inside(x, y, when)
        held = self.area_.holds(x, y)
        density = np.full(x.size, np.nan)
        density[held] = self._inside(x[held], y[held], when)
        return density

    @property
    def reach_m(self) -> float:
        """The distance in metres from which on no kernel adds anything."""
        check_is_fitted(self)
        reach = self._cut * float(np.max(self.bandwidths_m_))
        return max(reach, self._pilot.reach_m) if self._asks_pilot else reach

    def of(self, chosen: slice | NDArray[np.intp]) -> "KernelDensity":
        """Return the density of some of the points alone, also of none, with the bandwidths that all of them gave."""
        check_is_fitted(self)
        part = copy(self)
        part.x_, part.y_, part.weights_ = self.x_[chosen], self.y_[chosen], self.weights_[chosen]
        if isinstance(self.bandwidths_m_, np.ndarray):
            part.bandwidths_m_ = self.bandwidths_m_[chosen]
        if isinstance(self._shares, np.ndarray):
            part._shares = self._shares[chosen]
        if self._times is not None:
            part._times = self._times._replace(days=self._times.days[chosen])
        if self._asks_pilot:
            part._pilot = self._pilot.of(chosen)
        return part

    @property
    def _asks_pilot(self) -> bool:
        """Whether the pilot is asked again after the fit: for the bandwidths of cells."""
        return self._law is not None and self._correction == "uniform"

    def _inside(self, x: NDArray[np.float64], y: NDArray[np.float64], when: Any = None) -> NDArray[np.float64]:
        """Return the density at places that the study area holds."""
        weights, factor, radii, profile = self._kernels(weights_at(self.weights_, self._times, when))
        density = sums_at(self.x_, self.y_, weights, radii, profile, x, y, threads_for(self.n_jobs))
        density *= factor
        if self.area_ and self._correction == "uniform":
            own = self.bandwidth_m_ if self._law is None else self._law.bandwidths(self._pilot._inside(x, y))
            density /= self.area_.mass(x, y, *self._reach(own), threads_for(self.n_jobs))
        return density

    def _fit_bandwidths(self, progress: Progress | None) -> None:
        self._power = POWERS[self.kernel]
        self.search_: BandwidthSearch | None = None
        if isinstance(self.bandwidth_m, str):
            self.search_ = choose_bandwidth(
                self.x_, self.y_, self.weights_, self._power, self.bandwidth_m,
                area=self.area_, threads=threads_for(self.n_jobs), progress=progress,
            )  # fmt: skip
        self.bandwidth_m_ = self.search_.best_m if self.search_ else float(self.bandwidth_m)
        self._cut = 1.0
        if self._power == GAUSSIAN:
            self._cut, _ = cut_for(self.x_, self.y_, self.bandwidth_m_, self.tolerance)
        self._profile = Profile(self._power, 0.5 * self._cut**2)
        self.bandwidths_m_: float | NDArray[np.float64] = self.bandwidth_m_
        self._law: SquareRootLaw | None = None
        if self.adaptive:
            if (self.weights_ < 0).any():
                raise ModelError("An adaptive density takes no negative weights")
            self._pilot = KernelDensity(
                self.kernel, self.bandwidth_m_,
                edge_correction=self.edge_correction, tolerance=self.tolerance, n_jobs=self.n_jobs,
            ).fit(self.x_, self.y_, self.weights_, area=self.area_)  # fmt: skip
            # The same arrays, not copies: of 10⁷ points they would count.
            self._pilot.x_, self._pilot.y_, self._pilot.weights_ = self.x_, self.y_, self.weights_
            # A far point of little weight may be lost in the error of the rest: no less than what it adds itself.
            pilot = self.weights_ * peak(self.bandwidth_m_ / 1000, self._power)
            np.maximum(self._pilot._inside(self.x_, self.y_), pilot, out=pilot)
            self._law = SquareRootLaw.fitted(self.bandwidth_m_, pilot, self.weights_)
            self.bandwidths_m_ = self._law.bandwidths(pilot)
            if not self._asks_pilot:
                del self._pilot

    def _reach(self, bandwidths: float | NDArray[np.float64]) -> tuple[float | NDArray[np.float64], Profile]:
        """Return the radii within which kernels of these bandwidths count, and the kernels' shape."""
        return bandwidths if self._cut == 1 else self._cut * bandwidths, self._profile

    def _kernels(
        self, weights: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], float, float | NDArray[np.float64], Profile]:
        """Return the weights of kernels of peak 1, what their sums are to be multiplied by, their radii and shape.

        The density is per km² (and each kernel divided by its mass inside). Each copy of 10⁷ weights counts.
        """
        radii, profile = self._reach(self.bandwidths_m_)
        if isinstance(self.bandwidths_m_, float):
            factor = float(peak(self.bandwidths_m_ / 1000, self._power))
            return (weights if isinstance(self._shares, float) else weights / self._shares), factor, radii, profile
        heights = self.bandwidths_m_**-2
        heights *= weights
        heights /= self._shares
        return heights, float(peak(1 / 1000, self._power)), radii, profile

    def _on(self, grid: Grid, weights: NDArray[np.float64], mass: NDArray[np.float64] | None) -> NDArray[np.float64]:
        same_crs(self._crs, grid.crs)
        west, _, _, north = grid.region
        lattice = Lattice(west, north, grid.cell_m, *grid.shape)
        weights, factor, radii, profile = self._kernels(weights)
        density = surface(self.x_, self.y_, weights, radii, profile, lattice, threads_for(self.n_jobs))
        density *= factor
        if mass is not None:
            density /= mass
        return density

    def _mass_on(self, grid: Grid) -> NDArray[np.float64] | None:
        """Return what densities on a grid are divided by: NaN outside the study area."""
        if self.area_ is None:
            return None
        if self._correction == "diggle":
            return np.where(self.area_.cells(grid), 1.0, np.nan)
        own = self.bandwidth_m_ if self._law is None else self._law.bandwidths(self._pilot.to_grid(grid))
        own *= self._cut  # in place
        return self.area_.mass_on(grid, own, self._profile, threads_for(self.n_jobs))
