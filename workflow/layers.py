"""A workspace's layers and tables in memory, and the built-in ones that a new workspace begins with."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo import boundaries
from geo.border import cut_sectors
from geo.places import Gazetteer
from geo.schema import TABLES, VINTAGES
from geo.store import Store
from geo.terrain import Terrain
from geo.workspace import Settings, Workspace


@dataclass(frozen=True)
class Layers:
    """Everything that a workspace holds.

    Three layers in EPSG:4326, tables of records by name, links between cases, the covariates that were added, and the
    terrain, if elevations were.
    """

    communes: gpd.GeoDataFrame
    border: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    records: dict[str, pd.DataFrame]
    links: pd.DataFrame
    covariates: pd.DataFrame
    terrain: Terrain | None = None


def init(folder: Path, settings: Settings | None = None) -> Workspace:
    """Make a workspace with the built-in layers of the settings' vintage.

    Raises
    ------
    WorkspaceError
        If the folder is in use or cannot be written.
    """
    settings = settings or Settings()
    workspace = Workspace.create(folder, settings)
    Store(workspace.layers).write(
        {
            "communes": boundaries.communes(settings.vintage),
            "border": cut_sectors(boundaries.border_line(), settings.crs, geometry_quality="approximate"),
            "crossings": boundaries.crossings(settings.vintage),
        }
    )
    return workspace


def read_layers(workspace: Workspace) -> Layers:
    """Read everything that the workspace holds."""
    store = Store(workspace.layers)
    communes, border, crossings = (store.read(name) for name in ("communes", "border", "crossings"))
    records = {name: store.read(name) for name in TABLES}
    return Layers(communes, border, crossings, records, store.read("links"), store.read("covariates"))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def gazetteer(communes: gpd.GeoDataFrame, crs: str, villages: pd.DataFrame | None = None) -> Gazetteer:
    """Return what finds the commune of a record: the layer, the facts of every vintage, the user's villages."""
    facts = {vintage: boundaries.facts(vintage) for vintage in VINTAGES}
    return Gazetteer(communes, facts, boundaries.crosswalk(), crs, boundaries.former_names(), villages)
