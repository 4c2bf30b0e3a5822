import sqlite3
from xml.etree import ElementTree

import numpy as np
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.layer_styles import run_styles, value_classes
from maps.legend import classed
from maps.outputs import OUTREACH_HEADINGS, PATROL_HEADINGS
from maps.palette import COMMUNES
from maps.qgis import write_gpkg
from tests.maps.map_content import content
from tests.maps.paper_content import doubted

HEADINGS = {"communes": OUTREACH_HEADINGS, "border_sectors": PATROL_HEADINGS}


def styles_of(given, lang="vi"):
    return run_styles(given.communes, given.sectors, given.crossings, given.surface[0], headings=HEADINGS, lang=lang)


def rules(style):
    root = ElementTree.fromstring(style.qml.split("\n", 1)[1])
    return [(rule.get("label"), rule.get("filter")) for rule in root.iter("rule")]


def write(path, given):
    write_gpkg(
        path,
        {"communes": given.communes, "border_sectors": given.sectors, "crossings": given.crossings},
        surface=given.surface,
        styles=styles_of(given),
        stamp="2026-11-23T00:00:00Z",
        note="made up",
    )


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), min_size=1, max_size=40))
def test_classes_are_those_of_the_web_map(values):
    array = np.array(values, dtype=float)
    _, legend = classed(array, COMMUNES)
    assert [entry._asdict() for entry in value_classes(array, COMMUNES)] == legend


def test_each_commune_meets_the_filter_of_one_class_and_the_legend_counts_them(tmp_path):
    """SQLite reads the filters as QGIS does."""
    given = content()
    given.communes["expected"] = [0.1 + 0.2, 0.3, 1 / 3, 2 / 3, 1e-9, np.nan]
    write(tmp_path / "r.gpkg", given)
    *classes, (weak, weak_filter) = rules(styles_of(given)["communes"])
    with sqlite3.connect(tmp_path / "r.gpkg") as database:
        select = "SELECT rank FROM communes WHERE "
        met = [database.execute(select + condition).fetchall() for _, condition in classes]
        assert len(database.execute(select + weak_filter).fetchall()) == 3
    database.close()
    assert sorted(rank for ranks in met for (rank,) in ranks) == [1, 2, 3, 4, 5, 6]
    assert [label.split(": ")[1] for label, _ in classes[:-1]] == [f"{len(ranks)} xã, phường" for ranks in met[:-1]]
    assert weak.endswith("3 xã, phường")


def test_layers_bear_titles_and_default_styles_and_can_be_read_as_before(tmp_path):
    given = content()
    write(tmp_path / "r.gpkg", given)
    with sqlite3.connect(tmp_path / "r.gpkg") as database:
        styles = database.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault FROM layer_styles ORDER BY id"
        ).fetchall()
        titles = dict(database.execute("SELECT table_name, identifier FROM gpkg_contents"))
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    assert styles == [
        ("communes", "geom", 1), ("border_sectors", "geom", 1), ("crossings", "geom", 1), ("risk", "", 1),
    ]  # fmt: skip
    assert titles["crossings"] == "Cửa khẩu, lối mở biên giới"
    assert pyogrio.read_dataframe(tmp_path / "r.gpkg", layer="communes")["name"].tolist() == list(
        given.communes["name"]
    )


def test_the_same_layers_give_the_same_bytes(tmp_path):
    for name in ("a.gpkg", "b.gpkg"):
        write(tmp_path / name, content())
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


@pytest.mark.parametrize(("lang", "legend"), [("vi", "số liệu yếu: 3 xã, phường"), ("en", "weak data: 3 communes")])
def test_the_legend_speaks_the_run_s_language(lang, legend):
    assert rules(styles_of(content(), lang)["communes"])[-1][0] == legend


def test_doubted_and_moved_communes_are_outlined_and_counted(tmp_path):
    given = doubted(content())
    write(tmp_path / "r.gpkg", given)
    *_, unsure, moved = rules(styles_of(given, "en")["communes"])
    assert (unsure[0], moved[0]) == ("place unsure: 1 communes", "moved by a planner: 1 communes")
    with sqlite3.connect(tmp_path / "r.gpkg") as database:
        select = "SELECT rank FROM communes WHERE "
        met = [database.execute(select + condition).fetchall() for _, condition in (unsure, moved)]
    database.close()
    assert met == [[(2,)], [(1,)]]


def test_a_layer_s_name_says_that_it_shows_records_where_effort_is_not_known():
    given = content()
    layers = given.communes, given.sectors, given.crossings, given.surface[0]
    titles = [
        run_styles(*layers, headings=HEADINGS, effort_known=known, lang="en")["communes"].title
        for known in (True, False)
    ]
    assert titles == ["Communes: events expected a year", "Communes: recorded cases going on as before, not risk"]


def test_a_run_without_surface_crossings_or_values_has_styles_all_the_same():
    given = content()
    given.communes["expected"] = np.nan
    given = content(communes=given.communes, crossings=given.crossings.iloc[:0])
    styles = run_styles(
        given.communes, given.sectors, given.crossings, np.full((3, 3), np.nan), headings=HEADINGS, lang="vi"
    )
    assert [condition for _, condition in rules(styles["communes"])] == ['"expected" IS NULL', '"weak_data"']
    assert rules(styles["crossings"]) == []
