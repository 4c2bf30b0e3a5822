"""A database of an older version is brought to the present one in one stroke, or not at all."""

import os

import pytest
from sqlalchemy import inspect, text

from geo.errors import WorkspaceError
from geo.postgis import migrations
from geo.postgis.database import Database
from geo.postgis.migrations import STEPS, version_of
from geo.postgis.tables import METADATA, SCHEMA


@pytest.fixture
def older(address, monkeypatch):
    """A database of version 1, with a row."""
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", STEPS[:1])
        Database(address).read(version_of)
    with Database(address)._engine.begin() as connection:
        connection.execute(text("INSERT INTO diemnong.links VALUES (0, 'a', 'b', 0.5, 'proposed')"))
    return address


def found(address):
    """Return version, schemas of ours, columns of links and its rows, as they are without a migration."""
    with Database(address)._engine.connect() as connection:
        look = inspect(connection)
        columns = [column["name"] for column in look.get_columns("links", schema=SCHEMA)]
        rows = connection.scalar(text("SELECT count(*) FROM diemnong.links"))
        ours = sorted(name for name in look.get_schema_names() if name.startswith("diemnong"))
        return version_of(connection), ours, columns, rows


def test_an_empty_database_becomes_the_present_version(address):
    assert Database(address).read(version_of) == len(STEPS)

    def tables(connection):
        return set(inspect(connection).get_table_names(schema=SCHEMA))

    assert Database(address).read(tables) == {table.name for table in METADATA.tables.values()}


def test_an_older_version_gets_the_missing_steps_and_keeps_its_rows(older):
    assert found(older)[:2] == (1, ["diemnong"])
    Database(older).read(version_of)
    assert found(older)[:2] == (2, ["diemnong", "diemnong_planner", "diemnong_public"])
    assert found(older)[3] == 1


def _fail(connection):
    raise ZeroDivisionError


def _lose_connection(connection):
    connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


@pytest.mark.parametrize(("interrupt", "error"), [(_fail, ZeroDivisionError), (_lose_connection, WorkspaceError)])
def test_half_a_migration_is_rolled_back_and_made_whole_by_the_next_opening(older, monkeypatch, interrupt, error):
    before = found(older)

    def add_column(connection):
        connection.execute(text("ALTER TABLE diemnong.links ADD COLUMN made_up text"))

    def halfway(connection):
        add_column(connection)
        interrupt(connection)

    monkeypatch.setattr(migrations, "STEPS", (*STEPS, halfway))
    monkeypatch.setattr("geo.postgis.database.PATIENCE_S", 0.5)
    with pytest.raises(error):
        Database(older).read(version_of)
    assert found(older) == before
    monkeypatch.setattr(migrations, "STEPS", (*STEPS, add_column))
    Database(older).read(version_of)
    version, _, columns, rows = found(older)
    assert (version, "made_up" in columns, rows) == (3, True, 1)


def test_a_process_killed_in_a_migration_leaves_the_older_version(older, monkeypatch):
    before = found(older)
    monkeypatch.setattr(migrations, "STEPS", (*STEPS, lambda _: os._exit(9)))
    child = os.fork()
    if not child:
        Database(older).read(version_of)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert found(older) == before


def test_a_newer_version_is_left_alone(older):
    with Database(older)._engine.begin() as connection:
        connection.execute(text("INSERT INTO diemnong.version (number) VALUES (99)"))
    with pytest.raises(WorkspaceError, match="is of version 99, and this program knows versions up to 2"):
        Database(older).read(version_of)


def test_a_database_without_postgis_says_what_the_administrator_runs(cluster):
    name = cluster.new_database(template="template1")
    cluster.execute("CREATE ROLE owner_without_rights LOGIN")
    cluster.execute(f"ALTER DATABASE {name} OWNER TO owner_without_rights")
    with pytest.raises(WorkspaceError, match="has no PostGIS yet; let its administrator run in it: CREATE EXTENSION"):
        Database(cluster.address(name, "owner_without_rights")).read(version_of)
    Database(cluster.address(name)).read(version_of)  # a superuser makes it
    assert cluster.execute("SELECT postgis_full_version()", name)[0][0].startswith("POSTGIS=")
