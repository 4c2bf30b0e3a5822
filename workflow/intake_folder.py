"""What an intake leaves in its folder: a report, and a fix list of the rows that were rejected."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Message, some_of
from geo.intake import Intake, Kind, row_in_file
from geo.intake.rules import word
from geo.intake.vocabulary import heading_in_vietnamese, in_vietnamese
from geo.schema import TABLES
from geo.workspace import Workspace
from maps.outputs import simulated_note
from maps.tables import write_fixlist

REPORT = "intake.json"
UNDONE = "undone_at"
FIXLIST = "fixlist.xlsx"

MOST_ALIKE = 5
"""Messages of one kind that are printed for a column."""


def name_intake(now: datetime, table: str, digest: str) -> str:
    """Return the name of an intake, which is that of its folder; names in order are in the order of time."""
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}-{table}-{digest[:8]}"


def report_on(intake: Intake, digest: str, now: datetime, added: int) -> dict[str, Any]:
    """Return what is kept of every intake: its file, when it was added, and how many rows became what."""
    return {
        "table": intake.table,
        "file": intake.raw.path.name,
        "sha256": digest,
        "added_at": now.isoformat(timespec="seconds"),
        "read": intake.read,
        "accepted": len(intake.accepted),
        "added": added,
        "rejected": len(intake.rejections),
        "outcome": outcome(intake),
    }


def outcome(intake: Intake) -> str:
    """Return a digest of which rows were rejected and why: the same file may end otherwise in another workspace."""
    said = sorted((row, one.column, str(one.reason)) for row, one in intake.rejections.items())
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def write_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Write a report into the folder of its intake, as a change stages it."""
    folder.mkdir(exist_ok=True)
    (folder / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


def intakes(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the reports of the intakes of records and covariates that were not undone, oldest first."""
    known = (*TABLES, "covariates")
    return [report for report in _reports(workspace) if report["table"] in known and UNDONE not in report]


def decisions_of(workspace: Workspace) -> list[str]:
    """Return the names of the intakes that brought decisions on links."""
    return [report["intake_id"] for report in _reports(workspace) if report["table"] == "links"]


def _reports(workspace: Workspace) -> list[dict[str, Any]]:
    return [
        {**json.loads(path.read_text(encoding="utf-8")), "intake_id": path.parent.name}
        for path in sorted(workspace.intake.glob(f"*/{REPORT}"))
    ]


def files_of(workspace: Workspace) -> dict[str, str]:
    """Return the name of each intake's file."""
    return {report["intake_id"]: report["file"] for report in intakes(workspace)}


def write_rejected(folder: Path, intake: Intake, vintage: str | None = None) -> None:
    """Write the rejected rows, if any, so that they can be added by themselves.

    With them stands what was said of all rows: whose they are, and the ``vintage`` if the user named one. A vintage
    that nobody named stays open: a mended name may be one of another time.
    """
    if not intake.rejections:
        return
    rows = intake.rejected
    for name in ("source", "agency"):
        if name in intake.typed and name not in rows:
            rows = rows.assign(**{name: intake.typed.loc[rows.index, name].astype(object)})
    if vintage and "vintage" in TABLES[intake.table].columns:
        rows = rows.assign(vintage=rows["vintage"].fillna(vintage) if "vintage" in rows else vintage)
    rejections = [intake.rejections[row] for row in rows.index]
    why = pd.DataFrame(
        {
            "row": [row_in_file(row, intake.raw.sheets) for row in rows.index],
            "column": [one.column for one in rejections],
            "reason": [one.reason for one in rejections],
            "mend": [one.mend and in_vietnamese(one.column, one.mend) for one in rejections],
        },
        index=rows.index,
    )
    note = simulated_note(intake.typed.loc[rows.index])
    headings = {name: heading_in_vietnamese(intake.table, name) for name in (*rows, *why["column"])}
    write_fixlist(folder / FIXLIST, rows, why, {**headings, **intake.raw.named}, note)


def rejection_messages(intake: Intake, fixlist: Path | None) -> list[Message]:
    """Say which rows were rejected and why, and where their fix list lies."""
    kinds = intake.rejections_by_kind()
    messages = [_of_rows_or_cells(intake, kind) for kind in few_of_each(kinds)]
    if len(messages) < len(kinds):
        messages.append(Message("{n} more reasons like these", {"n": len(kinds) - len(messages)}))
    if fixlist:
        said = Message("Rejected rows are in {file}; mend them there and add that file", {"file": str(fixlist)})
        messages.append(said)
    return messages


def _of_rows_or_cells(intake: Intake, kind: Kind) -> Message:
    values = of_rows(intake, *kind)
    return Message("rows {rows}: {column} {reason}", values) if kind[0] else Message("rows {rows}: {reason}", values)


def few_of_each(kinds: Iterable[Kind]) -> Iterator[Kind]:
    """Yield the first few of each template in each column: a file may have as many values as rows."""
    seen: Counter[tuple[str, str]] = Counter()
    for column, what, rows in kinds:
        seen[column, what.template] += 1
        if seen[column, what.template] <= MOST_ALIKE:
            yield column, what, rows


def of_rows(intake: Intake, column: str, what: Message, rows: Iterable[int]) -> dict[str, object]:
    """Return the values of a message on some rows of a file: where they stand, the column, and what of it."""
    where = some_of(row_in_file(row, intake.raw.sheets) for row in rows)
    return {"rows": where, "column": intake.raw.named.get(column) or word(column), "reason": what}
