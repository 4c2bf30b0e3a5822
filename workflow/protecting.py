"""Files that may leave the office: encrypted for named keys, or by a passphrase, with age (https://age-encryption.org)."""

import os
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pyrage

from geo.archive import unpack, write_archive
from geo.change import locked
from geo.durable import WRITE_FAILURES, drafted, why_not
from geo.errors import Message, ReleaseError
from geo.workspace import SETTINGS
from maps.release import released_file
from maps.text import translate
from workflow.archiving import archived

SUFFIX, FOLDER_SUFFIX = ".age", ".folder.zip.age"
SHORTEST = 12
"""Letters of a passphrase: shorter ones are found by trying."""

_SCRYPT = b"\n-> scrypt "
_HEADER = b"age-encryption.org/"


@dataclass(frozen=True)
class Protected:
    """A file that was encrypted, opened, or a key that was made; ``messages`` say what became of it."""

    path: Path
    messages: tuple[Message, ...]
    refused: bool = field(default=False, init=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {"path": str(self.path), "messages": [translate(message, "en") for message in self.messages]}


def new_key(file: Path) -> Protected:
    """Write a new secret key, which only its owner may read; what others encrypt with is said.

    Raises
    ------
    ReleaseError
        If the file exists or cannot be written.
    """
    key = pyrage.x25519.Identity.generate()
    public = str(key.to_public())
    with released_file(file) as draft:
        draft.touch(mode=0o600)
        draft.write_text(f"# public key: {public}\n{key}\n", encoding="utf-8")
    said = (
        Message(
            "The secret key is in {file}: keep it, and a copy elsewhere; without it nothing is opened",
            {"file": str(file)},
        ),
        Message("Give others this, to encrypt for you: {key}", {"key": public}),
    )
    return Protected(file, said)


def protect(
    path: Path, *, to: Sequence[str] = (), passphrase: str | None = None, out: Path | None = None, remove: bool = False
) -> Protected:
    """Encrypt a file or a folder; it is held in memory meanwhile, and nothing plain is written.

    Parameters
    ----------
    path
        The file or folder.
    to
        Keys that shall open it: ``age1…``, ``ssh-ed25519 …``, ``ssh-rsa …``, or names of files that hold such lines.
    passphrase
        Opens it instead of keys.
    out
        The encrypted file; by default beside ``path``, with ``.age`` or, of a folder, ``.folder.zip.age``.
    remove
        Whether ``path`` is overwritten and removed then.

    Raises
    ------
    ReleaseError
        If there are no keys and no passphrase, or both, a key is none, the passphrase is too short, or the file exists.
    WorkspaceError
        If another process is at work in a workspace that shall be encrypted.
    """
    if bool(to) == (passphrase is not None):
        raise ReleaseError("Say either for whom (--to KEY) or that a passphrase opens it (--passphrase)")
    if passphrase is not None and len(passphrase) < SHORTEST:
        raise ReleaseError("The passphrase has {n} letters; give at least {least}", n=len(passphrase), least=SHORTEST)
    keys = [key for each in to for key in _recipients(each)]
    out = out or path.with_name(path.resolve().name + (FOLDER_SUFFIX if path.is_dir() else SUFFIX))
    if out.resolve().is_relative_to(path.resolve()):
        raise ReleaseError("{file} would lie in what it is made of; name another with --out", file=out.name)
    plain = _plain(path)
    encrypted = pyrage.encrypt(plain, keys) if passphrase is None else pyrage.passphrase.encrypt(plain, passphrase)
    with released_file(out) as draft:
        draft.write_bytes(encrypted)
    said = [Message("Encrypted: {file}", {"file": str(out)})]
    if remove:
        _overwrite(path)
        said.append(
            Message(
                "{file} was overwritten and removed; SSDs, copying file systems and backups may keep traces of it",
                {"file": path.name},
            )
        )
    else:
        said.append(Message("{file} is left as it is; --remove removes it", {"file": path.name}))
    return Protected(out, tuple(said))


def unprotect(
    file: Path, *, keys: Sequence[Path] = (), passphrase: str | None = None, out: Path | None = None
) -> Protected:
    """Open an encrypted file or folder.

    Parameters
    ----------
    file
        What `protect` or another age program wrote.
    keys
        Files of secret keys, of age or SSH.
    passphrase
        Where one opens it, see `needs_passphrase`.
    out
        The file or folder; by default beside ``file``, named as it was.

    Raises
    ------
    ReleaseError
        If the key or passphrase is not the one, the file is damaged or not of age, or what it holds is there already.
    """
    data = _read(file)
    if not data.startswith(_HEADER):
        raise ReleaseError("{file} is not encrypted by age", file=file.name)
    try:
        if passphrase is not None:
            plain = pyrage.passphrase.decrypt(data, passphrase)
        else:
            plain = pyrage.decrypt(data, [one for key in keys for one in _identities(key)])
    except pyrage.DecryptError:
        raise ReleaseError("{file} is not opened by this key or passphrase, or it is damaged", file=file.name) from None
    if file.name.endswith(FOLDER_SUFFIX):
        target = out or file.with_name(file.name.removesuffix(FOLDER_SUFFIX))
        _write_folder(plain, file.name, target)
    else:
        target = out or file.with_name(file.name.removesuffix(SUFFIX))
        with released_file(target) as draft:
            draft.touch(mode=0o600)
            draft.write_bytes(plain)
    return Protected(target, (Message("Opened: {file}", {"file": str(target)}),))


def needs_passphrase(file: Path) -> bool:
    """Tell whether a passphrase opens a file, rather than keys."""
    return _SCRYPT in _read(file)[:200]


def _plain(path: Path) -> bytes:
    if not path.is_dir():
        return _read(path)
    stream = BytesIO()
    with locked(path) if (path / SETTINGS).exists() else nullcontext(), archived(path) as files:
        write_archive(stream, files)
    return stream.getvalue()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ReleaseError("{file} cannot be read: {why}", file=file.name, why=error.strerror) from None


def _write_folder(plain: bytes, name: str, target: Path) -> None:
    if target.exists():
        raise ReleaseError("{folder} is there already; name another with --out", folder=target.name)
    try:
        with drafted(target, folder=True) as draft:
            draft.chmod(0o700)
            unpack(BytesIO(plain), name, draft)
    except WRITE_FAILURES as error:
        raise ReleaseError.of(why_not(error, target)) from None


def _recipients(key: str) -> list[Any]:
    """Return the key that a text is, or those that the file of this name holds."""
    if key.startswith(("age1", "ssh-")):
        lines = [key]
    else:
        lines = [line for line in _read(Path(key)).decode(errors="replace").splitlines() if line and line[0] != "#"]
    try:
        found = [
            pyrage.ssh.Recipient.from_str(line) if line.startswith("ssh-") else pyrage.x25519.Recipient.from_str(line)
            for line in lines
        ]
    except pyrage.RecipientError:
        found = []
    if not found:
        raise ReleaseError("--to takes public keys (age1…, ssh-ed25519 …, ssh-rsa …) or a file of them; this is none")
    return found


def _identities(file: Path) -> list[Any]:
    data = _read(file)
    try:
        if b"PRIVATE KEY" in data:
            return [pyrage.ssh.Identity.from_buffer(data)]
        lines = [line.strip() for line in data.decode().splitlines() if line.strip() and line[0] != "#"]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines]
    except (pyrage.IdentityError, ValueError):
        found = []
    if not found:
        raise ReleaseError("{file} holds no secret key (AGE-SECRET-KEY-1…, or of SSH)", file=file.name)
    return found


def _overwrite(path: Path) -> None:
    """Overwrite a file, or all of a folder, with zeros, and remove it."""
    for file in [path] if path.is_file() else path.rglob("*"):
        if file.is_file():
            with file.open("r+b") as stream:
                stream.write(bytes(file.stat().st_size))
                stream.flush()
                os.fsync(stream.fileno())
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
