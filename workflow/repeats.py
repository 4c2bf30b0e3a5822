"""Rows that several files bring: stored once, and gone only with the last intake that brought them."""

from dataclasses import dataclass

import pandas as pd

from geo.intake.identity import AGENCY_COLUMN, with_offices, without_office
from geo.schema import PLACE, PROVENANCE, REPEATS, TABLES, dtype_of, key_of

_OWN = (*PLACE, *PROVENANCE)
"""What each file has of its own for a row that it says as another file does: how it says the place, where it stood."""


@dataclass(frozen=True)
class TakenBack:
    """What an undone intake leaves: rows of the table, all repeats, new identifiers, how many rows went or stayed.

    An identifier that only one office uses now stands without the office. What was decided of rows that went is
    remembered by office and number: the number alone may be another office's now.
    """

    rows: pd.DataFrame
    repeats: pd.DataFrame
    renamed: dict[str, str]
    removed: int
    kept: int


def with_repeats(repeats: pd.DataFrame, table: str, again: pd.DataFrame) -> pd.DataFrame:
    """Return the repeats with rows that a file brought and the table had already.

    Parameters
    ----------
    repeats
        `geo.schema.REPEATS`.
    table
        Name of the table of records.
    again
        The rows as they would be stored, with their provenance.
    """
    own = again.assign(table=table, key=again[key_of(table)]).reindex(columns=list(REPEATS.columns))
    own = own.astype({name: dtype_of(REPEATS, name) for name in own})
    return pd.concat([repeats, own], ignore_index=True) if len(repeats) else own.reset_index(drop=True)


def take_back(rows: pd.DataFrame, repeats: pd.DataFrame, table: str, intake_id: str) -> TakenBack:
    """Take an intake's rows out of a table; those that others brought too become rows of the first of these.

    What is left is what the other intakes alone would have left.
    """
    mine = (rows["intake_id"] == intake_id).fillna(value=False).astype(bool)
    if table not in TABLES:  # covariates: one file alone brings each
        return TakenBack(rows[~mine].reset_index(drop=True), repeats, {}, int(mine.sum()), 0)
    key = key_of(table)
    repeats = repeats[~((repeats["table"] == table) & (repeats["intake_id"] == intake_id))]
    brought = repeats[(repeats["table"] == table) & repeats["key"].isin(rows.loc[mine, key])]
    heirs = brought.sort_values("intake_id").drop_duplicates("key")
    inherited = mine & rows[key].isin(heirs["key"])
    own = heirs.set_index("key").loc[rows.loc[inherited, key]]
    left = rows.copy()
    for name in _OWN:
        if name in left or own[name].notna().any():
            left[name] = left[name] if name in left else pd.Series(index=left.index, dtype=own[name].dtype)
            left.loc[inherited, name] = own[name].array
    left, repeats = left[~mine | inherited].reset_index(drop=True), repeats.drop(index=heirs.index)
    return _standing_alone(left, rows[mine & ~inherited], repeats, table, int(inherited.sum()))


def take_out(rows: pd.DataFrame, repeats: pd.DataFrame, table: str, gone: pd.Series) -> TakenBack:
    """Take rows (``gone``, by their index) out of a table, whatever files brought them."""
    key = key_of(table)
    of_gone = (repeats["table"] == table) & repeats["key"].isin(rows.loc[gone, key])
    return _standing_alone(rows[~gone].reset_index(drop=True), rows[gone], repeats[~of_gone], table, 0)


def _standing_alone(left: pd.DataFrame, gone: pd.DataFrame, repeats: pd.DataFrame, table: str, kept: int) -> TakenBack:
    """Let identifiers that only one office uses now stand without the office, and those that went with it."""
    key = key_of(table)
    renamed = dict(zip(left[key], without_office(left, table), strict=True))
    remembered = dict(zip(gone[key], with_offices(gone, table), strict=True)) if table in AGENCY_COLUMN else {}
    of_table = repeats["table"] == table
    return TakenBack(
        left.assign(**{key: left[key].map(renamed).astype("str")}),
        repeats.assign(key=repeats["key"].mask(of_table, repeats["key"].map(renamed))).reset_index(drop=True),
        {old: new for old, new in (remembered | renamed).items() if old != new},
        len(gone),
        kept,
    )
