"""The store in a file: a GeoPackage, which is replaced whole."""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataSourceError

from geo.durable import WRITE_FAILURES, drafted, why_not
from geo.errors import WorkspaceError
from geo.gdal_words import unsaid
from geo.ledger import sha256_of
from geo.store import LAYERS, Draft, Store, typed

STORE = "layers.gpkg"
"""The store's file in a workspace."""

AT_ONCE = 100_000
"""Rows that GDAL reads or writes at one time: each text is an object of its own then, of many times its bytes."""


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
                pieces = [typed(piece, schema) for piece in _pieces(self.path, name)]
            if warned or _texts_for_numbers(self.path, name):  # warned of values that it left out
                raise ValueError
            return pieces[0] if len(pieces) == 1 else pd.concat(pieces, ignore_index=True)
        except DataSourceError:
            raise WorkspaceError(
                "{file} is damaged and cannot be read; restore it from a backup", file=self.path.name
            ) from None
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


def _pieces(path: Path, name: str) -> Iterator[pd.DataFrame]:
    """Yield the rows of a layer or a table, `AT_ONCE` at a time."""
    last = -1
    while True:
        # Not so many rows skipped: they would all be passed over again for each piece.
        piece = pyogrio.read_dataframe(path, layer=name, where=f"fid > {last}", max_features=AT_ONCE, fid_as_index=True)
        if len(piece) or last < 0:
            yield piece.reset_index(drop=True)
        if len(piece) < AT_ONCE:
            return
        last = piece.index[-1]


def _texts_for_numbers(path: Path, name: str) -> bool:
    """Return whether a text stands where a number belongs: SQLite keeps it, and GDAL reads 0."""
    info = pyogrio.read_info(path, layer=name)
    kinds = {field: np.dtype(kind).kind for field, kind in zip(info["fields"], info["dtypes"], strict=True)}
    numbers = [column for column in LAYERS[name].columns if kinds.get(column, "O") in "if"]
    texts = " OR ".join(f"typeof({column}) = 'text'" for column in numbers)
    return bool(numbers) and not pyogrio.read_dataframe(path, layer=name, where=texts, max_features=1).empty


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
            _write(path, name, frame)
    if existed:
        _forget(path, empty)


def _write(path: Path, name: str, frame: pd.DataFrame) -> None:
    """Write a layer at once, or a table `AT_ONCE` rows at a time."""
    if isinstance(frame, gpd.GeoDataFrame):
        layer = {"layer_options": {"SPATIAL_INDEX": "YES"}, "promote_to_multi": False}
        pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", **layer)
        return
    for begin in range(0, max(len(frame), 1), AT_ONCE):
        rows = frame.iloc[begin : begin + AT_ONCE]
        pyogrio.write_dataframe(rows, path, layer=name, driver="GPKG", append=begin > 0)


def _forget(path: Path, tables: Iterable[str]) -> None:
    """Remove tables without geometry from a GeoPackage, and all that SQLite keeps of what was removed or replaced."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for table in tables:
            file.execute(f'DROP TABLE IF EXISTS "{table}"')
            file.execute("DELETE FROM gpkg_ogr_contents WHERE table_name = ?", (table,))
            file.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (table,))
        file.execute("VACUUM")
