"""What single texts of a row below headings show: totals, units, notes, signatures, and the numbers of columns."""

import re
from functools import cache

from geo.intake.vocabulary import begins_with, listed, words_of
from geo.names import is_whole, kind_of

LONGEST_NAME = 60
"""Letters of a lone text that can be a place; a longer one is a note."""

ENUMERATED = re.compile(r"(?:[IVX]{1,5}|[A-ZĐ]|\d{1,2})[.)]\s*(?=\S)")
"""The number of a part of the table before its title."""

_COMMUNES = ("xã", "phường", "thị trấn")
_PARTED, _WORD = re.compile(r"[\s.,)]"), re.compile(r"[a-z0-9]+")
_DAY_OF_SIGNING = re.compile(r"[^,\d]{2,40}, ?ngày .{0,30}", re.IGNORECASE)
"""“Điện Biên, ngày 5 tháng 10 năm 2017”; without the place it could be a record's date."""


def tells(text: str) -> str:
    """Return what a text alone shows its row to be, or nothing."""
    if text == "(1)":
        return "numbering"
    if (text[0].isdigit() and not ENUMERATED.match(text)) or _is_plain(text):
        return ""
    words = words_of(text[:LONGEST_NAME])
    if is_whole(text):
        return "whole"
    if district_in(text) is not None:
        return "district"
    if commune_in(text) is not None:
        return "commune"
    if _DAY_OF_SIGNING.fullmatch(text):
        return "signature"
    if words.partition(" ")[0] not in _first_words():
        return ""
    if _is_total_text(words):
        return "total"
    if any(begins_with(words, one) for one in listed("layout", "signatures")):
        return "signature"
    return "note" if any(begins_with(words, one) for one in listed("layout", "notes")) else ""


def _is_plain(text: str) -> bool:
    """Tell whether a text is a word that shows nothing, as most identifiers are; in long tables every one is asked.

    Nothing parts it, as the number of a title or a place of signing would be, and it begins with no word that tells.
    """
    if not text.isascii() or _PARTED.search(text):
        return False
    first = _WORD.search(text.lower())
    return first is None or first[0] not in _telling_words()


@cache
def _first_words() -> frozenset[str]:
    lists = (listed("layout", name) for name in ("totals", "signatures", "notes"))
    return frozenset(words.partition(" ")[0] for texts in lists for words in texts)


@cache
def _telling_words() -> frozenset[str]:
    kinds = (*listed("layout", "districts"), *map(words_of, _COMMUNES))
    return _first_words() | {words.partition(" ")[0] for words in kinds}


def _is_total_text(words: str) -> bool:
    # One word must be all: without accents “Công an” begins with “cộng”, and that row would be no record.
    return any(words == one or (" " in one and begins_with(words, one)) for one in listed("layout", "totals"))


def district_in(text: str) -> str | None:
    """Return the name of a district that a text is, without the number before it.

    >>> district_in("I. Huyện Mường Nhé"), district_in("Xã Mường Nhé")
    ('Huyện Mường Nhé', None)
    """
    name = ENUMERATED.sub("", text)
    is_one = any(begins_with(words_of(name), kind) for kind in listed("layout", "districts"))
    return name if is_one and len(name) < LONGEST_NAME else None


def commune_in(text: str) -> str | None:
    """Return the name of a commune, with its kind, that a text is, without the number before it.

    >>> commune_in("II. Xã Sín Thầu"), commune_in("Sín Thầu")
    ('Xã Sín Thầu', None)
    """
    name = ENUMERATED.sub("", text)
    return name if len(name) < LONGEST_NAME and kind_of(name) in _COMMUNES else None


def is_numbering(cells: list[str]) -> bool:
    """Tell whether a row only numbers the columns, as (1), (2), (3) or A, B, 1, 2, 3 = 1 + 2.

    >>> is_numbering(["(1)", "(2)", "(3)"]), is_numbering(["1", "2017", "3"])
    (True, False)
    >>> is_numbering(["A", "B", "1", "2", "3=1+2"]), is_numbering(["M", "1", "2"])
    (True, False)
    """
    texts = [cell for cell in cells if cell]
    letters = [text for text in texts if re.fullmatch(r"\(?[A-Z]\)?", text)]
    numbers = [re.fullmatch(r"\(?(\d{1,2})(?: ?= ?[\d +:*/-]+)?\)?", text) for text in texts[len(letters) :]]
    values = [int(number[1]) for number in numbers if number]
    in_order = len(values) == len(numbers) > 0 and values == list(range(values[0], values[0] + len(values)))
    first_letters = [letter.strip("()") for letter in letters] == list("ABCDEFGHIJ"[: len(letters)])
    return in_order and first_letters and len(texts) > 2


def is_total(cells: list[str]) -> bool:
    """Tell whether a row holds totals: one of its first texts says so.

    >>> is_total(["", "Tổng cộng", "", "15"]), is_total(["1", "Xã Tổng Hợp", "15"]), is_total(["Công an", "", "15"])
    (True, False, False)
    >>> is_total(["", "Toàn tỉnh", "15"]), is_total(["Tỉnh Điện Biên:", "15"]), is_total(["Toả Tình", "15"])
    (True, True, False)
    """
    texts = [cell for cell in cells[:4] if any(map(str.isalpha, cell))][:1]
    return any(_is_total_text(words_of(text)) or is_whole(text) for text in texts)
