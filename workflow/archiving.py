"""The files that an archive of a workspace holds: its own and, where its layers are in a database, a copy of these."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.change import is_passing
from geo.durable import DRAFT, FORMER, drafted
from geo.errors import WorkspaceError
from geo.geopackage import STORE, write_frames
from geo.ledger import LEDGER, listed_hashes, read_hashes, sha256_of
from geo.store import LAYERS
from geo.store_address import address_in
from geo.workspace import SETTINGS, Workspace


@contextmanager
def archived(folder: Path) -> Iterator[dict[str, Path]]:
    """Give the files of a workspace by their path in it, whole by themselves: no database is needed to restore them.

    A workspace whose layers are in a database is archived with a copy of them in a GeoPackage, and with settings that
    name no database; what is restored is a workspace of its own.

    Raises
    ------
    WorkspaceError
        If the workspace holds links, or its database cannot be read.
    """
    files = files_within(folder)
    if address_in(folder) is None:
        yield files
        return
    with drafted(folder / "archived", folder=True) as draft:
        yield files | _in_one_file(Workspace(folder), draft)
        shutil.rmtree(draft)  # a draft that is gone takes nothing's place


def _in_one_file(workspace: Workspace, draft: Path) -> dict[str, Path]:
    """Write layers, settings and hashes as they are where the layers are in a file."""
    made = {name: draft / name for name in (STORE, SETTINGS, LEDGER)}
    rows = {name: frame for name, frame in workspace.store.read_together(LAYERS).items() if len(frame)}
    if rows:
        write_frames(made[STORE], rows)
    else:
        del made[STORE]
    alone = workspace.settings.model_copy(update={"store": None})
    made[SETTINGS].write_text(alone.to_toml(), encoding="utf-8")
    kept = read_hashes(workspace.folder / LEDGER)
    hashes = kept | {name: sha256_of(made[name]) for name in made if name != LEDGER}
    made[LEDGER].write_text(listed_hashes(hashes), encoding="utf-8")
    return made


def files_within(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by their path in it, without what is there only while something is written.

    Raises
    ------
    WorkspaceError
        If one is a link: what it leads to may change or go by itself.
    """
    found = {}
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((DRAFT, FORMER))]
        if Path(root) == folder:
            folders[:] = [name for name in folders if not is_passing(name)]
            files = [name for name in files if not is_passing(name)]
        if any((Path(root) / name).is_symlink() for name in (*folders, *files)):
            raise WorkspaceError("{folder} holds links; put the files themselves there", folder=folder.name)
        for name in files:
            if not name.startswith(DRAFT):
                path = Path(root) / name
                found[path.relative_to(folder).as_posix()] = path
    return found
