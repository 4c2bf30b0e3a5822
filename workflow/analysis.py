"""The analysis of a run: count, rank, and draw the surface. Nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.density import density_ratio
from geo.errors import Message, WorkspaceError
from geo.grid import Grid
from geo.intake.duplicates import counted_once
from geo.panel import Panel, build_panel, period_of
from geo.raster import cells_in, mask_outside
from geo.workspace import Settings
from models.flow_tables import Flows
from models.ranking import rank_outreach
from models.risk import RiskModel
from models.sector_ranking import rank_sectors
from workflow.flowing import facing_sectors, flows_of
from workflow.layers import Layers, gazetteer
from workflow.modelling import ModelInputs, default_model, fit, model_inputs
from workflow.steps import Clock, silent
from workflow.stored_rows import require_sound


@dataclass(frozen=True)
class Analysis:
    """What a run found, before anything is written.

    Attributes
    ----------
    panel
        Commune × month.
    inputs, model
        What the risk model was given, and the model, fitted.
    flows
        Over the border sectors.
    outreach, patrol
        See `models.ranking.rank_outreach` and `models.sector_ranking.rank_sectors`.
    surface, grid
        Events per 10,000 persons and year, NaN outside the province.
    """

    panel: Panel
    inputs: ModelInputs
    model: RiskModel
    flows: Flows
    outreach: pd.DataFrame
    patrol: pd.DataFrame
    surface: NDArray[np.float64]
    grid: Grid


def analyse(
    layers: Layers,
    settings: Settings,
    step: Callable[[str, Message], Any] | None = None,
    *,
    specification: RiskModel | None = None,
) -> Analysis:
    """Count, fit the model, rank and draw the surface; nothing is written.

    The model is fitted to the present records, as ``specification`` says (by default `default_model`).

    The surface is made from counts by commune, spread evenly over each commune's cells, never from the places of
    single records: moving a record within its commune changes nothing. Cases whose links were confirmed count once.

    Raises
    ------
    WorkspaceError
        If there is no case and no absence, or no border, or a stored row breaks a rule of its table.
    """
    if layers.border.empty:
        raise WorkspaceError("A run ranks the sectors of a border, and there is none; add it: diemnong add border FILE")
    step = step or Clock(silent).step
    with step("join", Message("Joining records to communes")):
        panel = count(layers, settings)
        end, totals = panel.months[-1], panel.totals()
    with step("rank", Message("Fitting the risk model and ranking communes")):
        inputs = model_inputs(layers, panel, settings)
        model = fit(specification or default_model(inputs, settings), inputs, settings.scale.scheduler)
        outreach = rank_outreach(layers.communes, totals, panel.years, model)
    with step("surface", Message("Drawing the risk surface")):
        communes = layers.communes.to_crs(settings.crs)
        west, south, east, north = communes.total_bounds
        grid = Grid.covering((west, east, south, north), settings.surface.cell_m, settings.crs)
        cells = commune_cells(communes, grid)
        surface = recorded_surface(cells, totals, panel.years, grid, communes, settings)
    with step("patrol", Message("Ranking border sectors")):
        sectors = facing_sectors(layers, settings)
        flows = flows_of(layers, sectors, panel, model, settings)
        names = layers.communes.set_index("commune_code")["name"]
        patrol = rank_sectors(sectors, flows, names, _patrol_hours(layers.records["patrols"], end))
    return Analysis(panel, inputs, model, flows, outreach, patrol, surface, grid)


def count(layers: Layers, settings: Settings) -> Panel:
    """Count the records by commune and month; cases whose links were confirmed count once.

    Raises
    ------
    WorkspaceError
        If there is no case and no absence, or a stored row breaks a rule of its table.
    """
    require_sound(layers.records)
    counted = {name: layers.records[name] for name in ("cases", "absences", "outreach", "services")}
    counted["cases"] = counted_once(counted["cases"], layers.links)
    start, end = period_of(layers.records, settings.period_start, settings.period_end)
    return build_panel(layers.communes, counted, gazetteer(layers.communes, settings.crs), start, end)


def not_counted(placement: pd.DataFrame) -> list[Message]:
    """Say which rows a run leaves out of its rankings, and why.

    Parameters
    ----------
    placement
        Of a `geo.panel.Panel`.
    """
    left_out = placement[placement["placement"].isin(["unplaced", "refused", "outside the period"])]
    return [
        Message(
            "{table}: {rows} rows are not in the ranking ({why})",
            {"table": Message(row.table), "rows": row.rows, "why": Message(row.placement)},
        )
        for row in left_out.itertuples()
    ]


def commune_cells(communes: gpd.GeoDataFrame, grid: Grid) -> pd.DataFrame:
    """Return the centres of each commune's cells: ``commune_code``, ``x``, ``y`` in metres of the grid's CRS."""
    owner = cells_in(communes, grid)
    row, col = np.nonzero(owner >= 0)
    codes = communes["commune_code"].to_numpy()[owner[row, col]]
    return pd.DataFrame({"commune_code": codes, "x": grid.eastings()[col], "y": grid.northings()[row]})


def recorded_surface(
    cells: pd.DataFrame,
    totals: pd.DataFrame,
    years: float,
    grid: Grid,
    communes: gpd.GeoDataFrame,
    settings: Settings,
) -> NDArray[np.float64]:
    """Return recorded events per 10,000 persons and year, from the communes' counts alone; NaN outside of them.

    Parameters
    ----------
    cells
        `commune_cells` of the communes and the grid: over these each commune's events and population are spread evenly.
    totals, years
        Of a `geo.panel.Panel`.
    grid, communes, settings
        Where, in the grid's CRS, and with which kernel.
    """
    share = 1 / cells.groupby("commune_code")["commune_code"].transform("size")
    events = cells["commune_code"].map(totals["cases"] + totals["absences"]) * share
    person_years = cells["commune_code"].map(totals["population"]) * years * share
    ratio = density_ratio(
        cells["x"], cells["y"], events, person_years, grid,
        bandwidth_m=settings.surface.bandwidth_m, kernel=settings.surface.kernel,
    )  # fmt: skip
    return mask_outside(ratio, grid, communes)


def _patrol_hours(patrols: pd.DataFrame, end: pd.Period) -> pd.Series | None:
    """Sum the team-hours of each sector over the last twelve months of the period."""
    if patrols.empty:
        return None
    month = patrols["date"].dt.to_period("M")
    recent = patrols[(month > end - 12) & (month <= end)]
    return (recent["hours"] * recent["teams"]).groupby(recent["sector_id"]).sum()
