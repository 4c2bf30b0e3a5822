"""A panel parted in time: what was known at an origin, and what came after it. No forecast ever sees the latter."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import ModelError
from models.likelihood import Floats

PER_YEAR = {"M": 12, "Q": 4, "Y": 1}


class Window(NamedTuple):
    """An origin in time.

    Attributes
    ----------
    past
        Rows of the periods before the origin.
    future
        Rows of the periods forecast, as they can be known at the origin: counts are missing, and each effort goes on
        as the mean of the unit's last year.
    outcome
        The same rows with what was recorded.
    first, last
        The first and the last period forecast.
    """

    past: pd.DataFrame
    future: pd.DataFrame
    outcome: pd.DataFrame
    first: object
    last: object


class Reading(NamedTuple):
    """How a panel is parted.

    Attributes
    ----------
    counts, effort
        Its columns of counts and of efforts.
    unit, period
        Its columns or index levels of units and periods.
    """

    counts: tuple[str, ...]
    effort: tuple[str, ...] = ()
    unit: str = "commune_code"
    period: str = "month"


def flat(panel: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Return a panel with units and periods as columns.

    Raises
    ------
    ModelError
        If a column is missing.
    """
    levels = [name for name in (reading.unit, reading.period) if name in panel.index.names]
    table = panel.reset_index(levels) if levels else panel
    wanted = (reading.unit, reading.period, *reading.counts, *reading.effort)
    missing = [name for name in wanted if name not in table]
    if missing:
        raise ModelError("The panel lacks the columns {names}", names=", ".join(missing))
    return table


def year_of(periods: Sequence[object]) -> int:
    """Return how many of such periods make a year; numbers are years."""
    first = periods[0]
    return PER_YEAR[first.freqstr[0]] if isinstance(first, pd.Period) else 1


def forward_windows(
    panel: pd.DataFrame,
    reading: Reading,
    *,
    horizon: int | None = None,
    least: int | None = None,
    most: int | None = None,
) -> Iterator[Window]:
    """Give windows that follow each other up to the last period, the earliest first.

    Parameters
    ----------
    panel
        One row per unit and period.
    reading
        Its columns.
    horizon
        Periods forecast at each origin; a year by default.
    least
        Periods before the first origin; two years by default, or what is there before one horizon.
    most
        The last so many windows only.

    Raises
    ------
    ModelError
        If there is no room for a window, or a unit has no row before the first origin.
    """
    table = flat(panel, reading)
    periods = sorted(table[reading.period].unique())
    year = year_of(periods) if periods else 1
    horizon = horizon or year
    least = least or max(1, min(2 * year, len(periods) - horizon))
    if len(periods) < least + horizon:
        raise ModelError(
            "A forecast of {horizon} periods after {least} needs {needed}; the panel has {n}",
            horizon=horizon,
            least=least,
            needed=least + horizon,
            n=len(periods),
        )
    origins = sorted(range(len(periods) - horizon, least - 1, -horizon))[-(most or len(periods)) :]
    units = table[reading.unit].unique()
    for origin in origins:
        past = table[table[reading.period] < periods[origin]]
        absent = len(units) - past[reading.unit].nunique()
        if absent:
            raise ModelError(
                "{n} units have no row before {period}; give every unit a row in every period",
                n=absent,
                period=periods[origin],
            )
        first, last = periods[origin], periods[origin + horizon - 1]
        outcome = table[table[reading.period].between(first, last)]
        recent = past[past[reading.period] >= periods[max(0, origin - year)]]
        yield Window(past, _as_known(outcome, recent, reading), outcome, first, last)


def outcomes(window: Window, reading: Reading, units: pd.Index) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the recorded counts of all streams, shape (units, periods), 0 where unknown, and which are known."""
    table = window.outcome.set_index([reading.unit, reading.period])[list(reading.counts)]
    total = table.astype(float).sum(axis=1, min_count=len(reading.counts)).unstack()
    counts: Floats = total.reindex(units).to_numpy(dtype=float)
    return np.nan_to_num(counts), np.isfinite(counts)


def _as_known(outcome: pd.DataFrame, recent: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    known = outcome.assign(**dict.fromkeys(reading.counts, np.nan))
    means = recent.groupby(reading.unit)[list(reading.effort)].mean()
    return known.assign(**{name: outcome[reading.unit].map(means[name]).fillna(0.0) for name in reading.effort})
