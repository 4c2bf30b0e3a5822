"""Forgetting: rows dated before a day leave the workspace, with all that was kept of them, and it is shown.

What goes: the rows, where else they came from, their links; lists of links that name them; fix lists whose rows are all
that old; queues of absences that name them. What stays is figures by commune: models, runs and other plans.
"""

import csv
import json
from collections.abc import Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.change import Change, changing
from geo.errors import IntakeError, Message, WorkspaceError
from geo.intake import read_records
from geo.intake.dates import read_dates
from geo.schema import key_of
from geo.store import Store
from geo.workspace import Workspace
from maps.release import MANIFEST
from maps.text import translate
from models.registry import Registry
from workflow.backup_ledger import Backup, backups_of
from workflow.decisions import PAIR, pairs_in, undecided
from workflow.intake_folder import FIXLIST, files_of, intakes, write_report
from workflow.linking import FILE as LINKS
from workflow.linking import Linked, link_cases, renamed_links
from workflow.repeats import take_out
from workflow.tables import canonical, frames_of

DATE_OF = {"cases": "date", "absences": "reported_on", "outreach": "date", "patrols": "date"}
"""The tables that can be forgotten in part, and by which date."""

PERSONS = ("cases", "absences")
"""The tables whose rows are persons: these are forgotten unless others are named."""

FORGOTTEN = "forgotten"
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True)
class Forgotten:
    """What was forgotten, or would be.

    Attributes
    ----------
    removed
        How many rows of each table.
    still_open, reaching_over
        How many stay although they begin before the day: open absences, and rows of a longer time that ends after it.
    files
        What goes besides, by its path in the workspace.
    unsure
        Fix lists that stay, because they hold rows of both sides of the day or without a date that can be read.
    backups
        Those that still hold the rows.
    models
        How many there are; they may have learned from the rows.
    sha256
        Of the store without the rows; empty if nothing was written.
    elsewhere
        How many rows came with intakes of other workspaces that share the database.
    is_shared
        Whether the layers are in a database.
    """

    before: date
    removed: dict[str, int]
    still_open: int = 0
    reaching_over: int = 0
    files: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    backups: tuple[Backup, ...] = ()
    models: int = 0
    sha256: str = ""
    elsewhere: int = 0
    is_shared: bool = False
    refused: bool = field(default=False, init=False)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""
        said = [
            Message("{table}: {n} rows are dated before {day}", {"table": Message(table), "n": n, "day": self.before})
            for table, n in self.removed.items()
        ]
        if self.still_open:
            said.append(
                Message("{n} absences are older and still open; they stay unless --with-open", {"n": self.still_open})
            )
        if self.reaching_over:
            said.append(
                Message("{n} rows stay: the month or year they are dated by ends later", {"n": self.reaching_over})
            )
        said += [Message("goes with them: {file}", {"file": file}) for file in self.files]
        said += [
            Message("stays: {file} holds rejected rows, some perhaps older; mend or delete it", {"file": file})
            for file in self.unsure
        ]
        if self.models:
            said.append(Message("{n} models stay: they hold figures by commune, no rows", {"n": self.models}))
        for backup in self.backups:
            values = {"file": backup.file, "made": backup.made_at, "sha256": backup.sha256[:16]}
            said.append(Message("a backup still holds them: {file}, {made}, SHA-256 {sha256}…", values))
        if self.elsewhere:
            said.append(
                Message(
                    "{n} rows came with intakes of other workspaces on the same database: what these keep of them "
                    "(fix lists, lists of links, plans, backups) is for them to forget",
                    {"n": self.elsewhere},
                )
            )
        if self.is_shared:
            said.append(
                Message("The server's own backups and logs may still hold them: tell the database's administrator")
            )
        if self.sha256:
            said.append(
                Message(
                    "They are removed, and the store was built anew without them: SHA-256 {sha256}",
                    {"sha256": self.sha256},
                )
            )
        else:
            said.append(Message("Nothing was written"))
        return tuple(said)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        plain = {name: value for name, value in vars(self).items() if name not in ("before", "backups", "refused")}
        plain["backups"] = [backup.model_dump() for backup in self.backups]
        said = [translate(message, "en") for message in self.messages]
        return {"before": self.before.isoformat(), **plain, "messages": said}


def forget(
    workspace: Workspace,
    before: date,
    *,
    tables: Collection[str] = PERSONS,
    with_open: bool = False,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Forgotten:
    """Remove the rows dated before a day, and what was kept of them.

    A row that is dated by a month or a longer time is that of its last day.

    Parameters
    ----------
    workspace
        Where the rows are.
    before
        The first day whose rows stay.
    tables
        Names of `DATE_OF`.
    with_open
        Whether absences that are still open go too.
    dry_run
        Only report.
    now
        The time that is noted in the intakes' reports; the present by default.

    Raises
    ------
    WorkspaceError
        If a list of links holds decisions that were not added yet, another process is at work there, or it cannot be
        written; nothing is then removed.
    """
    if workspace.settings.store and workspace.layers.exists():
        raise WorkspaceError(
            "{file} is left from before the layers were in a database, and still holds rows: delete it, then try again",
            file=workspace.layers.name,
        )
    with nullcontext() if dry_run else changing(workspace.folder) as change:
        found = _forget(workspace, change, before, tables, with_open, now or datetime.now(UTC))
    if dry_run or not sum(found.removed.values()):
        return found
    workspace.store.purge([*tables, "repeats", "links"])
    return replace(found, sha256=workspace.store.digest())


def _forget(
    workspace: Workspace,
    change: Change | None,
    before: date,
    tables: Collection[str],
    with_open: bool,
    now: datetime,
) -> Forgotten:
    store = workspace.store
    stored = store.read_together([*tables, "repeats", "links"])
    day = pd.Timestamp(before)
    gone: dict[str, pd.Series] = {}
    still_open = reaching_over = 0
    for table in tables:
        rows = stored[table]
        begun, ended = rows[DATE_OF[table]] < day, _end(rows, DATE_OF[table]) <= day
        is_open = rows["status"].eq("open") if table == "absences" and not with_open else pd.Series(False, rows.index)
        gone[table] = ended & ~is_open
        still_open += int((ended & is_open).sum())
        reaching_over += int((begun & ~ended).sum())
    intake_rows = _intakes_of(stored, gone)
    removed_ids = {table: set(stored[table].loc[which, key_of(table)]) for table, which in gone.items()}
    lists = _lists_naming(workspace, removed_ids.get("cases", set()), stored["links"], stored["cases"]["case_id"])
    fixlists, unsure = _old_fixlists(workspace, tables, day)
    queues = _queues_naming(workspace, removed_ids.get("absences", set()))
    if change:
        linked = _remove_rows(workspace, store, change, stored, gone)
        for path in (*lists, *fixlists, *queues):
            change.remove(path)
        if linked and lists:
            linked.write(_folder_of(change, lists[-1].parent), files_of(workspace))
        _note(workspace, change, intake_rows, before, now)
    reports = {report["intake_id"]: report for report in intakes(workspace)}
    elsewhere = sum(n for name, n in intake_rows.items() if name not in reports)
    since = min((reports[name]["added_at"] for name in intake_rows if name in reports), default=None)
    return Forgotten(
        before,
        {table: int(which.sum()) for table, which in gone.items()},
        still_open,
        reaching_over,
        tuple(path.relative_to(workspace.folder).as_posix() for path in (*lists, *fixlists, *queues)),
        tuple(path.relative_to(workspace.folder).as_posix() for path in unsure),
        tuple(one for one in backups_of(workspace.folder) if since and one.made_at >= since),
        len(Registry(workspace.models).names()) if since else 0,
        elsewhere=elsewhere if workspace.settings.store else 0,
        is_shared=workspace.settings.store is not None,
    )


def _end(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return the day after the time that each row is dated by."""
    if "date_precision" not in rows:
        return rows[column] + pd.Timedelta(days=1)
    end = rows[column] + pd.Timedelta(days=1)
    for precision, months in _MONTHS.items():
        end = end.mask(
            rows["date_precision"].eq(precision).fillna(value=False), rows[column] + pd.DateOffset(months=months)
        )
    return end


def _intakes_of(stored: dict[str, pd.DataFrame], gone: dict[str, pd.Series]) -> dict[str, int]:
    """Return how many rows go of each intake that brought any of them, first or again."""
    counts: dict[str, int] = {}
    for table, which in gone.items():
        rows, repeats = stored[table], stored["repeats"]
        again = repeats[(repeats["table"] == table) & repeats["key"].isin(rows.loc[which, key_of(table)])]
        for name, n in pd.concat([rows.loc[which, "intake_id"], again["intake_id"]]).value_counts().items():
            counts[str(name)] = counts.get(str(name), 0) + int(n)
    return counts


def _remove_rows(
    workspace: Workspace, store: Store, change: Change, stored: dict[str, pd.DataFrame], gone: dict[str, pd.Series]
) -> Linked | None:
    """Stage the store without the rows; return the cases that are left with their links, if cases went."""
    frames: dict[str, pd.DataFrame] = {}
    repeats, linked = stored["repeats"], None
    for table, which in gone.items():
        if not which.any():
            continue
        left = take_out(stored[table], repeats, table, which)
        repeats = left.repeats
        rows = canonical(left.rows, table)
        if table == "cases":
            ids = set(stored[table].loc[which, "case_id"])
            links = stored["links"][~stored["links"][PAIR].isin(ids).any(axis=1)]
            linked = link_cases(workspace, store, rows, renamed_links(links, left.renamed))
        frames |= frames_of(table, rows, linked if table == "cases" else None)
    if frames:
        change.write({**frames, "repeats": repeats.reset_index(drop=True)})
    return linked


def _lists_naming(workspace: Workspace, ids: Collection[str], links: pd.DataFrame, cases: pd.Series) -> list[Path]:
    """Return the lists of links that name one of the cases, oldest first.

    Raises
    ------
    WorkspaceError
        If one of them holds decisions that were not added yet.
    """
    found = []
    for file in sorted(workspace.intake.glob(f"*/{LINKS}")) if ids else ():
        if pairs_in(file).isin(ids).any(axis=None):
            if len(undecided(file, links, cases)):
                raise WorkspaceError(
                    "{file} holds decisions that were not added yet: add it with diemnong add links, or delete it",
                    file=file.relative_to(workspace.folder).as_posix(),
                )
            found.append(file)
    return found


def _old_fixlists(workspace: Workspace, tables: Collection[str], day: pd.Timestamp) -> tuple[list[Path], list[Path]]:
    """Return the fix lists whose rows are all older than a day, and those of which that is true in part or unknown."""
    old, unsure = [], []
    for report in intakes(workspace):
        file = workspace.intake / report["intake_id"] / FIXLIST
        if report["table"] not in tables or not file.exists():
            continue
        if pd.Timestamp(report["added_at"]).tz_localize(None) < day:  # no event comes after its report
            old.append(file)
        elif (shares := _are_old(file, report, day)) is None or 0 < shares < 1:
            unsure.append(file)
        elif shares == 1:
            old.append(file)
    return old, unsure


def _are_old(file: Path, report: dict[str, Any], day: pd.Timestamp) -> float | None:
    """Return the share of a fix list's rows that are older than a day, None where a date cannot be read."""
    table = report["table"]
    saved = [(frozenset(had), report["named"]) for had in report.get("headings", []) if report.get("named")]
    try:
        cells = read_records(file, table, saved=saved).cells
    except IntakeError:
        return None
    if DATE_OF[table] not in cells:
        return None
    dates = read_dates(cells[DATE_OF[table]], today=pd.Timestamp(report["added_at"]).tz_localize(None))
    if dates.values.isna().any():
        return None
    rows = pd.DataFrame({"date": dates.values, "date_precision": dates.beside["precision"]})
    return float((_end(rows, "date") <= day).mean())


def _queues_naming(workspace: Workspace, ids: set[str]) -> list[Path]:
    """Return the folders of plans whose tables name one of the absences: queues of those to verify."""
    return [
        manifest.parent
        for manifest in sorted(workspace.plans.glob(f"*/{MANIFEST}"))
        if ids and any(not ids.isdisjoint(_column(file, "absence_id")) for file in manifest.parent.glob("*.csv"))
    ]


def _column(file: Path, name: str) -> Iterator[str]:
    """Yield the cells of a column of a table that a plan wrote, below the note above it."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        heading = next((row for row in rows if name in row), None)
        if heading:
            place = heading.index(name)
            yield from (row[place] for row in rows if len(row) > place)


def _folder_of(change: Change, folder: Path) -> Path:
    staged = change.draft(folder)
    staged.mkdir(exist_ok=True)
    return staged


def _note(workspace: Workspace, change: Change, rows: dict[str, int], before: date, now: datetime) -> None:
    """Note in each intake's report how many of its rows went, and when."""
    for name, n in rows.items():
        path = workspace.intake / name / "intake.json"
        if path.exists():
            report = json.loads(path.read_text(encoding="utf-8"))
            note = {"before": before.isoformat(), "at": now.isoformat(timespec="seconds"), "rows": n}
            write_report(_folder_of(change, path.parent), {**report, FORGOTTEN: [*report.get(FORGOTTEN, []), note]})
