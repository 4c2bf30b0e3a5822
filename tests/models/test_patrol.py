from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import PlanError
from models.patrol import draw_plan, plan_patrols
from models.patrol_demand import PatrolDemand
from models.patrol_frequencies import choose_frequencies
from models.patrol_predictability import gain_by_learning
from models.patrol_schedule import draw_shifts
from tests.models.patrol_areas import made_up_area


def visited(plan, days):
    seen = np.zeros((days, len(plan.sectors)), dtype=bool)
    places = pd.Index(plan.sectors["sector_id"])
    for row in plan.schedule.itertuples():
        seen[row.day - 1, places.get_indexer(list(row.sectors))] = True
    return seen


def many_schedules(frequencies, number):
    """Return plans × days × sectors, as `draw_plan` would with these seeds."""
    demand, routes = frequencies.demand, frequencies.routes
    seen = np.zeros((number, demand.days, len(frequencies.area.value) + 1), dtype=bool)
    teams = frequencies.area.teams.to_numpy()
    for seed in range(number):
        rng = np.random.default_rng(seed)
        shifts = draw_shifts(routes.post, frequencies.uses, frequencies.pinned_routes, teams, demand, rng)
        # The last column takes the stops that are none.
        seen[seed, shifts.day[:, None] - 1, routes.stops[shifts.route]] = True
    return seen[:, :, :-1]


@settings(deadline=None, max_examples=25)
@given(
    posts=st.integers(1, 3),
    sectors=st.integers(2, 6),
    teams=st.integers(1, 3),
    seed=st.integers(0, 1000),
    hours=st.floats(4.0, 12.0),
    days=st.integers(1, 24),
    rest_days=st.integers(0, 3),
    pins=st.integers(0, 2),
    deck_weeks=st.integers(1, 8),
)
def test_every_schedule_can_be_walked(posts, sectors, teams, seed, hours, days, rest_days, pins, deck_weeks):
    area = made_up_area(posts=posts, sectors=sectors, teams=teams, seed=seed)
    demand = PatrolDemand(
        hours=hours,
        days=days,
        rest_days=rest_days,
        must_cover=tuple(f"S{k}" for k in range(pins)),
        exclude=("S2",) if sectors > 2 else (),
        deck_weeks=deck_weeks,
    )
    try:
        plan = plan_patrols(area, demand, optima=3, random_state=seed)
    except PlanError:
        return
    shifts = plan.schedule
    # No team is in two places.
    assert not shifts.duplicated(["day", "post_id", "team"]).any()
    assert shifts["day"].between(1, days).all()
    assert shifts["team"].between(1, teams).all()
    # Rest days are kept in every week.
    work = shifts.groupby(["post_id", "team", (shifts["day"] - 1) // demand.week]).size()
    assert (work <= demand.week - rest_days).all()
    for row in shifts.itertuples():
        # There, on and back within the hours.
        way = area.access.loc[row.post_id, row.sectors[0]] + area.access.loc[row.post_id, row.sectors[-1]]
        way += sum(area.between.loc[a, b] for a, b in pairwise(row.sectors))
        assert row.travel_hours == pytest.approx(way)
        assert row.travel_hours + len(row.sectors) * row.watch_hours == pytest.approx(hours)
        assert row.watch_hours >= 1.0 - 1e-9
        assert len(set(row.sectors)) == len(row.sectors) <= 3
        assert not set(row.sectors) & set(demand.exclude)
    # Pinned sectors are visited in every whole week, the others not too surely.
    seen = (
        visited(plan, days)[: days // demand.week * demand.week].reshape(-1, demand.week, len(plan.sectors)).any(axis=1)
    )
    assert seen[:, plan.sectors["pinned"]].all()
    assert (plan.sectors.loc[~plan.sectors["pinned"], "weekly_visit"] <= 0.8 + 1e-9).all()


def test_the_same_seed_gives_the_same_plan_and_another_one_another():
    area = made_up_area(posts=2, sectors=6)
    one, two, other = (plan_patrols(area, PatrolDemand(), optima=4, random_state=seed) for seed in (5, 5, 6))
    assert one.schedule.to_csv().encode() == two.schedule.to_csv().encode()
    assert one.sectors.to_csv().encode() == two.sectors.to_csv().encode()
    assert not one.schedule.equals(other.schedule)


def test_no_sector_is_visited_in_more_than_four_weeks_of_five():
    area = made_up_area(posts=1, sectors=3, teams=2, spread_h=2.0)
    frequencies = choose_frequencies(area, PatrolDemand(days=28, rest_days=1), optima=0)
    plans = 1500
    weeks = many_schedules(frequencies, plans).reshape(plans, 4, 7, 3).any(axis=2).mean(axis=(0, 1))
    assert (weeks < 0.8 + 3 * np.sqrt(0.16 / plans)).all()
    assert (weeks > 0.7).all()


def test_chances_of_a_day_and_a_week_are_those_of_the_schedules():
    area = made_up_area(posts=2, sectors=6, teams=2, seed=2)
    frequencies = choose_frequencies(area, PatrolDemand(days=28, rest_days=2, must_cover=("S1",)), optima=5)
    first, seen = draw_plan(frequencies, 0), many_schedules(frequencies, 800)
    assert (visited(first, 28) == seen[0]).all()
    planned = first.sectors
    np.testing.assert_allclose(seen.mean(axis=(0, 1)), planned["daily_visit"], atol=0.012)
    by_week = seen.reshape(800, 4, 7, -1).any(axis=2).mean(axis=(0, 1))
    np.testing.assert_allclose(by_week, planned["weekly_visit"], atol=0.035)


def test_visits_of_schedules_are_on_average_those_planned():
    frequencies = choose_frequencies(
        made_up_area(sectors=6, seed=2), PatrolDemand(days=28, must_cover=("S1",)), optima=5
    )
    plans = [draw_plan(frequencies, seed).sectors for seed in range(60)]
    visits = np.array([plan["visits"] for plan in plans]) / 4
    error = visits.std(axis=0) / np.sqrt(60)
    assert (np.abs(visits.mean(axis=0) - plans[0]["visits_per_week"]) < 4 * error + 1e-9).all()


def test_detections_are_those_of_the_looks_of_the_schedule():
    area, demand = made_up_area(posts=1, sectors=4, draws=40), PatrolDemand(days=14)
    plan = plan_patrols(area, demand)
    looks = pd.Series(0.0, index=plan.sectors["sector_id"])
    for row in plan.schedule.itertuples():
        looks[list(row.sectors)] += 1 - np.exp(-0.1 * row.watch_hours)
    by_draw = area.value.loc[looks.index].T @ (1 - np.exp(-looks / 2)) * 14 / 365.25
    assert plan.drawn.mean == pytest.approx(by_draw.mean())
    assert plan.drawn.lower == pytest.approx(np.quantile(by_draw, 0.05))
    assert plan.drawn.worst_tenth == pytest.approx(np.sort(by_draw)[:4].mean())
    assert plan.sectors["expected"].sum() == pytest.approx(plan.drawn.mean)
    assert plan.drawn.worst_tenth < plan.drawn.lower + 1e-12 < plan.drawn.mean < plan.drawn.upper
    assert plan.planned.mean <= plan.best


def test_what_is_not_known_is_looked_at_as_often_as_it_is_best():
    area = made_up_area(posts=1, sectors=3, draws=150)
    area.access[:], area.between[:] = 1.0, 1.0
    area.value.loc["S0"], area.value.loc["S1"] = 1.0, 0.9
    area.value.loc["S2"] = 0.8 * np.random.default_rng(0).gamma(2.0, 0.5, 150)
    # One shift a week and nearly no diminishing: the best is one sector.
    demand = PatrolDemand(effect=1e-4, rest_days=6, most_likely=0.999, exploration_cost=1.0)
    by_mean = plan_patrols(area, demand, optima=0).sectors.set_index("sector_id")["visits_per_week"]
    by_draws = plan_patrols(area, demand, optima=150).sectors.set_index("sector_id")["visits_per_week"]
    best = (area.value.loc["S2"] > 1.0).mean()
    assert by_mean["S0"] > 0.99
    assert by_draws["S2"] == pytest.approx(best, abs=0.01)
    assert by_draws["S1"] < 0.01


@pytest.mark.parametrize("seed", range(4))
def test_looking_around_costs_what_it_may_and_not_more(seed):
    area = made_up_area(posts=1, sectors=8, seed=seed, draws=60, spread_h=2.0)
    area.value[:] *= np.random.default_rng(seed).gamma(0.5, 2.0, area.value.shape)
    mean = area.value.mean(axis=1).to_numpy()

    def chosen(cost, optima=12):
        demand = PatrolDemand(rest_days=4, exploration_cost=cost)
        found = choose_frequencies(area, demand, optima=optima, random_state=1)
        return found.uses, mean @ found.problem.detected(found.uses)

    (best, most), (thompson, least) = chosen(0.0, optima=0), chosen(1.0)
    assert least < 0.98 * most
    between, detected = chosen(0.02)
    assert detected == pytest.approx(0.98 * most)
    way = thompson - best
    np.testing.assert_allclose(between, best + (between - best) @ way / (way @ way) * way, atol=1e-9)
    assert chosen(0.0)[1] == pytest.approx(most)
    assert chosen(1 - least / most + 1e-6)[1] == pytest.approx(least)


def test_an_observer_learns_little_from_schedules_and_all_from_a_repeated_one():
    area = made_up_area(posts=2, sectors=12, seed=3)
    frequencies = choose_frequencies(area, PatrolDemand(), optima=8)
    days = many_schedules(frequencies, 80).reshape(80 * 30, -1)
    assert max(gain_by_learning(days, 1200, 30).values()) < 0.1
    repeated = np.tile(visited(plan_patrols(area, PatrolDemand(days=7), optima=8), 7), (100, 1))
    assert min(gain_by_learning(repeated, 350, 7).values()) > 0.5


def test_a_sector_out_of_reach_is_left_out_with_a_note():
    area = made_up_area(posts=1, sectors=4, spread_h=2.0)
    area.access["S2"] = np.inf
    plan = plan_patrols(area, PatrolDemand(), optima=0)
    assert plan.sectors["sector_id"].tolist() == ["S0", "S1", "S3"]
    assert "S3" not in str(plan.notes[0])
    assert "S2" in str(plan.notes[0])


def test_rare_travel_is_not_spent_where_a_nearer_post_serves():
    area = made_up_area(posts=2, sectors=2, spread_h=1.0)
    access = pd.DataFrame([[0.5, 3.0], [3.0, 0.5]], index=area.access.index, columns=area.access.columns)
    between = pd.DataFrame([[0.0, 4.0], [4.0, 0.0]], index=area.between.index, columns=area.between.columns)
    plan = plan_patrols(replace(area, access=access, between=between), PatrolDemand(), optima=0)
    assert set(zip(plan.schedule["post_id"], plan.schedule["sectors"], strict=True)) == {
        ("P0", ("S0",)),
        ("P1", ("S1",)),
    }
