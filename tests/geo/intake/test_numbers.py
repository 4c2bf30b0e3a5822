import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.intake.numbers import BOUNDS, UNITS, WORDS, read_numbers
from geo.intake.parsed import plain

KINDS = ("count", "measure", "coordinate")


def read(*cells, kind="count"):
    return read_numbers(pd.Series(cells, dtype=object), kind)


def said(messages):
    return {row: str(message) for row, message in messages.items()}


def values(*cells, kind="count"):
    return [None if pd.isna(value) else value for value in read(*cells, kind=kind).values]


@pytest.mark.parametrize(
    ("cell", "value", "how"),
    [
        ("17.400", 17400, "the dot separates thousands"),
        ("17,400", 17400, "the comma separates thousands"),
        ("17 400", 17400, "spaces separate thousands"),
        ("17\u00a0400", 17400, "spaces separate thousands"),
        ("1'234'567", 1234567, "apostrophes separate thousands"),
        ("1.234.567,0", 1234567, "the dot separates thousands"),
        ("15 người", 15, "the unit “người” was left out"),
        ("3 vụ", 3, "the unit “vụ” was left out"),
        ("2 buổi", 2, "the unit “buổi” was left out"),
        ("12 lượt người", 12, "the unit “lượt người” was left out"),
        ("hai", 2, "the cell holds a word"),
        ("Mười", 10, "the cell holds a word"),
        ("không", 0, "the cell holds a word"),
        ("không có", 0, "the cell holds a word"),
        ("03", 3, "zeros before it were left out"),
        (
            "trên 6.200 người",
            6200,
            "the dot separates thousands; the cell says more than; the unit “người” was left out",
        ),
    ],
)
def test_a_count_is_read_and_it_is_said_how(cell, value, how):
    parsed = read(cell)
    assert parsed.values[0] == value
    assert parsed.values.dtype == "Int64"
    assert said(parsed.repaired) == {0: f"read as {value}: {how}"}
    assert parsed.bad.empty


@pytest.mark.parametrize("cell", ["15", "0", "15.0", "15,00", "+15", "999999999999999"])
def test_a_plain_count_needs_no_words(cell):
    parsed = read(cell)
    assert parsed.values[0] == float(cell.replace(",", "."))
    assert parsed.repaired.empty
    assert parsed.bad.empty
    assert parsed.beside["bound"].isna().all()


@pytest.mark.parametrize(
    ("cell", "bound"),
    [
        *(("trên 6.200", "more_than"), ("hơn 6.200", "more_than"), ("> 6.200", "more_than")),
        *(("gần 6.200", "nearly"), ("khoảng 6.200", "about"), ("~6.200", "about"), ("ước tính 6.200", "about")),
        *(("ít nhất 6.200", "at_least"), ("≥6.200", "at_least"), (">= 6200", "at_least")),
        *(("không quá 6.200", "at_most"), ("dưới 6.200", "less_than"), ("about 6,200", "about")),
    ],
)
def test_a_bound_is_kept_beside_the_number(cell, bound):
    parsed = read(cell, "6200")
    assert parsed.values.tolist() == [6200, 6200]
    assert parsed.beside["bound"][0] == bound
    assert pd.isna(parsed.beside["bound"][1])


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        *((cell, "is not a whole number") for cell in ("1.5", "1,5", "17.400,5", "nan", "inf", "-inf", "two", "nam")),
        *((cell, "is not a whole number") for cell in ("5-7", "2 nam 3", "9007199254740993", "9" * 5000, "٣", "5²")),
        *((cell, "is not a whole number") for cell in ("1.23.456", "1.234.56", "1.234.567.8", "15 tuổi", "2 nghìn")),
        *((cell, "is less than 0") for cell in ("-1", "-1.200", "\u22125")),
        *((cell, "is a percentage") for cell in ("50%", "50 %", "12,5%")),
        *((cell, "has lost digits to an exponent") for cell in ("1e3", "1E+05", "1e400", "1,2E+05")),
    ],
)
def test_what_is_no_honest_count_is_named(cell, why):
    parsed = read(cell, "7")
    assert [str(message).startswith(why) for message in parsed.bad] == [True]
    assert list(parsed.bad.index) == [0]
    assert parsed.values.isna().tolist() == [True, False]
    assert parsed.repaired.empty


def test_a_count_is_not_guessed_where_its_column_has_decimals():
    parsed = read("17.400", "15.0", "17,400", "1.234.567")
    assert said(parsed.bad) == {0: "can mean 17400 or 17.4: write it without a separator of thousands"}
    assert parsed.values.tolist()[1:] == [15, 17400, 1234567]


def test_a_slip_in_a_count_teaches_nothing_of_the_others():
    assert values("17.400", "1.5") == [17400, None]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("21.386",), [21.386]),
        (("21.386", "7.5"), [21.386, 7.5]),
        (("21.386", "6,5"), [None, 6.5]),  # a spreadsheet hands on 21.386 with a point whatever its people write
        (("1,250",), [None]),
        (("1,250", "6,5"), [1.25, 6.5]),
        (("1,250", "7.5"), [None, 7.5]),
        (("1,250", "6,5", "7.5"), [None, 6.5, 7.5]),
        (("1.250", "1.250.000"), [1250, 1_250_000]),
        (("1.250", "1.250,5"), [1250, 1250.5]),
        (("1,250", "1,250.5"), [1250, 1250.5]),
        (("1.250", "1.250,5", "7.25"), [None, 1250.5, 7.25]),
        (("0.125", "0,125"), [0.125, 0.125]),
        (("1234.567", "1234,567"), [1234.567, 1234.567]),
        (("-1.250", "-7.5"), [-1.25, -7.5]),
    ],
)
def test_a_measure_is_settled_by_its_column_or_not_read(cells, expected):
    parsed = read(*cells, kind="measure")
    assert [None if np.isnan(value) else value for value in parsed.values] == expected
    assert list(parsed.bad.index) == [row for row, value in enumerate(expected) if value is None]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("6,5 giờ", 6.5), ("5 km", 5), ("hai giờ", 2), ("1e-05", 1e-05), (".5", 0.5), ("1 234,5", 1234.5), ("-3", -3)],
)
def test_a_measure_may_have_a_unit_decimals_and_a_sign(cell, value):
    assert values(cell, kind="measure") == [value]


@pytest.mark.parametrize("cell", ["không", "90 phút", "500 m", "1e400", "1E+05", "inf", "NaN", "50%", "6h30"])
def test_what_is_no_measure_is_named(cell):
    assert list(read(cell, kind="measure").bad.index) == [0]


def test_the_point_or_comma_of_a_coordinate_is_its_decimal_sign():
    cells = ("21.386", "103,017", "2.366.000", "498 000,5", "-21.5")
    assert values(*cells, kind="coordinate") == [21.386, 103.017, 2_366_000, 498_000.5, -21.5]
    assert list(read("15 người", "hai", "khoảng 21", kind="coordinate").bad.index) == [0, 1, 2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cell", ["-", "–", "không rõ", "k/r", "Chưa rõ", "?", "n/a"])
def test_words_for_unknown_are_empty_and_counted(kind, cell):
    parsed = read(cell, None, " ", kind=kind)
    assert parsed.values.isna().all()
    assert parsed.bad.empty
    assert said(parsed.repaired) == {0: "read as empty: the cell says that this is not known"}


def test_columns_of_numbers_pass_unchanged():
    numbers = pd.Series([1.5, np.nan, 21.386, 1e-9, 1e20, -0.125], index=range(3, 9))
    parsed = read_numbers(numbers, "measure")
    pd.testing.assert_series_equal(parsed.values, numbers)
    assert parsed.bad.empty
    assert read_numbers(pd.Series([1, 2]), "count").values.tolist() == [1, 2]
    assert list(read_numbers(pd.Series([1.0, np.inf]), "measure").bad.index) == [1]


def test_messages_hold_only_what_was_understood():
    cells = ("secret-1", "15 secret", "secret%", "1e3 secret")
    for kind in KINDS:
        assert "secret" not in " ".join(map(str, read(*cells, kind=kind).bad))


def vietnamese(value):
    return f"{value:,}".translate(str.maketrans(",.", ".,"))


SEPARATED = [vietnamese, "{:,}".format, lambda n: f"{n:,}".replace(",", " "), lambda n: f"{n:,}".replace(",", "’")]
counts = st.integers(0, 2**53 - 1)


@given(st.lists(counts, min_size=1), st.sampled_from([str, *SEPARATED]), st.sampled_from(["", *BOUNDS["more_than"]]))
def test_a_printed_count_is_read_back(printed, write, bound):
    cells = [f"{bound} {write(count)}" for count in printed]
    assert values(*cells) == printed
    assert values(*[f"{cell} {unit}" for cell, unit in zip(cells, UNITS, strict=False)]) == printed[: len(UNITS)]


@given(st.sampled_from(sorted(WORDS)))
def test_a_word_is_read_back(word):
    assert values(word) == [WORDS[word]]


decimals = st.decimals(-(10**9), 10**9, places=2).map(float)


@given(st.lists(decimals, min_size=1), st.sampled_from([repr, "{:.2f}".format, "{:,.2f}".format]), st.booleans())
def test_a_printed_measure_is_read_back(printed, write, swap):
    signs = str.maketrans(",.", ".,") if swap else {}
    assert values(*[write(value).translate(signs) for value in printed], kind="measure") == printed


@given(st.floats(-180, 180), st.integers(0, 7))
def test_a_printed_coordinate_is_read_back(value, digits):
    text = f"{value:.{digits}f}"
    assert values(text, text.replace(".", ","), kind="coordinate") == [float(text)] * 2


anything = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.text("0123456789.,' -%e", max_size=12),
    st.tuples(st.integers(0, 10**7), st.sampled_from(SEPARATED)).map(lambda pair: pair[1](pair[0])),
    st.sampled_from(["1,5", "2.5", "1.250,5", "trên 6.200", "hai", "không có", "03", "5 km", "-", "nan", "1e400"]),
)


@given(st.lists(anything), st.sampled_from(KINDS))
def test_any_text_is_read_or_named(cells, kind):
    parsed = read(*cells, kind=kind)
    assert parsed.values.dtype == ("Int64" if kind == "count" else "float64")
    assert parsed.values[parsed.bad.index].isna().all()
    assert not set(parsed.bad.index) & set(parsed.repaired.index)
    assert all(math.isfinite(value) for value in parsed.values.dropna())
    explained = parsed.values.notna() | parsed.values.index.isin([*parsed.bad.index, *parsed.repaired.index])
    assert all(done or not plain(cell or "") for cell, done in zip(cells, explained, strict=True))


@given(st.lists(anything), st.sampled_from(KINDS))
def test_what_was_read_reads_the_same_in_plain_form(cells, kind):
    read_once = read(*cells, kind=kind).values.dropna()
    again = read(*map(str, read_once.tolist()), kind=kind)
    assert again.values.tolist() == read_once.tolist()
    assert again.repaired.empty


@given(
    st.lists(anything).flatmap(lambda cells: st.tuples(st.just(cells), st.permutations(range(len(cells))))),
    st.sampled_from(KINDS),
)
def test_the_order_of_rows_does_not_matter(cells_and_order, kind):
    cells, order = cells_and_order
    column = pd.Series(cells, dtype=object)
    one, other = (read_numbers(rows, kind) for rows in (column, column.iloc[order]))
    pd.testing.assert_series_equal(one.values, other.values.sort_index())
    assert said(one.bad) == said(other.bad)
    assert said(one.repaired) == said(other.repaired)
    pd.testing.assert_series_equal(one.beside["bound"], other.beside["bound"].sort_index())
