"""Where a workspace keeps its layers: in a file of its own, or in a database that the settings name."""

import tomllib
from pathlib import Path

from pydantic_core import Url
from pydantic_core import ValidationError as UrlError

from geo.errors import WorkspaceError

SETTINGS = "workspace.toml"
"""The file of a workspace's settings."""

SCHEME = "postgresql://"
SECRETS = ("password", "sslpassword")
"""Parts of an address that would be secrets in a file."""


def is_address(text: str) -> bool:
    """Tell whether a text is meant as the address of a database rather than a file.

    >>> is_address("postgresql://planner@server/diemnong"), is_address("w/layers.gpkg")
    (True, False)
    """
    return text.startswith(("postgresql:", "postgres:", "postgresql+"))


def checked_address(text: str) -> str:
    """Return an address in which nothing is secret.

    Parameters
    ----------
    text
        ``postgresql://user@host/database``; what follows a ``?`` is passed to the server's library, for example
        ``sslmode=verify-full``.

    Raises
    ------
    WorkspaceError
        If it is no such address, or holds a password; the error does not repeat it.

    >>> checked_address("postgresql://planner@server/diemnong?sslmode=verify-full")
    'postgresql://planner@server/diemnong?sslmode=verify-full'
    """
    try:
        url = Url(text)
    except UrlError:
        url = None
    if url is None or not text.startswith(SCHEME) or not (url.path or "").strip("/"):
        raise WorkspaceError("A database is named as postgresql://user@host/database")
    if url.password is not None or any(name.lower() in SECRETS for name, _ in url.query_params()):
        raise WorkspaceError(
            "The address of a database holds no password: put it into .pgpass or the variable PGPASSWORD"
        )
    return text


def address_in(folder: Path) -> str | None:
    """Return the address of the database that a workspace's settings name; None where they name none or are unreadable.

    Raises
    ------
    WorkspaceError
        If what they name is no address, or holds a password.
    """
    try:
        named = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8")).get("store")
    except (OSError, ValueError):
        return None
    return None if named is None else checked_address(str(named))
