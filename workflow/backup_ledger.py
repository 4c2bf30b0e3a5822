"""Which backups were made of a workspace: where each was put, when, and its hash."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from geo.errors import WorkspaceError

BACKUPS = "backups.json"


class Backup(BaseModel):
    """A backup; ``restored_at`` is None unless the workspace itself came out of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    made_at: str
    sha256: str
    restored_at: str | None = None


_LIST = TypeAdapter(list[Backup])


def backups_of(folder: Path) -> list[Backup]:
    """Return the backups that were made of a workspace, oldest first.

    Raises
    ------
    WorkspaceError
        If the list is damaged.
    """
    path = folder / BACKUPS
    if not path.exists():
        return []
    try:
        return _LIST.validate_json(path.read_bytes())
    except ValidationError:
        raise WorkspaceError("{file} is damaged and cannot be read; restore it from a backup", file=BACKUPS) from None


def listed_backups(backups: list[Backup]) -> str:
    """Return backups as JSON."""
    return json.dumps([backup.model_dump() for backup in backups], ensure_ascii=False, indent=1) + "\n"
