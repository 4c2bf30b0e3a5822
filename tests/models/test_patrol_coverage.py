from itertools import product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp, minimize

from models.patrol_coverage import CoverageProblem, looks_of, most_visits, optimise_coverage, problem_of, weekly_visit
from models.patrol_demand import PatrolDemand
from models.patrol_routes import Routes, enumerate_routes
from tests.models.patrol_areas import made_up_area


def problem_for(area, shifts, most=np.inf, effect=0.1):
    routes = enumerate_routes(area, 8.0, 1.0)
    sectors = len(area.value)
    looks = 1 - np.exp(-effect * routes.watch)
    return CoverageProblem(routes, np.array(shifts, dtype=float), np.zeros(sectors), np.full(sectors, most), looks)


def two_sectors(shifts, base=(0.0, 0.0)):
    """One post, two sectors an hour away, one at a time: a look of 0.7 a shift."""
    routes = Routes(np.array([0, 0]), np.array([[0, -1, -1], [1, -1, -1]]), np.full(2, 2.0), np.full(2, 6.0))
    return CoverageProblem(routes, np.array([shifts]), np.array(base), np.full(2, np.inf), np.full(2, 0.7))


def test_two_sectors_share_the_shifts_so_that_marginal_gains_are_equal():
    found = optimise_coverage(two_sectors(shifts=4.0), np.array([3.0, 1.0]))
    # 3 exp(−0.7 a) = exp(−0.7 b) and a + b = 4.
    a = 2 + np.log(3) / 1.4
    assert found.uses.sum() == pytest.approx(4.0)
    assert found.reached == pytest.approx(3 * -np.expm1(-0.7 * a) - np.expm1(-0.7 * (4 - a)), rel=1e-3)
    assert found.uses[0] == pytest.approx(a, rel=0.05)
    assert 0 <= found.gap < 1e-3


def test_a_look_has_diminishing_returns_and_a_short_plan_is_counted_in_weeks():
    routes = Routes(np.array([0]), np.array([[0, 1, -1]]), np.array([2.0]), np.array([3.0]))
    assert looks_of(routes, PatrolDemand(effect=0.1)) == pytest.approx([1 - np.exp(-0.3)])
    assert looks_of(routes, PatrolDemand(effect=0.1, days=2)) == pytest.approx([3.5 * (1 - np.exp(-0.3))])


@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_is_that_of_a_general_solver(seed):
    area = made_up_area(posts=2, sectors=4, seed=seed)
    problem, value = problem_for(area, [3, 2], most=1.4), area.value.mean(axis=1).to_numpy()
    routes = problem.routes
    visits = routes.visits(4).toarray()
    posts = np.equal.outer(np.arange(2), routes.post).astype(float)
    general = minimize(
        lambda uses: -value @ problem.detected(uses),
        np.zeros(routes.post.size),
        method="SLSQP",
        bounds=[(0, None)] * routes.post.size,
        constraints={"type": "ineq", "fun": lambda x: np.concatenate([problem.shifts - posts @ x, 1.4 - visits @ x])},
        options={"maxiter": 1000, "ftol": 1e-10},
    )
    found = optimise_coverage(problem, value)
    assert general.success
    assert found.reached == pytest.approx(-general.fun, rel=2e-3)
    assert found.bound >= -general.fun * (1 - 1e-7)
    assert (posts @ found.uses <= problem.shifts + 1e-7).all()
    assert (visits @ found.uses <= 1.4 + 1e-7).all()


def test_no_whole_numbers_of_uses_exceed_the_bound():
    area = made_up_area(posts=1, sectors=3, seed=5)
    problem, value = problem_for(area, [3]), area.value.mean(axis=1).to_numpy()
    n = problem.routes.post.size
    worths = [
        value @ problem.detected(np.array(uses, dtype=float)) for uses in product(range(4), repeat=n) if sum(uses) <= 3
    ]
    found = optimise_coverage(problem, value)
    assert max(worths) <= found.bound * (1 + 1e-9)
    assert max(worths) >= 0.9 * found.bound


def test_the_optimum_is_that_of_a_mixed_integer_program_with_chords_where_fractions_do_not_help():
    # 0 and whole shifts are where the chords meet the law, and equal sectors get one shift each.
    problem, value = two_sectors(shifts=2.0), np.array([1.0, 1.0])
    gains = -np.expm1(-0.7 * np.arange(3))
    solution = milp(
        -np.tile(np.diff(gains), 2),
        integrality=np.ones(4),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(np.ones((1, 4)), ub=2),
    )
    found = optimise_coverage(problem, value)
    assert found.reached == pytest.approx(-solution.fun, rel=1e-3)
    np.testing.assert_allclose(found.uses, [1.0, 1.0], rtol=0.1)


def test_routes_of_several_sectors_are_found_where_they_help():
    # Near sectors and long shifts: three looks of two hours are worth more than one of seven.
    area = made_up_area(posts=1, sectors=6, spread_h=0.5)
    problem = problem_for(area, [2.0], effect=1.0)
    found = optimise_coverage(problem, np.ones(6))
    stops = (problem.routes.stops >= 0).sum(axis=1)
    assert found.gap < 1e-3
    assert (found.uses[stops == 3]).sum() > 1.5


def test_looks_given_already_count():
    found = optimise_coverage(two_sectors(shifts=1.0, base=(3.0, 0.0)), np.ones(2))
    np.testing.assert_allclose(found.uses, [0.0, 1.0], atol=1e-9)


def test_the_limit_of_visits_gives_the_weekly_chance():
    for shifts, weeks in ((7, 6), (3, 5), (12, 40)):
        most = most_visits(0.8, shifts, weeks)
        assert weekly_visit(most, shifts, weeks) == pytest.approx(0.8)
    # One of 28 shifts in four weeks lies in a given week with chance 1/4.
    assert weekly_visit(0.25, 7, 4) == pytest.approx(0.25)
    # Two of them: 1 − (21 · 20) / (28 · 27).
    assert weekly_visit(0.5, 7, 4) == pytest.approx(1 - 21 * 20 / (28 * 27))


def test_pinned_routes_take_shifts_and_give_looks():
    area = made_up_area(posts=2, sectors=4)
    routes = enumerate_routes(area, 8.0, 1.0)
    pinned = routes.take(np.array([0]))
    problem = problem_of(routes, np.array([7, 7]), pinned, np.array([0]), 4, PatrolDemand())
    assert problem.shifts.tolist() == [6.0, 7.0]
    assert problem.base_looks.tolist() == [-np.expm1(-0.1 * pinned.watch[0]), 0.0, 0.0, 0.0]
    assert np.isinf(problem.most_visits).tolist() == [True, False, False, False]
