"""Models that a workspace keeps: one folder each, with the model and its card, and which of them is in use.

A model is a skops file of plain values and arrays (`models.risk_state`). It is opened only if its hash is that of the
card, and only if it holds nothing but those: no type of ours or of anybody else's is ever built from a file.
"""

import hashlib
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from pydantic import ValidationError

from geo.archive_limits import Limits
from geo.errors import ModelError
from models.model_card import ModelCard
from models.risk import RiskModel
from models.risk_state import from_state, to_state

MODEL, CARD, IN_USE = "model.skops", "card.json", "in_use.json"

LIMITS = Limits(members=1000, unpacked=2**30)
"""Of a model's file; one of this program has about twelve members."""

PLAIN = {
    ("DictNode", "builtins.dict"),
    ("ListNode", "builtins.list"),
    ("JsonNode", "builtins.str"),  # any plain value, as JSON writes it
    ("TypeNode", "builtins.str"),  # of the keys of a dict
    ("NdArrayNode", "numpy.ndarray"),
}
"""Everything that a model is made of. skops itself trusts hundreds of types more, all estimators of
scikit-learn among them."""

_BROKEN = (
    BadZipFile, KeyError, IndexError, ValueError, TypeError, AttributeError, OSError, EOFError, RuntimeError,
    MemoryError,
)  # fmt: skip
"""What reading a file that is not ours can end in."""


def write_model(path: Path, model: RiskModel) -> str:
    """Write a fitted model as a skops file and return its SHA-256."""
    import skops.io  # It imports every estimator there is, which only those who store or load a model should wait for.

    skops.io.dump(to_state(model), path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Registry:
    """The models of a workspace, read only.

    Parameters
    ----------
    folder
        Where they lie; it need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Return the models, the oldest first."""
        return sorted(path.parent.name for path in self.folder.glob(f"*/{CARD}"))

    def in_use(self) -> str | None:
        """Return the name of the model in use, if one is.

        Raises
        ------
        ModelError
            If what says so is damaged, or names a model that is not there.
        """
        path = self.folder / IN_USE
        if not path.exists():
            return None
        try:
            name = json.loads(path.read_text(encoding="utf-8"))["model"]
        except _BROKEN:
            raise ModelError(
                "{file} is damaged: promote a model again with diemnong promote MODEL, after deleting it", file=IN_USE
            ) from None
        self._check(name)
        return str(name)

    def card(self, name: str) -> ModelCard:
        """Return the card of a model.

        Raises
        ------
        ModelError
            If there is no such model, or its card is damaged.
        """
        self._check(name)
        try:
            return ModelCard.model_validate_json((self.folder / name / CARD).read_text(encoding="utf-8"))
        except (ValidationError, UnicodeDecodeError, OSError):
            raise ModelError("The card of the model {name} is damaged; train another model", name=name) from None

    def load(self, name: str) -> RiskModel:
        """Return a model as it was stored.

        Raises
        ------
        ModelError
            If there is no such model, or its file is not the one that was stored or holds anything but a model.
        """
        card = self.card(name)
        try:
            data = (self.folder / name / MODEL).read_bytes()
        except OSError:
            raise ModelError("The file of the model {name} cannot be read; train another model", name=name) from None
        if hashlib.sha256(data).hexdigest() != card.sha256:
            raise ModelError(
                "The file of the model {name} is torn or was changed since it was stored; train another model",
                name=name,
            )
        try:
            return from_state(_opened(data))
        except _BROKEN:
            raise ModelError("The file of the model {name} does not hold a model of this program", name=name) from None

    def _check(self, name: str) -> None:
        known = self.names()
        if name not in known:
            raise ModelError("There is no model {name}; there are: {known}", name=name, known=", ".join(known) or "–")


def _opened(data: bytes) -> Any:
    """Return what a skops file holds, if it is plain.

    Raises
    ------
    ModelError
        If it would build anything but `PLAIN`, or is larger than `LIMITS`; nothing of it has been built then.
    """
    import skops.io

    with ZipFile(BytesIO(data)) as archive:
        if passed := LIMITS.passed_by(archive.infolist(), len(data)):
            raise ModelError("A model's file is not opened: {why}", why=passed)
        kinds = set(_kinds(json.loads(archive.read("schema.json"))))
    strange = {kind for loader, kind in kinds if (loader, kind) not in PLAIN}
    if strange:
        raise ModelError(
            "A model's file holds only numbers and texts; this one also names {types} and is not opened",
            types=", ".join(sorted(strange)),
        )
    return skops.io.loads(data, trusted=[])


def _kinds(part: Any) -> Iterator[tuple[str, str]]:
    """Yield how and as what each part of a skops schema would be built."""
    if isinstance(part, dict):
        if not part.keys().isdisjoint(("__loader__", "__module__", "__class__")):
            yield str(part.get("__loader__")), f"{part.get('__module__')}.{part.get('__class__')}"
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _kinds(each)
