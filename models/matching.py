"""Communes to compare with: as like the pilots as there are, and not reached by them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from geo.errors import Message, PlanError


def match_communes(
    table: pd.DataFrame, pilots: Sequence[str], *, per_pilot: int = 2, excluded: Sequence[str] = ()
) -> pd.DataFrame:
    """Return for each pilot its comparison communes, each used once.

    Likeness is the Euclidean distance over the columns, each divided by its standard deviation over all communes; a
    missing value counts as the mean, a column that is the same everywhere does not count. Of all ways to assign
    ``per_pilot`` communes to each pilot the one with the least sum of distances is taken (optimal matching, Rosenbaum
    1989).

    Parameters
    ----------
    table
        Rows by commune code; columns of numbers (risk, people, covariates).
    pilots
        Codes of the pilots.
    per_pilot
        Comparison communes for each.
    excluded
        Codes that are no comparison, such as those that the pilots serve too.

    Returns
    -------
    pandas.DataFrame
        ``pilot``, ``comparison``, ``distance`` (standard deviations, root of the sum of squares), ``most_unlike`` (the
        column in which they differ most), ``reasons`` (tuples of Message); nearest first within each pilot.

    Raises
    ------
    PlanError
        If a pilot is not in the table, or fewer communes are left than are to be matched.

    References
    ----------
    Rosenbaum, P. R. (1989). Optimal matching for observational studies. Journal of the American Statistical Association
    84(408), 1024–1032.
    """
    pilots = list(dict.fromkeys(pilots))
    if not pilots or not set(pilots) <= set(table.index):
        raise PlanError("Pilot communes are named by codes of the table; some are not in it, or none was named")
    others = table.index.difference([*pilots, *excluded])
    if per_pilot < 1 or len(others) < per_pilot * len(pilots):
        raise PlanError(
            "{pilots} pilots need {needed} comparison communes, and {n} are left: ask for fewer, or exclude fewer",
            pilots=len(pilots),
            needed=per_pilot * len(pilots),
            n=len(others),
        )
    spread = table.std(ddof=0)
    scaled = ((table - table.mean()) / spread.where(spread > 0)).fillna(0.0)
    own, other = scaled.loc[pilots].to_numpy(), scaled.loc[others].to_numpy()
    distance = cdist(own, other)
    row, column = linear_sum_assignment(np.repeat(distance, per_pilot, axis=0))
    pilot = row // per_pilot
    most = np.abs(own[pilot] - other[column]).argmax(axis=1)
    matched = pd.DataFrame(
        {
            "pilot": np.array(pilots)[pilot],
            "comparison": others[column],
            "distance": distance[pilot, column],
            "most_unlike": table.columns[most],
        }
    ).sort_values(["pilot", "distance", "comparison"], ignore_index=True)
    return matched.assign(
        reasons=[
            (
                Message(
                    "{distance} standard deviations from the pilot, most of it in {column}",
                    {"distance": row.distance, "column": row.most_unlike},
                ),
            )
            for row in matched.itertuples()
        ]
    )
