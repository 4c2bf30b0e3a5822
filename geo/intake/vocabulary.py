"""The words that offices use, from `vocabulary.toml`, compared without case, accents and signs."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from geo.names import without_accents
from geo.schema import TABLES


@lru_cache(maxsize=65_536)
def words_of(text: str) -> str:
    r"""Return a text in lower case, without accents, its words and numbers parted by single spaces.

    >>> words_of("Ngày, tháng\u00a0phát hiện (*)"), words_of("case_id")
    ('ngay thang phat hien', 'case id')
    """
    plain = without_accents(text.lower().replace("ð", "đ")).replace("_", " ")
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def begins_with(words: str, beginning: str) -> bool:
    """Tell whether words are these, or begin with them.

    >>> begins_with("tong cong ca tinh", "tong cong"), begins_with("tongue", "tong")
    (True, False)
    """
    return words == beginning or words.startswith(beginning + " ")


@cache
def _vocabulary() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))


@cache
def headings(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return what each column of a table may be called, as words, the more telling name first."""
    own = _vocabulary()["headings"][table]
    known = {**_vocabulary()["shared"]["place"], **_vocabulary()["shared"]["kind_of_data"], **own}
    return {name: _as_words(known[name]) for name in TABLES[table].columns if name in known}


@cache
def values(column: str) -> Mapping[str, str]:
    """Return the allowed value that each text, as words, stands for; empty for a column of free text."""
    return {
        words: value
        for value, texts in _vocabulary()["values"].get(column, {}).items()
        for words in _as_words([value, *texts])
    }


@cache
def listed(section: str, name: str) -> tuple[str, ...]:
    """Return a list of the vocabulary, for example ``listed("layout", "totals")``, as words."""
    return _as_words(_vocabulary()[section][name])


@cache
def groups(name: str) -> tuple[tuple[str, ...], ...]:
    """Return lists of the layout's vocabulary that belong together, for example ``groups("parts")``, as words."""
    return tuple(map(_as_words, _vocabulary()["layout"][name]))


def agency_in(texts: Iterable[str]) -> str | None:
    """Return the one agency that titles name, or None if they name none or several.

    >>> agency_in(["CÔNG AN TỈNH ĐIỆN BIÊN", "Báo cáo quý 3"]), agency_in(["Sở Tư pháp và Hội Phụ nữ"])
    ('police', None)
    """
    titles = [f" {words_of(text)} " for text in texts]
    found = {value for words, value in values("agency").items() if any(f" {words} " in title for title in titles)}
    return found.pop() if len(found) == 1 else None


def _as_words(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(words_of, texts)))
