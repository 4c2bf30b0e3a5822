import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine

from geo.density import KernelDensity, RelativeRisk
from geo.errors import CrsError, ModelError
from geo.grid import Grid
from tests.reference import kernel_density

WEST, NORTH = 480_000.0, 2_400_000.0
GRID = Grid("EPSG:9205", Affine(1000, 0, WEST, 0, -1000, NORTH), (20, 24))
RNG = np.random.default_rng(21)
PEOPLE = WEST + RNG.uniform(0, 24_000, 300), NORTH - RNG.uniform(0, 20_000, 300)
PERSONS = RNG.uniform(10, 500, 300)
EVENTS = tuple(axis[:25] for axis in PEOPLE)
AT = np.meshgrid(GRID.eastings(), GRID.northings())


def by_hand(x, y, counts):
    events = kernel_density(x, y, counts / counts.sum(), 5_000.0, 2, *AT)
    at_risk = kernel_density(*PEOPLE, PERSONS / PERSONS.sum(), 5_000.0, 2, *AT)
    return events / at_risk


def test_the_ratio_is_that_of_two_densities():
    ratio = RelativeRisk(KernelDensity("quartic", 5_000.0)).fit(EVENTS, PEOPLE, PERSONS).to_grid(GRID)
    np.testing.assert_allclose(ratio, by_hand(*EVENTS, np.ones(25)), rtol=1e-9, atol=1e-12)


def test_events_that_follow_the_population_have_a_ratio_of_one():
    ratio = RelativeRisk(KernelDensity("gaussian", 3_000.0)).fit(PEOPLE, PEOPLE).to_grid(GRID)
    np.testing.assert_allclose(ratio, 1, rtol=1e-9)


def test_the_tolerance_is_the_share_of_simulations():
    """Simulated again with the same generator and the oracle's densities."""
    model = RelativeRisk(KernelDensity("quartic", 5_000.0), n_simulations=39, seed=5).fit(EVENTS, PEOPLE, PERSONS)
    observed, reached = by_hand(*EVENTS, np.ones(25)), np.ones(GRID.shape)
    for sequence in np.random.SeedSequence(5).spawn(39):
        counts = np.random.default_rng(sequence).multinomial(25, PERSONS / PERSONS.sum())
        reached += by_hand(*PEOPLE, counts) >= observed * (1 - 1e-9)
    tolerance = model.tolerance(GRID)
    np.testing.assert_allclose(tolerance, reached / 40)
    two = RelativeRisk(KernelDensity("quartic", 5_000.0, n_jobs=2), n_simulations=39, seed=5)
    np.testing.assert_array_equal(two.fit(EVENTS, PEOPLE, PERSONS).tolerance(GRID), tolerance)
    other = RelativeRisk(KernelDensity("quartic", 5_000.0), n_simulations=39, seed=6).fit(EVENTS, PEOPLE, PERSONS)
    assert (other.tolerance(GRID) != tolerance).any()


def test_a_cluster_stands_out_and_chance_does_not():
    """Half the events at one place; and, without a cluster, about a tenth of the cells below 0.1."""
    density = KernelDensity("quartic", 6_000.0)
    x, y = (axis.copy() for axis in EVENTS)
    x[:12], y[:12] = WEST + 12_500, NORTH - 10_500
    ratio = RelativeRisk(density, n_simulations=99).fit((x, y), PEOPLE, PERSONS)
    assert ratio.to_grid(GRID)[10, 12] > 2
    assert ratio.tolerance(GRID)[10, 12] == 0.01
    below = []
    for seed in range(30):
        drawn = np.random.default_rng(1000 + seed).choice(300, 25, p=PERSONS / PERSONS.sum())
        events = tuple(axis[drawn] for axis in PEOPLE)
        below.append(
            (
                RelativeRisk(density, n_simulations=39, seed=seed).fit(events, PEOPLE, PERSONS).tolerance(GRID) <= 0.1
            ).mean()
        )
    assert 0.05 < np.mean(below) < 0.16


@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("correction", ["uniform", "diggle"])
def test_edges_are_corrected_in_both_densities(correction, adaptive):
    area = shapely.box(WEST, NORTH - 20_000, WEST + 24_000, NORTH).difference(
        shapely.box(WEST, NORTH - 3e3, WEST + 3e3, NORTH)
    )
    inside, some = (shapely.intersects_xy(area, *points) for points in (PEOPLE, EVENTS))
    people, events = tuple(axis[inside] for axis in PEOPLE), tuple(axis[some] for axis in EVENTS)
    density = KernelDensity("quartic", 5_000.0, edge_correction=correction, adaptive=adaptive)
    model = RelativeRisk(density, n_simulations=19).fit(events, people, PERSONS[inside], area=area)
    above = density.fit(*events, np.full(some.sum(), 1 / some.sum()), area=area).to_grid(GRID)
    below = density.fit(*people, PERSONS[inside] / PERSONS[inside].sum(), area=area).to_grid(GRID)
    np.testing.assert_allclose(model.to_grid(GRID), above / below, rtol=1e-6, atol=1e-9)
    with pytest.raises(ModelError, match="of 25 points lie outside"):
        model.fit(EVENTS, people, PERSONS[inside], area=shapely.union_all(shapely.buffer(shapely.points(*people), 50)))
    model.fit(events, people, PERSONS[inside], area=area)
    outside = ~shapely.contains_xy(area, *AT)
    np.testing.assert_array_equal(np.isnan(model.tolerance(GRID)), outside)


def test_far_from_everybody_there_is_no_ratio():
    far = Grid("EPSG:9205", Affine(1000, 0, WEST + 2e5, 0, -1000, NORTH), (3, 3))
    model = RelativeRisk(KernelDensity("quartic", 5_000.0), n_simulations=19).fit(EVENTS, PEOPLE)
    assert np.isnan(model.to_grid(far)).all()
    assert np.isnan(model.tolerance(far)).all()


@pytest.mark.parametrize(
    ("options", "at_risk", "said"),
    [
        ({"n_simulations": 9}, None, "at least 19"),
        ({"density": KernelDensity("quartic", "likelihood")}, None, "one bandwidth in metres"),
        ({}, np.zeros(300), "above zero somewhere"),
        ({}, -PERSONS, "negative nowhere"),
        ({}, [1.0], "300 points but 1 weights"),
    ],
)
def test_bad_input_is_explained(options, at_risk, said):
    with pytest.raises(ModelError, match=said):
        RelativeRisk(**options).fit(EVENTS, PEOPLE, at_risk)


def test_a_wrong_crs_is_refused():
    events = gpd.GeoSeries.from_xy(*EVENTS, crs="EPSG:32648")
    people = gpd.GeoSeries.from_xy(*PEOPLE, crs="EPSG:9205")
    with pytest.raises(CrsError, match="EPSG:32648"):
        RelativeRisk().fit(events, people)
    with pytest.raises(CrsError, match="EPSG:9205"):
        RelativeRisk().fit(events, PEOPLE).to_grid(GRID)
