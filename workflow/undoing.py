"""Taking an intake back: its rows, its fix list and its links go, and nothing else."""

from datetime import datetime

from geo.change import Change, changing
from geo.errors import Message, WorkspaceError
from geo.workspace import Workspace
from workflow.added import Added
from workflow.intake_folder import FIXLIST, UNDONE, decisions_of, files_of, intakes, write_report
from workflow.linking import FILE, link_cases, renamed_links
from workflow.repeats import take_back
from workflow.tables import canonical, frames_of


def undo(workspace: Workspace, intake_id: str, *, now: datetime) -> Added:
    """Remove the rows that only one intake brought, and no others; its report stays, marked as undone.

    Rows that other files brought too stay as rows of these: what is left is what they alone would have left.

    Raises
    ------
    WorkspaceError
        If the workspace has no such intake (any more).
    """
    with changing(workspace.folder) as change:
        return _undo(workspace, change, intake_id, now)


def _undo(workspace: Workspace, change: Change, intake_id: str, now: datetime) -> Added:
    reports = {report["intake_id"]: report for report in intakes(workspace)}
    if intake_id in decisions_of(workspace):
        raise WorkspaceError(
            "{id} holds decisions on links: to take one back, add the list again with the other one: đúng or không",
            id=intake_id,
        )
    if intake_id not in reports:
        raise WorkspaceError(
            "There is no intake {id}; those that can be undone: {known}", id=intake_id, known=", ".join(reports) or "–"
        )
    report, store = reports[intake_id], workspace.store
    folder, name = workspace.intake / intake_id, str(report["table"])
    left = take_back(store.read(name), store.read("repeats"), name, intake_id)
    linked = None
    if name == "cases":
        linked = link_cases(workspace, store, left.rows, renamed_links(store.read("links"), left.renamed))
    change.write({**frames_of(name, canonical(left.rows, name), linked), "repeats": left.repeats})
    draft = change.draft(folder)
    write_report(draft, {**report, UNDONE: now.isoformat(timespec="seconds")})
    change.remove(folder / FIXLIST)
    if linked:
        change.remove(folder / FILE)
        linked.write(draft, files_of(workspace))
    values = {"file": report["file"], "table": Message(name)}
    said = [Message("{n} rows of {file} were removed from {table}", {"n": left.removed, **values})]
    if left.kept:
        said.append(Message("{n} of its rows stay: other files brought them too", {"n": left.kept}))
    said += linked.messages(folder) if linked else []
    n = left.removed + left.kept
    return Added(name, report["file"], n, n, messages=tuple(said), intake_id=intake_id)
