"""Identifiers: those that offices give, told apart by office; for rows that bring none, those made of their content."""

import hashlib
from collections.abc import Callable

import pandas as pd

from geo.names import bare, tidy
from geo.schema import PLACE, PROVENANCE, TABLES, key_of
from geo.village_names import bare_village

AGENCY_COLUMN = {"cases": "source", "outreach": "agency"}
"""The column that says whose record it is; where the file has none, one agency holds for all its rows."""

_NOT_CONTENT = frozenset({"vintage", "data_kind", "attendees_bound", *PROVENANCE})
"""Columns that say how a row was read or to which kind it belongs: they may come and go with its neighbours."""

_MADE = r"[0-9a-f]{16}(?:-\d+)?"
_DECIMALS = 6
"""Of degrees: a tenth of a metre."""


def content_columns(table: str) -> tuple[str, ...]:
    """Return the columns that tell one event of a table from another.

    >>> content_columns("patrols")
    ('date', 'sector_id', 'hours', 'teams')
    """
    return tuple(name for name in TABLES[table].columns if name != key_of(table) and name not in _NOT_CONTENT)


def made_keys(rows: pd.DataFrame, table: str, found: pd.DataFrame | None = None) -> pd.Series:
    """Return identifiers for rows of a file that have none; equal rows are told apart by how manieth they are.

    They are made of what the rows say, however they say it: “Xã Sín Thầu”, its code, and its name beside its
    district's are one place. A column that the file lacks is as one that is empty. So a file, a mended fix list and a
    corrected file that say the same of an event give it the same identifier.

    Parameters
    ----------
    rows
        Rows of the file in the table's types.
    table
        Of `geo.schema.TABLES`.
    found
        As what `geo.places.place` read their places, if the table has places.
    """
    columns = [name for name in content_columns(table) if name in rows and name not in PLACE]
    texts = {name: _as_text(rows[name]) for name in columns}
    words = [texts.get(name, [""] * len(rows)) for name in content_columns(table) if name not in PLACE]
    contents = zip(*words, _places(rows, found), strict=True)
    digests = [hashlib.sha256("\x1f".join((table, *one)).encode()).hexdigest()[:16] for one in contents]
    digest = pd.Series(digests, index=rows.index, dtype="str")
    again = digest.groupby(digest).cumcount()
    return digest + again.map(lambda n: f"-{n + 1}" if n else "").astype("str")


def is_made(keys: pd.Series) -> pd.Series:
    """Return a mask of the identifiers that have the form of made ones."""
    return keys.str.fullmatch(_MADE).fillna(value=False).astype(bool)


def told_apart_by(rows: pd.DataFrame, table: str) -> pd.Series:
    """Return who says that rows are different ones: an office by its numbers, or a file that has none by listing them.

    Two files of one office that has no numbers may write one row in two ways.
    """
    office = rows[AGENCY_COLUMN[table]]
    file = rows.reindex(columns=["intake_id"])["intake_id"].astype("str").fillna("")  # none yet in a dry run
    return office.mask(is_made(own_numbers(rows, table)), office + "\x1f" + file)


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
    own = rows[key_of(table)].astype("str")
    parted = own.str.contains(":", regex=False).fillna(value=False).astype(bool)
    if parted.any():
        begins = (rows.loc[parted, AGENCY_COLUMN[table]] + ":").fillna("")
        own[parted] = [one.removeprefix(office) for one, office in zip(own[parted], begins, strict=True)]
    return own.replace("", pd.NA)


def without_office(rows: pd.DataFrame, table: str) -> pd.Series:
    """Return the stored identifiers, without the office where no other office's row has the number (any more)."""
    key = rows[key_of(table)]
    if table not in AGENCY_COLUMN or rows.empty:
        return key
    own = own_numbers(rows, table)
    return own.mask(own.duplicated(keep=False), key)


def _as_text(column: pd.Series) -> pd.Series:
    # A day is the precision of a date that says nothing else.
    texts = column.astype("str").replace({"day": ""} if column.name == "date_precision" else {})
    return _each(texts, lambda text: tidy(text).lower()) if column.dtype == "str" else texts.fillna("")


def _places(rows: pd.DataFrame, found: pd.DataFrame | None) -> pd.Series:
    """Return each row's place in one way of writing it: its point, its commune's code, or the words that say it.

    A list of villages must not change it, so a commune that only such a list told is not used.
    """
    rows = rows.reindex(columns=list(PLACE))
    place = _each(rows["commune"], bare) + "\x1f" + _each(rows["district"], bare)
    if found is not None:
        place = found["code"].where(found["placement"] != "village").fillna(place)
    lon, lat = (rows[name].astype("float64").round(_DECIMALS).astype("str") for name in ("lon", "lat"))
    return (lon + "," + lat).fillna(place) + "\x1f" + _each(rows["village"], bare_village)


def _each(texts: pd.Series, say: Callable[[str], str]) -> pd.Series:
    """Return texts each said in another way, once for all rows that have it; empty where there is none."""
    said = {text: say(text) for text in texts.dropna().unique()}
    return texts.map(said).astype("str").fillna("")
