"""Ethnicity and religion in texts: told by what stands before a group's name, or by a religion's own name."""

import re
from functools import cache

from geo.intake.vocabulary import spelled
from geo.names import tidy, without_accents

_OF_A_PEOPLE = r"(?i:dân tộc|dan toc)(?: (?i:thiểu số|thieu so))?:?"
_OF_PERSONS = r"(?i:người|nguoi)"
_NO_PLACE = r"(?! (?:Ảng|Bình|Cai|Chà|Lan|Lay|Mươn|Nguyên|Nhà|Nhé|Pồn|Toong|Tùng)\b)"
"""Behind “Mường”, “Thái” or “Lào”: the name of a place."""


def tells_origin(text: str) -> bool:
    """Tell whether a text says somebody's ethnicity or religion.

    “Dân tộc” alone is an office's name. Behind “người” a group's name counts with a capital (“người mong tin”), and not
    where it is as well that of a country (“người Lào”).

    >>> [tells_origin(text) for text in ("phụ nữ dân tộc Mông", "đạo Tin Lành", "Ban Dân tộc", "người Mường Nhé")]
    [True, True, False, False]
    """
    text = tidy(text)
    return bool(_peoples(plain=text.isascii()).search(text) or _religions(plain=text.isascii()).search(text.lower()))


@cache
def _peoples(*, plain: bool) -> re.Pattern[str]:
    everywhere, also_countries = _any_of("peoples", plain=plain), _any_of("peoples_and_countries", plain=plain)
    before = rf"\b{_OF_A_PEOPLE} (?i:{everywhere}|{also_countries})\b"
    return re.compile(rf"(?:{before}|\b{_OF_PERSONS} (?=[^\W\d_a-zđ])(?i:{everywhere})\b){_NO_PLACE}")


@cache
def _religions(*, plain: bool) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any_of('religions', plain=plain)})\b")


def _any_of(name: str, *, plain: bool) -> str:
    names = spelled("personal", name)
    return "|".join(sorted(map(re.escape, map(without_accents, names) if plain else names), key=len, reverse=True))
