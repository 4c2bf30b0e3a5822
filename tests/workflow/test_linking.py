"""Two offices report one case: proposed, decided by a planner, counted once. All reports are made up."""

import errno
import hashlib
import shutil
from datetime import UTC, datetime

import openpyxl
import pandas as pd
import pytest

import workflow
from geo.change import Change
from geo.errors import IntakeError, Message, WorkspaceError
from geo.intake import candidates
from geo.schema import LINKS_TABLE
from maps.report import FILES as REPORT
from maps.text import translate
from workflow.linking import HEADINGS

NOW = datetime(2018, 1, 2, tzinfo=UTC)
POLICE = {"case_id": "p1", "date": "2017-03-03", "victims": 2, "source": "police"}
GUARD = {"case_id": "b1", "date": "2017-03-05", "victims": 3, "source": "border_guard"}
FAR = {"case_id": "p2", "date": "2015-08-01", "victims": 1, "source": "police", "commune_code": "03166"}


@pytest.fixture
def workspace(tmp_path):
    return workflow.init(tmp_path / "w")


@pytest.fixture
def files(tmp_path):
    """Return a function that writes reports of one office."""

    def write(name, *rows):
        base = {"commune_code": "03160", "vintage": "2025-07-01"}
        pd.DataFrame([base | row for row in rows]).to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


@pytest.fixture
def reported(workspace, files):
    """Add both offices' files; return what became of the second."""
    workflow.add(workspace, "cases", files("police.csv", POLICE, FAR), now=NOW)
    return workflow.add(workspace, "cases", files("guard.csv", GUARD | {"victims": 2}), now=NOW.replace(hour=1))


def links(workspace):
    table = workspace.store.read("links")
    LINKS_TABLE.validate(table)
    return list(table[["id_a", "id_b", "status"]].itertuples(index=False, name=None))


def decide(workspace, tmp_path, *decisions, hour=2, **options):
    """Add a list of links as CSV."""
    pd.DataFrame(decisions, columns=["id_a", "id_b", "decision"]).to_csv(tmp_path / "links.csv", index=False)
    return workflow.add(workspace, "links", tmp_path / "links.csv", now=NOW.replace(hour=hour), **options)


def counted(workspace):
    result = workflow.run(workspace, now=NOW)
    return result.content.outreach.set_index("commune_code")["cases"]["03160"], list(map(str, result.notices()))


def said(added):
    return list(map(str, added.messages))


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


def test_two_reports_of_one_case_are_proposed_and_both_counted(workspace, reported):
    assert links(workspace) == [("b1", "p1", "proposed")]
    list_of_links = workspace.intake / reported.intake_id / "links.xlsx"
    assert "1 pairs of rows may be one case each; each row counts until a planner decides" in said(reported)
    assert any(f"diemnong add links {list_of_links}" in message for message in said(reported))
    heading, row = openpyxl.load_workbook(list_of_links).active.iter_rows(values_only=True)
    assert heading == tuple(HEADINGS.values())
    assert row[:4] == ("b1", "guard.csv: 2", "p1", "police.csv: 2")
    assert row[4] == pytest.approx(workspace.store.read("links")["score"][0])
    assert row[6] == "2 days apart; same commune; same number of victims"
    assert row[5] != row[6]
    assert row[7] is None
    cases, notices = counted(workspace)
    assert cases == 2
    assert "1 pairs of rows may be one case each; each row counts until a planner decides" in notices


def test_a_dry_run_says_how_many_links_would_be_new(workspace, files):
    workflow.add(workspace, "cases", files("police.csv", POLICE, FAR), now=NOW)
    before = digests(workspace.folder)
    added = workflow.add(workspace, "cases", files("guard.csv", GUARD), now=NOW, dry_run=True)
    assert said(added)[-2:] == ["1 pairs of rows would be proposed as one case each", "Nothing was written"]
    assert digests(workspace.folder) == before
    workflow.add(workspace, "cases", files("guard.csv", GUARD), now=NOW.replace(hour=1))
    far = files("hotline.csv", FAR | {"case_id": "h1", "source": "hotline", "date": "2011-01-01"})
    again = workflow.add(workspace, "cases", far, now=NOW.replace(hour=2), dry_run=True)
    assert "0 pairs of rows would be proposed as one case each" in said(again)


def test_a_list_of_simulated_cases_says_so_and_can_be_added_back(workspace, files, tmp_path):
    simulated = {"data_kind": "simulated"}
    workflow.add(workspace, "cases", files("police.csv", POLICE | simulated), now=NOW)
    added = workflow.add(workspace, "cases", files("guard.csv", GUARD | simulated), now=NOW.replace(hour=1))
    book = openpyxl.load_workbook(workspace.intake / added.intake_id / "links.xlsx")
    note, heading, row = book.active.iter_rows(values_only=True)
    assert "SIMULATED DATA" in note[0]
    assert heading == tuple(HEADINGS.values())
    assert row[:3:2] == ("b1", "p1")
    book.active.cell(3, 8).value = "đúng"
    book.active.append(["b1", "", "nobody", "", "", "", "", "đúng"])
    book.save(tmp_path / "links.xlsx")
    decided = workflow.add(workspace, "links", tmp_path / "links.xlsx", now=NOW.replace(hour=2))
    assert (decided.read, decided.accepted, decided.rejected) == (2, 1, 1)
    assert links(workspace) == [("b1", "p1", "confirmed")]
    assert "SIMULATED DATA" in openpyxl.load_workbook(decided.fixlist).active.cell(1, 1).value


def test_what_is_too_dense_to_compare_is_said(workspace, files, monkeypatch):
    monkeypatch.setattr(candidates.find_candidates, "__defaults__", (0,))
    workflow.add(workspace, "cases", files("police.csv", POLICE), now=NOW)
    added = workflow.add(workspace, "cases", files("guard.csv", GUARD), now=NOW.replace(hour=1))
    assert links(workspace) == []
    assert "2 rows have too many others near in time and place, and were not compared with all" in said(added)


def test_a_list_filled_in_excel_makes_them_one_case(workspace, reported, tmp_path):
    book = openpyxl.load_workbook(workspace.intake / reported.intake_id / "links.xlsx")
    book.active.cell(2, 8).value = "Đúng"
    book.save(tmp_path / "links.xlsx")
    added = workflow.add(workspace, "links", tmp_path / "links.xlsx", now=NOW.replace(hour=2))
    assert (added.read, added.accepted, added.rejected, added.refused) == (1, 1, 0, False)
    assert links(workspace) == [("b1", "p1", "confirmed")]
    cases, notices = counted(workspace)
    assert cases == 1
    assert notices[-1] == "2 rows are confirmed to be 1 cases and are counted so"
    assert len(workspace.store.read("cases")) == 3


def test_the_victims_of_one_case_are_the_greatest_number_told(workspace, files, tmp_path):
    workflow.add(workspace, "cases", files("police.csv", POLICE), now=NOW)
    workflow.add(workspace, "cases", files("guard.csv", GUARD), now=NOW.replace(hour=1))
    decide(workspace, tmp_path, ("p1", "b1", "có"))
    analysis = workflow.analyse(workflow.read_layers(workspace), workspace.settings)
    assert analysis.panel.totals().loc["03160", ["cases", "victims"]].tolist() == [1, 3]


@pytest.mark.parametrize(("word", "status"), [("yes", "confirmed"), ("same", "confirmed"), ("no", "undone")])
def test_a_decision_may_be_said_in_english(workspace, reported, tmp_path, word, status):
    decide(workspace, tmp_path, ("b1", "p1", word))
    assert links(workspace) == [("b1", "p1", status)]


def test_a_pair_that_was_not_proposed_may_be_confirmed_by_hand(workspace, reported, tmp_path):
    decide(workspace, tmp_path, ("p2", "b1", "đúng"))
    assert ("b1", "p2", "confirmed") in links(workspace)


def test_the_same_decisions_twice_change_nothing(workspace, reported, tmp_path):
    decide(workspace, tmp_path, ("b1", "p1", "đúng"))
    before, folders = digests(workspace.folder), sorted(workspace.intake.iterdir())
    again = decide(workspace, tmp_path, ("b1", "p1", "đúng"), hour=3)
    assert again.known == 1
    assert "1 decisions were in the workspace already" in said(again)
    assert digests(workspace.folder) == before
    assert sorted(workspace.intake.iterdir()) == folders


def test_an_undone_pair_stays_undone_when_its_files_come_again(workspace, reported, files, tmp_path):
    decide(workspace, tmp_path, ("b1", "p1", "không"))
    workflow.undo(workspace, reported.intake_id, now=NOW)
    again = workflow.add(workspace, "cases", files("guard.csv", GUARD), now=NOW.replace(hour=3))
    assert again.accepted == 1
    assert links(workspace) == [("b1", "p1", "undone")]
    assert not (workspace.intake / again.intake_id / "links.xlsx").exists()
    assert counted(workspace)[0] == 2


def test_the_last_decision_holds(workspace, reported, tmp_path):
    decide(workspace, tmp_path, ("b1", "p1", "không"))
    decide(workspace, tmp_path, ("b1", "p1", "đúng"), hour=3)
    assert links(workspace) == [("b1", "p1", "confirmed")]


def test_undoing_an_intake_removes_its_proposed_links(workspace, reported):
    undone = workflow.undo(workspace, reported.intake_id, now=NOW)
    assert links(workspace) == []
    assert len(undone.messages) == 1
    assert not (workspace.intake / reported.intake_id / "links.xlsx").exists()


def test_rows_that_are_no_decision_are_rejected_with_row_and_reason(workspace, reported, tmp_path):
    rows = [
        ("b1", "p1", "có lẽ"), ("b1", "secret", "đúng"), ("", "p1", "đúng"), ("p1", "p1", "đúng"),
        ("p2", "b1", "đúng"), ("b1", "p2", "không"), ("p1", "secret", ""),
    ]  # fmt: skip
    added = decide(workspace, tmp_path, *rows)
    assert (added.read, added.accepted, added.rejected, added.refused) == (7, 1, 6, True)
    assert said(added)[0] == ("links.csv: 7 pairs read: 1 without a decision, 6 rejected")
    assert "rows 2: decision is not one of: đúng, có, yes; không, khác, no" in said(added)
    assert "rows 3: id_b is not a case of the workspace" in said(added)
    assert "rows 4: id_a is empty" in said(added)
    assert "rows 5: id_b is the same case as id_a" in said(added)
    assert "rows 6, 7: decision contradicts another row of the file on the same pair" in said(added)
    assert "secret" not in " ".join(said(added))
    assert links(workspace) == [("b1", "p1", "proposed")]
    # The fix list can be mended and added.
    book = openpyxl.load_workbook(added.fixlist)
    assert [cell.value for cell in book.active[1]][:3] == ["id_a", "id_b", "decision"]
    book.active.cell(2, 3).value = "đúng"
    book.active.delete_rows(3, 5)
    book.save(tmp_path / "mended.xlsx")
    mended = workflow.add(workspace, "links", tmp_path / "mended.xlsx", now=NOW.replace(hour=3))
    assert (mended.accepted, mended.rejected) == (1, 0)
    assert links(workspace) == [("b1", "p1", "confirmed")]


def test_a_dry_run_decides_nothing(workspace, reported, tmp_path):
    added = decide(workspace, tmp_path, ("b1", "p1", "đúng"), ("b1", "p2", "?"), dry_run=True)
    assert said(added)[-1] == "Nothing was written"
    assert (added.rejected, added.fixlist) == (1, None)
    assert links(workspace) == [("b1", "p1", "proposed")]


def test_a_list_without_the_columns_is_refused_and_a_heading_can_be_named(workspace, reported, tmp_path):
    pd.DataFrame({"id_a": ["b1"], "id_b": ["p1"], "Ý kiến": ["đúng"]}).to_csv(tmp_path / "l.csv", index=False)
    with pytest.raises(IntakeError, match="needs the columns decision"):
        workflow.add(workspace, "links", tmp_path / "l.csv", now=NOW)
    workflow.add(workspace, "links", tmp_path / "l.csv", columns={"decision": "Ý kiến"}, now=NOW.replace(hour=4))
    assert links(workspace) == [("b1", "p1", "confirmed")]


def test_decisions_are_taken_back_by_other_decisions_not_by_undo(workspace, reported, tmp_path):
    decide(workspace, tmp_path, ("b1", "p1", "đúng"))
    folder = next(workspace.intake.glob("*-links-*"))
    with pytest.raises(WorkspaceError, match="add the list again with the other one"):
        workflow.undo(workspace, folder.name, now=NOW)


def test_a_write_that_fails_leaves_cases_links_and_intakes_as_they_were(workspace, files, monkeypatch):
    workflow.add(workspace, "cases", files("police.csv", POLICE), now=NOW)
    before, folders = digests(workspace.folder), sorted(workspace.intake.iterdir())

    def full(self, frames):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Change, "write", full)
    with pytest.raises(WorkspaceError, match="disk is full"):
        workflow.add(workspace, "cases", files("guard.csv", GUARD), now=NOW.replace(hour=1))
    assert digests(workspace.folder) == before
    assert sorted(workspace.intake.iterdir()) == folders


def test_links_that_nobody_confirmed_change_nothing_but_what_is_said_of_them(workspace, reported):
    def outputs(hour):
        folder = workflow.run(workspace, now=NOW.replace(hour=hour)).folder
        found = digests(folder), (folder / "report.html").read_text(encoding="utf-8")
        shutil.rmtree(folder)  # or the next run would compare itself with it
        return found

    with_links, first = outputs(4)
    store = workspace.store
    store.write({"links": store.read("links").iloc[:0]})
    without, second = outputs(5)
    assert {name for name in with_links if with_links[name] != without[name]} == {"run.json", *REPORT}
    said = [first, second]
    waiting = translate(
        Message("{n} pairs of rows may be one case each; each row counts until a planner decides", {"n": 1}), "vi"
    )
    assert [waiting in page for page in said] == [True, False]
