"""A challenger: the ratio of the kernel densities of events and of people."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from geo.density import KernelDensity
from models.challengers import PSEUDO_EVENTS, Known, Past, RateChallenger, common_rate, places_of, poisson_log_score
from models.likelihood import Floats

BANDWIDTHS = (1.0, 2.0, 4.0, 8.0)
"""Standard deviations that a kernel ratio chooses from, in median distances to the nearest neighbour."""


class KernelRatio(RateChallenger):
    """The ratio of the Gaussian kernel densities of events and of persons at the units' places (Bithell 1990).

    Parameters
    ----------
    x, y
        Columns of the panel with each unit's place, metres.
    bandwidth_m
        Standard deviation; by default that of `BANDWIDTHS` which would have foretold the last year of the past best
        (Poisson log score; of a shorter past its last half).

    References
    ----------
    Bithell, J. F. (1990). An application of density estimation to geographical epidemiology. Statistics in Medicine
    9(6), 691–701.
    """

    def __init__(
        self,
        counts: Sequence[str] = ("cases", "absences"),
        exposure: str = "population",
        *,
        unit: str = "commune_code",
        period: str = "month",
        x: str = "x",
        y: str = "y",
        bandwidth_m: float | None = None,
    ) -> None:
        super().__init__(counts, exposure, unit=unit, period=period)
        self.x = x
        self.y = y
        self.bandwidth_m = bandwidth_m

    def _learn(self, known: Known) -> None:
        places = places_of(known.panel, self.unit, (self.x, self.y), self.units_)
        self.bandwidth_m_ = self.bandwidth_m or _best_bandwidth(places, known.past)
        self.rate_ = _kernel_ratio(places, known.past, self.bandwidth_m_)


def _best_bandwidth(places: Floats, past: Past) -> float:
    nearest = cKDTree(places).query(places, k=2)[0][:, 1]
    unit_m = float(np.median(nearest)) if np.isfinite(nearest).all() and np.median(nearest) > 0 else 1.0
    periods = past.events.shape[1]
    held_out = min(round(1 / past.years), periods // 2)
    if not held_out:
        return unit_m * BANDWIDTHS[len(BANDWIDTHS) // 2]
    before, after = past.between(None, -held_out), past.between(-held_out, None)
    if not (before.person_years.sum() > 0):
        return unit_m * BANDWIDTHS[len(BANDWIDTHS) // 2]
    scores = [
        poisson_log_score(after.total, after.person_years * _kernel_ratio(places, before, unit_m * width))
        for width in BANDWIDTHS
    ]
    return unit_m * BANDWIDTHS[int(np.argmax(scores))]


def _kernel_ratio(places: Floats, past: Past, bandwidth_m: float) -> Floats:
    x, y = places.T
    peak = 1e6 / (2 * np.pi * bandwidth_m**2)  # of one event's density, per km²

    def around(weights: Floats) -> Floats:
        sums: Floats = KernelDensity("gaussian", bandwidth_m).fit(x, y, weights).at(x, y) / peak
        return sums

    common = common_rate(past)
    events = around(past.total) if past.total.any() else np.zeros(len(x))
    ratio: Floats = (events + PSEUDO_EVENTS) / (around(past.person_years) + PSEUDO_EVENTS / common)
    return ratio
