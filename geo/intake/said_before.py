"""Rows without identifiers that say what rows of the workspace say, and more or less: perhaps the same, told again."""

from collections.abc import Iterator

import pandas as pd

from geo.errors import Message, some_of
from geo.intake.identity import content_columns, is_made
from geo.intake.outcome import Intake
from geo.intake.reading import row_in_file
from geo.schema import TABLES, key_of

_NAMES = ("commune", "district")
"""Said by the code as which they were read."""


def doubt_said_before(intake: Intake, stored: pd.DataFrame) -> None:
    """Tell of new rows that agree with rows of the workspace in all that both say.

    A file with one column more gives its rows other identifiers. Of cases links are proposed instead
    (`geo.intake.duplicates`).

    Parameters
    ----------
    intake
        Rows that are placed and compared.
    stored
        The rows that the workspace has.
    """
    table, key = intake.table, key_of(intake.table)
    rows = intake.added[intake.added.index.isin(list(intake.anonymous))]
    if table == "cases" or rows.empty or stored.empty:
        return
    others = stored[is_made(stored[key]) & ~stored[key].isin(intake.accepted[key])]
    columns = [name for name in content_columns(table) if name not in _NAMES]
    needed = [name for name in columns if TABLES[table].columns[name].required or name == "commune_code"]
    found = list(_alike(rows, others, needed, [name for name in columns if name not in needed]))
    if again := sorted({int(row) for one in found for row in one["row"]}):
        ids = sorted({str(name) for one in found for name in one["intake_id"].dropna()})
        where = some_of(row_in_file(row, intake.raw.sheets) for row in again)
        intake.doubts.append(
            Message(
                "rows {rows} say what rows of the workspace say, only with other cells filled: if they are the same, "
                "undo the intakes {ids}",
                {"rows": where, "ids": some_of(ids)},
            )
        )


def _alike(rows: pd.DataFrame, others: pd.DataFrame, needed: list[str], more: list[str]) -> Iterator[pd.DataFrame]:
    """Yield rows with the intakes of others that fill other cells of ``more``, and say the same where both say it."""
    for mine, now in _by_filled(rows, needed, more):
        for theirs, was in _by_filled(others, needed, more):
            if mine != theirs:
                on = [*needed, *sorted(mine & theirs)]
                yield now[on].rename_axis("row").reset_index().merge(was[[*on, "intake_id"]].drop_duplicates(), on=on)


def _by_filled(rows: pd.DataFrame, needed: list[str], more: list[str]) -> Iterator[tuple[frozenset[str], pd.DataFrame]]:
    """Yield rows that fill ``needed``, by which columns of ``more`` they fill."""
    rows = rows.reindex(columns=[*needed, *more, *({"intake_id"} & set(rows))]).dropna(subset=needed)
    filled = rows[more].notna()
    for pattern in filled.drop_duplicates().itertuples(index=False, name=None):
        yield (
            frozenset(name for name, one in zip(more, pattern, strict=True) if one),
            rows[filled.eq(list(pattern)).all(axis=1)],
        )
