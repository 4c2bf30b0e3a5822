import pandas as pd
import pytest

from geo.intake.values import kind_of, parse_column
from geo.schema import TABLES, dtype_of

TODAY = pd.Timestamp("2018-01-01")


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_of_every_table_is_parsed_to_its_type(table):
    for column in map(str, TABLES[table].columns):
        dtype = dtype_of(TABLES[table], column)
        parsed = parse_column(pd.Series([None, "2"], index=[2, 5], dtype=object), kind_of(column, dtype), today=TODAY)
        assert str(parsed.values.dtype) == dtype
        assert list(parsed.values.index) == [2, 5]
        assert pd.isna(parsed.values[2])


def test_text_stays_as_it_is():
    parsed = parse_column(pd.Series(["không", "17.400", "-", None]), "text", today=TODAY)
    assert parsed.values.tolist()[:3] == ["không", "17.400", "-"]
    assert parsed.bad.empty
    assert parsed.repaired.empty
    assert parsed.beside == {}


def test_one_text_is_one_thing_in_each_kind_of_column():
    cell = pd.Series(["42825"])
    values = {kind: parse_column(cell, kind, today=TODAY).values[0] for kind in ("text", "date", "count", "measure")}
    assert values == {"text": "42825", "date": pd.Timestamp("2017-03-31"), "count": 42825, "measure": 42825.0}
