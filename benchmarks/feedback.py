"""Ten cycles of plan, observe and retrain: whether outreach finds the risk, or runs after its own records.

Worlds are those of `models.worlds` on the 129 communes. Each year's sessions are shared out by what one way of planning
says of the years before; what is recorded next year depends on it. Printed is the share of the sessions that lie
elsewhere than they would if the true risk were known, and the share of the ten communes that get most.
"""

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd
from in_pieces import each
from worlds import COVARIATES, EFFORT, neighbours, shown, units

from models.risk import RiskModel
from models.worlds import Options, simulate_world

CYCLES = 10
TOP = 10


def by_counts(panel: pd.DataFrame) -> np.ndarray:
    """Share sessions out by what was recorded last year, with a tenth of it for where nothing was."""
    last = panel[panel["month"].dt.year == panel["month"].dt.year.max()]
    recorded = last.groupby("commune_code", sort=False)[["cases", "absences"]].sum().sum(axis=1).to_numpy(dtype=float)
    share = recorded / max(recorded.sum(), 1.0)
    return 0.9 * share / max(share.sum(), 1e-9) + 0.1 / share.size


def by_people(panel: pd.DataFrame) -> np.ndarray:
    """Share sessions out by people."""
    people = panel.groupby("commune_code", sort=False)["population"].first().to_numpy(dtype=float)
    return people / people.sum()


def by_model(effort: tuple[str, ...]) -> Callable[[pd.DataFrame], np.ndarray]:
    """Share sessions out by what the model expects."""

    def plan(panel: pd.DataFrame) -> np.ndarray:
        sums = dict.fromkeys(("cases", "absences", "population"), "sum")
        means, firsts = dict.fromkeys(EFFORT, "mean"), dict.fromkeys(COVARIATES, "first")
        table = panel.assign(quarter=panel["month"].dt.asfreq("Q"), population=panel["population"] / 3)
        table = table.groupby(["commune_code", "quarter"], sort=False).agg(sums | means | firsts).reset_index()
        model = RiskModel(effort=effort, covariates=COVARIATES, period="quarter", draws=200).fit(table, neighbours())
        expected = model.predict()["expected"].to_numpy()
        return expected / expected.sum()

    return plan


PLANS = {
    "people": by_people,
    "last year's records": by_counts,
    "model, blind to effort": by_model(()),
    "model": by_model(tuple(EFFORT)),
}


def one_world(case: tuple[str, int]) -> tuple[str, list[float], list[float]]:
    """Return the misplaced share and the share of the ten with most, for each cycle."""
    name, seed = case
    shares: list[np.ndarray] = []

    def plan(panel: pd.DataFrame) -> np.ndarray:
        shares.append(PLANS[name](panel))
        return shares[-1]

    world = simulate_world(units(), Options(years=CYCLES + 1), plan=plan, random_state=seed)
    truth = world.truth["true_expected"].to_numpy()
    truth = truth / truth.sum()
    misplaced = [0.5 * float(np.abs(share - truth).sum()) for share in shares]
    return name, misplaced, [float(np.sort(share)[-TOP:].sum()) for share in shares]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=100, help="first seed")
    parser.add_argument("--worlds", type=int, default=12)
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.worlds)
    results = each(one_world, [(name, seed) for name in PLANS for seed in seeds])
    truths = [simulate_world(units(), random_state=seed).truth["true_expected"].to_numpy() for seed in seeds]
    print(f"SIMULATED: {asked.worlds} worlds, seeds {seeds[0]} to {seeds[-1]}; 129 communes, {CYCLES} cycles")
    print(f"the ten communes with most true events have {shown([np.sort(t)[-TOP:].sum() / t.sum() for t in truths])}")
    print(
        f"{'plan by':<26}"
        + "".join(f"{title:>22}" for title in ("misplaced, cycle 1", "cycle 5", "cycle 10", "ten with most"))
    )
    for name in PLANS:
        misplaced = np.array([row for key, row, _ in results if key == name])
        top = np.array([row for key, _, row in results if key == name])
        cells = [*(shown(misplaced[:, cycle]) for cycle in (0, 4, 9)), shown(top[:, -1])]
        print(f"{name:<26}" + "".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
