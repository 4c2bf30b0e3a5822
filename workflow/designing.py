"""The next programme so that it can be judged: who begins when, by lot, and what is counted, written beforehand."""

from datetime import datetime
from pathlib import Path

from geo.errors import Message
from geo.workspace import Workspace
from maps.plans import Sheet
from models.staggered_start import design_start
from workflow.manifest import plain_rows
from workflow.planning import STEPS, Planned, basis_of, keep, months_of
from workflow.steps import Tell, silent


def start_for(
    workspace: Workspace,
    steps: int,
    months: int,
    *,
    outcome: str,
    draw: int,
    threshold_fall: float = 0.5,
    start: str | None = None,
    out: Path | None = None,
    seed: int | None = None,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Planned:
    """Draw the order in which communes begin, and write it with what will be judged into the workspace's plans.

    Parameters
    ----------
    workspace
        Where the records are.
    steps, months
        How many groups begin one after another, in how many months.
    outcome
        What will be counted, in a sentence.
    draw
        Seed of the lot; best told by somebody who has no part in the programme.
    threshold_fall
        The fall that is worth having.
    start
        The first month (ISO 8601); by default the one after the records' last.
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
    tell(Message("Planning"), 2, STEPS)
    design = design_start(
        basis.draws.mean(axis=1) / 12,
        planned,
        steps,
        outcome=outcome,
        threshold_fall=threshold_fall,
        random_state=draw,
    )
    table = design.table.assign(start=design.table["start"].astype(str))
    table.insert(1, "name", table["commune_code"].map(basis.names))
    groups = table.groupby("step", sort=True)
    messages = (
        *basis.notes,
        Message("Written beforehand: counted will be {outcome}; a fall of {fall} % is worth having", {
            "outcome": outcome, "fall": round(100 * threshold_fall)
        }),
        *design.reasons,
        *(
            Message(
                "Step {step}, from {start}: {names}",
                {"step": step, "start": rows["start"].iloc[0], "names": ", ".join(rows["name"])},
            )
            for step, rows in groups
        ),
    )  # fmt: skip
    told = {
        "outcome": outcome,
        "threshold_fall": threshold_fall,
        "power": design.power,
        "detectable_fall": design.detectable_fall,
        "start": plain_rows(table),
    }
    asked = {
        "steps": steps,
        "months": [str(planned[0]), str(planned[-1])],
        "outcome": outcome,
        "threshold_fall": threshold_fall,
        "draw": draw,
        "seed": basis.model.random_state,
    }
    found = Planned(Path(), (), basis.simulated, told, messages)
    sheets = [Sheet("start", table)]
    return keep(workspace, "plan start", asked, sheets, found, layers=basis.layers, out=out, now=now, model=basis)
