"""A workspace's layers and tables in memory, and the built-in ones that a new workspace begins with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa

from geo import boundaries
from geo.border import cut_sectors
from geo.crs import STORED
from geo.ledger import sha256_of
from geo.places import Gazetteer
from geo.schema import TABLES, VINTAGES, dtype_of
from geo.store import LAYERS
from geo.terrain import Terrain, build_terrain
from geo.terrain_file import LINES, stored_elevations
from geo.workspace import Settings, Workspace


@dataclass(frozen=True)
class Layers:
    """Everything that a workspace holds.

    Three layers in EPSG:4326, tables of records by name, links between cases, the covariates that were added, what
    planners decided about ranks, the terrain, if elevations were added, with the files it was made of, and the SHA-256
    of what all this was read from, by name.
    """

    communes: gpd.GeoDataFrame
    border: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    records: dict[str, pd.DataFrame]
    links: pd.DataFrame
    covariates: pd.DataFrame
    overrides: pd.DataFrame
    terrain: Terrain | None = None
    terrain_sources: tuple[dict[str, str], ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)


def init(folder: Path, settings: Settings | None = None, communes: gpd.GeoDataFrame | None = None) -> Workspace:
    """Make a workspace with the built-in layers of the settings' vintage, or of other communes without any other layer.

    Parameters
    ----------
    folder, settings
        See `geo.workspace.Workspace.create`.
    communes
        `geo.schema.COMMUNES` of another place, see `geo.own_communes.load_own_communes`.

    Raises
    ------
    WorkspaceError
        If the folder is in use or cannot be written.
    """
    settings = settings or Settings()
    if communes is not None:
        nothing = {name: _empty(LAYERS[name]) for name in ("border", "crossings")}
        return Workspace.create(folder, settings, {"communes": communes, **nothing})
    layers = {
        "communes": boundaries.communes(settings.vintage),
        "border": cut_sectors(boundaries.border_line(), settings.crs, geometry_quality="approximate"),
        "crossings": boundaries.crossings(settings.vintage),
    }
    return Workspace.create(folder, settings, layers)


def _empty(schema: pa.DataFrameSchema) -> gpd.GeoDataFrame:
    columns = {name: pd.Series(dtype=dtype_of(schema, name)) for name in schema.columns if name != "geometry"}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(), crs=STORED)


def read_layers(workspace: Workspace) -> Layers:
    """Read everything that the workspace holds, as it is at one moment."""
    kinds = ("communes", "border", "crossings", "links", "covariates", "overrides")
    before: Mapping[str, str] | None = None
    while (inputs := inputs_of(workspace)) != before:  # another planner may save meanwhile
        before = inputs
        found = workspace.store.read_together((*kinds, *TABLES, *LINES))
        terrain, sources = _terrain(workspace, found)
    records, layers = {name: found[name] for name in TABLES}, {name: found[name] for name in kinds}
    return Layers(records=records, terrain=terrain, terrain_sources=sources, inputs=inputs, **layers)


def _terrain(
    workspace: Workspace, found: Mapping[str, pd.DataFrame]
) -> tuple[Terrain | None, tuple[dict[str, str], ...]]:
    """Return the terrain, and the files it was made of; lines without elevations make none."""
    if not workspace.terrain.exists():
        return None, ()
    elevations = stored_elevations(workspace.terrain)
    lines = {name: layer for name in LINES if len(layer := found[name])}
    sources = [{"layer": "elevation", **elevations.source}]
    for name, layer in lines.items():
        sources.append({"layer": name, **{key: str(layer[key].iloc[0]) for key in ("file", "sha256", "data_kind")}})
    return build_terrain(elevations.values, elevations.grid, **lines), tuple(sources)


def inputs_of(workspace: Workspace) -> dict[str, str]:
    """Return the SHA-256 of what everything is made of, the layers and the terrain, by name."""
    terrain = {workspace.terrain.name: sha256_of(workspace.terrain)} if workspace.terrain.exists() else {}
    layers = {workspace.store.name: workspace.store.digest()} if workspace.store.names() else {}
    return {**layers, **terrain}


def gazetteer(communes: gpd.GeoDataFrame, crs: str, villages: pd.DataFrame | None = None) -> Gazetteer:
    """Return what finds the commune of a record: the layer, the facts of every vintage, the user's villages.

    Of communes that are not built in no more is known than the layer says: one vintage, and no former names.
    """
    if not boundaries.are_built_in(communes):
        vintage, names = str(communes["vintage"].iloc[0]), communes[["commune_code", "name", "district"]]
        nothing = pd.DataFrame({"old_code": [], "new_code": []}, dtype="str")
        return Gazetteer(communes, {vintage: pd.DataFrame(names)}, nothing, crs, None, villages)
    facts = {vintage: boundaries.facts(vintage) for vintage in VINTAGES}
    return Gazetteer(communes, facts, boundaries.crosswalk(), crs, boundaries.former_names(), villages)


def facts_of(communes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the facts of a layer's units: the built-in ones, or the layer's own where it is of another place."""
    if boundaries.are_built_in(communes):
        return boundaries.facts(str(communes["vintage"].iloc[0]))
    return pd.DataFrame(communes.drop(columns=["vintage", "women_children", "geometry_quality", "geometry"]))
