"""Reaching a database: connections, the lock of those that change it, and what is said when something fails."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

import psycopg
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from geo.errors import Message, WorkspaceError
from geo.postgis.migrations import is_current, migrate

T = TypeVar("T")

PATIENCE_S = 30.0
"""How long a change waits for another one, and a reader for a server that went away."""

PAUSE_S = 0.5
_LOCK = 0x6469656D6E6F6E67
"""The number of the advisory lock, which is ours in any database: "diemnong" in ASCII."""

_REFUSALS = {
    "28": Message("the user or the password is wrong; it belongs into .pgpass or the variable PGPASSWORD"),
    "42501": Message("the user may not do this; ask the database's administrator for the role"),
    "53100": Message("its disk is full"),
    "53": Message("it has no room for more connections or memory; try later"),
    "22": Message("a value cannot be kept in a database"),
    "23": Message("a rule of the table is broken: a value is missing, or not the only one"),
}
"""What the classes of SQLSTATE mean to a user: the server's own text may hold a row."""


class Database:
    """A database that offices share.

    Parameters
    ----------
    address
        See `geo.store_address.checked_address`.
    """

    def __init__(self, address: str) -> None:
        url = make_url(address).set(drivername="postgresql+psycopg")
        self._engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
        self._ready = False

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what ``work`` reads of one state of the database; again from the start if the server went away.

        Raises
        ------
        WorkspaceError
            If the database cannot be reached or read.
        """
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._get_ready()
                with self._engine.connect() as connection:
                    connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                    return work(connection)
            except (DBAPIError, psycopg.Error) as error:
                # A database that was never reached is named wrongly rather than away.
                if not (self._ready and _is_away(error) and time.monotonic() < until):
                    raise _explained(error) from None
                time.sleep(PAUSE_S)

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Give a transaction that no other change runs beside; it is rolled back if it was not committed.

        Raises
        ------
        WorkspaceError
            If another change is being made for longer than `PATIENCE_S`, or the database cannot be reached or written.
        """
        self.read(lambda connection: connection.execute(text("SELECT 1")).close())  # waits for a server that is away
        with explained(), self._engine.connect() as connection:
            _take_lock(connection)
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Give a connection for what runs in no transaction."""
        with explained(), self._engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def _get_ready(self) -> None:
        """Bring the database to the present version, once."""
        if self._ready:
            return
        with self._engine.connect() as connection:
            current = is_current(connection)
        if not current:
            with self._engine.begin() as connection:
                _take_lock(connection)
                migrate(connection)
        self._ready = True


@cache
def database_at(address: str) -> Database:
    """Return the database at an address, the same one for all who ask."""
    return Database(address)


@contextmanager
def explained() -> Iterator[None]:
    """Say what a database's refusal means, without its own words: they may hold a row."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        raise _explained(error) from None


def _take_lock(connection: Connection) -> None:
    """Wait for other changes, for a time; the lock goes with the transaction, however that ends."""
    connection.execute(text("SELECT set_config('lock_timeout', :ms, true)"), {"ms": str(int(PATIENCE_S * 1000))})
    connection.execute(text("SELECT set_config('idle_in_transaction_session_timeout', '0', true)"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _explained(error: Exception) -> WorkspaceError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or ""
    if state == "55P03":
        return WorkspaceError("Another diemnong is at work in the database; wait until it is done, or try later")
    if _is_away(error):
        return WorkspaceError("The database cannot be reached: {why}; nothing was written", why=_reason(cause))
    known = next((_REFUSALS[key] for key in (state, state[:2]) if key in _REFUSALS), None)
    why = known or Message("SQLSTATE {code}", {"code": state or type(cause).__name__})
    return WorkspaceError("The database refuses: {why}; nothing was written", why=why)


def _is_away(error: Exception) -> bool:
    """Tell whether there is no connection (any more), rather than an answer."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(("08", "57P"))


def _reason(cause: BaseException | None) -> str:
    r"""Return why there is no connection: the end of the library's first line, which names neither address nor row.

    >>> _reason(Exception('connection to server at "10.0.0.1", port 5432 failed: Connection refused\nIs it running?'))
    'Connection refused'
    """
    return (str(cause).splitlines() or [""])[0].rpartition("failed: ")[2]
