import numpy as np
import pytest

from models.patrol_predictability import gain_by_learning, predictability


def test_entropy_and_guess_of_a_coin_a_certainty_and_a_rarity():
    found = predictability(np.array([0.5, 1.0, 0.125]))
    rare = -(0.125 * np.log2(0.125) + 0.875 * np.log2(0.875))
    assert found.entropy_bits == pytest.approx((1 + 0 + rare) / 3)
    assert found.best_guess == 1.0
    assert found.even_guess == pytest.approx(1.625 / 3)


def test_nothing_is_learned_from_independent_days():
    visited = np.random.default_rng(0).random((3000, 40)) < 0.2
    assert max(map(abs, gain_by_learning(visited, 1500, 30).values())) < 0.08


def test_all_is_learned_from_the_same_week_again_and_again():
    week = np.zeros((7, 3), dtype=bool)
    week[[0, 2, 5], [0, 1, 2]] = True
    gains = gain_by_learning(np.tile(week, (60, 1)), 210, 7)
    assert gains["weekday"] == gains["count"] == 1.0


def test_a_rhythm_that_is_not_of_the_week_is_learned_from_quiet_days():
    visited = np.zeros((1000, 2), dtype=bool)
    visited[::5, 0] = visited[2::4, 1] = True
    assert gain_by_learning(visited, 500, 28)["quiet"] == 1.0


def test_one_visit_in_each_plan_is_learned_by_counting():
    rng = np.random.default_rng(1)
    visited = np.zeros((30 * 60, 20), dtype=bool)
    for plan in range(60):
        visited[30 * plan + rng.integers(30, size=20), np.arange(20)] = True
    assert gain_by_learning(visited, 900, 30)["count"] > 0.15


def test_sectors_that_nobody_visits_teach_nothing():
    assert set(gain_by_learning(np.zeros((100, 3), dtype=bool), 50, 10).values()) == {0.0}
