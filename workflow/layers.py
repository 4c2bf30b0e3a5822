"""A workspace's layers and tables in memory, and the built-in ones that a new workspace begins with."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo import boundaries
from geo.border import cut_sectors
from geo.ledger import sha256_of as sha256_of
from geo.places import Gazetteer
from geo.schema import TABLES, VINTAGES
from geo.store import Store
from geo.workspace import Settings, Workspace


@dataclass(frozen=True)
class Layers:
    """Everything that a workspace holds.

    Three layers in EPSG:4326, tables of records by name, links between cases, and the covariates that were added.
    """

    communes: gpd.GeoDataFrame
    border: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    records: dict[str, pd.DataFrame]
    links: pd.DataFrame
    covariates: pd.DataFrame


def init(folder: Path, settings: Settings | None = None) -> Workspace:
    """Make a workspace with the built-in layers of the settings' vintage.

    Raises
    ------
    WorkspaceError
        If the folder is in use or cannot be written.
    """
    settings = settings or Settings()
    layers = {
        "communes": boundaries.communes(settings.vintage),
        "border": cut_sectors(boundaries.border_line(), settings.crs, geometry_quality="approximate"),
        "crossings": boundaries.crossings(settings.vintage),
    }
    return Workspace.create(folder, settings, layers)


def read_layers(workspace: Workspace) -> Layers:
    """Read everything that the workspace holds, as it is at one moment."""
    kinds = ("communes", "border", "crossings", "links", "covariates")
    found = Store(workspace.layers).read_together((*kinds, *TABLES))
    records = {name: found[name] for name in TABLES}
    return Layers(records=records, **{name: found[name] for name in kinds})


def gazetteer(communes: gpd.GeoDataFrame, crs: str, villages: pd.DataFrame | None = None) -> Gazetteer:
    """Return what finds the commune of a record: the layer, the facts of every vintage, the user's villages."""
    facts = {vintage: boundaries.facts(vintage) for vintage in VINTAGES}
    return Gazetteer(communes, facts, boundaries.crosswalk(), crs, boundaries.former_names(), villages)
