"""Adding a file of records to a workspace, and taking it back."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Message, WorkspaceError
from geo.intake import Intake, accept, compare, read_records, row_in_file
from geo.intake.headings import Saved
from geo.patrol_tracks import read_tracks
from geo.places import place, vintage_doubts
from geo.schema import TABLES
from geo.store import Store
from geo.workspace import Workspace
from maps.release import released
from workflow.added import Added
from workflow.intake_folder import (
    FIXLIST,
    UNDONE,
    few_of_each,
    files_of,
    intakes,
    name_intake,
    of_rows,
    rejection_messages,
    report_on,
    write_rejected,
    write_report,
)
from workflow.layers import gazetteer
from workflow.linking import Linked, link_cases, would_propose


def add_records(
    workspace: Workspace,
    table: str,
    file: Path,
    *,
    vintage: str | None,
    columns: Mapping[str, str],
    agency: str | None,
    crs: str | None,
    layer: str | None,
    dry_run: bool,
    now: datetime,
) -> Added:
    """Add a file to a table of records; see `workflow.adding.add`."""
    store = Store(workspace.layers)
    if table == "patrols" and file.suffix.lower() == ".gpx":
        raw = read_tracks(file, store.read("border"), workspace.settings.crs)
    else:
        raw = read_records(file, table, columns, saved=_known_headings(workspace, table), crs=crs, layer=layer)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    earlier = [report for report in intakes(workspace) if report["table"] == table and report["sha256"] == digest]
    intake = accept(
        raw,
        table,
        today=pd.Timestamp(now.date()),
        agency=agency,
        province=store.read("communes").geometry.union_all(),
        metric=crs,
    )
    unplaced, doubts = _place_rows(intake, workspace, store, vintage)
    compare(intake, store.read(table))
    intake_id = name_intake(now, table, digest)
    fixlist, said = None, []
    if dry_run and table == "cases" and len(intake.added):
        all_cases = _with_those_before(store, table, intake.added)
        said = would_propose(link_cases(workspace, store, all_cases), store.read("links"))
    if not dry_run and (len(intake.added) or intake.rejections):
        fixlist, linked = _keep(workspace, store, intake, intake_id, digest, columns, now)
        said = linked.messages(workspace.intake / intake_id) if linked else []
    kept = intake_id if not dry_run and len(intake.added) else None
    return _told(intake, unplaced, doubts, said, fixlist, kept, earlier, dry_run=dry_run)


def undo(workspace: Workspace, intake_id: str, *, now: datetime) -> Added:
    """Remove the rows of one intake, and no others; its report stays, marked as undone.

    Raises
    ------
    WorkspaceError
        If the workspace has no such intake (any more).
    """
    reports = {report["intake_id"]: report for report in intakes(workspace)}
    if intake_id not in reports:
        raise WorkspaceError(
            "There is no intake {id}; those that can be undone: {known}", id=intake_id, known=", ".join(reports) or "–"
        )
    report, store = reports[intake_id], Store(workspace.layers)
    rows = store.read(report["table"])
    mine = (rows["intake_id"] == intake_id).fillna(False).astype(bool)
    folder, name = workspace.intake / intake_id, str(report["table"])
    rows = rows[~mine].reset_index(drop=True)
    linked = link_cases(workspace, store, rows) if name == "cases" else None
    store.write(_frames(name, rows, linked))
    write_report(folder, {**report, UNDONE: now.isoformat(timespec="seconds")})
    if linked:
        linked.write(folder, files_of(workspace))
    n = int(mine.sum())
    said = Message(
        "{n} rows of {file} were removed from {table}",
        {"n": n, "file": report["file"], "table": Message(name)},
    )
    messages = (said, *(linked.messages(folder) if linked else ()))
    return Added(name, report["file"], n, n, messages=messages, intake_id=intake_id)


def _known_headings(workspace: Workspace, table: str) -> list[Saved]:
    """Return the headings that were once named by hand for a table's files: the next quarter needs no questions."""
    reports = [report for report in intakes(workspace) if report["table"] == table and report.get("named")]
    return [(frozenset(had), report["named"]) for report in reports for had in report.get("headings", [])]


def _place_rows(intake: Intake, workspace: Workspace, store: Store, vintage: str | None) -> tuple[int, list[Message]]:
    """Reject rows whose place is wrong; of the others note as which unit they were read, where the table has units.

    Returns the number of rows without a commune, and doubts about the vintage.
    """
    if intake.table == "patrols":
        known = store.read("border")["sector_id"]
        unknown = ~intake.accepted["sector_id"].isin(known)
        intake.reject(intake.accepted.index[unknown], "sector_id", Message("is not a border sector of the workspace"))
    if "lon" not in TABLES[intake.table].columns:
        return 0, []
    villages = store.read("villages")
    units = gazetteer(store.read("communes"), workspace.settings.crs, villages if len(villages) else None)
    found = place(intake.accepted, units, vintage)
    for row in found[found["placement"] == "refused"].itertuples():
        intake.reject([row.Index], row.column, row.reason, None if pd.isna(row.mend) else row.mend)
    if "commune_code" not in TABLES[intake.table].columns:
        return 0, []
    repaired = found.dropna(subset=["repair"])
    # By what they say: a Message has values in a dict, and cannot be a key.
    for _, rows in repaired.groupby(["column", repaired["repair"].map(str)], sort=False):
        intake.repair(rows.index, rows["column"].iloc[0], rows["repair"].iloc[0])
    # As read, so that every later reading is the same, whatever list of villages there is then.
    by_village = found["placement"] == "village"
    codes = found["code"].mask(by_village, found["unit_code"])
    vintages = found["vintage"].mask(by_village, units.vintage)
    for name, read in (("commune_code", codes), ("vintage", vintages)):
        read = read.reindex(intake.typed.index).astype("str")
        given = intake.typed[name] if name in intake.typed else pd.Series(pd.NA, intake.typed.index, dtype="str")
        intake.typed[name] = read.fillna(given)
    intake.typed["vintage"] = intake.typed["vintage"].fillna(vintage or workspace.settings.vintage)
    return int((found.loc[intake.accepted.index, "placement"] == "unplaced").sum()), vintage_doubts(found)


def _keep(
    workspace: Workspace,
    store: Store,
    intake: Intake,
    intake_id: str,
    digest: str,
    named: Mapping[str, str],
    now: datetime,
) -> tuple[Path | None, Linked | None]:
    """Store the rows that are new, and a report, fix list and links of this intake beside them."""
    folder, linked = workspace.intake / intake_id, None
    added = _with_provenance(intake, intake_id)
    report = {
        **report_on(intake, digest, now, len(added)),
        "named": dict(named),
        "headings": [list(had) for had in intake.raw.sources],
        "columns_not_read": list(intake.raw.dropped),
        "personal_columns_dropped": list(intake.raw.personal),
    }
    with released(folder) as draft:
        write_report(draft, report)
        write_rejected(draft, intake)
        if len(added):
            rows = _with_those_before(store, intake.table, added)
            linked = link_cases(workspace, store, rows) if intake.table == "cases" else None
            if linked:
                linked.write(draft, {**files_of(workspace), intake_id: intake.raw.path.name})
            store.write(_frames(intake.table, rows, linked))
    return (folder / FIXLIST if intake.rejections else None), linked


def _with_those_before(store: Store, table: str, added: pd.DataFrame) -> pd.DataFrame:
    before = store.read(table)
    rows = pd.concat([before, added], ignore_index=True) if len(before) else added
    return rows.reset_index(drop=True)


def _frames(table: str, rows: pd.DataFrame, linked: Linked | None) -> dict[str, pd.DataFrame]:
    """Return what is stored at once: a crash must not part the cases from their links."""
    return {table: rows, "links": linked.stored} if linked else {table: rows}


def _with_provenance(intake: Intake, intake_id: str) -> pd.DataFrame:
    added = intake.added
    where = [row_in_file(row, intake.raw.sheets).rpartition("!") for row in added.index]
    return added.assign(
        intake_id=pd.Series(intake_id, index=added.index, dtype="str"),
        file_sheet=pd.Series([sheet for sheet, _, _ in where], index=added.index, dtype="str"),
        file_row=pd.array([int(row) for _, _, row in where], dtype="Int64"),
    )


def _told(
    intake: Intake,
    unplaced: int,
    doubts: list[Message],
    links: list[Message],
    fixlist: Path | None,
    intake_id: str | None,
    earlier: list[dict[str, Any]],
    *,
    dry_run: bool,
) -> Added:
    raw, accepted = intake.raw, intake.accepted
    repaired = {row for _, _, rows in intake.repairs for row in rows} & set(accepted.index)
    known = len(intake.known & set(accepted.index))
    counts = {
        "file": raw.path.name,
        "read": intake.read,
        "accepted": len(accepted),
        "rejected": len(intake.rejections),
        "unplaced": unplaced,
    }
    messages = [
        Message(
            "{file}: {read} rows read, {accepted} accepted ({unplaced} without a commune), {rejected} rejected", counts
        )
    ]
    if earlier:
        values = {"id": earlier[0]["intake_id"]}
        messages.append(Message("This file was added before (intake {id})", values))
    if known:
        messages.append(Message("{n} rows were in the workspace already and are not counted again", {"n": known}))
    if raw.agency and not {"agency", "source"} & set(raw.named):
        name = raw.agency.replace("_", " ")
        messages.append(Message("Records of: {agency} (from the titles above the table)", {"agency": Message(name)}))
    messages += doubts
    messages += [Message("Note: {note}", {"note": note}) for note in raw.notes]
    if raw.personal:
        said = Message("Columns with personal data were dropped: {columns}", {"columns": ", ".join(raw.personal)})
        messages.append(said)
    if raw.dropped:
        messages.append(Message("Columns not read: {columns}", {"columns": ", ".join(raw.dropped)}))
    told = [
        Message("repaired, rows {rows}: {column} {reason}", of_rows(intake, *kind))
        for kind in few_of_each(intake.repairs)
    ]
    if len(told) < len(intake.repairs):
        told.append(Message("{n} more repairs like these", {"n": len(intake.repairs) - len(told)}))
    messages += told
    messages += rejection_messages(intake, fixlist)
    messages += links
    if intake_id:
        messages.append(Message("To take this back: diemnong undo {id}", {"id": intake_id}))
    if dry_run:
        messages.append(Message("Nothing was written"))
    return Added(
        intake.table, raw.path.name, intake.read, len(accepted), len(intake.rejections), len(repaired), known, unplaced,
        tuple(messages), refused=bool(intake.rejections), fixlist=fixlist, intake_id=intake_id,
    )  # fmt: skip
