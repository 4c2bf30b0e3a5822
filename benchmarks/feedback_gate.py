"""The feedback gate: the shipped ways of choosing find the risk, and do not run after their own records.

Ten cycles on 150 communes, or sectors, of which nothing is known at first (`models.feedback`). What is recorded in a
cycle depends on where it looked; the risk model learns from it, and the shipped plan of outreach or of patrols follows
from the model. Where all risk is equal, the ten with most must have no more than a fifth of the effort of the tenth
cycle; where it is skewed, effort must follow the truth (Spearman) and patrols detect nearly what they would if they
knew it. Patrols are shown for several limits of what looking around may cost; beside them those without the correction
for effort, those that leave nothing to chance, and naive chasing, which lacks both.
90 % intervals of the means.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from in_pieces import each
from scipy import stats

from models.feedback import Records, equal_risk, follows, on_top, run_cycles, skewed_risk
from models.feedback_policies import NOTICES, Outreach, Patrols, chasing, uncorrected, unvaried

CYCLES = 10
CROSSINGS = 2.0
"""Mean crossings of a sector and cycle."""
EVENTS, UNAIDED = 0.7, 0.3
"""Mean events of a commune and year, and the attention that they get without any session."""
LESS = {"uncorrected": uncorrected, "unvaried": unvaried, "chasing": chasing}
"""Patrols that lack one thing that the shipped ones have, or both."""
PANELS = (
    ("equal risk: share of ten of 150 (≤ 0.2)", 0, 0.2),
    ("skewed: effort follows the truth (≥ 0.6)", 3, 0.6),
    ("skewed: of the oracle's catch (≥ 0.8)", 4, 0.8),
)
"""Headings, columns of the table, and goals."""
CALLED = {
    "outreach": "outreach", "uncorrected": "patrols without the correction for effort",
    "unvaried": "patrols leaving nothing to chance", "chasing": "naive chasing",
}  # fmt: skip
COSTS = (0.0, 0.035, 0.07, 0.1, 0.15, 1.0)


def policy(name: str) -> Outreach | Patrols:
    """Return a way of choosing by its name in the table."""
    if name == "outreach":
        return Outreach()
    if name in LESS:
        return LESS[name]()
    demand = replace(Patrols().demand, exploration_cost=float(name.removeprefix("patrols ")))
    return Patrols(demand)


def one_world(case: tuple[str, int]) -> tuple[str, list[float]]:
    """Return what a policy does in the world of a seed: equal risk first, then skewed."""
    name, seed = case
    choose = policy(name)
    mean, unaided = (EVENTS, UNAIDED) if name == "outreach" else (CROSSINGS, 0.0)
    truth = mean * skewed_risk(np.random.default_rng([seed, 1]))
    equal, skewed = (
        run_cycles(choose, events, CYCLES, np.random.default_rng(seed), unaided=unaided)
        for events in (mean * equal_risk(), truth)
    )
    # The oracle keeps to the limits of what is shipped, also beside naive chasing, which does not.
    oracle = Outreach() if name == "outreach" else Patrols()
    most = oracle.worth(oracle.best(truth), truth)
    reached = [oracle.worth(effort, truth) / most for effort in skewed.effort]
    row = [*said(equal), follows(skewed.effort[-1], truth), reached[-1], float(np.mean(reached)), *said(skewed)]
    return name, row


def said(records: Records) -> list[float]:
    """Return the share of the ten with most, in the last cycle and in all, and how many units never got effort."""
    total = records.effort.sum(axis=0)
    return [on_top(records.effort[-1]), on_top(total), float((total <= 0).sum())]


def half_width(values: np.ndarray) -> float:
    """Return half of the mean's interval."""
    return float(stats.t.ppf(0.95, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))


def shown(values: np.ndarray) -> str:
    """Return a mean with its interval."""
    return f"{values.mean():.3f} ± {half_width(values):.3f}"


def draw(tables: dict[str, np.ndarray], worlds: int, picture: Path) -> None:
    """Draw the means with their intervals beside the goals, a row for each way of choosing."""
    figure, panels = plt.subplots(1, len(PANELS), figsize=(10, 4.2), sharey=True, layout="constrained")
    for axes, (heading, column, goal) in zip(panels, PANELS, strict=True):
        axes.axvline(goal, color="#777777", linestyle=":")
        for row, (name, table) in enumerate(tables.items()):
            values = table[:, column]
            colour = "#bd0026" if name in LESS else "#005b96"
            axes.errorbar(values.mean(), -row, xerr=half_width(values), fmt="o", color=colour, markersize=5)
        axes.set_title(heading, fontsize=8)
        axes.grid(axis="y", color="#eeeeee")
    called = [
        CALLED.get(name) or f"patrols, looking around costs ≤ {100 * float(name.split()[1]):g} %" for name in tables
    ]
    panels[0].set_yticks(-np.arange(len(called)), called, fontsize=9)
    figure.suptitle(
        f"SIMULATED: the tenth cycle in {worlds} worlds of each kind, means with 90 % intervals; dotted: the goals",
        fontsize=10,
    )
    figure.savefig(picture, dpi=110)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=4)
    every = [*(f"patrols {cost:g}" for cost in COSTS), "outreach", *LESS]
    parser.add_argument("--only", choices=every, action="append", help="a row of the table, again for more")
    parser.add_argument("--picture", type=Path, help="draw the table's curve into this file too")
    asked = parser.parse_args()
    worlds, names = asked.worlds, asked.only or every
    results = each(one_world, [(name, seed) for seed in range(worlds) for name in names])
    print(f"SIMULATED: {worlds} worlds of each kind, seeds 0 to {worlds - 1}; 150 units, {CYCLES} cycles")
    print(f"outreach: a session brings {NOTICES} of attention, {UNAIDED} are there without any")
    heads = (
        "equal: ten, last", "all cycles", "never", "skewed: follows", "reached, last", "on average", "ten, last",
        "all cycles", "never",
    )  # fmt: skip
    print(f"{'choice by':<16}" + "".join(f"{head:>18}" for head in heads))
    tables = {name: np.array([values for key, values in results if key == name]) for name in names}
    for name, table in tables.items():
        print(f"{name:<16}" + "".join(f"{shown(column):>18}" for column in table.T), flush=True)
    truths = [CROSSINGS * skewed_risk(np.random.default_rng([seed, 1])) for seed in range(worlds)]
    oracle = np.array([[follows(Patrols().best(t), t), on_top(Patrols().best(t)), on_top(t)] for t in truths])
    print(f"the oracle's patrols follow the truth by {shown(oracle[:, 0])}, with {shown(oracle[:, 1])} on ten")
    if asked.picture:
        draw(tables, worlds, asked.picture)
    print(f"the ten with most true crossings have {shown(oracle[:, 2])} of them")


if __name__ == "__main__":
    main()
