import datetime as dt
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.intake import dates
from geo.intake.dates import read_dates
from geo.intake.parsed import plain

TODAY = pd.Timestamp("2018-01-01")
DAY = pd.Timestamp("2017-03-05")


def read(*cells):
    return read_dates(pd.Series(cells, dtype=object), today=TODAY)


def said(messages):
    return {row: str(message) for row, message in messages.items()}


@pytest.mark.parametrize(
    "cell",
    [
        *("05/03/2017", "5/3/2017", "5-3-2017", "05.03.2017", "5/3/17", "5 / 3 / 2017", "05/03/2017."),
        *("ngày 5 tháng 3 năm 2017", "Ngày 05/03/2017", "05 tháng 3, 2017", "5 tháng 3 năm 2017", "5 tháng 03/2017"),
        *("2017-03-05", "2017-3-5", "2017/03/05", "20170305", "2017-03-05T10:00:00", "2017-03-05 23:59:59.5"),
        *("2017-03-05T23:00:00Z", "2017-03-05T23:00:00+07:00", "05/03/2017 10:30", "5/3/2017 8h30", "5/3/2017, 8 giờ"),
        *("8h30 ngày 5/3/2017", "lúc 8 giờ 30 phút, ngày 5/3/2017", "20h tối 5/3/2017", "10:30 AM 05/03/2017"),
        *("5 March 2017", "March 5, 2017", "5th Mar 2017", "5-Mar-17", "MARCH 5 2017"),
        *("\u00a05\u00a0tháng 3 năm\u00a02017 ", unicodedata.normalize("NFD", "Ngày 5 tháng 3 năm 2017")),
    ],
)
def test_a_day_is_read_in_every_form_that_offices_give_it(cell):
    parsed = read(cell)
    assert parsed.values[0] == DAY
    assert parsed.values.dtype == "datetime64[ns]"
    assert parsed.beside["precision"][0] == "day"
    assert parsed.bad.empty
    assert parsed.repaired.empty


@pytest.mark.parametrize(
    ("cell", "first", "precision"),
    [
        *((cell, "2017-03-01", "month") for cell in ("tháng 3/2017", "3/2017", "03-2017", "T3/2017", "Th.3/2017")),
        *((cell, "2017-03-01", "month") for cell in ("tháng 3 năm 2017", "2017-03", "March 2017", "Mar. 2017")),
        *(
            (cell, "2017-04-01", "quarter")
            for cell in ("quý 2/2017", "Quý II năm 2017", "Q2/2017", "Q2 2017", "2017Q2")
        ),
        *((cell, "2017-10-01", "quarter") for cell in ("quý 4/2017", "QUÝ IV/2017", "q4-2017")),
        *((cell, "2017-01-01", "half_year") for cell in ("6 tháng đầu năm 2017", "nửa đầu năm 2017", "H1 2017")),
        *((cell, "2017-07-01", "half_year") for cell in ("6 tháng cuối năm 2017", "sáu tháng cuối 2017", "H2/2017")),
        *((cell, "2017-07-01", "half_year") for cell in ("second half of 2017",)),
        *((cell, "2017-01-01", "year") for cell in ("năm 2017", "2017", "cả năm 2017")),
        *((cell, "2017-03-01", "month") for cell in ("tháng ba năm 2017", "Tháng Ba/2017")),
        *((cell, "2017-05-01", "month") for cell in ("tháng năm năm 2017", "tháng năm/2017")),
        *((cell, "2017-12-01", "month") for cell in ("tháng mười hai/2017", "1 tháng cuối năm 2017")),
        ("3 tháng đầu năm 2017", "2017-01-01", "quarter"),
        ("ba tháng cuối năm 2017", "2017-10-01", "quarter"),
        ("quý tư năm 2017", "2017-10-01", "quarter"),
        ("12 tháng đầu năm 2017", "2017-01-01", "year"),
    ],
)
def test_a_period_becomes_its_first_day_and_says_so(cell, first, precision):
    parsed = read(cell)
    assert parsed.values[0] == pd.Timestamp(first)
    assert parsed.beside["precision"][0] == precision
    assert said(parsed.repaired) == {0: f"read as {first}: the first day of the {precision.replace('_', '-')}"}


@pytest.mark.parametrize(
    ("cell", "first", "precision", "n"),
    [
        ("9 tháng đầu năm 2017", "2017-01-01", "year", 9),
        ("chín tháng đầu năm 2017", "2017-01-01", "year", 9),
        ("8 tháng cuối năm 2017", "2017-01-01", "year", 8),
        ("5 tháng đầu năm 2017", "2017-01-01", "half_year", 5),
        ("4 tháng cuối năm 2017", "2017-07-01", "half_year", 4),
        ("2 tháng cuối năm 2017", "2017-10-01", "quarter", 2),
    ],
)
def test_other_numbers_of_months_become_the_shortest_period_that_holds_them(cell, first, precision, n):
    parsed = read(cell)
    assert parsed.values[0] == pd.Timestamp(first)
    assert parsed.beside["precision"][0] == precision
    assert str(parsed.repaired[0]).endswith(f"{precision.replace('_', '-')}; the cell names {n} months of it")


def test_the_month_of_the_new_year_is_its_quarter_in_either_calendar():
    """Tết fell between 21 January and 20 February in every year; so the first lunar month ends by 21 March."""
    parsed = read("tháng giêng năm 2017")
    assert (parsed.values[0], parsed.beside["precision"][0]) == (pd.Timestamp("2017-01-01"), "quarter")
    assert "lunar calendar" in str(parsed.repaired[0])


def test_a_day_may_have_its_month_in_words():
    parsed = read("ngày 5 tháng ba năm 2017", "31 tháng mười hai, 2017")
    assert parsed.values.tolist() == [DAY, pd.Timestamp("2017-12-31")]
    assert set(parsed.beside["precision"]) == {"day"}
    assert parsed.repaired.empty


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("30/02/2017", "is not a date"),
        ("32/01/2017", "is not a date"),
        ("13/2017", "is not a date"),
        ("2017-31-03", "is not a date"),
        ("0", "is not a date"),
        ("5/3", "is not a date"),
        *((cell, "has no year") for cell in ("6 tháng cuối năm", "quý IV", "Quý 3", "tháng ba", "tháng giêng")),
        *(
            (cell, "may be of the lunar calendar")
            for cell in ("tháng chạp năm 2017", "15/8/2017 âm lịch", "1/1/2017 (ÂL)")
        ),
        *((cell, "is not a date") for cell in ("tháng năm 2017", "12 tháng năm 2017", "tháng năm")),
        ("13 tháng đầu năm 2017", "is not a date"),
        ("0 tháng cuối năm 2017", "is not a date"),
        ("tháng mười ba năm 2017", "is not a date"),
        ("5/3-2017", "is not a date"),
        ("١/٢/2017", "is not a date"),
        ("0000-01-01", "is not a date"),
        ("01/01/1900", "is earlier than 1990-01-01"),
        ("1989", "is earlier than 1990-01-01"),
        ("31/12/1989", "is earlier than 1990-01-01"),
        ("31/12/2099", "lies in the future"),
        ("1/1/49", "lies in the future"),
        ("9999-12-31", "lies in the future"),
        ("05/03/2560", "has the year 2560: if it is Buddhist, write 2017"),
        ("2560", "has the year 2560: if it is Buddhist, write 2017"),
        ("tháng 3/2533", "has the year 2533: if it is Buddhist, write 1990"),
    ],
)
def test_what_is_no_day_of_a_record_is_named(cell, why):
    parsed = read(cell, "05/03/2017")
    assert list(parsed.bad.index) == [0]
    assert str(parsed.bad[0]).startswith(why)
    assert parsed.values.isna().tolist() == [True, False]
    assert parsed.beside["precision"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    "cell", ["-", "–", "không rõ", "K/R", "chưa rõ", "?", "N/A", unicodedata.normalize("NFD", "Không  rõ")]
)
def test_words_for_unknown_are_empty_and_counted(cell):
    parsed = read(cell, None, " ")
    assert parsed.values.isna().all()
    assert parsed.bad.empty
    assert said(parsed.repaired) == {0: "read as empty: the cell says that this is not known"}


@pytest.mark.parametrize("cell", ["42825", "42825.0", "42825.75", "42825,25"])
def test_day_numbers_of_a_spreadsheet_are_read_and_said(cell):
    """openpyxl 3.1.5: openpyxl.utils.datetime.from_excel(42825) is 31 March 2017."""
    parsed = read(cell)
    assert parsed.values[0] == pd.Timestamp("2017-03-31")
    assert said(parsed.repaired) == {0: "read as 2017-03-31: the cell holds a spreadsheet's day number"}


@pytest.mark.parametrize(
    ("cell", "day"), [("32874", "1990-01-01"), ("43467", "2019-01-02"), ("32873", None), ("43468", None)]
)
def test_day_numbers_lie_between_1990_and_a_year_from_today(cell, day):
    assert read(cell).values[0] is pd.NaT if day is None else read(cell).values[0] == pd.Timestamp(day)
    assert list(read(cell).bad.index) == ([0] if day is None else [])


def test_the_month_stands_first_only_where_it_cannot_be_second():
    parsed = read("3/31/2017", "31/3/2017", "13/13/2017")
    assert parsed.values[:2].tolist() == [pd.Timestamp("2017-03-31")] * 2
    assert said(parsed.repaired) == {0: "read as 2017-03-31: the month stands first"}
    assert list(parsed.bad.index) == [2]


def test_in_a_column_with_the_month_first_the_order_of_other_days_is_not_guessed():
    parsed = read("3/31/2017", "3/4/2017", "4/4/2017", "ngày 3 tháng 4 năm 2017")
    assert said(parsed.bad) == {1: "can mean 2017-04-03 or 2017-03-04: other cells have the month first"}
    assert parsed.values[2:].tolist() == [pd.Timestamp("2017-04-04"), pd.Timestamp("2017-04-03")]


def test_in_a_mixed_column_the_day_stands_first_and_that_is_said():
    parsed = read("3/31/2017", "3/4/2017", "31/3/2017")
    assert parsed.bad.empty
    assert parsed.values[1] == pd.Timestamp("2017-04-03")
    assert str(parsed.repaired[1]).endswith("the day stands first, though some cells have the month first")


def test_years_of_two_digits_lie_between_1990_and_2089():
    values = read_dates(pd.Series(["5/3/90", "5/3/99", "5/3/00", "5/3/17"]), today=TODAY).values
    assert values.dt.year.tolist() == [1990, 1999, 2000, 2017]


def test_each_distinct_text_is_looked_at_once(monkeypatch):
    asked = []
    find = dates._find
    monkeypatch.setattr(dates, "_find", lambda text, today: asked.append(text) or find(text, today))
    read(*["5/3/2017", None, "6/3/2017"] * 100)
    assert sorted(asked) == ["5/3/2017", "6/3/2017"]


days = st.dates(dt.date(1990, 1, 1), dt.date(2047, 12, 31))
DAY_FORMS = [
    lambda d: d.isoformat(),
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d:%d/%m/%Y}",
    lambda d: f"{d.day}-{d.month}-{d.year}",
    lambda d: f"{d:%d.%m.%y}",
    lambda d: f"ngày {d.day} tháng {d.month} năm {d.year}",
    lambda d: f"{d:%d} tháng {d.month}, {d.year}",
    lambda d: f"{d:%H:%M} {d:%d/%m/%Y}",
    lambda d: f"{d:%B} {d.day}, {d.year}",
    lambda d: f"{d.day}-{d:%b}-{d:%y}",
]
PERIOD_FORMS = [
    (lambda d: f"tháng {d.month}/{d.year}", lambda d: d.replace(day=1), "month"),
    (lambda d: f"{d:%m-%Y}", lambda d: d.replace(day=1), "month"),
    (lambda d: f"{d:%B %Y}", lambda d: d.replace(day=1), "month"),
    (lambda d: f"quý {quarter(d)} năm {d.year}", lambda d: d.replace(day=1, month=3 * quarter(d) - 2), "quarter"),
    (lambda d: f"Q{quarter(d)}/{d.year}", lambda d: d.replace(day=1, month=3 * quarter(d) - 2), "quarter"),
    (lambda d: f"6 tháng {half(d)} năm {d.year}", lambda d: d.replace(day=1, month=7 - 6 * (d.month < 7)), "half_year"),
    (lambda d: f"năm {d.year}", lambda d: d.replace(day=1, month=1), "year"),
]


def quarter(day):
    return (day.month + 2) // 3


def half(day):
    return "đầu" if day.month < 7 else "cuối"


@given(st.lists(days, min_size=1), st.sampled_from(DAY_FORMS))
def test_a_printed_day_is_read_back(printed, form):
    parsed = read(*map(form, printed))
    assert parsed.values.dt.date.tolist() == printed
    assert parsed.bad.empty
    assert parsed.repaired.empty


@given(st.lists(days, min_size=1), st.sampled_from(PERIOD_FORMS))
def test_a_printed_period_is_read_back(printed, form):
    write, first, precision = form
    parsed = read(*map(write, printed))
    assert parsed.values.dt.date.tolist() == [first(day) for day in printed]
    assert set(parsed.beside["precision"]) == {precision}


anything = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.text("0123456789/-. thángquýnămT:h", max_size=20),
    st.tuples(days, st.sampled_from(DAY_FORMS)).map(lambda pair: pair[1](pair[0])),
    st.tuples(days, st.sampled_from(PERIOD_FORMS)).map(lambda pair: pair[1][0](pair[0])),
    days.map("{:%m/%d/%Y}".format),
)


@given(st.lists(anything))
def test_any_text_is_read_or_named(cells):
    parsed = read(*cells)
    assert parsed.values.dtype == "datetime64[ns]"
    assert parsed.values[parsed.bad.index].isna().all()
    assert not set(parsed.bad.index) & set(parsed.repaired.index)
    explained = parsed.values.notna() | parsed.values.index.isin([*parsed.bad.index, *parsed.repaired.index])
    assert all(done or not plain(cell or "") for cell, done in zip(cells, explained, strict=True))
    assert parsed.beside["precision"].notna().tolist() == parsed.values.notna().tolist()


@given(st.lists(anything))
def test_what_was_read_reads_the_same_in_plain_form(cells):
    values = read(*cells).values.dropna()
    again = read(*values.dt.strftime("%Y-%m-%d"))
    assert again.values.tolist() == values.tolist()
    assert again.repaired.empty


@given(st.lists(anything).flatmap(lambda cells: st.tuples(st.just(cells), st.permutations(range(len(cells))))))
def test_the_order_of_rows_does_not_matter(cells_and_order):
    cells, order = cells_and_order
    column = pd.Series(cells, dtype=object)
    one, other = (read_dates(rows, today=TODAY) for rows in (column, column.iloc[order]))
    pd.testing.assert_series_equal(one.values, other.values.sort_index())
    assert said(one.bad) == said(other.bad)
    assert said(one.repaired) == said(other.repaired)
