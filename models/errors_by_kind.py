"""Errors by kind of unit: whether forecasts and effort serve the remote, the small and the unknown as they do the rest.

For each group the hit rate, the calibration and the effort per expected event are set against those of all units. What
lies outside `BAND` is named with its interval: few events make wide ones, and a group that cannot be judged says so.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from geo.errors import Message
from geo.workers import InTurn, Workers
from models.bootstrap import estimate, resampling
from models.evaluate import reading_of
from models.forward import Reading, Window, forward_windows, outcomes
from models.likelihood import Floats
from models.rank_correlation import LEVEL, RESAMPLES
from models.ranks import summarise

BAND = (0.8, 1.25)
"""Ratios of a group to all units that pass as alike."""
THIRDS = ("low", "middle", "high")
NOTHING = float(-np.log(0.05))
"""Upper 95 % bound of the mean of a Poisson count that was 0."""
MEASURES = {
    "hit_rate": ("hits", "recorded"),
    "calibration": ("recorded", "forecast"),
    "effort": ("sessions", "expected"),
}
"""Each measure is a ratio of two sums over units."""


def sums_by_unit(
    model: Any, table: pd.DataFrame, neighbours: Any, tell: Callable[..., None], workers: Workers = InTurn()
) -> pd.DataFrame:
    """Return what each unit was forecast and what came, summed over the years that can be forecast.

    Parameters
    ----------
    model
        A `models.risk.RiskModel`, fitted anew to what came before each year.
    table
        Unit × period, with ``sessions``.
    neighbours
        Adjacency in the order of the table.
    tell
        Told of each fit: Message, number done, number of all.
    workers
        Who makes the fits.

    Returns
    -------
    pandas.DataFrame
        Index: the units. ``recorded`` (events), ``forecast`` (of them, with the efforts as they had been), ``expected``
        (at even effort), ``hits`` (recorded in the tenth of the units that was ranked first) and ``sessions``.
    """
    reading = reading_of({"": model})
    windows = list(forward_windows(table, reading))

    def pieces() -> Iterator[Window]:
        for done, window in enumerate(windows):
            forecasting = Message("Forecasting {first} to {last}", {"first": window.first, "last": window.last})
            tell(forecasting, done, len(windows))
            yield window

    return reduce(operator.add, workers.map(_foretold, pieces(), model, neighbours, reading))


def _foretold(window: Window, model: Any, neighbours: Any, reading: Reading) -> pd.DataFrame:
    """Return what `sums_by_unit` adds up, of one window."""
    with threadpool_limits(1):
        fitted = clone(model).fit(window.past, neighbours)
        units = fitted.units_
        expected = fitted.predict(window.future)["expected"].to_numpy(dtype=float)
        forecast = fitted.forecast(window.future).mean(axis=-1).sum(axis=1)
    counts, _ = outcomes(window, reading, units)
    recorded = counts.sum(axis=1)
    first = summarise(expected[:, None], units)["p_top10"].to_numpy()
    held = window.outcome.groupby(reading.unit)["sessions"].sum().reindex(units).to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "recorded": recorded,
            "forecast": forecast,
            "expected": expected,
            "hits": first * recorded,
            "sessions": held,
        },
        index=units,
    )


def thirds(values: pd.Series) -> pd.Series:
    """Return which third of the units each belongs to; equal values stay together, in the lower third."""
    return pd.cut(values.rank(method="min", pct=True), [-np.inf, 1 / 3, 2 / 3, np.inf], labels=THIRDS).astype(str)


def by_kind(sums: pd.DataFrame, kinds: Mapping[str, pd.Series], rng: np.random.Generator) -> pd.DataFrame:
    """Return the measures of each group against those of all units.

    Parameters
    ----------
    sums
        See `sums_by_unit`.
    kinds
        The group of each unit, by name of the kind.
    rng
        Draws the units of the intervals.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``group``, ``units``, ``events`` (recorded), ``measure``; ``value`` of the group, its ``ratio`` to
        that of all units with the 90 % interval ``lower``, ``upper``; ``verdict``: ``"alike"``, ``"outside"``,
        ``"perhaps chance"`` (outside the band, but the interval reaches into it), or ``"cannot be told"``.
    """
    drawn = resampling(len(sums), RESAMPLES, rng)
    rows = []
    for kind, groups in kinds.items():
        groups = groups.reindex(sums.index)
        for group in dict.fromkeys([*(name for name in THIRDS if (groups == name).any()), *sorted(set(groups))]):
            inside = (groups == group).to_numpy(dtype=bool)
            shared = (kind, group, int(inside.sum()), float(sums.loc[inside, "recorded"].sum()))
            for measure, (above, below) in MEASURES.items():
                value, found = _against_all(sums[above].to_numpy(), sums[below].to_numpy(), inside, drawn)
                rows.append((*shared, measure, value, *found, verdict(*found)))
    columns = ["kind", "group", "units", "events", "measure", "value", "ratio", "lower", "upper", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def verdict(ratio: float, lower: float, upper: float) -> str:
    """Return what a ratio and its interval say.

    >>> verdict(1.1, 0.7, 1.6), verdict(0.5, 0.4, 0.7), verdict(0.7, 0.4, 1.1)
    ('alike', 'outside', 'perhaps chance')
    """
    if not np.isfinite([ratio, lower, upper]).all():
        return "cannot be told"
    low, high = BAND
    if low <= ratio <= high:
        return "alike"
    return "outside" if upper < low or lower > high else "perhaps chance"


def _against_all(above: Floats, below: Floats, inside: Any, drawn: Floats) -> tuple[float, tuple[float, float, float]]:
    """Return a group's ratio of sums, and it over that of all units with its interval; NaN where nothing is below."""

    def over_all(weights: Floats) -> tuple[Floats, Floats]:
        with np.errstate(divide="ignore", invalid="ignore"):
            group = (weights @ (above * inside)) / (weights @ (below * inside))
            return group, group / ((weights @ above) / (weights @ below))

    value, ratio = over_all(np.ones((1, len(above))))
    again = over_all(drawn)[1]
    again = again[np.isfinite(again)]
    if not np.isfinite(ratio[0]) or len(again) < RESAMPLES / 2:
        return float(value[0]), (np.nan, np.nan, np.nan)
    found = estimate(float(ratio[0]), again, LEVEL)
    if value[0] == 0:
        # What did not come up at all cannot by drawing it again; a Poisson count of nothing may have had this mean.
        most = NOTHING / float(below[inside].sum()) / (float(above.sum()) / float(below.sum()))
        found = found._replace(upper=max(found.upper, most))
    return float(value[0]), (found.value, found.lower, found.upper)
