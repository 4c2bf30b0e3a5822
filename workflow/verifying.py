"""The open absences of a workspace in the order in which to verify them. For the command, and nobody else."""

from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.crs import STORED, metric_crs
from geo.errors import Message
from geo.features import distance_km
from geo.places import place
from geo.workspace import Workspace
from maps.plans import Sheet
from models.verification import RELEASE_LEVEL, verification_queue
from workflow.layers import Layers, gazetteer, read_layers
from workflow.planning import SIMULATED, Planned, keep

CHILDREN = ("0-5", "6-11", "12-15", "16-17")


def queue_for(
    workspace: Workspace, *, on: datetime | None = None, out: Path | None = None, now: datetime | None = None
) -> Planned:
    """Order the open absences and write the queue into a new folder of the workspace's plans.

    Each row is a person, so rows are in the file only: what is returned to be printed holds counts. Absences without a
    point are as far from the border as a point within their commune.

    Parameters
    ----------
    workspace
        Where the absences are.
    on
        The day of the queue; the present by default.
    out, now
        See `workflow.planning.keep`.

    Raises
    ------
    PlanError
        If there is no open absence.
    ReleaseError
        If the files cannot be written; nothing is then left behind.
    """
    # Days are those of the reader's clock.
    day = pd.Timestamp((on or now or datetime.now().astimezone()).date())
    layers = read_layers(workspace)
    absences = layers.records["absences"]
    distance = _to_the_border(absences, layers, workspace.settings.crs) if len(absences) else None
    queue = verification_queue(absences, day, distance).table
    simulated = bool((absences["data_kind"] == "simulated").any())
    ages = queue["age_band"]
    counts = {
        "n": len(queue),
        "children": int(ages.isin(CHILDREN).sum()),
        "unknown": int((ages == "unknown").sum()),
        "recent": int((queue["days_absent"] <= 30).sum()),
        "unplaced": int(queue["distance_km"].isna().sum()),
    }
    messages = (
        Message("COMMAND LEVEL: not to leave the command"),
        *([SIMULATED] if simulated else []),
        Message(
            "{n} open absences to verify: {children} children, {unknown} of unknown age; {recent} absent for 30 days "
            "or less; {unplaced} without a place",
            counts,
        ),
        Message(
            "Order: children first, then unknown ages; the latest, those nearest to the border, and those of whom most "
            "is known before the others"
        ),
        Message("Who they are is in the file only"),
    )
    found = Planned(Path(), (), simulated, {"release_level": RELEASE_LEVEL, "open": counts}, messages)
    asked = {"on": str(day.date())}
    sheets = [Sheet("verification", queue)]
    return keep(workspace, "plan verify", asked, sheets, found, layers=layers, out=out, now=now, command_level=True)


def _to_the_border(absences: pd.DataFrame, layers: Layers, crs: str) -> pd.Series:
    """Return kilometres to the nearest sector, by the index of the absences; missing where the place is not known."""
    metric = metric_crs(crs)
    border = layers.border.to_crs(metric).geometry.to_numpy()
    middles = layers.communes.set_index("commune_code").to_crs(metric).representative_point()
    from_commune = pd.Series(distance_km(middles.to_numpy(), border), index=middles.index)
    codes = place(absences, gazetteer(layers.communes, crs))["unit_code"]
    km = codes.map(from_commune).astype(float)
    pointed = absences[codes.notna() & absences["lon"].notna() & absences["lat"].notna()]
    own = gpd.GeoSeries.from_xy(pointed["lon"], pointed["lat"], crs=STORED).to_crs(metric)
    km.loc[pointed.index] = distance_km(own.to_numpy(), border)
    return km
