"""What an earlier run said, and how a ranking has moved since."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

BEFORE = ("rank", "expected", "lower", "upper")
"""The columns of a ranking that are compared, as far as both runs have them."""


@dataclass(frozen=True)
class EarlierRun:
    """An earlier run on the same units.

    Attributes
    ----------
    name
        Its folder's.
    made_on, period
        The day of the run, and the first and last day of its records, ISO 8601.
    settings, model_id
        What it was asked, and the model that was in use.
    outreach, patrol
        The numbers of its rankings, with ``commune_code`` and ``sector_id``.
    """

    name: str
    made_on: str
    period: tuple[str, str]
    settings: Mapping[str, Any]
    model_id: str | None
    outreach: pd.DataFrame
    patrol: pd.DataFrame


def with_before(ranking: pd.DataFrame, earlier: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return a ranking with the columns `BEFORE` of an earlier one as ``<column>_before``.

    A unit that the earlier ranking does not have gets missing values.

    Parameters
    ----------
    ranking, earlier
        Rankings, one row per unit.
    key
        The column that names the unit.

    >>> now = pd.DataFrame({"sector_id": ["b", "a", "c"], "rank": [1, 2, 3]})
    >>> with_before(now, pd.DataFrame({"sector_id": ["a", "b"], "rank": [1, 2]}), "sector_id")["rank_before"].tolist()
    [2.0, 1.0, nan]
    """
    compared = [name for name in BEFORE if name in earlier and name in ranking]
    before = earlier.set_index(key)[compared].add_suffix("_before")
    return ranking.join(before, on=key)
