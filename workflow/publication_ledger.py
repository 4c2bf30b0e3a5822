"""Which public releases were made of a workspace, and the counts they rest on: the next one is held against them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from geo.errors import WorkspaceError
from models.disclosure_history import Release

PUBLICATIONS = "publications.sqlite"

_TABLES = """
CREATE TABLE IF NOT EXISTS releases (
    release INTEGER PRIMARY KEY, made_at TEXT NOT NULL, folder TEXT NOT NULL, first_day TEXT NOT NULL,
    last_day TEXT NOT NULL, vintage TEXT NOT NULL, k INTEGER NOT NULL, sha256 TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS zones (
    release INTEGER NOT NULL REFERENCES releases, zone INTEGER NOT NULL, commune_code TEXT NOT NULL,
    PRIMARY KEY (release, commune_code)
) STRICT;
CREATE TABLE IF NOT EXISTS counts (
    release INTEGER NOT NULL REFERENCES releases, zone INTEGER NOT NULL, kind INTEGER NOT NULL,
    persons INTEGER NOT NULL, PRIMARY KEY (release, zone, kind)
) STRICT;
"""


class About(NamedTuple):
    """What is noted of a release besides its counts: when, where, of which days and communes, the manifest's hash."""

    made_at: str
    folder: str
    first_day: str
    last_day: str
    vintage: str
    sha256: str


def releases_of(folder: Path) -> list[Release]:
    """Return what the public releases of a workspace rest on, oldest first.

    Raises
    ------
    WorkspaceError
        If the list is damaged: without it nothing can be held against what was published.
    """
    path = folder / PUBLICATIONS
    if not path.exists():
        return []
    try:
        with _opened(path) as ledger:
            return [
                _release(ledger, *row) for row in ledger.execute("SELECT release, k FROM releases ORDER BY release")
            ]
    except sqlite3.Error:
        raise WorkspaceError(
            "{file} is damaged and cannot be read; restore it from a backup", file=PUBLICATIONS
        ) from None


def add_release(path: Path, release: Release, about: About) -> None:
    """Add a release to a list of them, or begin one.

    Parameters
    ----------
    path
        A draft of the list.
    release, about
        What it rests on, and what else is noted.
    """
    with _opened(path) as ledger:
        ledger.executescript(_TABLES)
        columns = (about.made_at, about.folder, about.first_day, about.last_day, about.vintage, release.k, about.sha256)
        number = ledger.execute("INSERT INTO releases VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", columns).lastrowid
        for zone, (codes, counts) in enumerate(release.counts.items()):
            ledger.executemany("INSERT INTO zones VALUES (?, ?, ?)", [(number, zone, code) for code in sorted(codes)])
            kinds = [(number, zone, kind, persons) for kind, persons in enumerate(counts)]
            ledger.executemany("INSERT INTO counts VALUES (?, ?, ?, ?)", kinds)


def _release(ledger: sqlite3.Connection, number: int, k: int) -> Release:
    codes: dict[int, list[str]] = {}
    for zone, code in ledger.execute("SELECT zone, commune_code FROM zones WHERE release = ?", (number,)):
        codes.setdefault(zone, []).append(code)
    counts: dict[int, list[int]] = {}
    for zone, persons in ledger.execute(
        "SELECT zone, persons FROM counts WHERE release = ? ORDER BY zone, kind", (number,)
    ):
        counts.setdefault(zone, []).append(persons)
    return Release(k, {frozenset(codes[zone]): tuple(counts[zone]) for zone in counts})


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection
