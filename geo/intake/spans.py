"""When: the days that a date may mean, and how strongly two such spans speak for one case.

Two reports of one case name days that differ by d with probability f(d); two unrelated rows fall on days near each
other as often as rows are dense there. A date known to the day, month, quarter, half year or year is a span of
days of which each is equally likely, so the likelihood ratio of two spans is the mean of f over their pairs of
days, divided by the density of rows. A span of one day is the special case: no other rule for coarse dates is needed.
"""

import numpy as np
import pandas as pd

from geo.errors import Message, SchemaError
from geo.intake.evidence import PRIOR_ROWS, Floats, Ints

PRECISIONS = {"day": 0, "month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""How many months a date stands for; of a date without precision, its day."""

WINDOW_DAYS = 45
"""Rows that lie further apart are not compared: offices report by the month, and late by one."""
STEPS = ((0, 0.45), (7, 0.35), (WINDOW_DAYS, 0.17))
"""m: two reports of one case name the same day; days up to a week apart; days up to the window apart.

A rescue is known to the day by all who took part; the police date the report, and a hotline the call, days later.
"""
PRIOR_DAYS = 1826.0
"""Stated density before any row is counted: rows spread over five years. What the steps leave spreads over it too."""

_BEYOND = (1 - sum(share for _, share in STEPS)) / PRIOR_DAYS


def spans(dates: pd.Series, precision: pd.Series | None = None) -> tuple[Ints, Ints]:
    """Return the first and last day that each date may mean, as days since 1970; both −1 where there is none.

    Raises
    ------
    SchemaError
        If a precision is not one of `PRECISIONS`.

    >>> first, last = spans(pd.Series(pd.to_datetime(["1970-02-10", "1970-02-10"])), pd.Series(["day", "month"]))
    >>> first.tolist(), last.tolist()
    ([40, 31], [40, 58])
    """
    day = dates.to_numpy(dtype="datetime64[D]")
    missing = np.isnat(day)
    length = np.zeros(len(day), dtype=np.int64)
    if precision is not None:
        if not precision.dropna().isin(list(PRECISIONS)).all():
            raise SchemaError("{column} is not one of: {allowed}", column=precision.name, allowed=", ".join(PRECISIONS))
        length = precision.map(PRECISIONS).fillna(0).to_numpy(dtype=np.int64)
    day = np.where(missing, np.datetime64(0, "D"), day)
    months = day.astype("datetime64[M]").astype(np.int64)
    begin = months - months % np.maximum(length, 1)
    first = np.where(length > 0, begin.astype("datetime64[M]").astype("datetime64[D]"), day)
    last = np.where(length > 0, (begin + length).astype("datetime64[M]").astype("datetime64[D]") - 1, day)
    return np.where(missing, -1, first.astype(np.int64)), np.where(missing, -1, last.astype(np.int64))


class Spans:
    """The spans of n rows, ready to weigh pairs of them.

    Parameters
    ----------
    first, last
        See `spans`.
    """

    def __init__(self, first: Ints, last: Ints) -> None:
        self.first, self.last = first, last
        self.known = first >= 0
        middle = np.sort((first + last)[self.known] // 2)
        begin, end = first - WINDOW_DAYS, last + WINDOW_DAYS
        # A row and its partner are no chance.
        others = np.searchsorted(middle, end, side="right") - np.searchsorted(middle, begin) - 2
        days, rows = end - begin + 1, max(len(middle) - 2, 0)
        self.density: Floats = (others.clip(0) / days + PRIOR_ROWS / PRIOR_DAYS) / (rows + PRIOR_ROWS)

    def weigh(self, a: Ints, b: Ints) -> Floats:
        """Return the weight of each pair in bits; where rows are of different density, the greater one counts."""
        ratio = self._likelihood(a, b) / np.maximum(self.density[a], self.density[b])
        return np.where(self.known[a] & self.known[b], np.log2(ratio), 0.0)

    def _likelihood(self, a: Ints, b: Ints) -> Floats:
        """Return the mean of f over the pairs of days, from its doubly summed table: four look-ups for any spans."""
        first, last = self.first, self.last
        total = (
            _doubly_summed(last[a] - first[b])
            - _doubly_summed(first[a] - first[b] - 1)
            - _doubly_summed(last[a] - last[b] - 1)
            + _doubly_summed(first[a] - last[b] - 2)
        )
        pairs = (last[a] - first[a] + 1) * (last[b] - first[b] + 1)
        return total.clip(0) / pairs + _BEYOND

    def apart(self, a: Ints, b: Ints) -> Ints:
        """Return how many days lie between each two spans, 0 if they overlap."""
        days: Ints = np.maximum(self.first[a] - self.last[b], self.first[b] - self.last[a]).clip(0)
        return days

    def explain(self, a: Ints, b: Ints) -> list[Message | None]:
        """Return what to say of each pair, None where a date is missing."""
        exact = (self.first == self.last)[a] & (self.first == self.last)[b]
        known = self.known[a] & self.known[b]
        return [
            _say(int(days), exact=bool(sure)) if both else None
            for days, sure, both in zip(self.apart(a, b), exact, known, strict=True)
        ]


def _say(days: int, *, exact: bool) -> Message:
    if exact:
        return Message("{n} days apart", {"n": days}) if days else Message("same day")
    if days:
        return Message("at least {n} days apart, one date is not known to the day", {"n": days})
    return Message("may be the same day, one date is not known to the day")


def _frequencies() -> Floats:
    """Return f at the differences from −`WINDOW_DAYS` to `WINDOW_DAYS`."""
    days = np.abs(np.arange(-WINDOW_DAYS, WINDOW_DAYS + 1))
    step = np.searchsorted([reach for reach, _ in STEPS], days)
    shares = np.array([share for _, share in STEPS])
    frequencies: Floats = shares[step] / np.bincount(step)[step]
    return frequencies


_ONCE = np.cumsum(_frequencies())
_TWICE = np.cumsum(_ONCE)


def _doubly_summed(days: Ints) -> Floats:
    """Return the sum of the sums of f up to each difference; f is 0 outside the window."""
    inside = _TWICE[days.clip(-WINDOW_DAYS, WINDOW_DAYS) + WINDOW_DAYS]
    summed: Floats = np.where(days < -WINDOW_DAYS, 0.0, inside) + (days - WINDOW_DAYS).clip(0) * _ONCE[-1]
    return summed
