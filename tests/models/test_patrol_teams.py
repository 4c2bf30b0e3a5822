import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import PlanError
from models.patrol_teams import share_teams

POSTS = ["A", "B", "C"]


def access(*rows):
    return pd.DataFrame(rows, index=POSTS, columns=range(len(rows[0])), dtype=float)


OWN = access([1, 9, 9], [9, 1, 9], [9, 9, 1])


@given(
    st.lists(st.floats(0.1, 100), min_size=3, max_size=3).map(np.array),
    st.integers(1, 12),
)
def test_no_team_could_move_to_where_more_flow_comes_on_it(flow, teams):
    """The law of highest averages: a post's flow on its teams and one more is below what any other's last team has."""
    found = share_teams(teams, OWN, pd.Series(flow), 3.0, None)
    assert found.sum() == teams
    given_some = found.to_numpy() > 0
    last = flow[given_some] / found.to_numpy()[given_some]
    assert (flow / (found.to_numpy() + 1)).max() <= last.min() * (1 + 1e-12)


def test_a_sector_counts_for_its_nearest_post_only():
    shared = access([1, 2], [2, 1], [2.5, 2.5])
    assert share_teams(2, shared, pd.Series([1.0, 1.0]), 3.0, None).to_dict() == {"A": 1, "B": 1, "C": 0}


def test_what_is_out_of_reach_brings_no_team():
    far = access([1, 5], [9, 4], [9, np.inf])
    assert share_teams(3, far, pd.Series([1.0, 50.0]), 3.0, None).to_dict() == {"A": 3, "B": 0, "C": 0}


def test_a_post_gets_no_more_teams_than_it_has():
    most = pd.Series([1, 2, 3], POSTS)
    found = share_teams(4, OWN, pd.Series([100.0, 1.0, 1.0]), 3.0, most)
    assert found.to_dict() == {"A": 1, "B": 2, "C": 1}
    pd.testing.assert_series_equal(share_teams(6, OWN, pd.Series([1.0, 1.0, 1.0]), 3.0, most), most, check_names=False)


def test_more_teams_than_the_posts_have_are_refused_with_the_mend():
    with pytest.raises(PlanError, match="7 teams are asked for, but the posts have 6; ask for at most 6"):
        share_teams(7, OWN, pd.Series([1.0, 1.0, 1.0]), 3.0, pd.Series([1, 2, 3], POSTS))


def test_where_nothing_is_in_reach_teams_are_spread_so_that_the_plan_can_say_why():
    assert share_teams(3, OWN, pd.Series([1.0, 1.0, 1.0]), 0.5, None).to_dict() == {"A": 1, "B": 1, "C": 1}
