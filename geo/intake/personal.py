"""Personal data at the door: which columns and cells are dropped, and what of a rejected row may be written."""

import re
from collections.abc import Callable
from functools import cache

import pandas as pd

from geo.intake.numbers import BOUNDS, UNITS, WORDS
from geo.intake.origins import tells_origin
from geo.intake.parsed import UNKNOWN
from geo.intake.persons import REMOVED, Persons, has_personal_number, persons
from geo.intake.rules import allowed_values
from geo.intake.vocabulary import begins_with, listed, values, words_of
from geo.schema import TABLES, dtype_of, key_of

MOST_PERSONAL = 0.3
"""Share of a text column's rows that may hold a person before the whole column is dropped."""

FREE_TEXT = ("kind", "subkind", "name", "crossing_id", "village")
"""Columns whose cells may say anything; what holds a person is taken out of them."""

_PLACES_IN_WORDS = ("commune_code", "commune", "district", "village")
_KEYS = frozenset(map(key_of, TABLES))
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONG_NUMBER = re.compile(r"(?<![\d.,])(?:\d{8,19}|\d{2,3}(?:[., '’]\d{3}){2,})(?![.,]?\d)")
"""Eight digits and more: no count of what one row can tell, but an identity card, a telephone or an account."""


def is_personal_heading(heading: str) -> bool:
    """Tell whether a column is dropped for its heading.

    >>> [is_personal_heading(heading) for heading in ("Họ và tên nạn nhân", "Số nạn nhân", "DÂN TỘC")]
    [True, False, True]
    """
    words = words_of(heading)
    return any(begins_with(words, beginning) for beginning in listed("personal", "headings"))


def is_free_text(table: str, column: str) -> bool:
    """Tell whether a column of a table may say anything.

    >>> is_free_text("outreach", "kind"), is_free_text("services", "kind")
    (True, False)
    """
    return column in FREE_TEXT and not _allowed(table, column)


def is_amount(column: str, dtype: str) -> bool:
    """Tell whether a column counts or measures something; coordinates have as many digits as cards.

    >>> is_amount("victims", "Int64"), is_amount("lon", "float64")
    (True, False)
    """
    return dtype in ("Int64", "float64") and column not in ("lon", "lat")


def personal_columns(cells: pd.DataFrame, table: str) -> list[str]:
    """Return the columns that hold persons in so many rows that the others may be persons too.

    Only free text is dropped whole. In a column of counts, dates or allowed values a person is a wrong cell of one row.
    """
    return [name for name in cells if is_free_text(table, name) and holds_persons(cells[name])]


def holds_persons(text: pd.Series) -> bool:
    """Tell whether so many of a column's cells hold persons, or what they are, that the others may too."""
    text = text.dropna()
    return bool((personal_cells(text, persons()) | cells_of_origin(text)).mean() > MOST_PERSONAL)


def personal_cells(text: pd.Series, known: Persons) -> pd.Series:
    """Return a mask of the cells that hold a person; the column's name says whether of villages, or of identifiers."""
    if text.name in _KEYS:
        return _mask(text, known.in_identifier)
    of_place = text.name == "village"
    return _mask(text, lambda cell: known.in_text(cell, of_place=of_place))


def cells_of_origin(text: pd.Series) -> pd.Series:
    """Return a mask of the cells that say an ethnicity or a religion."""
    return _mask(text, tells_origin)


def personal_numbers(text: pd.Series) -> pd.Series:
    """Return a mask of the cells of a column of amounts that are written like telephone or identity-card numbers."""
    return _mask(text, _is_personal_number)


def _is_personal_number(text: str) -> bool:
    return has_personal_number(text) or _LONG_NUMBER.search(text) is not None


def _mask(text: pd.Series, holds: Callable[[str], bool]) -> pd.Series:
    return text.isin([cell for cell in text.dropna().unique() if holds(str(cell))])


def writable(cells: pd.DataFrame, table: str, known: Persons) -> pd.DataFrame:
    """Return cells as they may be written into a fix list: `REMOVED` where they hold, or may hold, a person.

    In a column with a type only what a number, a date or an allowed word can hold is written: whatever else stands
    there was not meant for it, and may be anything.
    """
    return pd.DataFrame({name: _writable(cells[name], table, known) for name in cells}, index=cells.index)


def _writable(text: pd.Series, table: str, known: Persons) -> pd.Series:
    if table in TABLES and _has_type(table, str(text.name)):
        of_amounts = is_amount(str(text.name), dtype_of(TABLES[table], str(text.name)))
        refused = [cell for cell in text.dropna().unique() if not _says_only_values(str(cell))]
        return text.mask(text.isin(refused) | (personal_numbers(text) & of_amounts), REMOVED)
    return text.mask(personal_cells(text, known) | cells_of_origin(text), REMOVED)


def _has_type(table: str, column: str) -> bool:
    schema = TABLES[table]
    if column not in schema.columns or column in _PLACES_IN_WORDS:
        return False
    return dtype_of(schema, column) != "str" or bool(_allowed(table, column))


def _allowed(table: str, column: str) -> tuple[str, ...]:
    return allowed_values(TABLES[table].columns[column]) if column in TABLES[table].columns else ()


def _says_only_values(text: str) -> bool:
    """Tell whether a text is made of digits, signs and the words of numbers, dates and allowed values."""
    words = {words_of(word) for word in _WORD.findall(text)}
    return words <= _words_of_values() and not has_personal_number(text)


@cache
def _words_of_values() -> frozenset[str]:
    columns = {name for schema in TABLES.values() for name, column in schema.columns.items() if allowed_values(column)}
    texts = [*UNITS, *WORDS, *UNKNOWN, *(phrase for phrases in BOUNDS.values() for phrase in phrases)]
    texts += [text for column in columns for text in values(column)]
    texts += [*listed("personal", "words_of_dates")]
    return frozenset(word for text in texts for word in words_of(text).split())
