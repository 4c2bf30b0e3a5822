"""Texts of any content as XML."""

import re
from pathlib import Path
from xml.etree.ElementTree import Comment, Element, indent, tostring

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 file can hold, not even escaped."""


def clean(text: str) -> str:
    r"""Return a text without the control characters that XML cannot hold.

    >>> clean("Đồn\x00 <A>")
    'Đồn <A>'
    """
    return _NOT_XML.sub("", text)


def as_xml(root: Element, note: str = "") -> bytes:
    """Return a document in UTF-8, the note as a comment in its second line."""
    indent(root)
    # Two hyphens would end the comment.
    comment = tostring(Comment(f" {clean(note).replace('--', '–')} "), encoding="unicode") + "\n" if note else ""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{comment}{tostring(root, encoding="unicode")}\n'
    return text.encode()


def write_xml(path: Path, root: Element, note: str = "") -> None:
    """Write `as_xml` into a file."""
    path.write_bytes(as_xml(root, note))
