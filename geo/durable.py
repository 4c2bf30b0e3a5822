"""Files that appear whole and stay: a draft beside the target reaches the disk and then takes the target's place.

A draft is named ``.draft.<token>.<name>`` and is locked while it is written, so that what a killed process left can be
told from what another one is just writing.
"""

import errno
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from geo.errors import Message
from geo.vector import WRITE_ERRORS

DRAFT = ".draft."
FORMER = ".former."
"""What a folder is called for the moment in which another one takes its place."""

WRITE_FAILURES = (OSError, sqlite3.Error, *WRITE_ERRORS)
"""What writing can end in."""

FULL_BELOW = 2**18
"""With fewer free bytes than this a failed write is put down to a full disk."""


@contextmanager
def drafted(target: Path, *, folder: bool = False) -> Iterator[Path]:
    """Give a draft beside ``target``; on leaving without an error it takes the target's place, durably.

    If anything fails, the draft is removed and the target stays as it was; so it does if the draft is not written at
    all, or was removed again.

    Parameters
    ----------
    target
        A file or a folder; the folders above it are made.
    folder
        Whether the draft is a folder, which is then made; a file's draft does not exist yet.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    token = secrets.token_hex(4)
    draft = target.with_name(f"{DRAFT}{token}.{target.name}")
    lock = FileLock(_lock_of(target.parent, token))
    try:
        with lock:
            try:
                if folder:
                    draft.mkdir()
                yield draft
                if draft.exists():
                    take_place(draft, target)
            finally:
                _remove(draft)
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)


def take_place(draft: Path, target: Path) -> None:
    """Let a file or folder, once on the disk, take the place of another one, or a new one beside it.

    A file is replaced at one stroke. A folder is set aside first: a process that is killed in this moment leaves it
    under another name, from which `sweep` puts it back.
    """
    settle(draft)
    former = None
    if draft.is_dir() and target.exists():
        token = draft.name.removeprefix(DRAFT).partition(".")[0]
        former = target.with_name(f"{FORMER}{token}.{target.name}")
        target.rename(former)
    try:
        draft.replace(target)
    except OSError:
        if former:
            former.rename(target)
        raise
    settle_folder(target.parent)
    if former:
        _remove(former)


def settle(path: Path) -> None:
    """Make sure that a file, or a folder and all that it holds, have reached the disk."""
    paths = [path, *path.rglob("*")] if path.is_dir() else [path]
    for each in paths:
        if each.is_dir():
            settle_folder(each)
        else:
            with each.open("rb") as stream:
                os.fsync(stream.fileno())


def settle_folder(folder: Path) -> None:
    """Make sure that a folder's list of names has reached the disk, where the system lets one do so."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove the drafts that killed processes left in a folder, and put back what one of them had set aside.

    Drafts that are being written, and folders that cannot be written, are left alone.
    """
    left = [path for prefix in (DRAFT, FORMER) for path in folder.glob(f"{prefix}*")]
    for token in {path.name.split(".")[2] for path in left}:
        lock = FileLock(_lock_of(folder, token), timeout=0)
        with suppress(Timeout, OSError):
            with lock:
                _put_back(folder, token)
                for path in folder.glob(f"{DRAFT}{token}.*"):
                    if path != Path(lock.lock_file):
                        _remove(path)
            Path(lock.lock_file).unlink(missing_ok=True)


def why_not(error: Exception, target: Path) -> Message:
    """Say why nothing was written to a target: GDAL and SQLite do not tell a full disk."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or _is_full(target.parent):
        return Message("The disk is full; nothing was written to {folder}", {"folder": target.name})
    why = getattr(error, "strerror", None) or type(error).__name__
    return Message("{folder} cannot be written: {why}; nothing was written", {"folder": target.name, "why": why})


def _lock_of(folder: Path, token: str) -> Path:
    return folder / f"{DRAFT}{token}.lock"


def _put_back(folder: Path, token: str) -> None:
    for former in folder.glob(f"{FORMER}{token}.*"):
        target = former.with_name(former.name.removeprefix(f"{FORMER}{token}."))
        if target.exists():
            _remove(former)
        else:
            former.rename(target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < FULL_BELOW
    except OSError:
        return False
