"""The border: lines cut into sectors with stable ids, and the commune that each sector faces."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from shapely.ops import substring

from geo.crs import METRIC, STORED, metric_crs
from geo.errors import CrsError, SchemaError
from geo.schema import BORDER, NEIGHBOURS


def cut_sectors(
    lines: gpd.GeoDataFrame, crs: str = METRIC, *, length_km: float = 5.0, geometry_quality: str = "official"
) -> gpd.GeoDataFrame:
    """Cut border lines into sectors of equal length, as near to ``length_km`` as it goes.

    Sectors are numbered along each neighbour's line from its north-western end, ``LAO-001``, ``LAO-002``, …, so that
    the order, direction and splitting of the lines in a file do not matter.

    Parameters
    ----------
    lines
        Lines with ``neighbour`` (`geo.schema.NEIGHBOURS`), any CRS.
    crs
        Metric CRS in which lengths are measured.
    length_km
        Wanted length of a sector.
    geometry_quality
        ``"official"`` or ``"approximate"``.

    Returns
    -------
    geopandas.GeoDataFrame
        `geo.schema.BORDER` in EPSG:4326.

    Raises
    ------
    CrsError
        If the lines have no CRS.
    SchemaError
        If there is no line, a geometry is not a line with a length, or a neighbour is not known.
    ValueError
        If ``length_km`` is not above zero.
    """
    _check(lines, length_km)
    metric = lines.to_crs(metric_crs(crs))
    sectors = pd.concat(
        _cut(neighbour, np.asarray(part.geometry), length_km * 1000) for neighbour, part in metric.groupby("neighbour")
    )
    layer = gpd.GeoDataFrame(sectors, geometry="geometry", crs=metric.crs).assign(geometry_quality=geometry_quality)
    validated: gpd.GeoDataFrame = BORDER.validate(layer.to_crs(STORED)[list(BORDER.columns)].reset_index(drop=True))
    return validated


def _check(lines: gpd.GeoDataFrame, length_km: float) -> None:
    if not length_km > 0:
        raise ValueError("length_km must be above zero")
    if lines.crs is None:
        raise CrsError("The border lines have no coordinate reference system")
    found = set(lines.geom_type.fillna("no geometry")) - {"LineString", "MultiLineString"}
    shapes = np.asarray(lines.geometry)
    if not found and not ((shapely.length(shapes) > 0).all() and np.isfinite(shapely.get_coordinates(shapes)).all()):
        found = {"a line without length or with broken coordinates"}
    if lines.empty or found:
        raise SchemaError("A border needs lines; found {found}", found=", ".join(sorted(found)) or "nothing")
    neighbours = {str(name) for name in lines["neighbour"]} if "neighbour" in lines else {"no column neighbour"}
    if unknown := sorted(neighbours - set(NEIGHBOURS)):
        raise SchemaError(
            "The neighbour of a border line must be one of {known}; found {found}",
            known=", ".join(NEIGHBOURS),
            found=", ".join(unknown),
        )


def _cut(neighbour: str, lines: NDArray[np.object_], length_m: float) -> pd.DataFrame:
    pieces = [_from_north_west(piece) for piece in _merged(lines)]
    pieces.sort(key=lambda piece: _north_west(piece.coords[0]))
    parts: list[shapely.LineString] = []
    for piece in pieces:
        count = max(1, round(piece.length / length_m))
        cuts = np.linspace(0, piece.length, count + 1)
        parts += [substring(piece, start, end) for start, end in pairwise(cuts)]
    return pd.DataFrame(
        {
            "sector_id": [f"{neighbour}-{number:03}" for number in range(1, len(parts) + 1)],
            "neighbour": neighbour,
            "length_km": [part.length / 1000 for part in parts],
            "geometry": parts,
        }
    )


def _merged(lines: NDArray[np.object_]) -> list[shapely.LineString]:
    return list(shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.get_parts(lines), grid_size=0.001))))


def _from_north_west(line: shapely.LineString) -> shapely.LineString:
    ends = line.coords[0], line.coords[-1]
    return line if _north_west(ends[0]) <= _north_west(ends[1]) else shapely.reverse(line)


def _north_west(point: tuple[float, ...]) -> float:
    """Return a number that grows towards the south-east; both lines begin at the tripoint in the north-west."""
    return point[0] - point[1]


def carry_ids(new: gpd.GeoDataFrame, old: gpd.GeoDataFrame, crs: str = METRIC) -> gpd.GeoDataFrame:
    """Give the sectors of a better border line the ids of the old sectors that they replace.

    A new sector takes the id of the old one of its neighbour whose midpoint is nearest, one to one, within half a
    sector; sectors without a match get numbers above all those of the old line.
    """
    if old.empty:
        return new
    ids = new["sector_id"].to_list()
    for neighbour in sorted(set(new["neighbour"])):
        mine, theirs = (np.flatnonzero(layer["neighbour"] == neighbour) for layer in (new, old))
        distance = cdist(_midpoints(new.iloc[mine], crs), _midpoints(old.iloc[theirs], crs))
        reach = 500 * old["length_km"].iloc[theirs].mean() if len(theirs) else 0.0
        free = max((int(name[4:]) for name in old["sector_id"].iloc[theirs]), default=0)
        matched = {
            int(row): str(old["sector_id"].iloc[theirs[column]])
            for row, column in zip(*linear_sum_assignment(np.minimum(distance, 2 * reach)), strict=True)
            if distance[row, column] <= reach
        }
        for row, position in enumerate(mine):
            if row not in matched:
                free += 1
            ids[position] = matched.get(row, f"{neighbour}-{free:03}")
    return new.assign(sector_id=pd.Series(ids, index=new.index, dtype="str"))


def _midpoints(sectors: gpd.GeoDataFrame, crs: str) -> NDArray[np.float64]:
    middles = sectors.to_crs(metric_crs(crs)).geometry.interpolate(0.5, normalized=True)
    return np.column_stack([middles.x, middles.y])


def face_communes(sectors: gpd.GeoDataFrame, communes: gpd.GeoDataFrame, crs: str) -> pd.Series:
    """Return the code of the commune that each sector faces: the one nearest to its midpoint."""
    metric = communes.to_crs(metric_crs(crs))
    middles = sectors.to_crs(metric.crs).geometry.interpolate(0.5, normalized=True)
    position, unit = metric.sindex.nearest(middles, return_all=False)
    codes = communes["commune_code"].to_numpy()[unit[np.argsort(position)]]
    return pd.Series(codes, index=sectors.index, dtype="str", name="commune_code")
