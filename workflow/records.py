"""Adding a file of records to a workspace."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.boundaries import are_built_in
from geo.change import Change
from geo.errors import Message, some_of
from geo.intake import Intake, accept, compare, places_in_file, read_records, row_in_file, without_rows
from geo.intake.counted_twice import reject_beside_stored
from geo.intake.headings import Saved
from geo.intake.masking import masked_table
from geo.intake.persons import Persons
from geo.intake.rules import in_words, listed
from geo.intake.said_before import doubt_said_before
from geo.ledger import sha256_of
from geo.patrol_tracks import of_tracks, read_tracks
from geo.places import place, vintage_doubts
from geo.schema import TABLES
from geo.store import Store
from geo.workspace import Workspace
from workflow.added import Added
from workflow.intake_folder import (
    FIXLIST,
    few_of_each,
    files_of,
    intakes,
    name_intake,
    of_rows,
    outcome,
    rejection_messages,
    report_on,
    write_rejected,
    write_report,
)
from workflow.layers import gazetteer
from workflow.linking import Linked, link_cases, would_propose
from workflow.repeats import with_repeats
from workflow.steps import Tell
from workflow.tables import canonical, frames_of

STEPS = 4
"""Of which `add_records` tells."""


def add_records(
    workspace: Workspace,
    change: Change | None,
    table: str,
    file: Path,
    *,
    vintage: str | None,
    columns: Mapping[str, str],
    agency: str | None,
    crs: str | None,
    layer: str | None,
    now: datetime,
    tell: Tell,
) -> Added:
    """Add a file to a table of records, or without a change only report on it; see `workflow.adding.add`."""
    store = workspace.store
    tell(Message("Reading the file"), 0, STEPS)
    if table == "patrols" and of_tracks(file):
        raw = read_tracks(file, store.read("border"), workspace.settings.crs)
    else:
        saved = _known_headings(workspace, table)
        raw = read_records(file, table, columns, saved=saved, crs=crs, layer=layer)
    communes = store.read("communes")
    known = Persons(_places(communes, store.read("villages")))
    raw = masked_table(raw, known)
    digest = sha256_of(file)
    earlier = [report for report in intakes(workspace) if report["table"] == table and report["sha256"] == digest]
    tell(Message("Checking the rows"), 1, STEPS)
    intake = accept(
        raw,
        table,
        today=pd.Timestamp(now.date()),
        agency=agency,
        province=communes.geometry.union_all(),
        metric=crs,
        known=known,
        codes=None if are_built_in(communes) else frozenset(communes["commune_code"]),
    )
    tell(Message("Finding the communes"), 2, STEPS)
    unplaced, doubts = _places_found(intake, workspace, store, vintage)
    before = store.read(table)
    compare(intake, before, vintage)
    reject_beside_stored(intake, before)
    doubt_said_before(intake, before)
    doubts = [*intake.doubts, *doubts]
    intake_id = name_intake(now, table, digest)
    same = _ended_so_before(intake, earlier)
    tell(Message("Comparing and storing"), 3, STEPS)
    fixlist, said = None, []
    if not change and table == "cases" and len(intake.added):
        all_cases = _with_those_before(before, table, intake.added)
        said = would_propose(link_cases(workspace, store, all_cases), store.read("links"))
    if same:
        fixlist = _fixlist_of(workspace.intake / same)
    elif change and (len(intake.accepted) or intake.rejections):
        fixlist, linked = _keep(workspace, before, change, intake, intake_id, digest, columns, vintage, now)
        said = linked.messages(workspace.intake / intake_id) if linked else []
    kept = intake_id if change and not same and len(intake.accepted) else None
    without_commune = len(unplaced.difference(list(intake.rejections)))
    return _told(intake, without_commune, doubts, said, fixlist, kept, earlier, dry_run=not change)


def _known_headings(workspace: Workspace, table: str) -> list[Saved]:
    """Return the headings that were once named by hand for a table's files: the next quarter needs no questions."""
    reports = [report for report in intakes(workspace) if report["table"] == table and report.get("named")]
    return [(frozenset(had), report["named"]) for report in reports for had in report.get("headings", [])]


def _places(communes: gpd.GeoDataFrame, villages: pd.DataFrame) -> Iterator[str]:
    """Yield the names of places that may sound like persons', beside the built-in ones."""
    yield from villages["village"]
    if not are_built_in(communes):
        yield from communes["name"]
        yield from communes["district"].dropna()


def _places_found(
    intake: Intake, workspace: Workspace, store: Store, vintage: str | None
) -> tuple[pd.Index, list[Message]]:
    """Place and identify the rows; return those without a commune, and what is doubtful of the others."""
    found = _place_rows(intake, workspace, store, vintage)
    intake.identify(found)
    if found is None or "commune_code" not in TABLES[intake.table].columns:
        return intake.typed.index[:0], []
    return found.index[found["placement"] == "unplaced"], vintage_doubts(found)


def _place_rows(intake: Intake, workspace: Workspace, store: Store, vintage: str | None) -> pd.DataFrame | None:
    """Reject rows whose place is wrong; of the others note as which unit they were read, where the table has units.

    Returns what `geo.places.place` found, where the table has places.
    """
    if intake.table == "patrols":
        known = store.read("border")["sector_id"]
        unknown = ~intake.accepted["sector_id"].isin(known)
        intake.reject(intake.accepted.index[unknown], "sector_id", Message("is not a border sector of the workspace"))
    if "lon" not in TABLES[intake.table].columns:
        return None
    villages = store.read("villages")
    units = gazetteer(store.read("communes"), workspace.settings.crs, villages if len(villages) else None)
    found = place(intake.accepted, units, vintage)
    for row in found[found["placement"] == "refused"].itertuples():
        intake.reject([row.Index], row.column, row.reason, None if pd.isna(row.mend) else row.mend)
    if "commune_code" not in TABLES[intake.table].columns:
        return found
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
    return found


def _keep(
    workspace: Workspace,
    before: pd.DataFrame,
    change: Change,
    intake: Intake,
    intake_id: str,
    digest: str,
    named: Mapping[str, str],
    vintage: str | None,
    now: datetime,
) -> tuple[Path | None, Linked | None]:
    """Store the rows that are new, that the others came again, and a report, fix list and links of this intake."""
    store, folder, linked = workspace.store, workspace.intake / intake_id, None
    rows = _with_provenance(intake, intake_id)
    added, again = without_rows(rows, intake.known), rows[rows.index.isin(list(intake.known))]
    report = {
        **report_on(intake, digest, now, len(added)),
        "named": dict(named),
        "headings": [list(had) for had in intake.raw.sources],
        "columns_not_read": list(intake.raw.dropped),
        "personal_columns_dropped": list(intake.raw.personal),
    }
    draft = change.new_folder(folder)
    write_report(draft, report)
    if not of_tracks(intake.raw.path):
        write_rejected(draft, intake, vintage)
    frames: dict[str, pd.DataFrame] = {}
    if len(again):
        frames["repeats"] = with_repeats(store.read("repeats"), intake.table, again)
    if len(added):
        rows = _with_those_before(before, intake.table, added)
        linked = link_cases(workspace, store, rows) if intake.table == "cases" else None
        if linked:
            linked.write(draft, {**files_of(workspace), intake_id: intake.raw.path.name})
        frames |= frames_of(intake.table, rows, linked)
    if frames:
        change.write(frames)
    listed_rows = intake.rejections and not of_tracks(intake.raw.path)
    return (folder / FIXLIST if listed_rows else None), linked


def _with_those_before(before: pd.DataFrame, table: str, added: pd.DataFrame) -> pd.DataFrame:
    rows = pd.concat([before, added], ignore_index=True) if len(before) else added
    return canonical(rows, table)


def _ended_so_before(intake: Intake, earlier: list[dict[str, Any]]) -> str | None:
    """Return the intake of the same file after which this one changes nothing, if there is one."""
    if len(intake.added):
        return None
    ended_so = (report["intake_id"] for report in earlier if report.get("outcome") == outcome(intake))
    return next(ended_so, None)


def _fixlist_of(folder: Path) -> Path | None:
    return folder / FIXLIST if (folder / FIXLIST).exists() else None


def _with_provenance(intake: Intake, intake_id: str) -> pd.DataFrame:
    rows = intake.accepted
    sheet, row = places_in_file(rows.index, intake.raw.sheets)
    return rows.assign(
        intake_id=pd.Series(intake_id, index=rows.index, dtype="str"), file_sheet=sheet, file_row=row.astype("Int64")
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
    parts = [Message("{n} accepted", {"n": len(accepted)})]
    if unplaced:
        parts.append(Message("{n} of them without a commune", {"n": unplaced}))
    if intake.rejections:
        parts.append(Message("{n} rejected", {"n": len(intake.rejections)}))
    counts = {"file": raw.path.name, "read": intake.read, "parts": listed(parts)}
    messages = [Message("{file}: {read} rows read, {parts}", counts)]
    if earlier:
        values = {"id": earlier[0]["intake_id"]}
        messages.append(Message("This file was added before (intake {id})", values))
    if known:
        rows = some_of(row_in_file(row, raw.sheets) for row in sorted(intake.known))
        values = {"n": known, "rows": rows}
        messages.append(Message("{n} rows were in the workspace already and are not counted again: {rows}", values))
        if intake.table == "outreach" and "session_id" not in raw.cells:
            messages.append(
                Message("If some of these were other sessions, give each session its own number in a column Mã buổi")
            )
    if raw.agency and not {"agency", "source"} & set(raw.named):
        values = {"agency": in_words(raw.agency)}
        messages.append(Message("Records of: {agency} (from the titles above the table)", values))
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
    if intake.rejections and of_tracks(raw.path):
        messages.append(Message("Parts of tracks are not mended in a list: mend the tracks and add their file again"))
    messages += links
    if intake_id:
        messages.append(Message("To take this back: diemnong undo {id}", {"id": intake_id}))
    return Added.of(
        intake, messages, dry_run=dry_run, repaired=len(repaired), known=known, unplaced=unplaced, fixlist=fixlist,
        intake_id=intake_id,
    )  # fmt: skip
