"""Marks beside a commune's name on paper: that its place in the first tenth is unsure, or that a planner moved it."""

from typing import Any

import pandas as pd

from geo.errors import Message
from maps.text import translate
from maps.typeset import shortened

UNSURE, MOVED = "?", "*"

_NOTES = {
    UNSURE: Message("? place unsure: it hangs on who reports whether the commune is among the first 10 %"),
    MOVED: Message("* moved by a planner; reasons stand in the report"),
}


def marks_of(row: Any) -> str:
    """Return the marks of a row of a ranking; nothing where there are none, or the ranking does not know."""
    moved = isinstance(getattr(row, "override_reason", None), str)
    unsure = getattr(row, "unstable", None)
    return (UNSURE if pd.notna(unsure) and unsure else "") + (MOVED if moved else "")


def marked(row: Any, width: float, size: float, *, bold: bool = False) -> str:
    """Return a commune's name with its marks, the name shortened to fit a width in mm, the marks never."""
    marks = marks_of(row)
    return shortened(row.name, width, size, bold=bold, tail=f" {marks}" if marks else "")


def mark_notes(communes: pd.DataFrame, lang: str) -> list[str]:
    """Return what the marks mean that some of the communes bear."""
    found = "".join(marks_of(row) for row in communes.itertuples())
    return [translate(note, lang) for mark, note in _NOTES.items() if mark in found]
