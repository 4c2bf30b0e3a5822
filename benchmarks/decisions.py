"""Plans in simulated provinces of known truth, beside simpler ways to plan with the same teams, hours and sessions.

The provinces are those of `decision_worlds`: people are not moved as `BorderFlows` assumes. What sessions prevent has
the form that the plan takes, with another scale in each world. Seeds below 100 were for development; the tables are of
seeds from 100 on. Printed are means over worlds with half of their 90 % interval, and paired ratios of sums with 90 %
intervals by drawing the worlds again.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import argparse
import platform
from dataclasses import replace
from importlib.metadata import version
from time import perf_counter

import numpy as np
import pandas as pd
from decision_worlds import CRS, DecisionWorld, province, simulate_decision_world
from in_pieces import each
from patrol import LEARNED_DAYS, WALK_KMH, WATCHED_DAYS, visited, watched
from worlds import by_quarter, model, neighbours, shown, units

from models.bootstrap import estimate, ratios, resampling
from models.border_ranking import Reach, rank_patrol
from models.flows import BorderFlows
from models.outreach import plan_outreach
from models.outreach_programme import EXPLORE, Programme
from models.outreach_response import Response
from models.patrol import draw_plan, plan_patrols
from models.patrol_demand import PatrolArea, PatrolDemand
from models.patrol_frequencies import OPTIMA, PatrolFrequencies, choose_frequencies
from models.patrol_predictability import gain_by_learning

WORLDS = 50
DRAWS = 400
DEMAND = PatrolDemand(hours=8.0, days=30)
TEAMS = {"six teams": ("P-1", "P-2", "P-3", "P-4", "P-5", "P-6"), "two teams": ("P-2", "P-5")}
REACH = Reach(patrol_m=20_000.0, crossing_m=10_000.0, crossing_pull=1.0)
SPREAD = 0.1
"""Share that plans by counts and by risk spread evenly, as nobody leaves a team idle where nothing was recorded."""
SCHEDULES = 10
"""Drawn for what drawing loses."""
SESSIONS, FLOOR = 505, 1
MONTHS = pd.period_range("2018-01", periods=12, freq="M")
SCALE_SD = 0.5
"""Of the log of the sessions that it takes, about what the plan assumes."""

Scores = dict[str, float]


def area_of(world: DecisionWorld, value: np.ndarray, posts: tuple[str, ...]) -> PatrolArea:
    """Return the border as a planner sees it who expects these crossings, shape (sectors,) or (sectors, draws)."""
    ids = world.hours.columns
    between = pd.DataFrame(province().along_km / WALK_KMH, ids, ids)
    values = pd.DataFrame(value.reshape(len(ids), -1), ids)
    return PatrolArea(values, world.access.loc[list(posts)], between, pd.Series(1, index=list(posts)))


def with_spread(value: np.ndarray) -> np.ndarray:
    """Return shares of which a part is spread evenly."""
    return (1 - SPREAD) * value / max(value.sum(), 1e-12) + SPREAD / value.size


def by_counts(world: DecisionWorld, cases: pd.DataFrame) -> np.ndarray:
    """Return cases by sector; those of which the crossing is not known at the sector nearest to their origin."""
    nearest = world.hours.idxmin(axis=1).loc[cases["commune_code"]].to_numpy()
    taken = cases["sector_id"].where(cases["sector_id"].notna(), nearest)
    counts: np.ndarray = taken.value_counts().reindex(world.hours.columns).fillna(0.0).to_numpy(dtype=float)
    return counts


def by_risk(world: DecisionWorld, expected: pd.Series) -> np.ndarray:
    """Return the scores of `rank_patrol`: the expected risk of the communes near each sector, and its crossings."""
    outreach = units()[["commune_code", "name"]].assign(expected=expected.reindex(units()["commune_code"]).to_numpy())
    args = province().sectors, province().crossings, outreach, province().cells
    ranking = rank_patrol(*args, reach=REACH, crs=CRS).set_index("sector_id")
    scores: np.ndarray = ranking["score"].reindex(world.hours.columns).to_numpy(dtype=float)
    return scores


def caught(frequencies: PatrolFrequencies, flow: pd.Series) -> float:
    """Return the share of the true crossings that frequencies detect."""
    share = pd.Series(frequencies.problem.detected(frequencies.uses), frequencies.area.value.index)
    return float((share * flow.reindex(share.index)).sum() / flow.sum())


def values_of(world: DecisionWorld, risk: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return what each way of planning expects at the sectors: a value each, or posterior draws."""
    known = world.cases[world.cases["sector_id"].notna()]
    fitted, untold = (BorderFlows().fit(world.hours, cases, sectors=province().table) for cases in (known, None))
    draws = fitted.predict(risk).draws.to_numpy()
    return {
        "flows": draws,
        "flows, their mean alone": draws.mean(axis=1),
        "flows, no crossing known": untold.predict(risk).draws.to_numpy(),
        "case counts, five years": with_spread(by_counts(world, world.cases)),
        "case counts, last year": with_spread(by_counts(world, world.cases[world.cases["latest"]])),
        "commune risk": with_spread(by_risk(world, risk.mean(axis=1))),
        "even": np.ones(world.flow.size),
        "true flows": world.flow,
    }


def patrol_scores(world: DecisionWorld, risk: pd.DataFrame) -> tuple[dict[str, Scores], Scores]:
    """Return what each way of planning catches, by teams, and what the schedules lose and give away."""
    flow, values = pd.Series(world.flow, world.hours.columns), values_of(world, risk)
    scores, schedules = dict[str, Scores](), Scores()
    for teams, posts in TEAMS.items():
        plans = {
            name: choose_frequencies(area_of(world, value, posts), DEMAND, optima=OPTIMA if value.ndim > 1 else 0)
            for name, value in values.items()
        }
        scores[teams] = {name: caught(plan, flow) for name, plan in plans.items()}
        schedules = schedules or schedule_scores(plans["flows"])
    known = float(world.cases["sector_id"].notna().sum())
    return scores, schedules | {"crossings known": known, "cases": float(len(world.cases))}


def schedule_scores(chosen: PatrolFrequencies) -> Scores:
    """Return what random schedules lose of the fixed optimum, and what an observer gains who learns."""
    plans = [draw_plan(chosen, seed) for seed in range(SCHEDULES)]
    drawn = float(np.mean([plan.drawn.mean for plan in plans]))
    fixed = plan_patrols(chosen.area, replace(DEMAND, days=7), optima=0)
    repeated = np.tile(visited(fixed, 7), (WATCHED_DAYS // 7, 1))
    return {
        "lost by looking around": 1 - plans[0].planned.mean / plans[0].best,
        "lost by drawing, too": 1 - drawn / plans[0].best,
        "gained by learning, random": max(gain_by_learning(watched(chosen, 0), LEARNED_DAYS, DEMAND.days).values()),
        "gained by learning, fixed": max(gain_by_learning(repeated, LEARNED_DAYS, 7).values()),
    }


def in_proportion(weight: np.ndarray, sessions: int) -> np.ndarray:
    """Return whole sessions in proportion to weights, the largest remainders rounded up."""
    share = weight / weight.sum() * sessions
    whole = np.floor(share).astype(int)
    whole[np.argsort(whole - share, kind="stable")[: sessions - whole.sum()]] += 1
    return whole


def people_at_risk() -> pd.Series:
    """Return women and children by commune, all people where they are not known."""
    table = units().set_index("commune_code")
    return table["women_children"].fillna(table["population"]).astype(float)


def in_mind(world: DecisionWorld, half_life: float) -> pd.Series:
    """Return the earlier sessions per 1,000 persons at risk that are remembered when the plan begins."""
    table = world.risk.panel.pivot(index="commune_code", columns="month", values="sessions")
    kept = 0.5 ** (np.arange(table.shape[1])[::-1] / half_life)
    people = people_at_risk()
    remembered: pd.Series = 1000 * (table.loc[people.index] @ kept) / people
    return remembered


def past_counts(world: DecisionWorld) -> dict[str, pd.Series]:
    """Return what was recorded by commune."""
    panel = world.risk.panel
    last = panel["month"].dt.year == panel["month"].dt.year.max()
    sums = {
        name: rows.groupby("commune_code", sort=False)[["cases", "absences"]].sum()
        for name, rows in (("five years", panel), ("last year", panel[last]))
    }
    return {f"cases, {name}": table["cases"] for name, table in sums.items()} | {
        f"cases + absences, {name}": table.sum(axis=1) for name, table in sums.items()
    }


def outreach_scores(world: DecisionWorld, draws: pd.DataFrame, seed: int) -> Scores:
    """Return the events that each allocation of the sessions truly prevents."""
    response, people = Response(), people_at_risk()
    true = replace(response, scale=response.scale * np.random.default_rng([seed, 7]).lognormal(0.0, SCALE_SD))
    remembered = in_mind(world, response.half_life_months)
    truth = pd.DataFrame(world.expected, people.index)

    def planned(risk: pd.DataFrame, law: Response, explore: float = 0.0, floor: int = FLOOR) -> np.ndarray:
        programme = Programme(SESSIONS, MONTHS, floor=floor, explore=explore)
        table = plan_outreach(units(), risk, programme, law, in_mind=remembered).communes
        sessions: np.ndarray = table.set_index("commune_code")["sessions"].loc[people.index].to_numpy()
        return sessions

    def counted(weight: pd.Series) -> np.ndarray:
        share = weight.loc[people.index].to_numpy(dtype=float)
        return FLOOR + in_proportion(share, SESSIONS - FLOOR * len(people))

    sessions = {
        "plan": planned(draws, response, explore=EXPLORE),
        "plan without exploration": planned(draws, response),
        **{name: counted(weight) for name, weight in (past_counts(world) | {"people": people}).items()},
        "truth known": planned(truth, true),
        "truth known, no floor": planned(truth, true, floor=0),
    }
    worth = world.expected * true.ceiling * true.left_by(remembered.to_numpy(), len(MONTHS))
    step = true.per_session(people.to_numpy(), len(MONTHS))
    return {name: float(worth @ -np.expm1(-step * held)) for name, held in sessions.items()}


def one_world(seed: int) -> tuple[dict[str, Scores], Scores, Scores]:
    """Return the scores of one world: patrols by teams, schedules, outreach."""
    world = simulate_decision_world(seed)
    fit = model().fit(by_quarter(world.risk), neighbours())
    draws = pd.DataFrame(fit.draws_, fit.units_)
    patrols, schedules = patrol_scores(world, draws.iloc[:, :DRAWS])
    return patrols, schedules, outreach_scores(world, draws, seed)


def ratio(table: pd.DataFrame, above: str, below: str) -> str:
    """Return the ratio of sums over worlds with its 90 % interval."""
    drawn = resampling(len(table), 4000, np.random.default_rng(0))
    found = estimate(*ratios(table[above].to_numpy(), table[below].to_numpy(), drawn), level=0.9)
    return f"{found.value:.3f} ({found.lower:.3f}-{found.upper:.3f})"


def print_ways(title: str, table: pd.DataFrame, plan: str, best: str) -> None:
    """Print each way of planning, what the plan reaches as a multiple of it, and what could be reached."""
    print(f"\n{title:<44}{'mean':>18}{f'{plan} / it':>24}{f'{best} / it':>30}")
    for name in table:
        print(f"{name:<44}{shown(table[name]):>18}{ratio(table, plan, name):>24}{ratio(table, best, name):>30}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=100, help="first seed")
    parser.add_argument("--worlds", type=int, default=WORLDS)
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.worlds)
    started = perf_counter()
    results = each(one_world, list(seeds))
    sectors = len(province().sectors)
    print(f"SIMULATED: {asked.worlds} worlds, seeds {seeds[0]} to {seeds[-1]}; 129 communes, {sectors} sectors")
    print(
        f"Python {platform.python_version()}, numpy {version('numpy')}, scipy {version('scipy')}; "
        f"{perf_counter() - started:.0f} s by two processes"
    )
    for teams in TEAMS:
        table = pd.DataFrame([patrols[teams] for patrols, _, _ in results])
        print_ways(f"share of true crossings caught, {teams}", table, "flows", "true flows")
    print()
    for name, values in pd.DataFrame([schedules for _, schedules, _ in results]).items():
        print(f"{name:<44}{shown(values):>18}")
    table = pd.DataFrame([outreach for _, _, outreach in results])
    print_ways("events prevented, 505 sessions by", table, "plan", "truth known")


if __name__ == "__main__":
    main()
