"""The communes of a file's points, held against geopandas. All made up."""

import json

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geo.crs import METRIC, STORED
from geo.errors import CrsError, IntakeError
from geo.parquet_join import join_points
from geo.point_join import PointJoin
from geo.point_parquet import open_points
from geo.space_order import along_hilbert
from models.country import CRS, simulate_country
from tests.geo.parquet_points import write_points

VINTAGE = "2025-07-01"
REACH_M = 100.0


@pytest.fixture(scope="module")
def country():
    return simulate_country(communes=60, provinces=3, area_km2=6_000, edge_m=2_000)


@pytest.fixture(scope="module")
def points(country):
    """Places in the bounds of the country, in degrees: some outside all communes, two without a place."""
    west, south, east, north = country.communes.to_crs(STORED).total_bounds
    rng = np.random.default_rng(1)
    x, y = rng.uniform(west - 0.1, east + 0.1, 4_000), rng.uniform(south, north, 4_000)
    x[[7, 70]] = np.nan
    y[[7, 70]] = np.nan
    return x, y


@pytest.fixture
def source(tmp_path, points):
    columns = {"id": pa.array([f"r{k}" for k in range(4_000)]), "n": pa.array(np.arange(4_000))}
    return write_points(tmp_path / "in.parquet", *points, columns=columns, group_rows=500)


def joined(source, country, *columns, at_once=700, **options):
    target = source.with_name("out.parquet")
    with open_points(source) as file:
        found = join_points(
            file,
            target,
            PointJoin(country.communes, CRS),
            columns,
            vintage=VINTAGE,
            reach_m=REACH_M,
            at_once=at_once,
            **options,
        )
    return found, gpd.read_parquet(target)


def test_communes_are_those_of_geopandas(source, country, points):
    _, ours = joined(source, country, "id", "n")
    units = country.communes.to_crs(STORED)[["commune_code", "geometry"]]
    theirs = gpd.GeoDataFrame({"n": np.arange(4_000)}, geometry=gpd.points_from_xy(*points), crs=STORED)
    theirs = theirs.sjoin(units, predicate="intersects").drop_duplicates("n").set_index("n")["commune_code"]
    inside = ours[ours["placement"] == "point"].set_index("n")["commune_code"].sort_index()
    assert inside.to_dict() == theirs.sort_index().to_dict()
    assert 1_500 < len(inside) < 4_000


def test_near_are_those_within_reach_of_the_nearest(country, tmp_path):
    """On a line across the western edge, in the country's own metres."""
    edge = country.communes.geometry.union_all().boundary
    at = np.array([edge.interpolate(d) for d in np.linspace(0, 40_000, 50)])
    x, y = shapely.get_x(at) - 60.0, shapely.get_y(at)
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=CRS)
    frame.to_parquet(tmp_path / "in.parquet")
    found, ours = joined(tmp_path / "in.parquet", country)
    distance = country.communes.distance
    far = np.array([distance(point).min() for point in ours.geometry])
    expected = np.select([far < 1e-6, far <= REACH_M], ["point", "near"], "outside")
    assert ours["placement"].tolist() == expected.tolist()
    assert (found.inside, found.near, found.outside) == tuple(
        (expected == k).sum() for k in ("point", "near", "outside")
    )
    assert found.near > 10
    nearest = [country.communes.loc[distance(point).idxmin(), "commune_code"] for point in ours.geometry]
    known = ours["placement"] == "near"
    assert ours["commune_code"][known].tolist() == np.array(nearest)[known].tolist()


def test_no_row_is_lost_and_no_cell_changed(source, country):
    found, ours = joined(source, country, "id", "n")
    before = gpd.read_parquet(source)
    after = ours.sort_values("n", ignore_index=True)
    assert after[["id", "n"]].equals(before[["id", "n"]])
    assert after.geometry.geom_equals(before.geometry).sum() == 3_998
    assert found.without_place == after["placement"].isna().sum() == 2
    assert found.inside + found.near + found.outside + found.without_place == 4_000
    assert (found.passed_over, found.groups, found.groups_read) == (0, 8, 8)
    assert after["vintage"].eq(VINTAGE).sum() == after["commune_code"].notna().sum() == found.inside + found.near


def test_chunks_change_nothing_but_how_it_is_held(source, country):
    _, small = joined(source, country, "id", "n", at_once=100)
    _, whole = joined(source, country, "id", "n", at_once=10_000)
    assert_geodataframe_equal(small, whole)


def test_it_is_in_the_order_of_space_with_boxes_that_hold_their_points(source, country, monkeypatch):
    monkeypatch.setattr("geo.parquet_join.GROUP_ROWS", 100)
    _, ours = joined(source, country, "id", "n")
    about = json.loads(pq.read_metadata(source.with_name("out.parquet")).metadata[b"geo"])
    column = about["columns"]["geometry"]
    assert about["version"] == "1.1.0"
    assert column["covering"]["bbox"]["ymax"] == ["bbox", "ymax"]
    placed = ours[ours["placement"].notna()]
    np.testing.assert_allclose(column["bbox"], placed.total_bounds)
    box = pq.read_table(source.with_name("out.parquet"))["bbox"].combine_chunks().drop_null()
    low, high = ([box.field(f"{axis}{end}").to_numpy() for axis in "xy"] for end in ("min", "max"))
    places = placed.geometry.get_coordinates().to_numpy().T
    assert (low <= places).all()
    assert (places <= high).all()
    assert np.subtract(high, low).max() < 1e-4
    west, south, east, north = placed.total_bounds
    with open_points(source.with_name("out.parquet")) as file:
        sixteenth = file.rows_within((west, south, west + (east - west) / 4, south + (north - south) / 4))
    assert sixteenth < 0.25 * len(ours)


def test_only_near_reads_no_row_group_beside_the_communes(source, country):
    """The file in strips from west to east: the outermost lie beside the country."""
    _, whole = joined(source, country, "id", "n")
    frame = whole[["id", "n", "geometry"]].assign(x=whole.geometry.x).dropna().sort_values("x", ignore_index=True)
    strips = write_points(source.with_name("strips.parquet"), frame.geometry.x, frame.geometry.y, group_rows=100)
    found, ours = joined(strips, country, only_near=True)
    assert found.groups_read < found.groups == 40
    assert found.passed_over == 100 * (found.groups - found.groups_read) - 2  # the last strip has 98
    assert len(ours) + found.passed_over == len(frame)
    assert found.inside == (whole["placement"] == "point").sum()


def test_columns_go_along_only_where_they_are_named(source, country):
    """What a person's row holds is not copied unasked."""
    _, ours = joined(source, country, "n")
    assert list(ours) == ["n", "geometry", "commune_code", "vintage", "placement"]


def test_a_projected_file_gives_the_same_communes(source, country):
    _, degrees = joined(source, country, "id", "n")
    gpd.read_parquet(source).to_crs(METRIC).to_parquet(source.with_name("m.parquet"))
    _, metres = joined(source.with_name("m.parquet"), country, "n")
    assert metres.crs == METRIC
    codes = [frame.set_index("n")["commune_code"].sort_index() for frame in (degrees, metres)]
    assert codes[0].equals(codes[1])


def test_what_cannot_be_joined_is_explained(source, country, tmp_path):
    taken = {"commune_code": pa.array(["00001"] * 2)}
    path = write_points(tmp_path / "t.parquet", [103.0, 103.1], [21.0, 21.1], columns=taken)
    with pytest.raises(IntakeError, match="the columns commune_code are made by the join"):
        joined(path, country, "commune_code")
    path = write_points(tmp_path / "n.parquet", [np.nan] * 2, [np.nan] * 2)
    with pytest.raises(IntakeError, match="there is no row with a place"):
        joined(path, country)
    path = write_points(tmp_path / "d.parquet", [103.0], [21.0], about={"crs": CRS_JSON})
    with pytest.raises(CrsError, match="cannot be in"):
        joined(path, country)
    assert not list(tmp_path.glob(".draft*"))


CRS_JSON = gpd.GeoSeries(crs=METRIC).crs.to_json_dict()


def test_a_hilbert_curve_takes_one_step_at_a_time_and_the_finer_refines_the_coarser():
    col, row = map(np.ravel, np.meshgrid(np.arange(32), np.arange(32)))
    along = along_hilbert(col, row, 5)
    order = np.argsort(along)
    np.testing.assert_array_equal(along[order], np.arange(32**2))
    assert (np.abs(np.diff(col[order])) + np.abs(np.diff(row[order])) == 1).all()
    np.testing.assert_array_equal(along_hilbert(col >> 1, row >> 1, 4), along >> 2)
