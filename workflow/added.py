"""What became of a file that was added."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.checks import Finding
from geo.errors import Message
from geo.intake import Intake
from geo.intake.persons import persons
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

    @classmethod
    def of(cls, intake: Intake, messages: Iterable[Message], *, dry_run: bool, **others: Any) -> "Added":
        """Return what became of an intake's rows; ``others`` are numbers that it does not hold by itself.

        Of an intake for show the messages say at last that nothing was written.
        """
        closing = (Message("Nothing was written"),) if dry_run else ()
        return cls(
            intake.table,
            intake.raw.path.name,
            intake.read,
            len(intake.accepted),
            len(intake.rejections),
            messages=(*messages, *closing),
            refused=bool(intake.rejections),
            **others,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        plain = {name: value for name, value in vars(self).items() if name not in ("messages", "fixlist")}
        return {
            **plain,
            "messages": [translate(message, "en") for message in self.messages],
            "fixlist": str(self.fixlist) if self.fixlist else None,
        }


def layer_added(name: str, file: Path, n: int, findings: Iterable[Finding], *, usable: bool, dry_run: bool) -> Added:
    """Return what became of a layer of n features: what its checks found, and whether it was taken."""
    shown = persons().masked_file(file.name)
    values = {"file": shown, "kind": Message(name), "n": n}
    if not usable:
        closing = Message("{file}: the layer was not taken; mend the errors above or allow a repair", values)
    elif dry_run:
        closing = Message("{file}: {n} features could be taken as {kind}; nothing was written", values)
    else:
        closing = Message("{file}: {n} features taken as {kind}", values)
    messages = (*(finding.as_message() for finding in findings), closing)
    return Added(name, shown, n, n if usable else 0, messages=messages, refused=not usable)
