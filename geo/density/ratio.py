"""The ratio of two densities: events over population at risk."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.density.kernel_density import KernelDensity
from geo.density.points import read_numbers
from geo.errors import ModelError
from geo.grid import Grid

PER = 10_000
"""The ratio is given per so many persons and year."""

FLOOR = 1e-9
"""Share of the peak below which a density is mostly rounding error, and a ratio to it means nothing."""


def density_ratio(
    x: ArrayLike,
    y: ArrayLike,
    events: ArrayLike,
    person_years: ArrayLike,
    grid: Grid,
    *,
    bandwidth_m: float,
    kernel: str = "quartic",
) -> NDArray[np.float64]:
    """Return events per `PER` persons and year around each cell: the ratio of two kernel densities of one bandwidth.

    Parameters
    ----------
    x, y
        Eastings and northings in metres, shape (n,).
    events, person_years
        What is counted, and the population at risk times the years, at each point, shape (n,).
    grid
        Where to evaluate.
    bandwidth_m, kernel
        See `KernelDensity`; the same for both densities, so that their edges cancel.

    Returns
    -------
    numpy.ndarray
        Shape (rows, cols), north up; NaN where (almost) no population is in reach: less than `FLOOR` of the peak. Where
        events and population lie at the same points it is a weighted mean of their rates, and needs no higher floor.

    Raises
    ------
    CrsError, ModelError
        As in `KernelDensity.fit`; also if person-years are negative.

    References
    ----------
    Bithell, J. F. (1990). An application of density estimation to geographical epidemiology. Statistics in Medicine
    9(6), 691–701.
    Kelsall, J. E. & Diggle, P. J. (1995). Non-parametric estimation of spatial variation in relative risk. Statistics
    in Medicine 14, 2335–2342.
    """
    persons = read_numbers(person_years, "person_years")
    if (persons < 0).any():
        raise ModelError("The population at risk must not be negative")

    def density(weights: ArrayLike) -> NDArray[np.float64]:
        return KernelDensity(kernel=kernel, bandwidth_m=bandwidth_m).fit(x, y, weights).to_grid(grid)

    return ratio_of(PER * density(events), density(persons))


def ratio_of(events: NDArray[np.float64], at_risk: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ratio of two surfaces; NaN where the second is NaN or less than `FLOOR` of its peak."""
    highest = np.max(at_risk, initial=0.0, where=~np.isnan(at_risk))
    ratio = np.full(events.shape, np.nan)
    np.divide(events, at_risk, out=ratio, where=at_risk > FLOOR * highest)
    return ratio
