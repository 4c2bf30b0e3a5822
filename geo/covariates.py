"""Covariates of communes: what the layers say of each, and what the user's files say, in one table with its sources."""

import hashlib
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import METRIC, metric_crs
from geo.errors import WorkspaceError
from geo.features import distance_km

MAIN = ("international", "main")
"""Kinds of crossings that have a checkpoint and traffic."""

FACTS = {
    "border_km_laos": ("km", "length of the border with Laos, as the commune layer gives it"),
    "border_km_china": ("km", "length of the border with China, as the commune layer gives it"),
    "border_distance_km": ("km", "distance to the border"),
    "main_crossing_distance_km": ("km", "distance to the nearest international or main crossing"),
    "crossing_distance_km": ("km", "distance to the nearest crossing of any kind"),
    "population_per_km2": ("per km2", "population over area, as the commune layer gives them"),
    "centre_distance_km": ("km", "remoteness: distance to the commune of the greatest population density"),
}
"""The covariates that the layers themselves give: unit and meaning. Distances are those of a commune's centroid."""

SOURCES = ("name", "stat", "unit", "source", "sha256", "data_kind", "missing")


@dataclass(frozen=True)
class CovariateTable:
    """Covariates as they are (a model standardises them itself), and where each is from.

    Attributes
    ----------
    table
        One row per commune (index ``commune_code``), one column per covariate; NaN where a value is missing.
    sources
        One row per covariate: the columns `SOURCES`; ``missing`` is the number of communes without a value.
    """

    table: pd.DataFrame
    sources: pd.DataFrame

    @property
    def missing(self) -> pd.DataFrame:
        """Which values are missing, in the shape of the table."""
        return self.table.isna()

    @property
    def simulated(self) -> bool:
        """Whether any covariate rests on simulated data."""
        return bool((self.sources["data_kind"] == "simulated").any())


def join_covariates(
    communes: gpd.GeoDataFrame,
    border: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    added: pd.DataFrame,
    crs: str = METRIC,
) -> CovariateTable:
    """Return the covariates of `commune_covariates`, then the user's in the order of adding.

    Parameters
    ----------
    communes, border, crossings, crs
        See `commune_covariates`.
    added
        `geo.schema.COVARIATES`.

    Raises
    ------
    WorkspaceError
        If a covariate of the user's was measured on another commune layer.
    """
    if old := outdated(added, communes):
        raise WorkspaceError(
            "The covariates {names} were measured on another commune layer; add their files again, or take them back "
            "with diemnong undo",
            names=", ".join(old),
        )
    facts = commune_covariates(communes, border, crossings, crs)
    own = added.pivot(index="commune_code", columns="name", values="value")
    table = facts.join(own[added["name"].unique()])
    sources = pd.concat([fact_sources(facts, communes, crossings), _own_sources(added)], ignore_index=True)
    return CovariateTable(table, sources)


def commune_covariates(
    communes: gpd.GeoDataFrame, border: gpd.GeoDataFrame, crossings: gpd.GeoDataFrame, crs: str = METRIC
) -> pd.DataFrame:
    """Return what the layers say of each commune.

    Distances are measured from centroids, the mean place of a commune's area: those of all communes at the border
    would else be 0. The centre of the province is the commune of the greatest population density, which is the town;
    the most populous one need not be (in the units of 2020 it is Mường Nhé, the farthest corner).

    Parameters
    ----------
    communes, border, crossings
        `geo.schema.COMMUNES`, `geo.schema.BORDER`, `geo.schema.CROSSINGS`, any CRS.
    crs
        Metric CRS in which distances are measured.

    Returns
    -------
    pandas.DataFrame
        Index ``commune_code`` in the order of the layer, the columns `FACTS`; NaN where something is not known: without
        a border, or without a crossing of the kind that has a position.
    """
    metric = metric_crs(crs)
    shapes = communes.to_crs(metric).geometry
    middles = shapely.centroid(shapes.to_numpy())
    placed = crossings[crossings.geometry.notna()].to_crs(metric)
    density = (communes["population"] / communes["area_km2"].where(communes["area_km2"] > 0)).astype("float64")
    values = {
        "border_km_laos": communes["border_km_laos"].to_numpy(),
        "border_km_china": communes["border_km_china"].to_numpy(),
        "border_distance_km": distance_km(middles, border.to_crs(metric).geometry.to_numpy()),
        "main_crossing_distance_km": distance_km(middles, placed.geometry[placed["kind"].isin(MAIN)].to_numpy()),
        "crossing_distance_km": distance_km(middles, placed.geometry.to_numpy()),
        "population_per_km2": density.to_numpy(),
        "centre_distance_km": distance_km(middles, _centre(middles, density)),
    }
    return pd.DataFrame(values, index=pd.Index(communes["commune_code"], name="commune_code"))


def _centre(middles: NDArray[np.object_], density: pd.Series) -> NDArray[np.object_]:
    return middles[[int(np.argmax(density))]] if density.notna().any() else middles[:0]


def fact_sources(facts: pd.DataFrame, communes: gpd.GeoDataFrame, crossings: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return where each column of `commune_covariates` is from, as the columns `SOURCES`."""
    vintage, quality = communes["vintage"].iloc[0], communes["geometry_quality"].iloc[0]
    rows = []
    for name in facts.columns:
        unit, meaning = FACTS[name]
        source, kind = f"{meaning} (communes of {vintage}, {quality} polygons)", "recorded"
        if "crossing" in name:
            used = crossings[crossings["kind"].isin(MAIN)] if name.startswith("main") else crossings
            placed = used[used.geometry.notna()]
            source += f"; {len(placed)} of {len(used)} crossings have a position"
            kind = "simulated" if (placed["position_quality"] == "demo").any() else kind
        rows.append((name, "fact", unit, source, pd.NA, kind, int(facts[name].isna().sum())))
    return pd.DataFrame(rows, columns=list(SOURCES))


def _own_sources(added: pd.DataFrame) -> pd.DataFrame:
    first = added.groupby("name", sort=False).first().rename(columns={"file": "source"})
    first["missing"] = added.groupby("name", sort=False)["missing"].sum()
    return first.reset_index()[list(SOURCES)]


def layer_digest(communes: gpd.GeoDataFrame) -> str:
    """Return what tells one commune layer from another: a SHA-256 of its codes and polygons, shortened."""
    digest = hashlib.sha256()
    for code, shape in sorted(zip(communes["commune_code"], communes.geometry.to_wkb(), strict=True)):
        digest.update(code.encode() + shape)
    return digest.hexdigest()[:16]


def outdated(added: pd.DataFrame, communes: gpd.GeoDataFrame) -> list[str]:
    """Return the names of the user's covariates that were measured on another commune layer."""
    if added.empty:
        return []
    return list(added.loc[added["measured_on"] != layer_digest(communes), "name"].unique())
