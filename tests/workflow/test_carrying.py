import openpyxl
import pandas as pd
import pytest

import workflow
from geo import boundaries
from geo.errors import IntakeError, ReleaseError, SchemaError

WALK = boundaries.crosswalk()


def table(tmp_path, codes, **columns):
    pd.DataFrame({"Mã xã": codes, **columns}).to_csv(tmp_path / "counts.csv", index=False)
    return tmp_path / "counts.csv"


def written(path):
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    return pd.DataFrame(rows[1:], columns=rows[0]).set_index("Mã xã\nCode")


def test_old_units_are_summed_into_new_ones(tmp_path):
    """Every unit of 2020 lies whole in one of 2025; codes may have lost their leading zero."""
    cases = range(1, len(WALK) + 1)
    file = table(tmp_path, WALK["old_code"].str.lstrip("0"), so_vu=cases, ghi_chu="x")
    done = workflow.carry_file(file, tmp_path / "out.xlsx", source="2020-01-01", target="2025-07-01", integer=True)
    expected = pd.Series(cases, index=WALK["new_code"]).groupby(level=0).sum()
    assert written(tmp_path / "out.xlsx")["so_vu"].to_dict() == expected.to_dict()
    assert done.left_out == ("ghi_chu",)
    assert "every unit lies whole in one" in str(done.messages[0])
    assert done.files == (tmp_path / "out.xlsx",)


def test_a_crosswalk_of_the_users_carries_what_the_built_in_one_does_not(tmp_path):
    """The parts' people are made up; carried on, what parted and is one again in 2025 has all its counts."""
    file = table(tmp_path, ["03250", "03217"], so_vu=[8, 1])
    options = {"source": "2019-04-01", "target": "2020-01-01"}
    with pytest.raises(SchemaError, match="Units 03250 of 2019-04-01 are split"):
        workflow.carry_file(file, tmp_path / "out.xlsx", **options)
    (tmp_path / "walk.csv").write_text("old_code,new_code,population\n03250,03250,600\n03250,03217,200\n03217,03217,\n")
    workflow.carry_file(file, tmp_path / "out.xlsx", **options, crosswalk=tmp_path / "walk.csv")
    assert written(tmp_path / "out.xlsx")["so_vu"].to_dict() == {"03217": 3.0, "03250": 6.0}
    workflow.carry_file(tmp_path / "out.xlsx", tmp_path / "on.xlsx", source="2020-01-01", target="2025-07-01")
    assert written(tmp_path / "on.xlsx")["so_vu"]["03217"] == 9.0


def test_backwards_units_are_split_and_totals_kept(tmp_path):
    file = table(tmp_path, ["03127"], so_vu=[100])
    done = workflow.carry_file(file, tmp_path / "out.xlsx", source="2025-07-01", target="2020-01-01")
    parts = WALK[WALK["new_code"] == "03127"].set_index("old_code")["population"].astype(float)
    counts = written(tmp_path / "out.xlsx")["so_vu"]
    assert counts.sum() == pytest.approx(100)
    assert counts[parts.index].to_numpy() == pytest.approx((100 * parts / parts.sum()).to_numpy(), rel=1e-6)
    assert [file.name for file in done.files] == ["out.xlsx", "out_split.xlsx"]


@pytest.mark.parametrize(
    ("columns", "error", "said"),
    [({"so_vu": ["many"]}, IntakeError, "no column of numbers"), ({"ma_xa": ["03127"]}, IntakeError, "one column of")],
)
def test_other_tables_are_refused(tmp_path, columns, error, said):
    with pytest.raises(error, match=said):
        workflow.carry_file(table(tmp_path, ["03127"], **columns), tmp_path / "o.xlsx", source="a", target="b")
    with pytest.raises(ReleaseError, match=r"name it \.xlsx"):
        workflow.carry_file(tmp_path / "counts.csv", tmp_path / "o.csv", source="a", target="b")
