"""What a planner sees who opens a run's GeoPackage or project in QGIS."""

import matplotlib.image
import numpy as np
import pytest

from geo.raster import write_cog
from maps.field import field_pack
from maps.layer_styles import run_styles
from maps.outputs import OUTREACH_HEADINGS, PATROL_HEADINGS
from maps.palette import COMMUNES, NO_DATA, SECTORS, SURFACE, shades
from maps.qgis import write_gpkg
from maps.qgis_project import ProjectLayer, write_project
from tests.maps.map_content import content
from tests.maps.patrol_plan import plan

pytestmark = pytest.mark.qgis

LABELS = {
    "communes": '"rank" || \'. \' || "name"',
    "border_sectors": '"rank" || \'. \' || "sector_id"',
    "crossings": '"name"',
}


def styles_of(given):
    return run_styles(
        given.communes,
        given.sectors,
        given.crossings,
        given.surface[0],
        headings={"communes": OUTREACH_HEADINGS, "border_sectors": PATROL_HEADINGS},
        lang="vi",
    )


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    return tmp_path_factory.mktemp("qgis") / "map.png"


@pytest.fixture(scope="module")
def seen(qgis, picture):
    """The made-up province of `tests/maps/map_content.py`, with hostile names and one commune without a rank."""
    given = content()
    communes = given.communes
    communes.loc[5, "expected"] = np.nan
    path = picture.parent / "hotspots.gpkg"
    styles = styles_of(given)
    write_gpkg(
        path,
        {"communes": communes, "border_sectors": given.sectors, "crossings": given.crossings},
        surface=given.surface,
        styles=styles,
        stamp="2026-11-23T00:00:00Z",
        note="made up",
    )
    path.with_suffix(".qml").write_text(styles["risk"].qml, encoding="utf-8")
    return qgis(path, picture, "raster:risk", "communes", "border_sectors", "crossings")


@pytest.mark.parametrize("layer", ["communes", "border_sectors", "crossings"])
def test_every_layer_brings_its_style_and_labels_in_the_database(seen, layer):
    assert seen[layer]["valid"]
    assert seen[layer]["style_from_database"]
    assert seen[layer]["renderer"] == "RuleRenderer"
    assert seen[layer]["label_is_expression"]
    assert seen[layer]["label"] == LABELS[layer]
    assert seen[layer]["aliases"].pop("fid") == ""
    assert all(seen[layer]["aliases"].values())


def test_columns_are_called_in_vietnamese(seen):
    assert seen["communes"]["aliases"]["rank"] == "Hạng"
    assert seen["border_sectors"]["aliases"]["sector_id"] == "Đoạn biên giới"
    assert seen["crossings"]["aliases"]["position_quality"] == "Vị trí theo"


def test_communes_are_drawn_by_class_hatched_where_weak_and_grey_without_a_value(seen):
    """Values 12.5, 7.25, 0.351, 0.2, 0.2 and none; three of six are weak."""
    rules = seen["communes"]["rules"]
    assert [rule["colour"] for rule in rules] == [*shades(COMMUNES, 4), NO_DATA, "#444444"]
    assert [rule["layers"] for rule in rules] == [["SimpleFill"]] * 5 + [["LinePatternFill"]]
    assert [rule["label"].split(":")[0] for rule in rules[:4]] == ["0,20", "0,35", "7,25", "12,50"]
    drawn = seen["communes"]["drawn"]
    assert [drawn[f"rule{i}"] for i in range(6)] == [2, 1, 1, 1, 1, 3]


def test_sectors_grow_darker_and_wider_with_their_share(seen):
    rules, drawn = seen["border_sectors"]["rules"], seen["border_sectors"]["drawn"]
    assert [rule["top_colour"] for rule in rules[:3]] == shades(SECTORS, 3)
    widths = [rule["width"] for rule in rules[:3]]
    assert widths == sorted(set(widths))
    assert [drawn[f"rule{i}"] for i in range(3)] == [1, 1, 1]


def test_crossings_are_told_apart_by_what_their_position_is_worth(seen):
    rules = seen["crossings"]["rules"]
    assert [rule["filter"] for rule in rules] == [
        f"\"position_quality\" = '{quality}'" for quality in ("published", "demo", "unknown")
    ]
    assert len({rule["colour"] for rule in rules}) == 3


def test_the_surface_is_classed_as_on_the_web_map(seen):
    """Half of its cells are 1, half 4."""
    assert seen["risk"]["classes"] == [[1.0, SURFACE[0], "1"], [None, SURFACE[-1], "4"]]
    assert seen["risk"]["nodata"] == -9999.0


def test_qgis_draws_the_colours_of_the_classes(seen, picture):
    pixels = (matplotlib.image.imread(picture)[..., :3] * 255).round().astype(int).reshape(-1, 3)
    found = {"#{:02x}{:02x}{:02x}".format(*pixel) for pixel in np.unique(pixels, axis=0)}
    assert {*shades(COMMUNES, 4), NO_DATA, "#444444", *shades(SECTORS, 3)} <= found


def test_a_field_pack_opens_as_designed(qgis, tmp_path):
    """Three visits, one and one: two classes; and what is not visited, which here is nothing."""
    field_pack(tmp_path, plan(), lang="vi", zooms=(8, 8))
    path = tmp_path / "command_level_plan.gpkg"
    seen = qgis(path, tmp_path / "field.png", "sectors", "routes", "posts")
    assert all(seen[layer]["valid"] and seen[layer]["style_from_database"] for layer in seen)
    assert [rule["top_colour"] for rule in seen["sectors"]["rules"]] == [*shades(SECTORS, 2), NO_DATA]
    assert [seen["sectors"]["drawn"].get(f"rule{i}", 0) for i in range(3)] == [2, 1, 0]
    assert (seen["routes"]["drawn"]["rule0"], seen["posts"]["drawn"]["rule0"]) == (3, 2)
    assert seen["posts"]["label"] == '"name"'


def test_the_run_s_project_opens_from_wherever_it_lies(qgis, seen, picture):
    """Layers in their order under Vietnamese titles, the surface hidden, in metres."""
    folder = picture.parent
    west, east, south, north = content().surface[1].region
    layers = [
        ProjectLayer(name, "vector", f"./hotspots.gpkg|layername={name}", "EPSG:4326", style)
        for name, style in styles_of(content()).items()
        if name != "risk"
    ]
    layers.append(ProjectLayer("risk", "raster", "./risk.tif", "EPSG:9205", styles_of(content())["risk"], shown=False))
    write_cog(folder / "risk.tif", *content().surface, description="d", unit="u", tags={})
    write_project(
        folder / "a.qgs", layers, title='Tỉnh <Mẫu> & "A"', crs="EPSG:9205", extent=(west, south, east, north)
    )
    moved = folder.with_name(folder.name + "_moved")
    folder.rename(moved)
    seen_project = qgis(moved / "a.qgs", moved / "project.png")
    moved.rename(folder)
    assert (seen_project["read"], seen_project["crs"]) == (True, "EPSG:9205")
    assert seen_project["groups"] == ['Tỉnh <Mẫu> & "A"']
    rows = seen_project["layers"]
    assert [row["name"] for row in rows] == [
        "Xã, phường: số vụ dự kiến mỗi năm",
        "Đoạn biên giới: tỷ trọng dòng qua toàn tuyến",
        "Cửa khẩu, lối mở biên giới",
        "Bề mặt: số vụ đã ghi nhận trên 10.000 dân mỗi năm",
    ]
    assert all(row["valid"] and str(moved) in row["source"] for row in rows)
    assert [row["renderer"] for row in rows] == ["RuleRenderer"] * 3 + ["singlebandpseudocolor"]
    assert [row["visible"] for row in rows] == [True, True, True, False]
    assert [row["labels"] for row in rows] == [True, True, True, False]
