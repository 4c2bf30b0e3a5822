"""Vietnamese place names compared without their spelling's accidents."""

import re
import unicodedata

_KIND = re.compile(r"^(xã|phường|thị trấn|tt\.?|huyện|thị xã|tx\.?|thành phố|tp\.?|tỉnh)\s+")
_PLAIN_KIND = re.compile(r"^(xa|phuong|thi tran|huyen|thi xa|thanh pho|tinh)\s+(?=\S+\s+\S)")
"""The kind of unit, written with accents or without; “xa dung” is the commune Xa Dung and keeps its first word."""


def tidy(name: str) -> str:
    r"""Return the name in composed Unicode (NFC), with single spaces.

    >>> tidy("  Na\u0300   Tòng ")
    'Nà Tòng'
    """
    return " ".join(unicodedata.normalize("NFC", name).split())


def bare(name: str) -> str:
    """Return the name in lower case without the kind of unit (xã, phường, huyện, …).

    >>> bare("Xã Xa Dung"), bare("TP. Điện Biên Phủ")
    ('xa dung', 'điện biên phủ')
    """
    return _KIND.sub("", tidy(name).lower())


def fold(name: str) -> str:
    """Return the name in lower case without accents and without the kind of unit.

    Different places can fold alike (Nà Tòng and Na Tông): a folded match counts only when it is the only one.

    >>> fold("Xã Nà Tòng"), fold("Na Tông"), fold("THANH PHO DIEN BIEN PHU")
    ('na tong', 'na tong', 'dien bien phu')
    """
    letters = unicodedata.normalize("NFD", bare(name).replace("đ", "d"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _PLAIN_KIND.sub("", plain)
