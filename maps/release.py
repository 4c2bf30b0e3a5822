"""The gate: the only way for a file to leave the program. Outputs appear whole or not at all."""

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import ReleaseError
from geo.vector import WRITE_ERRORS

MANIFEST = "run.json"
"""The file that marks a folder as an output of this program."""

FULL_BELOW = 2**18
"""With fewer free bytes than this a failed write is put down to a full disk."""


@contextmanager
def released(target: Path) -> Iterator[Path]:
    """Give a draft folder beside ``target``; on leaving without an error it takes the target's place.

    A target that exists is replaced only if it is empty or holds an earlier output. If anything fails, the draft is
    removed and the target stays as it was.

    Parameters
    ----------
    target
        The folder that shall hold the outputs.

    Raises
    ------
    ReleaseError
        If the target is something else, cannot be written, or the disk is full.
    """
    if target.exists() and not (target.is_dir() and ((target / MANIFEST).is_file() or not any(target.iterdir()))):
        raise ReleaseError(
            "{folder} holds other files; name an empty or a new folder for the outputs", folder=target.name
        )
    draft: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        draft.chmod(0o755)
        yield draft
        _settle(draft)
        _take_place(draft, target)
    except (OSError, sqlite3.Error, *WRITE_ERRORS) as error:
        raise _explained(error, target) from None
    finally:
        if draft is not None and draft.exists():
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def released_file(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a draft file beside ``target``; on leaving without an error it takes the target's place.

    Parameters
    ----------
    target
        The file.
    overwrite
        Whether a file that exists may be replaced.

    Raises
    ------
    ReleaseError
        If the target exists and may not be replaced, cannot be written, or the disk is full.
    """
    if target.is_dir() or (target.exists() and not overwrite):
        raise ReleaseError("{file} exists already; name another file, or add --overwrite", file=target.name)
    draft: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}.", suffix=target.suffix, dir=target.parent)
        os.close(handle)
        draft = Path(name)
        draft.chmod(0o644)
        yield draft
        _settle(draft)
        draft.replace(target)
    except (OSError, sqlite3.Error, *WRITE_ERRORS) as error:
        raise _explained(error, target) from None
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Make sure that a file, or the files of a folder, have reached the disk."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())


def _take_place(draft: Path, target: Path) -> None:
    if not target.exists():
        draft.rename(target)
        return
    old = draft.with_name(draft.name + ".old")
    target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _explained(error: Exception, target: Path) -> ReleaseError:
    # GDAL and SQLite do not say why a write failed.
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or _is_full(target.parent):
        return ReleaseError("The disk is full; nothing was written to {folder}", folder=target.name)
    why = getattr(error, "strerror", None) or type(error).__name__
    return ReleaseError("{folder} cannot be written: {why}; nothing was written", folder=target.name, why=why)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < FULL_BELOW
    except OSError:
        return False
