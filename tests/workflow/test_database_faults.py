"""What goes wrong with a database of several planners: each time the store is whole, and what happened is said.

That a change is whole wherever its process is killed: `test_shared_store.py`. All rows are made up.
"""

import itertools
import json
import shutil
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pandas as pd
import psycopg
import pytest
from sqlalchemy import make_url

import workflow
from benchmarks.faults import can_mount, small_disk
from geo.change import COMMIT, changing
from geo.errors import WorkspaceError
from geo.postgis import database
from geo.workspace import SETTINGS, Workspace
from tests.conftest import SOCKETS
from tests.postgres import OWNER, Cluster, binaries
from tests.workflow import small_province
from tests.workflow.lossy_server import LossyServer
from tests.workflow.small_province import CODES

NOW = datetime(2018, 1, 2, tzinfo=UTC)
CASES = {"date": ["2017-03-31", "2017-05-01"], "commune_code": CODES[:2], "victims": [1, 2], "source": "police"}
LINK = pd.DataFrame({"id_a": ["a"], "id_b": ["b"], "score": [0.5], "status": ["proposed"]})


@pytest.fixture
def shared(tmp_path, address):
    made = small_province.make(tmp_path / "shared", store=address)
    small_province.add(made, "cases", tmp_path, case_id=["a", "b"], **CASES)
    return made


def save_link(workspace, **tables):
    with changing(workspace.folder) as change:
        change.draft(workspace.folder / "intake" / "made-up.json").write_text("{}")
        change.write({"links": LINK, **tables})


def cases_of(workspace, many):
    """Return its first case so many times."""
    first = workspace.store.read("cases").iloc[[0] * many]
    return first.assign(case_id=[f"made-up-{n}" for n in range(many)]).reset_index(drop=True)


def saved(workspace):
    """Tell whether `save_link` came into the folder, and whether it came into the database."""
    return (workspace.folder / "intake" / "made-up.json").exists(), len(workspace.store.read("links")) == 1


def told(folder):
    """Return a run's manifest, hashes of its files within, but for what hangs on when and how fast it was made."""
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {name: said for name, said in manifest.items() if name not in ("seconds", "sha256")}


class TestAServerThatGoesAway:
    def test_a_run_waits_for_it_at_each_reading_and_says_the_same(self, shared, cluster, monkeypatch):
        workflow.run(shared, out=shared.folder / "undisturbed", now=NOW)
        connect, crashes, turns = psycopg.connect, [], itertools.cycle([True, False])

        def crashing(*arguments, **options):
            if next(turns):
                cluster.stop()
                crashes.append(1)
            return connect(*arguments, **options)

        monkeypatch.setattr(psycopg, "connect", crashing)
        monkeypatch.setattr(database.time, "sleep", lambda _: cluster.start())
        workflow.run(shared, out=shared.folder / "disturbed", now=NOW)
        assert len(crashes) >= 2
        assert told(shared.folder / "disturbed") == told(shared.folder / "undisturbed")

    def test_a_run_that_waits_in_vain_says_so_and_leaves_nothing(self, shared, cluster, monkeypatch):
        monkeypatch.setattr(database, "PATIENCE_S", 0.1)
        monkeypatch.setattr(database, "PAUSE_S", 0.05)
        cluster.stop()
        try:
            with pytest.raises(WorkspaceError, match="The database cannot be reached: No such file or directory; noth"):
                workflow.run(shared, now=NOW)
        finally:
            cluster.start()
        assert not list(shared.runs.glob("*"))
        assert list(shared.store.read("cases")["case_id"]) == ["a", "b"]


@pytest.fixture
def lossy(shared, cluster, tmp_path_factory):
    """The workspace, its database reached through what may lose an answer, and that."""
    folder = tmp_path_factory.mktemp("door")
    server = LossyServer(folder, cluster.folder)
    SOCKETS.add(str(folder))
    address = str(make_url(shared.settings.store).update_query_dict({"host": str(folder)}))
    (shared.folder / SETTINGS).write_text(
        shared.settings.model_copy(update={"store": address}).to_toml(), encoding="utf-8"
    )
    yield Workspace(shared.folder), server
    server.close()
    SOCKETS.remove(str(folder))


@pytest.mark.parametrize(("lost", "made"), [("answer", True), ("commit", False)])
def test_a_commit_without_an_answer_is_found_out_by_the_next_change(lossy, lost, made):
    workspace, server = lossy
    server.loses = lost
    with pytest.raises(WorkspaceError, match=r"went away while the change was made: .*finds out whether it was"):
        save_link(workspace)
    server.loses = None
    assert saved(workspace) == (False, made), "what readers see until then"
    with changing(workspace.folder):
        pass
    assert saved(workspace) == (made, made)
    assert not (workspace.folder / COMMIT).exists()
    assert workflow.verify(workspace.folder).is_whole


@contextmanager
def disk_of_the_server(size):
    """Give a folder on a disk of some bytes, which is the server's."""
    with small_disk(size) as small:
        small.chmod(0o755)
        small.parent.chmod(0o755)
        shutil.chown(small, OWNER)
        yield small


@pytest.mark.skipif(not can_mount(), reason="only who may mount a disk can make a small one")
def test_a_full_disk_of_the_server_changes_nothing(shared, cluster):
    """The table of cases lies on a disk of its own, of 1 MB."""
    name, many, before = make_url(shared.settings.store).database, cases_of(shared, 20_000), shared.store.digest()
    with disk_of_the_server(2**20) as small:
        cluster.execute(f"CREATE TABLESPACE small LOCATION '{small}'")
        cluster.execute("ALTER TABLE diemnong.cases SET TABLESPACE small", name)
        with pytest.raises(WorkspaceError, match="The database refuses: its disk is full; nothing was written"):
            save_link(shared, cases=many)
        assert (shared.store.digest(), saved(shared)) == (before, (False, False))
        assert workflow.verify(shared.folder).is_whole
        cluster.execute("ALTER TABLE diemnong.cases SET TABLESPACE pg_default", name)
        cluster.execute("DROP TABLESPACE small")
    save_link(shared, cases=many)
    assert (len(shared.store.read("cases")), saved(shared)) == (20_000, (True, True))


@pytest.mark.skipif(not can_mount(), reason="only who may mount a disk can make a small one")
def test_a_full_disk_of_the_servers_log_changes_nothing(cluster, tmp_path):
    """A server that cannot write its log of changes ends at once, whatever is being done."""
    with disk_of_the_server(64 * 2**20) as small:
        server = Cluster(binaries(), SOCKETS, log_of_changes=small / "wal")
        try:
            made = small_province.make(tmp_path / "shared", store=server.address(server.new_database()))
            small_province.add(made, "cases", tmp_path, case_id=["a", "b"], **CASES)
            many, before, ballast = cases_of(made, 50_000), made.store.digest(), small / "ballast"
            ballast.write_bytes(bytes(shutil.disk_usage(small).free - 2**20))
            with pytest.raises(WorkspaceError, match="went away while the change was made: its disk is full"):
                save_link(made, cases=many)
            assert "PANIC" in (server.folder / "log").read_text()
            ballast.unlink()
            server.restart()
            with changing(made.folder):  # finds out whether it was made
                pass
            assert (made.store.digest(), saved(made)) == (before, (False, False))
            assert workflow.verify(made.folder).is_whole
            save_link(made, cases=many)
            assert (len(made.store.read("cases")), saved(made)) == (50_000, (True, True))
        finally:
            server.remove()


class TestTwoPlannersWhoDecideTheSame:
    """A case that both add: `test_shared_store.py`, in processes of their own."""

    @pytest.fixture
    def other(self, shared, tmp_path):
        return workflow.init(tmp_path / "other", shared.settings)

    def test_a_rank_that_both_decide_is_the_later_ones_who_is_told_what_it_replaces(self, shared, other):
        until, today = date(2018, 6, 30), NOW.date()
        workflow.override(shared, CODES[0], rank=1, until=until, reason="new road", by="police", today=today)
        told = workflow.override(other, CODES[0], move=-1, until=until, reason="no road", by="justice", today=today)
        said = [str(message) for message in told.messages]
        assert "It replaces what police decided on 2018-01-02: rank 1, until 2018-06-30" in said

    def test_a_link_that_both_decide_is_the_later_ones_who_is_told_what_it_replaces(self, shared, other, tmp_path):
        def decide(workspace, decision, hour):
            file = tmp_path / f"{hour}.csv"
            pd.DataFrame({"id_a": ["a"], "id_b": ["b"], "decision": [decision]}).to_csv(file, index=False)
            told = workflow.add(workspace, "links", file, now=NOW.replace(hour=hour))
            return [str(message) for message in told.messages]

        replaced = "1 decisions replace the opposite ones, which the workspace had"
        assert replaced not in decide(shared, "đúng", 1)
        assert replaced in decide(other, "không", 2)
        assert replaced not in decide(other, "không", 3)
        assert list(shared.store.read("links")["status"]) == ["undone"]
