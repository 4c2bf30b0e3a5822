"""Outreach planned on a workspace's risk model: sessions by commune, month and agency."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from geo.effort import HALF_LIFE_MONTHS, effort_columns
from geo.errors import Message
from geo.intake.rules import in_words
from geo.panel import Panel
from geo.schema import AGENCIES
from geo.workspace import Settings, Workspace
from maps.plan_styles import outreach_style
from maps.plan_web import FILE, OutreachMap, render_outreach_map
from maps.plans import PlanMap, Sheet
from maps.release import Level
from maps.stamp import dated_stamp
from models.outreach import OutreachPlan, plan_outreach
from models.outreach_programme import EXPLORE, Programme
from models.risk_words import together
from workflow.manifest import plain_rows
from workflow.modelling import corrects_for_outreach
from workflow.planning import STEPS, TOP, Basis, Planned, basis_of, far_draws, keep, months_of
from workflow.steps import Tell, silent


def outreach_for(
    workspace: Workspace,
    sessions: int,
    months: int,
    *,
    start: str | None = None,
    agencies: Sequence[str] = AGENCIES,
    capacity: Mapping[str, int] | None = None,
    closed: Sequence[int] = (),
    floor: int = 1,
    explore: float = EXPLORE,
    out: Path | None = None,
    seed: int | None = None,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Planned:
    """Plan outreach sessions and write the plan into a new folder of the workspace's plans.

    Sessions that are still remembered when the plan begins are taken into account. No way costs anything: where the
    agencies set out from is not known.

    Parameters
    ----------
    workspace
        Where the records are.
    sessions, months
        How many sessions in how many months.
    start
        The first month (ISO 8601); by default the one after the records' last.
    agencies, capacity, floor, explore
        See `models.outreach_programme.Programme`.
    closed
        Calendar months (1 to 12) without sessions.
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
    planned = months_of(basis.panel, start, months)
    programme = Programme(
        sessions,
        planned,
        agencies=agencies,
        capacity=capacity or None,
        floor=floor,
        explore=explore,
        seasons=pd.Series(0.0, index=sorted(set(closed))) if closed else None,
    )
    tell(Message("Planning"), 2, STEPS)
    plan = plan_outreach(basis.layers.communes, basis.draws, programme, in_mind=_in_mind(basis.panel, planned[0]))
    sheets = _sheets(plan, basis.names)
    tables = {name.removeprefix("outreach_"): plain_rows(table) for name, table in sheets}
    found = Planned(Path(), (), basis.simulated, {"gain": plan.gain, **tables}, _messages(plan, basis, programme))
    asked = {
        "sessions": sessions,
        "months": [str(month) for month in programme.months],
        "agencies": list(agencies),
        "capacity": dict(capacity or {}),
        "closed": sorted(set(closed)),
        "floor": floor,
        "explore": explore,
        "seed": basis.model.random_state,
    }
    page = partial(_page, plan, basis, programme, workspace.settings)
    return keep(
        workspace,
        "plan outreach",
        asked,
        sheets,
        found,
        layers=basis.layers,
        out=out,
        now=now,
        model=basis,
        plan_map=_map(plan, basis, programme, workspace.settings.lang),
        papers=page,
    )


def _in_mind(panel: Panel, first: pd.Period) -> pd.Series | None:
    """Return the sessions per 1,000 persons that are remembered when the plan begins, if any are recorded."""
    effort = effort_columns(panel).table
    if "outreach" not in effort:
        return None
    last = panel.months[-1]
    # A month's effort counts its own sessions whole; the plan begins where that month ends.
    kept = 0.5 ** (((first - last).n - 1) / HALF_LIFE_MONTHS)
    in_mind: pd.Series = effort["outreach"].xs(last, level="month") * kept
    return in_mind


def _sheets(plan: OutreachPlan, names: pd.Series) -> list[Sheet]:
    sheets = [
        Sheet("outreach_timetable", _named(plan.table.assign(month=plan.table["month"].astype(str)), names)),
        Sheet("outreach_communes", _named(plan.communes, names)),
    ]
    if plan.dropped.empty:
        return sheets
    told = plan.dropped.drop(columns="reason").assign(reasons=[(reason,) for reason in plan.dropped["reason"]])
    return [*sheets, Sheet("outreach_dropped", _named(told, names))]


def _map(plan: OutreachPlan, basis: Basis, programme: Programme, lang: str) -> PlanMap:
    places = basis.layers.communes[["commune_code", "name", "vintage", "geometry_quality", "geometry"]]
    day = basis.panel.months[-1].end_time.date()
    mapped = places.merge(plan.communes, on="commune_code")
    until = programme.months[-1].end_time.date()
    return PlanMap(
        "outreach_map",
        mapped,
        f"{day}T00:00:00Z",
        styles={"outreach_map": outreach_style(mapped, lang)},
        bears=dated_stamp(str(day), str(until), basis.model_id, Level.PLANNER, lang),
    )


def _page(plan: OutreachPlan, basis: Basis, programme: Programme, settings: Settings, draft: Path) -> tuple[str, ...]:
    """Write the map for a browser."""
    content = OutreachMap(
        communes=basis.layers.communes[["commune_code", "name", "geometry_quality", "geometry"]].merge(
            plan.communes, on="commune_code"
        ),
        timetable=plan.table,
        period=(str(programme.months[0].start_time.date()), str(programme.months[-1].end_time.date())),
        made_on=str(basis.panel.months[-1].end_time.date()),
        simulated=basis.simulated,
        effort_known=corrects_for_outreach(basis.model),
        vintage=settings.vintage,
        title=settings.title,
        model_id=basis.model_id,
    )
    (draft / FILE).write_text(render_outreach_map(content, settings.lang), encoding="utf-8")
    return (FILE,)


def _named(table: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    named = table.copy()
    named.insert(1, "name", named["commune_code"].map(names))
    return named


def _messages(plan: OutreachPlan, basis: Basis, programme: Programme) -> tuple[Message, ...]:
    held = {"sessions": plan.table["sessions"].sum(), "start": programme.months[0], "end": programme.months[-1]}
    by_agency = plan.table.groupby("agency")["sessions"].sum()
    return (
        *basis.notes,
        *far_draws(basis.draws, basis.names),
        Message(
            "{sessions} sessions, {start} to {end}: expected to prevent {mean} events (90 %: {lower} to {upper})",
            {**held, **plan.gain},
        ),
        Message(
            "What a session prevents is an assumption, not a measurement, and the interval does not hold it: trust the "
            "order of the communes rather than the sums"
        ),
        *(
            Message("{agency}: {n} sessions", {"agency": in_words(agency), "n": int(n)})
            for agency, n in by_agency.items()
        ),
        Message("Communes where the plan prevents most:"),
        *(_commune(row, basis.names) for row in plan.communes.head(TOP).itertuples()),
        *(_dropped(row, basis.names) for row in plan.dropped.itertuples()),
    )


def _commune(row: Any, names: pd.Series) -> Message:
    values = {"name": names[row.commune_code], "gain": row.gain, "lower": row.gain_lower, "upper": row.gain_upper}
    return Message(
        "{name}: prevents {gain} (90 %: {lower} to {upper}); {reasons}", {**values, "reasons": together(row.reasons)}
    )


def _dropped(row: Any, names: pd.Series) -> Message:
    values = {"n": row.sessions, "name": names.get(row.commune_code, ""), "reason": row.reason}
    if row.what == "floor":
        return Message("{name}: {n} sessions of its floor are held elsewhere: {reason}", values)
    return Message("{n} sessions cannot be held: {reason}", values)
