import sqlite3
import zipfile
from dataclasses import replace
from io import BytesIO

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
from PIL import Image
from shapely.geometry import Point

from geo.errors import PlanError
from maps.field import field_pack
from maps.field_tables import field_tables
from maps.field_tiles import drawable
from maps.outputs import SIMULATED_NOTE
from maps.palette import SECTORS
from maps.plans import COMMAND_NOTE
from tests.maps.map_content import HOSTILE, SIDE, SOUTH, WEST
from tests.maps.patrol_plan import HOSTILE_NAMES, plan

TEAMS = ["command_level_post01_team1.gpx", "command_level_post01_team2.gpx", "command_level_post02_team1.gpx"]
KMZ, LAYERS, TILES = "command_level_plan.kmz", "command_level_plan.gpkg", "command_level_map.mbtiles"


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("field")
    assert field_pack(folder, plan(), lang="vi") == (*TEAMS, KMZ, LAYERS, TILES)
    return folder


def read(path, layer):
    return pyogrio.read_dataframe(path, layer=layer)


def metadata(path):
    with sqlite3.connect(path) as database:
        found = dict(database.execute("SELECT name, value FROM metadata"))
    database.close()
    return found


def test_every_file_bears_its_day_expiry_model_and_level(pack):
    # The plan's last shift is on its seventh day.
    stamp = "Số liệu đến 23/11/2026. Có giá trị đến 06/12/2026. Mô hình: mặc định, khớp với chính số liệu này."
    with zipfile.ZipFile(pack / KMZ) as kmz:
        kml = kmz.read("doc.kml").decode("utf-8")
    with sqlite3.connect(pack / LAYERS) as database:
        ((layers,),) = set(database.execute("SELECT description FROM gpkg_contents WHERE data_type = 'features'"))
    database.close()
    gpx = [(pack / team).read_text(encoding="utf-8") for team in TEAMS]
    for text in (*gpx, kml, layers, metadata(pack / TILES)["description"]):
        assert f"{COMMAND_NOTE}. {SIMULATED_NOTE}. {stamp} Mức phát hành: cấp chỉ huy, hạn chế." in text


class TestGpx:
    def test_a_team_s_unit_holds_its_own_shifts_in_the_order_of_the_days(self, pack):
        names = [read(pack / team, "routes")["name"].tolist() for team in TEAMS]
        assert names == [
            ["30/11/2026 LAO-001", "06/12/2026 LAO-001"],
            ["01/12/2026 LAO-001 → LAO-002"],
            ["30/11/2026 CHN-001"],
        ]

    def test_a_route_leads_from_the_post_over_the_middles_of_the_sectors_and_back(self, pack):
        line = read(pack / TEAMS[1], "routes").geometry[0]
        post, first, second = (WEST + 0.05, SOUTH + 0.03), (WEST, SOUTH + SIDE / 4), (WEST, SOUTH + SIDE * 3 / 4)
        np.testing.assert_allclose(line.coords, [post, first, second, post], atol=1e-6)

    def test_post_and_sectors_are_waypoints(self, pack):
        waypoints = read(pack / TEAMS[1], "waypoints")
        assert waypoints["name"].tolist() == ["Đồn bịa A", "LAO-001", "LAO-002"]
        assert waypoints["desc"].dropna().tolist() == ["MADE-UP-A"]

    def test_sectors_and_ways_that_are_known_are_tracks(self, pack):
        first, third = (read(pack / team, "tracks") for team in (TEAMS[0], TEAMS[2]))
        assert first["name"].tolist() == ["LAO-001"]
        assert third["name"].tolist() == ["CHN-001", "CHN-001"]
        assert len(third.geometry[1].geoms[0].coords) == 3

    def test_it_is_valid_in_order_and_bears_the_day(self, pack):
        text = (pack / TEAMS[0]).read_text(encoding="utf-8")
        assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!-- CẤP CHỈ HUY')
        assert "<time>2026-11-23T00:00:00Z</time>" in text
        places = [text.index(tag) for tag in ("<metadata", "<wpt", "<rte>", "<trk>")]
        assert places == sorted(places)


class TestKmz:
    def layers(self, path):
        return [read(path, name) for name, _ in pyogrio.list_layers(path)]

    def test_posts_sectors_and_routes_are_placemarks_in_folders(self, pack):
        posts, sectors, routes = self.layers(pack / KMZ)
        assert posts["Name"].tolist() == ["Đồn bịa A", "Đồn bịa B"]
        assert sectors["Name"].tolist() == ["CHN-001", "LAO-001", "LAO-002"]
        assert routes["Name"].tolist() == [
            "Đồn bịa A: LAO-001", "Đồn bịa A: LAO-001 → LAO-002", "Đồn bịa B: CHN-001",
        ]  # fmt: skip
        assert "30/11/2026, 06/12/2026" in routes["description"][0]

    def test_no_line_is_drawn_where_no_way_is_known(self, pack):
        """Straight from stop to stop it would lead across the border."""
        _, sectors, routes = self.layers(pack / KMZ)
        flat = routes.geometry.force_2d()
        assert flat[1].equals(sectors.geometry.force_2d()[1:].union_all())
        assert len(flat[2].coords) == 3

    def test_a_sector_s_colour_tells_its_visits(self, pack):
        with zipfile.ZipFile(pack / KMZ) as archive:
            assert archive.namelist() == ["doc.kml", "files/post.png"]
            text = archive.read("doc.kml").decode()
            assert Image.open(BytesIO(archive.read("files/post.png"))).size == (32, 32)
        assert text.count("<styleUrl>#class0</styleUrl>") == 2  # one visit: CHN-001, LAO-002
        assert text.count("<styleUrl>#class1</styleUrl>") == 1  # three visits: LAO-001
        assert "<color>ff4b004d</color>" in text  # SECTORS[-1], #4d004b, in KML's order
        assert SECTORS[-1] == "#4d004b"
        assert "http" not in text.replace("http://www.opengis.net/kml/2.2", "")


class TestLayers:
    def test_visits_and_hours_are_those_of_the_schedule(self, pack):
        sectors = read(pack / LAYERS, "sectors").set_index("sector_id")
        assert sectors["visits"].to_dict() == {"CHN-001": 1, "LAO-001": 3, "LAO-002": 1}
        assert sectors["hours"].to_dict() == {"CHN-001": 5.0, "LAO-001": 14.0, "LAO-002": 2.0}

    def test_no_shift_is_lost(self, pack):
        schedule = read(pack / LAYERS, "schedule")
        assert schedule["date"].tolist() == ["2026-11-30", "2026-11-30", "2026-12-01", "2026-12-06"]
        assert schedule["sectors"].tolist() == ["LAO-001", "CHN-001", "LAO-001 → LAO-002", "LAO-001"]
        assert set(schedule["data_kind"]) == {"simulated"}

    def test_it_is_styled_and_of_version_1_2(self, pack):
        with sqlite3.connect(pack / LAYERS) as database:
            assert database.execute("PRAGMA user_version").fetchone() == (10200,)
            styles = database.execute("SELECT f_table_name, useAsDefault, description FROM layer_styles").fetchall()
        database.close()
        assert [row[:2] for row in styles] == [("sectors", 1), ("routes", 1), ("posts", 1)]


class TestTiles:
    def test_gdal_reads_zooms_and_bounds(self, pack):
        with rasterio.open(pack / TILES) as raster:
            assert raster.crs.to_epsg() == 3857
            assert raster.res[0] == pytest.approx(2 * np.pi * 6378137 / 256 / 2**12)
            assert raster.overviews(1) == [2, 4]  # GDAL needs no more for so small a province
            west, south, east, north = rasterio.warp.transform_bounds(raster.crs, "EPSG:4326", *raster.bounds)
        assert west < WEST < east
        assert south < SOUTH < north
        with sqlite3.connect(pack / TILES) as database:
            zooms = [zoom for (zoom,) in database.execute("SELECT DISTINCT zoom_level FROM tiles ORDER BY 1")]
        database.close()
        assert zooms == [8, 9, 10, 11, 12]
        found = metadata(pack / TILES)
        assert (found["minzoom"], found["maxzoom"], found["format"]) == ("8", "12", "png")
        box = [WEST - 0.02, SOUTH - 0.02, WEST + 3 * SIDE + 0.02, SOUTH + 2 * SIDE + 0.02]
        assert [float(value) for value in found["bounds"].split(",")] == pytest.approx(box)

    def test_things_lie_where_they_are(self, pack):
        """The line of a sector has its class's colour, and a post is a white mark."""
        with rasterio.open(pack / TILES) as raster:
            places = gpd.GeoSeries([Point(WEST, SOUTH + 0.01), Point(WEST + 0.05, SOUTH + 0.03)], crs=4326)
            spots = [(point.x, point.y) for point in places.to_crs(3857)]
            sector, post = (tuple(map(int, values[:3])) for values in raster.sample(spots))
        assert sector == tuple(bytes.fromhex(SECTORS[-1][1:]))
        assert post == (255, 255, 255)

    def test_tiles_that_show_nothing_are_left_out(self, pack):
        with sqlite3.connect(pack / TILES) as database:
            tiles = [row[0] for row in database.execute("SELECT tile_data FROM tiles")]
        database.close()
        assert all(len(Image.open(BytesIO(tile)).getcolors(2**16)) > 1 for tile in tiles)

    def test_names_are_drawn_as_the_font_can(self):
        assert drawable("Đồn 🏔 \u202eA\n") == "Đồn □ A"
        assert drawable("x" * 200) == "x" * 39 + "…"


class TestPack:
    def test_every_file_says_that_it_is_for_the_command_and_simulated(self, pack):
        for note in (COMMAND_NOTE, SIMULATED_NOTE):
            for team in TEAMS:
                assert note in (pack / team).read_text(encoding="utf-8").splitlines()[1]
            with zipfile.ZipFile(pack / KMZ) as archive:
                assert note in archive.read("doc.kml").decode().splitlines()[1]
            assert note in metadata(pack / TILES)["description"]
            with sqlite3.connect(pack / LAYERS) as database:
                described = database.execute("SELECT description FROM gpkg_contents WHERE table_name = 'sectors'")
                assert note in described.fetchone()[0]
            database.close()
        assert pack.stat().st_mode & 0o777 == 0o700

    def test_recorded_plans_do_not_say_simulated(self, tmp_path):
        field_pack(tmp_path, plan(simulated=False), lang="en", zooms=(8, 8))
        assert "SIMULATED" not in (tmp_path / TEAMS[0]).read_text(encoding="utf-8")
        assert metadata(tmp_path / TILES)["description"].startswith(f"{COMMAND_NOTE}. As of 2026-11-23. Valid")

    def test_the_same_plan_gives_the_same_bytes(self, pack, tmp_path):
        shuffled = plan()
        shuffled = replace(
            shuffled, schedule=shuffled.schedule.iloc[::-1], sectors=shuffled.sectors[::-1], posts=shuffled.posts[::-1]
        )
        for name in field_pack(tmp_path, shuffled, lang="vi"):
            assert (tmp_path / name).read_bytes() == (pack / name).read_bytes(), name

    @pytest.mark.parametrize("name", [*HOSTILE_NAMES, *HOSTILE[:3]])
    def test_hostile_names_stay_text(self, tmp_path, name):
        field_pack(tmp_path, plan(names=(name, "Đồn bịa B")), lang="vi", zooms=(10, 10))
        plain = name.rstrip()
        assert read(tmp_path / TEAMS[0], "waypoints")["name"][0].rstrip() == plain
        posts = read(tmp_path / KMZ, pyogrio.list_layers(tmp_path / KMZ)[0][0])
        assert posts["Name"][0].rstrip() == plain
        assert read(tmp_path / LAYERS, "posts")["name"][0] == name
        with zipfile.ZipFile(tmp_path / KMZ) as archive:
            assert "<script" not in archive.read("doc.kml").decode()

    def test_a_viewer_of_descriptions_runs_no_id(self, tmp_path):
        """Viewers take a description for HTML."""
        hostile = "<script>1</script>"
        given = plan()
        given.schedule["post_id"] = given.schedule["post_id"].replace("MADE-UP-A", hostile)
        given.posts["post_id"] = [hostile, "MADE-UP-B"]
        field_pack(tmp_path, given, lang="vi", zooms=(8, 8))
        posts = read(tmp_path / KMZ, pyogrio.list_layers(tmp_path / KMZ)[0][0])
        assert posts["description"][0].startswith("&lt;script&gt;1&lt;/script&gt;<br>")

    def test_control_characters_are_left_out_where_xml_cannot_hold_them(self, tmp_path):
        field_pack(tmp_path, plan(names=("A\x00\x0bB\ufffe", None)), lang="vi", zooms=(8, 8))
        assert read(tmp_path / TEAMS[0], "waypoints")["name"][0] == "AB"
        assert read(tmp_path / TEAMS[2], "waypoints")["name"][0] == "MADE-UP-B"

    @pytest.mark.parametrize("missing", ["routes", "communes"])
    def test_it_is_made_without_what_is_not_known(self, tmp_path, missing):
        assert len(field_pack(tmp_path, plan(**{missing: None}), lang="vi", zooms=(8, 9))) == 6
        assert read(tmp_path / LAYERS, "routes")["way_known"].any() == (missing != "routes")

    def test_a_plan_without_shifts_still_has_its_map(self, tmp_path):
        files = field_pack(tmp_path, plan(schedule=plan().schedule.iloc[:0]), lang="vi", zooms=(8, 8))
        assert files == (KMZ, LAYERS, TILES)
        assert read(tmp_path / LAYERS, "sectors")["visits"].tolist() == [0, 0, 0]


class TestTables:
    def test_a_shift_without_sectors_is_kept_without_a_route(self):
        schedule = plan().schedule
        schedule.at[2, "sectors"] = ()
        tables = field_tables(plan(schedule=schedule))
        assert tables.shifts["route"].tolist() == [1, 2, -1, 1]
        assert tables.sectors["visits"].tolist() == [1, 2, 0]
        assert tables.posts["shifts"].tolist() == [3, 1]

    def test_routes_count_the_shifts_that_walk_them(self):
        tables = field_tables(plan())
        assert tables.routes["shifts"].tolist() == [2, 1, 1]
        assert tables.routes["shifts"].sum() == len(tables.shifts)

    def test_what_has_no_place_is_refused(self):
        given = plan()
        with pytest.raises(PlanError, match=r"1 sectors of the schedule have no line: LAO-001"):
            field_tables(plan(sectors=given.sectors[given.sectors["sector_id"] != "LAO-001"]))
        with pytest.raises(PlanError, match=r"1 posts of the schedule have no position: MADE-UP-B"):
            field_tables(plan(posts=given.posts.iloc[:1]))
        nowhere = given.posts.assign(geometry=[None, given.posts.geometry[1]])
        with pytest.raises(PlanError, match="no position: MADE-UP-A"):
            field_tables(plan(posts=nowhere))

    def test_layers_may_come_in_metres(self):
        given = plan()
        moved = plan(sectors=given.sectors.to_crs(9205), posts=given.posts.to_crs(9205))
        pd.testing.assert_series_equal(
            field_tables(moved).sectors["middle"].x, field_tables(given).sectors["middle"].x, check_names=False
        )
