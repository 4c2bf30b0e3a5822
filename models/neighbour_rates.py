"""Rates around the neighbours' rate: the plain baseline that knows neighbours, and no effort."""

import numpy as np
from numpy.typing import NDArray

from geo.density import KernelDensity
from models.baselines import GammaPoisson

REACH_M = 20_000.0
"""How far other communes count."""
PSEUDO_EVENTS = 1.0
"""Events at the province's rate that are added to the neighbours': keeps the rate of a lonely commune finite."""

Floats = NDArray[np.float64]


def fit_around_neighbours(
    x: Floats, y: Floats, events: Floats, exposure: Floats, reach_m: float = REACH_M
) -> GammaPoisson:
    """Return gamma–Poisson rates whose prior mean is the rate of all other communes, nearer ones counting more.

    The rate around a commune is the ratio of the kernel densities of events and of exposure (Bithell 1990) over all
    *other* communes. A commune's rate is then a weighted mean of its own and its neighbours'.

    Parameters
    ----------
    x, y
        Centres, metres, shape (n,).
    events, exposure
        Counts and person-years > 0, shape (n,).
    reach_m
        Radius of the quartic kernel.
    """
    if not events.sum():
        # Nothing was recorded: one pseudo-event over the whole exposure ranks communes by population alone.
        around = np.full(len(events), PSEUDO_EVENTS)
        return GammaPoisson().fit(events, exposure, around / exposure.sum(), around)
    peak = KernelDensity(bandwidth_m=reach_m).fit(x[:1], y[:1]).at(x[:1], y[:1])[0]

    def of_others(weights: Floats) -> Floats:
        with_own: Floats = KernelDensity(bandwidth_m=reach_m).fit(x, y, weights).at(x, y) / peak
        return np.maximum(with_own - weights, 0.0)

    province = events.sum() / exposure.sum()
    around = of_others(events) + PSEUDO_EVENTS
    return GammaPoisson().fit(events, exposure, around / (of_others(exposure) + PSEUDO_EVENTS / province), around)
