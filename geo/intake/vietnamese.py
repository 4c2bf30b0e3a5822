"""The letters of Vietnamese, and what its spelling allows a syllable to be.

A text read in the wrong character set is still made of letters; it gives itself away because hardly any of its words
can be a syllable. No list of words is needed: spelling is strict, and a name of a person or a village obeys it too.
"""

import re
import unicodedata

TONES = "\u0300\u0309\u0303\u0301\u0323"
"""The marks of the five tones that are written: huyền, hỏi, ngã, sắc, nặng."""

VOWELS = {vowel: "".join(unicodedata.normalize("NFC", vowel + tone) for tone in TONES) for vowel in "aăâeêioôơuưy"}
"""From each vowel in lower case to its five forms with a tone."""

LETTERS = "đ" + "".join(vowel + toned for vowel, toned in VOWELS.items())
"""The vowels and đ in lower case; with their capitals 146 letters, of which 134 are not in ASCII."""

_SYLLABLE = re.compile(
    r"(?:b|ch?|d|đ|gh?|gi|h|kh?|l|m|ngh?|nh|n|ph?|qu|r|s|th?|tr|v|x)?"
    r"(?:i?a|ai|a[ouy]|â[uy]|eo?|êu?|i|iu|iêu|yêu|oa|oai|oa[oy]|oeo?|oi?|ôi?|ơi?"
    r"|u|ua|ui|uôi|uơ|uê|uy|uya|uyu|uây|ư|ưa|ưi|ưu|ươ[iu]|y"
    r"|(?:o?[aăe]|u?[âê]|iê?|yê?|o|oo|ô|ơ|uô?|uyê?|ư|ươ)(?:m|n|ng|(?P<stop>[cpt]))"
    r"|(?:o?a|u?ê|i|u?y)(?:nh|(?P<hard_stop>ch)))"
)


def is_syllable(word: str) -> bool:
    """Tell whether a word of letters can be one Vietnamese syllable: one tone at most, and before a stop only two.

    >>> [is_syllable(word) for word in ("Điện", "BIÊN", "Noong", "việt", "viềt", "Điộn", "Zürich")]
    [True, True, True, True, False, False, False]
    """
    marked = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in marked if mark in TONES]
    plain = unicodedata.normalize("NFC", "".join(mark for mark in marked if mark not in TONES))
    found = _SYLLABLE.fullmatch(plain)
    if found is None or len(tones) > 1:
        return False
    return not (found["stop"] or found["hard_stop"]) or tones in (["\u0301"], ["\u0323"])
