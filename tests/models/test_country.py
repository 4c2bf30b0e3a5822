import numpy as np
import pandas as pd
import pytest
import shapely

from models.country import NEIGHBOURS, simulate_country

SMALL = {"communes": 200, "provinces": 7, "area_km2": 20_000.0}


@pytest.mark.parametrize(("communes", "provinces"), [(3_321, 34), (1, 1), (40, 40)])
def test_it_has_the_counts_and_the_area_that_were_asked_for(communes, provinces):
    country = simulate_country(communes=communes, provinces=provinces)
    assert len(country.communes) == communes
    assert country.communes["commune_code"].is_unique
    assert country.communes["province_code"].nunique() == len(country.provinces) == provinces
    for table in (country.communes, country.provinces):
        assert table["area_km2"].sum() == pytest.approx(331_000, rel=2e-3)
        assert table.geometry.is_valid.all()


def test_communes_neither_overlap_nor_leave_gaps():
    country = simulate_country(**SMALL)
    assert shapely.coverage_is_valid(country.communes.geometry.to_numpy())
    whole = country.provinces.geometry.union_all()
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert whole.area / 1e6 == pytest.approx(country.communes["area_km2"].sum(), rel=1e-9)


def test_three_neighbours_share_its_outline():
    country = simulate_country(**SMALL)
    outline = country.communes.geometry.union_all().boundary
    assert tuple(country.borders["neighbour"]) == NEIGHBOURS
    for line in country.borders.geometry:
        assert line.hausdorff_distance(outline.intersection(line.buffer(50))) < 500
    assert country.borders["length_km"].sum() < outline.length / 1e3


def test_records_lie_inside_cluster_and_say_that_they_are_simulated():
    country = simulate_country(**SMALL)
    tables = list(country.records(5_000, at_once=2_000))
    assert [len(table) for table in tables] == [2_000, 2_000, 1_000]
    records = pd.concat(tables)
    assert set(records["data_kind"]) == {"simulated"}
    whole = country.provinces.geometry.union_all().buffer(100)  # borders are drawn by edges
    assert shapely.contains_xy(whole, records["x"], records["y"]).all()
    tree = shapely.STRtree(country.communes.geometry)
    counts = np.bincount(tree.query(shapely.points(records[["x", "y"]]), predicate="intersects")[1], minlength=200)
    assert counts.var() > 5 * counts.mean()  # of places spread evenly they would be equal


def test_the_same_seed_gives_the_same_country():
    one, same, other = (simulate_country(**SMALL, random_state=seed) for seed in (3, 3, 4))
    assert (one.communes.to_wkb() == same.communes.to_wkb()).all(axis=None)
    assert (one.communes.to_wkb() != other.communes.to_wkb()).any(axis=None)
    assert next(one.records(10)).equals(next(same.records(10)))


def test_more_provinces_than_communes_are_refused():
    with pytest.raises(ValueError, match="3 provinces need"):
        simulate_country(communes=2, provinces=3)
