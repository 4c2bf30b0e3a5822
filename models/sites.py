"""Pilot sites: which few places bring a support model nearest to most people and most risk."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Message, PlanError
from models.site_search import best_sets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WHOLE = 5e7
"""Sets of sites are enumerated whole while (number of sets) × (communes) is at most this."""
BLOCK = 2048
"""Sets that are looked at together."""
NEAR = 0.01
"""Sets within this share of the best count as good as it."""
GOALS = ("travel", "people", "risk")
"""Mean travel of a unit of risk to the nearest site (p-median); people, and risk, within reach (maximal coverage)."""


@dataclass(frozen=True)
class SiteChoice:
    """What each set of sites reaches, and which of them a decision lies between.

    Attributes
    ----------
    shortlist
        The sets that no other beats in all of travel, people and risk: ``sites`` (tuple of codes), ``travel`` (mean to
        the nearest site, weighted by risk), ``people`` and ``risk`` within reach, their shares ``people_share`` and
        ``risk_share``, ``best_in`` (goals in which the set is best, ties included), ``near_best_in`` (goals in which it
        is within 1 % of the best), ``reasons`` (tuples of Message). Most risk first.
    near
        For each goal the sets within 1 % of the best, best first: ``goal``, ``rank`` (equal values share it),
        ``sites``, ``value``, ``gap`` (share by which it is worse than the best).
    runners_up
        For each goal the best set that is not tied with the best: ``goal``, ``sites``, ``value``, ``gap``. Where all
        sets tie there is none.
    out_of_reach
        Codes of communes that no candidate can be reached from at all; no set changes anything for them.
    exhaustive
        Whether all sets were looked at; otherwise the best ten for each goal (integer programming), and the shortlist
        is made of these.
    """

    shortlist: pd.DataFrame
    near: pd.DataFrame
    runners_up: pd.DataFrame
    out_of_reach: tuple[str, ...]
    exhaustive: bool


def choose_sites(communes: pd.DataFrame, travel: pd.DataFrame, count: int, within: float) -> SiteChoice:
    """Compare sets of sites by travel (p-median, Hakimi 1964) and by what is in reach (Church & ReVelle 1974).

    Parameters
    ----------
    communes
        ``commune_code``, ``people`` and ``risk`` (expected events a year).
    travel
        Hours or kilometres from each commune (rows, by code) to each candidate (columns, by code); infinite where there
        is no way.
    count
        How many sites.
    within
        What counts as in reach, in the unit of ``travel``.

    Raises
    ------
    PlanError
        If there is no commune, more sites are asked for than there are candidates (or less than one), the table lacks
        communes or has negative or missing values, or nobody is in reach of any candidate.

    References
    ----------
    Hakimi, S. L. (1964). Optimum locations of switching centers and the absolute centers and medians of a graph.
    Operations Research 12(3), 450–459.
    Church, R. & ReVelle, C. (1974). The maximal covering location problem. Papers of the Regional Science Association
    32, 101–118.
    """
    people, risk, way = _checked(communes, travel, count, within)
    connected = np.isfinite(way).any(axis=1)
    totals = {"people": float(people.sum()), "risk": float(risk.sum())}
    people, risk, way = people[connected], risk[connected], way[connected]
    reach = way <= within
    if not risk.any():
        raise PlanError("The risk is zero in every commune that has a way to a candidate: fit the risk model first")
    if not reach.any():
        raise PlanError("No commune has a candidate within {within}: allow a longer way", within=within)
    exhaustive = comb(way.shape[1], count) * len(way) <= WHOLE
    if exhaustive:
        sets = np.concatenate(list(_all_sets(way.shape[1], count)))
    else:
        sets = best_sets(way, reach, risk, people, count, NEAR)
    scores = _scores(sets, way, reach, risk, people)
    values = pd.DataFrame(scores, columns=list(GOALS))
    names = travel.columns.astype(str).to_numpy()
    values.insert(0, "sites", [tuple(names[list(chosen)]) for chosen in sets.tolist()])
    near, runners_up = _near(values)
    return SiteChoice(
        _shortlist(values, totals),
        near,
        runners_up,
        tuple(communes["commune_code"].astype(str)[~connected]),
        exhaustive,
    )


def draw_sites(choice: SiteChoice, random_state: int) -> tuple[str, ...]:
    """Draw one set from the shortlist, each with the same chance: a fair choice, and a fair comparison afterwards.

    The shortlist is to be fixed and the seed told by somebody else before the draw.
    """
    place = int(np.random.default_rng(random_state).integers(len(choice.shortlist)))
    sites: tuple[str, ...] = choice.shortlist["sites"].iloc[place]
    return sites


def _checked(communes: pd.DataFrame, travel: pd.DataFrame, count: int, within: float) -> tuple[Floats, Floats, Floats]:
    codes = pd.Index(communes["commune_code"])
    if codes.empty:
        raise PlanError("There is no commune to plan for; add the layer of communes first")
    if not 1 <= count <= travel.shape[1]:
        raise PlanError(
            "{count} sites cannot be chosen from {n} candidates: ask for 1 to {n}", count=count, n=travel.shape[1]
        )
    way = travel.reindex(codes).to_numpy(dtype=float)
    numbers = communes[["people", "risk"]].to_numpy(dtype=float)
    if not (codes.is_unique and travel.index.is_unique and travel.columns.is_unique):
        raise PlanError("A commune code stands in the layer more than once")
    if not (way >= 0).all() or not np.isfinite(numbers).all() or (numbers < 0).any() or not within >= 0:
        raise PlanError("Travel, people and risk must be numbers from 0 on, travel for each commune and candidate")
    return numbers[:, 0], numbers[:, 1], way


def _all_sets(candidates: int, count: int) -> Iterator[Ints]:
    sets = combinations(range(candidates), count)
    while block := list(islice(sets, BLOCK)):
        yield np.array(block, dtype=np.int64)


def _scores(sets: Ints, way: Floats, reach: NDArray[np.bool_], risk: Floats, people: Floats) -> Floats:
    """Return travel, people and risk of each set of candidates, shape (sets, 3)."""
    blocks = []
    for first in range(0, len(sets), BLOCK):
        block = sets[first : first + BLOCK]
        nearest, covered = way[:, block[:, 0]].copy(), reach[:, block[:, 0]].copy()
        for column in block.T[1:]:
            np.minimum(nearest, way[:, column], out=nearest)
            covered |= reach[:, column]
        # No risk and no way are no travel.
        mean = risk[risk > 0] @ nearest[risk > 0] / risk.sum()
        blocks.append(np.column_stack([mean, people @ covered, risk @ covered]))
    return np.concatenate(blocks)


def _near(values: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    near, runners_up = [], []
    for goal in GOALS:
        gap = _gap(values[goal], goal)
        table = pd.DataFrame({"goal": goal, "sites": values["sites"], "value": values[goal], "gap": gap})
        table = table.sort_values(["gap", "sites"], ignore_index=True)
        table.insert(1, "rank", table["gap"].rank(method="min").astype("int64"))
        near.append(table[table["gap"] <= NEAR])
        runners_up.append(table[table["gap"] > 0].head(1).drop(columns="rank"))
    return pd.concat(near, ignore_index=True), pd.concat(runners_up, ignore_index=True)


def _gap(score: pd.Series, goal: str) -> pd.Series:
    """Return by which share each score is worse than the best; differences by rounding are none."""
    best = score.min() if goal == "travel" else score.max()
    scale = best if best > 0 and np.isfinite(best) else 1.0
    gap = ((score - best).abs() / scale).fillna(0.0)
    return gap.mask(gap < 1e-9, 0.0)


def _shortlist(values: pd.DataFrame, totals: dict[str, float]) -> pd.DataFrame:
    # Rounded, so that sums in another order do not part sets that are equal.
    goodness = np.round(np.column_stack([-_gap(values[goal], goal) for goal in GOALS]), 9)
    kept = values[_unbeaten(goodness)].copy()
    for goal, total in totals.items():
        kept[f"{goal}_share"] = kept[goal] / total if total > 0 else 0.0
    gaps = pd.DataFrame({goal: _gap(values[goal], goal)[kept.index] for goal in GOALS})
    kept["best_in"] = [tuple(gap.index[gap == 0]) for _, gap in gaps.iterrows()]
    kept["near_best_in"] = [tuple(gap.index[(gap > 0) & (gap <= NEAR)]) for _, gap in gaps.iterrows()]
    kept["reasons"] = [_reasons(row) for row in kept.itertuples()]
    return kept.sort_values(["risk", "people", "sites"], ascending=[False, False, True], ignore_index=True)


def _unbeaten(goodness: Floats) -> NDArray[np.bool_]:
    """Return which rows no other row matches in all columns and beats in one."""
    left = np.lexsort(-goodness.T[::-1])
    kept: list[int] = []
    while left.size:
        # In this order a row can be beaten by earlier ones only, so the first of those left is unbeaten.
        first, left = left[0], left[1:]
        kept.append(int(first))
        as_good = (goodness[first] >= goodness[left]).all(axis=1)
        left = left[~(as_good & (goodness[first] > goodness[left]).any(axis=1))]
    chosen = np.zeros(len(goodness), dtype=bool)
    chosen[kept] = True
    return chosen


def _reasons(row: Any) -> tuple[Message, ...]:
    reasons = [
        Message(
            "within reach: {people} people ({people_share} %) and {risk} expected events a year ({risk_share} %)",
            {
                "people": round(row.people),
                "people_share": round(100 * row.people_share),
                "risk": row.risk,
                "risk_share": round(100 * row.risk_share),
            },
        ),
        Message("mean way to the nearest site, weighted by risk: {travel} h", {"travel": row.travel}),
    ]
    words = {
        "travel": Message("no other choice has a shorter mean way"),
        "people": Message("no other choice reaches more people"),
        "risk": Message("no other choice reaches more risk"),
    }
    return tuple(reasons + [words[goal] for goal in row.best_in])
