"""What became of a file's rows: accepted, rejected with column and reason, repaired, or known already."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from geo.errors import Message
from geo.intake.identity import AGENCY_COLUMN, content_columns, made_keys, own_numbers, with_offices
from geo.intake.personal import writable
from geo.intake.persons import Persons, persons
from geo.intake.reading import RawTable, without_rows
from geo.schema import PROVENANCE, key_of


@dataclass(frozen=True)
class Rejection:
    """Why a row was rejected."""

    column: str
    reason: Message
    mend: str | None = None
    """What the cell could be instead, if one thing is likely."""


Kind = tuple[str, Message, list[int]]
"""A column, what is to be said of it, and the rows of which it is said."""


@dataclass
class Intake:
    """What became of a file's rows: ``len(accepted) + len(rejected) == read``.

    Attributes
    ----------
    table
        Name of the table.
    typed
        All rows in the table's columns and types; the index is that of `RawTable.cells`.
    raw
        The file as it was read.
    rejections
        For each rejected row the first reason found.
    known
        Accepted rows that the workspace has already.
    persons
        What finds persons in texts.
    doubts
        What may be wrong with accepted rows.
    anonymous
        Rows that bring no identifier: `identify` makes one.
    """

    table: str
    typed: pd.DataFrame
    raw: RawTable
    rejections: dict[int, Rejection] = field(default_factory=dict)
    known: frozenset[int] = frozenset()
    persons: Persons = field(default_factory=persons)
    doubts: list[Message] = field(default_factory=list)
    anonymous: frozenset[int] = frozenset()
    _repairs: dict[tuple[str, str], Kind] = field(default_factory=dict)

    @property
    def repairs(self) -> list[Kind]:
        """What was done to cells: column, what, and the rows."""
        return list(self._repairs.values())

    @property
    def read(self) -> int:
        """How many rows the file had."""
        return len(self.raw.cells)

    @property
    def accepted(self) -> pd.DataFrame:
        """The typed rows that are not rejected."""
        return without_rows(self.typed, self.rejections)

    @property
    def added(self) -> pd.DataFrame:
        """The accepted rows that the workspace does not have yet."""
        return without_rows(self.accepted, self.known)

    @property
    def rejected(self) -> pd.DataFrame:
        """The rejected rows as they came, without what may be a person."""
        return writable(self.raw.cells.loc[list(self.rejections)], self.table, self.persons)

    def identify(self, found: pd.DataFrame | None) -> None:
        """Give identifiers to the accepted rows that bring none.

        Parameters
        ----------
        found
            As what `geo.places.place` read their places, if the table has places.
        """
        rows = self.accepted
        rows = rows[rows.index.isin(list(self.anonymous))]
        found = found.loc[rows.index] if found is not None else None
        self.typed.loc[rows.index, key_of(self.table)] = made_keys(rows, self.table, found)

    def rejections_by_kind(self) -> list[Kind]:
        """Return the rejected rows by column and reason, in the order of their first row."""
        kinds: dict[tuple[str, str], Kind] = {}
        for row, one in sorted(self.rejections.items()):
            kinds.setdefault((one.column, str(one.reason)), (one.column, one.reason, []))[2].append(row)
        return list(kinds.values())

    def reject(self, rows: Iterable[int], column: str, reason: Message, mend: str | None = None) -> None:
        """Reject rows; one that is already rejected keeps its first reason."""
        for row in rows:
            self.rejections.setdefault(int(row), Rejection(column, reason, mend))

    def repair(self, rows: Iterable[int], column: str, what: Message) -> None:
        """Tell that cells were changed."""
        rows = [int(row) for row in rows]
        if rows:
            self._repairs.setdefault((column, str(what)), (column, what, []))[2].extend(rows)


def compare(intake: Intake, before: pd.DataFrame, vintage: str | None = None) -> None:
    """Tell rows that the workspace has already from those that contradict it.

    A row that comes again as it is changes nothing; one that comes with the identifier of another is rejected. What the
    file says is compared, not as which unit it was read: a list of villages may have come between.

    Parameters
    ----------
    intake
        Rows that are placed.
    before
        The rows that the workspace has.
    vintage
        Which one the user named for all rows, if so.
    """
    key = key_of(intake.table)
    if before.empty or intake.accepted.empty:
        return
    old = before.drop_duplicates(key).set_index(key)
    _tell_offices_apart(intake, old, vintage)
    there = intake.accepted[intake.accepted[key].isin(old.index)]
    same = _says_the_same(intake, there, old, vintage)
    intake.known = frozenset(map(int, there.index[same]))
    reason = Message("is already in the workspace with other content; undo its intake first")
    intake.reject(there.index[~same], key, reason)


def _tell_offices_apart(intake: Intake, old: pd.DataFrame, vintage: str | None) -> None:
    """Put the office before an identifier that another office gave to a record of its own.

    Not where all but the office is the same: there the office was corrected.
    """
    table, key, agency = intake.table, key_of(intake.table), AGENCY_COLUMN.get(intake.table)
    if agency is None:
        return
    rows = intake.accepted.assign(**{key: own_numbers(intake.accepted, table)})
    full = with_offices(rows, table)
    there = rows[rows[key].isin(old.index)]
    own = there[key].map(old[agency]) == there[agency]
    corrected = ~own & _says_the_same(intake, there, old, vintage, but=agency)
    plain = rows.index.isin(there.index[own | corrected])
    apart = ~plain & (full.isin(old.index) | rows.index.isin(there.index))
    intake.typed.loc[rows.index[plain], key] = rows.loc[plain, key]
    intake.typed.loc[rows.index[apart], key] = full[apart]


def _says_the_same(
    intake: Intake, rows: pd.DataFrame, old: pd.DataFrame, vintage: str | None, but: str = ""
) -> pd.Series:
    """Tell which rows say in all columns (``but`` one) what the stored ones of their identifiers say."""
    key = key_of(intake.table)
    same = pd.Series(data=True, index=rows.index)
    made_of_it = rows.index.isin(list(intake.anonymous))  # the identifier: then they say the same, in their own way
    for name in rows.columns.difference([key, but, *PROVENANCE], sort=False):
        now = rows[name]
        same_here = now.isna()
        if name in old:
            was = rows[key].map(old[name])
            same_here = (now == was).fillna(value=False).astype(bool) | (now.isna() & was.isna())
        if name == "commune_code" or (name == "vintage" and not vintage):
            same_here |= ~_said(intake.raw, name, rows.index)
        if name in content_columns(intake.table):
            same_here |= made_of_it
        same &= same_here
    return same


def _said(raw: RawTable, name: str, rows: pd.Index) -> pd.Series:
    """Tell which rows say something in a column that the program fills in otherwise."""
    return raw.cells.reindex(columns=[name]).loc[rows, name].notna()
