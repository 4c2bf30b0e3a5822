"""Layers and tables between a file and a database: moved, every row compared with its source; and who may see them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.change import changing
from geo.errors import Message, WorkspaceError
from geo.geopackage import STORE, FileDraft, GeoPackage
from geo.store import LAYERS, Draft, Store
from geo.stores import open_store
from geo.workspace import SETTINGS
from maps.text import translate


@dataclass(frozen=True)
class Copied:
    """What was copied.

    Attributes
    ----------
    rows
        How many rows of each table, each of them the same in the copy.
    messages
        What to tell the user.
    """

    rows: dict[str, int]
    messages: tuple[Message, ...]
    refused: bool = field(default=False, init=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {"rows": self.rows, "messages": [translate(message, "en") for message in self.messages]}


def copy_store(source: str, target: str) -> Copied:
    """Copy everything that a store holds into an empty one, and read it back: all or nothing is copied.

    Parameters
    ----------
    source, target
        A workspace's GeoPackage, or the address of a database; see `geo.stores.open_store`.

    Raises
    ------
    WorkspaceError
        If the source is missing or cannot be read, the target holds anything or cannot be written, or a row came out
        otherwise than it went in.
    """
    origin, goal = open_store(source), open_store(target)
    if isinstance(origin, GeoPackage) and not origin.path.exists():
        raise WorkspaceError("There is no file {file}", file=origin.name)
    held = origin.names()
    frames = origin.read_together([name for name in LAYERS if name in held])
    with _emptied(goal) as draft:
        draft.write(frames)
        for name, frame in frames.items():
            _compare(name, frame, draft.read(name))
    rows = {name: len(frame) for name, frame in frames.items()}
    return Copied(rows, tuple(_messages(rows, sorted(set(held) - set(LAYERS)), goal)))


def roles_sql() -> str:
    """Return the SQL that makes the roles of the three levels of release in a database, for its administrator."""
    return (files("geo") / "postgis" / "roles.sql").read_text(encoding="utf-8")


@contextmanager
def _emptied(store: Store) -> Iterator[Draft]:
    """Give a draft of a store that holds nothing; a file in a workspace comes there with its hash.

    Raises
    ------
    WorkspaceError
        If it holds anything.
    """
    if isinstance(store, GeoPackage):
        folder = store.path.parent
        if store.path.exists():
            raise WorkspaceError("{file} is there already; name a new file", file=store.name)
        if store.name == STORE and (folder / SETTINGS).exists():
            with changing(folder) as change:
                yield FileDraft(change.draft(store.path))
            return
    with store.drafting() as draft:
        if held := draft.names():
            raise WorkspaceError("The database is not empty: it holds {tables}", tables=", ".join(held))
        yield draft


def _compare(name: str, before: pd.DataFrame, after: pd.DataFrame) -> None:
    """Compare two tables: columns, types, the order of the rows, values to the last bit, shapes by their WKB.

    Raises
    ------
    WorkspaceError
        If anything differs; where, not what.
    """
    if len(before) != len(after):
        raise WorkspaceError(
            "{table}: {n} rows came out as {found}; nothing was copied", table=name, n=len(before), found=len(after)
        )
    types = [[(column, str(dtype)) for column, dtype in frame.dtypes.items()] for frame in (before, after)]
    if len(before) and (types[0] != types[1] or _crs(before) != _crs(after)):
        raise WorkspaceError("{table}: its columns came out otherwise; nothing was copied", table=name)
    for column in before.columns:
        same = _same(before[column], after[column])
        if not same.all():
            raise WorkspaceError(
                "{table}: {column} came out otherwise in row {row}; nothing was copied",
                table=name,
                column=column,
                row=int(np.argmin(same)) + 1,
            )


def _same(before: pd.Series, after: pd.Series) -> np.ndarray:
    """Tell of each row whether two values are the same; missing ones are."""
    if before.name == "geometry":
        one, other = (shapely.to_wkb(np.asarray(column, dtype=object)) for column in (before, after))
        return np.asarray(one == other, dtype=bool)
    missing = before.isna().to_numpy()
    equal = (before == after).fillna(value=False).to_numpy(dtype=bool)
    same: np.ndarray = np.where(missing, after.isna().to_numpy(), equal)
    return same


def _crs(frame: pd.DataFrame) -> object:
    return frame.crs if isinstance(frame, gpd.GeoDataFrame) else None


def _messages(rows: dict[str, int], others: list[str], goal: Store) -> Iterator[Message]:
    for name, n in rows.items():
        yield Message("{table}: {n} rows copied, each compared with its source", {"table": name, "n": n})
    if others:
        yield Message("Not copied, because they are not of this program: {layers}", {"layers": ", ".join(others)})
    if isinstance(goal, GeoPackage):
        yield Message("To use the file, take store out of {settings}", {"settings": SETTINGS})
    else:
        yield Message(
            "To use the database, name it in {settings}: store = …; then delete {file}, which still holds the rows",
            {"settings": SETTINGS, "file": STORE},
        )
