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
    assert done.table.left_out == ("ghi_chu",)
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
    [
        ({"so_vu": ["many"]}, IntakeError, "no column of numbers"),
        ({"MÃ XÃ": ["03127"]}, IntakeError, "one column of"),
    ],
)
def test_other_tables_are_refused(tmp_path, columns, error, said):
    with pytest.raises(error, match=said):
        workflow.carry_file(table(tmp_path, ["03127"], **columns), tmp_path / "o.xlsx", source="a", target="b")
    with pytest.raises(ReleaseError, match=r"name it \.xlsx"):
        workflow.carry_file(tmp_path / "counts.csv", tmp_path / "o.csv", source="a", target="b")


def office(path, *rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def test_an_office_s_table_is_read_as_add_reads_one(tmp_path):
    file = office(
        tmp_path / "t.xlsx",
        ["BÁO CÁO SỐ LIỆU"],
        ["STT", "Mã xã", "Tên xã", "Số vụ", "Số người", "SĐT", "Năm"],
        [1, 3158, "Leng Su Sìn", 2, "1.250", 912345678, 2024],
        [2, 3160, "Mường Nhé", "3,500", "17.400", 912345679, 2024],
        [3, None, "Tổng cộng", "3.502", "18.650", None, None],
    )
    done = workflow.carry_file(file, tmp_path / "o.xlsx", source="2020-01-01", target="2025-07-01", integer=True)
    assert done.carried.counts.sum().to_dict() == {"Số vụ": 3502, "Số người": 18650}
    assert [str(one) for one in done.messages[1:-1]] == [
        "Note: rows 5 hold totals and are not records",
        "Note: repaired, rows 4: Số vụ read as 3500: the comma separates thousands",
        "Note: repaired, rows 3: Số người read as 1250: the dot separates thousands",
        "Note: repaired, rows 4: Số người read as 17400: the dot separates thousands",
        "Columns with personal data were dropped: SĐT",
        "Columns that are no counts are not carried: STT, Tên xã, Năm",
    ]


def test_its_own_output_can_be_carried_on(tmp_path):
    file = table(tmp_path, ["03127"], so_vu=[100])
    workflow.carry_file(file, tmp_path / "a.xlsx", source="2025-07-01", target="2020-01-01")
    back = workflow.carry_file(tmp_path / "a.xlsx", tmp_path / "b.xlsx", source="2020-01-01", target="2025-07-01")
    assert back.carried.counts["so_vu"].drop("03127").eq(0).all()
    assert back.carried.counts["so_vu"]["03127"] == pytest.approx(100)


@pytest.mark.parametrize("integer", [False, True])
def test_a_unit_with_a_part_that_is_not_known_is_not_known(tmp_path, integer):
    old = WALK[WALK["new_code"] == WALK["new_code"].iloc[0]]["old_code"].tolist()
    other = WALK[WALK["new_code"] != WALK["new_code"].iloc[0]].iloc[0]
    file = table(tmp_path, [*old, other["old_code"]], so_vu=["-", *["1"] * (len(old) - 1), "7"])
    done = workflow.carry_file(file, tmp_path / "o.xlsx", source="2020-01-01", target="2025-07-01", integer=integer)
    counts = done.carried.counts["so_vu"]
    assert counts.isna().sum() == 1
    assert pd.isna(counts[WALK["new_code"].iloc[0]])
    assert counts[other["new_code"]] == 7
    assert "Note: so_vu: 1 cells are empty, and so are the 1 units that they go to" in map(str, done.messages)
    assert written(tmp_path / "o.xlsx")["so_vu"].isna().sum() == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["03158", 2], ["", 5]], "rows 3: Mã xã is empty"),
        ([["03158", 2], ["03160", 3], ["03127", "50%"]], "rows 4: Số vụ is a percentage"),
        ([["03158", "1.5"], ["03160", 3], ["03127", "ba bốn"]], "rows 4: Số vụ is not a number"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_row_and_not_left_out(tmp_path, rows, said):
    file = office(tmp_path / "t.xlsx", ["Mã xã", "Số vụ"], *rows)
    with pytest.raises(IntakeError, match=said):
        workflow.carry_file(file, tmp_path / "o.xlsx", source="2020-01-01", target="2025-07-01")
