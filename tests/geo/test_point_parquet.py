"""GeoParquet of points: what is read and passed over, and files that are not what they say. All made up."""

import json
from contextlib import suppress

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo import parquet_limits
from geo.crs import METRIC, STORED
from geo.errors import CrsError, IntakeError
from geo.point_file import read_points
from geo.point_parquet import open_points
from tests.geo.parquet_points import write_points

RNG = np.random.default_rng(0)
X, Y = RNG.uniform(102.8, 103.2, 5_000), RNG.uniform(21.2, 21.8, 5_000)
CELL = "Nguyen Van A 0912345678"


def read(path, columns=(), **options):
    with open_points(path) as file:
        chunks = list(file.chunks(columns, **options))
    return np.concatenate([c.x for c in chunks]), np.concatenate([c.y for c in chunks]), chunks


class TestReading:
    def test_coordinates_are_those_that_geopandas_reads(self, tmp_path):
        for name, options in {"wkb": {}, "structs": {"geometry_encoding": "geoarrow"}}.items():
            path = tmp_path / f"{name}.parquet"
            gpd.GeoDataFrame(geometry=gpd.points_from_xy(X, Y), crs=STORED).to_parquet(path, **options)
            points = gpd.read_parquet(path).geometry
            x, y, _ = read(path, at_once=700)
            np.testing.assert_array_equal(x, points.x)
            np.testing.assert_array_equal(y, points.y)

    def test_no_chunk_has_more_rows_than_asked(self, tmp_path):
        _, _, chunks = read(write_points(tmp_path / "p.parquet", X, Y), at_once=300)
        assert max(c.x.size for c in chunks) <= 300
        assert sum(c.x.size for c in chunks) == X.size

    def test_empty_places_heights_and_big_endian_points_are_read(self, tmp_path):
        shapes = [
            shapely.to_wkb(shapely.Point(103.0, 21.5, 700.0)),
            shapely.to_wkb(shapely.Point(103.1, 21.6), byte_order=0),
            shapely.to_wkb(shapely.Point()),
            None,
        ]
        path = write_points(tmp_path / "p.parquet", [], [], boxes=False, geometries=pa.array(shapes, pa.binary()))
        x, y, _ = read(path)
        np.testing.assert_array_equal(x, [103.0, 103.1, np.nan, np.nan])
        np.testing.assert_array_equal(y, [21.5, 21.6, np.nan, np.nan])

    def test_a_crs_is_what_the_file_says(self, tmp_path):
        frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(X, Y), crs=STORED)
        frame.to_crs(METRIC).to_parquet(tmp_path / "metric.parquet")
        with open_points(tmp_path / "metric.parquet") as file:
            assert file.crs == METRIC
        with open_points(write_points(tmp_path / "silent.parquet", X, Y)) as file:
            assert file.crs == STORED
        path = write_points(tmp_path / "unknown.parquet", X, Y, about={"crs": None})
        with pytest.raises(CrsError, match="no coordinate reference system is declared"):
            read_points(path)
        assert read_points(path, crs=STORED).x.size == X.size


class TestPassingOver:
    """Points in the order of x: each row group of 1,000 is a strip."""

    @pytest.fixture
    def strips(self, tmp_path):
        order = np.argsort(X)
        return write_points(tmp_path / "p.parquet", X[order], Y[order])

    def test_row_groups_beside_the_bounds_are_not_read(self, strips):
        bounds = (102.8, 21.2, np.sort(X)[1_500], 21.8)
        with open_points(strips) as file:
            assert file.groups == 5
            assert file.groups_within(bounds) == [0, 1]
            assert file.rows_within(bounds) == 2_000
        x, _, _ = read(strips, bounds=bounds)
        np.testing.assert_array_equal(x, np.sort(X)[:2_000])

    def test_bytes_of_row_groups_beside_the_bounds_may_be_anything(self, strips):
        """The proof that they are not read."""
        metadata = pq.read_metadata(strips).row_group(4).column(0)
        content = bytearray(strips.read_bytes())
        begin = metadata.dictionary_page_offset or metadata.data_page_offset
        content[begin : begin + metadata.total_compressed_size] = bytes(metadata.total_compressed_size)
        strips.write_bytes(content)
        x, _, _ = read(strips, bounds=(102.8, 21.2, np.sort(X)[1_500], 21.8))
        assert x.size == 2_000
        with pytest.raises(IntakeError, match="not a readable GeoParquet file"):
            read(strips)

    def test_without_boxes_all_are_read(self, tmp_path):
        path = write_points(tmp_path / "p.parquet", X, Y, boxes=False)
        with open_points(path) as file:
            assert len(file.groups_within((0, 0, 1, 1))) == file.groups == 5
            np.testing.assert_array_equal(file.extent(), [X.min(), Y.min(), X.max(), Y.max()])

    def test_a_row_group_whose_box_is_not_known_is_read(self, tmp_path):
        x = np.where(np.arange(X.size) < 1_000, np.nan, X)
        with open_points(write_points(tmp_path / "p.parquet", x, Y)) as file:
            assert file.groups_within((0, 0, 1, 1)) == [0]


class TestDensityPoints:
    def test_they_are_those_of_the_same_layer(self, tmp_path):
        frame = gpd.GeoDataFrame({"n": np.arange(5_000) % 7}, geometry=gpd.points_from_xy(X, Y), crs=STORED)
        frame.loc[frame.index[10], "geometry"] = None
        frame.to_file(tmp_path / "p.gpkg")
        frame.assign(data_kind="simulated").to_parquet(tmp_path / "p.parquet")
        ours, theirs = (read_points(tmp_path / name, weights="n") for name in ("p.parquet", "p.gpkg"))
        np.testing.assert_array_equal(ours.x, theirs.x)
        np.testing.assert_array_equal(ours.y, theirs.y)
        np.testing.assert_array_equal(ours.weights, theirs.weights)
        assert (ours.without_place, ours.simulated, theirs.simulated) == (1, True, False)

    def test_a_weight_that_is_none_is_told_by_its_row(self, tmp_path):
        path = write_points(tmp_path / "p.parquet", X[:3], Y[:3], columns={"n": pa.array([1.0, None, 2.0])})
        with pytest.raises(IntakeError, match="rows 2 have no number in the column n"):
            read_points(path, weights="n")
        with pytest.raises(IntakeError, match="there is no column m"):
            read_points(path, weights="m")


def lying(tmp_path, **about):
    return write_points(tmp_path / "p.parquet", X[:10], Y[:10], columns={"name": pa.array([CELL] * 10)}, about=about)


class TestHostileFiles:
    @pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1PAR1", b"PAR1" + bytes(100) + b"PAR1", b"%PDF-1.7" * 9])
    def test_what_is_of_another_kind_is_refused(self, tmp_path, content):
        (tmp_path / "p.parquet").write_bytes(content)
        with pytest.raises(IntakeError, match="not a readable GeoParquet file"):
            read(tmp_path / "p.parquet")

    def test_a_damaged_byte_anywhere_is_an_intake_error_or_harmless(self, tmp_path):
        path = lying(tmp_path)
        content = path.read_bytes()
        for position in range(0, len(content), 7):
            path.write_bytes(content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :])
            with suppress(IntakeError):
                read(path, ["name"])

    def test_a_file_that_is_cut_is_refused(self, tmp_path):
        path = lying(tmp_path)
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(IntakeError, match="not a readable GeoParquet file"):
            read(path)

    @pytest.mark.parametrize(
        "about",
        [
            {"encoding": CELL},
            {"crs": CELL},
            {"crs": {"type": CELL}},
            {"geometry_types": 7},
            {"covering": {"bbox": {edge: [CELL] for edge in ("xmin", "ymin", "xmax", "ymax")}}, "boxes": 0},
        ],
    )
    def test_metadata_that_mean_nothing_are_refused_unquoted(self, tmp_path, about):
        boxes = "boxes" not in about
        path = write_points(tmp_path / "p.parquet", X[:10], Y[:10], about=about, boxes=boxes)
        with pytest.raises(IntakeError, match="not a readable GeoParquet file") as raised:
            read(path)
        assert "Nguyen" not in str(raised.value)

    def test_a_parquet_file_without_geometries_says_what_is_missing(self, tmp_path):
        pq.write_table(pa.table({"lon": X, "lat": Y}), tmp_path / "p.parquet")
        with pytest.raises(IntakeError, match="says nothing of geometries"):
            read(tmp_path / "p.parquet")

    def test_other_geometries_are_refused_whatever_the_metadata_say(self, tmp_path):
        square = gpd.GeoDataFrame(geometry=[shapely.box(103, 21, 104, 22)], crs=STORED)
        square.to_parquet(tmp_path / "p.parquet")
        with pytest.raises(IntakeError, match="expected Point geometries, found Polygon"):
            read(tmp_path / "p.parquet")
        hidden = pa.array([shapely.to_wkb(square.geometry[0])], pa.binary())
        path = write_points(tmp_path / "p.parquet", [], [], boxes=False, geometries=hidden)
        with pytest.raises(IntakeError, match="expected Point geometries, found other"):
            read(path)

    def test_several_values_in_a_cell_are_refused_where_they_are_wanted(self, tmp_path):
        path = write_points(tmp_path / "p.parquet", X[:2], Y[:2], columns={"many": pa.array([[1] * 9, [2]])})
        with pytest.raises(IntakeError, match="the columns many hold several values in a cell"):
            read(path, ["many"])
        with pytest.raises(IntakeError, match="there is no column other"):
            read(path, ["other"])
        assert read(path)[0].size == 2

    def test_rows_that_take_no_bytes_are_refused(self, tmp_path):
        """Ten million places in a few kilobytes."""
        same = pa.array([shapely.to_wkb(shapely.Point(103, 21.5))], pa.binary()).take(pa.array(np.zeros(10**7, int)))
        path = write_points(tmp_path / "p.parquet", [], [], boxes=False, geometries=same, group_rows=10**7)
        assert path.stat().st_size < 100_000
        with pytest.raises(IntakeError, match="is not unpacked: it would unpack to more than 250 times its size"):
            read(path)

    def test_a_long_text_that_a_dictionary_repeats_is_refused_before_it_is_written_out(self, tmp_path, monkeypatch):
        long = pa.array(["x" * 100_000]).dictionary_encode().take(pa.array(np.zeros(5_000, int)))
        path = write_points(tmp_path / "p.parquet", X, Y, columns={"text": long})
        monkeypatch.setattr(parquet_limits, "MOST_GROUP_BYTES", 2**26)  # a row group's texts are 100 MB
        with pytest.raises(IntakeError, match="not a readable GeoParquet file"):
            read(path, ["text"])
        assert read(path)[0].size == X.size

    @pytest.mark.parametrize(
        ("limit", "said"),
        [
            ("_MOST_COLUMNS", "more than 5 columns"),
            ("_MOST_GROUP_ROWS", "more than 5 rows in a row group"),
            ("MOST_GROUP_BYTES", "more than 5 bytes"),
        ],
    )
    def test_limits_are_those_of_the_footer(self, tmp_path, monkeypatch, limit, said):
        path = lying(tmp_path)
        monkeypatch.setattr(parquet_limits, limit, 5)
        with pytest.raises(IntakeError, match=f"is not unpacked: it .*{said}"):
            read(path)

    def test_metadata_are_json(self, tmp_path):
        table = pa.table({"geometry": pa.array([b""])}).replace_schema_metadata({"geo": CELL})
        pq.write_table(table, tmp_path / "p.parquet")
        with pytest.raises(IntakeError, match="not a readable GeoParquet file"):
            read(tmp_path / "p.parquet")
        nested = json.dumps({"primary_column": "geometry", "columns": []})
        pq.write_table(table.replace_schema_metadata({"geo": nested}), tmp_path / "p.parquet")
        with pytest.raises(IntakeError, match="not a readable GeoParquet file"):
            read(tmp_path / "p.parquet")
