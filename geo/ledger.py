"""The hashes of a workspace's files, in the form that ``sha256sum -c`` reads too."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from geo.errors import WorkspaceError

LEDGER = "workspace.sha256"
_LINE = re.compile(r"^([0-9a-f]{64})  (.+)$")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_hashes(path: Path) -> dict[str, str]:
    """Return the hashes that a file lists, by the path relative to it, with ``/``.

    Raises
    ------
    WorkspaceError
        If a line is anything else.
    OSError
        If the file cannot be read.
    """
    try:
        return parse_hashes(path.read_text(encoding="utf-8"))
    except ValueError:  # also of bytes that are no UTF-8
        raise WorkspaceError("{file} is damaged: it lists no hashes", file=path.name) from None


def parse_hashes(text: str) -> dict[str, str]:
    """Return the hashes of a list, by path.

    Raises
    ------
    ValueError
        If a line is anything else.

    >>> parse_hashes("0" * 64 + "  a/b.csv")["a/b.csv"][:4]
    '0000'
    """
    found = [_LINE.match(line) for line in text.splitlines()]
    if not all(found):
        raise ValueError("a line without a hash")
    return {match[2]: match[1] for match in found if match}


def listed_hashes(hashes: Mapping[str, str]) -> str:
    """Return hashes as a list, in the order of the paths."""
    return "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))
