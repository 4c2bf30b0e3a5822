"""Vietnamese text from before Unicode: found by what it reads as, and converted.

TCVN3 (the .VnTime fonts), VNI (the VNI-Times fonts), VPS, VISCII and Windows-1258 put Vietnamese letters where Western
Windows has others. Their text comes as bytes of a CSV file, or as cells of a workbook that look like ``§iÖn Biªn``
without the font they were typed in.
"""

import re
import unicodedata
from collections.abc import Iterable

from geo.errors import IntakeError
from geo.intake.vietnamese import LETTERS, TONES, VOWELS, is_syllable

ENOUGH = 5
"""So many more words must be Vietnamese in a charset than as they stand, for a few prove nothing: “où” and “thaï” of a
French text are “ó” and “thạ” in VNI."""

SOME = 3
"""So many words tell two old charsets apart, or show that a file is in both."""

MOST_ODD = 0.2
"""Which part of the words may be no Vietnamese in the charset that is found: abbreviations, foreign names, slips."""


def _runs(runs: dict[int, str]) -> dict[int, str]:
    return {start + place: letter for start, letters in runs.items() for place, letter in enumerate(letters)}


_TCVN3 = _runs(
    {
        0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
        0xB5: "àảãáạ",
        0xBB: "ằẳẵắ",
        0xC6: "ặầẩẫấậè",
        0xCE: "ẻẽéẹềểễếệìỉ",
        0xDC: "ĩíịò",
        0xE1: "ỏõóọồổỗốộờởỡớợù",
        0xF1: "ủũúụừửữứựỳỷỹýỵ",
    }
)
"""TCVN 5712:1993, set VN3. Toned capitals have no codes: they are the small letters in a font of capitals, .VnTimeH."""

_VNI = {
    **dict(zip("øûõùï", TONES, strict=True)),
    **dict(zip("âàåãáä", ("\u0302" + tone for tone in ("", *TONES)), strict=True)),
    **dict(zip("êèúüéë", ("\u0306" + tone for tone in ("", *TONES)), strict=True)),
    **dict(zip("ñôöìæóíòî", "đơưìỉĩíịỵ", strict=True)),
}
"""VNI for Windows: a vowel is followed by its marks, some letters have a code of their own. Here without the capitals,
whose codes are the capitals of the signs."""

_VPS = _runs(
    {
        0x02: "ẠẬẶẸỆ",
        0x10: "ỊỌỘỢỤỰ",
        0x19: "Ỵ",
        0x1C: "ẪỮ",
        0x80: "ÀẢÃẤẦẨọỗĂếềểệẮẰẲẾ",
        0x93: "ỀỂỄỐỒỔỖýỷỵỚỜỞ",
        0xA1: "ắằẳẵặỠớÙờởỡŨỨợỪổỬỲỸÍÌộỈĨÓửữÒỎÕựầÁÂấẩẫậđẻÉÊẹỉễịỹƯỦồốÔỏơÈừứÚũưÝẺ",
        0xE0: "àáâãảạă",
        0xE8: "èéêẽìí",
        0xEF: "ĩẴĐòóôõ",
        0xF7: "Ơụùúủ",
        0xFD: "ỶẼỳ",
    }
)
"""The font encoding of the Vietnamese Professionals Society, as Mozilla's ``x-viet-vps`` had it."""

_VISCII = _runs(
    {
        0x02: "Ẳ",
        0x05: "ẴẪ",
        0x14: "Ỷ",
        0x19: "Ỹ",
        0x1E: "Ỵ",
        0x80: "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ",
        0xC0: "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
    }
)
"""RFC 1456. Hardly used in Viet Nam, but so near to VPS that a few of its words could be taken for that."""

_WESTERN = {code: bytes([code]).decode("cp1252", errors="ignore") for code in range(0x80, 0x100)}
_SIGNS = "ªµº¹²³¼½¾"
"""What Python takes for letters or digits of a word and is neither in an office's table."""


def _table(codes: dict[int, str]) -> dict[int, str]:
    """Return what each character means, whether the bytes were read as Latin-1 or as Western Windows.

    Signs keep their meaning; a letter that the charset does not have becomes U+FFFD.
    """
    table = {code: letter for code, letter in codes.items() if code < 0x80}
    for code, western in _WESTERN.items():
        is_sign = western and (western in _SIGNS or not western.isalpha())
        for form in {chr(code), western or chr(code)}:
            table[ord(form)] = codes.get(code, western if is_sign else "\ufffd")
    return table


_TABLES = {
    "TCVN3": _table(_TCVN3),
    "VNI": _table({ord(form(sign)): form(text) for sign, text in _VNI.items() for form in (str.lower, str.upper)}),
    "VPS": _table(_VPS),
    "VISCII": _table(_VISCII),
    "Windows-1258": _table({code: bytes([code]).decode("cp1258") for code in range(0xC0, 0x100)}),
}

CHARSETS = tuple(_TABLES)
"""Names of the charsets."""

_ALL_LETTERS = LETTERS + LETTERS.upper()
_BEYOND_BYTES = re.compile(f"[{''.join(letter for letter in _ALL_LETTERS if ord(letter) > 0xFF)}\u0300-\u036f]")
_STRAY = re.compile(rf"(?![A-Za-z{_ALL_LETTERS}{_SIGNS}])[^\W\d_]|[\u0300-\u036f\ufffd]")
_TOKEN = re.compile(r"[^\t\n\r\x20-\x40\[-`{-\x7f]+")
_WORD = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
_TONED = frozenset("".join(VOWELS.values()))
_CAPITALS = re.compile(f"[A-ZĂÂĐÊÔƠƯ][{''.join(VOWELS.values())}]*[A-ZĂÂĐÊÔƠƯ]")
_TWO_LETTERS = re.compile(
    "|".join(f"{vowel.upper()}[{toned}]" for vowel, toned in VOWELS.items() if vowel != "o")
    + rf"|(?<![^\W\d_])O[{VOWELS['o']}]"  # but MOÓC has both letters
)


def read_as(text: str, charset: str | None) -> str | None:
    """Return the text that was meant, composed (NFC), or None if it cannot be text of that charset.

    Parameters
    ----------
    text
        Bytes read as Latin-1 or as Western Windows (cp1252), or a cell as it stands.
    charset
        One of `CHARSETS`; None for text that is what it looks like.
    """
    if charset is None:
        return unicodedata.normalize("NFC", text)
    if _BEYOND_BYTES.search(text):
        return None
    meant = unicodedata.normalize("NFC", text.translate(_TABLES[charset]))
    if charset == "TCVN3":
        meant = _with_capitals(meant)
    return None if _STRAY.search(meant) else meant


def from_legacy(text: str, charset: str) -> str:
    """Return a cell's text converted to Unicode (NFC); a cell that is not of the charset stays as it is.

    >>> from_legacy("§iÖn Biªn", "TCVN3"), from_legacy("Ñieän Bieân", "VNI"), from_legacy("Điện Biên", "VNI")
    ('Điện Biên', 'Điện Biên', 'Điện Biên')
    """
    meant = read_as(text, charset)
    return unicodedata.normalize("NFC", text) if meant is None else meant


def legacy_charset(texts: Iterable[str], file: str) -> str | None:
    """Find the charset that texts of a file were typed in; None if they are what they look like.

    Each word that is not plain ASCII is read in each charset; where hardly any is a Vietnamese syllable as it
    stands and nearly all are in one charset, that is the one.

    Parameters
    ----------
    texts
        Cells, or lines of bytes read as Latin-1; the heading too, for a few words decide nothing.
    file
        Name of the file, for the error.

    Raises
    ------
    IntakeError
        If some of the texts are in one charset and some in another.
    """
    words = {word for text in texts for word in _TOKEN.findall(text) if not word.isascii() or min(word) < " "}
    words = {word for word in words if any(letter.isalpha() for letter in word)}
    read = {charset: {word for word in words if _is_vietnamese(word, charset)} for charset in (None, *CHARSETS)}
    best = max(read, key=lambda charset: len(read[charset]))
    odd = words - read[best]
    other = max(read, key=lambda charset: len(read[charset] & odd))
    if len(read[other] & odd) >= max(SOME if best else ENOUGH, len(odd) / 2):
        raise IntakeError(
            "{file}: part of the text is in {one} and part in {other}; convert it all to Unicode, for example with "
            "UniKey, and add the file again",
            file=file,
            one=best or "Unicode",
            other=other or "Unicode",
        )
    lead = min(len(read[best]) - len(read[charset]) for charset in CHARSETS if charset != best)
    clear = len(read[best]) - len(read[None]) >= ENOUGH and lead >= SOME and len(odd) <= MOST_ODD * len(words)
    return best if clear else None


def _is_vietnamese(word: str, charset: str | None) -> bool:
    parts = _WORD.findall(read_as(word, charset) or "")
    return bool(parts) and all(map(is_syllable, parts))


def _with_capitals(text: str) -> str:
    """Restore the capitals with a tone, for which TCVN3 has no codes.

    Some write À as A and à; in a font of capitals it is à among capitals.
    """
    text = _TWO_LETTERS.sub(lambda found: found[0][1].upper(), text)
    if not _CAPITALS.search(text):
        return text  # as most lines
    return _WORD.sub(_all_capitals, _WORDS.sub(_all_capitals, text))


def _all_capitals(found: re.Match[str]) -> str:
    """Raise words whose other letters are all capitals, two of them in one word: “XÃ” is, “Nà” is not."""
    others = ["".join(letter for letter in word if letter not in _TONED) for word in found[0].split()]
    return found[0].upper() if "".join(others).isupper() and max(map(len, others)) > 1 else found[0]
