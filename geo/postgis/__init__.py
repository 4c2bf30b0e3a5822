"""Layers and tables in PostGIS, which several planners share.

A change of a workspace is made in two places, and the database decides. The rows are written in a transaction that
holds an advisory lock from before the first read, so changes come one after another, wherever their workspaces lie. The
files around them (reports, lists, hashes) are staged as ever and renamed to `geo.change.COMMIT` together with the
change's id; then the transaction, which notes the same id, is committed, and at this stroke the change is made; then
the files are put in their places. Whoever finds a `COMMIT` later, under both locks, asks the database for its id:
noted, the files are put in their places; not noted, they go. So rows and files are never one without the other.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import Connection, delete, exists, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.errors import WorkspaceError
from geo.ledger import listed_hashes
from geo.postgis.database import database_at, explained
from geo.postgis.tables import (
    CHANGE,
    ORDER,
    SCHEMA,
    TABLES,
    WRITTEN,
    columns_to_write,
    frame_of,
    rows_of,
    values_of,
)
from geo.store import Draft, SharedChange, Store

_IS_OWNER = text(
    "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class "
    "WHERE relnamespace = CAST(:schema AS regnamespace) AND relname = ANY(:names)"
)
"""VACUUM passes over what it may not touch, with a notice that nobody reads."""

NAME = "database"
"""What the store is called where its address has no business."""


class PostGIS(Store):
    """Named layers and tables in a database.

    Parameters
    ----------
    address
        See `geo.store_address.checked_address`; the password comes from ``.pgpass`` or ``PGPASSWORD``.
    """

    def __init__(self, address: str) -> None:
        self._database, self.name = database_at(address), NAME

    def names(self) -> list[str]:
        """Return the names of the tables that hold rows."""
        return self._database.read(_names)

    def read(self, name: str) -> pd.DataFrame:
        """Return a layer (GeoDataFrame, EPSG:4326) or a table, empty if nothing was added yet."""
        return self._database.read(lambda connection: _read(connection, name))

    def read_together(self, names: Iterable[str]) -> dict[str, pd.DataFrame]:
        """Return several layers and tables of one and the same state."""
        names = list(names)
        return self._database.read(lambda connection: {name: _read(connection, name) for name in names})

    def digest(self) -> str:
        """Return the SHA-256 of the list of the tables' hashes."""
        hashes = self._database.read(
            lambda connection: {name: _digest(connection, name) for name in _names(connection)}
        )
        return hashlib.sha256(listed_hashes(hashes).encode()).hexdigest()

    def altered(self) -> list[str]:
        """Return the tables whose rows are not those that this program wrote."""

        def compare(connection: Connection) -> list[str]:
            written = {row.name: row.sha256 for row in connection.execute(select(WRITTEN))}
            nothing = hashlib.sha256(_EMPTY).hexdigest()
            return [name for name in TABLES if _digest(connection, name) != written.get(name, nothing)]

        return self._database.read(compare)

    def purge(self, names: Iterable[str]) -> None:
        """Let the server write tables anew without the rows that were replaced, and give back their room."""
        names = list(names)
        with self._database.alone() as connection:
            if not connection.scalar(_IS_OWNER, {"schema": SCHEMA, "names": names}):
                raise WorkspaceError(
                    "The rows are removed, but only the owner of the tables may build them anew: "
                    "let the database's administrator run VACUUM FULL"
                )
            for name in names:
                _execute(connection, "VACUUM (FULL, ANALYZE) {table}", name)

    @contextmanager
    def changing(self) -> Iterator[SharedChange]:
        """Give a change, which is made when it is committed."""
        with self._database.changing() as connection:
            yield Change(connection)

    @contextmanager
    def drafting(self) -> Iterator[Draft]:
        """Give a change, which is made on leaving without an error."""
        with self.changing() as change:
            yield change
            change.commit()


class Change:
    """A change of a database while it is made; see `geo.store.SharedChange`.

    Parameters
    ----------
    connection
        A transaction that holds the lock.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.id, self.wrote = secrets.token_hex(16), False

    def names(self) -> list[str]:
        """Return the names of the tables that hold rows."""
        return _names(self._connection)

    def read(self, name: str) -> pd.DataFrame:
        """Return a layer or a table as the change leaves it."""
        return _read(self._connection, name)

    def write(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Replace the named layers and tables."""
        self.wrote = True
        for name, frame in frames.items():
            _replace(self._connection, name, frame)

    def was_made(self, change_id: str) -> bool:
        """Tell whether a change that began earlier was made."""
        return bool(self._connection.scalar(select(exists().where(CHANGE.c.id == change_id))))

    def commit(self) -> None:
        """Make the change.

        Raises
        ------
        WorkspaceError
            If the database did not say that it is made.
        """
        if not self.wrote:
            return
        with explained():
            self._connection.execute(insert(CHANGE).values(id=self.id))
        try:
            with explained():
                self._connection.commit()
        except WorkspaceError as error:
            raise WorkspaceError(
                "The database went away while the change was made: {why}. "
                "The next command that changes the workspace finds out whether it was",
                why=error.message.values.get("why", error.message),
            ) from None


def _names(connection: Connection) -> list[str]:
    return [name for name, table in TABLES.items() if connection.scalar(select(exists().select_from(table)))]


def _read(connection: Connection, name: str) -> pd.DataFrame:
    return frame_of(name, connection.execute(rows_of(name)).fetchall())


def _replace(connection: Connection, name: str, frame: pd.DataFrame) -> None:
    """Put a frame's rows in place of a table's, and note their hash."""
    columns = columns_to_write(name, frame)
    connection.execute(delete(TABLES[name]))
    copy = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=sql.Identifier(SCHEMA, name), columns=sql.SQL(", ").join(map(sql.Identifier, [ORDER, *columns]))
    )
    with _driver(connection).cursor() as cursor, cursor.copy(copy) as rows:
        for row in values_of(frame):
            rows.write_row(row)
    noted = upsert(WRITTEN).values(name=name, sha256=_digest(connection, name))
    connection.execute(noted.on_conflict_do_update(index_elements=["name"], set_={"sha256": noted.excluded.sha256}))


_EMPTY = b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"
"""What the server's binary form of no rows is: its header and its end."""


def _digest(connection: Connection, name: str) -> str:
    """Return the SHA-256 of a table's rows in their order, in the server's binary form."""
    columns = [sql.Identifier(column.name) for column in TABLES[name].columns if column.name != ORDER]
    copy = sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {order}) TO STDOUT (FORMAT binary)").format(
        columns=sql.SQL(", ").join(columns), table=sql.Identifier(SCHEMA, name), order=sql.Identifier(ORDER)
    )
    digest = hashlib.sha256()
    with _driver(connection).cursor() as cursor, cursor.copy(copy) as data:
        for block in data:
            digest.update(block)
    return digest.hexdigest()


def _execute(connection: Connection, statement: str, name: str) -> None:
    with _driver(connection).cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(table=sql.Identifier(SCHEMA, name)))


def _driver(connection: Connection) -> "psycopg.Connection[tuple[object, ...]]":
    """Return psycopg's own connection, in the same transaction: COPY is not SQLAlchemy's."""
    driver: psycopg.Connection[tuple[object, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver
