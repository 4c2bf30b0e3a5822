from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import IntakeError
from geo.intake import RawTable, accept, compare
from geo.schema import CASES, TABLES

TODAY = pd.Timestamp("2018-01-01")
GOOD = {
    "case_id": "c1",
    "date": "2017-03-31",
    "commune_code": "03127",
    "victims": "1",
    "offenders": "2",
    "source": "police",
    "lon": "103.0",
    "lat": "21.4",
}


def raw(*rows, ragged=()):
    cells = pd.DataFrame([GOOD | row for row in rows], index=range(2, len(rows) + 2), dtype=object)
    return RawTable(Path("t.csv"), cells, ragged)


def taken(*rows, **options):
    return accept(raw(*rows), "cases", today=TODAY, **options)


def test_a_clean_row_is_accepted_and_typed():
    intake = taken({})
    assert not intake.rejections
    CASES.validate(intake.accepted)
    assert intake.accepted.loc[2, "victims"] == 1
    assert intake.accepted.loc[2, "date"] == pd.Timestamp("2017-03-31")
    assert intake.accepted.loc[2, "commune_code"] == "03127"


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"case_id": None}, "case_id", "is empty"),
        ({"date": "31.02.2017"}, "date", "not a date"),
        ({"date": "2018-01-02"}, "date", "future"),
        ({"date": "1950-01-01"}, "date", "earlier than 1990-01-01"),
        ({"date": None}, "date", "is empty"),
        ({"victims": "-1"}, "victims", "less than 0"),
        ({"victims": "1.5"}, "victims", "whole number"),
        ({"victims": "two"}, "victims", "whole number"),
        ({"victims": "inf"}, "victims", "whole number"),
        ({"victims": "nan"}, "victims", "whole number"),
        ({"source": "gossip"}, "source", "one of: police"),
        ({"commune_code": "312"}, "commune_code", "five digits"),
        ({"lon": "489123.5"}, "lon", "not metres"),
        ({"lat": "2366000"}, "lat", "not metres"),
        ({"lat": None}, "lat", "empty while lon is given"),
    ],
)
def test_a_wrong_cell_rejects_its_row_and_no_other(cells, column, said):
    intake = taken(cells, {"case_id": "c2"})
    assert list(intake.rejections) == [2]
    assert intake.rejections[2].column == column
    assert said in str(intake.rejections[2].reason)
    assert list(intake.accepted["case_id"]) == ["c2"]


def test_a_code_that_lost_its_leading_zero_gets_it_back():
    intake = taken({"commune_code": "3127"})
    assert intake.accepted.loc[2, "commune_code"] == "03127"
    assert [(column, rows) for column, _, rows in intake.repairs] == [("commune_code", [2])]


@pytest.mark.parametrize("day", ["2017-03-31", "31/03/2017", "31-03-2017", "31.03.2017", "2017-03-31T10:00:00"])
def test_days_come_before_months(day):
    assert taken({"date": day}).accepted.loc[2, "date"] == pd.Timestamp("2017-03-31")


OFFICES = {
    "police": ["Công an tỉnh", "Công an huyện Mường Nhé", "PC02", "CATP"],
    "border_guard": ["Đồn Biên phòng Leng Su Sìn", "BĐBP tỉnh", "Đồn BP Mường Nhé", "Ban chỉ huy BĐBP"],
    "hotline": ["Tổng đài 111"],
    "other": ["Sở LĐTBXH", "Phòng LĐ-TB&XH huyện", "Hội LHPN tỉnh", "Phòng Tư pháp", "Sở TT&TT"],
}


def test_offices_are_known_by_the_words_of_their_names():
    rows = [(office, value) for value, offices in OFFICES.items() for office in offices]
    intake = taken(*({"case_id": f"c{n}", "source": office} for n, (office, _) in enumerate(rows)))
    assert not intake.rejections
    assert intake.accepted["source"].tolist() == [value for _, value in rows]


def test_doubled_identifiers_are_both_rejected():
    intake = taken({}, {}, {"case_id": "c2"})
    assert set(intake.rejections) == {2, 3}
    assert "more than one row" in str(intake.rejections[2].reason)


def test_identifiers_of_the_workspace_are_not_taken_twice():
    before = taken({}).accepted
    again = taken({}, {"case_id": "c2"})
    compare(again, before)
    assert not again.rejections
    assert list(again.added["case_id"]) == ["c2"]
    other = taken({"victims": "2"}, {"case_id": "c2"})
    compare(other, before)
    assert {row: str(one.reason) for row, one in other.rejections.items()} == {
        2: "is already in the workspace with other content; undo its intake first"
    }


def test_dates_out_of_order_are_rejected():
    cells = {"absence_id": "a", "reported_on": "2017-03-01", "absent_since": "2017-04-01", "status": "open"}
    table = RawTable(Path("t.csv"), pd.DataFrame([cells], index=[2], dtype=object))
    intake = accept(table, "absences", today=TODAY)
    assert str(intake.rejections[2].reason) == "comes after reported_on"


def test_columns_that_the_table_does_not_have_are_named_and_gone():
    intake = taken({"so_ghi_chu": "secret"})
    assert "so_ghi_chu" not in intake.accepted


def test_reasons_hold_nothing_of_the_row():
    intake = taken({"victims": "secret-1"}, {"source": "secret-2"}, {"date": "secret-3"}, {"commune_code": "secret-4"})
    assert len(intake.rejections) == 4
    assert "secret" not in " ".join(str(one.reason) for one in intake.rejections.values())


@pytest.mark.parametrize("number", ["145.678.901", "0145678901", "40123456", "145 678 901 người"])
def test_the_number_of_a_card_in_a_count_is_rejected_and_said_nowhere(number):
    intake = taken({"victims": number})
    assert str(intake.rejections[2].reason) == "is like a telephone or identity-card number"
    assert intake.repairs == []
    assert pd.isna(intake.typed.loc[2, "victims"])
    assert not {"145678901", number} & {str(cell) for cell in intake.rejected.loc[2]}


def test_missing_columns_refuse_the_file():
    cells = pd.DataFrame({"case_id": ["a"], "ngay": ["2017-01-01"]}, index=[2])
    said = "needs the columns date, victims, source; of its columns the file has: case_id;"
    with pytest.raises(IntakeError, match=said):
        accept(RawTable(Path("t.csv"), cells), "cases", today=TODAY)


def test_a_needed_column_that_may_have_been_dropped_is_said():
    cells = pd.DataFrame({"date": ["2017-01-01"], "victims": ["1"]}, index=[2])
    table = RawTable(Path("t.csv"), cells, personal=("Người báo tin",))
    with pytest.raises(IntakeError, match=r"needs the columns source; .* personal data are not read: Người báo tin"):
        accept(table, "cases", today=TODAY)


def test_a_file_without_a_heading_is_refused_without_saying_what_its_first_row_holds():
    cells = pd.DataFrame([["2017-01-01", "x"]], columns=["secret person", "secret place"], index=[2])
    with pytest.raises(IntakeError) as refused:
        accept(RawTable(Path("t.csv"), cells), "cases", today=TODAY)
    assert "secret" not in str(refused.value)


cell = st.one_of(st.none(), st.text(max_size=12), st.sampled_from([*GOOD.values(), "-1", "1e999", "2099-01-01", "NaN"]))


@settings(max_examples=60)
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_every_row_ends_as_accepted_or_as_rejected(table, data):
    columns = list(TABLES[table].columns)
    rows = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(columns, cell)), min_size=1, max_size=6))
    cells = pd.DataFrame(rows, index=range(2, len(rows) + 2), columns=columns, dtype=object)
    intake = accept(RawTable(Path("t.csv"), cells, ragged=(2,)), table, today=TODAY)
    assert len(intake.accepted) + len(intake.rejections) == intake.read == len(rows)
    assert set(intake.accepted.index) | set(intake.rejections) == set(cells.index)
    assert len(intake.rejected) == len(intake.rejections)
    assert 2 in intake.rejections
    TABLES[table].validate(intake.accepted)
