"""A column that was read: typed values, and a message for every cell that was not plainly what it stands for."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Message

UNKNOWN = frozenset(
    {
        *("-", "–", "—", "?", "??", "…", "...", "n/a", "unknown", "k/r", "không rõ", "chưa rõ"),
        *("không biết", "chưa biết", "không xác định", "chưa xác định"),
    }
)
"""What offices write where they do not know, as `plain` text."""

READ_AS_EMPTY = Message("read as empty: the cell says that this is not known")


@dataclass(frozen=True)
class Parsed:
    """A typed column and what is to be said of its cells.

    Attributes
    ----------
    values
        Typed; missing where the cell is empty, says that something is not known, or could not be read.
    bad
        Message for each row whose cell could not be read; the index is that of those rows.
    repaired
        Message for each row whose cell was read as something else than it plainly says.
    beside
        Further columns that were found in the same cells, with the index of ``values``.
    """

    values: pd.Series
    bad: pd.Series
    repaired: pd.Series
    beside: dict[str, pd.Series] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What one text means, for all cells that hold it."""

    value: Any = None
    bad: Message | None = None
    repaired: Message | None = None
    beside: str | None = None


@dataclass(frozen=True)
class Texts:
    """The distinct texts of a column: each is read once, however many rows hold it.

    Attributes
    ----------
    index
        Of the column.
    codes
        Position in ``distinct`` of each row's text; -1 where the cell is empty.
    distinct
        As they came.
    """

    index: pd.Index
    codes: NDArray[np.intp]
    distinct: list[str]

    @classmethod
    def of(cls, column: pd.Series) -> "Texts":
        """Return the distinct texts of a column of text, or of numbers or days from a file that has types."""
        codes, distinct = pd.factorize(column)
        return cls(column.index, codes, [str(text) for text in np.asarray(distinct, dtype=object)])

    def spread(self, values: Any, readings: Mapping[int, Reading], beside: Mapping[str, list[str | None]]) -> Parsed:
        """Return the column that the readings of the distinct texts make.

        Parameters
        ----------
        values
            Typed array, one longer than ``distinct``; the last is what an empty cell is.
        readings
            Readings with something to say, by position in ``distinct``.
        beside
            Columns to put beside: a text or None for each of ``distinct``.
        """
        columns = {name: pd.array([*texts, None], dtype="str") for name, texts in beside.items()}
        return Parsed(
            pd.Series(values[self.codes], index=self.index),
            self._messages({code: reading.bad for code, reading in readings.items() if reading.bad}),
            self._messages({code: reading.repaired for code, reading in readings.items() if reading.repaired}),
            {name: pd.Series(column[self.codes], index=self.index) for name, column in columns.items()},
        )

    def _messages(self, of_texts: Mapping[int, Message]) -> pd.Series:
        messages = np.full(len(self.distinct) + 1, None, dtype=object)
        for code, message in of_texts.items():
            messages[code] = message
        rows = np.flatnonzero(np.isin(self.codes, list(of_texts)))
        return pd.Series(messages[self.codes[rows]], index=self.index[rows], dtype=object)


def plain(text: str) -> str:
    r"""Return a cell's text in lower case, composed letters and single spaces, without a point at its end.

    >>> plain("  Tha\u0301ng\u00a03/2017. ")
    'tháng 3/2017'
    """
    tidy = " ".join(unicodedata.normalize("NFC", text).lower().replace("\u2212", "-").split())
    return tidy if tidy in UNKNOWN else tidy.rstrip(".,; ")


def joined(parts: list[Message]) -> Message:
    """Return several messages as one."""
    return reduce(lambda one, other: Message("{one}; {other}", {"one": one, "other": other}), parts)
