import ast
import datetime as dt
import io
import runpy
import string
import subprocess
import sys
import tomllib

import numpy as np
import pandas as pd
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from geo.errors import Message
from maps.text import LOCALE, date, number, translate

ROOT = LOCALE.parent.parent
ROOMS = ("geo", "models", "maps", "workflow", "cli")
FOLDER = LOCALE / "vi" / "LC_MESSAGES"
KEYWORDS = dict.fromkeys(tomllib.loads((LOCALE / "babel.toml").read_text())["mappings"][0]["keywords"])


@pytest.fixture(scope="module")
def catalogue():
    return runpy.run_path(str(LOCALE / "compile.py"))["catalogue"]()


@pytest.fixture(scope="module")
def templates():
    found = []
    for room in ROOMS:
        found += [row[1:] for row in extract_from_dir(ROOT / room, [("**.py", "python")], keywords=KEYWORDS)]
    return {text for _, text, *_ in found}


def places(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_message_is_translated(templates, catalogue):
    assert len(templates) > 100
    missing = sorted(text for text in templates if not (catalogue.get(text) and catalogue.get(text).string))
    assert missing == [], "run `make locale` and translate these in maps/locale/vi/LC_MESSAGES/diemnong.po"


def test_translations_fill_the_same_places(catalogue):
    assert [m.id for m in catalogue if m.id and places(m.id) != places(m.string)] == []
    assert [m.id for m in catalogue if m.fuzzy and m.id] == []
    assert [(message.id, errors) for message, errors in catalogue.check()] == [], "`make locale` would stop here"


def test_the_compiled_catalogue_is_that_of_the_source(catalogue):
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert (FOLDER / "diemnong.mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (17_400, None, "17.400", "17,400"),
        (0.35, None, "0,35", "0.35"),
        (1234567.891, 1, "1.234.567,9", "1,234,567.9"),
        (0.001234, None, "0,0012", "0.0012"),
        (0.0999, None, "0,10", "0.10"),
        (99.995, None, "100,00", "100.00"),
        (123.4, None, "123", "123"),
        (5.0, None, "5", "5"),
        (-0.001, 2, "0,00", "0.00"),
        (-2.5, None, "-2,50", "-2.50"),
        (0, None, "0", "0"),
        (np.int64(2000), None, "2.000", "2,000"),
        (float("nan"), None, "–", "–"),
        (float("inf"), 2, "–", "–"),
    ],
)
def test_numbers_in_the_readers_form(value, digits, vi, en):
    assert (number(value, "vi", digits), number(value, "en", digits)) == (vi, en)


def test_days_in_the_readers_form():
    for day in ("2026-11-23", dt.date(2026, 11, 23), pd.Timestamp("2026-11-23 10:00")):
        assert (date(day, "vi"), date(day, "en")) == ("23/11/2026", "2026-11-23")


def test_months_in_the_readers_form():
    planned = Message("{start} to {end}", {"start": pd.Period("2018-01", "M"), "end": pd.Period("2018-12", "M")})
    assert translate(planned, "en") == "2018-01 to 2018-12"
    assert translate(Message("{month}", {"month": pd.Period("2018-01", "M")}), "vi") == "01/2018"


def test_messages_carry_numbers_days_and_messages():
    inner = Message(
        "{table}: {n} rows, {unplaced} without a commune", {"table": "x", "n": np.int64(1500), "unplaced": 0}
    )
    outer = Message("Error: {message}", {"message": inner})
    assert translate(outer, "vi") == "Lỗi: x: 1.500 dòng, 0 chưa xác định được xã"
    assert translate(outer, "en") == "Error: x: 1,500 rows, 0 without a commune"
    days = Message("Records from {start} to {end}", {"start": dt.date(2013, 1, 1), "end": "2017-12-31"})
    assert translate(days, "vi") == "Số liệu từ 01/01/2013 đến 2017-12-31"


def test_words_and_unknown_texts():
    assert translate("approximate", "vi") == "gần đúng"
    assert translate("approximate", "en") == "approximate"
    assert translate(Message(""), "vi") == translate("", "vi") == ""
    assert translate(Message("{n:.1f} of {what!r}", {"n": 1234.56, "what": "a"}), "vi") == "1234.6 of 'a'"


def test_values_are_not_taken_for_templates():
    hostile = "{0.__class__} {n}"
    assert translate(Message("Files: {folder}", {"folder": hostile}), "vi") == f"Kết quả: {hostile}"


def test_importing_it_loads_nothing_heavy():
    code = "import sys, maps.text; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"numpy", "pandas", "babel", "folium"} & set(loaded.split())


def test_messages_are_literals_where_they_are_made():
    """A template from a variable escapes the collection; only words of tables may, and they stand in WORDS."""
    words = {
        "name",
        "row.table",
        "row.placement",
        "self.level",
        "table",
        "kind",
        "str(layers.communes['geometry_quality'].iloc[0])",
        "template",
    }
    strange = []
    for path in (file for room in ROOMS for file in (ROOT / room).rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        first = [call.args[0] for call in calls if getattr(call.func, "id", "") in KEYWORDS and call.args]
        variables = {ast.unparse(node) for node in first if not isinstance(node, ast.Constant)}
        strange += [f"{path.name}: {text}" for text in sorted(variables - words)]
    assert strange == []
