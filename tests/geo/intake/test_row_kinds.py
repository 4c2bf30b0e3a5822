import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.intake import row_texts
from geo.intake.headings import Headings, Sought
from geo.intake.row_kinds import Kind, Rows
from tests.geo.intake.corpus.rows import GOOD, TROUBLES

SOUGHT = Sought.of("cases")
TEXTS = ["STT", "Ngày phát hiện", "Xã", "Số nạn nhân", "Số đối tượng", "Ghi chú"]
RECORD = ["1", "05/01/2017", "Mường Nhé", "1", "1", ""]


def kinds(*rows, texts=TEXTS):
    """Return what each of rows is, below a good one."""
    told = Rows(Headings.of([texts], SOUGHT), SOUGHT.counts, SOUGHT.dates)
    assert told.is_record(0, RECORD)
    records = [number for number, row in enumerate(rows, start=1) if told.is_record(number, row)]
    others = {number: kind for kind, numbers in told.passed_over.items() for number in numbers}
    return [Kind.RECORD if number in records else others[number] for number in range(1, len(rows) + 1)]


@pytest.mark.parametrize(
    "row",
    [
        ["2", "", "", "4", "", ""],
        ["3", "06/02/2017", "", "", "", ""],
        ["4", "", "Nậm Kè", "", "", ""],
        ["", "", "Nậm Kè", "", "", ""],
        ["", "32/02/2017", "", "", "", ""],
        ["", "Quý III", "", "", "", ""],
        ["", "", "", "nhiều hơn 3", "", ""],
        ["5", "", "", "", "", "chưa rõ"],
        ["6", "06/02/2017", "Tổng số", "1", "", ""],
        ["", "06/02/2017", "Huyện Mường Nhé", "1", "", ""],
        ["", "06/02/2017", "Toàn tỉnh", "1", "", ""],
        ["6", "Quý III", "Toàn tỉnh", "1", "", ""],
        ["", "06/02/2017", "CA huyện", "1", "", ""],
        ["", "ngày 31 tháng 3 năm 2017", "", "", "", ""],
    ],
)
def test_a_row_with_its_number_a_date_a_count_or_a_place_is_a_record(row):
    assert kinds(row) == [Kind.RECORD]


@pytest.mark.parametrize(
    "row",
    [
        ["Tổng cộng", "Tổng cộng", "Tổng cộng", "3", "1", ""],
        ["Tổng cộng", "Tổng cộng", "Tổng cộng", "3", "1", "x"],
        ["", "Huyện Mường Nhé", "", "3", "1", ""],
        ["II", "Huyện Mường Nhé", "Huyện Mường Nhé", "3", "1", ""],
        ["", "Cộng huyện Mường Nhé", "", "3", "1", ""],
        ["", "", "Tổng cộng toàn tỉnh", "3", "1", ""],
        ["2", "", "Tổng cộng", "3", "1", ""],
        ["Toàn tỉnh", "", "", "3", "1", ""],
        ["", "Quý III", "Toàn huyện Mường Nhé", "3", "1", ""],
        ["", "Quý III", "Tỉnh Điện Biên", "3", "1", ""],
        ["2", "", "Cả tỉnh", "3", "1", ""],
    ],
)
def test_totals_are_told_before_records(row):
    assert kinds(row) == [Kind.TOTAL]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (["I. Huyện Mường Nhé"] * 6, Kind.TITLE),
        (["A. Quý 1", "", "", "", "", ""], Kind.TITLE),
        (["", "Ghi chú: số liệu tính đến 15/9/2017", "", "", "", ""], Kind.TITLE),
        (["", "", "", "", "", "xem phụ lục"], Kind.TITLE),
        (["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"], Kind.NUMBERING),
        (["7", "", "", "", "", ""], Kind.NUMBER),
    ],
)
def test_titles_notes_and_numbers_are_told_as_such(row, kind):
    assert kinds(row) == [kind]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (["1", "Quý III", "Mường Nhé", "0", "Không", ""], Kind.NIL),
        (["1", "tháng 3/2017", "Mường Nhé", "không", "", ""], Kind.NIL),
        (["1", "Không phát sinh", "Mường Nhé", "", "", ""], Kind.NIL),
        (["1", "Quý III", "Mường Nhé", "0", "2", ""], Kind.RECORD),
        (["1", "05/01/2017", "Mường Nhé", "0", "0", ""], Kind.RECORD),
        (["1", "ngày 5 tháng 1 năm 2017", "Mường Nhé", "0", "", ""], Kind.RECORD),
        (["1", "Quý III", "Mường Nhé", "", "", ""], Kind.RECORD),
        (["", "Tổng cộng", "", "0", "0", ""], Kind.TOTAL),
    ],
)
def test_no_count_in_a_period_is_no_case_but_on_a_day_it_is_one_without_known_victims(row, kind):
    assert kinds(row) == [kind]


def test_in_a_table_without_dates_none_is_a_count_like_others():
    told = Rows(Headings.of([["Mã xã", "victims"]], SOUGHT), SOUGHT.counts, ())
    assert told.is_record(1, ["03160", "0"])


def test_a_commune_is_a_title_only_where_there_is_no_column_for_it():
    headings = Headings.of([["STT", "Ngày", "Số nạn nhân"]], SOUGHT)
    told = Rows(headings, SOUGHT.counts, SOUGHT.dates)
    assert [told.is_record(n, row) for n, row in enumerate([["1", "05/01/2017", "1"], ["II", "Xã Nậm Kè", ""]])] == [
        True,
        False,
    ]
    assert told.commune == "Xã Nậm Kè"
    assert not told.is_record(2, ["III", "Huyện Nậm Pồ", "5"])
    assert (told.district, told.commune) == ("Huyện Nậm Pồ", None)
    assert kinds(["II", "06/01/2017", "Xã Nậm Kè", "", "", ""]) == [Kind.RECORD]


def test_below_a_signature_only_a_numbered_or_dated_row_with_a_count_is_a_record():
    assert kinds(
        ["", "Người lập biểu", "", "Thủ trưởng đơn vị", "", ""],
        ["", "Lò Văn Thử", "", "Giàng A Mẫu", "", ""],
        ["", "05/01/2017", "Lò Văn Thử", "Đại tá Giàng A Mẫu", "", ""],
        ["2", "06/01/2017", "Nậm Kè", "1", "", ""],
    ) == [Kind.SIGNATURE] * 3 + [Kind.RECORD]
    assert kinds(["", "", "", "Điện Biên, ngày 20 tháng 9 năm 2017", "", ""]) == [Kind.SIGNATURE]


def test_a_district_holds_for_the_rows_below_it_and_no_message_repeats_a_cell():
    told = Rows(Headings.of([TEXTS], SOUGHT), SOUGHT.counts, SOUGHT.dates)
    told.is_record(2, ["I", "Huyện Mường Nhé", "", "", "", ""])
    assert told.district == "Huyện Mường Nhé"
    assert list(map(str, told.messages())) == ["rows 2 hold a title or a note and are not records"]


@pytest.mark.parametrize("with_key", [True, False])
def test_no_troubled_row_of_the_corpus_is_passed_over(with_key):
    for trouble in TROUBLES:
        row = GOOD[trouble.table] | trouble.cells
        names = [name for name in row if with_key or not name.endswith("_id")]
        sought = Sought.of(trouble.table)
        told = Rows(Headings.of([names], sought), sought.counts, sought.dates)
        rows = [GOOD[trouble.table].get(name, "") for name in names], [row[name] for name in names]
        assert [told.is_record(number, cells) for number, cells in enumerate(rows)] == [True, True], trouble.name


def test_numbers_of_columns_stand_right_below_the_headings():
    told = Rows(Headings.of([TEXTS], SOUGHT), SOUGHT.counts, SOUGHT.dates)
    rows = ["A", "B", "C", "1", "2", ""], ["1", "2", "3", "4", "5", "6"], RECORD, ["1", "2", "3", "4", "5", "6"]
    assert [told.is_record(number, row) for number, row in enumerate(rows)] == [False, False, True, True]
    assert told.passed_over == {Kind.NUMBERING: [0, 1]}


WORDS = [
    "VA",
    "2017",
    "c00012",
    "Tong",
    "cong",
    "TP",
    "xa",
    "Sin",
    "Thau",
    "KT",
    "giam",
    "doc",
    "I",
    "Bieu",
    "toan",
    "tinh",
]


@given(
    st.lists(st.one_of(st.sampled_from(WORDS), st.text("-_/.,() '", min_size=1, max_size=2)), min_size=1).map("".join)
)
@example("Xa-Sin-Thau")
@example("I)Huyen-X")
@example("TONG-CONG-1")
def test_a_word_that_is_passed_over_quickly_would_tell_nothing_either(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_texts, "_is_plain", lambda _: False)
        slowly = row_texts.tells(text)
    assert row_texts.tells(text) == slowly
