"""SurfaceForecast: expected events of each cell in the time to come, from dated points, for where events are many."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from geo.density.points import read_places, same_crs
from geo.density.times import read_days
from geo.errors import ModelError
from geo.grid import Grid
from models.mixture import mixture_weights
from models.surface_terms import ALL_HISTORY, Events, Floats, Term, term_chances

BANDWIDTHS_CELLS = (0.5, 1, 2, 4, 8)
"""Bandwidths of the kernel terms where none are given, in cells."""

SHRUNK_EVENTS = (0.5, 1.0, 2.0, 4.0)
"""Shapes of the gamma priors of the shrunk terms, events."""

RATE_HALF_LIVES_DAYS = (90.0, 365.0, ALL_HISTORY)
"""How fast the number of events of the whole area may forget; the best of them in the past is taken."""

Points = tuple[ArrayLike, ArrayLike, Any]
"""Eastings, northings and days (or dates) of a stream of events."""


class SurfaceForecast(BaseEstimator):  # type: ignore[misc]
    """A mixture of simple forecasts whose weights are learned from how well each foresaw the past.

    Each term (`models.surface_terms.Term`) says where events happen: everywhere alike; where they happened before; near
    where they happened, at several bandwidths; the cell's own count shrunk towards its surroundings; each with all
    history, or with events that fade; and, fading in weeks, the near repeats of a self-exciting process. Helping
    streams (other kinds of events) add terms of their own. The chance of the next event to fall into cell i is
    Σ_k w_k p_k(i): the intensity of a point process with background and triggering, with the weights as the shares of
    events that each term accounts for. They are the most probable ones (`models.mixture`) given what happened in the
    ``folds`` periods before the forecast, each foreseen from what came before it; so nothing of the future, and of
    no term's own past, enters. The forecast is this chance × the expected number of events.

    For few events (below some hundreds) the weights hardly leave equality; use the risk model of areas then.

    Parameters
    ----------
    horizon_days
        Length of the time that is forecast, and of the periods that the weights are learned from.
    bandwidths_m
        Standard deviations of the Gaussian kernels, metres; by default ½, 1, 2, 4 and 8 cells.
    half_lives_days
        Half-lives of the events in these terms; infinity is all history.
    near_repeat_days
        Half-lives of the near-repeat terms, which use the two narrowest bandwidths; none is allowed.
    folds
        Past periods to learn from, the latest ones.
    prior_events
        Events that each term is credited with before learning, > 0.

    Attributes
    ----------
    terms_
        The terms with their ``weight`` (share of the events), as a DataFrame, heaviest first.
    expected_
        Expected events in the study area over the horizon.
    folds_
        First days of the periods learned from, oldest first, as days of the input (dates: days since 1970).
    learned_from_
        Events in these periods.
    n_outside_
        Events before ``until`` in no cell of the study area: they inform the kernels, and no cell counts them.

    References
    ----------
    Mohler, G. O. et al. (2011). Self-exciting point process modeling of crime. Journal of the American Statistical
    Association 106, 100–108. Clayton, D. & Kaldor, J. (1987), see `models.baselines.GammaPoisson`, for the shrinkage.
    """

    def __init__(
        self,
        horizon_days: float = 30.0,
        *,
        bandwidths_m: Sequence[float] | None = None,
        half_lives_days: Sequence[float] = (ALL_HISTORY, 365.0),
        near_repeat_days: Sequence[float] = (30.0,),
        folds: int = 24,
        prior_events: float = 1.0,
    ) -> None:
        self.horizon_days = horizon_days
        self.bandwidths_m = bandwidths_m
        self.half_lives_days = half_lives_days
        self.near_repeat_days = near_repeat_days
        self.folds = folds
        self.prior_events = prior_events

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike | None,
        days: Any,
        grid: Grid,
        *,
        until: Any,
        mask: NDArray[np.bool_] | None = None,
        helpers: Mapping[str, Points] | None = None,
    ) -> "SurfaceForecast":
        """Learn the weights from the events before a day.

        Parameters
        ----------
        x, y, days
            Eastings and northings in metres of the grid's CRS, and dates or days as numbers, shape (n,). Events on or
            after ``until`` are not looked at. ``x`` may be points (a GeoSeries) and ``y`` None.
        grid
            The cells.
        until
            The first day of the forecast, a date or a number as ``days``.
        mask
            Which cells are the study area, shape (rows, cols); all by default.
        helpers
            Other events that may tell of these, by name: ``(x, y, days)`` each.

        Raises
        ------
        CrsError
            If coordinates look like degrees, or the points' CRS is not in metres.
        ModelError
            If a parameter is out of range, lengths differ, a value is missing, the mask does not fit, or there is no
            event that could be foreseen from an earlier one.
        """
        self._check_parameters()
        self._grid, self._mask = grid, _read_mask(mask, grid)
        streams = {"": _read_events((x, y, days), grid)}
        for name, points in (helpers or {}).items():
            if not name:
                raise ModelError("A helping stream needs a name")
            streams[name] = _read_events(points, grid)
        self._until = _read_until(until, days)
        # Cut here once, so that nothing below can see what is to be forecast.
        streams = {name: events.between(-math.inf, self._until) for name, events in streams.items()}
        own = streams[""]
        self.n_outside_ = int(own.day.size - own.counts(grid)[self._mask.ravel()].sum())
        terms = self._terms(tuple(streams))
        self.folds_ = self._fold_days(own)
        chances, counts = self._foreseen(terms, streams)
        weights = mixture_weights(chances, counts, self.prior_events)
        self.learned_from_ = int(counts.sum())
        self.terms_ = pd.DataFrame(terms).assign(weight=weights)
        self.terms_ = self.terms_.sort_values("weight", ascending=False, kind="stable", ignore_index=True)
        self._chances = term_chances(terms, streams, self._until, grid, self._mask) @ weights
        self.expected_ = self._expected_total(own)
        return self

    def predict(self) -> Floats:
        """Return the expected events of each cell from ``until`` on, shape (rows, cols); NaN outside the study area."""
        check_is_fitted(self)
        surface = np.full(self._grid.shape, np.nan)
        surface[self._mask] = self._chances * self.expected_
        return surface

    def _check_parameters(self) -> None:
        lists = {
            "bandwidths_m": self._bandwidths(1.0),
            "half_lives_days": self.half_lives_days,
            "near_repeat_days": self.near_repeat_days,
        }
        for name, values in lists.items():
            if not all(value > 0 for value in values) or (not len(values) and name != "near_repeat_days"):
                raise ModelError("{name} must be numbers above zero; got {values}", name=name, values=tuple(values))
        for name, value in (("horizon_days", self.horizon_days), ("prior_events", self.prior_events)):
            if not 0 < value < math.inf:
                raise ModelError("{name} must be a number above zero; got {value}", name=name, value=value)
        if self.folds < 1:
            raise ModelError("folds must be at least 1; got {folds}", folds=self.folds)

    def _bandwidths(self, cell_m: float) -> Sequence[float]:
        return [h * cell_m for h in BANDWIDTHS_CELLS] if self.bandwidths_m is None else self.bandwidths_m

    def _terms(self, streams: Sequence[str]) -> list[Term]:
        bandwidths = sorted(self._bandwidths(self._grid.cell_m))
        terms = [Term("even")]
        for half_life in self.half_lives_days:
            for stream in streams:
                terms.append(Term("cell", stream, half_life_days=half_life))
                terms += [Term("kernel", stream, h, half_life) for h in bandwidths]
            # A kernel narrower than a cell is the cell's own count again: there is nothing to shrink towards.
            wide = [h for h in bandwidths if h >= self._grid.cell_m]
            terms += [Term("shrunk", "", h, half_life, a) for h in wide for a in SHRUNK_EVENTS]
        terms += [Term("kernel", "", h, days) for days in self.near_repeat_days for h in bandwidths[:2]]
        return terms

    def _fold_days(self, own: Events) -> Floats:
        """Return the first days of the periods to learn from, each with at least a horizon of records before it."""
        if not own.day.size:
            raise ModelError("There is no event before the forecast begins")
        days = self._until - self.horizon_days * np.arange(self.folds, 0, -1.0)
        days = np.asarray(days[days >= own.day[0] + self.horizon_days], dtype=np.float64)
        if not days.size:
            raise ModelError(
                "The events before the forecast cover {days} days; to learn from, they must cover at least two horizons"
                " of {horizon} days",
                days=math.floor(self._until - own.day[0]),
                horizon=self.horizon_days,
            )
        return days

    def _foreseen(self, terms: Sequence[Term], streams: Mapping[str, Events]) -> tuple[Floats, Floats]:
        """Return the chances that the terms gave to the cells of later events, and the counts of these."""
        chances, counts = [], []
        for day in self.folds_:
            after = streams[""].between(day, day + self.horizon_days).counts(self._grid)[self._mask.ravel()]
            hit = after > 0
            if hit.any():
                chances.append(term_chances(terms, streams, day, self._grid, self._mask)[hit])
                counts.append(after[hit])
        if not counts:
            raise ModelError(
                "No event fell into the study area in the {n} periods before the forecast; check the grid and the mask",
                n=self.folds_.size,
            )
        return np.concatenate(chances), np.concatenate(counts)

    def _expected_total(self, own: Events) -> float:
        """Return the events expected over the horizon, with the forgetting that foresaw past totals best."""
        days = own.day[np.append(self._mask.ravel(), False)[own.cell]]
        start = own.day[0]

        def expected(date: float, half_life: float) -> float:
            ages = date - days[days < date]
            span = date - start
            if half_life < math.inf:
                span = half_life / math.log(2) * (1 - 0.5 ** (span / half_life))
            # Half an event more, so that silence never makes an event impossible.
            return float(((0.5 ** (ages / half_life)).sum() + 0.5) / span * self.horizon_days)

        def log_likelihood(half_life: float) -> float:
            means = np.array([expected(day, half_life) for day in self.folds_])
            totals = np.searchsorted(days, self.folds_ + self.horizon_days) - np.searchsorted(days, self.folds_)
            return float((totals * np.log(means) - means).sum())

        return expected(self._until, max(RATE_HALF_LIVES_DAYS, key=log_likelihood))


def _read_until(until: Any, days: Any) -> float:
    day = read_days([until], "until")
    if _are_numbers([until]) != _are_numbers(days):
        raise ModelError("Give until and days both as dates, or both as numbers")
    return float(day[0])


def _are_numbers(values: Any) -> bool:
    return np.asarray(values).dtype.kind in "iuf"


def _read_events(points: tuple[Any, Any, Any], grid: Grid) -> Events:
    x, y, crs = read_places(points[0], points[1])
    same_crs(crs, grid.crs)
    days = read_days(points[2], "days")
    if days.size != x.size:
        raise ModelError("There are {n} points but {m} times", n=x.size, m=days.size)
    return Events.on(grid, x, y, days)


def _read_mask(mask: NDArray[np.bool_] | None, grid: Grid) -> NDArray[np.bool_]:
    if mask is None:
        return np.ones(grid.shape, dtype=bool)
    mask = np.asarray(mask)
    if mask.dtype != bool or mask.shape != grid.shape or not mask.any():
        raise ModelError(
            "The mask must be true or false for each cell of the grid, {shape}, and true somewhere", shape=grid.shape
        )
    return mask
