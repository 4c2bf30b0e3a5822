"""The built-in layers of Điện Biên: facts of both vintages, the crosswalk, approximate polygons, border, crossings."""

from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border import face_communes
from geo.crs import METRIC, STORED
from geo.errors import SchemaError
from geo.schema import COMMUNES, CROSSINGS, VINTAGES

_FACTS = {"2020-01-01": "communes_2020-01.csv", "2025-07-01": "communes_2025-07.csv"}
_POLYGONS = {"2020-01-01": "communes_2020-01.geojson", "2025-07-01": "communes_2025-07.geojson"}


def data_folder() -> Path:
    """Return the folder of the built-in layers: inside an installed package, or in the source tree."""
    installed = Path(__file__).parent / "_boundaries"
    return installed if installed.is_dir() else Path(__file__).parents[1] / "data" / "boundaries"


def facts(vintage: str) -> pd.DataFrame:
    """Return what is known of the units of a vintage, in the order of their codes.

    For 2025-07-01 areas and border lengths are official; for 2020-01-01 they are measured on the approximate polygons.

    Returns
    -------
    pandas.DataFrame
        ``commune_code``, ``name``, ``district`` (missing since 2025), ``population`` (2019 census), ``area_km2``,
        ``border_km_laos``, ``border_km_china``.

    Raises
    ------
    SchemaError
        If the vintage is not known.
    """
    return _facts(_known(vintage)).copy()


def crosswalk() -> pd.DataFrame:
    """Return ``old_code`` (2020-01-01), ``new_code`` (2025-07-01), ``population``: old units lie whole in new ones."""
    table = _table(_FACTS["2020-01-01"])
    names = {"commune_code": "old_code", "commune_code_2025": "new_code", "population_2019": "population"}
    return table.rename(columns=names)[list(names.values())].astype({"population": "Int64"})


def former_names() -> pd.DataFrame:
    """Return ``name``, ``district`` and ``former_code`` before 2020, with the ``commune_code`` of a ``vintage`` since.

    The other units bear the names and codes of before.
    """
    return _table("former_names.csv").drop(columns="note")


def moved_parts() -> pd.DataFrame:
    """Return ``old_code`` of the 130 units before 2020 of which a part moved to ``new_code``; its size is not known."""
    return _table("moved_parts.csv").drop(columns="note")


def known_codes() -> frozenset[str]:
    """Return the codes of all vintages and of before."""
    of_vintages = (_facts(vintage)["commune_code"] for vintage in VINTAGES)
    return frozenset(former_names()["former_code"]).union(*of_vintages)


def are_built_in(communes: gpd.GeoDataFrame) -> bool:
    """Tell whether a layer's units are those of Điện Biên, of which facts, former names and a crosswalk are known."""
    return set(communes["commune_code"]) <= set(_facts(str(communes["vintage"].iloc[0]))["commune_code"])


def communes(vintage: str) -> gpd.GeoDataFrame:
    """Return the units of a vintage with approximate polygons (`geo.schema.COMMUNES`, EPSG:4326)."""
    polygons = _layer(_POLYGONS[_known(vintage)])
    layer = polygons.merge(facts(vintage), on="commune_code").assign(
        vintage=vintage,
        women_children=pd.array([pd.NA] * len(polygons), dtype="Int64"),
    )
    validated: gpd.GeoDataFrame = COMMUNES.validate(layer[list(COMMUNES.columns)])
    return validated


def border_line() -> gpd.GeoDataFrame:
    """Return two lines in EPSG:4326, ``neighbour`` LAO and CHN, each from the tripoint outwards."""
    return _layer("border.geojson")[["neighbour", "geometry"]]


def crossings(vintage: str) -> gpd.GeoDataFrame:
    """Return the named crossings (`geo.schema.CROSSINGS`) with the commune of that vintage and no position."""
    table = _table("crossings.csv")
    table["commune_code"] = table[f"commune_code_{_known(vintage)[:4]}"]
    layer = gpd.GeoDataFrame(table.assign(position_quality="unknown"), geometry=[None] * len(table), crs=STORED)
    validated: gpd.GeoDataFrame = CROSSINGS.validate(layer[list(CROSSINGS.columns)])
    return validated


def demo_crossings(vintage: str, sectors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the crossings at positions made up for the demo: the middle of the sectors of their commune of 2025.

    Parameters
    ----------
    vintage
        Unit system of the communes.
    sectors
        `geo.schema.BORDER`.
    """
    layer, newest = crossings(vintage), VINTAGES[-1]
    facing = face_communes(sectors, communes(newest), METRIC)
    middles = sectors.to_crs(METRIC).geometry.interpolate(0.5, normalized=True).to_crs(STORED)
    for position, crossing in enumerate(crossings(newest).itertuples()):
        own = (sectors["neighbour"] == crossing.neighbour).to_numpy() & (facing == crossing.commune_code).to_numpy()
        along = np.flatnonzero(own if own.any() else (sectors["neighbour"] == crossing.neighbour).to_numpy())
        layer.loc[layer.index[position], "geometry"] = middles.iloc[along[len(along) // 2]]
    return layer.assign(position_quality="demo")


def _known(vintage: str) -> str:
    if vintage not in VINTAGES:
        raise SchemaError(
            "{vintage} is not a known vintage; choose one of {known}", vintage=vintage, known=", ".join(VINTAGES)
        )
    return vintage


@cache
def _facts(vintage: str) -> pd.DataFrame:
    table = _table(_FACTS[vintage]).rename(columns={"population_2019": "population"})
    if "area_km2" not in table:
        table = table.merge(_table("measured_2020-01.csv"), on="commune_code")
    measures = ["area_km2", "border_km_laos", "border_km_china"]
    table = table.reindex(columns=["commune_code", "name", "district", "population", *measures])
    table = table.astype({"district": "str", "population": "Int64", **dict.fromkeys(measures, float)})
    return table.sort_values("commune_code", ignore_index=True)


def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(data_folder() / name, dtype="str")


@cache
def _read_layer(name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(data_folder() / name)


def _layer(name: str) -> gpd.GeoDataFrame:
    return _read_layer(name).copy()
