"""The seal of a folder of outputs: its manifest holds the hash of every file, and its own."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.ledger import sha256_of

SEAL = "sha256"
"""The manifest's key."""


@dataclass(frozen=True)
class Broken:
    """Files that are not as the manifest says: other bytes, not there, or not named by it."""

    damaged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def sealed(manifest: Mapping[str, Any], folder: Path, name: str) -> str:
    """Return a manifest as JSON, with the hashes of a folder's files.

    Parameters
    ----------
    manifest
        Plain values.
    folder
        The folder, complete but for the manifest.
    name
        What the manifest's file is called. Its own hash is that of the text in which its place is empty.
    """
    hashes = {path: sha256_of(folder / path) for path in _files(folder) if path != name}
    text = json.dumps({**manifest, SEAL: {**hashes, name: ""}}, ensure_ascii=False, indent=1, default=str) + "\n"
    return _with_own(text, name, "", hashlib.sha256(text.encode()).hexdigest())


def broken(folder: Path, name: str) -> Broken:
    """Compare a folder's files with its manifest; one that is not there or not readable vouches for nothing."""
    files = _files(folder)
    if name not in files:
        return Broken(missing=(name,), unknown=tuple(files))
    try:
        text = (folder / name).read_text(encoding="utf-8")
        hashes = dict(json.loads(text)[SEAL])
        own = str(hashes.pop(name))
    except (OSError, ValueError, KeyError, TypeError):
        return Broken(damaged=(name,), unknown=tuple(path for path in files if path != name))
    whole = hashlib.sha256(_with_own(text, name, own, "").encode()).hexdigest() == own
    damaged = [path for path, digest in hashes.items() if path in files and sha256_of(folder / path) != digest]
    return Broken(
        tuple(damaged if whole else [*damaged, name]),
        tuple(sorted(hashes.keys() - files)),
        tuple(path for path in files if path not in hashes and path != name),
    )


def _with_own(text: str, name: str, old: str, new: str) -> str:
    """Return a manifest with another hash of itself; the last place is meant, for the seal comes last."""
    before, _, after = text.rpartition(f'"{name}": "{old}"')
    return f'{before}"{name}": "{new}"{after}'


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
