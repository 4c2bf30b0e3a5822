"""Compile the Vietnamese catalogue; `make locale` calls this.

Templates are filled by `str.format` only. Babel takes "5 % of" for the %-style as well, and would refuse it.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = Path(__file__).parent / "vi" / "LC_MESSAGES" / "diemnong.po"


def catalogue() -> Catalog:
    """Return the catalogue, its messages free of a style that they are not in."""
    with SOURCE.open("rb") as stream:
        read = read_po(stream, locale="vi", domain="diemnong")
    for message in read:
        message.flags.discard("python-format")
    return read


if __name__ == "__main__":
    messages = catalogue()
    errors = [f"{message.id}: {error}" for message, found in messages.check() for error in found]
    if errors:
        sys.exit("\n".join(errors))
    with SOURCE.with_suffix(".mo").open("wb") as target:
        write_mo(target, messages)
