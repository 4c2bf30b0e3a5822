"""Vietnamese place names compared without their spelling's accidents."""

import re
import unicodedata

DISTRICT_KINDS = ("huyện", "thị xã", "thành phố", "tỉnh")
"""Kinds of unit above the commune."""

# A kind is a word with a space behind it, or an abbreviation, which may end in a dot without a space.
_KINDS = {
    "xã": r"xã[\s.]|x\.",
    "phường": r"phường[\s.]|p\.",
    "thị trấn": r"thị\s+trấn[\s.]|t\.?t[\s.]",
    "huyện": r"huyện[\s.]|h\.",
    "thị xã": r"thị\s+xã[\s.]|t\.?x[\s.]",
    "thành phố": r"thành\s+phố[\s.]|t\.?p[\s.]",
    "tỉnh": r"tỉnh[\s.]",
}
_KIND = re.compile("^(?:" + "|".join(f"({pattern})" for pattern in _KINDS.values()) + r")\s*(?=\S)")
_PLAIN_KINDS = dict(zip(("xa", "phuong", "thi tran", "huyen", "thi xa", "thanh pho", "tinh"), _KINDS, strict=True))
_PLAIN_KIND = re.compile(rf"^({'|'.join(_PLAIN_KINDS)})\s+(?=\S+\s+\S)")
"""The kind of unit without accents; “xa dung” is the commune Xa Dung and keeps its first word."""

_WHOLE = re.compile(
    r"(?:(?:toàn|toan|cả) (?:tỉnh|tinh|huyện|huyen|thị xã|thi xa|thành phố|thanh pho|xã|xa|phường|phuong)"
    r"|tỉnh điện biên|tinh dien bien)\b(?! phủ| phu| đông| dong)"
)
"""With its accent: “CA huyện” are the police of a district."""
_OF_NO_PLACE = frozenset(("tỉnh", "huyện", "toàn", "cả", "khác", "ngoài", "rõ"))
"""Words that no name of a unit has, spelled so."""

_LOOK_ALIKES = str.maketrans("ðɖıаеорсхуіѕјһԁвнкмт", "đđiaeopcxyisjhdbhkmt")
"""Eth and other letters that stand for đ, and Cyrillic ones that look Latin, in lower case or as capitals."""
_MARKS = re.compile(r"[-\u2010-\u2015\u2212_.,;'’`]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Soft hyphens, joiners and marks of direction, which come along when a text is copied from a web page."""
_TONE_BEHIND = re.compile("(o[ae]|(?<!q)uy)([\u0300\u0301\u0303\u0309\u0323])(?!\\w)")
"""Both hoà and hòa are written, but only quý."""
_SHORT = {"đbp": "điện biên phủ", "dbp": "dien bien phu"}
_VARIANTS = ((re.compile("y"), "i"), (re.compile("x"), "s"), (re.compile("tr"), "ch"), (re.compile(r"inh\b"), "in"))


def tidy(name: str) -> str:
    r"""Return the name in composed Unicode (NFC), with single spaces and without marks that cannot be seen.

    >>> tidy("  Na\u0300   Tòng\u200b ")
    'Nà Tòng'
    """
    if not name.isascii():
        name = _INVISIBLE.sub("", unicodedata.normalize("NFC", name))
    return " ".join(name.split())


def kind_of(name: str) -> str:
    """Return the kind of unit that the name begins with, or an empty text.

    >>> kind_of("TT. Tủa Chùa"), kind_of("tp ĐBP"), kind_of("xa muong nhe"), kind_of("Xa Dung")
    ('thị trấn', 'thành phố', 'xã', '')
    """
    lower = _lower(name)
    if match := _KIND.match(lower):
        return tuple(_KINDS)[(match.lastindex or 0) - 1]
    plain = _PLAIN_KIND.match(without_accents(_MARKS.sub(" ", lower)))
    return _PLAIN_KINDS[plain.group(1)] if plain else ""


def is_whole(name: str) -> bool:
    """Tell whether a text means a whole unit with all its parts, or the province: what stands beside it is a sum.

    >>> [is_whole(text) for text in ("Toàn tỉnh:", "Cả huyện", "Tỉnh Điện Biên", "CA huyện", "Tỏa Tình")]
    [True, True, True, False, False]
    """
    return _WHOLE.match(_lower(name)) is not None


def names_no_place(name: str) -> bool:
    """Tell whether a text has a word that no name of a place has: it is like none.

    >>> names_no_place("Ngoài tỉnh"), names_no_place("Tỏa Tình")
    (True, False)
    """
    return not _OF_NO_PLACE.isdisjoint(bare(name).split())


def bare(name: str) -> str:
    """Return the name in lower case without the kind of unit (xã, phường, huyện, …).

    Hyphens and look-alike letters are replaced, and tone marks stand where they used to (hòa, not hoà).

    >>> bare("Xã Xa Dung"), bare("TP.ĐBP"), bare("Toả-Tình")
    ('xa dung', 'điện biên phủ', 'tỏa tình')
    """
    text = tidy(_MARKS.sub(" ", _KIND.sub("", _lower(name))))
    if not text.isascii():
        text = unicodedata.normalize("NFC", _TONE_BEHIND.sub(_tone_first, unicodedata.normalize("NFD", text)))
    return _SHORT.get(text, text)


def fold(name: str) -> str:
    """Return the name in lower case without accents and without the kind of unit.

    Different places can fold alike (Nà Tòng and Na Tông): a folded match counts only when it is the only one.

    >>> fold("Xã Nà Tòng"), fold("Na Tông"), fold("THANH PHO DIEN BIEN PHU")
    ('na tong', 'na tong', 'dien bien phu')
    """
    plain = _PLAIN_KIND.sub("", without_accents(bare(name)))
    return _SHORT.get(plain, plain)


def sound(name: str) -> str:
    """Return a key that common spellings of one name share: i and y, s and x, ch and tr, -in and -inh, and spaces.

    >>> sound("Mường Lai") == sound("Mường Lay"), sound("Sính Thầu") == sound("Sín Thầu")
    (True, True)
    """
    key = fold(name)
    for letters, one in _VARIANTS:
        key = letters.sub(one, key)
    return key.replace(" ", "")


def _lower(name: str) -> str:
    return tidy(name).lower().translate(_LOOK_ALIKES)


def _tone_first(match: re.Match[str]) -> str:
    vowels, tone = match.groups()
    return f"{vowels[0]}{tone}{vowels[1]}"


def without_accents(text: str) -> str:
    """Return a text in lower case without its accents; đ becomes d."""
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
