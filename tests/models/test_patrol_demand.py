from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.errors import PlanError
from models.patrol import plan_patrols
from models.patrol_demand import PatrolDemand, check_demand
from tests.models.patrol_areas import made_up_area


@pytest.fixture
def area():
    return made_up_area(posts=2, sectors=5, spread_h=2.0)


def refused(area, match, **demand):
    with pytest.raises(PlanError, match=match):
        plan_patrols(area, PatrolDemand(**demand))


def test_no_team_is_refused(area):
    refused(replace(area, teams=area.teams * 0), "No post has a team")


def test_a_sector_both_demanded_and_barred_is_named(area):
    refused(area, "must be covered and are excluded at once: S1;", must_cover=("S1", "S2"), exclude=("S1",))
    refused(area, "must be covered and are closed at once: S2;", must_cover=("S1", "S2"), closed=("S2",))


@pytest.mark.parametrize("option", ["must_cover", "exclude", "closed"])
def test_an_unknown_sector_is_named(area, option):
    refused(area, "does not have: X9", **{option: ("S1", "X9")})


def test_a_border_without_an_open_sector_is_refused(area):
    refused(area, "All 5 sectors are excluded or closed", exclude=("S0", "S1"), closed=("S2", "S3", "S4"))


def test_rest_days_must_leave_a_day(area):
    refused(area, "7 rest days in a week of 7 days leave no day for patrols: give at most 6", rest_days=7)
    refused(area, "3 rest days in a week of 3 days", rest_days=3, days=3)
    refused(area, "found 0 and 0", days=0)
    refused(area, "found 30 and -1", rest_days=-1)


def test_hours_too_short_for_any_sector_name_what_is_needed(area):
    needed = 2 * area.access.min().min() + 1.0
    hours = np.ceil(needed * 10) / 10
    refused(area, f"the nearest needs {hours} h", hours=needed - 0.2)
    plan_patrols(area, PatrolDemand(hours=hours), optima=0)


def test_no_way_at_all_is_refused(area):
    refused(replace(area, access=area.access * np.inf), "No post with a team has a way to any open sector")


def test_flows_that_expect_nothing_are_refused(area):
    refused(replace(area, value=area.value * 0), "No crossing is expected in any of the 5 sectors")


def test_a_demanded_sector_out_of_reach_is_named_with_its_hours(area):
    area.access["S3"] = 4.0
    refused(area, r"out of reach in 8.0 h: S3 \(9\)", must_cover=("S3",))


def test_sectors_out_of_reach_are_left_out_and_named(area):
    area.access["S3"] = [np.nan, np.inf]
    part, notes = check_demand(area, PatrolDemand())
    assert part.value.index.tolist() == ["S0", "S1", "S2", "S4"]
    assert [str(note) for note in notes] == [
        "1 sectors are left out, because no team gets there and back in 8.0 h: S3",
    ]


def test_posts_without_a_team_are_named_and_not_used(area):
    teams = pd.Series([0, 1], index=area.teams.index)
    plan = plan_patrols(replace(area, teams=teams), PatrolDemand(), optima=0)
    assert str(plan.notes[0]) == "posts without a team: P0"
    assert set(plan.schedule["post_id"]) == {"P1"}


def test_more_teams_than_sectors_make_the_largest_plan_and_a_reserve():
    plan = plan_patrols(made_up_area(posts=1, sectors=2, teams=5, spread_h=1.0), PatrolDemand(), optima=0)
    notes = [str(note) for note in plan.notes]
    assert notes[0] == "more teams (5) than sectors in reach (2)"
    assert "of 35 shifts a week have no route and are a reserve" in notes[1]
    assert plan.sectors["weekly_visit"].max() == pytest.approx(0.8)


def test_tables_of_other_sectors_are_a_programming_error(area):
    with pytest.raises(ValueError, match="same sectors and posts"):
        check_demand(replace(area, access=area.access.iloc[:, ::-1]), PatrolDemand())
    with pytest.raises(ValueError, match="finite"):
        check_demand(replace(area, value=area.value * np.nan), PatrolDemand())
    with pytest.raises(ValueError, match="effect"):
        check_demand(area, PatrolDemand(effect=0.0))
