"""The posts that patrols leave from: of a file that is read for one plan, or of the workspace's table."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.crs import STORED
from geo.errors import PlanError, some_of
from geo.intake import accept, read_records, row_in_file
from geo.intake.masking import masked_table
from geo.intake.persons import Persons
from geo.places import place
from geo.workspace import Workspace
from workflow.layers import Layers, gazetteer


@dataclass(frozen=True)
class Posts:
    """Where patrols leave from.

    Attributes
    ----------
    places
        Points in the workspace's metric CRS, index ``post_id``.
    names
        What posts are called, by ``post_id``; empty where they have no name.
    teams
        How many teams each has, or None where the file does not say.
    simulated
        Whether any of them is.
    """

    places: gpd.GeoSeries
    names: pd.Series
    teams: pd.Series | None
    simulated: bool


def posts_of(workspace: Workspace, layers: Layers, file: Path | None, now: datetime) -> Posts:
    """Return the posts of a file, read by the rules of `diemnong add posts`, or those of the workspace.

    Raises
    ------
    PlanError
        If there is none, or rows of the file cannot be used; it says which.
    IntakeError, CrsError
        If the file cannot be read.
    """
    if file is not None:
        return _of_file(workspace, layers, file, now)
    stored = layers.records["posts"]
    if stored.empty:
        raise PlanError(
            "No posts are known: name a file of them with --posts FILE (points, or a table with lon and lat), or add "
            "them with: diemnong add posts FILE"
        )
    return _posts(stored, stored["teams"], workspace.settings.crs)


def _of_file(workspace: Workspace, layers: Layers, file: Path, now: datetime) -> Posts:
    known = Persons(workspace.store.read("villages")["village"])
    raw = masked_table(read_records(file, "posts"), known)
    says_teams, says_ids = "teams" in raw.cells, "post_id" in raw.cells
    if not says_teams:
        raw.cells["teams"] = "1"
    province = layers.communes.geometry.union_all()
    intake = accept(raw, "posts", today=pd.Timestamp(now.date()), province=province, known=known)
    if intake.rejections:
        row, why = next(iter(sorted(intake.rejections.items())))
        raise PlanError(
            "{file}: {n} rows cannot be used as posts, the first is row {row}: {column} {reason}; correct the file",
            file=raw.path.name,
            n=len(intake.rejections),
            row=row_in_file(row, raw.sheets),
            column=why.column,
            reason=why.reason,
        )
    found = place(intake.accepted, gazetteer(layers.communes, workspace.settings.crs))
    outside = found.index[found["placement"] == "refused"]
    if len(outside):
        raise PlanError(
            "{file}: the posts in rows {rows} lie outside the province; correct their coordinates or leave them out",
            file=raw.path.name,
            rows=some_of(row_in_file(row, raw.sheets) for row in outside),
        )
    intake.identify(found)
    rows = intake.accepted
    if not says_ids:
        rows = rows.assign(post_id=[f"P{number:02}" for number in range(1, len(rows) + 1)])
    return _posts(rows, rows["teams"] if says_teams else None, workspace.settings.crs)


def _posts(rows: pd.DataFrame, teams: pd.Series | None, crs: str) -> Posts:
    ids = pd.Index(rows["post_id"], name="post_id")
    places = gpd.GeoSeries.from_xy(rows["lon"], rows["lat"], crs=STORED).set_axis(ids).to_crs(crs)
    names = rows["name"] if "name" in rows else pd.Series("", rows.index)
    simulated = "data_kind" in rows and bool((rows["data_kind"] == "simulated").any())
    counted = None if teams is None else teams.astype(int).set_axis(ids)
    return Posts(places, names.fillna("").set_axis(ids), counted, simulated)
