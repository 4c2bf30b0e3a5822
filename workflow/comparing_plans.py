"""A plan held against what came in since: patrols by border sector, sessions by commune."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Message, PlanError
from geo.workspace import Workspace
from maps.plans import COMMAND_PREFIX, Sheet
from maps.release import MANIFEST
from workflow.analysis import count
from workflow.layers import Layers, read_layers
from workflow.manifest import plain_rows
from workflow.planning import SIMULATED, Planned, keep

JOINED = " + "
"""Between the sectors of a shift."""


def compare_plan(workspace: Workspace, plan: Path, *, out: Path | None = None, now: datetime | None = None) -> Planned:
    """Compare a plan of patrols or outreach with the records, as far as these reach, and write the comparison.

    The effort itself enters the next fit of the risk model with the records, whatever was planned.

    Parameters
    ----------
    workspace
        Where the records are.
    plan
        The folder of the plan.
    out, now
        See `workflow.planning.keep`.

    Raises
    ------
    PlanError
        If the folder holds no such plan, or nothing of its time is recorded yet.
    ReleaseError
        If the files cannot be written; nothing is then left behind.
    """
    manifest = _manifest(plan)
    layers = read_layers(workspace)
    asked = {"plan": plan.resolve().name, "made_at": manifest["made_at"]}
    if manifest["what"] == "plan patrol":
        table, said = _patrols(_rows(plan, f"{COMMAND_PREFIX}patrol_schedule.csv", skip=1), manifest, layers)
        sheet, command_level = Sheet("comparison_patrol", table), True
    else:
        table, said = _outreach(_rows(plan, "outreach_timetable.csv"), layers, workspace)
        sheet, command_level = Sheet("comparison_outreach", table), False
    simulated = manifest["data_kind"] == "simulated" or _simulated(layers, manifest["what"])
    found = Planned(
        Path(),
        (),
        simulated,
        {} if command_level else {"comparison": plain_rows(table)},
        (*([SIMULATED] if simulated else []), *said),
    )
    return keep(
        workspace, "plan compare", asked, [sheet], found, layers=layers, out=out, now=now, command_level=command_level
    )


def _manifest(plan: Path) -> Mapping[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((plan / MANIFEST).read_text(encoding="utf-8"))
        known = manifest.get("what") in ("plan patrol", "plan outreach")
    except (OSError, ValueError, AttributeError):
        known = False
    if not known:
        raise PlanError(
            "{folder} is no plan of patrols or outreach; name a folder that diemnong plan patrol or outreach wrote",
            folder=plan.name,
        )
    return manifest


def _rows(plan: Path, name: str, skip: int = 0) -> pd.DataFrame:
    try:
        return pd.read_csv(plan / name, skiprows=skip, dtype={"commune_code": "str"}, encoding="utf-8-sig")
    except (OSError, ValueError):
        raise PlanError("{file} of the plan cannot be read; restore it from a backup", file=name) from None


def _patrols(schedule: pd.DataFrame, manifest: Mapping[str, Any], layers: Layers) -> tuple[pd.DataFrame, list[Message]]:
    """Return visits and hours on watch by sector, planned and recorded, up to the last day that has a record."""
    start = pd.Timestamp(manifest["asked"]["start"])
    end = start + pd.Timedelta(days=int(manifest["asked"]["days"]) - 1)
    done = layers.records["patrols"]
    done = done[done["date"].between(start, end)]
    if done.empty:
        raise PlanError(
            "No patrol from {start} to {end} is recorded yet; add them with: diemnong add patrols FILE",
            start=start.date(),
            end=end.date(),
        )
    last = done["date"].max()
    planned = schedule[pd.to_datetime(schedule["date"]) <= last]
    planned = planned.assign(sector_id=planned["sectors"].str.split(JOINED, regex=False)).explode("sector_id")
    teams = done["teams"].astype(int)
    as_done = done.assign(visits_done=teams, hours_done=done["hours"] * teams)
    table = pd.concat(
        [
            planned.groupby("sector_id")["watch_hours"].agg(visits="size", hours="sum"),
            as_done.groupby("sector_id")[["visits_done", "hours_done"]].sum(),
        ],
        axis=1,
    )
    # Also sectors that the border no longer has: what was done there was done.
    table = table.reindex(pd.Index(layers.border["sector_id"]).union(table.index)).fillna(0)
    table = table.astype({"visits": int, "visits_done": int}).rename_axis("sector_id").reset_index()
    table = table.sort_values(["hours", "sector_id"], ascending=[False, True], ignore_index=True)
    values = {
        "done": float(table["hours_done"].sum()),
        "planned": float(table["hours"].sum()),
        "kept": float(table[["hours", "hours_done"]].min(axis=1).sum()),
    }
    never = int(((table["visits"] > 0) & (table["visits_done"] == 0)).sum())
    aside = float(table.loc[table["visits"] == 0, "hours_done"].sum())
    dates = {"start": start.date(), "end": last.date()}
    return table, [
        Message("Compared from {start} to {end}, the last day with a record", dates),
        Message(
            "{done} hours on watch are recorded, {planned} were planned; sector by sector {kept} of the planned ones "
            "were done",
            values,
        ),
        Message(
            "{n} planned sectors have no visit; {hours} hours went to sectors without a planned visit",
            {"n": never, "hours": aside},
        ),
    ]


def _outreach(timetable: pd.DataFrame, layers: Layers, workspace: Workspace) -> tuple[pd.DataFrame, list[Message]]:
    """Return sessions by commune, planned and recorded, up to the last month that has a record."""
    months = pd.PeriodIndex(timetable["month"], freq="M")
    placed = count(layers, workspace.settings).placed.get("outreach", pd.DataFrame(columns=["month", "commune_code"]))
    done = placed[placed["month"].between(months.min(), months.max())]
    if done.empty:
        raise PlanError(
            "No session from {start} to {end} is recorded yet; add them with: diemnong add outreach FILE",
            start=months.min(),
            end=months.max(),
        )
    last = done["month"].max()
    planned = timetable[months <= last].groupby("commune_code")["sessions"].sum()
    held = done.groupby("commune_code")["sessions"].sum()
    table = pd.DataFrame(layers.communes[["commune_code", "name"]]).assign(
        sessions=lambda rows: rows["commune_code"].map(planned).fillna(0).astype(int),
        sessions_done=lambda rows: rows["commune_code"].map(held).fillna(0).astype(int),
    )
    table = table.sort_values(["sessions", "commune_code"], ascending=[False, True], ignore_index=True)
    never = int(((table["sessions"] > 0) & (table["sessions_done"] == 0)).sum())
    unplaced = int(done.loc[done["commune_code"].isna(), "sessions"].sum())
    said = [
        Message("Compared from {start} to {end}, the last month with a record", {"start": months.min(), "end": last}),
        Message(
            "{done} sessions are recorded, {planned} were planned; commune by commune {kept} of the planned ones were "
            "held",
            {
                "done": int(done["sessions"].sum()),
                "planned": int(planned.sum()),
                "kept": int(table[["sessions", "sessions_done"]].min(axis=1).sum()),
            },
        ),
        Message("{n} communes with planned sessions have none", {"n": never}),
    ]
    if unplaced:
        said.append(Message("{n} sessions are recorded without a commune and stand in no row", {"n": unplaced}))
    return table, said


def _simulated(layers: Layers, what: str) -> bool:
    rows = layers.records["patrols" if what == "plan patrol" else "outreach"]
    return bool((rows["data_kind"] == "simulated").any())
