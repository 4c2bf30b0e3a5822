import pytest

from geo.crs import looks_like_degrees, metric_crs, parse_crs
from geo.errors import CrsError


@pytest.mark.parametrize("text", ["EPSG:9205", "EPSG:3405", "EPSG:32648"])
def test_metric_systems_of_viet_nam(text):
    assert metric_crs(text).to_epsg() == int(text.removeprefix("EPSG:"))


@pytest.mark.parametrize(
    ("text", "said"), [("EPSG:4326", "not in metres"), ("EPSG:2913", "not in metres"), ("x", "not a known")]
)
def test_others_are_refused(text, said):
    with pytest.raises(CrsError, match=said):
        metric_crs(text)


def test_geographic_systems_are_known_but_not_metric():
    assert parse_crs("EPSG:4326").is_geographic


@pytest.mark.parametrize(
    ("x", "y", "degrees"),
    [([103.0], [21.5], True), ([500_000.0], [2.4e6], False), ([], [], False), ([float("nan")], [1.0], False)],
)
def test_degrees_are_told_from_metres(x, y, degrees):
    assert looks_like_degrees(x, y) is degrees
