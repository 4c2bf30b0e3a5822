"""Personal data at the door: columns and cells that look like names, numbers of persons, ethnicity or religion."""

import re
from collections.abc import Iterable

import pandas as pd

from geo.intake.vocabulary import begins_with, listed, words_of

MOST_PERSONAL = 0.3
"""Share of a column's texts that may look like persons or their numbers before the whole column is dropped."""

_NAME = re.compile(r"[^\W\d_][\w’']*(?:\s+[^\W\d_][\w’']*){1,4}")
_NUMBER = re.compile(
    r"(?<![\d.,])(?:0\d{9}|\+84[ .]?\d{2,3}[ .]?\d{3}[ .]?\d{3,4}|0\d{2,3}[ .-]\d{3}[ .-]\d{3,4}|\d{9}|\d{12})"
    r"(?![\d.,]\d|\d)"
)
"""Telephone numbers of ten digits, identity cards of nine or twelve."""
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")


def is_personal_heading(heading: str) -> bool:
    """Tell whether a column is dropped for its heading.

    >>> [is_personal_heading(heading) for heading in ("Họ và tên nạn nhân", "Số nạn nhân", "DÂN TỘC")]
    [True, False, True]
    """
    words = words_of(heading)
    return any(begins_with(words, beginning) for beginning in listed("personal", "headings"))


def looks_like_name(text: str) -> bool:
    """Tell whether a text is written like a Vietnamese person's name: a surname and one to four capitalised words.

    >>> [looks_like_name(text) for text in ("Lò Thị Thử", "Mường Nhé", "LÒ VĂN MẪU", "hòm thư")]
    [True, False, True, False]
    """
    if not (_NAME.fullmatch(text) and all(word[0].isupper() for word in text.split())):
        return False
    return words_of(text).split(" ", 1)[0] in listed("personal", "surnames")


def has_personal_number(text: str) -> bool:
    """Tell whether a text holds what may be a telephone or identity-card number, or an e-mail address.

    >>> [has_personal_number(text) for text in ("gọi 0912345678", "17.400 người", "011123456789", "103.017012345")]
    [True, False, True, False]
    """
    return bool(_NUMBER.search(text) or _ADDRESS.search(text))


def is_personal_column(texts: Iterable[str], *, places: bool = False) -> bool:
    """Tell whether a column's texts look like persons or their numbers.

    Parameters
    ----------
    texts
        What the column holds, without empty cells.
    places
        Whether it is known to hold names of places, which may be written like names of persons.
    """
    texts = list(texts)
    numbers = sum(map(has_personal_number, texts))
    names = 0 if places else sum(map(looks_like_name, texts))
    return max(numbers, names) > MOST_PERSONAL * len(texts)


def personal_cells(text: pd.Series) -> pd.Series:
    """Return a mask of the cells that look like a person's name or number."""
    found = [cell for cell in text.dropna().unique() if has_personal_number(cell) or looks_like_name(cell)]
    return text.isin(found)
