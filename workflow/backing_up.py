"""Backups: one archive of a workspace with the hash of every file, and the way back."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geo.archive import unpack, write_archive
from geo.change import changing
from geo.durable import WRITE_FAILURES, drafted, why_not
from geo.errors import Message, ReleaseError, WorkspaceError
from geo.ledger import LEDGER, read_hashes, sha256_of
from geo.workspace import SETTINGS, Workspace
from maps.release import released_file
from maps.text import translate
from workflow.archiving import archived
from workflow.backup_ledger import BACKUPS, Backup, backups_of, listed_backups


@dataclass(frozen=True)
class Kept:
    """A backup that was made or restored.

    Attributes
    ----------
    sha256
        Of the archive.
    files
        How many files it holds.
    messages
        What to tell the user.
    damaged
        How many were not as they were written, before they came into the backup.
    """

    sha256: str
    files: int
    messages: tuple[Message, ...]
    damaged: int = 0
    refused: bool = field(default=False, init=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        said = [translate(message, "en") for message in self.messages]
        return {"sha256": self.sha256, "files": self.files, "damaged": self.damaged, "messages": said}


def backup(folder: Path, file: Path, *, overwrite: bool = False, now: datetime | None = None) -> Kept:
    """Write a workspace into one archive, and note it in the workspace.

    It is noted first and then put in its place: a process that is killed in between leaves a note without a backup, not
    a backup that `workflow.forgetting` knows nothing of.

    Parameters
    ----------
    folder
        The workspace.
    file
        The archive, outside the workspace; the same files make the same bytes.
    overwrite
        Whether it may be replaced.
    now
        The time of the note; the present by default.

    Raises
    ------
    ReleaseError
        If the archive lies in the workspace, is in the way, or cannot be written.
    WorkspaceError
        If it is no workspace, another process is at work there, or it holds links to other files.
    """
    if not (folder / SETTINGS).exists():
        Workspace(folder)  # says what is missing
    if file.resolve().is_relative_to(folder.resolve()):
        raise ReleaseError("{file} lies in the workspace itself; put the backup elsewhere", file=file.name)
    with released_file(file, overwrite=overwrite) as draft, changing(folder) as change:
        with draft.open("wb") as stream, archived(folder) as files:
            hashes = write_archive(stream, files)
        digest = sha256_of(draft)
        made_at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
        made = Backup(file=str(file.absolute()), made_at=made_at, sha256=digest)
        damaged = _other_than_kept(folder, hashes)
        change.draft(folder / BACKUPS).write_text(listed_backups([*backups_of(folder), made]), encoding="utf-8")
    said = [
        Message("{n} files are in {file}, SHA-256 {sha256}", {"n": len(hashes), "file": str(file), "sha256": digest})
    ]
    said.append(
        Message("It holds the records as they are: protect it with diemnong protect {file}", {"file": str(file)})
    )
    if damaged:
        said.append(
            Message(
                "{n} files in it are not as they were written, see diemnong verify; keep the earlier backups",
                {"n": damaged},
            )
        )
    return Kept(digest, len(hashes), tuple(said), damaged)


def restore(file: Path, folder: Path, *, now: datetime | None = None) -> Kept:
    """Unpack a backup into a new workspace, in which every hash agrees, or into nothing.

    Parameters
    ----------
    file
        The archive.
    folder
        A folder that is empty or does not exist yet.
    now
        The time that is noted; the present by default.

    Raises
    ------
    WorkspaceError
        If the archive is not one of a workspace, is damaged or unreasonable, or the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError("{folder} exists and is not an empty folder; choose another", folder=folder.name)
    try:
        with file.open("rb") as stream, drafted(folder, folder=True) as draft:
            files = unpack(stream, file.name, draft)
            if SETTINGS not in files:
                raise WorkspaceError(
                    "{file} is not unpacked: {why}", file=file.name, why=Message("it holds no workspace")
                )
            for name in ("intake", "runs"):
                (draft / name).mkdir(exist_ok=True)
            digest, at = sha256_of(file), (now or datetime.now(UTC)).isoformat(timespec="seconds")
            source = Backup(file=str(file.absolute()), made_at=at, sha256=digest, restored_at=at)
            with changing(draft) as change:
                change.draft(draft / BACKUPS).write_text(listed_backups([*backups_of(draft), source]), encoding="utf-8")
    except FileNotFoundError:
        raise WorkspaceError("There is no file {file}", file=file.name) from None
    except WRITE_FAILURES as error:
        raise WorkspaceError.of(why_not(error, folder)) from None
    said = Message("{n} files restored into {folder}; every hash agrees", {"n": len(files), "folder": str(folder)})
    return Kept(digest, len(files), (said,))


def _other_than_kept(folder: Path, hashes: dict[str, str]) -> int:
    """Count the files in an archive that are not as the workspace's hashes say; settings may be edited."""
    if not (folder / LEDGER).exists():
        return 0
    kept = read_hashes(folder / LEDGER)
    return sum(hashes.get(path) != digest for path, digest in kept.items() if path != SETTINGS)
