"""Pilot sites chosen on a workspace's risk model: which few communes bring a service near to most people and risk."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import Message, PlanError
from geo.workspace import Workspace
from maps.plans import Sheet
from models.matching import match_communes
from models.risk_words import together
from models.sites import SiteChoice, choose_sites, draw_sites
from workflow.manifest import plain_rows
from workflow.planning import STEPS, TOP, Basis, Planned, basis_of, far_draws, keep
from workflow.steps import Tell, silent
from workflow.ways import times_between

WITHIN_HOURS = 3.0
"""What counts as in reach: there and back within a day, with time to be helped."""
LEVEL = 0.9

GOALS = {"travel": Message("mean way"), "people": Message("people reached"), "risk": Message("risk reached")}


def sites_for(
    workspace: Workspace,
    count: int,
    *,
    within: float = WITHIN_HOURS,
    draw: int | None = None,
    out: Path | None = None,
    seed: int | None = None,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Planned:
    """Compare all sets of sites and write those that no other beats into a new folder of the workspace's plans.

    A site is a commune, at a point within it; ways lead over the terrain, or are straight with a detour without one.

    Parameters
    ----------
    workspace
        Where the records are.
    count
        How many sites.
    within
        Hours of way that count as in reach.
    draw
        Seed of the lot between the sets of the shortlist; no lot is drawn without one.
    out, seed, tell, now
        See `workflow.planning`.

    Raises
    ------
    PlanError
        If what is asked for cannot be planned.
    WorkspaceError, ModelError
        If there is no risk to plan by.
    ReleaseError
        If the files cannot be written; nothing is then left behind.
    """
    basis = basis_of(workspace, seed, tell)
    tell(Message("Planning"), 2, STEPS)
    communes = basis.layers.communes
    places = communes.set_index("commune_code").to_crs(workspace.settings.crs).representative_point()
    ways = times_between(basis.layers.terrain, places, places, workspace.settings.crs)
    people = communes["women_children"].fillna(communes["population"]).astype(float)
    risk = basis.draws.reindex(communes["commune_code"])
    table = communes[["commune_code"]].assign(people=people, risk=risk.mean(axis=1).to_numpy())
    choice = choose_sites(pd.DataFrame(table), ways.hours, count, within)
    shortlist = _with_interval(choice.shortlist, ways.hours <= within, risk)
    drawn = draw_sites(choice, draw) if draw is not None else None
    likeness = table.set_index("commune_code").join(basis.inputs.covariates.table)
    comparisons, failed = _comparisons(shortlist["sites"], likeness, ways.hours <= within)
    sheets = _sheets(choice, shortlist, comparisons, basis.names)
    told: dict[str, Any] = {name.removeprefix("sites_"): plain_rows(rows) for name, rows in sheets}
    said = (
        *basis.notes,
        *far_draws(basis.draws, basis.names),
        *ways.notes,
        *_messages(choice, shortlist, basis, draw, drawn),
        *failed,
    )
    found = Planned(Path(), (), basis.simulated, {**told, "drawn": drawn, "exhaustive": choice.exhaustive}, said)
    asked = {"count": count, "within_hours": within, "draw": draw, "seed": basis.model.random_state}
    return keep(workspace, "plan sites", asked, sheets, found, layers=basis.layers, out=out, now=now, model=basis)


def _with_interval(shortlist: pd.DataFrame, reach: pd.DataFrame, risk: pd.DataFrame) -> pd.DataFrame:
    """Add the 90 % interval of the risk within reach, over the draws."""
    covered = [risk[reach[list(sites)].any(axis=1)].sum(axis=0) for sites in shortlist["sites"]]
    lower, upper = np.quantile(covered, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=1)
    return shortlist.assign(risk_lower=lower, risk_upper=upper)


def _comparisons(
    sets: Sequence[tuple[str, ...]], likeness: pd.DataFrame, reach: pd.DataFrame
) -> tuple[pd.DataFrame, list[Message]]:
    """Return the comparison communes of each set, out of its reach, and why a set has none."""
    found: list[pd.DataFrame] = []
    failed: dict[str, Message] = {}
    for sites in sets:
        served = reach.index[reach[list(sites)].any(axis=1)].difference(sites)
        try:
            matched = match_communes(likeness, sites, excluded=list(served))
        except PlanError as error:
            failed[str(error)] = Message("No comparison communes: {reason}", {"reason": error.message})
            continue
        matched.insert(0, "sites", [sites] * len(matched))
        found.append(matched)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(), list(failed.values())


def _sheets(choice: SiteChoice, shortlist: pd.DataFrame, comparisons: pd.DataFrame, names: pd.Series) -> list[Sheet]:
    near = pd.concat([choice.near, choice.runners_up.assign(rank=pd.NA)], ignore_index=True)
    near = near.drop_duplicates(["goal", "sites"], ignore_index=True)
    tables = {"sites_shortlist": shortlist, "sites_near": near, "sites_comparison": comparisons}
    return [Sheet(name, _written(table, names)) for name, table in tables.items() if len(table)]


def _written(table: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return a table whose sets are text, with what the communes are called."""
    written = table.copy()
    for column in ("best_in", "near_best_in"):
        if column in written:
            written[column] = [", ".join(goals) for goals in written[column]]
    written.insert(
        written.columns.get_loc("sites") + 1, "site_names", [_called(sites, names) for sites in table["sites"]]
    )
    for column in ("pilot", "comparison"):
        if column in written:
            written.insert(written.columns.get_loc(column) + 1, f"{column}_name", written[column].map(names))
    return written.assign(sites=[" + ".join(sites) for sites in table["sites"]])


def _called(sites: Sequence[str], names: pd.Series) -> str:
    return " + ".join(names[list(sites)])


def _messages(
    choice: SiteChoice, shortlist: pd.DataFrame, basis: Basis, draw: int | None, drawn: tuple[str, ...] | None
) -> list[Message]:
    names = basis.names
    said = [Message("Choices that no other beats in way (hours), people and risk at once: {n}", {"n": len(shortlist)})]
    for row in shortlist.head(TOP).itertuples():
        values = {"sites": _called(row.sites, names), "lower": row.risk_lower, "upper": row.risk_upper}
        said.append(
            Message(
                "{sites}: {reasons}; risk within reach 90 %: {lower} to {upper}",
                {**values, "reasons": together(row.reasons)},
            )
        )
    for row in choice.runners_up.itertuples():
        best = choice.near[(choice.near["goal"] == row.goal) & (choice.near["rank"] == 1)]
        values = {"goal": GOALS[row.goal], "sites": _called(best["sites"].iloc[0], names), "ties": len(best) - 1}
        values |= {"other": _called(row.sites, names), "gap": 100 * row.gap}
        said.append(Message("Best by {goal}: {sites} (ties: {ties}); runner-up: {other}, {gap} % worse", values))
    if not choice.exhaustive:
        said.append(Message("There are too many choices to look at each: the best ten by each goal were compared"))
    if choice.out_of_reach:
        said.append(
            Message("No site can be reached from: {names}", {"names": ", ".join(names[list(choice.out_of_reach)])})
        )
    if drawn is not None:
        said.append(Message("Drawn by lot, seed {seed}: {sites}", {"seed": draw, "sites": _called(drawn, names)}))
    elif len(shortlist) > 1:
        said.append(
            Message(
                "A lot between them is a fair choice and makes a fair comparison: let somebody else name a number, "
                "then add --draw NUMBER"
            )
        )
    return said
