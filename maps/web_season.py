"""The recorded months of the year as the web map shows them: three together, in classes, never single records."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from geo.season import Season
from maps.palette import MONTHS, class_breaks, class_of, shades

FEW = 2
"""Up to so many events are one class: that a commune had exactly one in a season could point to a person."""

CLEAR = 0.05
"""Months that chance would make differ so much with less than this probability are said to differ."""

ENOUGH = 60
"""Five events a month, below which the test of it says nothing (Cochran 1954, Biometrics 10:417-451)."""


def season_data(season: Season, codes: Sequence[str]) -> dict[str, Any] | None:
    """Return the classes of three months together around each month, by commune; None if nothing was recorded.

    A single month of a commune is mostly none or one: noise, and somebody's. So each month is counted with the one
    before and the one after it, December beside January, and the page gets classes, not numbers.

    Parameters
    ----------
    season
        Events by commune and month of the year.
    codes
        The communes in the order of the page; those that the season does not know had none.

    Returns
    -------
    dict
        ``classes``, a digit for each month by commune; their ``legend``; ``totals``: events of all communes by three
        months, and ``all``: of the year, both None where some month of all communes has so few that differences could
        tell them; ``years``: how often each month was seen; ``undated``: events without a month; ``differ``: whether
        months clearly differ.
    """
    single = season.counts.reindex(list(codes), fill_value=0).to_numpy()
    if not single.any():
        return None
    counts = _three_together(single)
    bounds = np.concatenate([[0, FEW], class_breaks(counts[counts > FEW], k=3)])
    numbers = class_of(counts, bounds)
    lows = [0, 1, *(int(counts[numbers == i].min()) for i in range(2, len(bounds)))]
    told = single.sum(axis=0).min() > FEW
    colours = ["#ffffff", *shades(MONTHS, len(bounds) - 1)]
    return {
        "classes": ["".join(map(str, row)) for row in numbers],
        "legend": [
            {"colour": colour, "low": low, "high": int(high)}
            for colour, low, high in zip(colours, lows, bounds, strict=True)
        ],
        "totals": counts.sum(axis=0).tolist() if told else None,
        "all": int(single.sum()) if told else None,
        "years": season.years.tolist(),
        "undated": season.undated,
        "differ": bool(single.sum() >= ENOUGH and season.chance() < CLEAR),
    }


def _three_together(single: np.ndarray) -> np.ndarray:
    return np.asarray(np.roll(single, 1, axis=1) + single + np.roll(single, -1, axis=1))
