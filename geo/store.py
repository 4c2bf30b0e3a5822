"""The workspace's layers and tables: what every store of them can do, and the one in a GeoPackage, replaced whole.

The other one, in a database that offices share, is `geo.postgis`.
"""

import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa
import pyogrio
from pyogrio.errors import DataSourceError

from geo.durable import WRITE_FAILURES, drafted, why_not
from geo.errors import WorkspaceError
from geo.gdal_words import unsaid
from geo.ledger import sha256_of
from geo.schema import (
    BORDER,
    COMMUNES,
    COVARIATES,
    CROSSINGS,
    LINKS_TABLE,
    OVERRIDES,
    PROVENANCE,
    REPEATS,
    TABLES,
    VILLAGES,
    WAYS,
    dtype_of,
)
from geo.store_address import address_in, checked_address, is_address

STORE = "layers.gpkg"
"""The store's file in a workspace."""

LAYERS: dict[str, pa.DataFrameSchema] = {
    "communes": COMMUNES,
    "border": BORDER,
    "crossings": CROSSINGS,
    "villages": VILLAGES,
    **{name: schema.add_columns(PROVENANCE) for name, schema in TABLES.items()},
    "links": LINKS_TABLE,
    "covariates": COVARIATES,
    "repeats": REPEATS,
    "overrides": OVERRIDES,
    **dict.fromkeys(("roads", "trails", "rivers"), WAYS),
}
"""Everything that a store holds, by name."""


class Draft(Protocol):
    """What a store will hold: to be read and written until it takes the store's place."""

    def names(self) -> list[str]:
        """Return the names of what it holds."""

    def read(self, name: str) -> pd.DataFrame:
        """Return a layer or a table, see `Store.read`."""

    def write(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Replace the named layers and tables."""


class SharedChange(Draft, Protocol):
    """A change of a database while it is made: no other process changes the database until it ends."""

    id: str
    """What it is known by afterwards."""
    wrote: bool
    """Whether anything was written."""

    def was_made(self, change_id: str) -> bool:
        """Tell whether a change that began earlier was made."""

    def commit(self) -> None:
        """Make it; from here on readers see it."""


class Store(ABC):
    """Named layers and tables, wherever they are kept."""

    name: str
    """What the store is called in manifests and messages: the file's name, or that it is a database."""

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of what the store holds."""

    @abstractmethod
    def read(self, name: str) -> pd.DataFrame:
        """Return a layer (GeoDataFrame, EPSG:4326) or a table, empty if nothing was added yet.

        Raises
        ------
        WorkspaceError
            If the store cannot be read, or a column holds what cannot be of its type.
        """

    @abstractmethod
    def read_together(self, names: Iterable[str]) -> dict[str, pd.DataFrame]:
        """Return several layers and tables of one and the same state, even if another process changes the store."""

    @abstractmethod
    def drafting(self) -> AbstractContextManager[Draft]:
        """Give a draft of what the store holds; on leaving without an error it takes the store's place."""

    @abstractmethod
    def digest(self) -> str:
        """Return a SHA-256 that says whether two runs read the same layers and tables."""

    def altered(self) -> list[str]:
        """Return the tables that are not as this program wrote them; a file says that by its hash in the ledger."""
        return []

    @abstractmethod
    def purge(self, names: Iterable[str]) -> None:
        """Remove what the store still keeps of rows of these tables that were replaced."""

    def changing(self) -> AbstractContextManager[SharedChange | None]:
        """Give what a change of the workspace needs besides files: nothing where the store is one of them."""
        return nullcontext()

    def write(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Replace the named layers and tables, all or none.

        In a workspace use `geo.change.Change.write`, which keeps the hashes too.

        Raises
        ------
        WorkspaceError
            If it cannot be written; the old store is then untouched.
        """
        with self.drafting() as draft:
            draft.write(frames)


def open_store(place: str) -> Store:
    """Return the store at the address of a database, or in a file.

    Raises
    ------
    WorkspaceError
        If the address is none or holds a password, or the libraries for databases are not installed.
    """
    if not is_address(place):
        return GeoPackage(Path(place))
    address = checked_address(place)
    try:
        from geo.postgis import PostGIS
    except ImportError:
        raise WorkspaceError("A store in a database needs more libraries: pip install 'diemnong[postgis]'") from None
    return PostGIS(address)


def store_in(folder: Path, address: str | None = None) -> Store:
    """Return the store of a workspace: in the database that is given or that its settings name, or in a file there."""
    return open_store(address or address_in(folder) or str(folder / STORE))


class GeoPackage(Store):
    """Named layers and tables in a GeoPackage.

    A change is made in a copy, which then takes the file's place, so that a broken write leaves the old file.

    Parameters
    ----------
    path
        The GeoPackage; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    def names(self) -> list[str]:
        """Return the names of what the store holds."""
        if not self.path.exists():
            return []
        return [str(name) for name in pyogrio.list_layers(self.path)[:, 0]]

    def read(self, name: str) -> pd.DataFrame:
        """Return a layer (GeoDataFrame, EPSG:4326) or a table, empty if nothing was added yet.

        Raises
        ------
        WorkspaceError
            If the store is damaged, or a column holds what cannot be of its type.
        """
        schema = LAYERS[name]
        try:
            if name not in self.names():
                return typed(pd.DataFrame(columns=list(schema.columns)), schema)
            with unsaid() as warned:
                frame = pyogrio.read_dataframe(self.path, layer=name)
        except DataSourceError:
            raise WorkspaceError(
                "{file} is damaged and cannot be read; restore it from a backup", file=self.path.name
            ) from None
        try:
            if warned:  # of values that it left out
                raise ValueError
            return typed(frame, schema)
        except (ValueError, TypeError):
            raise WorkspaceError(
                "{file}: {table} holds values of another type than its columns have; restore it from a backup",
                file=self.path.name,
                table=name,
            ) from None

    def read_together(self, names: Iterable[str]) -> dict[str, pd.DataFrame]:
        """Return several layers and tables of one and the same state, even if another process replaces the store."""
        names = list(names)
        while True:
            before = self._state()
            frames = {name: self.read(name) for name in names}
            if self._state() == before:
                return frames

    def _state(self) -> tuple[int, int, int] | None:
        if not self.path.exists():
            return None
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    @contextmanager
    def drafting(self) -> Iterator[Draft]:
        """Give a copy of the file, which then takes its place; the disk may be full, and the old file stays."""
        try:
            with drafted(self.path) as draft:
                if self.path.exists():
                    shutil.copyfile(self.path, draft)
                yield FileDraft(draft)
        except WRITE_FAILURES as error:
            raise WorkspaceError.of(why_not(error, self.path)) from None

    def digest(self) -> str:
        """Return the SHA-256 of the file."""
        return sha256_of(self.path)

    def purge(self, names: Iterable[str]) -> None:
        """Remove nothing: the file keeps nothing of what was replaced, see `write_frames`."""


class FileDraft(GeoPackage):
    """A GeoPackage that nobody else reads yet."""

    def write(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Replace the named layers and tables, see `write_frames`."""
        write_frames(self.path, frames)


def write_frames(path: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write the named layers and tables into a GeoPackage; a table without a row is not kept.

    What was replaced is gone from the file, not only from its tables.

    Parameters
    ----------
    path
        A GeoPackage that nobody reads yet, or a new one.
    frames
        By names of `LAYERS`.
    """
    existed = path.exists()
    empty = [name for name, frame in frames.items() if frame.empty and "geometry" not in LAYERS[name].columns]
    for name, frame in frames.items():
        if name not in empty:
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", **_layer_options(frame))
    if existed:
        _forget(path, empty)


def _forget(path: Path, tables: Iterable[str]) -> None:
    """Remove tables without geometry from a GeoPackage, and all that SQLite keeps of what was removed or replaced."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for table in tables:
            file.execute(f'DROP TABLE IF EXISTS "{table}"')
            file.execute("DELETE FROM gpkg_ogr_contents WHERE table_name = ?", (table,))
            file.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (table,))
        file.execute("VACUUM")


def _layer_options(frame: pd.DataFrame) -> dict[str, object]:
    options: dict[str, object] = {
        "layer_options": {"SPATIAL_INDEX": "YES"} if isinstance(frame, gpd.GeoDataFrame) else {}
    }
    if isinstance(frame, gpd.GeoDataFrame):
        options["promote_to_multi"] = False
    return options


def typed(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Give columns the types that a store cannot keep, and add the optional ones that no row ever filled."""
    never_filled = [name for name, column in schema.columns.items() if not column.required and name not in frame]
    frame = frame.assign(**dict.fromkeys(never_filled, None))
    columns = [name for name in schema.columns if name in frame and name != "geometry"]
    return frame.astype({name: dtype_of(schema, name) for name in columns})[
        [*columns, *(name for name in frame if name not in columns)]
    ]
