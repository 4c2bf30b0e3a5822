"""The square province of conftest: communes 1 2 in the south, 3 4 in the north, 10 km wide; centroids in the middle."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, Point

from geo import boundaries
from geo.covariates import FACTS, SOURCES, commune_covariates, fact_sources, layer_digest
from geo.crs import METRIC, STORED
from geo.schema import VINTAGES
from tests.conftest import SIDE, SOUTH, WEST, square


@pytest.fixture
def border():
    """Along the western edge of the province."""
    line = LineString([(WEST, SOUTH - SIDE), (WEST, SOUTH + 3 * SIDE)])
    return gpd.GeoDataFrame({"neighbour": ["LAO"]}, geometry=[line], crs=METRIC).to_crs(STORED)


def crossings(*rows):
    kinds, points, qualities = zip(*rows, strict=True) if rows else ((), (), ())
    frame = {"kind": list(kinds), "position_quality": list(qualities)}
    return gpd.GeoDataFrame(frame, geometry=list(points), crs=METRIC).to_crs(STORED)


def at(east, north):
    return Point(WEST + east, SOUTH + north)


def test_distances_are_those_of_the_centroids(communes, border):
    found = commune_covariates(communes, border, crossings(("trail", at(0, 5000), "published")))
    assert list(found.columns) == list(FACTS)
    assert found.index.tolist() == communes["commune_code"].tolist()
    np.testing.assert_allclose(found["border_distance_km"], [5, 15, 5, 15], atol=1e-4)
    np.testing.assert_allclose(found["crossing_distance_km"], [5, 15, np.hypot(5, 10), np.hypot(15, 10)], atol=1e-4)
    # Commune 4 has the most people on the same area: it is the centre.
    np.testing.assert_allclose(found["centre_distance_km"], [10 * 2**0.5, 10, 10, 0], atol=1e-4)
    assert found["population_per_km2"].tolist() == [10, 20, 30, 40]


def test_the_centre_is_the_densest_commune_and_not_the_largest(communes, border):
    communes["area_km2"] = [1.0, 100.0, 100.0, 1000.0]
    found = commune_covariates(communes, border, crossings())
    assert found["centre_distance_km"].idxmin() == "00001"


@pytest.mark.parametrize("vintage", VINTAGES)
def test_the_centre_of_the_built_in_province_is_its_town(vintage):
    units = boundaries.communes(vintage)
    border = boundaries.border_line()
    found = commune_covariates(units, border, boundaries.crossings(vintage))
    centre = units.set_index("commune_code")["name"][found["centre_distance_km"].idxmin()]
    assert centre in ("Phường Tân Thanh", "Phường Mường Thanh")
    assert found[["main_crossing_distance_km", "crossing_distance_km"]].isna().all(axis=None)
    assert found.drop(columns=["main_crossing_distance_km", "crossing_distance_km"]).notna().all(axis=None)


def test_the_nearest_main_crossing_and_the_nearest_of_any_kind_differ(communes, border):
    two = crossings(("opening", at(0, 5000), "published"), ("main", at(0, 25_000), "published"))
    found = commune_covariates(communes, border, two)
    assert found.loc["00001", "crossing_distance_km"] == pytest.approx(5, abs=1e-4)
    assert found.loc["00001", "main_crossing_distance_km"] == pytest.approx(np.hypot(5, 20), abs=1e-4)


def test_what_is_not_known_is_missing_and_counted(communes, border):
    nowhere = crossings(("main", None, "unknown"), ("trail", at(0, 0), "published"))
    communes["border_km_laos"] = [10.0, np.nan, 10.0, np.nan]
    communes["area_km2"] = [100.0, 100.0, 100.0, 0.0]
    found = commune_covariates(communes, border.iloc[:0], nowhere)
    sources = fact_sources(found, communes, nowhere).set_index("name")
    assert sources["missing"].to_dict() == {
        "border_km_laos": 2,
        "border_km_china": 0,
        "border_distance_km": 4,
        "main_crossing_distance_km": 4,
        "crossing_distance_km": 0,
        "population_per_km2": 1,
        "centre_distance_km": 0,
    }
    assert "0 of 1 crossings have a position" in sources.loc["main_crossing_distance_km", "source"]
    assert "1 of 2 crossings have a position" in sources.loc["crossing_distance_km", "source"]
    assert np.isfinite(found.fillna(0)).all(axis=None)


def test_distances_to_made_up_crossings_say_that_they_are(communes, border):
    two = crossings(("main", at(0, 0), "published"), ("trail", at(0, 0), "demo"))
    sources = fact_sources(commune_covariates(communes, border, two), communes, two)
    assert list(sources.columns) == list(SOURCES)
    kinds = sources.set_index("name")["data_kind"]
    assert kinds[kinds == "simulated"].index.tolist() == ["crossing_distance_km"]


def test_a_layer_is_told_by_its_codes_and_polygons_in_any_order(communes):
    moved = communes.copy()
    moved.loc[0, "geometry"] = gpd.GeoSeries([square(0, 0).buffer(1)], crs=METRIC).to_crs(STORED).iloc[0]
    renamed = communes.assign(name="x", population=1)
    assert layer_digest(communes) == layer_digest(communes.iloc[::-1]) == layer_digest(renamed)
    assert layer_digest(communes) != layer_digest(moved)
    assert layer_digest(communes) != layer_digest(communes.assign(commune_code=["00005", "00006", "00007", "00008"]))
