import json

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
from typer.testing import CliRunner

import cli
import workflow
from geo import boundaries
from geo.errors import IntakeError, ReleaseError
from tests.geo.parquet_points import write_points

COMMUNES = boundaries.communes("2025-07-01")


@pytest.fixture
def workspace(tmp_path):
    return workflow.init(tmp_path / "w")


@pytest.fixture
def points(tmp_path):
    """A place in each commune, one far from all, one row without a place."""
    inside = COMMUNES.geometry.representative_point()
    x, y = np.append(inside.x, [110.0, np.nan]), np.append(inside.y, [10.0, np.nan])
    columns = {
        "own": pa.array([*COMMUNES["commune_code"], "far", "none"]),
        "note": pa.array(["private"] * x.size),
        "data_kind": pa.array(["simulated"] * x.size),
    }
    return write_points(tmp_path / "p.parquet", x, y, columns=columns, group_rows=15)


def test_each_place_gets_the_commune_of_the_workspace(workspace, points, tmp_path):
    joined = workflow.join_file(workspace, points, tmp_path / "out.parquet", keep=["own"])
    assert joined.file == tmp_path / "command_level_out.parquet"
    table = gpd.read_parquet(joined.file)
    known = table[table["commune_code"].notna()]
    assert known["commune_code"].tolist() == known["own"].tolist()
    assert sorted(known["own"]) == sorted(COMMUNES["commune_code"])
    assert table.set_index("own")["placement"].loc[["far"]].tolist() == ["outside"]
    assert list(table) == ["own", "data_kind", "geometry", "commune_code", "vintage", "placement"]
    assert table.crs.to_authority() == ("OGC", "CRS84")  # as the file has it
    assert "45 points lie in a commune, 0 just outside all, 1 farther away; 1 rows have no place" in str(
        joined.messages[1]
    )
    assert str(joined.messages[0]) == "SIMULATED DATA: nothing in these records happened"
    assert joined.found.simulated == 47
    assert b"private" not in joined.file.read_bytes()
    assert not list(tmp_path.glob(".draft*"))


def test_a_person_in_the_name_of_a_file_is_not_repeated(workspace, points, tmp_path):
    named = points.rename(tmp_path / "Nguyễn Văn Ánh.parquet")
    joined = workflow.join_file(workspace, named, tmp_path / "out.parquet")
    assert not any("Ánh" in str(message) for message in joined.messages)
    with pytest.raises(IntakeError) as told:
        workflow.join_file(workspace, named, tmp_path / "o.parquet", keep=["nothing"])
    assert "Ánh" not in str(told.value)
    assert "there is no column nothing" in str(told.value)


def test_the_command_says_what_it_did(workspace, points, tmp_path):
    arguments = ["join", str(points), "-o", str(tmp_path / "o.parquet"), "-w", str(workspace.folder), "--json"]
    result = CliRunner().invoke(cli.app, [*arguments, "--only-near"])
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert (said["inside"], said["release_level"], said["groups"]) == (45, "command", 4)
    assert said["inside"] + said["outside"] + said["without_place"] + said["passed_over"] == 47


def test_only_parquet_is_written_and_nothing_is_replaced_unasked(workspace, points, tmp_path):
    with pytest.raises(ReleaseError, match=r"name it \.parquet"):
        workflow.join_file(workspace, points, tmp_path / "out.csv")
    with pytest.raises(IntakeError, match="there is no column other"):
        workflow.join_file(workspace, points, tmp_path / "out.parquet", keep=["other"])
    assert not (tmp_path / "command_level_out.parquet").exists()
    workflow.join_file(workspace, points, tmp_path / "out.parquet")
    with pytest.raises(ReleaseError, match="exists already"):
        workflow.join_file(workspace, points, tmp_path / "out.parquet")
