"""Texts that a spreadsheet would run as a formula: marked as texts in a CSV, and read as what they were before."""

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With what a cell begins that spreadsheets may run: OWASP's list for CSV injection, full-width signs included."""

_MARK = "'"
_LATER = re.compile(r'(?<=[;\t\r\n])(?=["\s]*[=+\-@＝＋－＠])')
"""Where a cell would begin for a program that takes a semicolon, a tab or a line end for the end of one: quotes in the
middle of what it takes for a cell do not hold that together."""


def marked(text: str) -> str:
    r"""Return a text as it may stand in a CSV: no cell of it is a formula, with whatever delimiter it is read.

    >>> marked("=1+1"), marked("a;=1+1"), marked("a - b; c")
    ("'=1+1", "a;'=1+1", 'a - b; c')
    """
    later = _LATER.sub(_MARK, text)
    return _MARK + later if _is_formula(later) else later


def unmarked(text: str) -> str:
    """Return a cell of a CSV without the mark before its beginning; an apostrophe before anything else stays.

    >>> unmarked("'-5"), unmarked("'a"), unmarked("a;'-5")
    ('-5', "'a", "a;'-5")
    """
    return text[1:] if text.startswith(_MARK) and _is_formula(text[1:]) else text


def _is_formula(text: str) -> bool:
    return text.startswith(FORMULA) or text.lstrip().startswith(FORMULA)
