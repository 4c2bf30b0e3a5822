"""Text as offices typed it before Unicode: the inverse of what intake does, from tables that are not its own.

TCVN3: ``iconv -f UTF-8 -t TCVN5712-1`` of glibc 2.36. VNI: the table of the input method xvnkb (``vni.h``), which
differs nowhere from the 130 letters that viparse 0.1.31 has. VPS: Mozilla's ``intl/uconv/ucvlatin/vps.ut``, which
differs nowhere from viparse 0.1.31. VISCII: ``encode("viscii", …)`` of Perl's Encode 3.17, which differs nowhere from
glibc 2.36. Windows-1258: Python's codec, tones as combining marks.
"""

import unicodedata

from geo.boundaries import facts
from geo.schema import VINTAGES

SMALL = "đàảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"

_TCVN3 = bytes.fromhex(
    "aeb5b6b7b8b9a8bbbcbdbec6a9c7c8c9cacbcccecfd0d1aad2d3d4d5d6d7d8dcdddedfe1e2e3e4abe5e6e7e8e9aceaebecedeeeff1f2f3f4"
    "adf5f6f7f8f9fafbfcfdfe"
)
_VPS_SMALL = bytes.fromhex(
    "c7e0e4e3e1e5e6a2a3a4a1a5e2c0c4c5c3c6e8c8ebe9cbea8a8bcd898cecccefedcef2d5f5f386f4d2b087d3b6d6a9aaaba7aef9fbdbfaf8"
    "dcd8babbd9bfff9bcf9a9c"
)
_VPS_CAPITALS = bytes.fromhex(
    "f1808182c102888e8ff08d04c284851c8303d7defec905ca9394959006b5b7b8b410bcbdbeb911d49798999612f79e9fa69d13a8d1acda14"
    "d0afb11dad15b2fdb3dd19"
)
_VISCII_SMALL = bytes.fromhex(
    "f0e0e4e3e1d5e5a2c6c7a1a3e2a5a6e7a4a7e8eba8e9a9eaabacadaaaeecefeeedb8f2f6f5f3f7f4b0b1b2afb5bdb6b7debefef9fcfbfaf8"
    "dfd7d8e6d1f1cfd6dbfddc"
)
_VISCII_CAPITALS = bytes.fromhex(
    "d0c0c4c3c180c58202058183c28586068487c8cb88c989ca8b8c8d8a8ecc9bcecd98d299a0d39ad49091928f93b49697b39594d99c9dda9e"
    "bfbbbcffbab99f1419dd1e"
)
_VNI = (
    "ñ aø aû aõ aù aï aê aè aú aü aé aë aâ aà aå aã aá aä eø eû eõ eù eï eâ eà eå eã eá eä ì æ ó í ò oø oû oõ où oï "
    "oâ oà oå oã oá oä ô ôø ôû ôõ ôù ôï uø uû uõ uù uï ö öø öû öõ öù öï yø yû yõ yù î"
)


def _windows_1258(letter):
    """The vowel as the code page has it, and its tone behind it."""
    marks = unicodedata.normalize("NFD", letter)
    tones = "".join(mark for mark in marks if mark in "\u0300\u0309\u0303\u0301\u0323")
    vowel = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in tones))
    return (vowel + tones).encode("cp1258").decode("latin-1")


TYPED = {
    "TCVN3": {
        **dict(zip(SMALL, _TCVN3.decode("latin-1"), strict=True)),
        **dict(zip(SMALL.upper(), _TCVN3.decode("latin-1"), strict=True)),  # the font makes them capitals
        **dict(zip("ĂÂĐÊÔƠƯ", "\xa1\xa2\xa7\xa3\xa4\xa5\xa6", strict=True)),
    },
    "VNI": {
        **dict(zip(SMALL, _VNI.split(), strict=True)),
        **dict(zip(SMALL.upper(), _VNI.upper().split(), strict=True)),
    },
    "VPS": {
        **dict(zip(SMALL, _VPS_SMALL.decode("latin-1"), strict=True)),
        **dict(zip(SMALL.upper(), _VPS_CAPITALS.decode("latin-1"), strict=True)),
    },
    "VISCII": {
        **dict(zip(SMALL, _VISCII_SMALL.decode("latin-1"), strict=True)),
        **dict(zip(SMALL.upper(), _VISCII_CAPITALS.decode("latin-1"), strict=True)),
    },
    "Windows-1258": {letter: _windows_1258(letter) for letter in SMALL + SMALL.upper()},
}
"""For each charset from a letter to its bytes, read as Latin-1."""


def typed(text, charset):
    return "".join(TYPED[charset].get(letter, letter) for letter in text)


NAMES = sorted(
    {name for vintage in VINTAGES for name in facts(vintage)[["name", "district"]].to_numpy().ravel() if name == name}
)
"""All names of communes and districts of the province, of both vintages."""

OFFICE_WORDS = ["Ngày phát hiện", "Số nạn nhân", "Hội Liên hiệp Phụ nữ", "Bộ đội Biên phòng", "Đã giải cứu", "Tuổi"]
