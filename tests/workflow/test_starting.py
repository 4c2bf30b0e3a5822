"""A workspace of other places than Điện Biên, from the layer to the records. All made up."""

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner

import cli
import workflow
from geo.errors import SchemaError, WorkspaceError
from geo.workspace import Settings, Workspace
from models.country import CRS, simulate_country
from workflow.analysis import count

COUNTRY = simulate_country(communes=40, provinces=4, area_km2=4_000, edge_m=5_000)
COLUMNS = {"commune_code": "MaXa", "name": "TenXa", "district": "Tinh", "population": "DanSo"}


@pytest.fixture
def layer(tmp_path):
    """Names that are unique within a province only: Xã Giả Ban is in each of four."""
    communes = COUNTRY.communes
    words = (
        "Ban Bình Châu Dương Đình Giang Hải Hòa Kim Lâm Long Mai Minh Nam Ngọc Phong Quang Sơn Tân Thành Thủy Vân Yên"
    )
    numbers = communes.groupby("province_code").cumcount()
    assert numbers.max() < len(words.split())
    frame = gpd.GeoDataFrame(
        {
            "MaXa": communes["commune_code"],
            "TenXa": "Xã Giả " + numbers.map(dict(enumerate(words.split()))),
            "Tinh": "Tỉnh Thử " + communes["province_code"],
            "DanSo": communes["population"],
        },
        geometry=communes.geometry,
        crs=CRS,
    )
    frame.to_file(tmp_path / "xa.gpkg")
    return frame


@pytest.fixture
def workspace(tmp_path, layer):
    made = workflow.init_elsewhere(
        tmp_path / "w", Settings.checked({"crs": CRS, "title": "Thử"}), tmp_path / "xa.gpkg", columns=COLUMNS
    )
    assert not made.refused
    return Workspace(tmp_path / "w")


def cases(tmp_path, **columns):
    n = len(next(iter(columns.values())))
    base = {"case_id": [f"c{k}" for k in range(n)], "date": "2017-03-31", "victims": 1, "source": "police"}
    pd.DataFrame(base | columns).to_csv(tmp_path / "cases.csv", index=False)
    return tmp_path / "cases.csv"


def test_records_find_its_communes_by_point_and_by_code(tmp_path, workspace):
    units = workspace.store.read("communes")
    at = units.geometry.representative_point()
    added = workflow.add(workspace, "cases", cases(tmp_path, lon=at.x, lat=at.y))
    assert added.accepted == 40
    codes = units["commune_code"].astype(int).astype(str)  # without their zeros
    added = workflow.add(workspace, "cases", cases(tmp_path, case_id=codes.radd("k"), commune_code=codes))
    assert added.accepted == 40
    assert not workflow.check(workspace).refused
    panel = count(workflow.read_layers(workspace), workspace.settings)
    counts = panel.table.groupby("commune_code")["cases"].sum()
    assert counts.tolist() == [2] * 40


def test_a_name_of_several_provinces_is_not_guessed_and_one_within_its_province_is_found(tmp_path, workspace, layer):
    own = layer.iloc[[0]]
    alone = workflow.add(workspace, "cases", cases(tmp_path, commune=["Xã Giả Ban"]))
    assert (alone.accepted, alone.rejected) == (0, 1)
    assert any("more than one commune: give the district or the code" in str(said) for said in alone.messages)
    both = workflow.add(workspace, "cases", cases(tmp_path, commune=own["TenXa"], district=own["Tinh"]))
    assert both.accepted == 1
    assert workspace.store.read("cases")["commune_code"].tolist() == own["MaXa"].tolist()


def test_codes_and_names_of_the_built_in_province_mean_nothing_there(tmp_path, workspace):
    for columns in ({"commune_code": ["03160"]}, {"commune": ["Mường Chà"]}):
        assert workflow.add(workspace, "cases", cases(tmp_path, **columns)).rejected == 1


def test_its_layer_can_be_added_again_and_another_one_not(tmp_path, workspace, layer):
    columns = {name: COLUMNS[name] for name in ("commune_code", "name", "population")}
    assert not workflow.add(workspace, "communes", tmp_path / "xa.gpkg", columns=columns).refused
    layer.iloc[1:].to_file(tmp_path / "less.gpkg")
    with pytest.raises(SchemaError, match="1 of 40 units are missing"):
        workflow.add(workspace, "communes", tmp_path / "less.gpkg", columns=columns)


def test_maps_of_it_are_not_called_after_the_built_in_province(tmp_path, layer):
    with pytest.raises(WorkspaceError, match="are not called Điện Biên; name them with --title"):
        workflow.init_elsewhere(tmp_path / "w", Settings.checked({"crs": CRS}), tmp_path / "xa.gpkg", columns=COLUMNS)


def test_a_run_without_a_border_says_so_before_anything_long(workspace):
    with pytest.raises(WorkspaceError, match="there is none; add it: diemnong add border"):
        workflow.analyse(workflow.read_layers(workspace), workspace.settings)


def test_the_command_makes_it(tmp_path, layer):
    pairs = [part for ours, theirs in COLUMNS.items() for part in ("--column", f"{ours}={theirs}")]
    arguments = ["init", str(tmp_path / "w"), "--communes", str(tmp_path / "xa.gpkg"), *pairs, "--lang", "en"]
    result = CliRunner().invoke(cli.app, [*arguments, "--crs", CRS, "--title", "Thử"])
    assert result.exit_code == 0, result.output
    assert "xa.gpkg: 40 features taken as communes" in result.output
    assert len(Workspace(tmp_path / "w").store.read("border")) == 0
    result = CliRunner().invoke(cli.app, ["init", str(tmp_path / "v"), "--layer", "xa"])
    assert result.exit_code == 2


def test_a_file_that_is_called_by_a_person_is_named_without_it(tmp_path, layer):
    settings = Settings.checked({"crs": CRS, "title": "Thử"})
    called = tmp_path / "Nguyễn Thị Mẫu.gpkg"
    (tmp_path / "xa.gpkg").rename(called)
    with pytest.raises(SchemaError, match="there is no column") as error:
        workflow.init_elsewhere(tmp_path / "w", settings, called)
    made = workflow.init_elsewhere(tmp_path / "w", settings, called, columns=COLUMNS)
    assert not made.refused
    assert "Mẫu" not in "".join([str(error.value), made.file, *map(str, made.messages[:-1])])
