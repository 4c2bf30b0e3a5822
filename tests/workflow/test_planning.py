import json
import re
import sqlite3
from datetime import UTC, datetime
from xml.etree import ElementTree

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

import workflow
from geo.crs import STORED
from geo.errors import PlanError, WorkspaceError
from geo.workspace import Workspace
from models.registry import Registry
from workflow.planning import basis_of, far_draws
from workflow.steps import silent

NOW = datetime(2018, 1, 2, tzinfo=UTC)


def written(folder, name, **columns):
    pd.DataFrame(columns).to_csv(folder / f"{name}.csv", index=False)
    return folder / f"{name}.csv"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Make two years of cases in two communes, sessions in one, a mailbox in the other, and a model in use."""
    folder = tmp_path_factory.mktemp("planning")
    made = workflow.init(folder / "w")
    days = pd.date_range("2016-01-01", periods=24, freq="MS").strftime("%Y-%m-%d")
    cases = {"case_id": [f"c{i}" for i in range(24)], "date": days, "commune_code": ["03160", "03127", "03160"] * 8}
    same = {"vintage": "2025-07-01", "data_kind": "simulated"}
    workflow.add(made, "cases", written(folder, "cases", **cases, **same, victims=1, source="police"), now=NOW)
    session = {"session_id": ["s1"], "date": ["2017-11-15"], "commune_code": ["03160"], "sessions": [40]}
    workflow.add(made, "outreach", written(folder, "outreach", **session, **same, agency="police"), now=NOW)
    boxes = {"service_id": ["m1", "m2"], "kind": "mailbox", "commune_code": ["03127", "03163"]}
    services = written(folder, "services", **boxes, since=["2017-04-10", None], **same)
    workflow.add(made, "services", services, now=NOW)
    trained = workflow.train(made, now=NOW)
    workflow.promote(made, trained.card.model_id)
    return made


def table(planned, name):
    return pd.read_csv(planned.folder / f"{name}.csv", dtype={"commune_code": "str"})


@pytest.fixture(scope="module")
def planned(workspace):
    return workflow.outreach_for(workspace, 100, 3, now=NOW)


class TestOutreach:
    def test_all_sessions_are_held_in_the_months_after_the_records_and_each_commune_gets_its_floor(self, planned):
        timetable, communes = table(planned, "outreach_timetable"), table(planned, "outreach_communes")
        assert timetable["sessions"].sum() == communes["sessions"].sum() == 100
        assert sorted(timetable["month"].unique()) == ["2018-01", "2018-02", "2018-03"]
        assert len(communes) == 45
        assert (communes["floor"] == 1).all()
        assert communes["explored"].sum() == 15

    def test_most_goes_where_most_is_expected_and_each_row_says_why_in_both_languages(self, planned):
        communes = table(planned, "outreach_communes").set_index("commune_code")
        assert communes["expected"].idxmax() == "03160"
        assert communes["gain"].is_monotonic_decreasing
        assert communes["gain"].sum() == pytest.approx(planned.tables["gain"]["mean"], rel=1e-6)
        assert communes["reason_en"].str.contains("events a year expected").all()
        assert communes["reason_vi"].notna().all()
        assert (communes["gain_lower"] <= communes["gain_upper"]).all()

    def test_the_files_and_the_manifest_say_that_the_records_are_simulated(self, planned):
        manifest = json.loads((planned.folder / "run.json").read_text(encoding="utf-8"))
        assert manifest["data_kind"] == "simulated"
        assert manifest["asked"]["sessions"] == 100
        assert manifest["model"]["in_use"]
        assert set(manifest["outputs"]) | {"run.json"} == {path.name for path in planned.folder.iterdir()}
        assert set(table(planned, "outreach_timetable")["data_kind"]) == {"simulated"}
        first = pd.read_excel(planned.folder / "outreach_timetable.xlsx", header=None, engine="calamine").iloc[0, 0]
        assert "SIMULATED DATA" in first
        assert str(planned.messages[0]).startswith("SIMULATED DATA")

    def test_the_map_shows_each_commune_with_its_sessions(self, planned):
        places = gpd.read_file(planned.folder / "outreach_map.gpkg", layer="outreach_map").set_index("commune_code")
        communes = table(planned, "outreach_communes").set_index("commune_code")
        assert places.crs == STORED
        assert places["sessions"].to_dict() == communes["sessions"].to_dict()
        assert set(places["data_kind"]) == {"simulated"}
        assert places["reason_en"].to_dict() == communes["reason_en"].to_dict()

    def test_the_page_holds_every_session_of_the_timetable(self, planned):
        page = (planned.folder / "plan_map.html").read_text(encoding="utf-8")
        data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page).group(1))
        at = {name: data["communes"]["fields"].index(name) for name in ("planned", "timetable_en")}
        told = [
            re.findall(r" (\d+)(?:,|$)", line) for row in data["communes"]["rows"] for line in row[at["timetable_en"]]
        ]
        assert sum(int(n) for line in told for n in line) == 100
        assert sum(row[at["planned"]] for row in data["communes"]["rows"]) == 100
        assert data["period"] == ["2018-01-01", "2018-03-31"]
        assert data["simulated"]

    def test_qgis_draws_the_communes_by_their_sessions(self, planned):
        path = planned.folder / "outreach_map.gpkg"
        communes = table(planned, "outreach_communes")
        with sqlite3.connect(path) as database:
            [(layer, style)] = database.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault")
            [(title, about)] = database.execute(
                "SELECT identifier, description FROM gpkg_contents WHERE table_name = 'outreach_map'"
            )
        database.close()
        rules = [rule.get("filter") for rule in ElementTree.fromstring(style.split("\n", 1)[1]).iter("rule")]
        drawn = [
            pyogrio.read_dataframe(path, layer="outreach_map", where=rule)["commune_code"]
            for rule in filter(None, rules)
        ]
        assert layer == "outreach_map"
        assert title != layer
        assert "Số liệu đến 31/12/2017. Có giá trị đến 31/03/2018. Mô hình: 2018" in about
        assert "Mức phát hành: cán bộ kế hoạch" in about
        assert len(drawn) > 1
        assert sorted(pd.concat(drawn)) == sorted(communes["commune_code"])

    def test_the_same_seed_gives_the_same_plan(self, workspace, planned, tmp_path):
        again = workflow.outreach_for(workspace, 100, 3, out=tmp_path / "again", now=NOW)
        assert again.folder == tmp_path / "again"
        for name in planned.files:
            assert (again.folder / name).read_bytes() == (planned.folder / name).read_bytes()

    def test_what_was_held_lately_is_still_remembered(self, workspace, planned, tmp_path):
        later = workflow.outreach_for(workspace, 100, 3, start="2023-01", out=tmp_path / "later", now=NOW)
        soon, late = (
            table(plan, "outreach_communes").set_index("commune_code").loc["03160"] for plan in (planned, later)
        )
        assert soon["gain"] / soon["reached"] < late["gain"] / late["reached"]

    def test_capacity_that_is_too_small_gives_the_largest_plan_and_says_what_was_dropped(self, workspace, tmp_path):
        planned = workflow.outreach_for(
            workspace, 100, 3, agencies=("police", "labour"), capacity={"police": 30, "labour": 40},
            out=tmp_path / "small", now=NOW,
        )  # fmt: skip
        assert table(planned, "outreach_timetable").groupby("agency")["sessions"].sum().to_dict() == {
            "police": 30, "labour": 40
        }  # fmt: skip
        assert table(planned, "outreach_dropped")["sessions"].tolist() == [30]
        assert any("30 sessions cannot be held" in str(message) for message in planned.messages)

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"start": "soon"}, "soon is no month; write it as year and month"),
            ({"start": "2017-12"}, "the records reach to 2017-12: begin later"),
            ({"sessions": 10}, "plan 45 sessions, or lower the floor"),
            ({"closed": tuple(range(1, 13))}, "can work in no commune|every month is closed"),
        ],
    )
    def test_what_cannot_be_planned_is_told_with_the_mend_and_leaves_nothing(self, workspace, tmp_path, options, said):
        options = {"sessions": 100} | options
        with pytest.raises(PlanError, match=said):
            workflow.outreach_for(workspace, months=3, out=tmp_path / "none", now=NOW, **options)
        assert not list(tmp_path.iterdir())

    def test_without_records_there_is_no_risk_to_plan_by(self, tmp_path):
        with pytest.raises(WorkspaceError, match="add them with: diemnong add cases FILE"):
            workflow.outreach_for(workflow.init(tmp_path / "w"), 100, 3)


@pytest.fixture(scope="module")
def chosen(workspace):
    return workflow.sites_for(workspace, 2, draw=7, now=NOW)


class TestSites:
    def test_the_shortlist_tells_people_and_risk_with_its_interval_and_why(self, chosen):
        shortlist = table(chosen, "sites_shortlist")
        assert len(shortlist) >= 1
        assert (shortlist["risk_lower"] <= shortlist["risk_upper"]).all()
        assert shortlist["people_share"].between(0, 1).all()
        assert shortlist["reason_en"].str.startswith("within reach:").all()
        assert set(shortlist["data_kind"]) == {"simulated"}

    def test_the_interval_is_that_of_the_risk_of_the_communes_within_reach(self, workspace, chosen):
        basis = basis_of(workspace, None, silent)
        places = basis.layers.communes.set_index("commune_code").to_crs(workspace.settings.crs).representative_point()
        row = table(chosen, "sites_shortlist").iloc[0]
        near = [
            min(place.distance(places[site]) for site in row["sites"].split(" + ")) * 1.5 / 10_000 <= 3
            for place in places
        ]
        covered = basis.draws.loc[places.index[near]].sum()
        assert covered.mean() == pytest.approx(row["risk"], rel=1e-6)
        assert covered.quantile([0.05, 0.95]).tolist() == pytest.approx(
            [row["risk_lower"], row["risk_upper"]], rel=1e-6
        )

    def test_the_lot_draws_from_the_shortlist_and_the_same_number_draws_the_same(self, workspace, chosen, tmp_path):
        assert " + ".join(chosen.tables["drawn"]) in set(table(chosen, "sites_shortlist")["sites"])
        again = workflow.sites_for(workspace, 2, draw=7, out=tmp_path / "again", now=NOW)
        assert again.tables["drawn"] == chosen.tables["drawn"]
        none = workflow.sites_for(workspace, 2, out=tmp_path / "none", now=NOW)
        assert none.tables["drawn"] is None

    def test_comparison_communes_are_no_pilots_and_each_is_used_once_in_a_choice(self, chosen):
        comparison = table(chosen, "sites_comparison")
        for sites, rows in comparison.groupby("sites"):
            assert not rows["comparison"].astype(str).str.zfill(5).isin(sites.split(" + ")).any()
            assert rows["comparison"].is_unique
            assert len(rows) == 4

    def test_the_best_and_the_runner_up_are_told_by_each_goal(self, chosen):
        said = [str(message) for message in chosen.messages]
        assert sum(line.startswith("Best by") and "runner-up" in line for line in said) == 3
        assert any("no elevation model is given" in line for line in said)

    def test_more_sites_than_communes_are_refused_with_the_mend(self, workspace, tmp_path):
        with pytest.raises(PlanError, match="46 sites cannot be chosen from 45 candidates: ask for 1 to 45"):
            workflow.sites_for(workspace, 46, out=tmp_path / "none", now=NOW)
        assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def missing(tmp_path_factory):
    """Make a workspace with made-up absences: an adult, a child with a point on the border's side, a returned one."""
    folder = tmp_path_factory.mktemp("missing")
    made = workflow.init(folder / "w")
    rows = {
        "absence_id": ["a-adult", "a-child", "a-back", "a-nowhere"],
        "reported_on": ["2017-12-20", "2017-06-01", "2017-12-25", "2017-12-01"],
        "commune_code": ["03160", None, "03160", None],
        "lon": [None, 103.02, None, None],
        "lat": [None, 21.39, None, None],
        "district": [None, None, None, "Huyện Mường Nhé"],
        "age_band": ["18-24", "12-15", "6-11", "unknown"],
        "sex": "female",
        "status": ["open", "open", "returned", "open"],
    }
    workflow.add(made, "absences", written(folder, "absences", **rows, vintage="2025-07-01"), now=NOW)
    return made


class TestVerification:
    @pytest.fixture
    def queue(self, missing, tmp_path):
        return workflow.queue_for(missing, on=datetime(2018, 1, 2), out=tmp_path / "q", now=NOW)

    def test_the_child_comes_first_and_who_is_back_is_not_in_it(self, queue):
        rows = pd.read_csv(queue.folder / "command_level_verification.csv", skiprows=1)
        assert rows["absence_id"].tolist() == ["a-child", "a-nowhere", "a-adult"]
        assert rows["days_absent"].tolist() == [215, 32, 13]
        assert rows["reason_en"].iloc[0].startswith("a child; absent for 365 days or less;")

    def test_a_point_is_measured_itself_and_a_commune_from_within(self, missing, queue):
        rows = pd.read_csv(queue.folder / "command_level_verification.csv", skiprows=1).set_index("absence_id")
        layers, crs = workflow.read_layers(missing), missing.settings.crs
        border = layers.border.to_crs(crs).union_all()
        point = gpd.GeoSeries.from_xy([103.02], [21.39], crs=STORED).to_crs(crs).iloc[0]
        commune = layers.communes.set_index("commune_code").to_crs(crs).representative_point()["03160"]
        assert rows["distance_km"]["a-child"] == pytest.approx(point.distance(border) / 1000)
        assert rows["distance_km"]["a-adult"] == pytest.approx(commune.distance(border) / 1000)
        assert pd.isna(rows["distance_km"]["a-nowhere"])

    def test_every_file_says_the_level_in_its_name_and_first_line_and_only_the_owner_may_open_the_folder(self, queue):
        level = "COMMAND LEVEL: not to leave the command"
        assert all(name.startswith("command_level_") for name in queue.files)
        assert level in (queue.folder / "command_level_verification.csv").read_text("utf-8-sig").splitlines()[0]
        sheet = pd.read_excel(queue.folder / "command_level_verification.xlsx", header=None, engine="calamine")
        assert level in sheet.iloc[0, 0]
        assert queue.folder.stat().st_mode & 0o077 == 0
        assert json.loads((queue.folder / "run.json").read_text(encoding="utf-8"))["release_level"] == "command"

    def test_no_row_is_printed_or_in_the_manifest(self, queue):
        said = json.dumps(queue.as_dict()) + (queue.folder / "run.json").read_text(encoding="utf-8")
        assert not any(name in said for name in ("a-child", "a-adult", "a-nowhere"))
        assert queue.tables["open"] == {"n": 3, "children": 1, "unknown": 1, "recent": 1, "unplaced": 1}

    def test_without_an_open_absence_there_is_no_queue(self, workspace):
        with pytest.raises(PlanError, match="add them with: diemnong add absences FILE"):
            workflow.queue_for(workspace, now=NOW)


class TestEffects:
    def test_counts_are_parted_at_the_first_session(self, workspace, tmp_path):
        found = workflow.effects_of(workspace, "outreach", "cases", out=tmp_path / "e", now=NOW)
        communes = table(found, "effects_communes").set_index("commune_code")
        of = communes.loc["03160", ["start", "periods_without", "events_without", "periods_with", "events_with"]]
        assert of.tolist() == ["2017Q4", 7, 14, 1, 2]
        others = communes.drop("03160")
        assert others["start"].isna().all()
        assert others["events_with"].sum() == 0
        assert communes[["events_with", "events_without"]].to_numpy().sum() == 24

    def test_without_power_there_is_no_verdict_and_it_is_said_what_could_be_shown(self, workspace, tmp_path):
        found = workflow.effects_of(workspace, out=tmp_path / "e", now=NOW)
        row = table(found, "effects").iloc[0]
        assert row["power"] < 0.8
        assert row["verdict"] == "no verdict"
        said = [str(message) for message in found.messages]
        assert "Verdict: no verdict" in said
        assert any("325 people asked in each of two surveys" in line for line in said)

    def test_a_commune_whose_start_is_not_known_is_left_out_and_named(self, workspace, tmp_path):
        found = workflow.effects_of(workspace, "mailbox", length=workflow.Length.year, out=tmp_path / "e", now=NOW)
        communes = table(found, "effects_communes").set_index("commune_code")
        assert "03163" not in communes.index
        assert communes["start"].dropna().to_dict() == {"03127": 2017}
        assert "Left out, because the day on which it began is not known: Xã Mường Toong" in map(str, found.messages)

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"treatment": "legal_club"}, "No legal_club is recorded .* diemnong add services FILE"),
            ({"treatment": "luck"}, "is one of outreach, mailbox, .*; got luck"),
            ({"outcome": "absences"}, "Nothing was recorded in the period"),
            ({"threshold_fall": 0.0}, "above 0 and at most 1; got 0.0"),
        ],
    )
    def test_what_cannot_be_compared_is_told_and_leaves_nothing(self, workspace, tmp_path, options, said):
        with pytest.raises(PlanError, match=said):
            workflow.effects_of(workspace, **options, out=tmp_path / "none", now=NOW)
        assert not list(tmp_path.iterdir())


class TestStart:
    def test_every_commune_begins_in_one_of_the_steps_and_what_is_judged_is_written_beforehand(
        self, workspace, tmp_path
    ):
        found = workflow.start_for(workspace, 3, 8, outcome="cases recorded", draw=4, out=tmp_path / "s", now=NOW)
        start = table(found, "start")
        assert len(start) == start["commune_code"].nunique() == 45
        assert start.groupby("step").size().to_dict() == {1: 15, 2: 15, 3: 15}
        assert start.groupby("step")["start"].unique().str.join("").tolist() == ["2018-03", "2018-05", "2018-07"]
        asked = json.loads((found.folder / "run.json").read_text(encoding="utf-8"))["asked"]
        assert (asked["outcome"], asked["threshold_fall"], asked["draw"]) == ("cases recorded", 0.5, 4)
        assert any("no verdict could follow" in str(message) for message in found.messages)

    def test_steps_without_months_for_them_are_refused(self, workspace, tmp_path):
        with pytest.raises(PlanError, match="there are 45 communes and 3 periods"):
            workflow.start_for(workspace, 3, 3, outcome="cases", draw=4, out=tmp_path / "s", now=NOW)
        assert not list(tmp_path.iterdir())


def test_communes_where_a_few_draws_decide_are_named():
    draws = pd.DataFrame({"even": [1.0, 2.0] * 50, "far": [0.0] * 99 + [900.0]}).T
    said = far_draws(draws, pd.Series({"even": "Xã Na Tông", "far": "Xã Xa Dung"}))
    assert [str(message).split(":")[0] for message in said] == ["Xã Xa Dung"]
    assert far_draws(draws.loc[["even"]], pd.Series(dtype=str)) == []


def test_a_seed_of_ones_own_changes_the_fit_and_not_the_model_in_use(workspace, tmp_path):
    before = Registry(workspace.models).in_use()
    one, two = (
        workflow.outreach_for(Workspace(workspace.folder), 100, 3, seed=seed, out=tmp_path / str(seed), now=NOW)
        for seed in (1, 2)
    )
    assert one.tables["gain"] != two.tables["gain"]
    assert Registry(workspace.models).in_use() == before
