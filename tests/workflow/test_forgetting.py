"""What is forgotten is gone from every file, and what is not stays. All reports are made up."""

import csv
from datetime import UTC, date, datetime

import openpyxl
import pandas as pd
import pytest

import workflow
from geo.errors import WorkspaceError
from workflow.intake_folder import intakes

NOW = datetime(2018, 1, 2, tzinfo=UTC)
LATER = NOW.replace(month=3)
DAY = date(2017, 1, 1)
OLD = {"case_id": "made-up-old-0001", "date": "2016-03-03", "victims": 2, "source": "police"}
OLD_TWIN = {"case_id": "made-up-old-0002", "date": "2016-03-04", "victims": 2, "source": "border_guard"}
NEW = {"case_id": "made-up-new-0003", "date": "2017-03-03", "victims": 1, "source": "police"}
REMOVED = (b"made-up-old-0001", b"made-up-old-0002", b"made-up-gone-0004")


@pytest.fixture
def files(tmp_path):
    def write(name, *rows):
        base = {"commune_code": "03160", "vintage": "2025-07-01"}
        pd.DataFrame([base | row for row in rows]).to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


@pytest.fixture
def workspace(tmp_path, files):
    made = workflow.init(tmp_path / "w")
    workflow.add(made, "cases", files("police.csv", OLD, NEW), now=NOW)
    workflow.add(made, "cases", files("guard.csv", OLD_TWIN), now=NOW.replace(hour=1))
    absences = [
        {"absence_id": f"made-up-{name}", "reported_on": day, "status": status}
        for name, day, status in (
            ("gone-0004", "2016-05-05", "returned"),
            ("open-0005", "2016-05-05", "open"),
            ("new-0006", "2017-05-05", "open"),
        )
    ]
    workflow.add(made, "absences", files("absences.csv", *absences), now=NOW.replace(hour=2))
    return made


def everything(folder):
    """Return all bytes of a workspace, those of workbooks unpacked."""
    found = b""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            cells = (str(cell) for sheet in openpyxl.load_workbook(path) for row in sheet.values for cell in row)
            found += " ".join(cells).encode()
        elif path.is_file():
            found += path.read_bytes()
    return found


@pytest.mark.file_store
def test_no_byte_of_what_was_forgotten_is_left_in_any_file(workspace):
    assert all(identifier in everything(workspace.folder) for identifier in REMOVED)
    found = workflow.forget(workspace, DAY, now=LATER)
    assert found.removed == {"cases": 2, "absences": 1}
    assert [identifier for identifier in REMOVED if identifier in everything(workspace.folder)] == []
    store = workspace.store
    assert list(store.read("cases")["case_id"]) == ["made-up-new-0003"]
    assert sorted(store.read("absences")["absence_id"]) == ["made-up-new-0006", "made-up-open-0005"]
    assert store.read("links").empty
    assert workflow.verify(workspace.folder).is_whole


@pytest.mark.file_store
def test_a_plain_delete_would_leave_them(workspace):
    """What the test above guards against: SQLite keeps the bytes of deleted rows."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(workspace.layers)) as store:
        store.execute("PRAGMA secure_delete = OFF")
        store.execute("DELETE FROM cases WHERE case_id = 'made-up-old-0001'")
        store.commit()
    assert b"made-up-old-0001" in workspace.layers.read_bytes()


def test_a_dry_run_says_the_same_and_changes_nothing(workspace):
    before = everything(workspace.folder)
    tried = workflow.forget(workspace, DAY, dry_run=True)
    assert everything(workspace.folder) == before
    assert str(tried.messages[-1]) == "Nothing was written"
    done = workflow.forget(workspace, DAY, now=LATER)
    assert (tried.removed, tried.files, tried.still_open) == (done.removed, done.files, done.still_open)


def test_open_absences_stay_unless_they_are_named(workspace):
    assert workflow.forget(workspace, DAY, dry_run=True).still_open == 1
    found = workflow.forget(workspace, DAY, with_open=True, now=LATER)
    assert (found.removed["absences"], found.still_open) == (2, 0)


def test_a_row_dated_by_a_year_is_that_of_its_last_day(tmp_path, files):
    workspace = workflow.init(tmp_path / "w2")
    rows = [
        {**OLD, "case_id": name, "date": when} for name, when in (("a", "2016"), ("b", "2017"), ("c", "quý I/2017"))
    ]
    workflow.add(workspace, "cases", files("years.csv", *rows), now=NOW)
    found = workflow.forget(workspace, date(2017, 4, 1), now=LATER)
    assert (found.removed["cases"], found.reaching_over) == (2, 1)
    assert list(workspace.store.read("cases")["case_id"]) == ["b"]


def test_the_day_itself_stays(workspace):
    assert workflow.forget(workspace, date(2016, 3, 3), dry_run=True).removed["cases"] == 0
    assert workflow.forget(workspace, date(2016, 3, 4), dry_run=True).removed["cases"] == 1


def test_rows_of_the_repeats_go_too_and_the_reports_note_it(workspace, files):
    again = workflow.add(workspace, "cases", files("again.csv", OLD, {**NEW, "case_id": "made-up-new-0007"}), now=LATER)
    assert (workspace.store.read("repeats")["key"] == "made-up-old-0001").any()
    workflow.forget(workspace, DAY, now=LATER)
    assert workspace.store.read("repeats").empty
    notes = {report["intake_id"]: report.get("forgotten") for report in intakes(workspace)}
    assert notes[again.intake_id] == [{"before": "2017-01-01", "at": "2018-03-02T00:00:00+00:00", "rows": 1}]
    workflow.undo(workspace, again.intake_id, now=LATER)
    assert list(workspace.store.read("cases")["case_id"]) == ["made-up-new-0003"]


def test_fix_lists_of_rows_that_old_go_and_others_are_named(tmp_path, files):
    workspace = workflow.init(tmp_path / "w2")
    bad_old = {**OLD, "commune_code": "99999"}
    bad_new = {**NEW, "commune_code": "99999"}
    lists = [
        workflow.add(workspace, "cases", files(name, *rows), now=NOW.replace(hour=hour)).fixlist
        for hour, name, rows in ((1, "o.csv", [bad_old]), (2, "b.csv", [bad_old, bad_new]), (3, "n.csv", [bad_new]))
    ]
    names = [file.relative_to(workspace.folder).as_posix() for file in lists]
    found = workflow.forget(workspace, DAY, now=LATER)
    assert (found.files, found.unsure) == ((names[0],), (names[1],))
    assert [file.exists() for file in lists] == [False, True, True]
    assert workflow.forget(workspace, date(2018, 2, 1), dry_run=True).files == tuple(names[1:]), "they came in before"


def test_decisions_that_were_not_added_yet_are_not_lost(workspace):
    links = next(workspace.intake.glob("*/links.xlsx"))
    book = openpyxl.load_workbook(links)
    sheet = book.active
    heading = next(row for row in sheet.iter_rows() if any("decision" in str(cell.value) for cell in row))
    column = next(cell.column for cell in heading if "decision" in str(cell.value))
    sheet.cell(heading[0].row + 1, column, "đúng")
    book.save(links)
    with pytest.raises(WorkspaceError, match="holds decisions that were not added yet"):
        workflow.forget(workspace, DAY, now=LATER)
    assert len(workspace.store.read("cases")) == 3
    workflow.add(workspace, "links", links, now=LATER)
    assert workflow.forget(workspace, DAY, now=LATER).removed["cases"] == 2


def test_queues_that_name_the_absences_go(workspace):
    kept = workflow.queue_for(workspace, now=NOW).folder
    found = workflow.forget(workspace, DAY, dry_run=True)
    assert found.files[-1].endswith("links.xlsx"), "the queue names open absences only"
    found = workflow.forget(workspace, DAY, with_open=True, now=LATER)
    assert kept.relative_to(workspace.folder).as_posix() in found.files
    assert not kept.exists()


def test_backups_that_still_hold_the_rows_are_listed(workspace, tmp_path):
    before = workflow.backup(workspace.folder, tmp_path / "holds.zip", now=LATER)
    found = workflow.forget(workspace, DAY, now=LATER)
    assert [backup.sha256 for backup in found.backups] == [before.sha256]
    assert any("holds.zip" in str(message) for message in found.messages)
    assert workflow.forget(workspace, DAY, now=LATER).backups == (), "nothing more is forgotten"


def test_messages_hold_no_row(workspace):
    found = workflow.forget(workspace, DAY, now=LATER)
    said = " ".join(map(str, found.messages)) + str(found.as_dict())
    assert "made-up" not in said
    assert next(csv.reader([said]))
