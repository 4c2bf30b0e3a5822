"""The three levels of release in a database: whoever logs in as a planner reads no case, no point and no row of it."""

import psycopg
import pytest

import workflow
from geo.errors import WorkspaceError
from geo.postgis.tables import METADATA
from geo.stores import open_store
from tests.conftest import commune_layer, square
from tests.workflow import small_province
from tests.workflow.small_province import CODES

LEVELS = ("command", "planner", "public")


@pytest.fixture(scope="module")
def address(cluster):
    """The address of one database for all tests of this file: all but the last only read."""
    return cluster.address(cluster.new_database())


@pytest.fixture(scope="module")
def store(address, cluster):
    """A store with made-up cases: two with a code, two with a point, one that only names its district."""
    made = open_store(address)
    shapes = [square(0, 0), square(1, 0), square(0, 1), square(1, 1)]
    communes = commune_layer(shapes)
    east = communes.geometry[1].representative_point()
    cases = (
        made.read("cases")
        .reindex(range(5))
        .assign(case_id=list("abcde"), date="2017-03-01", victims=1, source="police", data_kind="simulated")
    )
    cases.loc[:1, ["commune_code", "vintage"]] = ["00001", "2025-07-01"]
    cases.loc[2:3, ["lon", "lat"]] = [east.x, east.y]
    cases = cases.astype({"date": "datetime64[ns]", "victims": "Int64"})
    made.write({"communes": communes, "cases": cases})
    cluster.execute(workflow.roles_sql(), database(address))
    for level in LEVELS:
        cluster.execute(f"DROP ROLE IF EXISTS made_up_{level}")
        cluster.execute(f"CREATE ROLE made_up_{level} LOGIN IN ROLE diemnong_{level}")
    return made


def database(address):
    return address.split("/")[3].partition("?")[0]


@pytest.fixture
def ask(cluster, address, store):
    """Return a function that logs in at a level and asks."""
    return lambda level, statement: cluster.execute(statement, database(address), f"made_up_{level}")


def test_a_planner_reads_counts_by_commune(ask):
    found = ask("planner", "SELECT commune_code, n FROM diemnong_planner.records WHERE kind = 'cases' ORDER BY 1")
    assert found == [("00001", 2), ("00002", 2), (None, 1)]
    assert len(ask("planner", "SELECT name, women_children FROM diemnong_planner.communes")) == 4


def test_points_find_their_commune_by_the_spatial_index(cluster, address, store):
    """The only place where the server compares shapes; the program reads tables whole."""
    plan = "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM diemnong_planner.records"
    ((found,),) = cluster.execute(plan, database(address))
    scans = list(nodes(found["Plan"] if isinstance(found, dict) else found[0]["Plan"], "communes"))
    assert [(node["Index Name"], node["Actual Loops"]) for node in scans] == [("idx_communes_geometry", 3)]


def nodes(plan, table):
    """Yield the parts of a plan that read a table."""
    if plan.get("Relation Name") == table:
        yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part, table)


@pytest.mark.parametrize("level", ["planner", "public"])
@pytest.mark.parametrize("table", sorted(METADATA.tables))
def test_nobody_but_the_command_reads_a_table(ask, level, table):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(level, f"TABLE {table}")


@pytest.mark.parametrize("level", ["planner", "public"])
def test_nobody_but_the_command_changes_anything(ask, level):
    for statement in ("DELETE FROM diemnong.cases", "UPDATE diemnong_planner.communes SET name = ''"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(level, statement)
    for schema in ("diemnong", "diemnong_planner", "diemnong_public", "public"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(level, f"CREATE TABLE {schema}.made_up (a int)")


def test_the_public_sees_no_counts(ask):
    assert len(ask("public", "SELECT geometry FROM diemnong_public.communes")) == 4
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask("public", "SELECT * FROM diemnong_planner.records")


def test_no_view_of_the_planners_has_a_column_that_tells_a_row(cluster, address, store):
    found = cluster.execute(
        "SELECT DISTINCT column_name FROM information_schema.columns WHERE table_schema = 'diemnong_planner' "
        "AND table_name NOT IN ('communes', 'border')",
        database(address),
    )
    told = {"kind", "year", "commune_code", "vintage", "data_kind", "n"}
    of_covariates = {"name", "stat", "value", "missing", "coverage", "unit"}
    assert {name for (name,) in found} == told | of_covariates


def test_a_function_of_the_planners_sees_no_row_behind_a_view(cluster, address, store):
    """Without a barrier a cheap function runs on the rows before the view has counted them."""
    with psycopg.connect(host=str(cluster.folder), dbname=database(address), user="made_up_planner") as connection:
        seen = []
        connection.add_notice_handler(lambda notice: seen.append(notice.message_primary))
        connection.execute(
            "CREATE FUNCTION pg_temp.tell(a text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 0.0000001 "
            "AS $$ BEGIN RAISE NOTICE '%', a; RETURN true; END $$"
        )
        rows = connection.execute("SELECT n FROM diemnong_planner.records WHERE pg_temp.tell(commune_code)").fetchall()
    assert len(seen) == len(rows) == 3


def test_the_command_works_with_the_store_and_a_planner_is_refused(cluster, address, store, tmp_path):
    name = database(address)
    workspace = small_province.make(tmp_path / "w", store=cluster.address(name, "made_up_command"))
    small_province.add(
        workspace,
        "cases",
        tmp_path,
        case_id=["f"],
        date=["2017-03-31"],
        commune_code=CODES[0],
        victims=1,
        source="police",
    )
    assert len(workspace.store.read("cases")) == 6
    with pytest.raises(WorkspaceError, match="The rows are removed, but only the owner of the tables may build them"):
        workspace.store.purge(["cases"])
    with pytest.raises(WorkspaceError, match="the user may not do this; ask the database's administrator"):
        open_store(cluster.address(name, "made_up_planner")).read("cases")
