"""Over which border sectors people are moved: from a workspace's layers and the draws of its risk model to flows."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from geo.border import face_communes
from geo.errors import Message
from geo.panel import SUSPECTED, Panel
from geo.terrain import Terrain
from geo.travel import TravelTimes
from geo.workspace import Settings
from models.crossing_sectors import crossed_sectors, place_crossings, sector_table
from models.flow_rows import Costs
from models.flow_tables import Flows
from models.flows import BorderFlows
from models.risk import RiskModel
from models.season import season_shares
from workflow.layers import Layers
from workflow.ways import times_between

DATED = {"cases": "date", "absences": "reported_on"}
"""The tables whose records tell in which months events happen."""
WITH_MONTH = ("day", "month")
_CLOSED = Message("the flows are those of months in which the closed areas are closed, reckoned as events a year")


@dataclass(frozen=True)
class Closure:
    """Ground that is closed in some months of every year.

    Attributes
    ----------
    terrain
        With what is closed.
    months
        The months (1 to 12).
    """

    terrain: Terrain
    months: Collection[int]


def flows_of(
    layers: Layers,
    sectors: gpd.GeoDataFrame,
    panel: Panel,
    model: RiskModel,
    settings: Settings,
    closure: Closure | None = None,
) -> Flows:
    """Return the flows over the border sectors, the uncertainty of risk and of ways carried through.

    People set out from a point within their commune, whatever the places of its records: moving a record within its
    commune changes nothing.

    Parameters
    ----------
    layers
        The workspace's.
    sectors
        Its border with ``commune_code``: the commune that each sector faces.
    panel
        The records, placed.
    model
        Fitted to them.
    settings
        Of the workspace.
    closure
        If given, a year's events are those of a year that is all like the closed months. Cases of these months are
        taken to have found the ground closed too; those that do not tell their month are left out.
    """
    cases, placed = _cases(panel), place_crossings(layers.crossings, sectors, settings.crs)
    told = _tells_month(cases) | (closure is None)
    crossed = crossed_sectors(cases[told], placed)
    times = times_to_border(layers, sectors, settings)
    costs: Costs = times.hours
    season, notes = season_of(panel), (*times.notes, *crossed.notes)
    if closure is not None:
        shut = times_to_border(replace(layers, terrain=closure.terrain), sectors, settings)
        costs = {month: shut.hours if month in closure.months else times.hours for month in season.index}
        season = season.where(season.index.isin(closure.months), 0.0)
        notes = (*notes, *(note for note in shut.notes if note not in notes), _CLOSED)
        if unknown := int(cases["crossing_id"][~told].notna().sum()):
            left_out = Message(
                "{n} cases with a known crossing do not tell their month, nor so whether ground was closed: left out",
                {"n": unknown},
            )
            notes = (*notes, left_out)
    fitted = BorderFlows(crossings_only=True, random_state=settings.seed).fit(
        costs, crossed.choices, sectors=sector_table(sectors, placed)
    )
    risk = pd.DataFrame(model.draws_, index=model.units_)
    names = layers.communes.set_index("commune_code")["name"]
    flows = fitted.predict(risk, season=season, names=names)
    return replace(flows, notes=(*notes, *flows.notes))


def facing_sectors(layers: Layers, settings: Settings) -> gpd.GeoDataFrame:
    """Return the border sectors with ``commune_code``: the commune that each of them faces."""
    return layers.border.assign(commune_code=face_communes(layers.border, layers.communes, settings.crs))


def times_to_border(layers: Layers, sectors: gpd.GeoDataFrame, settings: Settings) -> TravelTimes:
    """Return hours from a point within each commune to each border sector."""
    communes = layers.communes.set_index("commune_code").to_crs(settings.crs)
    borders = sectors.set_index("sector_id").geometry
    return times_between(layers.terrain, communes.representative_point(), borders, settings.crs)


def season_of(panel: Panel) -> pd.Series:
    """Return the share of a year's events in each month, by the records that know their month."""
    months = [_month_numbers(panel, table, date) for table, date in DATED.items() if table in panel.placed]
    return season_shares(pd.concat(months).value_counts())


def _cases(panel: Panel) -> pd.DataFrame:
    columns = ["case_id", "commune_code", "date", "date_precision", "crossing_id", "month"]
    cases = panel.placed.get("cases", pd.DataFrame(columns=columns)).reindex(columns=columns)
    within = cases["month"].between(panel.months[0], panel.months[-1])
    return cases[within].astype({"date": "datetime64[ns]"})


def _month_numbers(panel: Panel, table: str, date: str) -> pd.Series:
    rows = panel.placed[table]
    counted = rows["status"].isin(SUSPECTED) if table == "absences" else True
    within = rows["month"].between(panel.months[0], panel.months[-1])
    return rows.loc[within & _tells_month(rows) & counted, date].dt.month


def _tells_month(rows: pd.DataFrame) -> pd.Series:
    precision = rows.get("date_precision", pd.Series("day", index=rows.index))
    return precision.fillna("day").isin(WITH_MONTH)
