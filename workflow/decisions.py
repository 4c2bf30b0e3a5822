"""A planner's decisions on links: which reports of several offices are one case."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd

from geo.change import Change
from geo.errors import IntakeError, Message
from geo.intake import Intake, RawTable, read_table
from geo.intake.masking import masked_table
from geo.intake.persons import persons
from geo.intake.rules import listed
from geo.intake.vocabulary import values, words_of
from geo.workspace import Workspace
from workflow.added import Added
from workflow.intake_folder import (
    FIXLIST,
    files_of,
    name_intake,
    rejection_messages,
    report_on,
    write_rejected,
    write_report,
)
from workflow.linking import HEADINGS, link_cases, origins

PAIR = ["id_a", "id_b"]
COLUMNS = (*PAIR, "decision")
WHERE = {"id_a": "where_a", "id_b": "where_b"}
"""Where the rows stood when the list was written, if it says so: an undo may have given a number to another row."""


def add_links(
    workspace: Workspace, change: Change | None, file: Path, *, columns: Mapping[str, str], now: datetime
) -> Added:
    """Add a mended list of links; the last decision on a pair holds, rows without a decision change nothing.

    Without a change it is only reported on.

    Raises
    ------
    IntakeError
        If the file cannot be read, or has no columns for both identifiers and the decision.
    """
    store = workspace.store
    cases, before = store.read("cases"), store.read("links")
    intake = _read(file, columns)
    _check(intake, cases["case_id"])
    _check_origins(intake, cases, files_of(workspace))
    kinds = cases.set_index("case_id").reindex(columns=["data_kind"])["data_kind"]
    intake.typed["data_kind"] = intake.typed["id_a"].map(kinds)
    decided = _decided(intake)
    was = before.set_index(PAIR)["status"].reindex(pd.MultiIndex.from_frame(decided[PAIR]))
    changed = decided["status"].to_numpy() != was.to_numpy()
    new, replaced = decided[changed], decided[changed & was.isin(["confirmed", "undone"]).to_numpy()]
    linked = link_cases(workspace, store, cases, pd.concat([before, new]))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    folder = workspace.intake / name_intake(now, "links", digest)
    if change and (len(new) or intake.rejections):
        draft = change.new_folder(folder)
        write_report(draft, report_on(intake, digest, now, len(new)))
        write_rejected(draft, intake)
        if len(new):
            linked.write(draft, files_of(workspace))
            change.write({"links": linked.stored})
    said = linked.messages(folder if change and len(new) else None)
    fixlist = folder / FIXLIST if intake.rejections and change else None
    if len(replaced):  # of several planners it may be another one's
        n = len(replaced.drop_duplicates(PAIR))
        said.append(Message("{n} decisions replace the opposite ones, which the workspace had", {"n": n}))
    return _told(intake, decided["status"], len(decided) - len(new), said, fixlist, dry_run=not change)


def _read(file: Path, columns: Mapping[str, str]) -> Intake:
    """Read the columns of a list of links, by their headings in `HEADINGS` or as they were named by hand."""
    raw = read_table(file)
    named = {ours: theirs for ours in COLUMNS if (theirs := _heading(raw, ours, columns.get(ours)))}
    if missing := [ours for ours in COLUMNS if ours not in named]:
        raise IntakeError(
            "{file}: a list of links needs the columns {missing}; name a column with --column {first}=HEADING",
            file=file.name,
            missing=", ".join(missing),
            first=missing[0],
        )
    named |= {ours: theirs for ours in WHERE.values() if (theirs := _heading(raw, ours, None))}
    cells = raw.cells[list(named.values())].set_axis(list(named), axis="columns")
    words = {cell: values("decision").get(words_of(cell)) for cell in cells["decision"].dropna().unique()}
    typed = cells[PAIR].astype("str").assign(status=cells["decision"].map(words).astype("str"))
    return Intake("links", typed, masked_table(RawTable(file, cells, raw.ragged, named=named), persons()))


def undecided(file: Path, links: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """Return the decisions in a list of links that the workspace could have and has not: pairs and ``status``.

    Parameters
    ----------
    file
        The list, as `workflow.linking.Linked.write` writes it and a planner fills it in.
    links, ids
        Those of the workspace, and the identifiers of its cases: on others nothing can be decided.

    Raises
    ------
    IntakeError
        If the list cannot be read.
    """
    decided = _decided(_read(file, {}))
    decided = decided[decided[PAIR].isin(list(ids)).all(axis=1)]
    had = links.set_index(PAIR)["status"].reindex(pd.MultiIndex.from_frame(decided[PAIR]))
    return decided[decided["status"].to_numpy() != had.to_numpy()]


def pairs_in(file: Path) -> pd.DataFrame:
    """Return the pairs in a list of links, decided or not: ``id_a``, ``id_b``."""
    return _read(file, {}).typed[PAIR]


def _heading(raw: RawTable, ours: str, named: str | None) -> str | None:
    shown = HEADINGS[ours]
    known = {words_of(name) for name in ([named] if named else [ours, shown, *shown.split("\n")])}
    return next((name for name in raw.cells if words_of(name) in known), None)


def _check(intake: Intake, ids: pd.Series) -> None:
    """Reject what is no decision, or one on rows that are not there."""
    cells, typed = intake.raw.cells, intake.typed
    intake.reject(intake.raw.ragged, "", Message("has more cells than there are headings"))
    unclear = cells["decision"].notna() & typed["status"].isna()
    allowed = Message("is not one of: {allowed}", {"allowed": "đúng, có, yes; không, khác, no"})
    intake.reject(cells.index[unclear], "decision", allowed)
    rows = typed.dropna(subset=["status"])
    for name in PAIR:
        intake.reject(rows.index[rows[name].isna()], name, Message("is empty"))
        intake.reject(rows.index[~rows[name].isin(ids)], name, Message("is not a case of the workspace"))
    same = rows.index[rows["id_a"] == rows["id_b"]]
    intake.reject(same, "id_b", Message("is the same case as {other}", {"other": "id_a"}))
    decided = _decided(intake)
    twice = decided.groupby(PAIR)["status"].transform("nunique") > 1
    intake.reject(decided.index[twice], "decision", Message("contradicts another row of the file on the same pair"))


def _check_origins(intake: Intake, cases: pd.DataFrame, files: Mapping[str, str]) -> None:
    """Reject decisions on a row that is another one now than when the list was written."""
    rows = intake.accepted.dropna(subset=["status"])
    for name, where in WHERE.items():
        told = intake.raw.cells.reindex(columns=[where]).loc[rows.index, where].dropna()
        now = origins(cases, rows.loc[told.index, name], files)
        said = Message("is another row now than when the list was written: decide in the newest list")
        intake.reject(told.index[told.to_numpy() != now], name, said)


def _decided(intake: Intake) -> pd.DataFrame:
    """Return the decisions of the accepted rows, the identifiers of each pair in order."""
    rows = intake.accepted.dropna(subset=["status"])
    one, other = rows["id_a"], rows["id_b"]
    return rows.assign(id_a=one.where(one < other, other), id_b=other.where(one < other, one))


def _told(
    intake: Intake, status: pd.Series, known: int, links: list[Message], fixlist: Path | None, *, dry_run: bool
) -> Added:
    counts = [
        Message("{n} confirmed", {"n": int((status == "confirmed").sum())}),
        Message("{n} undone", {"n": int((status == "undone").sum())}),
        Message("{n} without a decision", {"n": len(intake.accepted) - len(status)}),
        Message("{n} rejected", {"n": len(intake.rejections)}),
    ]
    parts = listed(part for part in counts if part.values["n"])
    read = {"file": intake.raw.path.name, "read": intake.read, "parts": parts}
    messages = [Message("{file}: {read} pairs read: {parts}", read)]
    if known:
        messages.append(Message("{n} decisions were in the workspace already", {"n": known}))
    messages += rejection_messages(intake, fixlist)
    messages += links
    if not dry_run and len(status) > known:
        messages.append(Message("To take a decision back, add the list again with the other one: đúng or không"))
    return Added.of(intake, messages, dry_run=dry_run, known=known, fixlist=fixlist)
