"""Adding a terrain to a workspace: elevations, and roads, trails and rivers where there are layers of them."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np

from geo.change import Change
from geo.errors import Message, some_of
from geo.ledger import sha256_of
from geo.raster import cells_in
from geo.terrain import build_terrain
from geo.terrain_file import Elevations, load_elevations, load_ways, terrain_grid, write_elevations
from geo.travel import places_on
from geo.workspace import Workspace
from workflow.added import Added


def add_elevation(
    workspace: Workspace, change: Change | None, file: Path, *, crs: str | None, band: int | None
) -> Added:
    """Keep an elevation model on the grid of the workspace's terrain, in place of an earlier one.

    Raises
    ------
    IntakeError, CrsError, ModelError, WorkspaceError
        If the file cannot be used, or not be kept.
    """
    store = workspace.store
    communes, border = store.read("communes"), store.read("border")
    grid = terrain_grid(communes, border, workspace.settings.crs)
    digest = sha256_of(file) if file.is_file() else ""
    elevations = load_elevations(file, grid, digest, crs=crs, band=band)
    if change:
        write_elevations(change.draft(workspace.terrain), elevations)
    known = elevations.values[~np.isnan(elevations.values)]
    values = {
        "file": file.name,
        "low": f"{known.min():.0f}",
        "high": f"{known.max():.0f}",
        "cell": f"{grid.cell_m:g}",
    }
    said = [
        *_gaps(elevations, communes, border),
        Message("{file}: elevations from {low} to {high} m, kept on cells of {cell} m", values),
    ]
    if not change:
        said.append(Message("Nothing was written"))
    return Added("elevation", file.name, 1, 1, messages=tuple(said))


def add_ways(
    workspace: Workspace,
    change: Change | None,
    kind: str,
    file: Path,
    *,
    crs: str | None,
    layer: str | None,
    columns: Mapping[str, str] | None,
) -> Added:
    """Keep roads, trails or rivers in place of an earlier layer of the kind.

    Raises
    ------
    IntakeError, CrsError, WorkspaceError
        If the file cannot be used, or not be kept.
    """
    store = workspace.store
    grid = terrain_grid(store.read("communes"), store.read("border"), workspace.settings.crs)
    digest = sha256_of(file) if file.is_file() else ""
    ways = load_ways(file, kind, grid, digest, crs=crs, layer=layer, columns=columns)
    if change:
        change.write({kind: ways})
    values = {"file": file.name, "n": len(ways), "kind": Message(kind)}
    said = [Message("{file}: {n} features taken as {kind}", values)]
    if not change:
        said = [Message("{file}: {n} features could be taken as {kind}; nothing was written", values)]
    if not workspace.terrain.exists():
        said.append(Message("They count only where elevations are known: diemnong add elevation FILE"))
    return Added(kind, file.name, len(ways), len(ways), messages=tuple(said))


def _gaps(elevations: Elevations, communes: gpd.GeoDataFrame, border: gpd.GeoDataFrame) -> list[Message]:
    """Say how much of the province has no elevation, and which sectors nobody can get to because of that."""
    inside = cells_in(communes, elevations.grid) >= 0
    share = float(np.isnan(elevations.values[inside]).mean())
    said = []
    if share > 0:
        percent = max(100 * share, 0.1)
        said.append(
            Message(
                "{percent} % of the province has no elevation: nobody is taken to get through there",
                {"percent": percent},
            )
        )
    lines = border.set_index("sector_id").geometry
    places = places_on(build_terrain(elevations.values, elevations.grid), lines)
    closed = lines.index[~np.isfinite(elevations.at(places.x.to_numpy(), places.y.to_numpy()))]
    if len(closed):
        values = {"n": len(closed), "sectors": some_of(closed)}
        said.append(Message("{n} border sectors have no elevation and cannot be reached: {sectors}", values))
    return said
