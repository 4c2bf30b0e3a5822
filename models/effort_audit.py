"""Where effort went: after its own records or after the risk, to whom, and past whom."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from models.bootstrap import Estimate, estimate, ratios, resampling
from models.likelihood import Floats
from models.rank_correlation import LEVEL, RESAMPLES, correlations

TOP = 10
UNKNOWN = 0.25
"""Part of the units that counts as least known: those with the greatest posterior variance over mean."""


class Feedback(NamedTuple):
    """Whether effort runs after its own records.

    Attributes
    ----------
    by_records, by_risk
        Rank correlation of the change of a unit's share of the effort with what was recorded the year before, and with
        the expected risk; missing where there is no second year.
    apart
        The first less the second.
    top, top_of_risk
        Share of the last year's effort that the ten units with most of it have; of the expected events those with most.
    """

    by_records: Estimate | None
    by_risk: Estimate | None
    apart: Estimate | None
    top: Estimate
    top_of_risk: float

    @property
    def verdict(self) -> str:
        """``"chases"``, ``"follows"`` (the risk) or ``"not told apart"``; ``"too short"`` without a second year."""
        if self.apart is None or self.by_records is None or self.by_risk is None:
            return "too short"
        if self.apart.lower > 0 and self.by_records.lower > 0:
            return "chases"
        return "follows" if self.apart.upper < 0 and self.by_risk.lower > 0 else "not told apart"


class Exploration(NamedTuple):
    """Share of the last year's effort, and of the people, in the units least known, and how many of these got none."""

    effort: Estimate
    people: float
    units: int
    without: int


def feedback(effort: Floats, records: Floats, expected: Floats, rng: np.random.Generator) -> Feedback:
    """Return whether effort runs after its own records.

    Parameters
    ----------
    effort, records
        By unit and year, shape (units, years); effort is above 0 somewhere in the last year.
    expected
        Events a year at even effort, shape (units,).
    rng
        Of the intervals.
    """
    total = effort.sum(axis=0, keepdims=True)
    share = np.divide(effort, total, out=np.zeros_like(effort), where=total > 0)
    top = _top(share[:, -1], rng)
    of_risk = float(np.sort(expected)[-TOP:].sum() / expected.sum())
    if effort.shape[1] < 2:
        return Feedback(None, None, None, top, of_risk)
    change, before = np.diff(share, axis=1), records[:, :-1]
    risk = np.repeat(expected[:, None], change.shape[1], axis=1)
    found, again = correlations([(change, before), (change, risk)], rng)
    one, other = (estimate(float(found[k]), again[:, k], LEVEL) for k in (0, 1))
    apart = estimate(float(found[0] - found[1]), again[:, 0] - again[:, 1], LEVEL)
    return Feedback(one, other, apart, top, of_risk)


def exploration(effort: Floats, people: Floats, draws: Floats, rng: np.random.Generator) -> Exploration:
    """Return how much effort goes where little is known.

    Parameters
    ----------
    effort, people
        Of the last year, shape (units,).
    draws
        Posterior draws of the expected events, shape (units, draws).
    rng
        Of the interval.
    """
    unknown = least_known(draws)
    drawn = resampling(len(effort), RESAMPLES, rng)
    share = estimate(*ratios(effort * unknown, effort, drawn), LEVEL)
    at_risk = float(people[unknown].sum() / people.sum())
    return Exploration(share, at_risk, int(unknown.sum()), int((effort[unknown] <= 0).sum()))


def least_known(draws: Floats) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Return which units are least known: what counts would tell of the risk is most, as in outreach plans."""
    mean = draws.mean(axis=1)
    doubt = np.divide(draws.var(axis=1), mean, out=np.zeros_like(mean), where=mean > 0)
    first = np.argsort(-doubt, kind="stable")[: max(1, round(UNKNOWN * len(mean)))]
    return np.isin(np.arange(len(mean)), first)


def coverage(sessions: pd.DataFrame, placed: pd.DataFrame, patrols: pd.Series | None) -> pd.DataFrame:
    """Return what effort each unit had.

    Parameters
    ----------
    sessions
        Outreach sessions, units × months (Periods).
    placed
        Rows of outreach with ``commune_code`` and ``agency``.
    patrols
        Team-hours in the period by unit, or None where no patrol is recorded.

    Returns
    -------
    pandas.DataFrame
        Index: the units. ``sessions``, ``months`` (with a session), ``last`` (month, missing where there is none),
        ``agencies`` (how many came), ``patrol_hours`` (missing where none is recorded), ``never`` (visited).
    """
    held = sessions > 0
    months = held.columns.astype(str).to_numpy()
    final = [months[row.nonzero()[0][-1]] if row.any() else None for row in held.to_numpy()]
    agencies = placed.groupby("commune_code")["agency"].nunique() if len(placed) else pd.Series(dtype=float)
    hours = pd.Series(np.nan, sessions.index) if patrols is None else patrols.reindex(sessions.index)
    return pd.DataFrame(
        {
            "sessions": sessions.sum(axis=1),
            "months": held.sum(axis=1),
            "last": final,
            "agencies": agencies.reindex(sessions.index).fillna(0).astype(int),
            "patrol_hours": hours,
            "never": (sessions.sum(axis=1) == 0) & ~(hours > 0),
        },
        index=sessions.index,
    )


def _top(share: Floats, rng: np.random.Generator) -> Estimate:
    again = share[rng.integers(0, len(share), (RESAMPLES, len(share)))]
    sums = again.sum(axis=1)
    first = np.sort(again, axis=1)[:, -TOP:].sum(axis=1)
    value = float(np.sort(share)[-TOP:].sum())
    return estimate(value, np.divide(first, sums, out=np.full(RESAMPLES, value), where=sums > 0), LEVEL)
