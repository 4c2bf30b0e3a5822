"""How much of what happened lies in the cells that were ranked first: hit rates at a budget, PAI, PEI and their curve.

A *budget* is a share of the total ``area``, 0 < budget ≤ 1. ``area`` may be any measure of what a cell costs: km²,
persons, or 1 for each unit (the default).

Cells are taken from the highest score on until the budget is spent, the last one in part. Where cells tie, the rest
of the budget is spread evenly over them: of k tied cells of equal area a random order covers each to the same share on
average, so that this is exactly the expectation over random orders, without drawing any. (Of unequal areas it is the
expectation over a window of the budget's length laid at random along them.) So the hit-rate curve is a polygon with one
edge for each distinct score, and all that is measured here is read off it.

References
----------
Chainey, S., Tompson, L. & Uhlig, S. (2008). The utility of hotspot mapping for predicting spatial patterns of crime.
Security Journal 21, 4–28 (PAI).
Hunt, J. (2016). Do crime hot spots move? PhD thesis, American University (PEI).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import ModelError

Floats = NDArray[np.float64]


class Curve(NamedTuple):
    """Corners of a hit-rate curve from (0, 0) on, in order: shares of the area, and events in them."""

    area_share: Floats
    events: Floats


def hit_curve(score: ArrayLike, events: ArrayLike, area: ArrayLike | None = None) -> Curve:
    """Return the events found against the share of the area taken, highest scores first.

    Parameters
    ----------
    score
        What cells are ranked by, shape (cells,); only its order and its ties matter.
    events
        Events of each cell in the time that was forecast, ≥ 0, shape (cells,).
    area
        What each cell costs, ≥ 0, shape (cells,); 1 each by default.

    Raises
    ------
    ModelError
        If lengths differ, a value is not finite, an event or area is negative, or there is no area.
    """
    scores, counts, areas = _cells(score, events, area)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), scores.size - 1)
    taken = np.cumsum(areas[order])[ends]
    found = np.cumsum(counts[order])[ends]
    return Curve(np.concatenate([[0.0], taken / taken[-1]]), np.concatenate([[0.0], found]))


def hits(score: ArrayLike, events: ArrayLike, area: ArrayLike | None, budget: ArrayLike) -> Floats:
    """Return the expected number of events in the cells that each budget buys, in the shape of ``budget``.

    Parameters
    ----------
    score, events, area
        As in `hit_curve`.
    budget
        One or several shares of the total area, 0 < budget ≤ 1.

    Raises
    ------
    ModelError
        As in `hit_curve`, or if a budget is out of range.
    """
    return np.asarray(np.interp(_shares(budget), *hit_curve(score, events, area)))


def hit_rate(score: ArrayLike, events: ArrayLike, area: ArrayLike | None, budget: ArrayLike) -> Floats:
    """Return the share of all events in the cells that each budget buys; parameters and errors as in `hits`.

    Raises
    ------
    ModelError
        Also if there is no event: pool periods (add `hits` and events) before dividing.
    """
    return hits(score, events, area, budget) / _total(events)


def pai(score: ArrayLike, events: ArrayLike, area: ArrayLike | None, budget: ArrayLike) -> Floats:
    """Return the predictive accuracy index, (hits / events) / (area taken / area); as in `hit_rate`.

    1 is what cells chosen at random reach, 1 / budget the most that there is.
    """
    return hit_rate(score, events, area, budget) / _shares(budget)


def pei(score: ArrayLike, events: ArrayLike, area: ArrayLike | None, budget: ArrayLike) -> Floats:
    """Return the predictive efficiency index, hits / best possible hits at the same budget; as in `hit_rate`."""
    found = hits(score, events, area, budget)
    _total(events)
    return found / best_hits(events, area, budget)


def best_hits(events: ArrayLike, area: ArrayLike | None, budget: ArrayLike) -> Floats:
    """Return the most events that a budget can buy, by hindsight: cells of the most events per area first."""
    counts, _, areas = _cells(events, events, area)
    density = np.where(counts > 0, np.finfo(float).max, 0.0)
    np.divide(counts, areas, out=density, where=areas > 0)
    return hits(density, counts, areas, budget)


def spans(score: ArrayLike, area: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return the shares of the area between which each cell is taken; tied cells share one span.

    All else is linear in the events: at a budget b the share clip((b − begin) / (end − begin), 0, 1) of a cell's events
    is hit, and of the area under the hit-rate curve an event brings 1 − (begin + end) / 2.
    """
    scores, _, areas = _cells(score, np.zeros(np.shape(score)), area)
    _, group = np.unique(-scores, return_inverse=True)
    taken = np.cumsum(np.bincount(group, areas)) / areas.sum()
    return np.concatenate([[0.0], taken[:-1]])[group], taken[group]


def shares_taken(begin: Floats, end: Floats, budget: ArrayLike) -> Floats:
    """Return which share of each cell a budget buys, shape (budgets, cells), from `spans`."""
    shares = _shares(np.atleast_1d(budget))[:, None]
    inside = np.divide(shares - begin, end - begin, out=(shares >= end).astype(float), where=end > begin)
    return np.asarray(np.clip(inside, 0.0, 1.0))


def area_under_curve(score: ArrayLike, events: ArrayLike, area: ArrayLike | None = None) -> float:
    """Return the area under the hit-rate curve (share of events against share of area); 0.5 at random.

    Parameters and errors as in `hit_rate`.
    """
    share, found = hit_curve(score, events, area)
    return float(np.trapezoid(found, share)) / _total(events)


def _cells(score: ArrayLike, events: ArrayLike, area: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    scores = np.asarray(score, dtype=float)
    columns = scores, np.asarray(events, dtype=float), np.ones_like(scores) if area is None else np.asarray(area, float)
    if scores.ndim != 1 or not scores.size or any(column.shape != scores.shape for column in columns):
        raise ModelError(
            "Scores, events and areas must be lists of equal length, at least one; got the shapes {shapes}",
            shapes=", ".join(str(column.shape) for column in columns),
        )
    for name, column in zip(("score", "events", "area"), columns, strict=True):
        if not np.isfinite(column).all():
            raise ModelError(
                "{n} values of {name} are not finite numbers", n=int((~np.isfinite(column)).sum()), name=name
            )
    if (columns[1] < 0).any() or (columns[2] < 0).any() or not columns[2].any():
        raise ModelError("Events and areas must not be negative, and some area must be above zero")
    return columns


def _shares(budget: ArrayLike) -> Floats:
    shares = np.asarray(budget, dtype=float)
    if not ((shares > 0) & (shares <= 1)).all():
        raise ModelError("A budget is a share of the area above 0 and at most 1; got {budget}", budget=budget)
    return shares


def _total(events: ArrayLike) -> float:
    total = float(np.sum(np.asarray(events, dtype=float)))
    if not total > 0:
        raise ModelError("There is no event, and so no hit rate; add up periods before dividing")
    return total
