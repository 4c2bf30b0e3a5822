"""The part of a report that says what changed against the run before, and why."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pandas as pd

from geo.errors import Message
from maps.document import Bullets, Column, Table, Text, known
from maps.report_content import Changes
from maps.text import translate


def changed(changes: Changes | None, top: int, lang: str) -> Iterator[Text | Bullets | Table]:
    """Return what changed: what was asked or given differently, and the first communes of now and before.

    Parameters
    ----------
    changes
        Against the run before, or None.
    top
        How many ranks count as the first.
    lang
        ``"vi"`` or ``"en"``.
    """
    if changes is None:
        yield Text(translate(Message("There is no earlier run to compare with, or none that can be read."), lang))
        return
    start, end = map(dt.date.fromisoformat, changes.period)
    yield Text(
        translate(
            Message(
                "Compared with the run of {day}, on records from {start} to {end}.",
                {"day": dt.date.fromisoformat(changes.made_on), "start": start, "end": end},
            ),
            lang,
        )
    )
    if changes.notes:
        yield Bullets(tuple(translate(note, lang) for note in changes.notes))
    if changes.moves is None:
        return
    shown = moves_shown(changes.moves, top)
    if shown.empty:
        yield Text(translate(Message("The first {n} are the same, in the same order.", {"n": top}), lang))
        return
    columns = (
        Column(translate(Message("Commune"), lang), 2.2),
        Column(translate(Message("Rank before"), lang), 1.0, 0),
        Column(translate(Message("Rank now"), lang), 1.0, 0),
        Column(translate(Message("Expected before"), lang), 1.0),
        Column(translate(Message("Expected now"), lang), 1.0),
        Column(translate(Message("Why"), lang), 6.0),
    )
    yield Table(
        translate(Message("Moves among the first {n}", {"n": top}), lang),
        columns,
        tuple(_row(row, lang) for row in shown.itertuples()),
    )


def moves_shown(moves: pd.DataFrame, top: int) -> pd.DataFrame:
    """Return the communes that moved within, into or out of the first ``top`` ranks, in the order of now."""
    among = (moves["rank"] <= top) | (moves["rank_before"] <= top)
    return pd.DataFrame(moves[among & (moves["rank"] != moves["rank_before"])])


def _row(row: Any, lang: str) -> tuple[str | float | None, ...]:
    why = "; ".join(translate(reason, lang) for reason in row.reasons)
    return row.name, known(row.rank_before), row.rank, known(row.expected_before), row.expected, why
