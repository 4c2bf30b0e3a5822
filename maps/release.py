"""The gate: the only way for a file to leave the program. Outputs appear whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from geo.durable import WRITE_FAILURES, drafted, why_not
from geo.errors import ReleaseError

MANIFEST = "run.json"
"""The file that marks a folder as an output of this program."""


class Level(StrEnum):
    """Who may have an output, the narrowest circle first; every manifest names it as ``release_level``."""

    COMMAND = "command"
    """The command that holds the records: points, surfaces of points, schedules, models, queues of persons."""
    PLANNER = "planner"
    """The offices that supplied the records: figures by commune, never the place of a record within it."""
    PUBLIC = "public"
    """Anybody: what `models.disclosure` lets out."""


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
    try:
        with drafted(target, folder=True) as draft:
            yield draft
    except WRITE_FAILURES as error:
        raise _explained(error, target) from None


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
    try:
        with drafted(target) as draft:
            yield draft
    except WRITE_FAILURES as error:
        raise _explained(error, target) from None


def _explained(error: Exception, target: Path) -> ReleaseError:
    return ReleaseError.of(why_not(error, target))
