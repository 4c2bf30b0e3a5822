"""A workspace whose layers are in a database: the same commands, the same rows, and several planners."""

import itertools
import json
import subprocess
import sys
from datetime import UTC, date, datetime

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import workflow
from geo.change import COMMIT, changing
from geo.errors import WorkspaceError
from geo.geopackage import STORE
from geo.postgis import database
from geo.store import LAYERS
from geo.stores import open_store
from geo.workspace import Settings, Workspace
from tests.killing import killed_at
from tests.workflow import small_province
from tests.workflow.small_province import CODES

NOW = datetime(2018, 1, 2, tzinfo=UTC)
SOME = {"date": ["2017-03-31", "2017-05-01"], "commune_code": CODES[:2], "victims": [1, 2], "source": "police"}


@pytest.fixture
def shared(tmp_path, address):
    return small_province.make(tmp_path / "shared", store=address)


def file_of(folder, name, **columns):
    file = folder / f"{name}.csv"
    pd.DataFrame({**columns, "data_kind": "simulated"}).to_csv(file, index=False)
    return file


def everything(workspace):
    return workspace.store.read_together(LAYERS)


def assert_same(one, other):
    for name in LAYERS:
        assert_frame_equal(pd.DataFrame(one[name]), pd.DataFrame(other[name]), check_exact=True, obj=name)


def test_the_same_commands_leave_the_same_rows_in_both_stores(tmp_path, shared):
    alone = small_province.make(tmp_path / "alone")
    first = file_of(tmp_path, "first", case_id=["a", "b"], **SOME)
    again = file_of(tmp_path, "again", case_id=["b", "c"], **{**SOME, "date": ["2017-05-01", "2016-06-01"]})
    sessions = file_of(
        tmp_path, "s", session_id=["s"], date="2017-01-09", commune_code=CODES[0], agency="police", sessions=3
    )
    schools = tmp_path / "schools.csv"
    pd.DataFrame({"x": [103.0], "y": [21.4]}).to_csv(schools, index=False)

    def steps(workspace):
        yield workflow.add(workspace, "cases", first, now=NOW)
        yield workflow.add(workspace, "cases", again, now=NOW)
        yield workflow.add(workspace, "outreach", sessions, now=NOW)
        yield workflow.add_covariate(workspace, "schools", schools, stat="distance", now=NOW)
        yield workflow.undo(workspace, workflow.intakes(workspace)[0]["intake_id"], now=NOW)
        yield workflow.forget(workspace, date(2017, 1, 1), now=NOW)

    for said in zip(steps(alone), steps(shared), strict=True):
        assert_same(everything(alone), everything(shared))
        assert said[0].as_dict().get("added") == said[1].as_dict().get("added")
    assert not shared.layers.exists()
    assert workflow.verify(shared.folder).is_whole


def test_a_run_says_the_same_and_not_where_the_database_is(tmp_path, shared):
    alone = small_province.make(tmp_path / "alone")
    rows = file_of(tmp_path, "rows", case_id=["a", "b"], **SOME)
    for workspace in (alone, shared):
        workflow.add(workspace, "cases", rows, now=NOW)
    runs = [workflow.run(workspace, now=NOW) for workspace in (alone, shared)]
    assert_frame_equal(runs[0].content.outreach, runs[1].content.outreach)
    told = json.loads((runs[1].folder / "run.json").read_text())
    assert set(told["inputs"]) >= {"database"}
    for file in runs[1].folder.rglob("*"):
        assert not file.is_file() or b"made_up_" not in file.read_bytes(), file.name


def test_the_digest_tells_other_rows_and_only_these(shared, tmp_path):
    before = shared.store.digest()
    small_province.add(shared, "cases", tmp_path, case_id=["a", "b"], **SOME)
    after = shared.store.digest()
    assert before != after == shared.store.digest()


def test_verify_names_a_table_that_another_program_changed(shared, tmp_path, cluster):
    small_province.add(shared, "cases", tmp_path, case_id=["a", "b"], **SOME)
    assert workflow.verify(shared.folder).is_whole
    cluster.execute("UPDATE diemnong.cases SET victims = 3 WHERE case_id = 'a'", database_of(shared))
    found = workflow.verify(shared.folder)
    assert found.changed == ("database/cases",)
    assert not found.is_whole


def database_of(workspace):
    return workspace.settings.store.split("/")[3].partition("?")[0]


def test_a_backup_needs_no_database(shared, tmp_path):
    small_province.add(shared, "cases", tmp_path, case_id=["a", "b"], **SOME)
    before = {path.name for path in shared.folder.iterdir()}
    made = workflow.backup(shared.folder, tmp_path / "b.zip", now=NOW)
    assert made.damaged == 0
    assert {path.name for path in shared.folder.iterdir()} == before | {"backups.json"}
    workflow.restore(tmp_path / "b.zip", tmp_path / "restored")
    restored = Workspace(tmp_path / "restored")
    assert restored.settings.store is None
    assert_same(everything(restored), everything(shared))
    assert workflow.verify(restored.folder).is_whole


def test_a_backup_of_an_empty_database_comes_back_too(tmp_path, address):
    Workspace.create(tmp_path / "w", Settings(store=address))
    workflow.backup(tmp_path / "w", tmp_path / "b.zip", now=NOW)
    workflow.restore(tmp_path / "b.zip", tmp_path / "restored")
    assert workflow.verify(tmp_path / "restored").is_whole
    assert Workspace(tmp_path / "restored").store.names() == []


def test_what_is_forgotten_is_not_in_the_servers_files_any_more(shared, tmp_path, cluster):
    rows = {**SOME, "date": ["2016-03-31", "2017-05-01"]}
    small_province.add(shared, "cases", tmp_path, case_id=["made-up-old-0001", "made-up-new-0002"], **rows)

    def held(word):
        cluster.execute("CHECKPOINT")
        where = cluster.execute("SELECT pg_relation_filepath('diemnong.cases')", database_of(shared))[0][0]
        return word in (cluster.folder / "data" / where).read_bytes()

    assert held(b"made-up-old-0001")
    told = workflow.forget(shared, date(2017, 1, 1), now=NOW)
    assert told.removed["cases"] == 1
    assert not held(b"made-up-old-0001")
    assert held(b"made-up-new-0002")
    assert "The server's own backups and logs" in "".join(map(str, told.messages))


def test_a_file_left_from_before_stands_in_the_way_of_forgetting(shared):
    (shared.folder / STORE).touch()
    with pytest.raises(WorkspaceError, match=r"layers\.gpkg is left from before the layers were in a database"):
        workflow.forget(shared, date(2017, 1, 1))


def test_forgetting_says_what_other_workspaces_keep(shared, tmp_path):
    small_province.add(shared, "cases", tmp_path, case_id=["a", "b"], **SOME)
    other = workflow.init(tmp_path / "other", shared.settings)
    told = workflow.forget(other, date(2018, 1, 1), dry_run=True)
    assert told.elsewhere == 2
    assert "2 rows came with intakes of other workspaces" in "".join(map(str, told.messages))


def test_a_second_workspace_joins_and_replaces_nothing(shared, tmp_path):
    small_province.add(shared, "cases", tmp_path, case_id=["a", "b"], **SOME)
    before = everything(shared)
    other = workflow.init(tmp_path / "other", shared.settings)
    assert_same(everything(other), before)
    small_province.add(other, "cases", tmp_path, case_id=["c", "d"], **SOME)
    assert list(shared.store.read("cases")["case_id"]) == ["a", "b", "c", "d"]
    with pytest.raises(WorkspaceError, match="communes of 2025-07-01, the settings say 2020-01-01"):
        workflow.init(tmp_path / "third", shared.settings.model_copy(update={"vintage": "2020-01-01"}))
    assert not (tmp_path / "third" / "workspace.toml").exists()


def test_planners_who_save_at_once_lose_no_row(shared, tmp_path):
    """One of them waits for the other and then sees what that one saved; of what contradicts it the row comes back."""
    workspaces = [shared, *(workflow.init(tmp_path / f"planner{n}", shared.settings) for n in range(2))]
    own = [[f"case-{n}-{row}" for row in range(5)] for n in range(3)]
    files = [
        file_of(
            tmp_path,
            f"rows{n}",
            case_id=[*own[n], "in-each", "disputed"],
            date="2017-03-31",
            commune_code=CODES[0],
            victims=[1, 2, 3, 4, 5, 6, 10 + n],
            source="police",
        )
        for n in range(3)
    ]
    command = [sys.executable, "-m", "cli", "add", "cases", "--lang", "en"]
    planners = [
        subprocess.Popen([*command, str(file), "-w", str(workspace.folder)], stdout=subprocess.DEVNULL)
        for workspace, file in zip(workspaces, files, strict=True)
    ]
    assert sorted(planner.wait() for planner in planners) == [0, 3, 3]
    kept = shared.store.read("cases").set_index("case_id")["victims"]
    assert sorted(kept.index) == sorted([*itertools.chain(*own), "in-each", "disputed"])
    lists = [path for workspace in workspaces for path in workspace.intake.glob("*/fixlist.xlsx")]
    back = pd.concat([pd.read_excel(path, header=1, engine="openpyxl") for path in lists])
    assert list(back["case_id"]) == ["disputed"] * 2
    assert {kept["disputed"], *back["victims"]} == {10, 11, 12}
    assert set(back["reason_en"]) == {"is already in the workspace with other content; undo its intake first"}
    assert all(workflow.verify(workspace.folder).is_whole for workspace in workspaces)


def test_who_waits_too_long_is_told_so(shared, monkeypatch, tmp_path):
    other = workflow.init(tmp_path / "other", shared.settings)
    monkeypatch.setattr(database, "PATIENCE_S", 0.1)
    with changing(shared.folder), pytest.raises(WorkspaceError, match="Another diemnong is at work in the database"):
        small_province.add(other, "cases", tmp_path, case_id=["a", "b"], **SOME)
    assert shared.store.read("cases").empty


def test_a_change_killed_at_any_step_is_made_in_both_places_or_in_neither(shared):
    """Rows without their report could not be undone; a report without rows would be a lie."""
    one = pd.DataFrame({"id_a": ["a"], "id_b": ["b"], "score": [0.5], "status": ["proposed"]})
    report = shared.folder / "intake" / "made-up" / "intake.json"
    found = set()

    def put(status):
        with changing(shared.folder) as change:
            change.draft(report).write_text(status)
            change.write({"links": one.assign(status=status)})

    for step in range(1, 1000):
        put("proposed")
        if not killed_at(step, lambda: put("confirmed")):
            break
        with changing(shared.folder):
            pass
        found.add((report.read_text(), shared.store.read("links")["status"][0]))
        assert workflow.verify(shared.folder).is_whole, step
    assert step > 10
    assert found == {("proposed", "proposed"), ("confirmed", "confirmed")}


def test_a_connection_that_breaks_while_saving_changes_nothing(shared, tmp_path, cluster):
    one = pd.DataFrame({"id_a": ["a"], "id_b": ["b"], "score": [0.5], "status": ["proposed"]})

    def save(*, then):
        with changing(shared.folder) as change:
            change.draft(shared.folder / "intake" / "made-up.json").write_text("{}")
            change.write({"links": one})
            then()

    with pytest.raises(WorkspaceError, match=r"The database cannot be reached: .*; nothing was written"):
        save(then=lambda: (cluster.stop(), cluster.start()))
    assert shared.store.read("links").empty
    with changing(shared.folder):
        pass
    assert not (shared.folder / "intake" / "made-up.json").exists()
    assert not (shared.folder / COMMIT).exists()
    save(then=lambda: None)
    assert len(shared.store.read("links")) == 1
    assert (shared.folder / "intake" / "made-up.json").exists()


def test_a_database_that_comes_back_is_waited_for(shared, cluster, monkeypatch):
    cluster.stop()
    monkeypatch.setattr(database.time, "sleep", lambda _: cluster.start())
    assert len(shared.store.read("communes")) == 4


def test_a_change_that_was_not_finished_needs_the_same_database(shared):
    commit = shared.folder / COMMIT
    commit.mkdir()
    (commit / "id").write_text("made up")
    shared.folder.joinpath("workspace.toml").write_text(Settings().to_toml())
    with pytest.raises(WorkspaceError, match="a change of the database was not finished; name the database in work"):
        workflow.verify(shared.folder)


def test_no_error_tells_a_row_or_the_address(shared):
    twice = shared.store.read("communes").iloc[[0, 0]]
    with pytest.raises(WorkspaceError, match="a rule of the table is broken") as error:
        shared.store.write({"communes": twice})
    assert CODES[0] not in str(error.value)
    assert error.value.__suppress_context__
    assert len(shared.store.read("communes")) == 4
    for place, said in {
        "postgresql://nobody:secret@192.0.2.1/db": "holds no password",
        "postgresql://nobody@192.0.2.1/db?password=secret": "holds no password",
        "postgresql://nobody:secret@192.0.2.1": "is named as",
        "postgres://nobody:secret@192.0.2.1:x/db": "is named as",
    }.items():
        with pytest.raises(WorkspaceError, match=said) as refused:
            open_store(place)
        assert "secret" not in str(refused.value)
        assert "nobody" not in str(refused.value)


def test_no_such_place_is_said_at_once(cluster, address):
    for wrong, said in {
        cluster.address("nowhere"): 'database "nowhere" does not exist',
        cluster.address("postgres", user="nobody_of_that_name"): 'role "nobody_of_that_name" does not exist',
        f"{address}&nonsense=1": "refuses: SQLSTATE ProgrammingError",
        address + "&port=1": "No such file or directory",
    }.items():
        with pytest.raises(WorkspaceError, match=said):
            open_store(wrong).names()
