"""Changes of a workspace: whole or not at all, and by one process at a time.

A change is staged in a draft: the files that are new or different, a list of those that go, and the hashes of all. Then
the draft is renamed to `COMMIT`, and at this stroke the change is made; the files are put in their places by renames
that can be done again. So a process that is killed leaves either a draft, which the next change sweeps away, or a
`COMMIT`, which it finishes first.

Where the layers are in a database, it decides: see `geo.postgis`.
"""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from geo.durable import DRAFT, FORMER, WRITE_FAILURES, drafted, settle_folder, sweep, why_not
from geo.errors import WorkspaceError
from geo.geopackage import STORE, write_frames
from geo.ledger import LEDGER, listed_hashes, read_hashes, sha256_of
from geo.store import SharedChange
from geo.store_address import SETTINGS
from geo.stores import store_in

LOCK, COMMIT = ".lock", ".commit"
PATIENCE_S = 2.0
"""How long a command waits for another one: those that compute for long hold the lock only while they store."""

OUTPUTS = ("runs", "plans", "evaluations", "audits", "public")
"""Folders whose outputs are whole by themselves: each appears at one stroke, and `run.json` holds its hashes."""

ALONE = (SETTINGS, STORE, "terrain.tif", "backups.json", "publications.sqlite")
"""Files of the workspace's top of which hashes are kept."""

_FILES, _GONE, _ID = "files", "gone", "id"


class Change:
    """What a command changes, staged.

    Parameters
    ----------
    folder
        The workspace.
    stage
        The draft in which it is staged.
    shared
        The change of the database that is made with it, where the layers are in one.
    """

    def __init__(self, folder: Path, stage: Path, shared: SharedChange | None = None) -> None:
        self._folder, self._stage, self._shared = folder, stage, shared
        self._gone: set[str] = set()

    def draft(self, path: Path) -> Path:
        """Return where to write a file of the workspace, which it will replace."""
        staged = self._stage / _FILES / path.relative_to(self._folder)
        staged.parent.mkdir(parents=True, exist_ok=True)
        return staged

    def new_folder(self, path: Path) -> Path:
        """Return where to write the files of a new folder of the workspace.

        Raises
        ------
        WorkspaceError
            If it is there already.
        """
        if path.exists():
            raise WorkspaceError("{folder} is there already; do it again", folder=path.name)
        staged = self.draft(path)
        staged.mkdir()
        return staged

    def write(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Replace tables of the store; see `geo.store.Store.write`."""
        if self._shared:
            self._shared.write(frames)
            return
        store, staged = self._folder / STORE, self.draft(self._folder / STORE)
        if store.exists() and not staged.exists():
            shutil.copyfile(store, staged)
        write_frames(staged, frames)

    def remove(self, path: Path) -> None:
        """Let a file or a folder go, if it is there and is not written anew."""
        if path.exists():
            self._gone.add(path.relative_to(self._folder).as_posix())

    def complete(self) -> None:
        """Add the hashes and the list of what goes; without anything to change, the stage goes."""
        root = self._stage / _FILES
        staged = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
        gone = self._gone - staged.keys()
        if not staged and not gone:
            shutil.rmtree(self._stage)
            return
        if self._shared and self._shared.wrote:
            (self._stage / _ID).write_text(self._shared.id, encoding="utf-8")
        kept = {path: digest for path, digest in _hashes(self._folder).items() if not _under(path, gone)}
        if self._shared:
            kept.pop(STORE, None)  # left from before the layers were in a database, and no part of it any more
        hashes = kept | {path: sha256_of(file) for path, file in staged.items()}
        self.draft(self._folder / LEDGER).write_text(listed_hashes(hashes), encoding="utf-8")
        (self._stage / _GONE).write_text("".join(f"{path}\n" for path in sorted(gone)), encoding="utf-8")


@contextmanager
def changing(folder: Path, address: str | None = None) -> Iterator[Change]:
    """Give a change of a workspace, which is made on leaving without an error.

    Parameters
    ----------
    folder
        The workspace.
    address
        Of the database with its layers; by default as its settings say.

    Raises
    ------
    WorkspaceError
        If another process is at work there, the folder or the database cannot be written, or the disk is full; nothing
        is then changed.
    """
    with locked(folder, address) as shared:
        try:
            with drafted(folder / COMMIT, folder=True) as stage:
                change = Change(folder, stage, shared)
                yield change
                change.complete()
        except WRITE_FAILURES as error:
            if _is_of_another_file(error, folder):
                raise
            raise _unwritten(error, folder) from None
        if shared:
            shared.commit()
        finish(folder)


@contextmanager
def locked(folder: Path, address: str | None = None) -> Iterator[SharedChange | None]:
    """Keep other processes from changing a workspace; what a killed one left is finished or swept away first.

    Gives the change of the database that its layers are in, if they are in one; see `changing`.

    Raises
    ------
    WorkspaceError
        If another process is at work there, the folder cannot be written, or the database cannot be reached.
    """
    lock = FileLock(folder / LOCK, timeout=PATIENCE_S)
    try:
        lock.acquire()
    except Timeout:
        raise WorkspaceError(
            "Another diemnong is at work in {folder}; wait until it is done, or try later", folder=folder.name
        ) from None
    except OSError as error:
        raise _unwritten(error, folder) from None
    try:
        with store_in(folder, address).changing() as shared:
            _decide(folder, shared)
            finish(folder)
            for place in (folder, *(folder / name for name in OUTPUTS)):
                sweep(place)
            yield shared
    finally:
        lock.release()


def _decide(folder: Path, shared: SharedChange | None) -> None:
    """Let the files of a change go whose rows never came into the database.

    Raises
    ------
    WorkspaceError
        If the settings do not name the database any more.
    """
    commit = folder / COMMIT
    if not (commit / _ID).exists():
        return
    if shared is None:
        raise WorkspaceError(
            "{folder}: a change of the database was not finished; name the database in {settings} as before",
            folder=folder.name,
            settings=SETTINGS,
        )
    if not shared.was_made((commit / _ID).read_text(encoding="utf-8")):
        # At one stroke: half of it without its id would be taken for a change of files alone.
        commit.rename(commit.with_name(f"{DRAFT}{secrets.token_hex(4)}.{COMMIT}"))


def finish(folder: Path) -> None:
    """Put the files of a change that is made in their places; those that are there already are passed over.

    Raises
    ------
    WorkspaceError
        If a file cannot be moved.
    """
    commit = folder / COMMIT
    root = commit / _FILES
    try:
        # The store first, because it is what readers read; the hashes last.
        for staged in sorted(root.rglob("*"), key=lambda path: (path.name == LEDGER, path.name != STORE, path)):
            target = folder / staged.relative_to(root)
            if staged.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(target)
            settle_folder(target.parent)
            settle_folder(target.parent.parent)
        for path in _lines(commit / _GONE):
            _remove(folder / path)
        shutil.rmtree(commit, ignore_errors=True)
    except OSError as error:
        raise WorkspaceError(
            "The change is made, but {folder} cannot be written: {why}; the next command that changes it goes on",
            folder=folder.name,
            why=error.strerror,
        ) from None


def current(folder: Path, path: str) -> Path:
    """Return where a file of a workspace is: a change that was made and not finished holds the newer one."""
    staged = folder / COMMIT / _FILES / path
    return staged if staged.exists() else folder / path


def pending_removals(folder: Path) -> list[str]:
    """Return what a change that was made and not finished lets go."""
    return _lines(folder / COMMIT / _GONE)


def is_passing(name: str) -> bool:
    """Tell whether a file of the workspace's top is there only while something is written."""
    return name in (LOCK, COMMIT) or name.startswith((DRAFT, FORMER))


def _hashes(folder: Path) -> dict[str, str]:
    """Return the hashes as they are kept or, of a workspace without any, as the files are."""
    if (folder / LEDGER).exists():
        return read_hashes(folder / LEDGER)
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in watched(folder)}


def watched(folder: Path) -> list[Path]:
    """Return the files of which hashes are kept in the ledger: all but outputs, what passes, and the user's own."""
    alone = [folder / name for name in ALONE]
    within = [path for name in ("intake", "models") for path in (folder / name).rglob("*")]
    return sorted(path for path in (*alone, *within) if path.is_file())


def _unwritten(error: Exception, folder: Path) -> WorkspaceError:
    return WorkspaceError.of(why_not(error, folder / STORE), folder=folder.name)


def _is_of_another_file(error: Exception, folder: Path) -> bool:
    """Tell whether an error names a file outside the workspace: the one that is being added, for example."""
    name = getattr(error, "filename", None)
    return name is not None and not Path(os.fsdecode(name)).absolute().is_relative_to(folder.absolute())


def _under(path: str, gone: set[str]) -> bool:
    return any(path == each or path.startswith(each + "/") for each in gone)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    settle_folder(path.parent)
