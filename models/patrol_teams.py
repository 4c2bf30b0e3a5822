"""Teams shared out among posts, by what there is to find near each of them."""

import numpy as np
import pandas as pd

from geo.errors import PlanError
from models.allocation import add_greedily, nothing_given


def share_teams(teams: int, access: pd.DataFrame, value: pd.Series, within: float, most: pd.Series | None) -> pd.Series:
    """Return how many teams each post gets: in proportion to the flow near it, as far as whole teams allow.

    The flow of a sector is its nearest post's, if a team gets there in time. Each next team goes where most flow comes
    on one team yet (highest averages, D'Hondt).

    Parameters
    ----------
    teams
        In all.
    access
        Hours from posts (index) to sectors (columns); infinite or NaN where no way leads.
    value
        Flow by sector.
    within
        Hours of way, one way, that leave time on watch.
    most
        Teams that each post has, if that is known: it gets no more.

    Raises
    ------
    PlanError
        If the posts have fewer teams.

    Examples
    --------
    >>> access = pd.DataFrame([[1.0, 1.0, 9.0], [9.0, 9.0, 1.0]], index=["A", "B"], columns=[1, 2, 3])
    >>> share_teams(3, access, pd.Series([2.0, 2.0, 2.0], index=[1, 2, 3]), 3.0, None).to_dict()
    {'A': 2, 'B': 1}
    """
    if most is not None and teams > most.sum():
        raise PlanError(
            "{asked} teams are asked for, but the posts have {n}; ask for at most {n}, or correct the posts' teams",
            asked=teams,
            n=int(most.sum()),
        )
    hours = access.fillna(np.inf)
    near = hours.idxmin(axis=0).where(hours.min(axis=0) <= within).dropna()
    flow = value.reindex(near.index).groupby(near).sum().reindex(access.index).fillna(0.0).to_numpy()
    if not flow.sum() > 0:
        flow = np.ones(len(access))
    limits = np.where(flow > 0, teams if most is None else most.reindex(access.index).to_numpy(), 0).astype(np.int64)
    able = np.ones((1, len(access)), dtype=bool)
    start = nothing_given(np.array([teams]), len(access))
    given = add_greedily(start, able, lambda post, n: flow[post] / (n + 1), teams, limits)
    return pd.Series(given.units, access.index, name="teams")
