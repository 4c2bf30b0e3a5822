"""The join at size: 10⁶ points to about 11,000 polygons through the same function that a run uses."""

import platform
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Voronoi

from geo.crs import METRIC, STORED
from geo.places import Gazetteer, place

POINTS, SIDE = 1_000_000, 104


def cells() -> gpd.GeoDataFrame:
    """Return about 10,800 irregular polygons: Voronoi cells of a jittered lattice over 575 × 575 km."""
    rng = np.random.default_rng(0)
    lattice = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).reshape(-1, 2)
    sites = 5_530.0 * (lattice + rng.uniform(-0.4, 0.4, lattice.shape)) + (400_000, 1_900_000)
    diagram = Voronoi(sites)
    bounded = [region for region in (diagram.regions[k] for k in diagram.point_region) if region and -1 not in region]
    frame = shapely.box(*sites.min(axis=0), *sites.max(axis=0))
    shapes = shapely.intersection([shapely.Polygon(diagram.vertices[region]) for region in bounded], frame)
    shapes = shapely.segmentize(shapes[~shapely.is_empty(shapes)], 200.0)
    columns = {
        "commune_code": [f"{k:05}" for k in range(len(shapes))],
        "vintage": "2025-07-01",
        "geometry_quality": "official",
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=METRIC).to_crs(STORED)


def main() -> None:
    """Print how long the join takes."""
    units = cells()
    facts = units[["commune_code"]].assign(name="", district=None)
    gazetteer = Gazetteer(units, {"2025-07-01": facts}, pd.DataFrame({"old_code": [], "new_code": []}), METRIC)
    west, south, east, north = units.total_bounds
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"lon": rng.uniform(west, east, POINTS), "lat": rng.uniform(south, north, POINTS)})
    begin = time.perf_counter()
    found = place(rows, gazetteer)
    seconds = time.perf_counter() - begin
    vertices = shapely.get_num_coordinates(units.geometry.to_numpy()).sum()
    print(f"Python {platform.python_version()}, geopandas {gpd.__version__}, shapely {shapely.__version__}")
    print(f"{POINTS:,} points to {len(units):,} polygons ({vertices:,} vertices): {seconds:.1f} s")
    print(found["placement"].value_counts().to_string())


if __name__ == "__main__":
    main()
