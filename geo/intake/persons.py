"""Persons in texts: names as they are written in Viet Nam, telephone and identity-card numbers, addresses of e-mail.

A name is told by its surname, the capitals behind it, and what stands around it; the name of a known place is none,
though it may look so (Ma Thì Hồ). Where the two cannot be told apart, a text is taken for a person's.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from geo import boundaries
from geo.intake.vocabulary import listed, spelled
from geo.names import sound, tidy, without_accents
from geo.schema import VINTAGES

REMOVED = "[đã xóa]"
"""Stands in a fix list, a report or a message where a person was named."""

_TIMESTAMP = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_NUMBER = re.compile(
    rf"(?<![\d.,])(?:(?!{_TIMESTAMP}\d{{4}}(?!\d))\d{{9,12}}"
    r"|\+\d{9,12}"
    r"|(?:\+|00)?84(?P<a>[ .-]?)\d{2,4}(?:(?P=a)\d{2,4}){2,3}"
    r"|0\d{1,3}(?P<b>[ .-])\d{2,4}(?:(?P=b)\d{2,4}){1,3}"
    r"|\d{3}(?P<c>[ .-])\d{3}(?P=c)(?!000)\d{3}"
    r")(?![.,]?\d)"
)
"""Nine digits (an old card, or a telephone that a spreadsheet took the zero from) to twelve (a new card), or groups;
an amount of money, which may be written so, ends in 000."""
_FEWEST_DIGITS = 9
_NUMBERED = re.compile(r"\b(?:cccd|cmnd|cmt|can cuoc|sdt|dt|dien thoai|phone|tel)\b\D{0,12}(?:\d[ .-]?){5}")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.\w")
"""Bounded: a word of thousands of letters is looked at once."""
_BORN = re.compile(r"\b(?:sn|sinh nam|sinh ngay|ns)\b\D{0,3}\d{2}")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

_MOST_GIVEN = 4
"""Words of a name behind the surname."""
_TITLES = frozenset({"ông", "bà", "anh", "chị", "em", "cháu", "cụ", "ong", "ba", "chau"})
_NO_TITLE_BEHIND = frozenset({"trẻ", "tre", "chị", "chi", "anh", "nước", "nuoc"})
"""“trẻ em Mường Nhé”, “chị em Phụ nữ”: no title of a person."""
_NO_NAME = frozenset({"Em", "Rịa", "Con", "Mẹ", "Phụ", "Hội"})
_SURELY_NO_NAME = frozenset({"trấn", "xã", "trường", "tran", "xa", "truong"})
_NO_NAME_BEHIND_VAN = frozenset(
    {"hóa", "hoá", "nghệ", "học", "bản", "phòng", "minh", "kiện", "hiến", "thư", "công", "chỉ", "tự"}
)
"""“Nhà Văn Hóa”, “Nếp Sống Văn Minh”: where no surname stands before them."""
_KINDS = frozenset(
    [
        *("xa", "phuong", "huyen", "tinh", "tp", "tt", "ban", "thon", "xom", "khu", "pho", "to", "doi"),
        *("khau", "mo", "moc", "don", "tram", "cho", "song", "suoi", "deo", "nui", "truong"),
    ]
)
"""Words before a name that make it one of a place, without accents: the last word of “cửa khẩu”, “lối mở”."""


class _Word(NamedTuple):
    text: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def has_personal_number(text: str) -> bool:
    """Tell whether a text holds what may be a telephone or identity-card number, or an e-mail address.

    >>> [has_personal_number(text) for text in ("gọi 0912 34 56 78", "17.400 người", "84912345678", "103.017012345")]
    [True, False, True, False]
    """
    found = (match.group() for match in _NUMBER.finditer(text))
    return any(sum(map(str.isdigit, one)) >= _FEWEST_DIGITS for one in found) or bool(_ADDRESS.search(text))


class Persons:
    """Finds persons in texts.

    Parameters
    ----------
    places
        Names of places beside those of the province's units, for example of a list of villages.
    """

    def __init__(self, places: Iterable[str] = ()) -> None:
        self._places = _places() | {sound(place) for place in places}
        self._in_text = lru_cache(maxsize=65_536)(self._search)

    def in_text(self, text: str, *, of_place: bool = False) -> bool:
        """Tell whether a text holds a person's name or number.

        Parameters
        ----------
        text
            Of a cell, a heading, a sheet's or a file's name.
        of_place
            Whether it is the name of a village, of which no list is complete and many look like persons' names: it is
            then taken for a person's only if more than its surname and capitals speak for that.

        >>> persons = Persons()
        >>> [persons.in_text(text) for text in ("gặp bà Lò Thị Thử", "xã Ma Thì Hồ", "1. Vàng A Mẫu, 2. Lù A Thử")]
        [True, False, True]
        """
        return self._in_text(text, of_place)

    def masked(self, text: str) -> str:
        """Return a text, or `REMOVED` if it holds a person.

        >>> Persons().masked("Quý 3"), Persons().masked("Lò Thị Thử")
        ('Quý 3', '[đã xóa]')
        """
        return REMOVED if self.in_text(text) else text

    def in_identifier(self, name: str) -> bool:
        """Tell whether an identifier holds a person's name or number, be its words parted by spaces or not.

        >>> persons = Persons()
        >>> [persons.in_identifier(name) for name in ("lo_van_mau", "LòVănMẫu", "HS-2017_03", "VU_AN_12")]
        [True, True, False, False]
        """
        parted = _parted(tidy(name))
        words = [_Word(match.group(), *match.span()) for match in _TOKEN.finditer(parted)]
        surely = (
            _is_surely(_run(words, place, parted)) and not self._in_place(words, place) for place in range(len(words))
        )
        return self.in_text(name) or any(surely)

    def masked_file(self, name: str) -> str:
        """Return a file's name, or one that only keeps its ending if it names a person.

        >>> Persons().masked_file("quy_3.xlsx"), Persons().masked_file("Lo_Van_Mau-0912345678.gpx")
        ('quy_3.xlsx', '[đã xóa].gpx')
        """
        stem, dot, ending = name.rpartition(".")
        shown = re.sub(r"[_\W]+", " ", stem or ending)
        if not (self.in_text(shown) or self.in_identifier(name)):
            return name
        return REMOVED + dot + ending if stem and not self.in_text(ending) else REMOVED

    def _search(self, text: str, of_place: bool) -> bool:
        if not any(map(str.isalnum, text)):
            return False
        text = tidy(text)
        plain = without_accents(text.lower())
        if has_personal_number(text) or _NUMBERED.search(plain) or _BORN.search(plain):
            return True
        words = [_Word(match.group(), *match.span()) for match in _TOKEN.finditer(text)]
        return any(self._is_person(words, place, text, of_place) for place in range(len(words)))

    def _is_person(self, words: list[_Word], place: int, text: str, of_place: bool) -> bool:
        """Tell whether a person's name begins at a word: with a title, or with a surname."""
        word = words[place]
        run = _run(words, place, text)
        if word.text.lower() in _TITLES:
            before = words[place - 1].text.lower() if place else ""
            named = run[1:] if word.capital else _run(words, place + 1, text)
            return (
                before not in _NO_TITLE_BEHIND
                and _may_follow_a_title(named)
                and text[word.end : named[0].start].isspace()
                and not self._in_place(words, place + 1)
            )
        if _is_surely(run) or _is_surely_in_small_letters(words[place : place + 3], text):
            return not self._in_place(words, place)
        if of_place or not _may_be_named(run):
            return False
        of_kind = place > 0 and without_accents(words[place - 1].text.lower()) in _KINDS
        if of_kind or without_accents(run[1].text.lower()) in _KINDS or self._in_place(words, place):
            return False
        alone = len(run) == len(words)
        return alone or (len(run) > 2 and not all(one.text.isupper() for one in run))

    def _in_place(self, words: list[_Word], place: int) -> bool:
        """Tell whether a word is part of the name of a known place, or stands before one (Thi Tran Muong Ang)."""
        for begin in range(max(0, place - 3), place + 2):
            for end in range(max(begin + 2, place + 1), min(begin + 5, len(words)) + 1):
                if sound(" ".join(one.text for one in words[begin:end])) in self._places:
                    return True
        return False


def _run(words: list[_Word], place: int, text: str) -> list[_Word]:
    """Return the capitalised words from one on, with nothing but spaces between them."""
    run: list[_Word] = []
    for word in words[place : place + 1 + _MOST_GIVEN]:
        if not word.capital or (run and not text[run[-1].end : word.start].isspace()):
            break
        run.append(word)
    return run


def _is_surname(run: list[_Word]) -> bool:
    """Tell whether a run begins with a surname; without its accents only where the whole run has none."""
    if not run:
        return False
    surname = run[0].text.lower()
    if all(word.text.isascii() for word in run):
        return surname in listed("personal", "surnames")
    return surname in spelled("personal", "surnames")


def _may_be_named(run: list[_Word]) -> bool:
    """Tell whether capitalised words may be a surname and other names."""
    if len(run) > 2 and run[0].text.lower() in spelled("personal", "surnames_in_places"):
        return not all(word.text.isascii() for word in run)
    return len(run) > 1 and _is_surname(run)


def _may_follow_a_title(run: list[_Word]) -> bool:
    return bool(run) and run[0].text not in _NO_NAME and (not run[0].text.isupper() or _is_surname(run[:1]))


def _is_surely(run: list[_Word]) -> bool:
    """Tell whether capitalised words are surely a name: with Thị or Văn in the middle, or a surname with A."""
    if len(run) < 3 or run[2].text.lower() in _SURELY_NO_NAME:
        return False
    middle, given = run[1].text.lower(), run[2].text.lower()
    if middle == "thị":
        return True
    if _is_surname(run):
        return middle in ({"van", "thi", "a"} if all(word.text.isascii() for word in run) else {"văn", "a"})
    no_name = given in _NO_NAME_BEHIND_VAN or without_accents(run[0].text.lower()) in _KINDS
    return middle == "văn" and not no_name and not all(word.text.isupper() for word in run)


def _is_surely_in_small_letters(words: list[_Word], text: str) -> bool:
    if len(words) < 3 or any(word.capital for word in words):
        return False
    surname, middle, given = (word.text for word in words)
    joined = text[words[0].start : words[2].end] == f"{surname} {middle} {given}"
    known = surname in spelled("personal", "surnames") and surname not in spelled("personal", "common_words")
    return joined and known and middle in ("thị", "văn", "a") and given not in _SURELY_NO_NAME


def _parted(name: str) -> str:
    """Return the words of an identifier or a file's name with capitals and spaces: LòVănMẫu, lo_van_mau.

    >>> _parted("LòVănMẫu-01"), _parted("lo_van_mau")
    ('Lò Văn Mẫu', 'Lo Van Mau')
    """
    humps = "".join(f" {letter}" if letter.isupper() else letter for letter in name)
    return " ".join(word.capitalize() for word in re.findall(r"[^\W\d_]+", name if name.isupper() else humps))


@cache
def _places() -> frozenset[str]:
    """Return the province's units and districts of all times, and other places that look like persons, by sound."""
    tables = [boundaries.facts(vintage) for vintage in VINTAGES]
    names = [name for table in [*tables, boundaries.former_names()] for name in table["name"]]
    names += [name for table in tables for name in table["district"].dropna()]
    return frozenset(map(sound, [*names, *spelled("personal", "no_persons")]))


@cache
def persons() -> Persons:
    """Return what finds persons where only the province's own places are known."""
    return Persons()
