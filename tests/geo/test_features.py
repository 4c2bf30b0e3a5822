"""Two squares side by side, 10 km wide: 0 in the west, 1 in the east."""

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString, Point, box

from geo.features import covered_share, distance_km, line_count, line_length_km, point_count

SQUARES = np.array([box(0, 0, 10_000, 10_000), box(10_000, 0, 20_000, 10_000)])


def shapes(*these):
    return np.array(these, dtype=object)


def test_a_line_counts_by_the_part_in_each_polygon():
    """A 3-4-5 line: 9 of its 15 km of easting lie in the west."""
    road = LineString([(1000, 0), (16_000, 8000)])
    length = 17.0  # 15-8-17
    np.testing.assert_allclose(line_length_km(SQUARES, shapes(road)), [length * 9 / 15, length * 6 / 15])
    assert line_count(SQUARES, shapes(road)).tolist() == [1, 1]


def test_lines_within_touching_and_outside():
    inside = LineString([(1000, 1000), (4000, 5000)])
    touching = LineString([(20_000, 5000), (25_000, 5000)])
    outside = LineString([(30_000, 0), (40_000, 0)])
    in_two_parts = MultiLineString([[(0, 100), (500, 100)], [(19_000, 100), (30_000, 100)]])
    lines = shapes(inside, touching, outside, in_two_parts)
    np.testing.assert_allclose(line_length_km(SQUARES, lines), [5.5, 1.0])
    assert line_count(SQUARES, lines).tolist() == [2, 1]


def test_what_runs_along_a_common_edge_counts_in_both():
    np.testing.assert_allclose(line_length_km(SQUARES, shapes(LineString([(10_000, 0), (10_000, 3000)]))), [3, 3])


def test_points_count_once_even_on_a_common_edge():
    points = shapes(Point(5, 5), Point(10_000, 5000), Point(15_000, 1), Point(15_000, 2), Point(30_000, 1))
    assert point_count(SQUARES, points).tolist() == [2, 2]


def test_areas_that_overlap_cover_once():
    half, quarter, bow_tie = (
        box(5000, 0, 10_000, 10_000),
        box(5000, 0, 10_000, 5000),
        shapely.Polygon([(12_000, 0), (14_000, 2000), (14_000, 0), (12_000, 2000)]),
    )
    np.testing.assert_allclose(covered_share(SQUARES, shapes(half, quarter, bow_tie)), [0.5, 0.02])
    np.testing.assert_array_equal(covered_share(SQUARES, shapes(box(50_000, 0, 60_000, 1))), [0, 0])


def test_distances_are_to_the_nearest_and_missing_where_there_is_none():
    places = shapes(Point(0, 0), Point(3000, 0), None)
    lines = shapes(LineString([(6000, -1000), (6000, 1000)]), Point(0, 2000), None)
    np.testing.assert_allclose(distance_km(places, lines), [2.0, 3.0, np.nan])
    assert np.isnan(distance_km(places, shapes())).all()


@pytest.mark.parametrize("seed", range(3))
def test_lengths_agree_with_an_intersection_one_by_one_and_add_up(seed):
    rng = np.random.default_rng(seed)
    lines = shapely.linestrings(rng.uniform(-2000, 22_000, (200, 4, 2)))
    brute = [sum(line.intersection(square).length for line in lines) / 1000 for square in SQUARES]
    np.testing.assert_allclose(line_length_km(SQUARES, lines), brute, rtol=1e-12)
    whole = shapely.length(shapely.intersection(lines, shapely.union_all(SQUARES))).sum() / 1000
    assert line_length_km(SQUARES, lines).sum() == pytest.approx(whole, rel=1e-12)
