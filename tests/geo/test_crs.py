import numpy as np
import pytest
from pyproj import Proj, Transformer

from geo.crs import _scale, check_scale, looks_like_degrees, metric_crs, parse_crs
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


DIEN_BIEN, MAINLAND = (102.1, 21.0, 103.6, 22.6), (102.1, 8.4, 109.5, 23.4)


def within(crs, bounds):
    """Return eastings and northings of a lattice over bounds in degrees."""
    west, south, east, north = bounds
    places = np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*map(np.ravel, places))


@pytest.mark.parametrize(
    ("crs", "bounds"),
    [
        ("EPSG:9205", DIEN_BIEN),  # TM-3, and the neighbours' zone
        ("EPSG:9206", DIEN_BIEN),
        ("EPSG:3405", DIEN_BIEN),  # VN-2000 and WGS 84, UTM 48N
        ("EPSG:32648", MAINLAND),
        ("EPSG:32647", DIEN_BIEN),  # of the zone beside it still right to 0.3 %
        ("EPSG:3406", (108.0, 10.4, 109.5, 16.0)),
        ("+proj=laea +lat_0=21.5 +lon_0=103 +datum=WGS84 +units=m", DIEN_BIEN),
    ],
)
def test_systems_made_for_a_region_are_true_to_scale(crs, bounds):
    check_scale(metric_crs(crs), *within(crs, bounds))


@pytest.mark.parametrize(
    ("crs", "bounds", "percent", "other"),
    [
        ("EPSG:3857", DIEN_BIEN, "8.9", "EPSG:9205"),
        ("EPSG:3857", (104.5, 8.5, 105.5, 9.5), "2", "EPSG:32648"),  # Cà Mau, where it errs least
        ("EPSG:3395", DIEN_BIEN, "8.3", "EPSG:9205"),
        ("EPSG:4087", DIEN_BIEN, "8.3", "EPSG:9205"),
        ("EPSG:6933", DIEN_BIEN, "7.8", "EPSG:9205"),  # areas are right, lengths are not
        ("EPSG:3406", DIEN_BIEN, "1", "EPSG:9205"),
        ("EPSG:9205", MAINLAND, "0.63", "EPSG:32648"),
    ],
)
def test_others_are_refused_with_one_that_is(crs, bounds, percent, other):
    x, y = within(crs, bounds)
    with pytest.raises(CrsError, match=f"by up to {percent} %; .* for example {other}"):
        check_scale(metric_crs(crs), x, y)
    check_scale(metric_crs(other), *within(other, bounds))


@pytest.mark.parametrize(("x", "y"), [(1e12, 0.0), (5e5, 9e8), (-1e25, 1e25), (2e7, 2e6)])
def test_what_is_nowhere_on_earth_is_refused(x, y):
    with pytest.raises(CrsError, match="No place on Earth has these coordinates in EPSG:9205"):
        check_scale(metric_crs("EPSG:9205"), [x], [y])


@pytest.mark.parametrize("crs", ["EPSG:9205", "EPSG:32649", "EPSG:3395", "EPSG:6933", "ESRI:102028"])
def test_the_scale_is_that_of_proj(crs):
    """PROJ's own Tissot axes, of the map's formulas; ours are measured."""
    x, y = map(np.asarray, within(crs, DIEN_BIEN))
    scale, lon, lat = _scale(metric_crs(crs), x, y)
    factors = Proj(crs).get_factors(lon, lat)
    np.testing.assert_allclose(scale[:, 1], factors.tissot_semimajor, rtol=5e-6)
    np.testing.assert_allclose(scale[:, 0], factors.tissot_semiminor, rtol=5e-6)
