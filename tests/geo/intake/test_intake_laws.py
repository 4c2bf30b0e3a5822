"""Laws of intake: no row is lost, undo undoes, a repaired value is itself, order does not matter, no bytes crash it."""

import csv
import hashlib
import itertools
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import workflow
from geo.errors import DiemnongError
from geo.intake.dates import read_dates
from geo.intake.numbers import read_numbers
from tests.geo.intake.corpus.books import TABLE, book
from tests.geo.intake.corpus.files import CSV
from tests.geo.intake.corpus.layers import INSIDE, MARK, geojson, kml, layer
from tests.geo.intake.corpus.rows import GOOD, TROUBLES

NOW = datetime(2018, 1, 2, tzinfo=UTC)
TODAY = pd.Timestamp("2018-01-02")
PHASES = (Phase.explicit, Phase.generate)
"""An example costs an intake: a failing one is shown as it was found, not made small first."""

CELLS = {
    name: sorted({one.cells[name] for one in TROUBLES if one.table == "cases" and name in one.cells} | {good})
    for name, good in GOOD["cases"].items()
    if name != "case_id"
}
"""What the corpus has for each column of cases, good and bad."""

ROWS = st.lists(
    st.fixed_dictionaries(
        {name: st.one_of(st.just(GOOD["cases"][name]), st.sampled_from(cells)) for name, cells in CELLS.items()}
    ),
    min_size=1,
    max_size=8,
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    made = workflow.init(tmp_path_factory.mktemp("laws") / "w")
    before = tmp_path_factory.mktemp("before") / "t.csv"
    before.write_text(CSV, encoding="utf-8")
    workflow.add(made, "cases", before, now=NOW - timedelta(days=1))
    return made


@pytest.fixture(scope="module")
def clock():
    return (NOW + timedelta(seconds=number) for number in itertools.count())


def written(path, rows):
    rows = [{"case_id": f"id-{number}"} | row for number, row in enumerate(rows)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def taken(workspace, file, now):
    """Add and undo; return what became of the file and the rows that it brought, without where they stood."""
    added = workflow.add(workspace, "cases", file, now=now)
    rows = workspace.store.read("cases")
    mine = rows[rows["intake_id"] == added.intake_id].drop(columns=["intake_id", "file_row", "file_sheet"])
    if added.intake_id:
        workflow.undo(workspace, added.intake_id, now=now)
    return added, mine


@settings(max_examples=12, phases=PHASES)
@given(rows=ROWS)
def test_what_is_read_is_accepted_or_rejected(tmp_path, workspace, clock, rows):
    added, mine = taken(workspace, written(tmp_path / "t.csv", rows), next(clock))
    assert added.read == added.accepted + added.rejected
    assert added.read == len(rows)
    assert len(mine) == added.accepted - added.known


@settings(max_examples=8, phases=PHASES)
@given(rows=ROWS)
def test_an_intake_that_is_undone_leaves_what_was_before(tmp_path, workspace, clock, rows):
    before = workspace.store.read("cases")
    taken(workspace, written(tmp_path / "t.csv", rows), next(clock))
    pd.testing.assert_frame_equal(workspace.store.read("cases"), before)


@settings(max_examples=8, phases=PHASES)
@given(data=st.data(), rows=ROWS)
def test_the_order_of_rows_does_not_matter(tmp_path, workspace, clock, data, rows):
    rows = [{"case_id": f"id-{number}"} | row for number, row in enumerate(rows)]
    other = data.draw(st.permutations(rows))
    one, mine = taken(workspace, written(tmp_path / "t.csv", rows), next(clock))
    two, theirs = taken(workspace, written(tmp_path / "u.csv", other), next(clock))
    numbers = ("read", "accepted", "rejected", "repaired", "unplaced", "known")
    assert [getattr(one, name) for name in numbers] == [getattr(two, name) for name in numbers]
    first, second = (table.sort_values("case_id", ignore_index=True) for table in (mine, theirs))
    pd.testing.assert_frame_equal(first, second)


@settings(max_examples=60, phases=PHASES)
@given(cells=st.lists(st.one_of(st.sampled_from(CELLS["date"]), TEXTS), min_size=1, max_size=6))
def test_a_date_that_was_read_is_read_again_as_itself(cells):
    once = read_dates(pd.Series(cells, dtype=object), today=TODAY).values
    again = read_dates(once.dt.strftime("%Y-%m-%d").astype(object).where(once.notna(), None), today=TODAY)
    pd.testing.assert_series_equal(again.values, once)
    assert again.bad.empty
    assert again.repaired.empty


@settings(max_examples=60, phases=PHASES)
@given(cells=st.lists(st.one_of(st.sampled_from(CELLS["victims"]), TEXTS), min_size=1, max_size=6))
def test_a_count_that_was_read_is_read_again_as_itself(cells):
    once = read_numbers(pd.Series(cells, dtype=object), "count").values
    again = read_numbers(once.astype("str").astype(object).where(once.notna(), None), "count")
    pd.testing.assert_series_equal(again.values, once)
    assert again.bad.empty
    assert again.repaired.empty


@settings(max_examples=8, phases=PHASES)
@given(rows=ROWS)
def test_what_was_taken_is_taken_again_as_itself(tmp_path, workspace, clock, rows):
    """The stored rows, written out as a file, need no repair and bring the same rows."""
    _, mine = taken(workspace, written(tmp_path / "t.csv", rows), next(clock))
    if mine.empty:
        return
    mine.assign(date=mine["date"].dt.strftime("%Y-%m-%d")).to_csv(tmp_path / "again.csv", index=False)
    added, again = taken(workspace, tmp_path / "again.csv", next(clock))
    assert (added.rejected, added.repaired) == (0, 0), [str(message) for message in added.messages]
    pd.testing.assert_frame_equal(again.reset_index(drop=True), mine.reset_index(drop=True))


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """Good files of each kind, as bytes."""
    folder = tmp_path_factory.mktemp("valid")
    book(TABLE)(folder / "t.xlsx")
    layer(INSIDE)(folder / "t.gpkg")
    (folder / "t.csv").write_text(CSV, encoding="utf-8")
    (folder / "t.kml").write_text(kml(MARK), encoding="utf-8")
    (folder / "t.geojson").write_text(geojson((102.45, 22.1)), encoding="utf-8")
    return {path.suffix: path.read_bytes() for path in sorted(folder.glob("t.*"))}


def outcome(workspace, path):
    """Add a file for show; whatever it holds, there is a result that adds up, or one of our errors."""
    try:
        added = workflow.add(workspace, "cases", path, now=NOW, dry_run=True)
    except DiemnongError:
        return
    assert added.read == added.accepted + added.rejected


EDITS = st.lists(
    st.tuples(st.sampled_from(["flip", "cut", "insert", "end"]), st.floats(0, 1), st.binary(min_size=1, max_size=8)),
    min_size=1,
    max_size=4,
)


def mutated(content, edits):
    for what, share, piece in edits:
        at = int(share * len(content))
        if what == "flip":
            content = content[:at] + piece + content[at + len(piece) :]
        elif what == "cut":
            content = content[:at] + content[at + len(piece) :]
        elif what == "insert":
            content = content[:at] + piece + content[at:]
        else:
            content = content[:at]
    return content


@settings(max_examples=15, phases=PHASES)
@given(edits=EDITS)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".gpkg", ".kml", ".geojson"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning:pyogrio")
def test_a_good_file_that_is_damaged_crashes_nothing(tmp_path, workspace, valid, suffix, edits):
    content = mutated(valid[suffix], edits)
    path = tmp_path / f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    path.write_bytes(content)
    outcome(workspace, path)


@settings(max_examples=40, phases=PHASES)
@given(
    content=st.binary(max_size=300),
    start=st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"SQLite format 3\0", b"<?xml ", CSV.encode()]),
    suffix=st.sampled_from([".csv", ".txt", ".xlsx", ".xls", ".gpkg", ".kml", ".kmz", ".zip", ".shp", ".gpx", ".json"]),
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning:pyogrio")
def test_any_bytes_crash_nothing(tmp_path, workspace, content, start, suffix):
    path = tmp_path / f"{hashlib.sha256(start + content).hexdigest()[:16]}{suffix}"
    path.write_bytes(start + content)
    outcome(workspace, path)
