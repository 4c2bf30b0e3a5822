"""Whether the files of a workspace are as the program wrote them: hashes, the store's pages, models, outputs."""

import json
import os
import sqlite3
import tomllib
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from geo.archive_limits import ARCHIVE_ERRORS
from geo.change import ALONE, OUTPUTS, current, is_passing, locked, pending_removals, watched
from geo.errors import DiemnongError, Message, WorkspaceError
from geo.geopackage import STORE
from geo.intake.persons import persons
from geo.ledger import LEDGER, read_hashes, sha256_of
from geo.seal import broken
from geo.store_address import address_in
from geo.stores import store_in
from geo.workspace import SETTINGS, Workspace
from maps.release import MANIFEST
from maps.text import translate
from models.registry import CARD, MODEL, Registry
from workflow.intake_folder import FIXLIST
from workflow.linking import FILE as LINKS

EXIT_CODE = 4
"""Of the command when something is damaged, changed, missing or unknown."""


@dataclass(frozen=True)
class Verified:
    """What became of the files.

    Attributes
    ----------
    checked
        How many files were compared with their hashes.
    damaged, changed, missing, unknown
        Paths: other bytes; other bytes but a sound GeoPackage; not there; not ours.
    edited
        Files that planners edit (settings, fix lists, lists of links), and did; they are sound.
    own
        Files and folders at the workspace's top that are the user's: nothing is known of them.
    left
        Files from before the layers were in a database.
    """

    checked: int = 0
    damaged: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    refused: bool = field(default=False, init=False)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged, changed, missing or unknown."""
        return not (self.damaged or self.changed or self.missing or self.unknown)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""
        said = [
            *(Message("damaged: {file}", {"file": file}) for file in self.damaged),
            *(
                Message("changed since it was written, by another program or by decay: {file}", {"file": file})
                for file in self.changed
            ),
            *(Message("missing: {file}", {"file": file}) for file in self.missing),
            *(Message("unknown, not written by this program: {file}", {"file": file}) for file in self.unknown),
            *(Message("edited by hand since it was written: {file}", {"file": file}) for file in self.edited),
            *(
                Message("{file} is left from before the layers were in a database: delete it", {"file": file})
                for file in self.left
            ),
        ]
        if self.own:
            said.append(Message("{n} files or folders of your own are not checked", {"n": len(self.own)}))
        if self.is_whole:
            said.append(Message("{n} files checked: all are as they were written", {"n": self.checked}))
        else:
            bad = len(self.damaged) + len(self.changed) + len(self.missing) + len(self.unknown)
            said.append(
                Message(
                    "{n} files checked; {bad} are not as they were written: restore a backup, or make these anew",
                    {"n": self.checked, "bad": bad},
                )
            )
        return tuple(said)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        lists = ("damaged", "changed", "missing", "unknown", "edited", "own", "left")
        return {
            "checked": self.checked,
            **{name: list(getattr(self, name)) for name in lists},
            "messages": [translate(message, "en") for message in self.messages],
        }


def verify(folder: Path) -> Verified:
    """Compare every file of a workspace with its hash, and check the pages of the store.

    What a killed process left is finished or swept away first; in a folder that cannot be written it is looked through.

    Parameters
    ----------
    folder
        The workspace; its settings need not be readable.

    Raises
    ------
    WorkspaceError
        If it is no workspace, or another process is at work there.
    """
    if not any(current(folder, name).exists() for name in (SETTINGS, STORE, LEDGER)):
        Workspace(folder)
    with locked(folder) if os.access(folder, os.W_OK) else nullcontext():
        found: dict[str, list[str]] = defaultdict(list)
        checked = _check_ledger(folder, found) + _check_outputs(folder, found)
        found["changed"] += _altered_tables(folder)
        _check_models(folder, found)
        known = {*ALONE, LEDGER, "intake", "models", *OUTPUTS}
        found["own"] = [path.name for path in folder.iterdir() if path.name not in known and not is_passing(path.name)]
    return Verified(checked, **{kind: tuple(sorted(set(paths))) for kind, paths in found.items()})


def _check_ledger(folder: Path, found: dict[str, list[str]]) -> int:
    """Compare the files that the ledger names, and name those that it does not; return how many it names."""
    hashes: dict[str, str] = {}
    ledger = current(folder, LEDGER)
    try:
        hashes = read_hashes(ledger)
    except OSError:
        found["missing"].append(LEDGER)
    except WorkspaceError:
        found["damaged"].append(LEDGER)
    if address_in(folder):
        hashes.pop(STORE, None)
    for path, digest in hashes.items():
        if kind := _kind(current(folder, path), path, digest):
            found[kind].append(path)
    if STORE in hashes and STORE not in found["missing"] and not _is_sound_store(current(folder, STORE)):
        found["damaged"].append(STORE)
    gone = pending_removals(folder)
    for file in watched(folder):
        path = file.relative_to(folder).as_posix()
        if path == STORE and address_in(folder):
            found["left"].append(path)
        elif path not in hashes and not any(path == each or path.startswith(each + "/") for each in gone):
            found["unknown"].append(str(Path(path).with_name(persons().masked_file(file.name))))
    return len(hashes)


def _altered_tables(folder: Path) -> list[str]:
    """Return the tables of the workspace's database that other programs changed."""
    store = store_in(folder)
    return [f"{store.name}/{table}" for table in store.altered()]


def _kind(file: Path, path: str, digest: str) -> str | None:
    """Say what is wrong with a file, if anything is."""
    try:
        if sha256_of(file) == digest:
            return None
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "damaged"
    if path == STORE:
        return "changed" if _is_sound_store(file) else "damaged"
    sound = _EDITED_BY_PLANNERS.get(file.name)
    return "edited" if sound and sound(file) else "damaged"


def _check_models(folder: Path, found: dict[str, list[str]]) -> None:
    """Compare each model with its card, and see that the one in use is there."""
    registry = Registry(folder / "models")
    for name in registry.names():
        model = registry.folder / name / MODEL
        try:
            whole = (
                model.exists() and sha256_of(model) == json.loads((registry.folder / name / CARD).read_text())["sha256"]
            )
        except (OSError, ValueError, KeyError, TypeError):
            whole = False
        if not whole and f"models/{name}/{MODEL}" not in found["missing"]:
            found["damaged"].append(f"models/{name}/{MODEL}")
    try:
        registry.in_use()
    except DiemnongError:
        found["damaged"].append("models/in_use.json")


def _check_outputs(folder: Path, found: dict[str, list[str]]) -> int:
    checked = 0
    for output in sorted(path for name in OUTPUTS for path in (folder / name).glob("[!.]*") if path.is_dir()):
        seal, where = broken(output, MANIFEST), output.relative_to(folder).as_posix()
        checked += sum(path.is_file() for path in output.rglob("*")) - len(seal.unknown)
        for kind in ("damaged", "missing", "unknown"):
            found[kind] += [f"{where}/{path}" for path in getattr(seal, kind)]
    return checked


def _is_sound_store(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)) as store:
            return bool(store.execute("PRAGMA integrity_check").fetchall() == [("ok",)])
    except sqlite3.Error:
        return False


def _is_sound_toml(file: Path) -> bool:
    try:
        tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def _is_sound_workbook(file: Path) -> bool:
    try:
        with ZipFile(file) as book:
            return book.testzip() is None
    except ARCHIVE_ERRORS:
        return False


_EDITED_BY_PLANNERS: dict[str, Callable[[Path], bool]] = {
    SETTINGS: _is_sound_toml,
    FIXLIST: _is_sound_workbook,
    LINKS: _is_sound_workbook,
}
"""Files that are made to be edited, and how to tell that from damage."""
