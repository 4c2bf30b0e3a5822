"""What became of a file that was added."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import Message
from maps.text import translate


@dataclass(frozen=True)
class Added:
    """What became of a file.

    Attributes
    ----------
    kind, file
        What it was added as, and its name.
    read, accepted, rejected
        Numbers of rows (features, for a layer); read = accepted + rejected.
    repaired, known, unplaced
        Of the accepted rows: those of which a cell was changed in reading, those that the workspace had already, and
        those without a commune.
    messages
        What to tell the user, in order.
    refused
        Whether anything was rejected, or the layer was not taken.
    fixlist
        The fix list with the rejected rows, if there is one.
    intake_id
        What ``diemnong undo`` takes, for records that were added.
    """

    kind: str
    file: str
    read: int
    accepted: int
    rejected: int = 0
    repaired: int = 0
    known: int = 0
    unplaced: int = 0
    messages: tuple[Message, ...] = ()
    refused: bool = False
    fixlist: Path | None = None
    intake_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        plain = {name: value for name, value in vars(self).items() if name not in ("messages", "fixlist")}
        return {
            **plain,
            "messages": [translate(message, "en") for message in self.messages],
            "fixlist": str(self.fixlist) if self.fixlist else None,
        }
