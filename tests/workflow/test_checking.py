"""A stored workspace is held against its rules again: hands reach a GeoPackage. All rows are made up."""

from datetime import UTC, datetime

import pandas as pd
import pytest

import workflow
from geo.errors import WorkspaceError

NOW = datetime(2018, 1, 2, tzinfo=UTC)
CASE = {"commune_code": "03160", "vintage": "2025-07-01", "date": "2017-03-31", "victims": 1, "offenders": 2}
CANARY = "KHONGLO"


@pytest.fixture
def workspace(tmp_path):
    made = workflow.init(tmp_path / "w")
    for hour, source in enumerate(("police", "hotline")):
        rows = [CASE | {"case_id": f"{source}-{number}", "source": source} for number in range(2)]
        rows[1] |= {"commune_code": None, "district": "Huyện Mường Nhé"}
        pd.DataFrame(rows).to_csv(tmp_path / f"{source}.csv", index=False)
        workflow.add(made, "cases", tmp_path / f"{source}.csv", now=NOW.replace(hour=hour))
    return made


def checked(workspace, **changed):
    """Change the stored cases by hand and check; ``changed`` are new values of columns in the first row."""
    store = workspace.store
    cases = store.read("cases")
    for name, value in changed.items():
        cases.loc[0, name] = value
    store.write({"cases": cases})
    found = workflow.check(workspace, now=NOW)
    return found.refused, [str(message) for message in found.messages]


def test_a_sound_workspace_is_told_what_a_run_would_leave_out(workspace):
    refused, said = checked(workspace)
    assert not refused
    assert "cases: 4 rows, 2 without a commune" in said
    assert "cases: 2 rows are not in the ranking (unplaced)" in said
    assert any("pairs of rows may be one case each" in line for line in said)
    ran = [str(notice) for notice in workflow.run(workspace, now=NOW).notices()]
    assert set(said[said.index("cases: 2 rows are not in the ranking (unplaced)") :]) <= set(ran)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("victims", -1, "victims is less than 0"),
        pytest.param("victims", pd.NA, "victims is empty", marks=pytest.mark.file_store),
        ("source", CANARY, "source is not one of: police, border guard"),
        ("date", pd.Timestamp("2018-01-03"), "date lies in the future"),
        ("date", pd.Timestamp("1989-12-31"), "date is earlier than 1990-01-01"),
        pytest.param("case_id", "police-1", "case_id stands in more than one row", marks=pytest.mark.file_store),
        ("commune_code", "3160", "commune_code is not a code of five digits"),
        ("date_precision", CANARY, "date_precision is not one of: day"),
        ("lon", 103.0, "lat is empty while lon is given"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_told_with_its_file_and_row_and_not_its_content(workspace, column, value, reason):
    refused, said = checked(workspace, **{column: value})
    assert refused
    (line,) = [line for line in said if line.startswith(f"cases: {reason}")]
    assert "police.csv: 2" in line
    assert said[-1].startswith("Before a run: undo the intake of these rows")
    assert CANARY not in "".join(said)


@pytest.mark.parametrize(("column", "value"), [("victims", -1), ("source", CANARY), ("commune_code", "3160")])
def test_nothing_is_counted_while_a_cell_breaks_a_rule(workspace, column, value):
    """A code of no commune would leave its case out, and the ranking would look right."""
    refused, _ = checked(workspace, **{column: value})
    assert refused
    for command in (workflow.run, workflow.train):
        with pytest.raises(WorkspaceError, match=f"^cases: {column} .* in 1 rows; mend this") as error:
            command(workspace, now=NOW)
        assert CANARY not in str(error.value)
    assert not list(workspace.runs.iterdir())


def test_rows_without_provenance_are_counted_but_refuse_nothing(workspace):
    refused, said = checked(workspace, intake_id=None)
    assert not refused
    assert "cases: 1 rows do not say which file they came from; undo cannot reach them" in said


@pytest.mark.file_store  # a database refuses them at the door
def test_a_missing_column_and_another_type_are_told(workspace):
    store = workspace.store
    cases = store.read("cases")
    store.write({"cases": cases.drop(columns="source")})
    found = workflow.check(workspace, now=NOW)
    assert found.refused
    assert "cases: the column source is missing" in map(str, found.messages)
    store.write({"cases": cases.assign(victims=CANARY)})
    with pytest.raises(WorkspaceError, match="cases holds values of another type") as refused:
        workflow.check(workspace, now=NOW)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("link", "refused", "told"),
    [
        (("hotline-0", "police-9", "proposed"), True, "1 proposed pairs are of cases that are not there"),
        (("hotline-0", "police-9", "confirmed"), False, "1 decisions are on cases that are not there"),
        (("police-0", "hotline-0", "undone"), True, "1 pairs stand twice, or not in the order"),
        (("hotline-0", "police-0", CANARY), True, "status is not one of: proposed, confirmed, undone"),
    ],
)
def test_links_are_held_against_the_cases_that_are_there(workspace, link, refused, told):
    one = pd.DataFrame([link], columns=["id_a", "id_b", "status"]).assign(score=0.5)
    workspace.store.write({"links": one})
    found = workflow.check(workspace, now=NOW)
    assert found.refused == refused
    assert any(told in str(message) for message in found.messages)
    assert CANARY not in "".join(map(str, found.messages))


def test_attributes_of_layers_are_checked_too(workspace):
    store = workspace.store
    communes = store.read("communes")
    communes.loc[0, "population"] = -5
    store.write({"communes": communes})
    found = workflow.check(workspace, now=NOW)
    assert found.refused
    assert "communes: population is less than 0 in 1 rows" in map(str, found.messages)
