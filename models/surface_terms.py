"""The terms of a surface forecast: what each simple idea of where events will happen says at a date.

Each term is a chance for each cell of the study area, computed from the events before the date only, and adds up to 1.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.density import KernelDensity
from geo.grid import Grid

Floats = NDArray[np.float64]

ALL_HISTORY = math.inf
"""The half-life of events that never fade."""

TOLERANCE = 1e-6
"""Of the Gaussian surfaces, relative to their mean density: far below the noise of any count."""

FADED = 40.0
"""Half-lives after which an event is left out: it weighs below 10⁻¹² then."""


@dataclass(frozen=True)
class Term:
    """One idea of where events will happen.

    Parameters
    ----------
    kind
        ``"even"``: everywhere alike. ``"cell"``: where they happened, the cell's own count. ``"kernel"``: around where
        they happened, a Gaussian kernel density. ``"shrunk"``: the gamma–Poisson mean of the cell's own count around
        the kernel density.
    stream
        Whose events: ``""`` those that are forecast, or the name of a helping stream.
    bandwidth_m
        Standard deviation of the Gaussian, metres.
    half_life_days
        Age at which an event counts half. A short one makes a near-repeat term.
    prior_events
        Of the gamma prior, its shape: as many events as the kernel density is worth in each cell.
    """

    kind: str
    stream: str = ""
    bandwidth_m: float = math.nan
    half_life_days: float = math.nan
    prior_events: float = math.nan


@dataclass(frozen=True)
class Events:
    """Dated points, sorted by day: eastings and northings in metres, days, and the cell of the grid (−1: none)."""

    x: Floats
    y: Floats
    day: Floats
    cell: NDArray[np.int64]

    @classmethod
    def on(cls, grid: Grid, x: Floats, y: Floats, day: Floats) -> "Events":
        """Sort the events and look their cells up; a cell holds its western and its northern side."""
        order = np.argsort(day, kind="stable")
        x, y, day = x[order], y[order], day[order]
        west, _, _, north = grid.region
        rows, cols = grid.shape
        col, row = np.floor((x - west) / grid.cell_m), np.floor((north - y) / grid.cell_m)
        inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
        return cls(x, y, day, np.where(inside, row * cols + col, -1).astype(np.int64))

    def between(self, start: float, end: float) -> "Events":
        """Return the events of start ≤ day < end."""
        kept = slice(*np.searchsorted(self.day, [start, end], side="left"))
        return Events(self.x[kept], self.y[kept], self.day[kept], self.cell[kept])

    def counts(self, grid: Grid, weights: Floats | None = None) -> Floats:
        """Return the (weighted) number of events of each cell of the grid, shape (rows · cols,)."""
        here = self.cell >= 0
        totals = np.bincount(self.cell[here], None if weights is None else weights[here], math.prod(grid.shape))
        return totals.astype(np.float64)


def term_chances(
    terms: Sequence[Term], streams: Mapping[str, Events], date: float, grid: Grid, mask: NDArray[np.bool_]
) -> Floats:
    """Return what each term says at a date, shape (cells of the mask, terms); each column adds up to 1.

    A term whose stream has no event yet inside the area says the same as ``"even"``.

    Parameters
    ----------
    terms
        Which.
    streams
        The events by stream; those on or after the date are not looked at.
    date
        Day on which the forecast begins.
    grid, mask
        The grid and which of its cells are the study area, shape (rows, cols).
    """
    before = {name: events.between(-math.inf, date) for name, events in streams.items()}
    surfaces: dict[tuple[str, float, float], Floats] = {}

    def faded(stream: str, half_life_days: float) -> tuple[Events, Floats]:
        events = before[stream].between(date - FADED * half_life_days, date)
        return events, 0.5 ** ((date - events.day) / half_life_days)

    def kernel(stream: str, bandwidth_m: float, half_life_days: float) -> Floats:
        key = stream, bandwidth_m, half_life_days
        if key not in surfaces:
            events, weights = faded(stream, half_life_days)
            surfaces[key] = _gaussian(events, weights, bandwidth_m, grid)[mask]
        return surfaces[key]

    def chance(term: Term) -> Floats:
        if term.kind == "even":
            return _as_chances(np.ones(int(mask.sum())))
        if term.kind == "kernel":
            return _as_chances(kernel(term.stream, term.bandwidth_m, term.half_life_days))
        events, weights = faded(term.stream, term.half_life_days)
        own = events.counts(grid, weights)[mask.ravel()]
        if term.kind == "cell":
            return _as_chances(own)
        smooth = _as_chances(kernel(term.stream, term.bandwidth_m, term.half_life_days)) * own.sum()
        return _as_chances(smooth * (own + term.prior_events) / (smooth + term.prior_events))

    chances: Floats = np.column_stack([chance(term) for term in terms])
    return chances


def _gaussian(events: Events, weights: Floats, bandwidth_m: float, grid: Grid) -> Floats:
    if not events.day.size:
        return np.zeros(grid.shape)
    density = KernelDensity("gaussian", bandwidth_m, tolerance=TOLERANCE).fit(events.x, events.y, weights)
    return np.maximum(density.to_grid(grid), 0.0)


def _as_chances(values: Floats) -> Floats:
    total = values.sum()
    return values / total if total > 0 else np.full(values.size, 1 / values.size)
