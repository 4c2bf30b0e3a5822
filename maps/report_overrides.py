"""The part of a report that says which ranks planners moved, and why."""

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from geo.errors import Message
from maps.document import Column, Table, Text, known
from maps.text import translate


def decided(outreach: pd.DataFrame, lang: str) -> Iterator[Text | Table]:
    """Return the communes whose rank a planner moved: nothing where none is.

    Parameters
    ----------
    outreach
        A ranking; with the columns of `models.overrides` where something was decided.
    lang
        ``"vi"`` or ``"en"``.
    """
    moved = outreach[outreach["override_reason"].notna()] if "override_reason" in outreach else outreach.head(0)
    if moved.empty:
        return
    headings = (
        (Message("Rank"), 1.0),
        (Message("Rank by the model"), 1.2),
        (Message("Commune"), 2.2),
        (Message("Reason"), 5.0),
        (Message("Moved by"), 2.0),
        (Message("Moved until"), 1.5),
    )
    rows = tuple(
        (
            row.rank,
            row.rank_model,
            row.name,
            row.override_reason,
            known(row.override_by),
            dt.date.fromisoformat(row.override_until),
        )
        for row in moved.itertuples()
    )
    yield Text(
        translate(
            Message(
                "{n} communes stand where a planner moved them; the others keep the model's order around them.",
                {"n": len(moved)},
            ),
            lang,
        ),
        "note",
    )
    columns = tuple(Column(translate(heading, lang), width) for heading, width in headings)
    yield Table(translate(Message("Moved by planners"), lang), columns, rows)
