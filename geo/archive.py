"""One archive of many files: the same bytes for the same files, with their hashes, and unpacked within limits.

It is a zip, so that every system opens it; and it is opened with distrust, because anybody can make one.
"""

import hashlib
import shutil
import stat
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from geo.archive_limits import Limits
from geo.errors import Message, WorkspaceError
from geo.ledger import listed_hashes, parse_hashes

HASHES = "archive.sha256"
"""The last member: the hash of each other one."""

LIMITS = Limits(members=200_000, unpacked=2**36)
"""A workspace has about ten unpacked bytes for each packed one."""

_CHUNK = 2**20
_THE_SAME_DAY = (1980, 1, 1, 0, 0, 0)


def write_archive(stream: BinaryIO, files: Mapping[str, Path]) -> dict[str, str]:
    """Write files into an archive and return their hashes.

    Parameters
    ----------
    stream
        Where the archive goes.
    files
        By their path in the archive, with ``/``.

    Raises
    ------
    WorkspaceError
        If one could not be unpacked again: two names differ only by capitals, or hold what no system takes.
    """
    if len({name.casefold() for name in [*files, HASHES]}) <= len(files) or not all(map(_stays_inside, files)):
        raise WorkspaceError("Some files cannot be in an archive: their names hold \\ or : or differ only by capitals")
    hashes = {}
    with ZipFile(stream, "w") as archive:
        for name in sorted(files):
            digest = hashlib.sha256()
            with files[name].open("rb") as source, archive.open(_member(name), "w", force_zip64=True) as target:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
            hashes[name] = digest.hexdigest()
        archive.writestr(_member(HASHES), listed_hashes(hashes))
    return hashes


def unpack(stream: BinaryIO, name: str, folder: Path) -> list[str]:
    """Unpack an archive of `write_archive` into an empty folder and return the files' paths.

    Parameters
    ----------
    stream, name
        The archive, and what it is called in errors.
    folder
        Nothing is written outside it. If anything is wrong, what was unpacked until then is for the caller to remove.

    Raises
    ------
    WorkspaceError
        If it is no such archive, a hash does not agree, or it has more or larger files than is reasonable.
    """
    size = stream.seek(0, 2)
    try:
        with ZipFile(stream) as archive:
            members = archive.infolist()
            if passed := LIMITS.passed_by(members, size):
                raise _refused(name, passed)
            _check_names(members, name)
            if not members or members[-1].filename != HASHES:
                raise _refused(name, Message("it holds no list of hashes"))
            hashes = parse_hashes(archive.read(HASHES).decode())
            if hashes.keys() != {member.filename for member in members[:-1]}:
                raise _refused(name, Message("its list of hashes names other files than it holds"))
            for member in members[:-1]:
                if _unpacked(archive, member, folder / member.filename) != hashes[member.filename]:
                    raise _refused(name, Message("the hash of a file in it does not agree"))
    except (BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError, RuntimeError, EOFError):
        raise _refused(name, Message("it is damaged, or of another kind")) from None
    return sorted(hashes)


def _member(name: str) -> ZipInfo:
    info = ZipInfo(name, _THE_SAME_DAY)
    info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
    return info


def _check_names(members: list[ZipInfo], name: str) -> None:
    if not all(_stays_inside(member.filename) for member in members):
        raise _refused(name, Message("a path in it leads out of the folder"))
    if any(stat.S_ISLNK(member.external_attr >> 16) or member.is_dir() for member in members):
        raise _refused(name, Message("it holds links or folders, not only files"))
    if any(member.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for member in members):
        raise _refused(name, Message("it is damaged, or of another kind"))
    if len({member.filename.casefold() for member in members}) < len(members):
        raise _refused(name, Message("two files in it have one name"))


def _stays_inside(path: str) -> bool:
    strange = "\\" in path or ":" in path or not path.isprintable()
    parts = path.split("/")
    return not strange and not PurePosixPath(path).is_absolute() and all(part.strip(". ") for part in parts)


def _unpacked(archive: ZipFile, member: ZipInfo, target: Path) -> str:
    """Unpack one file, never more than the size that was checked (zipfile holds to it), and return its hash."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("xb") as sink:
        shutil.copyfileobj(source, sink, _CHUNK)
    with target.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


def _refused(name: str, why: Message) -> WorkspaceError:
    return WorkspaceError("{file} is not unpacked: {why}", file=name, why=why)
