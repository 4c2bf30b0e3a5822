import pandas as pd

from geo.intake.split_columns import added_up, dated


def column(*cells):
    return pd.Series(cells, dtype=object)


def test_parts_are_added_up_and_what_is_no_plain_count_is_not_guessed():
    sums, said = added_up(
        "a + b", [column("1", "02", None, "trên 2", "x", None), column("2", "1.250", "3", "1", "1", None)]
    )
    assert sums.tolist() == ["3", "1252", "3", "trên 2 + 1", "x + 1", None]
    assert [str(one) for one in said] == [
        "a + b: the parts were added up",
        "repaired, rows 1: a + b read as 2: zeros before it were left out",
        "repaired, rows 1: a + b read as 1250: the dot separates thousands",
    ]


def test_a_quarter_or_month_below_such_a_heading_is_one():
    assert dated("Thời gian Quý", [column("I", "Quý II", "3", "III/2023", "5/2023", "31/3/2023")]).tolist() == [
        *("Quý I", "Quý II", "Quý 3", "Quý III/2023", "5/2023", "31/3/2023")
    ]
    assert dated("Tháng", [column("9", "9/2023", "tháng 3")]).tolist() == ["Tháng 9", "9/2023", "tháng 3"]


def test_the_year_stands_in_a_column_of_its_own():
    assert dated("Tháng", [column("3", "4", None), column("2023", None, "2023")]).tolist() == [
        *("Tháng 3 năm 2023", "Tháng 4", None)
    ]
    assert dated(
        "Ngày", [column("5", None, "5", None), column("1", None, None, "1"), column(*["2023"] * 4)]
    ).tolist() == [*("5/1/2023", "2023", "5//2023", "1/2023")]
