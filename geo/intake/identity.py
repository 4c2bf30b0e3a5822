"""Identifiers: those that offices give, told apart by office; for rows that bring none, those made of their content."""

import hashlib

import pandas as pd

from geo.schema import PROVENANCE, TABLES, key_of

AGENCY_COLUMN = {"cases": "source", "outreach": "agency"}
"""The column that says whose record it is; where the file has none, one agency holds for all its rows."""

_NOT_CONTENT = frozenset({"vintage", "data_kind", "attendees_bound", *PROVENANCE})
"""Columns that say how a row was read or to which kind it belongs: they may come and go with its neighbours."""


def content_columns(table: str) -> tuple[str, ...]:
    """Return the columns that tell one event of a table from another.

    >>> content_columns("patrols")
    ('date', 'sector_id', 'hours', 'teams')
    """
    return tuple(name for name in TABLES[table].columns if name != key_of(table) and name not in _NOT_CONTENT)


def made_keys(rows: pd.DataFrame, table: str) -> pd.Series:
    """Return identifiers for rows of a file that have none; equal rows are told apart by how manieth they are.

    A column that the file lacks is as one that is empty, so that a file, a mended fix list and a corrected file that
    say the same of an event give it the same identifier.

    Parameters
    ----------
    rows
        All rows of the file in the table's types, before they are placed.
    table
        Of `geo.schema.TABLES`.
    """
    columns = content_columns(table)
    texts = (_as_text(rows[name]) if name in rows else [""] * len(rows) for name in columns)
    digests = [hashlib.sha256("\x1f".join((table, *row)).encode()).hexdigest()[:16] for row in zip(*texts, strict=True)]
    digest = pd.Series(digests, index=rows.index, dtype="str")
    again = digest.groupby(digest).cumcount()
    return digest + again.map(lambda n: f"-{n + 1}" if n else "").astype("str")


def with_offices(rows: pd.DataFrame, table: str) -> pd.Series:
    """Return identifiers with the office before them: number 1 of the police is not number 1 of the border guard.

    Missing where the row names no office.

    >>> list(with_offices(pd.DataFrame({"case_id": ["1", "police:2"], "source": "police"}), "cases"))
    ['police:1', 'police:2']
    """
    return rows[AGENCY_COLUMN[table]] + ":" + own_numbers(rows, table)


def shared_by_offices(rows: pd.DataFrame, table: str) -> pd.Series:
    """Return a mask of the rows of a file whose identifier another office gives to a row of its own."""
    key, agency = key_of(table), AGENCY_COLUMN.get(table)
    if agency is None or agency not in rows:
        return pd.Series(data=False, index=rows.index)
    twice = rows[key].notna() & rows[key].duplicated(keep=False)
    return twice & rows[agency].notna() & ~rows.duplicated([key, agency], keep=False)


def own_numbers(rows: pd.DataFrame, table: str) -> pd.Series:
    """Return identifiers as the offices gave them, without the office before them."""
    begins = (rows[AGENCY_COLUMN[table]] + ":").fillna("")
    key = rows[key_of(table)].fillna("")
    own = [one.removeprefix(office) for one, office in zip(key, begins, strict=True)]
    return pd.Series(own, index=rows.index, dtype="str").replace("", pd.NA)


def without_office(rows: pd.DataFrame, table: str) -> pd.Series:
    """Return the stored identifiers, without the office where no other office's row has the number (any more)."""
    key = rows[key_of(table)]
    if table not in AGENCY_COLUMN or rows.empty:
        return key
    own = own_numbers(rows, table)
    return own.mask(own.duplicated(keep=False), key)


def _as_text(column: pd.Series) -> pd.Series:
    # A day is the precision of a date that says nothing else.
    return column.astype("str").replace({"day": ""} if column.name == "date_precision" else {}).fillna("")
