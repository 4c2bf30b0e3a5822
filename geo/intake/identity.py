"""Identifiers for rows that bring none, made of what the file says of an event and of nothing else."""

import hashlib

import pandas as pd

from geo.schema import PROVENANCE, TABLES, key_of

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


def _as_text(column: pd.Series) -> pd.Series:
    # A day is the precision of a date that says nothing else.
    return column.astype("str").replace({"day": ""} if column.name == "date_precision" else {}).fillna("")
