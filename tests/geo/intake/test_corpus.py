"""Every trouble of the corpus goes through `workflow.add` into a real workspace, and becomes what it has to become."""

import csv
from datetime import UTC, datetime

import openpyxl
import pytest

import workflow
from geo.errors import DiemnongError
from geo.schema import key_of
from tests.geo.intake.corpus.books import BOOKS
from tests.geo.intake.corpus.layers import LAYERS
from tests.geo.intake.corpus.rows import ACCEPTED, CANARY, GOOD, REJECTED, REPAIRED, TROUBLES, UNPLACED
from tests.geo.intake.corpus.texts import TEXTS

FILES = [*TEXTS, *BOOKS, *LAYERS]
NOW = datetime(2018, 1, 2, tzinfo=UTC)
GOOD_ROWS = 4
ROW = GOOD_ROWS + 2
"""Where the troubled row stands in its file, below the heading and the good ones."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return workflow.init(tmp_path_factory.mktemp("corpus") / "w")


@pytest.fixture(scope="module")
def sector(workspace):
    return workspace.store.read("border")["sector_id"].iloc[0]


def add(workspace, table, file, **options):
    """Add a file and take it back; return what became of it, the fix list's cells, and all that was said."""
    added = workflow.add(workspace, table, file, now=NOW, **options)
    listed, said = [], [str(message) for message in added.messages]
    folders = list(workspace.intake.iterdir()) if workspace.intake.exists() else []
    if added.fixlist:
        sheet = openpyxl.load_workbook(added.fixlist).active
        noted = "SIMULATED DATA" in str(sheet.cell(1, 1).value)
        heading = [cell.value for cell in sheet[1 + noted]]
        listed = [dict(zip(heading, row, strict=True)) for row in sheet.iter_rows(min_row=2 + noted)]
    for folder in folders:
        said.append((folder / "intake.json").read_text(encoding="utf-8"))
    if added.intake_id:
        workflow.undo(workspace, added.intake_id, now=NOW)
    for folder in folders:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    return added, listed, said


def write_rows(path, table, sector, *changes):
    """Write good rows and, below them, changed ones; each bears the canary where nobody may repeat it."""
    key = key_of(table)
    good = GOOD[table] | ({"sector_id": sector} if table == "patrols" else {})
    rows = [{name: cell.replace("#", str(number)) for name, cell in good.items()} for number in range(GOOD_ROWS)]
    rows += [good | {key: f"{CANARY}-{number}"} | cells for number, cells in enumerate(changes)]
    for row in rows:
        row["Họ và tên"] = row["Ghi chú"] = CANARY
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_corpus_has_no_entry_twice():
    names = [one.name for one in TROUBLES]
    assert len(set(names)) == len(names)
    assert len({(one.table, *one.cells.items()) for one in TROUBLES}) == len(TROUBLES)
    assert len({one.name for one in FILES}) == len(FILES)
    assert len(TROUBLES) + len(FILES) >= 120


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: one.name)
def test_a_row_becomes_what_it_has_to(tmp_path, workspace, sector, trouble):
    file = write_rows(tmp_path / "t.csv", trouble.table, sector, trouble.cells)
    added, listed, said = add(workspace, trouble.table, file)
    rejected = trouble.outcome == REJECTED
    assert (added.read, added.accepted, added.rejected) == (GOOD_ROWS + 1, GOOD_ROWS + (not rejected), int(rejected))
    assert added.repaired == (trouble.outcome == REPAIRED), said
    assert added.unplaced == (trouble.outcome == UNPLACED)
    assert CANARY not in "\n".join(said)
    told = [line for line in said if line.startswith((f"rows {ROW}: ", f"repaired, rows {ROW}: "))]
    if trouble.outcome in (ACCEPTED, UNPLACED):
        assert told == []
        return
    assert any(f"{ROW}: {trouble.column} " in line and trouble.said in line for line in told), told
    if rejected:
        (row,) = listed
        assert (row["row"].value, row["column"].value) == (str(ROW), trouble.column)
        assert trouble.said in row["reason_en"].value
        assert row["mend"].value == trouble.mend
        marked = [name for name, cell in row.items() if cell.fill.fgColor.rgb == "FFFFD2A0"]
        assert marked == [trouble.column]


@pytest.mark.parametrize("trouble", FILES, ids=lambda one: one.name)
def test_a_file_becomes_what_it_has_to(tmp_path, workspace, trouble):
    file, options = trouble.write(tmp_path), dict(trouble.options)
    if trouble.read is None:
        with pytest.raises(DiemnongError) as refused:
            workflow.add(workspace, trouble.kind, file, now=NOW, **options)
        assert trouble.said in str(refused.value)
        assert CANARY not in str(refused.value)
        return
    added, listed, said = add(workspace, trouble.kind, file, **options)
    assert (added.read, added.rejected, added.repaired) == (trouble.read, trouble.rejected, trouble.repaired), said
    assert added.accepted == (0 if trouble.kind == "communes" else trouble.read - trouble.rejected)
    assert added.refused == (added.accepted < added.read)
    assert len(listed) == trouble.rejected
    assert any(trouble.said in line for line in said), said
    assert CANARY not in "\n".join(said)
