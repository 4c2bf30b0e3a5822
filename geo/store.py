"""The workspace's layers and tables: what every store of them holds and can do.

There are two: a GeoPackage (`geo.geopackage`), and a database that offices share (`geo.postgis`).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import pandas as pd
import pandera.pandas as pa

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


def typed(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Give columns the types that a store cannot keep, and add the optional ones that no row ever filled."""
    never_filled = [name for name, column in schema.columns.items() if not column.required and name not in frame]
    frame = frame.assign(**dict.fromkeys(never_filled, None))
    columns = [name for name in schema.columns if name in frame and name != "geometry"]
    return frame.astype({name: dtype_of(schema, name) for name in columns})[
        [*columns, *(name for name in frame if name not in columns)]
    ]
