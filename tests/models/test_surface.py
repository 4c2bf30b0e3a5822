"""Simulated points only: places in a made-up square of 10 × 10 km."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine

from geo.density import KernelDensity
from geo.errors import CrsError, ModelError
from geo.grid import Grid
from models.hit_rates import hits
from models.surface import SurfaceForecast
from models.surface_terms import ALL_HISTORY, Events, Term, term_chances

WEST, NORTH = 500_000.0, 2_400_000.0
GRID = Grid("EPSG:9205", Affine(1000, 0, WEST, 0, -1000, NORTH), (10, 10))
ALL = np.ones(GRID.shape, dtype=bool)
END = 720.0


def centre(row, col):
    return WEST + 1000 * (col + 0.5), NORTH - 1000 * (row + 0.5)


def events_at(*cells_and_days):
    x, y = zip(*(centre(row, col) for row, col, _ in cells_and_days), strict=True)
    return Events.on(GRID, np.array(x), np.array(y), np.array([day for *_, day in cells_and_days], float))


def term(term, events, date, mask=ALL, **others):
    surface = np.full(GRID.shape, np.nan)
    surface[mask] = term_chances([term], {"": events, **others}, date, GRID, mask)[:, 0]
    return surface


def simulated(seed=0, n=1500, until=END):
    """Events around two centres, and a few everywhere, spread evenly over the days before ``until``."""
    rng = np.random.default_rng(seed)
    places = np.array([centre(2, 2), centre(7, 6)])[rng.integers(0, 2, n)] + rng.normal(0, 900, (n, 2))
    anywhere = rng.random(n) < 0.2
    places[anywhere] = np.column_stack([WEST + rng.uniform(0, 1e4, n), NORTH - rng.uniform(0, 1e4, n)])[anywhere]
    return places[:, 0], places[:, 1], rng.uniform(0, until, n)


def fitted(points=None, *, until=END, mask=None, helpers=None, **parameters):
    x, y, days = simulated() if points is None else points
    model = SurfaceForecast(**{"folds": 6, **parameters})
    return model.fit(x, y, days, GRID, until=until, mask=mask, helpers=helpers)


def test_a_cell_term_is_the_share_of_its_events_faded_by_age():
    events = events_at((0, 0, 0), (0, 0, 10), (3, 4, 20), (9, 9, 30))
    # On day 30, with half-lives of 10 days: 1/8 + 1/4 and 1/2; what happens on day 30 itself is not seen.
    surface = term(Term("cell", half_life_days=10), events, 30)
    np.testing.assert_allclose(surface[[0, 3, 9], [0, 4, 9]], [0.375 / 0.875, 0.5 / 0.875, 0])
    assert term(Term("cell", half_life_days=ALL_HISTORY), events, 30)[0, 0] == pytest.approx(2 / 3)


def test_a_kernel_term_is_the_density_inside_the_area():
    events = events_at((2, 3, 0), (5, 5, 1))
    mask = ALL.copy()
    mask[:, 7:] = False
    density = KernelDensity("gaussian", 1500.0).fit(events.x, events.y, [0.25, 0.5]).to_grid(GRID)[mask]
    surface = term(Term("kernel", "", 1500.0, 1.0), events, 2, mask)
    np.testing.assert_allclose(surface[mask], density / density.sum(), atol=1e-6)


def test_a_shrunk_term_is_the_gamma_poisson_mean_around_the_kernel():
    events = events_at((2, 3, 0), (2, 3, 1), (5, 5, 1))
    smooth = 3 * term(Term("kernel", "", 1500.0, ALL_HISTORY), events, 2)
    own = np.zeros(GRID.shape)
    own[2, 3], own[5, 5] = 2, 1
    # Gamma(shape 2, mean m) and a count y over one unit of exposure: mean (2 + y) / (2 / m + 1).
    by_hand = (2 + own) / (2 / smooth + 1)
    surface = term(Term("shrunk", "", 1500.0, ALL_HISTORY, 2.0), events, 2)
    np.testing.assert_allclose(surface, by_hand / by_hand.sum(), rtol=1e-4)


def test_a_term_without_events_says_everywhere_alike():
    later = events_at((0, 0, 5))
    for kind in ("even", "cell", "kernel", "shrunk"):
        surface = term(Term(kind, "", 1000.0, 10.0, 1.0), later, 5)
        np.testing.assert_allclose(surface, 1 / GRID.shape[0] / GRID.shape[1])


def test_a_cell_holds_its_western_and_northern_side_and_no_event_beyond_the_grid():
    events = Events.on(
        GRID, np.array([WEST, WEST + 1000, WEST - 1, WEST + 10_000]), np.array([NORTH, NORTH - 1000, NORTH, NORTH]),
        np.arange(4.0),
    )  # fmt: skip
    assert events.cell.tolist() == [0, 11, -1, -1]


def test_what_happens_later_does_not_change_the_forecast():
    x, y, days = simulated(until=1000.0)
    whole = fitted((x, y, days)).predict()
    past = days < END
    assert 0 < past.sum() < days.size
    np.testing.assert_array_equal(whole, fitted((x[past], y[past], days[past])).predict())
    moved = np.where(past, x, x[::-1])
    np.testing.assert_array_equal(whole, fitted((moved, y, days)).predict())


def test_later_events_of_a_helping_stream_do_not_change_it_either():
    helper = simulated(seed=1, until=1000.0)
    past = helper[2] < END
    cut = tuple(column[past] for column in helper)
    np.testing.assert_array_equal(fitted(helpers={"other": helper}).predict(), fitted(helpers={"other": cut}).predict())


def test_the_learning_periods_are_the_last_ones_each_with_a_horizon_of_records_before_it():
    model = fitted(folds=4, horizon_days=30)
    np.testing.assert_allclose(model.folds_, [600, 630, 660, 690])
    days = simulated()[2]
    assert model.learned_from_ + model.n_outside_ >= ((days >= 600) & (days < END)).sum() - 1
    assert fitted(folds=99).folds_[0] >= days.min() + 30


def test_weights_and_cells_add_up():
    model = fitted()
    assert model.terms_["weight"].sum() == pytest.approx(1)
    assert (model.terms_["weight"] > 0).all()
    assert model.terms_["weight"].is_monotonic_decreasing
    assert model.predict().sum() == pytest.approx(model.expected_)
    x, y, days = simulated()
    inside = Events.on(GRID, x, y, days).cell >= 0
    assert model.n_outside_ == (~inside).sum()
    # About 1,500 events in 720 days: 62 in 30 days.
    assert model.expected_ == pytest.approx(inside.sum() / END * 30, rel=0.15)


def test_it_foresees_new_events_better_than_the_counts_and_than_chance():
    fine = Grid(GRID.crs, Affine(250, 0, WEST, 0, -250, NORTH), (40, 40))
    happened = Events.on(fine, *simulated(seed=9)).counts(fine).reshape(fine.shape)
    x, y, days = simulated()
    counts = Events.on(fine, x, y, days).counts(fine).reshape(fine.shape)
    surface = SurfaceForecast(folds=12).fit(x, y, days, fine, until=END).predict()

    def log_score(chances):
        return (happened * np.log(chances / chances.sum())).sum() / happened.sum()

    assert log_score(surface) > log_score(counts + 0.5) + 0.1
    assert log_score(surface) > log_score(np.ones(fine.shape)) + 0.5
    assert hits(surface.ravel(), happened.ravel(), None, 0.05) > 1.1 * hits(
        counts.ravel(), happened.ravel(), None, 0.05
    )


def test_a_helping_stream_that_tells_takes_weight_and_one_that_does_not_takes_little():
    own = tuple(column[:400] for column in simulated())
    rng = np.random.default_rng(5)
    noise = WEST + rng.uniform(0, 1e4, 1500), NORTH - rng.uniform(0, 1e4, 1500), rng.uniform(0, END, 1500)

    def share(helper):
        terms = fitted(own, folds=12, prior_events=0.1, helpers={"other": helper}).terms_
        return terms.loc[terms["stream"] == "other", "weight"].sum()

    assert share(simulated(seed=3)) > share(noise) + 0.1


def test_near_repeats_take_weight_where_events_repeat_within_days():
    rng = np.random.default_rng(2)
    parents = np.column_stack([WEST + rng.uniform(0, 1e4, 400), NORTH - rng.uniform(0, 1e4, 400)])
    days = rng.uniform(0, END, 400)
    x, y = np.vstack([parents, parents + rng.normal(0, 100, (400, 2))]).T
    repeating = x, y, np.concatenate([days, days + rng.exponential(10, 400)])
    unrelated = x, y, np.concatenate([days, rng.uniform(0, END, 400)])

    def share(points):
        terms = fitted(points, horizon_days=10, near_repeat_days=(10.0,), folds=30).terms_
        return terms.loc[terms["half_life_days"] == 10, "weight"].sum()

    assert share(repeating) > 2 * share(unrelated)


def test_a_helping_stream_without_events_changes_nothing_but_the_weight_of_even():
    empty = np.array([]), np.array([]), np.array([])
    model = fitted(helpers={"other": empty})
    assert np.isfinite(model.predict()).all()
    assert model.terms_.loc[model.terms_["stream"] == "other", "weight"].sum() < 0.1


def test_a_mask_takes_cells_out():
    mask = ALL.copy()
    mask[:, :5] = False
    surface = fitted(mask=mask).predict()
    assert np.isnan(surface[:, :5]).all()
    assert np.isfinite(surface[:, 5:]).all()
    assert (surface[:, 5:] > 0).all()


def test_dates_and_points_are_taken_as_well_as_numbers():
    x, y, days = simulated()
    dates = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.floor(days), unit="D")
    points = gpd.GeoSeries(gpd.points_from_xy(x, y, crs="EPSG:9205"))
    model = SurfaceForecast(folds=6).fit(
        points, None, dates, GRID, until=pd.Timestamp("2020-01-01") + pd.Timedelta("720D")
    )
    np.testing.assert_allclose(model.predict(), fitted((x, y, np.floor(days))).predict(), rtol=1e-9)


def test_the_order_of_events_does_not_matter():
    x, y, days = simulated()
    turned = fitted((x[::-1], y[::-1], days[::-1])).predict()
    np.testing.assert_allclose(turned, fitted().predict(), rtol=1e-4)


def test_points_of_another_crs_are_refused():
    x, y, days = simulated()
    points = gpd.GeoSeries(gpd.points_from_xy(x, y, crs="EPSG:32648"))
    with pytest.raises(CrsError, match="32648"):
        fitted((points, None, days))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"horizon_days": 0}, "horizon_days"),
        ({"prior_events": 0}, "prior_events"),
        ({"folds": 0}, "folds"),
        ({"bandwidths_m": (100.0, -1.0)}, "bandwidths_m"),
        ({"half_lives_days": ()}, "half_lives_days"),
        ({"near_repeat_days": (np.nan,)}, "near_repeat_days"),
        ({"mask": np.zeros(GRID.shape, dtype=bool)}, "mask"),
        ({"mask": np.ones((3, 3), dtype=bool)}, "mask"),
        ({"until": 0.0}, "no event before"),
        ({"until": 40.0}, "two horizons of 30"),
        ({"until": "2020-01-01"}, "both"),
        ({"points": ([WEST], [NORTH], [1.0, 2.0])}, "1 points but 2 times"),
        ({"points": ([WEST, np.nan], [NORTH, NORTH], [1.0, 2.0])}, "finite"),
        ({"points": ([WEST - 9e4] * 2, [NORTH] * 2, [1.0, 700.0])}, "No event fell into the study area"),
        ({"helpers": {"": simulated()}}, "name"),
    ],
)
def test_what_cannot_be_forecast_is_refused(changes, text):
    with pytest.raises(ModelError, match=text):
        fitted(**changes)
