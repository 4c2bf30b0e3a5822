"""What an earlier run said, and how a ranking has moved since."""

from dataclasses import dataclass

import pandas as pd

BEFORE = ("rank", "expected", "lower", "upper")
"""The columns of a ranking that are compared, as far as both runs have them."""


@dataclass(frozen=True)
class EarlierRun:
    """The rankings of an earlier run on the same units.

    Attributes
    ----------
    made_on, until
        The day of the run, and the last day of its records, ISO 8601.
    outreach, patrol
        Its rankings, with ``commune_code`` and ``sector_id``.
    """

    made_on: str
    until: str
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
