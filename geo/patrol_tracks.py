"""Tracks of patrols from GPS units: how many hours near which border sector."""

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from geo.crs import STORED, metric_crs
from geo.errors import IntakeError, Message
from geo.intake import RawTable
from geo.vector_file import check_vector_file

NEAR_M = 3_000.0
"""A track further from the border than this was not at a sector."""

LONGEST_GAP = pd.Timedelta(minutes=30)
"""A longer time without a position is not counted: the unit was off, or inside."""

UTC_OFFSET = pd.Timedelta(hours=7)
"""GPX times are UTC; a patrol's day is that of Viet Nam."""


def of_tracks(file: Path) -> bool:
    """Tell whether a file holds tracks, by its name."""
    return file.suffix.lower() == ".gpx"


def read_tracks(path: Path, border: gpd.GeoDataFrame, crs: str) -> RawTable:
    """Return the patrols of a GPX file as rows of the table ``patrols``: one a track, day and sector.

    The time between two positions belongs to the sector that is nearest to their middle, if one is near.

    Parameters
    ----------
    path
        The file; every track is one team.
    border
        `geo.schema.BORDER`.
    crs
        The metric CRS for distances.

    Raises
    ------
    IntakeError
        If the file cannot be read, or has no track with times, or none near the border.
    """
    positions = _positions(path)
    names, twins = _names(positions)
    positions = positions[~positions["track_fid"].isin(twins)]
    steps = _steps(positions.to_crs(metric_crs(crs)))
    sectors = border.to_crs(metric_crs(crs))
    middles = gpd.GeoSeries.from_xy(steps["x"], steps["y"], crs=sectors.crs)
    step, sector = sectors.sindex.nearest(middles, return_all=False, max_distance=NEAR_M)
    near = steps.iloc[step].assign(sector_id=sectors["sector_id"].to_numpy()[sector])
    if near.empty:
        raise IntakeError("{file}: no track comes near the border", file=path.name)
    hours = near.groupby(["track", "date", "sector_id"], as_index=False)["hours"].sum()
    cells = pd.DataFrame(
        {
            "patrol_id": hours["track"].map(names) + "-" + hours["date"] + "-" + hours["sector_id"],
            "date": hours["date"],
            "sector_id": hours["sector_id"],
            "hours": hours["hours"].round(3).astype(str),
            "teams": "1",
        },
        dtype=object,
    )
    cells.index = pd.RangeIndex(1, len(cells) + 1, name="row")
    away = float(steps["hours"].sum() - near["hours"].sum())
    notes = []
    if away > 0:
        values = {"hours": away, "all": away + float(near["hours"].sum())}
        notes.append(Message("{hours} of {all} hours were spent away from the border", values))
    if twins:
        notes.append(Message("{n} tracks stand in the file twice, and count once", {"n": len(twins)}))
    return RawTable(path, cells, notes=tuple(notes))


def _names(positions: gpd.GeoDataFrame) -> tuple[dict[int, str], list[int]]:
    """Return a name for each track, made of its points and times, and the tracks that repeat another of the file.

    Whatever the file is called, a track is then itself: units call all of theirs track.gpx, and users after persons.
    """
    names: dict[int, str] = {}
    for track, points in positions.groupby("track_fid", sort=True):
        time = points["time"].astype("datetime64[ms, UTC]").astype("int64")
        content = np.column_stack([points.geometry.x.round(7), points.geometry.y.round(7), time]).astype("<f8")
        names[int(track)] = hashlib.sha256(content.tobytes()).hexdigest()[:16]
    first = {name: track for track, name in reversed(names.items())}
    return names, [track for track, name in names.items() if first[name] != track]


def _positions(path: Path) -> gpd.GeoDataFrame:
    check_vector_file(path)
    try:
        frame = pyogrio.read_dataframe(path, layer="track_points", columns=["track_fid", "track_seg_id", "time"])
    except (DataSourceError, DataLayerError, UnicodeDecodeError):
        raise IntakeError("{file}: not a readable GPX file", file=path.name) from None
    frame = frame[frame["time"].notna()]
    if len(frame) < 2:
        raise IntakeError("{file}: there is no track with times", file=path.name)
    return frame.set_crs(STORED, allow_override=True)


def _steps(positions: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the middle, day and hours of each step between two positions of a track."""
    time = pd.to_datetime(positions["time"], utc=True).dt.tz_localize(None) + UTC_OFFSET
    frame = pd.DataFrame(
        {
            "track": positions["track_fid"].to_numpy(),
            "segment": positions["track_seg_id"].to_numpy(),
            "time": time.to_numpy(),
            "x": positions.geometry.x.to_numpy(),
            "y": positions.geometry.y.to_numpy(),
        }
    ).sort_values(["track", "segment", "time"], ignore_index=True)
    after = frame.shift(-1)
    took = after["time"] - frame["time"]
    same = (after["track"] == frame["track"]) & (after["segment"] == frame["segment"]) & (took <= LONGEST_GAP)
    steps = pd.DataFrame(
        {
            "track": frame["track"],
            "date": frame["time"].dt.strftime("%Y-%m-%d"),
            "hours": took / np.timedelta64(1, "h"),
            "x": (frame["x"] + after["x"]) / 2,
            "y": (frame["y"] + after["y"]) / 2,
        }
    )
    return steps[same].reset_index(drop=True)
