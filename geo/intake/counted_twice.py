"""Rows that count again what others count, in their file or in the workspace: rejected, as nobody can tell for sure."""

import numpy as np
import pandas as pd

from geo.errors import Message, some_of
from geo.intake.outcome import Intake
from geo.intake.reading import row_in_file
from geo.intake.sums import SUMMED, covering, has_sums, repeated_on_sheets
from geo.schema import key_of


def reject_within_file(intake: Intake) -> None:
    """Reject rows that count what others of the file count; those that an office gave an identifier are records."""
    raw, rows = intake.raw, _anonymous(intake)
    if len(raw.sheets) > 1:
        for row, first in repeated_on_sheets(rows, raw.sheet_of_rows[rows.index]).items():
            intake.reject(
                [row],
                "",
                Message(
                    "the row is the same as {row} on another sheet: delete it if it repeats that; if it is a record "
                    "of its own, give it an identifier",
                    {"row": row_in_file(first, raw.sheets)},
                ),
            )
    name = SUMMED.get(intake.table)
    rows = rows.drop(index=list(intake.rejections), errors="ignore")
    if name is None or not has_sums(rows):
        return
    found = covering(rows, intake.table)
    for row, n in found.parts.items():
        intake.reject(
            [row],
            name,
            Message(
                "covers the time and place of {n} other rows, the first of them {row}: delete it if it is their sum;"
                " if it is a record of its own, give it an identifier",
                {"n": n, "row": row_in_file(found.first[row], raw.sheets)},
            ),
        )
    if len(found.besides):
        where = some_of(row_in_file(row, raw.sheets) for row in found.besides)
        intake.doubts.append(
            Message(
                "rows {rows} name a longer time or a whole district in which other rows lie, and are counted besides"
                " those",
                {"rows": where},
            )
        )


def reject_beside_stored(intake: Intake, stored: pd.DataFrame) -> None:
    """Reject new rows that count what rows of the workspace count, and tell of such rows there.

    Parameters
    ----------
    intake
        Rows that are placed and compared.
    stored
        The rows that the workspace has.
    """
    name = SUMMED.get(intake.table)
    rows = _anonymous(intake).drop(index=list(intake.known), errors="ignore")
    if name is None or stored.empty or rows.empty or not (has_sums(rows) or has_sums(stored)):
        return
    before = stored[[column for column in rows if column in stored]].set_axis(-1 - np.arange(len(stored)))
    found = covering(pd.concat([before, rows]), intake.table)
    for row, n in found.parts[found.parts.index >= 0].items():
        intake.reject(
            [row],
            name,
            Message(
                "covers the time and place of {n} rows in the workspace: delete it if it is their sum; if it is a "
                "record of its own, give it an identifier",
                {"n": n},
            ),
        )
    of_stored = found.parts[found.parts.index < 0]
    alone = covering(before, intake.table).parts.reindex(of_stored.index, fill_value=0)
    covers = of_stored.index[of_stored > alone]
    if len(covers):
        ids = stored["intake_id"].iloc[-1 - covers.to_numpy()].dropna().unique()
        intake.doubts.append(
            Message(
                "rows of the workspace cover the time and place of rows of this file; if they are sums of these, "
                "undo their intakes: {ids}",
                {"ids": some_of(sorted(ids))},
            )
        )


def _anonymous(intake: Intake) -> pd.DataFrame:
    """Return the accepted rows that bring no identifier, without those that were made."""
    key, rows = key_of(intake.table), intake.accepted
    if key in intake.raw.cells:
        rows = rows[intake.raw.cells.loc[rows.index, key].isna()]
    return rows.drop(columns=key)
