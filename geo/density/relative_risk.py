"""Where events are more, or less, frequent than the population at risk would have it, and how surely."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from geo.density.kernel_density import KernelDensity
from geo.density.points import Places, read_numbers, read_places, same_crs
from geo.density.ratio import ratio_of
from geo.density.study_area import Area
from geo.errors import ModelError
from geo.grid import Grid


class RelativeRisk(BaseEstimator):  # type: ignore[misc]
    """The density of events over that of the population at risk, each scaled to 1, and a tolerance surface of it.

    The ratio is 1 where events are as frequent as in the whole area. How far it may stray from 1 by chance is
    simulated: as many events as were recorded fall on the population's points, each with the probability of its share,
    and the ratio is drawn anew. This holds cell by cell: of many cells some fall below any level by chance alone, and a
    bias in what is recorded is not seen at all.

    Parameters
    ----------
    density
        How both densities are drawn; by default ``KernelDensity()``. Its bandwidth is a number, and without times.
    n_simulations
        Simulated sets of events, at least 19.
    seed
        Of the simulations; the same seed gives the same surface for any number of threads.

    Attributes
    ----------
    events_, population_
        The fitted densities of both, each of weight 1.

    References
    ----------
    Kelsall, J. E. & Diggle, P. J. (1995). Non-parametric estimation of spatial variation in relative risk. Statistics
    in Medicine 14, 2335–2342 (the ratio and the Monte Carlo tolerance surface).
    """

    def __init__(self, density: KernelDensity | None = None, *, n_simulations: int = 999, seed: int = 0) -> None:
        self.density = density
        self.n_simulations = n_simulations
        self.seed = seed

    def fit(
        self,
        events: Places | tuple[ArrayLike, ArrayLike],
        population: Places | tuple[ArrayLike, ArrayLike],
        at_risk: ArrayLike | None = None,
        *,
        area: Area | None = None,
    ) -> "RelativeRisk":
        """Take the events and the population.

        Parameters
        ----------
        events
            Points in a metric CRS, or ``(eastings, northings)`` in metres, shape (n,); each is one event.
        population
            Places of the population at risk, likewise, shape (k,).
        at_risk
            Persons (or person-years) at each of them, shape (k,), not negative; 1 each by default.
        area
            The study area, if the density corrects edges.

        Raises
        ------
        CrsError, ModelError
            As in `KernelDensity.fit`; also if nobody is at risk, a number of persons is negative, there are fewer than
            19 simulations, or the density's bandwidth is not a number.
        """
        if self.n_simulations < 19:
            raise ModelError("A tolerance surface needs at least 19 simulations; got {n}", n=self.n_simulations)
        density = KernelDensity() if self.density is None else self.density
        if isinstance(density.bandwidth_m, str) or density.bandwidth_days is not None:
            raise ModelError("A relative risk needs one bandwidth in metres for both densities, and no times")
        (x, y, crs), (at_x, at_y, at_crs) = _read(events), _read(population)
        same_crs(crs, at_crs)
        self._crs = crs or at_crs
        persons = np.ones(at_x.size) if at_risk is None else read_numbers(at_risk, "at_risk")
        if persons.size != at_x.size:
            raise ModelError("There are {n} points but {m} weights", n=at_x.size, m=persons.size)
        if (persons < 0).any() or not persons.any():
            raise ModelError("The population at risk must be above zero somewhere, and negative nowhere")
        same_crs(self._crs, getattr(area, "crs", None))
        shares = persons / persons.sum(), np.full(x.size, 1 / max(x.size, 1))
        self.population_ = clone(density).fit(at_x, at_y, shares[0], area=area)
        self._area = self.population_.area_
        self.events_ = clone(density).fit(x, y, shares[1], area=self._area)
        if density.edge_correction == "uniform" and not density.adaptive:
            # The same mass divides both densities and cancels.
            plain = clone(density).set_params(edge_correction=None)
            self.population_, self.events_ = clone(plain).fit(at_x, at_y, shares[0]), clone(plain).fit(x, y, shares[1])
        return self

    def to_grid(self, grid: Grid) -> NDArray[np.float64]:
        """Return the ratio at the cell centres, shape (rows, cols), north up; NaN where nobody at risk is in reach."""
        check_is_fitted(self)
        at_risk = self._at_risk(grid)
        return ratio_of(self.events_.to_grid(grid), at_risk)

    def tolerance(self, grid: Grid) -> NDArray[np.float64]:
        """Return at each cell the share of simulations whose ratio there is at least as high, shape (rows, cols).

        Low values (under 0.05, say) mark more events than chance would bring, values near 1 fewer. It is
        (1 + count) / (1 + simulations), so never zero.
        """
        check_is_fitted(self)
        at_risk, people = self._at_risk(grid), self.population_
        observed, n = ratio_of(self.events_.to_grid(grid), at_risk), self.events_.x_.size
        reached = np.ones(grid.shape)
        for sequence in np.random.SeedSequence(self.seed).spawn(self.n_simulations):
            counts = np.random.default_rng(sequence).multinomial(n, people.weights_)
            hit = counts > 0
            drawn = clone(people).fit(people.x_[hit], people.y_[hit], counts[hit] / n, area=people.area_)
            # Sums in another order differ in the last bits.
            reached += ratio_of(drawn.to_grid(grid), at_risk) >= observed * (1 - 1e-9)
        return np.where(np.isnan(observed), np.nan, reached / (1 + self.n_simulations))

    def _at_risk(self, grid: Grid) -> NDArray[np.float64]:
        same_crs(self._crs, grid.crs)
        surface = self.population_.to_grid(grid)
        return surface if self._area is None else np.where(self._area.cells(grid), surface, np.nan)


def _read(places: Any) -> tuple[NDArray[np.float64], NDArray[np.float64], Any]:
    return read_places(*places) if isinstance(places, tuple) and len(places) == 2 else read_places(places, None)
