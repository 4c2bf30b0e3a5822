"""The versions of a shared store: each step is made once, all missing steps in one transaction."""

from collections.abc import Callable, Sequence
from importlib.resources import files

from sqlalchemy import Connection, func, insert, inspect, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateSchema

from geo.errors import WorkspaceError
from geo.postgis.tables import METADATA, SCHEMA, VERSION


def _make_tables(connection: Connection) -> None:
    """Make the schema and the tables of `geo.schema`."""
    METADATA.create_all(connection)


def _make_views(connection: Connection) -> None:
    """Make what the levels of release may see."""
    connection.exec_driver_sql((files("geo.postgis") / "levels.sql").read_text(encoding="utf-8"))


STEPS: Sequence[Callable[[Connection], None]] = (_make_tables, _make_views)
"""The steps from an empty database to the present version, in their order; only ever added to."""


def version_of(connection: Connection) -> int:
    """Return how many steps were made in a database; 0 where nothing is ours."""
    if not inspect(connection).has_table(VERSION.name, schema=SCHEMA):
        return 0
    return connection.scalar(select(func.coalesce(func.max(VERSION.c.number), 0))) or 0


def is_current(connection: Connection) -> bool:
    """Tell whether a database is of this program's version.

    Raises
    ------
    WorkspaceError
        If it is of a newer one.
    """
    found = version_of(connection)
    if found > len(STEPS):
        raise WorkspaceError(
            "The database is of version {theirs}, and this program knows versions up to {ours}; install the newer one",
            theirs=found,
            ours=len(STEPS),
        )
    return found == len(STEPS)


def migrate(connection: Connection) -> None:
    """Make the missing steps; whoever calls commits them together, or none.

    Raises
    ------
    WorkspaceError
        If the server has no PostGIS.
    """
    if connection.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'postgis'")) == 0:
        if connection.scalar(text("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'")) == 0:
            raise WorkspaceError("The server of the database has no PostGIS; let its administrator install it")
        try:
            connection.execute(text("CREATE EXTENSION postgis"))
        except ProgrammingError:
            raise WorkspaceError(
                "The database has no PostGIS yet; let its administrator run in it: CREATE EXTENSION postgis"
            ) from None
    made = version_of(connection)
    connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
    for number, step in enumerate(STEPS[made:], start=made + 1):
        step(connection)
        connection.execute(insert(VERSION).values(number=number))
