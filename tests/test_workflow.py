"""The steps of the program, from files to outputs, on the built-in province."""

import hashlib
import json
import os
import zipfile
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio

import workflow
from geo import boundaries
from geo.crs import STORED
from geo.errors import DiemnongError, ReleaseError, SchemaError, WorkspaceError
from geo.schema import TABLES, VINTAGES
from geo.workspace import Settings, Workspace
from maps import outputs
from maps.outputs import FILES

NOW = datetime(2018, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return workflow.demo(tmp_path_factory.mktemp("demo") / "out")


@pytest.fixture
def workspace(tmp_path):
    return workflow.init(tmp_path / "w")


def case_file(tmp_path, *rows, name="cases.csv"):
    base = {
        "case_id": "c1",
        "date": "2017-03-31",
        "commune_code": "03160",
        "vintage": "2025-07-01",
        "victims": 1,
        "source": "police",
    }
    pd.DataFrame([base | row for row in rows]).to_csv(tmp_path / name, index=False)
    return tmp_path / name


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


class TestDemo:
    def test_it_writes_every_output_and_nothing_else(self, demo):
        assert sorted(path.name for path in demo.folder.iterdir()) == sorted([*FILES, "input"])
        assert sorted(path.stem for path in (demo.folder / "input").iterdir()) == [
            f"simulated_{name}" for name in sorted([*TABLES, "elevation"])
        ]

    def test_every_output_says_simulated(self, demo):
        folder = demo.folder
        for ranking in ("ranking_outreach", "ranking_patrol"):
            assert set(pd.read_csv(folder / f"{ranking}.csv")["data_kind"]) == {"simulated"}
            sheet = openpyxl.load_workbook(folder / f"{ranking}.xlsx").active
            assert "SIMULATED" in sheet["A1"].value
        for name in ("risk.tif", "input/simulated_elevation.tif"):
            with rasterio.open(folder / name) as raster:
                assert "simulated" in raster.descriptions[0]
                assert raster.tags()["data_kind"] == "simulated"
        for layer in ("communes", "border_sectors", "crossings"):
            assert set(pyogrio.read_dataframe(folder / "hotspots.gpkg", layer=layer)["data_kind"]) == {"simulated"}
        assert "SIMULATED" in (folder / "hotspots.qgs").read_text(encoding="utf-8")
        assert '"simulated":true' in (folder / "map.html").read_text(encoding="utf-8")
        assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["data_kind"] == "simulated"
        for path in (folder / "input").glob("*.csv"):
            assert set(pd.read_csv(path)["data_kind"]) == {"simulated"}

    def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(self, demo, tmp_path):
        again, other = workflow.demo(tmp_path / "a"), workflow.demo_workspace(tmp_path / "b", seed=1)
        first, second = digests(demo.folder), digests(again.folder)
        same = {name for name in first if first[name] == second[name]}
        assert same == set(FILES) - {"run.json"}
        ours, others = (pd.read_csv(one.folder / "input" / "simulated_cases.csv") for one in (demo, other))
        assert not ours.equals(others)

    def test_the_rankings_cover_every_commune_and_sector(self, demo):
        outreach = pd.read_csv(demo.folder / "ranking_outreach.csv", dtype={"commune_code": str})
        patrol = pd.read_csv(demo.folder / "ranking_patrol.csv")
        assert sorted(outreach["commune_code"]) == sorted(boundaries.facts(VINTAGES[-1])["commune_code"])
        assert patrol["sector_id"].is_unique
        assert patrol["score"].sum() == pytest.approx(1.0, abs=1e-4)
        assert outreach[["reason_vi", "reason_en"]].notna().all(axis=None)
        assert (outreach["reason_vi"] != outreach["reason_en"]).all()
        assert (
            outreach[["p_top10", "detection", "own_weight"]].apply(lambda column: column.between(0, 1)).all(axis=None)
        )
        assert outreach["p_top10"].sum() == pytest.approx(5, abs=1e-6)  # a tenth of 45 communes, rounded up
        assert (outreach["band_lower"] <= outreach["expected"] * (1 + 1e-6)).all()

    def test_no_row_is_lost_on_the_way(self, demo):
        manifest = json.loads((demo.folder / "run.json").read_text(encoding="utf-8"))
        for file in manifest["inputs"]["files"]:
            if file["table"] == "covariates":
                continue
            assert file["read"] == file["accepted"] + file["rejected"] == manifest["rows"][file["table"]]
        placed = pd.DataFrame(manifest["placement"]).groupby("table")["rows"].sum()
        for table, rows in placed.items():
            assert rows == manifest["rows"][table]
        outreach = pd.read_csv(demo.folder / "ranking_outreach.csv")
        unplaced = sum(
            p["rows"] for p in manifest["placement"] if p["table"] == "cases" and p["placement"] == "unplaced"
        )
        assert outreach["cases"].sum() == manifest["rows"]["cases"] - unplaced

    def test_the_raster_lies_on_the_province_and_has_no_value_outside(self, demo):
        with rasterio.open(demo.folder / "risk.tif") as raster:
            surface, transform, crs = raster.read(1), raster.transform, raster.crs
        communes = boundaries.communes(VINTAGES[-1]).to_crs(crs)
        inside = np.isfinite(surface)
        assert inside.sum() * abs(transform.a * transform.e) / 1e6 == pytest.approx(9539, rel=0.01)
        assert (surface[inside] >= 0).all()
        rows, cols = np.nonzero(inside)
        points = gpd.GeoSeries.from_xy(*(transform @ (cols + 0.5, rows + 0.5)), crs=crs)
        assert points.within(communes.union_all().buffer(1)).all()

    def test_the_geopackage_opens_with_all_layers(self, demo):
        path = demo.folder / "hotspots.gpkg"
        names = dict(pyogrio.list_layers(path))
        assert set(names) >= {"communes", "border_sectors", "crossings"}
        communes = gpd.read_file(path, layer="communes")
        assert len(communes) == 45
        assert communes.crs == STORED
        with rasterio.open(f"GPKG:{path}:risk") as raster, rasterio.open(demo.folder / "risk.tif") as tif:
            ours, theirs = raster.read(1), tif.read(1)
            assert raster.nodata == -9999
            ours[ours == raster.nodata] = np.nan
            np.testing.assert_array_equal(ours, theirs)

    def test_it_does_not_touch_a_folder_of_other_files(self, tmp_path):
        (tmp_path / "mine.txt").touch()
        with pytest.raises(ReleaseError):
            workflow.demo(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


class TestWithinCommune:
    def test_moving_a_case_within_its_commune_changes_no_output(self, tmp_path):
        """Rankings, surface, layers and map come from commune counts: the place of a case cannot be read from them."""
        communes = boundaries.communes(VINTAGES[-1]).set_index("commune_code")
        home = communes.geometry["03160"]
        places = [
            home.representative_point(),
            home.representative_point().buffer(0.02).intersection(home).exterior.interpolate(0.01),
        ]
        seen = []
        for number, place in enumerate(places):
            ws = workflow.init(tmp_path / f"w{number}")
            row = {"commune_code": None, "lon": place.x, "lat": place.y}
            workflow.add(ws, "cases", case_file(tmp_path, row, {"case_id": "c2"}), now=NOW)
            seen.append(digests(workflow.run(ws, now=NOW).folder))
        assert places[0].distance(places[1]) > 0.005
        assert {name for name in seen[0] if seen[0][name] != seen[1][name]} == {"run.json"}


class TestAdd:
    def test_rows_are_accepted_or_in_the_fix_list(self, tmp_path, workspace):
        rows = [
            {},
            {"case_id": "c2", "victims": -1},
            {"case_id": "c3", "commune_code": "99999"},
            {"case_id": "c4", "commune_code": None},
        ]
        added = workflow.add(workspace, "cases", case_file(tmp_path, *rows), now=NOW)
        assert (added.read, added.accepted, added.rejected, added.unplaced) == (4, 2, 2, 1)
        assert added.refused
        assert workspace.store.read("cases")["case_id"].tolist() == ["c1", "c4"]
        sheet = openpyxl.load_workbook(added.fixlist).active
        listed = pd.DataFrame(
            list(sheet.iter_rows(min_row=2, values_only=True)), columns=[cell.value for cell in sheet[1]]
        )
        assert listed["case_id"].tolist() == ["c2", "c3"]
        assert listed["column"].tolist() == ["victims", "commune_code"]
        assert listed["row"].tolist() == ["3", "4"]

    def test_a_mended_fix_list_can_be_added(self, tmp_path, workspace):
        added = workflow.add(workspace, "cases", case_file(tmp_path, {}, {"case_id": "c2", "victims": -1}), now=NOW)
        book = openpyxl.load_workbook(added.fixlist)
        header = [cell.value for cell in book.active[1]]
        book.active.cell(2, header.index("victims") + 1).value = 2
        book.save(tmp_path / "mended.xlsx")
        again = workflow.add(workspace, "cases", tmp_path / "mended.xlsx", now=NOW.replace(hour=1))
        assert (again.accepted, again.rejected) == (1, 0)
        assert workspace.store.read("cases")["victims"].tolist() == [1, 2]

    def test_the_same_file_twice_counts_once(self, tmp_path, workspace):
        file = case_file(tmp_path, {}, {"case_id": "c2"})
        first = workflow.add(workspace, "cases", file, now=NOW)
        before = digests(workspace.folder)
        again = workflow.add(workspace, "cases", file, now=NOW.replace(hour=1))
        assert (again.accepted, again.known, again.rejected) == (2, 2, 0)
        assert digests(workspace.folder) == before
        assert any(f"added before (intake {first.intake_id})" in str(message) for message in again.messages)

    def test_undoing_an_intake_leaves_what_was_before(self, tmp_path, workspace):
        workflow.add(workspace, "cases", case_file(tmp_path, {}), now=NOW)
        before = workspace.store.read("cases")
        added = workflow.add(workspace, "cases", case_file(tmp_path, {}, {"case_id": "c2"}), now=NOW.replace(hour=1))
        assert len(workspace.store.read("cases")) == 2
        workflow.undo(workspace, added.intake_id, now=NOW)
        pd.testing.assert_frame_equal(workspace.store.read("cases"), before)
        with pytest.raises(WorkspaceError, match="There is no intake"):
            workflow.undo(workspace, added.intake_id, now=NOW)

    def test_a_list_of_villages_places_records_that_name_only_a_village(self, tmp_path, workspace):
        row = {"commune_code": None, "village": "Bản Thử"}
        unknown = workflow.add(workspace, "cases", case_file(tmp_path, row), dry_run=True, now=NOW)
        assert unknown.unplaced == 1
        (tmp_path / "villages.csv").write_text("village,commune_code\nBản Thử,03160\n", encoding="utf-8")
        assert workflow.add(workspace, "villages", tmp_path / "villages.csv").accepted == 1
        added = workflow.add(workspace, "cases", case_file(tmp_path, row), now=NOW)
        assert (added.accepted, added.unplaced) == (1, 0)
        assert workspace.store.read("cases")["commune_code"].tolist() == ["03160"]

    def test_each_row_knows_where_it_came_from(self, tmp_path, workspace):
        added = workflow.add(workspace, "cases", case_file(tmp_path, {}, {"case_id": "c2"}), now=NOW)
        rows = workspace.store.read("cases")
        assert rows["intake_id"].tolist() == [added.intake_id] * 2
        assert rows["file_row"].tolist() == [2, 3]

    def test_a_dry_run_writes_nothing(self, tmp_path, workspace):
        before = digests(workspace.folder)
        added = workflow.add(workspace, "cases", case_file(tmp_path, {}), dry_run=True, now=NOW)
        assert added.accepted == 1
        assert digests(workspace.folder) == before
        assert not list(workspace.intake.iterdir())

    def test_rows_keep_the_vintage_they_were_read_in(self, tmp_path, workspace):
        row = {"commune_code": "03154", "vintage": None}
        added = workflow.add(workspace, "cases", case_file(tmp_path, row), vintage="2020-01-01", now=NOW)
        assert added.accepted == 1
        assert workspace.store.read("cases")["vintage"].tolist() == ["2020-01-01"]
        assert workflow.run(workspace, now=NOW).content.outreach.set_index("commune_code")["cases"]["03158"] == 1

    def test_columns_of_persons_never_reach_the_workspace(self, tmp_path, workspace):
        row = {"ho_ten": "Canary Person", "dan_toc": "Canary Group", "victims": -1}
        added = workflow.add(
            workspace, "cases", case_file(tmp_path, {"ho_ten": "Canary Person"}, {"case_id": "c2"} | row), now=NOW
        )
        assert any("ho_ten" in str(message) for message in added.messages)
        for path in workspace.folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                if path.suffix == ".xlsx":
                    with zipfile.ZipFile(path) as book:
                        content = b"".join(book.read(name) for name in book.namelist())
                assert b"Canary" not in content, path.name
        assert "Canary" not in " ".join(map(str, added.messages))

    def test_patrols_need_a_known_sector(self, tmp_path, workspace):
        rows = pd.DataFrame(
            {
                "patrol_id": ["p1", "p2"],
                "date": "2017-05-01",
                "sector_id": ["LAO-001", "LAO-999"],
                "hours": 4,
                "teams": 1,
            }
        )
        rows.to_csv(tmp_path / "p.csv", index=False)
        added = workflow.add(workspace, "patrols", tmp_path / "p.csv", now=NOW)
        assert (added.accepted, added.rejected) == (1, 1)

    def test_an_official_layer_takes_the_place_of_the_built_in_one(self, tmp_path, workspace):
        boundaries.communes(VINTAGES[-1])[["commune_code", "name", "geometry"]].to_file(tmp_path / "xa.gpkg")
        added = workflow.add(workspace, "communes", tmp_path / "xa.gpkg")
        assert not added.refused
        assert set(workflow.read_layers(workspace).communes["geometry_quality"]) == {"official"}
        with pytest.raises(SchemaError, match="diemnong init FOLDER --vintage 2020-01-01"):
            workflow.add(workspace, "communes", tmp_path / "xa.gpkg", vintage="2020-01-01")

    def test_a_border_keeps_the_sectors_ids(self, tmp_path, workspace):
        before = workflow.read_layers(workspace).border
        boundaries.border_line().to_file(tmp_path / "b.gpkg")
        workflow.add(workspace, "border", tmp_path / "b.gpkg")
        after = workflow.read_layers(workspace).border
        assert after["sector_id"].tolist() == before["sector_id"].tolist()
        assert set(after["geometry_quality"]) == {"official"}


class TestCheck:
    def test_a_new_workspace_is_sound(self, workspace):
        checked = workflow.check(workspace)
        assert not checked.refused
        assert "45" in str(checked.messages[0])

    def test_records_that_lost_their_commune_are_found(self, tmp_path, workspace):
        workflow.add(workspace, "cases", case_file(tmp_path, {}), now=NOW)
        store = workspace.store
        store.write({"cases": store.read("cases").assign(commune_code="99999")})
        checked = workflow.check(workspace)
        assert checked.refused
        assert any("no longer find their place" in str(message) for message in checked.messages)


class TestRun:
    def test_recorded_data_are_not_called_simulated(self, tmp_path, workspace):
        workflow.add(workspace, "cases", case_file(tmp_path, {}), now=NOW)
        result = workflow.run(workspace, now=NOW)
        assert result.folder.parent == workspace.runs
        assert '"simulated":false' in (result.folder / "map.html").read_text(encoding="utf-8")
        assert set(pd.read_csv(result.folder / "ranking_outreach.csv")["data_kind"]) == {"recorded"}

    def test_one_simulated_row_makes_every_output_simulated(self, tmp_path, workspace):
        workflow.add(
            workspace,
            "cases",
            case_file(tmp_path, {"data_kind": None}, {"case_id": "c2", "data_kind": "simulated"}),
            now=NOW,
        )
        assert workflow.run(workspace, now=NOW).content.data_kind == "simulated"

    def test_an_empty_workspace_says_what_to_do(self, workspace):
        with pytest.raises(WorkspaceError, match="diemnong add cases"):
            workflow.run(workspace)
        assert not list(workspace.runs.iterdir())

    def test_a_disk_that_fills_up_leaves_nothing_behind(self, tmp_path, workspace, monkeypatch):
        workflow.add(workspace, "cases", case_file(tmp_path, {}), now=NOW)

        def full(*args, **kwargs):
            raise OSError(28, os.strerror(28))

        monkeypatch.setattr(outputs, "write_gpkg", full)
        with pytest.raises(ReleaseError, match="disk is full"):
            workflow.run(workspace, now=NOW)
        assert not list(workspace.runs.iterdir())

    def test_the_period_can_be_set(self, tmp_path):
        ws = workflow.init(tmp_path / "w", Settings.checked({"period_start": "2017-01-01", "period_end": "2017-12-31"}))
        rows = [{}, {"case_id": "c2", "date": "2015-05-05"}]
        workflow.add(ws, "cases", case_file(tmp_path, *rows), now=NOW)
        result = workflow.run(ws, now=NOW)
        assert result.content.period == ("2017-01-01", "2017-12-31")
        assert result.content.outreach["cases"].sum() == 1
        assert any("outside the period" in str(notice) for notice in result.notices())

    def test_layers_are_written_as_geoparquet_when_asked(self, tmp_path):
        ws = workflow.init(tmp_path / "w", Settings.checked({"outputs": {"parquet": True}}))
        workflow.add(ws, "cases", case_file(tmp_path, {}), now=NOW)
        result = workflow.run(Workspace(ws.folder), now=NOW)
        assert sorted(path.name for path in result.folder.iterdir()) == sorted(result.files)
        communes = gpd.read_parquet(result.folder / "communes.parquet")
        assert communes["cases"].sum() == 1
        assert len(communes) == len(gpd.read_file(result.folder / "hotspots.gpkg", layer="communes"))

    def test_a_simulated_covariate_makes_every_output_simulated(self, tmp_path, workspace):
        workflow.add(workspace, "cases", case_file(tmp_path, {}), now=NOW)
        places = pd.DataFrame({"lon": [103.0, 103.1], "lat": [21.5, 21.6], "data_kind": "simulated"})
        places.to_csv(tmp_path / "schools.csv", index=False)
        workflow.add_covariate(workspace, "schools", tmp_path / "schools.csv", stat="count", now=NOW)
        assert workflow.run(workspace, now=NOW).content.data_kind == "simulated"

    def test_it_says_which_model_ranks_and_keeps_what_was_fitted(self, tmp_path, workspace):
        workflow.add(workspace, "cases", case_file(tmp_path, {}), now=NOW)
        result = workflow.run(workspace, now=NOW)
        said = [str(notice) for notice in result.notices()]
        assert "No model is in use: the default one was fitted to the present records" in said
        assert any(text.startswith("No effort is recorded") for text in said)
        model = json.loads((result.folder / "run.json").read_text(encoding="utf-8"))["model"]
        assert (model["parameters"]["counts"], model["parameters"]["effort"]) == (["cases"], [])
        assert "no effort" in model["flags"]

    def test_no_outreach_means_recorded_cases_not_risk(self, tmp_path, workspace):
        workflow.add(workspace, "cases", case_file(tmp_path, {}), now=NOW)
        result = workflow.run(workspace, now=NOW)
        assert not result.content.effort_known
        assert any("recorded cases, not risk" in str(notice) for notice in result.notices())


def test_errors_hold_no_row(tmp_path, workspace):
    """Whatever is wrong with a file, what is said of it names no cell."""
    secret = {"case_id": "secret", "victims": "secret", "source": "secret", "commune_code": "secret", "date": "secret"}
    added = workflow.add(workspace, "cases", case_file(tmp_path, secret), now=NOW)
    assert "secret" not in json.dumps(added.as_dict() | {"fixlist": None})
    assert isinstance(Workspace(workspace.folder), Workspace)
    assert issubclass(WorkspaceError, DiemnongError)
