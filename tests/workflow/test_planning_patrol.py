"""Patrols planned on made-up records from made-up posts."""

import json
import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from pypdf import PdfReader
from shapely.geometry import box

import workflow
from geo.crs import METRIC, STORED
from geo.errors import PlanError, WorkspaceError
from geo.raster import write_cog
from geo.terrain_file import terrain_grid
from geo.workspace import Workspace
from workflow import planning_patrol
from workflow.layers import read_layers
from workflow.planning import basis_of
from workflow.posts import posts_of
from workflow.steps import silent

NOW = datetime(2018, 1, 2, tzinfo=UTC)
LEVEL = "COMMAND LEVEL: not to leave the command"


def written(folder, name, **columns):
    pd.DataFrame(columns).to_csv(folder / f"{name}.csv", index=False)
    return folder / f"{name}.csv"


def inland(workspace, *sectors, km=4.0):
    """Return made-up places some way inside the province from sectors: longitudes and latitudes."""
    layers, crs = read_layers(workspace), workspace.settings.crs
    province = layers.communes.to_crs(crs).union_all()
    lines = layers.border.set_index("sector_id").to_crs(crs).geometry
    places = []
    for sector in sectors:
        ring = lines[sector].interpolate(0.5, normalized=True).buffer(1000 * km).intersection(province.buffer(-1000))
        places.append(ring.representative_point())
    points = gpd.GeoSeries(places, crs=crs).to_crs(STORED)
    return {"lon": points.x.to_list(), "lat": points.y.to_list()}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Make a workspace of two years of simulated cases near the border with Laos."""
    folder = tmp_path_factory.mktemp("patrol")
    made = workflow.init(folder / "w")
    days = pd.date_range("2016-01-01", periods=24, freq="MS").strftime("%Y-%m-%d")
    cases = {"case_id": [f"c{i}" for i in range(24)], "date": days, "commune_code": ["03160", "03328", "03368"] * 8}
    same = {"vintage": "2025-07-01", "data_kind": "simulated"}
    workflow.add(made, "cases", written(folder, "cases", **cases, **same, victims=1, source="police"), now=NOW)
    return made


@pytest.fixture(scope="module", autouse=True)
def one_fit(workspace):
    """Fit the risk model once: no plan changes the records."""
    fitted = basis_of(workspace, None, silent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            planning_patrol, "basis_of", lambda asked, *more: fitted if asked is workspace else basis_of(asked, *more)
        )
        yield


@pytest.fixture(scope="module")
def posts(workspace, tmp_path_factory):
    places = inland(workspace, "LAO-010", "LAO-042", "LAO-063")
    return written(tmp_path_factory.mktemp("posts"), "posts", post_id=["MADE-UP-1", "MADE-UP-2", "MADE-UP-3"], **places)


@pytest.fixture(scope="module")
def planned(workspace, posts):
    return workflow.patrols_for(
        workspace, 4, posts=posts, exclude=["LAO-041"], must_cover=["LAO-062"], closed=["LAO-043"], rest_days=1,
        days=28, seed=3, now=NOW,
    )  # fmt: skip


def table(planned, name):
    return pd.read_csv(planned.folder / f"command_level_patrol_{name}.csv", skiprows=1, dtype={"commune_code": "str"})


def visits(planned):
    schedule = table(planned, "schedule")
    return schedule.assign(sector_id=schedule["sectors"].str.split(" + ", regex=False)).explode("sector_id")


def test_every_shift_is_one_team_on_one_day_and_ends_in_time(planned):
    schedule = table(planned, "schedule")
    assert not schedule.duplicated(["day", "post_id", "team"]).any()
    assert (schedule.groupby(["post_id", "team"])["day"].nunique() <= 24).all(), "one day in seven is free"
    stops = schedule["sectors"].str.split(" + ", regex=False).str.len()
    assert (schedule["travel_hours"] + stops * schedule["watch_hours"]).to_numpy() == pytest.approx(8.0)
    assert schedule["date"].tolist() == [f"2018-01-{day:02}" for day in schedule["day"]]
    first = schedule["arrive_hours"].astype(str).str.split(" ").str[0].astype(float)
    assert (first <= schedule["travel_hours"]).all()


def test_what_is_pinned_is_visited_each_week_and_what_is_excluded_or_closed_never(planned):
    seen = visits(planned)
    weeks = (seen.loc[seen["sector_id"] == "LAO-062", "day"] - 1) // 7
    assert sorted(weeks.unique()) == [0, 1, 2, 3]
    assert not seen["sector_id"].isin(["LAO-041", "LAO-043"]).any()


def test_every_sector_of_the_border_is_in_the_table_with_why_it_is_not_patrolled(workspace, planned):
    sectors = table(planned, "sectors").set_index("sector_id")
    assert sorted(sectors.index) == sorted(read_layers(workspace).border["sector_id"])
    assert sectors.loc["LAO-041", "reason_en"].startswith("excluded by the command")
    assert sectors.loc["LAO-043", "reason_en"].startswith("closed in this season")
    assert sectors.loc["CHN-001", "reason_en"].startswith("no team gets there and back in time")
    assert (sectors.loc[["LAO-041", "LAO-043", "CHN-001"], "visits"] == 0).all()
    free = sectors[~sectors["pinned"]]
    assert free["weekly_visit"].max() <= 0.8 + 1e-6
    assert (
        sectors["visits"].to_dict()
        == visits(planned)["sector_id"].value_counts().reindex(sectors.index, fill_value=0).to_dict()
    )


def test_the_sums_are_those_of_the_sectors_and_below_the_proven_bound(planned):
    summary, sectors = table(planned, "summary"), table(planned, "sectors")
    assert sectors["expected"].sum() == pytest.approx(summary["value"][0], rel=1e-6)
    numbers = planned.tables
    assert numbers["detected"]["lower"] <= numbers["detected"]["mean"] <= numbers["detected"]["upper"]
    assert numbers["detected"]["worst_tenth"] <= numbers["detected"]["mean"]
    assert 0 <= numbers["gap"] <= 0.01
    assert 0 < numbers["predictability"]["even_guess"] < numbers["predictability"]["best_guess"] <= 1


def test_nothing_of_the_schedule_leaves_the_command(planned):
    assert all(Path(name).name.startswith("command_level_") for name in planned.files)
    folders = [planned.folder, *(path for path in planned.folder.rglob("*") if path.is_dir())]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folders)
    for name in ("schedule", "sectors", "summary"):
        path = planned.folder / f"command_level_patrol_{name}.csv"
        assert LEVEL in path.read_text("utf-8-sig").splitlines()[0]
    manifest = json.loads((planned.folder / "run.json").read_text(encoding="utf-8"))
    assert manifest["release_level"] == "command"
    assert manifest["asked"]["seed"] == 3
    assert "LAO-" not in json.dumps(planned.tables)
    assert not any("MADE-UP" in str(message) for message in planned.messages)


def test_the_same_secret_gives_the_same_plan_and_without_one_a_new_one_is_drawn_and_told(
    workspace, posts, planned, tmp_path
):
    same = {
        "posts": posts,
        "exclude": ["LAO-041"],
        "must_cover": ["LAO-062"],
        "closed": ["LAO-043"],
        "rest_days": 1,
        "days": 28,
    }
    again = workflow.patrols_for(workspace, 4, **same, seed=3, out=tmp_path / "again", now=NOW)
    for name in planned.files:
        assert (again.folder / name).read_bytes() == (planned.folder / name).read_bytes(), name
    new = workflow.patrols_for(workspace, 4, **same, out=tmp_path / "new", now=NOW)
    secret = json.loads((new.folder / "run.json").read_text(encoding="utf-8"))["asked"]["seed"]
    assert secret.bit_length() > 90
    assert not any(str(secret) in str(message) for message in new.messages)  # a screen is seen, and its lines stay
    assert table(new, "schedule")["sectors"].tolist() != table(planned, "schedule")["sectors"].tolist()


def test_the_map_has_sectors_routes_from_and_to_their_post_and_posts(planned, posts):
    path = planned.folder / "command_level_patrol_map.gpkg"
    assert set(pyogrio.list_layers(path)[:, 0]) == {"patrol_map", "routes", "posts", "layer_styles"}
    with sqlite3.connect(path) as database:
        abouts = {about for (about,) in database.execute("SELECT description FROM gpkg_contents") if about}
    database.close()
    assert any(
        re.search(r"Có giá trị đến \d\d/\d\d/2018\. Mô hình: mặc định.* Mức phát hành: cấp chỉ huy", about)
        for about in abouts
    )
    places = gpd.read_file(path, layer="posts").set_index("post_id").geometry
    routes = gpd.read_file(path, layer="routes")
    assert routes["uses"].sum() == len(table(planned, "schedule"))
    for route in routes.itertuples():
        assert route.geometry.is_closed
        assert route.geometry.interpolate(0).distance(places[route.post_id]) < 1e-6


def test_each_team_gets_its_shifts_and_each_week_its_brief_and_the_manifest_names_them_all(planned):
    manifest = json.loads((planned.folder / "run.json").read_text(encoding="utf-8"))
    there = {path.relative_to(planned.folder).as_posix() for path in planned.folder.rglob("*") if path.is_file()}
    assert {*manifest["outputs"], "run.json"} == there
    schedule = table(planned, "schedule")
    routes = {
        path.name: len(pyogrio.read_dataframe(path, layer="routes")) for path in planned.folder.glob("field/*.gpx")
    }
    number = {"MADE-UP-1": 1, "MADE-UP-2": 2, "MADE-UP-3": 3}
    assert routes == {
        f"command_level_post{number[post]:02}_team{team}.gpx": len(rows)
        for (post, team), rows in schedule.groupby(["post_id", "team"])
    }
    briefs = sorted(path.parent.name for path in planned.folder.glob("brief/*/command_level_brief.pdf"))
    assert briefs == ["week_1", "week_2", "week_3", "week_4"]
    for week, (_, rows) in enumerate(schedule.groupby((schedule["day"] - 1) // 7), start=1):
        [page] = PdfReader(planned.folder / f"brief/week_{week}/command_level_brief.pdf").pages
        assert f"số ca: {len(rows)}," in page.extract_text()
        assert "MADE-UP-" in page.extract_text()


def test_without_a_terrain_no_way_is_handed_out(planned):
    ways = pyogrio.read_dataframe(planned.folder / "field/command_level_plan.gpkg", layer="routes")
    assert len(ways)
    assert not ways["way_known"].any()


def test_the_brief_says_to_which_office_a_suspicion_is_reported(workspace, posts, tmp_path):
    folder = shutil.copytree(workspace.folder, tmp_path / "w")
    settings = workspace.settings.model_copy(update={"office": "the made-up duty office", "lang": "en"})
    (folder / "workspace.toml").write_text(settings.to_toml(), encoding="utf-8")
    plan = workflow.patrols_for(Workspace(folder), 2, posts=posts, days=9, seed=1, out=tmp_path / "p", now=NOW)
    for week in (1, 2):
        page = (plan.folder / f"brief/week_{week}/command_level_brief.html").read_text(encoding="utf-8")
        assert "Report at once to the made-up duty office;" in page
    assert "patrols from 2018-01-08 to 2018-01-09" in page


def test_qgis_draws_each_sector_by_its_visits(planned):
    path = planned.folder / "command_level_patrol_map.gpkg"
    styles = pyogrio.read_dataframe(path, layer="layer_styles").set_index("f_table_name")["styleQML"]
    assert set(styles.index) == {"patrol_map", "routes", "posts"}
    tree = ElementTree.fromstring(styles["patrol_map"].split("\n", 1)[1])
    rules = [rule.get("filter") for rule in tree.iter("rule") if rule.get("filter")]
    drawn = [pyogrio.read_dataframe(path, layer="patrol_map", where=rule)["visits"] for rule in rules]
    assert sum(map(len, drawn)) == len(table(planned, "sectors"))
    assert sum(rows.sum() for rows in drawn) == len(visits(planned))


def test_teams_go_where_the_flow_is_unless_the_posts_say_how_many_they_have(workspace, planned, posts, tmp_path):
    asked = json.loads((planned.folder / "run.json").read_text(encoding="utf-8"))["asked"]["teams"]
    assert sum(asked.values()) == 4
    pd.read_csv(posts).assign(teams=[1, 1, 2]).to_csv(tmp_path / "own.csv", index=False)
    plan = workflow.patrols_for(workspace, posts=tmp_path / "own.csv", days=7, seed=1, out=tmp_path / "p", now=NOW)
    said = json.loads((plan.folder / "run.json").read_text(encoding="utf-8"))["asked"]["teams"]
    assert said == {"MADE-UP-1": 1, "MADE-UP-2": 1, "MADE-UP-3": 2}


def test_sectors_in_areas_closed_by_season_are_not_patrolled(workspace, posts, tmp_path):
    border = read_layers(workspace).border.set_index("sector_id")
    west, south, east, north = border.loc[["LAO-062", "LAO-063"]].total_bounds
    area = gpd.GeoDataFrame(geometry=[box(west - 0.001, south - 0.001, east + 0.001, north + 0.001)], crs=STORED)
    area.to_file(tmp_path / "flood.gpkg")
    plan = workflow.patrols_for(
        workspace, 3, posts=posts, closed_areas=tmp_path / "flood.gpkg", days=7, seed=1, out=tmp_path / "p", now=NOW
    )
    closed = json.loads((plan.folder / "run.json").read_text(encoding="utf-8"))["asked"]["closed"]
    assert {"LAO-062", "LAO-063"} <= set(closed)
    assert not visits(plan)["sector_id"].isin(closed).any()
    assert any("without elevations closed areas change no flow" in str(message) for message in plan.messages)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"teams": 0}, "needs at least one team; got 0"),
        ({"teams": None}, "do not say how many teams they have: give the number with --teams N"),
        ({"hours": 1.0}, "A shift of 1.0 h is too short for any sector"),
        ({"days": 0}, "at least one day"),
        ({"rest_days": 7}, "leave no day for patrols"),
        ({"must_cover": ["LAO-041"], "exclude": ["LAO-041"]}, "must be covered and are excluded at once: LAO-041"),
        ({"must_cover": ["LAO-041"], "closed": ["LAO-041"]}, "must be covered and are closed at once: LAO-041"),
        ({"must_cover": ["CHN-001"]}, "out of reach in 8.0 h: CHN-001"),
        ({"must_cover": ["LAO-999"]}, "must-cover names sectors that the border does not have: LAO-999"),
        ({"effect": 0.0}, "must be above 0; got 0.0"),
        ({"month": "2017-01"}, "the records reach to 2017-12: begin later"),
    ],
)
def test_what_cannot_be_planned_is_told_with_the_mend_and_leaves_nothing(workspace, posts, tmp_path, options, said):
    with pytest.raises(PlanError, match=said):
        workflow.patrols_for(
            workspace, **({"teams": 3, "posts": posts, "seed": 1} | options), out=tmp_path / "none", now=NOW
        )
    assert not list(tmp_path.iterdir())


def test_more_teams_than_sectors_give_the_largest_plan_and_are_told(workspace, posts, tmp_path):
    near = [f"LAO-{n:03}" for n in range(60, 65)]
    everything = read_layers(workspace).border["sector_id"]
    others = [name for name in everything if name not in near]
    plan = workflow.patrols_for(workspace, 9, posts=posts, exclude=others, days=7, seed=1, out=tmp_path / "p", now=NOW)
    said = [str(message) for message in plan.messages]
    assert any(line.startswith("more teams (9) than sectors in reach") for line in said)
    assert any("have no route and are a reserve" in line for line in said)


def test_posts_outside_the_province_are_refused_with_their_rows(workspace, posts, tmp_path):
    rows = pd.read_csv(posts)
    rows.loc[1, ["lon", "lat"]] = 105.8, 21.0
    rows.to_csv(tmp_path / "far.csv", index=False)
    with pytest.raises(PlanError, match=r"far\.csv: the posts in rows 3 lie outside the province"):
        workflow.patrols_for(workspace, 3, posts=tmp_path / "far.csv", now=NOW)


def test_rows_that_are_no_posts_are_refused_without_their_content(workspace, posts, tmp_path):
    rows = pd.read_csv(posts).assign(teams=["many", 1, 1])
    rows.to_csv(tmp_path / "odd.csv", index=False)
    with pytest.raises(
        PlanError, match=r"odd\.csv: 1 rows cannot be used as posts, the first is row 2: teams"
    ) as error:
        workflow.patrols_for(workspace, 3, posts=tmp_path / "odd.csv", now=NOW)
    assert "many" not in str(error.value)


def test_the_gap_is_not_told_to_more_digits_than_anybody_can_use(planned):
    [said] = [message for message in planned.messages if "largest proven gap" in message.template]
    assert said.values["gap"] == pytest.approx(100 * planned.tables["gap"], abs=5e-4)
    assert said.values["gap"] == round(said.values["gap"], 3)


def test_posts_far_inland_are_told_how_long_a_shift_they_need(workspace, posts, tmp_path):
    place = read_layers(workspace).communes.set_index("name").representative_point()["Xã Tuần Giáo"]
    rows = pd.read_csv(posts).iloc[:1].assign(lon=place.x, lat=place.y)
    rows.to_csv(tmp_path / "inland.csv", index=False)
    with pytest.raises(PlanError, match=r"too short for any sector: the nearest needs \d+\.\d h there") as error:
        workflow.patrols_for(workspace, 2, posts=tmp_path / "inland.csv", now=NOW)
    assert error.value.message.values["needed"] > 8


def test_a_post_that_is_called_by_a_person_gets_an_identifier_of_its_own(workspace, posts, tmp_path):
    rows = pd.read_csv(posts).assign(post_id=["lo_van_mau", "MADE-UP-2", "MADE-UP-3"])
    rows.to_csv(tmp_path / "named.csv", index=False)
    first, *others = posts_of(workspace, read_layers(workspace), tmp_path / "named.csv", NOW).places.index
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert others == ["MADE-UP-2", "MADE-UP-3"]


def test_without_posts_it_is_said_what_to_give(workspace):
    with pytest.raises(PlanError, match=r"name a file of them with --posts FILE .* diemnong add posts FILE"):
        workflow.patrols_for(workspace, 3, now=NOW)


def test_without_records_there_is_no_risk_to_plan_by(posts, tmp_path):
    with pytest.raises(WorkspaceError, match="add them with: diemnong add cases FILE"):
        workflow.patrols_for(workflow.init(tmp_path / "w"), 3, posts=posts, now=NOW)


def test_over_a_terrain_ways_lead_around_what_is_closed(workspace, posts, tmp_path):
    """A flat made-up relief: a post in the middle of a closed ring has no way out, and the teams go elsewhere."""
    folder = shutil.copytree(workspace.folder, tmp_path / "w")
    copy = Workspace(folder)
    layers = read_layers(copy)
    grid = terrain_grid(layers.communes, layers.border, METRIC)
    write_cog(tmp_path / "dem.tif", np.full(grid.shape, 500.0), grid, description="made up", unit="m", tags={})
    workflow.add(copy, "elevation", tmp_path / "dem.tif")
    free = workflow.patrols_for(copy, 3, posts=posts, hours=12, days=7, seed=1, out=tmp_path / "free", now=NOW)
    said = [str(message) for message in free.messages]
    ways = pyogrio.read_dataframe(free.folder / "field/command_level_plan.gpkg", layer="routes")
    assert len(ways)
    assert ways["way_known"].all()
    assert "no roads are given: travel times are those on foot" in said
    assert not any("straight distance" in line for line in said)
    places = gpd.GeoSeries.from_xy(*pd.read_csv(posts)[["lon", "lat"]].to_numpy().T, crs=STORED).to_crs(METRIC)
    ring = places[1].buffer(3000).difference(places[1].buffer(1500))
    flooded = layers.border.to_crs(METRIC).set_index("sector_id").geometry["LAO-030"].buffer(1000)
    gpd.GeoDataFrame(geometry=[ring, flooded], crs=METRIC).to_file(tmp_path / "ring.gpkg")
    shut = workflow.patrols_for(
        copy,
        3,
        posts=posts,
        hours=12,
        days=7,
        seed=1,
        closed_areas=tmp_path / "ring.gpkg",
        out=tmp_path / "shut",
        now=NOW,
    )
    assert "MADE-UP-2" in set(table(free, "schedule")["post_id"])
    assert "MADE-UP-2" not in set(table(shut, "schedule")["post_id"])
    assert any("1 of 3 origins reach no target" in str(message) for message in shut.messages)
    assert any("months in which the closed areas are closed" in str(message) for message in shut.messages)
    yearly = [table(plan, "sectors").set_index("sector_id")["crossings_year"] for plan in (free, shut)]
    assert yearly[0]["LAO-030"] > 0
    assert yearly[1]["LAO-030"] == 0
    assert yearly[1].sum() < yearly[0].sum()
