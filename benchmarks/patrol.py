"""Patrol plans on a simulated border: time and gap of the solver, and the price and use of drawing at random.

91 sectors of 5 km along a line, six posts at equal distances and a little inland, flows that differ from place to
place and are known poorly: all made up. Printed for decks of several sizes: what the frequencies detect beside the
proven bound for the mean flows, what schedules detect beside their frequencies, and which share of detections an
observer escapes who has watched every visit for two years and waits up to a week for a quiet day; at last the same for
one week's schedule repeated.
"""

import argparse
from dataclasses import replace
from time import perf_counter

import numpy as np
import pandas as pd
from scipy import stats

from models.patrol import PatrolPlan, draw_plan, plan_patrols
from models.patrol_demand import PatrolArea, PatrolDemand
from models.patrol_frequencies import OPTIMA, PatrolFrequencies, choose_frequencies
from models.patrol_predictability import gain_by_learning

SECTORS, POSTS, DRAWS = 91, 6, 400
ROAD_KMH, WALK_KMH = 12.0, 4.0
DECKS = (5, 6, 8, 13, 104)
LEARNED_DAYS, WATCHED_DAYS = 720, 1440


def simulated_area(seed: int) -> PatrolArea:
    """Return a border whose flows vary smoothly along it, with posterior draws around them."""
    rng = np.random.default_rng(seed)
    sectors = [f"S-{k:03}" for k in range(1, SECTORS + 1)]
    posts = [f"P-{k}" for k in range(1, POSTS + 1)]
    along = 5.0 * np.arange(SECTORS)
    inland = np.abs(np.cumsum(rng.normal(0, 1, SECTORS)))
    post_at = (np.arange(POSTS) + 0.5) * along[-1] / POSTS
    access = np.hypot(along - post_at[:, None], 3 + inland) / ROAD_KMH
    between = np.abs(along - along[:, None]) / WALK_KMH
    distance = np.abs(along - along[:, None])
    smooth = np.linalg.cholesky(np.exp(-distance / 30) + 1e-9 * np.eye(SECTORS)) @ rng.normal(size=SECTORS)
    truth = 0.5 * np.exp(smooth)
    draws = truth[:, None] * np.exp(0.6 * rng.normal(size=(SECTORS, DRAWS)) - 0.18)
    return PatrolArea(
        pd.DataFrame(draws, index=sectors),
        pd.DataFrame(access, index=posts, columns=sectors),
        pd.DataFrame(between, index=sectors, columns=sectors),
        pd.Series(1, index=posts),
    )


def visited(plan: PatrolPlan, days: int) -> np.ndarray:
    """Return days × sectors."""
    seen = np.zeros((days, len(plan.sectors)), dtype=bool)
    place = pd.Index(plan.sectors["sector_id"])
    for row in plan.schedule.itertuples():
        seen[row.day - 1, place.get_indexer(list(row.sectors))] = True
    return seen


def watched(frequencies: PatrolFrequencies, seed: int) -> np.ndarray:
    """Return the visits of plan after plan with the same flows, as long as an observer needs."""
    days = frequencies.demand.days
    rng = np.random.default_rng(seed)
    return np.concatenate([visited(draw_plan(frequencies, rng), days) for _ in range(WATCHED_DAYS // days)])


def shown(values: list[float]) -> str:
    """Return mean and half of a 90 % interval of the mean."""
    half = (
        stats.t.ppf(0.95, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    )
    return f"{np.mean(values):.1%} ± {half:.1%}"


def timed(title: str, area: PatrolArea) -> PatrolPlan:
    """Plan with default demands, and print time and gap."""
    started = perf_counter()
    chosen = choose_frequencies(area, PatrolDemand())
    plan = draw_plan(chosen, 0)
    print(
        f"{title}: {chosen.routes.post.size} routes, {perf_counter() - started:.1f} s in all, "
        f"solver {chosen.seconds:.1f} s for the mean and {OPTIMA} draws, largest gap {chosen.gap:.2%}"
    )
    return plan


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=8)
    worlds = parser.parse_args().worlds
    print(f"SIMULATED: {SECTORS} sectors, {POSTS} posts with one team, shifts of 8 h, 30 days; seeds 0 to {worlds - 1}")
    areas = [simulated_area(seed) for seed in range(worlds)]
    first = timed("one plan", areas[0])
    timed("one plan, ways 1/7 as long", replace(areas[0], access=areas[0].access / 7, between=areas[0].between / 7))
    guess = first.predictability
    print(
        f"entropy {guess.entropy_bits:.2f} bits a sector and day; best guess right {guess.best_guess:.0%}, "
        f"even visits {guess.even_guess:.0%}; largest weekly chance {first.sectors['weekly_visit'].max():.2f}"
    )
    by_mean = [plan_patrols(area, PatrolDemand(), optima=0) for area in areas]
    print(
        f"planned by the mean flows alone: frequencies / bound {shown([p.planned.mean / p.best for p in by_mean])}, "
        f"schedule / bound {shown([p.drawn.mean / p.best for p in by_mean])}"
    )
    observers = ("weekday", "quiet", "count")
    freely = [choose_frequencies(area, PatrolDemand(exploration_cost=1.0)) for area in areas]
    share = [float(one.area.value.mean(axis=1) @ one.problem.detected(one.uses)) / one.bound for one in freely]
    print(f"planned without a limit of what looking around may cost: frequencies / bound {shown(share)}")
    print("escaped by observers who know the weekday's rate, that after so many quiet days, or count visits to come")
    heads = ("frequencies / bound", "schedule / frequencies", *observers)
    print(f"{'weeks in the deck':<26}" + "".join(f"{head:>24}" for head in heads))
    for weeks in DECKS:
        plans, gains = [], []
        for seed, area in enumerate(areas):
            chosen = choose_frequencies(area, PatrolDemand(deck_weeks=weeks), random_state=seed)
            plans += [[draw_plan(chosen, 100 * seed + k) for k in range(20)]]
            gains.append(gain_by_learning(watched(chosen, seed), LEARNED_DAYS, chosen.demand.days))
        cells = [[own[0].planned.mean / own[0].best for own in plans]]
        cells += [[float(np.mean([p.drawn.mean / p.planned.mean for p in own])) for own in plans]]
        cells += [[gain[name] for gain in gains] for name in observers]
        print(f"{weeks:<26}" + "".join(f"{shown(cell):>24}" for cell in cells))
    fixed = [plan_patrols(area, PatrolDemand(days=7), random_state=seed) for seed, area in enumerate(areas)]
    gains = [gain_by_learning(np.tile(visited(plan, 7), (WATCHED_DAYS // 7, 1)), LEARNED_DAYS, 7) for plan in fixed]
    print(f"{'one week again and again':<74}" + "".join(f"{shown([g[name] for g in gains]):>24}" for name in observers))


if __name__ == "__main__":
    main()
