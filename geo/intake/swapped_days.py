"""Date cells whose day and month Excel exchanged: typed day first into an Excel that reads the month first."""

import re

import pandas as pd

from geo.errors import Message

MAY_BE_SWAPPED = Message(
    "may have day and month exchanged: in this column all dates that Excel knows as such have a day up to 12, and all "
    "that stayed text a later one; write the right day"
)

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(?:\d{4}|\d\d)", re.ASCII)


def swapped(text: pd.Series, date_cells: pd.Series) -> pd.Series:
    """Return the rows whose day and month may be exchanged, with the day that was likely meant.

    “13/02/2017” stays text where the month is read first, and “01/03/2017” becomes the third of January. So a column
    is suspected in which no date cell has a day after the 12th, and no text one before.

    Parameters
    ----------
    text
        Cells of a column of dates of one sheet, None where empty.
    date_cells
        Which of them the workbook keeps as dates.

    >>> cells = pd.Series(["2017-01-03", "13/02/2017", "2017-05-05"])
    >>> swapped(cells, pd.Series([True, False, True])).to_dict()
    {0: '2017-03-01'}
    """
    known = text[date_cells].map(_ISO.fullmatch).dropna()
    typed = text[~date_cells].dropna().map(_DAY_FIRST.fullmatch).dropna()
    none_late = len(known) and all(int(day[3]) <= 12 for day in known)
    if not (none_late and len(typed) and all(int(day[1]) > 12 for day in typed)):
        return pd.Series(index=text.index[:0], dtype=object)
    return pd.Series(
        {row: f"{day[1]}-{day[3]}-{day[2]}" for row, day in known.items() if day[2] != day[3]}, dtype=object
    )
