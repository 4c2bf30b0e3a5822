"""Adding a file of records to a workspace, and taking it back."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Message, WorkspaceError, some_of
from geo.intake import Intake, accept, compare, read_records, row_in_file
from geo.patrol_tracks import read_tracks
from geo.places import place, vintage_doubts
from geo.schema import TABLES
from geo.store import Store
from geo.workspace import Workspace
from maps.release import released
from maps.tables import write_fixlist
from workflow.added import Added
from workflow.layers import gazetteer

REPORT = "intake.json"
UNDONE = "undone_at"


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
    named = {**_known_headings(workspace, table), **columns}
    if table == "patrols" and file.suffix.lower() == ".gpx":
        raw = read_tracks(file, store.read("border"), workspace.settings.crs)
    else:
        raw = read_records(file, table, named, crs=crs, layer=layer)
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
    intake_id = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}-{table}-{digest[:8]}"
    fixlist = None
    if not dry_run and (len(intake.added) or intake.rejections):
        fixlist = _keep(workspace, store, intake, intake_id, digest, columns, now)
    kept = intake_id if not dry_run and len(intake.added) else None
    return _told(intake, unplaced, doubts, fixlist, kept, earlier, dry_run=dry_run)


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
    store.write({report["table"]: rows[~mine].reset_index(drop=True)})
    path = workspace.intake / intake_id / REPORT
    path.write_text(_json({**report, UNDONE: now.isoformat(timespec="seconds")}), encoding="utf-8")
    n, name = int(mine.sum()), str(report["table"])
    said = Message(
        "{n} rows of {file} were removed from {table}",
        {"n": n, "file": report["file"], "table": Message(name)},
    )
    return Added(report["table"], report["file"], n, n, messages=(said,), intake_id=intake_id)


def intakes(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the reports of the intakes that were not undone, oldest first."""
    reports = [
        {**json.loads(path.read_text(encoding="utf-8")), "intake_id": path.parent.name}
        for path in sorted(workspace.intake.glob(f"*/{REPORT}"))
    ]
    return [report for report in reports if UNDONE not in report]


def _known_headings(workspace: Workspace, table: str) -> dict[str, str]:
    """Return the headings that were once named by hand for a table: the next quarter needs no questions."""
    named: dict[str, str] = {}
    for report in intakes(workspace):
        if report["table"] == table:
            named |= report.get("named", {})
    return named


def _place_rows(intake: Intake, workspace: Workspace, store: Store, vintage: str | None) -> tuple[int, list[Message]]:
    """Reject rows whose place is wrong; of the others note as which unit they were read.

    Returns the number of rows without a commune, and doubts about the vintage.
    """
    if intake.table == "patrols":
        known = store.read("border")["sector_id"]
        unknown = ~intake.accepted["sector_id"].isin(known)
        intake.reject(intake.accepted.index[unknown], "sector_id", Message("is not a border sector of the workspace"))
    if "commune_code" not in TABLES[intake.table].columns:
        return 0, []
    found = place(intake.accepted, gazetteer(store.read("communes"), workspace.settings.crs), vintage)
    for row in found[found["placement"] == "refused"].itertuples():
        intake.reject([row.Index], row.column, row.reason, None if pd.isna(row.mend) else row.mend)
    repaired = found.dropna(subset=["repair"])
    # By what they say: a Message has values in a dict, and cannot be a key.
    for _, rows in repaired.groupby(["column", repaired["repair"].map(str)], sort=False):
        intake.repair(rows.index, rows["column"].iloc[0], rows["repair"].iloc[0])
    # As read, so that every later reading is the same.
    for name, read in (("commune_code", found["code"]), ("vintage", found["vintage"])):
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
) -> Path | None:
    """Store the rows that are new, and a report and fix list of this intake beside them."""
    folder, added = workspace.intake / intake_id, _with_provenance(intake, intake_id)
    report = {
        "table": intake.table,
        "file": intake.raw.path.name,
        "sha256": digest,
        "added_at": now.isoformat(timespec="seconds"),
        "read": intake.read,
        "accepted": len(intake.accepted),
        "added": len(added),
        "rejected": len(intake.rejections),
        "named": dict(named),
        "columns_not_read": list(intake.raw.dropped),
        "personal_columns_dropped": list(intake.raw.personal),
    }
    with released(folder) as draft:
        (draft / REPORT).write_text(_json(report), encoding="utf-8")
        if intake.rejections:
            _write_fixlist(draft / "fixlist.xlsx", intake)
        if len(added):
            before = store.read(intake.table)
            rows = pd.concat([before, added], ignore_index=True) if len(before) else added
            store.write({intake.table: rows.reset_index(drop=True)})
    return folder / "fixlist.xlsx" if intake.rejections else None


def _with_provenance(intake: Intake, intake_id: str) -> pd.DataFrame:
    added = intake.added
    where = [row_in_file(row, intake.raw.sheets).rpartition("!") for row in added.index]
    return added.assign(
        intake_id=pd.Series(intake_id, index=added.index, dtype="str"),
        file_sheet=pd.Series([sheet for sheet, _, _ in where], index=added.index, dtype="str"),
        file_row=pd.array([int(row) for _, _, row in where], dtype="Int64"),
    )


def _write_fixlist(path: Path, intake: Intake) -> None:
    """Write the rejected rows with what the file said above its table, so that they can be added by themselves."""
    rows = intake.rejected
    for name in ("source", "agency", "vintage"):
        if name in intake.typed and name not in rows:
            rows = rows.assign(**{name: intake.typed.loc[rows.index, name].astype(object)})
    rejections = [intake.rejections[row] for row in rows.index]
    why = pd.DataFrame(
        {
            "row": [row_in_file(row, intake.raw.sheets) for row in rows.index],
            "column": [one.column for one in rejections],
            "reason": [one.reason for one in rejections],
            "mend": [one.mend for one in rejections],
        },
        index=rows.index,
    )
    write_fixlist(path, rows, why, intake.raw.named)


def _told(
    intake: Intake,
    unplaced: int,
    doubts: list[Message],
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
    messages += [
        Message("repaired, rows {rows}: {column} {reason}", _kind(intake, column, what, rows))
        for column, what, rows in intake.repairs
    ]
    messages += [
        Message("rows {rows}: {column} {reason}", _kind(intake, column, reason, rows))
        for column, reason, rows in intake.rejections_by_kind()
    ]
    if fixlist:
        said = Message("Rejected rows are in {file}; mend them there and add that file", {"file": str(fixlist)})
        messages.append(said)
    if intake_id:
        messages.append(Message("To take this back: diemnong undo {id}", {"id": intake_id}))
    if dry_run:
        messages.append(Message("Nothing was written"))
    return Added(
        intake.table, raw.path.name, intake.read, len(accepted), len(intake.rejections), len(repaired), known, unplaced,
        tuple(messages), refused=bool(intake.rejections), fixlist=fixlist, intake_id=intake_id,
    )  # fmt: skip


def _kind(intake: Intake, column: str, what: Message, rows: Iterable[int]) -> dict[str, object]:
    where = some_of(row_in_file(row, intake.raw.sheets) for row in rows)
    return {"rows": where, "column": intake.raw.named.get(column, column), "reason": what}


def _json(report: Mapping[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, indent=1)
