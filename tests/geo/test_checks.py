import pytest
from shapely.geometry import Polygon, box

from geo.checks import check_polygons, repair_polygons
from geo.crs import METRIC
from tests.conftest import SIDE, SOUTH, WEST, commune_layer, square


def found(communes, official=None):
    return {finding.check: finding for finding in check_polygons(communes, METRIC, official)}


def test_a_sound_layer_has_no_finding(communes):
    assert found(communes) == {}


def test_overlaps_are_measured():
    wide = box(WEST, SOUTH, WEST + SIDE + 500, SOUTH + SIDE)
    overlap = found(commune_layer([wide, square(1, 0), square(0, 1), square(1, 1)]))["overlaps"]
    assert overlap.level == "warning"
    assert overlap.message.values == pytest.approx({"n": 1, "km2": 5.0, "worst": 5.0, "pair": "00001 / 00002"})


def test_gaps_are_holes_between_communes():
    hollow = square(0, 0).difference(box(WEST + 4000, SOUTH + 4000, WEST + 5000, SOUTH + 6000))
    gap = found(commune_layer([hollow, square(1, 0), square(0, 1), square(1, 1)]))["gaps"]
    assert gap.message.values == pytest.approx({"n": 1, "km2": 2.0, "worst": 2.0})


def test_crossed_rings_are_errors_that_repair_mends():
    bow = Polygon([(WEST, SOUTH), (WEST + SIDE, SOUTH + SIDE), (WEST + SIDE, SOUTH), (WEST, SOUTH + SIDE)])
    layer = commune_layer([bow, square(1, 0), square(0, 1), square(1, 1)])
    assert found(layer)["validity"].level == "error"
    repaired, changes = repair_polygons(layer, METRIC, ["validity"])
    assert "validity" not in found(repaired)
    assert [change.level for change in changes] == ["repair"]
    assert str(changes[0].message) == "Repaired validity: no polygon covers another area than before"


def test_overlaps_and_gaps_are_repaired_only_if_allowed():
    wide = box(WEST, SOUTH, WEST + SIDE + 500, SOUTH + SIDE - 100)
    layer = commune_layer([wide, square(1, 0), square(0, 1), square(1, 1)])
    untouched, changes = repair_polygons(layer, METRIC, [])
    assert not changes
    assert untouched.geometry.geom_equals(layer.geometry).all()
    repaired, changes = repair_polygons(layer, METRIC, ["overlaps", "gaps"])
    assert changes[0].check == "overlaps + gaps"
    assert "overlaps" not in found(repaired)
    assert list(repaired["commune_code"]) == list(layer["commune_code"])


@pytest.mark.parametrize(("official", "level"), [(400.0, "info"), (397.0, "info"), (404.1, "error"), (390.0, "error")])
def test_the_total_area_is_compared_with_the_official_one(communes, official, level):
    assert found(communes, official)["area"].level == level
