import numpy as np
import pandas as pd
import pytest

from geo.errors import PlanError
from models.outreach import Travel, plan_outreach
from models.outreach_programme import Programme
from models.outreach_response import Response
from tests.models.test_allocation import best_by_milp

YEAR = pd.period_range("2026-01", periods=12, freq="M")


def layer(people, border_km=None):
    n = len(people)
    return pd.DataFrame(
        {
            "commune_code": [f"{k:05}" for k in range(1, n + 1)],
            "population": pd.array(people, dtype="Int64"),
            "women_children": pd.array([pd.NA] * n, dtype="Int64"),
            "border_km_laos": [1.0] * n if border_km is None else border_km,
            "border_km_china": 0.0,
        }
    )


def draws_of(means, relative_sd=0.5, draws=400, seed=1):
    means = np.array(means, dtype=float)
    shape = 1 / relative_sd**2
    values = np.random.default_rng(seed).gamma(shape, 1 / shape, (len(means), draws)) * means[:, None]
    return pd.DataFrame(values, index=[f"{k:05}" for k in range(1, len(means) + 1)])


def province(n=45, seed=7):
    rng = np.random.default_rng(seed)
    return layer(rng.integers(3000, 20_000, n), rng.choice([0.0, 12.0], n)), draws_of(rng.gamma(1.0, 0.5, n) + 0.05)


def by_code(plan):
    return plan.communes.set_index("commune_code").sort_index()


def test_505_sessions_are_505_sessions_in_every_table():
    communes, draws = province()
    plan = plan_outreach(communes, draws, Programme(505, YEAR))
    assert plan.table["sessions"].sum() == plan.communes["sessions"].sum() == 505
    assert plan.communes["explored"].sum() == round(0.15 * 505)
    assert plan.dropped.empty
    held = plan.table.groupby("commune_code")["sessions"].sum()
    pd.testing.assert_series_equal(held, by_code(plan)["sessions"], check_names=False)
    assert by_code(plan)["sessions"].min() >= 1
    assert plan.table.groupby("month")["sessions"].sum().between(40, 45).all(), "505 / 12 = 42.1"


def test_border_guards_come_to_the_border_only_and_agencies_get_like_shares():
    communes, draws = province()
    plan = plan_outreach(communes, draws, Programme(505, YEAR))
    guarded = plan.table.loc[plan.table["agency"] == "border_guard", "commune_code"]
    inland = communes.loc[communes["border_km_laos"] == 0, "commune_code"]
    assert not set(guarded) & set(inland)
    assert plan.table.groupby("agency")["sessions"].sum().between(72, 96).all(), "505 / 6 = 84.2"


@pytest.mark.parametrize("seed", range(5))
def test_the_gain_is_the_optimum_of_integer_programming(seed):
    rng = np.random.default_rng(seed)
    people, sessions = rng.integers(500, 5000, 4), 9
    communes, draws = layer(people, rng.choice([0.0, 5.0], 4)), draws_of(rng.gamma(1.0, 1.0, 4))
    communes.loc[0, "border_km_laos"] = 5.0
    capacity = {"police": 4, "border_guard": 3, "labour": 3}
    programme = Programme(sessions, YEAR, tuple(capacity), capacity, explore=0.0)
    travel = Travel(pd.Series(rng.uniform(0, 5, 4), index=draws.index), 0.002)
    plan = plan_outreach(communes, draws, programme, travel=travel)
    law = Response()
    step = 1000 / people / (1 - 0.5 ** (1 / 6.0)) / 12 / 2.0
    worth = draws.mean(axis=1).to_numpy() * law.ceiling
    n = np.arange(sessions + 1)
    total = worth[:, None] * (1 - np.exp(-step[:, None] * n)) - 0.002 * travel.hours.to_numpy()[:, None] * n
    able = np.ones((3, 4), dtype=bool)
    able[1] = communes["border_km_laos"] > 0
    best = best_by_milp(np.diff(total), np.array([4, 3, 3]), able, np.ones(4), sessions)
    units = by_code(plan)["sessions"].to_numpy()
    assert total[np.arange(4), units].sum() == pytest.approx(best)
    assert plan.gain["mean"] == pytest.approx(by_code(plan)["gain"].sum())


def test_the_explored_share_goes_where_least_is_known():
    communes = layer([5000] * 4)
    draws = pd.concat([draws_of([1.0] * 3, 0.1), draws_of([0.9], 1.0).set_axis(["00004"])])
    plan = by_code(plan_outreach(communes, draws, Programme(40, YEAR)))
    assert plan["explored"].tolist() == [0, 0, 0, 6]
    assert any("silence is not safety" in str(reason) for reason in plan["reasons"]["00004"])


def test_a_silent_commune_is_explored_rather_than_the_riskiest():
    # Variances are 1, 0.01 and 0.04, and over the means 0.1, 0.01 and 0.2.
    communes = layer([5000] * 3)
    draws = pd.concat([draws_of([10.0, 1.0], 0.1), draws_of([0.2], 1.0, seed=2).set_axis(["00003"])])
    assert by_code(plan_outreach(communes, draws, Programme(60, YEAR)))["explored"].tolist() == [0, 0, 9]


def test_of_two_silent_communes_the_one_that_may_hold_more_is_explored():
    # Both are known within a factor; a record in the second would tell ten times as much.
    communes = layer([5000] * 3)
    draws = pd.concat([draws_of([10.0], 0.05), draws_of([0.02, 0.2], 1.0, seed=2).set_axis(["00002", "00003"])])
    assert by_code(plan_outreach(communes, draws, Programme(60, YEAR)))["explored"].tolist() == [0, 0, 9]


def test_without_exploration_like_communes_differ_by_one_session_at_most():
    plan = plan_outreach(layer([4000] * 5), draws_of([1.0] * 5, 1e-9), Programme(43, YEAR, explore=0.0))
    assert sorted(plan.communes["sessions"]) == [8, 8, 9, 9, 9]


def test_a_closed_season_has_no_session_and_a_heavy_one_twice_as_many():
    communes, draws = province(10)
    seasons = pd.Series({7: 0.0, 8: 0.0, 1: 2.0})
    plan = plan_outreach(communes, draws, Programme(330, YEAR, seasons=seasons))
    by_month = plan.table.groupby(plan.table["month"].dt.month)["sessions"].sum()
    assert set(by_month.index) == set(range(1, 13)) - {7, 8}
    assert by_month[1] == pytest.approx(60, abs=3)
    assert by_month.drop(1).sub(30).abs().max() <= 3


def test_a_plan_of_one_month_has_every_session_in_it():
    communes, draws = province(5)
    table = plan_outreach(communes, draws, Programme(17, YEAR[:1])).table
    assert table["sessions"].sum() == 17
    assert set(table["month"]) == {YEAR[0]}


def test_monthly_capacities_hold_in_every_month():
    communes, draws = province(6)
    table = pd.DataFrame(2, index=["police", "labour"], columns=YEAR)
    table.loc["labour", YEAR[:6]] = 0
    plan = plan_outreach(communes, draws, Programme(40, YEAR, ("police", "labour"), table))
    held = plan.table.pivot_table(index="agency", columns="month", values="sessions", aggfunc="sum", fill_value=0)
    assert (held <= table.loc[held.index, held.columns]).all(axis=None)
    assert held.to_numpy().sum() == 36
    assert plan.dropped[["what", "sessions"]].to_numpy().tolist() == [["sessions", 4]]
    assert str(plan.dropped["reason"][0]) == "the agencies can hold 36 sessions in all where and when they may work"


def test_a_floor_that_nobody_can_hold_is_told_and_the_sessions_are_held_elsewhere():
    communes, draws = layer([5000] * 3, [10.0, 0.0, 0.0]), draws_of([1.0, 1.0, 1.0])
    seasons = pd.DataFrame(0.0, index=["00002"], columns=range(1, 13))
    agencies = ("border_guard", "justice")
    asked = Programme(12, YEAR, agencies, {"border_guard": 20, "justice": 2}, floor=3, seasons=seasons)
    plan = plan_outreach(communes, draws, asked)
    assert by_code(plan)["sessions"].tolist() == [10, 0, 2]
    assert plan.dropped[["commune_code", "what", "sessions"]].to_numpy().tolist() == [
        ["00002", "floor", 3],
        ["00003", "floor", 1],
    ]
    assert [str(reason) for reason in plan.dropped["reason"]] == [
        "no agency can work here in an open month",
        "the agencies that can work here have no session left",
    ]


def test_what_is_still_remembered_makes_a_session_worth_less():
    communes, draws = layer([5000, 5000]), draws_of([1.0, 1.0], 1e-9)
    asked = Programme(20, YEAR, explore=0.0, floor=0)
    fresh = by_code(plan_outreach(communes, draws, asked))["sessions"]
    busy = by_code(plan_outreach(communes, draws, asked, in_mind=pd.Series({"00001": 4.0, "00002": 0.0})))["sessions"]
    assert fresh.tolist() == [10, 10]
    # Equal next gains: exp(−4 k / 2 − c n₁) = exp(−c n₂), n₁ + n₂ = 20, k the mean of what is kept, c a session's step.
    kept, step = np.mean(0.5 ** ((np.arange(12) + 0.5) / 6)), 0.2 / (1 - 0.5 ** (1 / 6)) / 24
    assert busy["00002"] - busy["00001"] == pytest.approx(4 * kept / 2 / step, abs=1)


def test_the_interval_is_that_of_the_draws():
    communes, draws = province(8)
    asked = Programme(60, YEAR)
    plan = plan_outreach(communes, draws, asked)
    factor = by_code(plan)["reached"] * Response().ceiling
    total = draws.mul(factor, axis=0).sum()
    assert plan.gain["lower"] == pytest.approx(np.quantile(total, 0.05))
    assert plan.gain["upper"] == pytest.approx(np.quantile(total, 0.95))
    half = plan_outreach(communes, draws, Programme(60, YEAR[:6]))
    assert half.gain["mean"] < plan.gain["mean"]


def test_the_order_of_communes_does_not_matter_to_the_sessions_of_any():
    communes, draws = province(12)
    there = by_code(plan_outreach(communes, draws, Programme(90, YEAR)))
    back = by_code(plan_outreach(communes.iloc[::-1], draws, Programme(90, YEAR)))
    pd.testing.assert_frame_equal(there.drop(columns="reasons"), back.drop(columns="reasons"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sessions": 0}, "at least one session; got 0"),
        ({"months": YEAR[:0]}, "at least one month and one agency"),
        ({"agencies": ()}, "at least one month and one agency"),
        ({"agencies": ("army",)}, "some of police"),
        ({"floor": 8}, "30 sessions cannot give each of 4 communes its floor of 8: plan 32 sessions"),
        ({"explore": 1.5}, "between 0 and 1; got 1 and 1.5"),
        ({"agencies": ("border_guard",)}, "border_guard can work in no commune"),
        ({"capacity": {"army": 3}}, "names army"),
        ({"capacity": {"police": -3}}, "whole numbers from 0 on"),
        ({"capacity": dict.fromkeys(("police", "labour"), 0)}, "No session can be held"),
        ({"seasons": pd.Series(0.0, index=range(1, 13))}, "No session can be held"),
        ({"seasons": pd.Series({13: 1.0})}, "calendar months 1 to 12"),
        ({"able": pd.DataFrame(True, index=["police"], columns=["00001"])}, "lacks 3 communes"),
    ],
)
def test_a_demand_that_cannot_be_met_names_what_clashes(changes, words):
    asked = {"sessions": 30, "months": YEAR, "agencies": ("police", "labour")} | changes
    with pytest.raises(PlanError, match=words):
        plan_outreach(layer([5000] * 4, [0.0] * 4), draws_of([1.0] * 4), Programme(**asked))


def test_no_commune_no_draws_and_draws_without_doubt_are_refused():
    communes, draws = province(4)
    asked = Programme(20, YEAR)
    with pytest.raises(PlanError, match="no commune to plan for"):
        plan_outreach(communes.iloc[:0], draws, asked)
    with pytest.raises(PlanError, match="for each of 4 communes"):
        plan_outreach(communes, draws.iloc[:3], asked)
    with pytest.raises(PlanError, match="for each of 4 communes"):
        plan_outreach(communes, pd.concat([draws, draws]), asked)
    with pytest.raises(PlanError, match="Hours of travel"):
        plan_outreach(communes, draws, asked, travel=Travel(pd.Series({"00001": 2.0}), 0.01))
    with pytest.raises(PlanError, match="nothing says where to explore"):
        plan_outreach(communes, draws[[0]], asked)
    with pytest.raises(PlanError, match="a scale and a half-life above 0"):
        Response(scale=0.0)
