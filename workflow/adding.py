"""Adding a file to a workspace: a layer takes the old one's place, a table of records grows."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.border import carry_ids
from geo.border_file import load_border
from geo.checks import Finding
from geo.communes import load_communes
from geo.errors import Message, SchemaError, some_of
from geo.intake import Intake, accept, read_table
from geo.places import place
from geo.schema import TABLES, key_of
from geo.store import Store
from geo.workspace import Workspace
from maps.release import released
from maps.tables import write_fixlist
from maps.text import translate
from workflow.layers import gazetteer


@dataclass(frozen=True)
class Added:
    """What became of a file.

    Attributes
    ----------
    kind, file
        What it was added as, and its name.
    read, accepted, rejected, unplaced
        Numbers of rows (features, for a layer); read = accepted + rejected.
    messages
        What to tell the user, in order.
    refused
        Whether anything was rejected, or the layer was not taken.
    fixlist
        The fix list with the rejected rows, if there is one.
    """

    kind: str
    file: str
    read: int
    accepted: int
    rejected: int = 0
    unplaced: int = 0
    messages: tuple[Message, ...] = ()
    refused: bool = False
    fixlist: Path | None = field(default=None)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {
            "kind": self.kind,
            "file": self.file,
            "read": self.read,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "unplaced": self.unplaced,
            "messages": [translate(message, "en") for message in self.messages],
            "fixlist": str(self.fixlist) if self.fixlist else None,
        }


def add(
    workspace: Workspace,
    kind: str,
    file: Path,
    *,
    vintage: str | None = None,
    crs: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    repair: Collection[str] = (),
    dry_run: bool = False,
    now: datetime | None = None,
) -> Added:
    """Add a file as a layer (``communes``, ``border``) or to a table of records.

    Parameters
    ----------
    workspace
        Where to.
    kind
        ``"communes"``, ``"border"`` or a name of `geo.schema.TABLES`.
    file
        The file.
    vintage
        For records: the unit system of codes and names in rows that name none. For communes: must be the workspace's.
    crs, layer, columns, repair
        See `geo.communes.load_communes`; ``columns`` also renames the columns of a table of records (ours → theirs).
    dry_run
        Check and report, but write nothing.
    now
        The time of the intake; the present by default. Dates after it are rejected.

    Raises
    ------
    IntakeError, SchemaError, CrsError, WorkspaceError
        If the file as a whole cannot be used.
    """
    now = now or datetime.now(UTC)
    if kind == "communes":
        return _add_communes(workspace, file, vintage, crs, layer, columns, repair, dry_run)
    if kind == "border":
        return _add_border(workspace, file, crs, layer, columns, dry_run)
    return _add_records(workspace, kind, file, vintage, columns or {}, dry_run, now)


def _add_communes(
    workspace: Workspace,
    file: Path,
    vintage: str | None,
    crs: str | None,
    layer: str | None,
    columns: Mapping[str, str] | None,
    repair: Collection[str],
    dry_run: bool,
) -> Added:
    settings = workspace.settings
    if vintage not in (None, settings.vintage):
        raise SchemaError(
            "The workspace is made of units of {ours}, the layer of {theirs}; make a workspace of that vintage: "
            "diemnong init FOLDER --vintage {theirs}",
            ours=settings.vintage,
            theirs=vintage,
        )
    loaded = load_communes(
        file,
        vintage=settings.vintage,
        crs=settings.crs,
        declared_crs=crs,
        layer=layer,
        columns=columns,
        repair=repair,
    )
    if loaded.usable and not dry_run:
        Store(workspace.layers).write({"communes": loaded.communes})
    n = len(loaded.communes)
    return _layer_added("communes", file, n, list(loaded.findings), usable=loaded.usable, dry_run=dry_run)


def _add_border(
    workspace: Workspace,
    file: Path,
    crs: str | None,
    layer: str | None,
    columns: Mapping[str, str] | None,
    dry_run: bool,
) -> Added:
    store = Store(workspace.layers)
    sectors, findings = load_border(file, crs=workspace.settings.crs, declared_crs=crs, layer=layer, columns=columns)
    sectors = carry_ids(sectors, store.read("border"), workspace.settings.crs)
    if not dry_run:
        store.write({"border": sectors})
    return _layer_added("border", file, len(sectors), findings, usable=True, dry_run=dry_run)


def _layer_added(kind: str, file: Path, n: int, findings: list[Finding], *, usable: bool, dry_run: bool) -> Added:
    values = {"file": file.name, "kind": kind, "n": n}
    if not usable:
        closing = Message("{file}: the layer was not taken; mend the errors above or allow a repair", values)
    elif dry_run:
        closing = Message("{file}: {n} features could be taken as {kind}; nothing was written", values)
    else:
        closing = Message("{file}: {n} features taken as {kind}", values)
    messages = (*(finding.as_message() for finding in findings), closing)
    return Added(kind, file.name, n, n if usable else 0, messages=messages, refused=not usable)


def _add_records(
    workspace: Workspace,
    table: str,
    file: Path,
    vintage: str | None,
    columns: Mapping[str, str],
    dry_run: bool,
    now: datetime,
) -> Added:
    store = Store(workspace.layers)
    before = store.read(table)
    raw = read_table(file).renamed(columns)
    intake = accept(raw, table, today=pd.Timestamp(now.date()), known_keys=before[key_of(table)])
    unplaced = _place_rows(intake, workspace, store, vintage)
    if table == "patrols":
        known = store.read("border")["sector_id"]
        unknown = ~intake.accepted["sector_id"].isin(known)
        intake.reject(intake.accepted.index[unknown], "sector_id", Message("is not a border sector of the workspace"))
    fixlist = None
    if not dry_run:
        fixlist = _keep(workspace, store, before, intake, file, now)
    return _records_added(intake, file, unplaced, fixlist, dry_run=dry_run)


def _place_rows(intake: Intake, workspace: Workspace, store: Store, vintage: str | None) -> int:
    """Reject rows whose place is wrong, note the vintage of the others, and count those without a commune."""
    columns = TABLES[intake.table].columns
    if "lon" not in columns:
        return 0
    found = place(intake.accepted, gazetteer(store.read("communes"), workspace.settings.crs), vintage)
    for row in found[found["placement"] == "refused"].itertuples():
        intake.reject([row.Index], row.column, row.reason)
    if "vintage" in columns:
        rows = intake.typed
        given = rows["vintage"] if "vintage" in rows else pd.Series(pd.NA, index=rows.index, dtype="str")
        intake.typed = rows.assign(vintage=given.fillna(vintage or workspace.settings.vintage))
    return int((found.loc[intake.accepted.index, "placement"] == "unplaced").sum())


def _keep(
    workspace: Workspace, store: Store, before: pd.DataFrame, intake: Intake, file: Path, now: datetime
) -> Path | None:
    """Store the accepted rows, and a report and fix list of this intake beside them."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    folder = workspace.intake / f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}-{intake.table}-{digest[:8]}"
    report = {
        "table": intake.table,
        "file": file.name,
        "sha256": digest,
        "added_at": now.isoformat(timespec="seconds"),
        "read": intake.read,
        "accepted": len(intake.accepted),
        "rejected": len(intake.reasons),
        "columns_not_read": list(intake.dropped),
    }
    with released(folder) as draft:
        (draft / "intake.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
        if intake.reasons:
            write_fixlist(draft / "fixlist.xlsx", intake.rejected, intake.reasons)
        if len(intake.accepted):
            rows = pd.concat([before, intake.accepted], ignore_index=True) if len(before) else intake.accepted
            store.write({intake.table: rows.reset_index(drop=True)})
    return folder / "fixlist.xlsx" if intake.reasons else None


def _records_added(intake: Intake, file: Path, unplaced: int, fixlist: Path | None, *, dry_run: bool) -> Added:
    counts = {
        "file": file.name,
        "read": intake.read,
        "accepted": len(intake.accepted),
        "rejected": len(intake.reasons),
        "unplaced": unplaced,
    }
    messages = [
        Message(
            "{file}: {read} rows read, {accepted} accepted ({unplaced} without a commune), {rejected} rejected",
            counts,
        )
    ]
    if intake.dropped:
        messages.append(Message("Columns not read: {columns}", {"columns": ", ".join(intake.dropped)}))
    messages += [
        Message("rows {rows}: {column} {reason}", {"rows": some_of(rows), "column": column, "reason": reason})
        for column, reason, rows in intake.reasons_by_kind()
    ]
    if fixlist:
        messages.append(
            Message("Rejected rows are in {file}; mend them there and add that file", {"file": str(fixlist)})
        )
    if dry_run:
        messages.append(Message("Nothing was written"))
    return Added(
        intake.table, file.name, intake.read, len(intake.accepted), len(intake.reasons), unplaced, tuple(messages),
        refused=bool(intake.reasons), fixlist=fixlist,
    )  # fmt: skip
