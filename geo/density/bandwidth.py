"""The bandwidth that predicts left-out points best."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from geo.density._gaussian import cut_for
from geo.density._gaussian_places import gaussian_sums_at, gridding_pays
from geo.density._layout import Lattice
from geo.density._leave_one_out import sums_of_others, table_sums_of_others
from geo.density._profile import GAUSSIAN, Profile, peak
from geo.density._surface import surface
from geo.density.study_area import StudyArea
from geo.errors import ModelError

CRITERIA = ("likelihood", "least-squares")

CANDIDATES = 20
NARROWEST, WIDEST = 0.05, 2.0
"""Range of the candidates, in bandwidths of the rule of thumb."""

STEPS = 4096
"""Intervals of the table of K ∗ K; read in between by straight lines, it is right to 1e-6 of its peak."""

PAIRS_UP_TO, CELLS_A_RADIUS, MOST_CELLS = 5_000, 32, 40_000_000
"""∫ f̂² is summed over pairs for so many points, and beyond over the cells of a raster that is so fine, if it has no
more cells. The raster's error is below 1e-5 of it, for the uniform kernel below 1e-3."""

CELLS_A_SIGMA = 8
"""Cells of the raster in a standard deviation of a Gaussian, inside a study area."""

TOLERANCE, FAINT = 1e-12, 1e-6
"""Error of the sums of Gaussians, as in `KernelDensity`, and the sums that it would spoil."""

FAR = 38.0
"""Standard deviations beyond which a Gaussian is taken for zero: the double numbers end there."""

Progress = Callable[[int, int], None]
"""Called with the number of candidates that are done, and of all."""


@dataclass(frozen=True)
class BandwidthSearch:
    """What cross-validation found.

    Attributes
    ----------
    criterion
        ``"likelihood"`` (largest is best) or ``"least-squares"`` (smallest is best).
    candidates_m
        The bandwidths that were tried, metres, ascending.
    scores
        The criterion of each: the mean log density (per km²) of a point given the others, or an estimate of
        ∫ f̂² − 2 ∫ f̂ f (per km²).
    """

    criterion: str
    candidates_m: NDArray[np.float64]
    scores: NDArray[np.float64]

    @property
    def best_m(self) -> float:
        """The best candidate, metres."""
        best = np.argmax(self.scores) if self.criterion == "likelihood" else np.argmin(self.scores)
        return float(self.candidates_m[best])

    @property
    def at_end(self) -> bool:
        """Whether the best is the narrowest or the widest that was tried, so that a better one may lie beyond."""
        return self.best_m in (self.candidates_m[0], self.candidates_m[-1])


def rule_of_thumb(x: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64], power: int) -> float:
    """Return the bandwidth in metres that suits a single normal cloud of points (Silverman 1986, §4.3.2).

    That of the Gaussian is s · n^(−1/6) in two dimensions, s² the mean of the variances along the axes; other kernels
    get the radius that gives them the Gaussian's standard deviation. Weights count as so many points.

    Raises
    ------
    ModelError
        If all points lie in one place.
    """
    spread = [np.average((axis - np.average(axis, weights=weights)) ** 2, weights=weights) for axis in (x, y)]
    s = math.sqrt(0.5 * sum(spread))
    if s <= 1e-9 * max(1.0, np.abs(x).max(), np.abs(y).max()):
        raise ModelError("All points lie in one place: a bandwidth cannot be chosen from them; give one in metres")
    events = float(weights.sum() ** 2 / (weights**2).sum())
    return float(s * events ** (-1 / 6) * (1.0 if power == GAUSSIAN else math.sqrt(2 * (power + 2))))


def choose_bandwidth(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64],
    power: int,
    criterion: str,
    *,
    area: StudyArea | None = None,
    candidates_m: NDArray[np.float64] | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> BandwidthSearch:
    """Score candidates by leaving out one point after the other.

    With f̂₋ᵢ the density of the other points, scaled to integrate to 1, the likelihood criterion is the mean of
    log f̂₋ᵢ(xᵢ), and the least-squares criterion ∫ f̂² − 2 · mean of f̂₋ᵢ(xᵢ). The likelihood rules out a radius that
    leaves any point alone; records that share one place (a village's centre) draw the least-squares criterion to the
    narrowest candidate. In a study area f̂ has Diggle's edge correction, whichever draws it later, because that keeps
    the integral over the area 1.

    Parameters
    ----------
    x, y, weights
        The points, shape (n,), metres; weights not negative. Each is left out whole.
    power
        The kernel, as in `Profile`.
    criterion
        ``"likelihood"`` or ``"least-squares"``.
    area
        The study area that holds all points, if edges shall be corrected.
    candidates_m
        Bandwidths to try; by default 20 in geometric steps from a twentieth to twice the rule of thumb.
    threads
        How many.
    progress
        Told of each candidate.

    Raises
    ------
    ModelError
        If there are fewer than three points of weight above zero or all lie in one place, a weight is negative, or with
        every candidate some point is alone.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, §3.4.3–3.4.4 and §4.3. Chapman & Hall.
    """
    if criterion not in CRITERIA:
        raise ModelError(
            "The criterion {name} is not known; choose one of {known}", name=criterion, known=", ".join(CRITERIA)
        )
    if (weights < 0).any():
        raise ModelError("A bandwidth cannot be chosen where weights are negative; give one in metres")
    # Criteria are of shares: in parts of the largest no square of a weight leaves the numbers that there are.
    weights = weights / (weights.max(initial=0.0) or 1.0)
    x, y, weights = (values[weights > 0] for values in (x, y, weights))
    if x.size < 3:
        raise ModelError("A bandwidth cannot be chosen from {n} points; give one in metres", n=x.size)
    if candidates_m is None:
        thumb = rule_of_thumb(x, y, weights, power)
        candidates_m = thumb * np.geomspace(NARROWEST, WIDEST, CANDIDATES)
    score = _likelihood if criterion == "likelihood" else _least_squares
    scores = np.empty(candidates_m.size)
    for i, bandwidth in enumerate(candidates_m.tolist()):
        scores[i] = score(_points(x, y, weights, bandwidth, power, area, threads), bandwidth / 1000, power, threads)
        if progress:
            progress(i + 1, scores.size)
    search = BandwidthSearch(criterion, candidates_m, scores)
    if not np.isfinite(scores).any():
        raise ModelError(
            "With every bandwidth up to {most} m some point is further than that from all others; choose by "
            "least-squares, or give a bandwidth in metres",
            most=round(candidates_m.max()),
        )
    return search


class _Points(NamedTuple):
    """Points for one candidate."""

    x: NDArray[np.float64]
    """Eastings, km from their mean."""
    y: NDArray[np.float64]
    weights: NDArray[np.float64]
    spread: NDArray[np.float64]
    """Weights of the kernels: those over the kernels' masses inside the study area."""
    area: StudyArea | None
    origin_m: tuple[float, float]


def _points(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64],
    bandwidth_m: float,
    power: int,
    area: StudyArea | None,
    threads: int,
) -> _Points:
    origin = float(x.mean()), float(y.mean())
    spread = weights
    if area is not None:
        cut = FAR if power == GAUSSIAN else 1.0
        spread = weights / area.mass(x, y, cut * bandwidth_m, Profile(power, 0.5 * cut**2), threads)
    return _Points((x - origin[0]) / 1000, (y - origin[1]) / 1000, weights, spread, area, origin)


def _likelihood(points: _Points, h: float, power: int, threads: int) -> float:
    with np.errstate(divide="ignore"):
        return float(np.average(np.log(_others(points, h, power, threads)), weights=points.weights))


def _least_squares(points: _Points, h: float, power: int, threads: int) -> float:
    others = _others(points, h, power, threads)
    return _square(points, h, power, threads) - 2 * float(np.average(others, weights=points.weights))


def _others(points: _Points, h: float, power: int, threads: int) -> NDArray[np.float64]:
    """Return the density at each point that the others give, scaled to integrate to 1; per km²."""
    sums = (
        _gaussian_others(points, h, threads)
        if power == GAUSSIAN
        else sums_of_others(points.x, points.y, points.spread, h, Profile(power), threads)
    )
    density: NDArray[np.float64] = peak(h, power) * sums / _rest(points.weights)
    return density


def _rest(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the other weights; total − own leaves nothing of it beside a point that outweighs them."""
    before = np.concatenate([[0.0], np.cumsum(weights[:-1])])
    after = np.concatenate([np.cumsum(weights[:0:-1])[::-1], [0.0]])
    rest: NDArray[np.float64] = before + after
    return rest


def _gaussian_others(points: _Points, h: float, threads: int) -> NDArray[np.float64]:
    x, y, _, weights, *_ = points
    cut, spread = cut_for(x, y, h, TOLERANCE)
    if gridding_pays(x.size, x, y, h, cut):
        sums = gaussian_sums_at(x, y, weights, h, cut, x, y, threads) - weights
    else:
        sums = sums_of_others(x, y, weights, cut * h, Profile(GAUSSIAN, 0.5 * cut**2), threads)
    # Where the others give next to nothing, that is lost in the error, or cut; it is summed one by one, from far.
    faint = sums < FAINT * weights.sum() / spread
    if faint.any():
        far = Profile(GAUSSIAN, 0.5 * FAR**2)
        sums[faint] = sums_of_others(x, y, weights, FAR * h, far, threads, faint)[faint]
    return sums


def _square(points: _Points, h: float, power: int, threads: int) -> float:
    """Return ∫ f̂², f̂ scaled to integrate to 1, over the study area or the plane; per km²."""
    x, y, weights, *_ = points
    if points.area is not None:
        return _raster_square(points, h, power, threads)
    if power == GAUSSIAN:
        # Two Gaussians make one of twice the variance.
        wide = math.sqrt(2) * h
        pairs = weights @ (_gaussian_others(points, wide, threads) + weights)
        return float(peak(wide, power) * pairs / weights.sum() ** 2)
    lattice = _lattice(points, h, power)
    if x.size > PAIRS_UP_TO and lattice.rows * lattice.cols <= MOST_CELLS:
        return _raster_square(points, h, power, threads)
    table = self_convolution(power)
    pairs = table_sums_of_others(x, y, weights, 2 * h, table, threads)
    return float(weights @ (pairs + weights * table[0]) / h**2 / weights.sum() ** 2)


def _lattice(points: _Points, h: float, power: int) -> Lattice:
    """Return the cells that ∫ f̂² may be summed over: around the points, or over the study area."""
    cell = h / (CELLS_A_SIGMA if power == GAUSSIAN else CELLS_A_RADIUS)
    if points.area is None:
        west, east, south, north = points.x.min() - h, points.x.max() + h, points.y.min() - h, points.y.max() + h
    else:
        west, south, east, north = (np.subtract(points.area.polygon.bounds, points.origin_m * 2) / 1000).tolist()
        cell = max(cell, math.sqrt((east - west) * (north - south) / MOST_CELLS))
    rows, cols = (int((high - low) / cell) + 3 for low, high in ((south, north), (west, east)))
    return Lattice(west - cell, north + cell, cell, rows, cols)


def _raster_square(points: _Points, h: float, power: int, threads: int) -> float:
    lattice = _lattice(points, h, power)
    cut = cut_for(points.x, points.y, h, TOLERANCE)[0] if power == GAUSSIAN else 1.0
    density = surface(points.x, points.y, points.spread, cut * h, Profile(power, 0.5 * cut**2), lattice, threads)
    if points.area is not None:
        cell, west, north = (1000 * length for length in (lattice.cell, lattice.west, lattice.north))
        corner = Affine(cell, 0, west + points.origin_m[0], 0, -cell, north + points.origin_m[1])
        density *= points.area.covers(corner, density.shape)
    square = np.einsum("ij,ij->", density, density) * (lattice.cell * peak(h, power) / points.weights.sum()) ** 2
    return float(square)


@cache
def self_convolution(power: int) -> NDArray[np.float64]:
    """Return (K ∗ K)(d) of the kernel (m + 1)/π (1 − d²)^m of radius 1, for even steps of d from 0 to 2.

    Half of the lens where two discs overlap, twice: Gauss's quadrature, exact across the lens, and along it after
    a = 1 − (1 − d/2)t², which makes the half-width smooth in t.
    """
    d = np.linspace(0, 2, STEPS + 1)[:, None, None]
    t, t_share = np.polynomial.legendre.leggauss(40)
    s, s_share = np.polynomial.legendre.leggauss(2 * power + 1)
    t, t_share = 0.5 * t[:, None] + 0.5, 0.5 * t_share[:, None]
    a = 1 - (1 - d / 2) * t**2
    half = t * np.sqrt((1 - d / 2) * (1 + a))
    b2 = (half * s) ** 2
    values = ((1 - a**2 - b2) * (1 - (a - d) ** 2 - b2)) ** power
    integral = 2 * np.sum(values * s_share * half * t_share * 2 * (1 - d / 2) * t, axis=(1, 2))
    table: NDArray[np.float64] = ((power + 1) / math.pi) ** 2 * integral
    table.flags.writeable = False
    return table
