import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, box

from maps.web_layers import layer, middles, outlines
from tests.maps.map_content import content


def wavy(n):
    """Two neighbours whose common border has ``n`` corners."""
    y = np.linspace(0, 1, n)
    border = np.c_[1 + 0.05 * np.sin(300 * y), y]
    west = shapely.Polygon([(0, 0), *border, (0, 1)])
    return np.array([west, shapely.Polygon([(2, 0), *border, (2, 1)])])


def test_a_country_is_drawn_more_coarsely_until_it_is_small_enough():
    fine, coarse = outlines(wavy(20_000)), outlines(wavy(20_000), most=500)
    assert shapely.get_num_coordinates(fine).sum() > 500 >= shapely.get_num_coordinates(coarse).sum()
    assert shapely.area(coarse) == pytest.approx([1, 1], abs=0.03)


def test_neighbours_touch_without_gap_or_overlap_however_coarse():
    west, east = outlines(wavy(20_000), most=100)
    assert shapely.area(shapely.intersection(west, east)) == pytest.approx(0, abs=1e-12)
    assert shapely.area(shapely.union(west, east)) == pytest.approx(2, abs=1e-9)


def test_corners_that_cannot_be_left_out_end_the_search():
    assert shapely.get_num_coordinates(outlines(np.array([box(0, 0, 1, 1)]), most=1)).sum() == 5


def test_fields_that_a_layer_does_not_have_are_left_out():
    sectors = content().sectors
    told = layer(sectors, ("sector_id", "not_there", "patrol_hours"), sectors.geometry.to_numpy(), weight=[1, 0.5, 0])
    assert told["fields"] == ["sector_id", "patrol_hours", "weight"]
    assert told["rows"] == [["LAO-001", None, 1], ["LAO-002", 12, 0.5], ["CHN-001", 0, 0]]


def test_labels_stand_inside_polygons_and_halfway_along_lines():
    made = content()
    polygons, lines = made.communes.iloc[:1], made.sectors.iloc[:1].set_geometry([LineString([(103, 21), (103, 22)])])
    (lat, lon), *_ = middles(polygons)
    assert polygons.geometry.iloc[0].contains(shapely.Point(lon, lat))
    assert middles(lines.set_crs(4326)) == [[21.5, 103.0]]
    assert middles(lines.iloc[:0]) == []
