"""Rows that say two places: a code and the name of another unit, or a point far from what the words name."""

from collections.abc import Callable, Iterable

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.commune_names import CommuneNames, Meaning
from geo.crs import STORED, metric_crs
from geo.errors import Message

UnitOf = Callable[[str | None, str | None], str | None]
"""From a code and its vintage to the workspace's unit."""


def settle_code(
    coded: Meaning, name: str, named: Meaning, names: CommuneNames, vintages: Iterable[str], unit_of: UnitOf
) -> Meaning:
    """Return what a code with a name beside it means.

    A name that the code's unit bears in another vintage says that the code is of that vintage. A name of another place
    is a contradiction; one that is none of a commune leaves the code alone.

    Parameters
    ----------
    coded, named
        What the code and the name mean by themselves.
    name
        As written.
    names
        Of all vintages.
    vintages
        In which the code may be meant, the likely first.
    unit_of
        Tells whether two units are one in the workspace.
    """
    for vintage in vintages:
        if names.bears(vintage, str(coded.code), name):
            repair = coded.repair
            if vintage != coded.vintage:
                said = {"name": names.official(vintage, str(coded.code)), "vintage": vintage}
                repair = Message("read as {name} of {vintage}", said)
            return coded._replace(vintage=vintage, repair=repair, twin_vintage=None, twin_code=None)
    if named.code is None or unit_of(named.code, named.vintage) == unit_of(coded.code, coded.vintage):
        return coded
    said = {
        "name": names.official(str(named.vintage), named.code),
        "other": names.official(str(coded.vintage), str(coded.code)),
        "vintage": str(coded.vintage),
    }
    return Meaning(reason=Message("is {name}, but the code is that of {other} in {vintage}", said))


def far_points(rows: pd.DataFrame, named: pd.Series, communes: gpd.GeoDataFrame, crs: str, reach_m: float) -> pd.Series:
    """Return messages for the rows whose point lies further than ``reach_m`` from the unit that their words name.

    Parameters
    ----------
    rows
        With ``lon`` and ``lat``.
    named
        The unit that the words of each row name, missing where they name none.
    communes
        The workspace's layer.
    crs
        The metric CRS for distances.
    reach_m
        How far the polygons may be wrong.
    """
    rows = rows[named.notna() & rows["lon"].notna() & rows["lat"].notna()]
    if rows.empty:
        return pd.Series(index=rows.index, dtype=object)
    units = communes.to_crs(metric_crs(crs)).set_index("commune_code")
    points = gpd.GeoSeries.from_xy(rows["lon"], rows["lat"], index=rows.index, crs=STORED).to_crs(metric_crs(crs))
    homes = units.geometry.reindex(named[rows.index])
    with np.errstate(invalid="ignore"):  # a point beyond what the projection can hold is far from everything
        away = np.asarray(points.distance(gpd.GeoSeries(homes.array, index=rows.index, crs=units.crs)))
    far = rows.index[~(away <= reach_m)]
    messages = [
        Message("lies outside {name}, which the row names", {"name": units.loc[code, "name"]}) for code in named[far]
    ]
    return pd.Series(messages, index=far, dtype=object)
