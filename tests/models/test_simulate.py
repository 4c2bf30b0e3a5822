"""The simulated province: published totals, clean tables, and a bias that was put there."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.stats import spearmanr
from shapely.geometry import LineString, Point, box

from geo.crs import METRIC
from geo.errors import CrsError, ModelError
from geo.schema import BORDER, COMMUNES, CROSSINGS, TABLES
from models import programme, reporting, simulate, worlds
from models.simulate import World, simulate_programme

SIDE, STEP = 9, 0.09
Layers = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def layers() -> Layers:
    """81 square communes of about 93 km²; the western column lies on Laos, the northern row on China."""
    west, south = 102.2, 21.2
    communes = gpd.GeoDataFrame(
        [
            {
                "commune_code": f"{10_000 + SIDE * r + c}",
                "vintage": "2020-01-01",
                "name": f"Xã {r}-{c}",
                "district": f"Huyện {r // 3}",
                "area_km2": 93.0,
                "population": 1000 + 500 * ((7 * r + 3 * c) % 11),
                "women_children": pd.NA,
                "border_km_laos": 10.0 if c == 0 else 0.0,
                "border_km_china": 9.0 if r == SIDE - 1 else 0.0,
                "geometry_quality": "approximate",
                "geometry": box(west + STEP * c, south + STEP * r, west + STEP * (c + 1), south + STEP * (r + 1)),
            }
            for r in range(SIDE)
            for c in range(SIDE)
        ],
        crs=4326,
    ).astype({"population": "Int64", "women_children": "Int64"})
    sectors = gpd.GeoDataFrame(
        [
            {
                "sector_id": f"LAO-{r:02d}",
                "neighbour": "LAO",
                "length_km": 10.0,
                "geometry_quality": "approximate",
                "geometry": LineString([(west, south + STEP * r), (west, south + STEP * (r + 1))]),
            }
            for r in range(SIDE)
        ],
        crs=4326,
    )
    crossings = gpd.GeoDataFrame(
        {
            "crossing_id": ["X1", "X2"],
            "name": ["Lối A", "Lối B"],
            "kind": ["trail", "opening"],
            "neighbour": ["LAO", "LAO"],
            "commune_code": ["10000", "10018"],
            "position_quality": ["unknown", "demo"],
        },
        geometry=[None, Point(west, south + 2.5 * STEP)],
        crs=4326,
    )
    return COMMUNES.validate(communes), BORDER.validate(sectors), CROSSINGS.validate(crossings)


@pytest.fixture(scope="module")
def world(layers: Layers) -> World:
    return simulate_programme(*layers, random_state=1)


def in_2017(rows: pd.DataFrame, day: str = "date") -> pd.DataFrame:
    return rows[rows[day].dt.year == 2017]


def assert_published_totals(world: World) -> None:
    """The table "The programme of 2017, as published by the province"."""
    outreach = in_2017(world.tables["outreach"]).groupby("agency")[["sessions", "attendees"]].sum()
    assert outreach.loc["police"].tolist() == [94, 17_400]
    assert outreach.loc["labour"].tolist() == [276, 25_000]
    assert outreach.loc["border_guard"].tolist() == [135, 6_200]
    services = world.tables["services"]
    assert services["since"].max() <= pd.Timestamp("2017-12-31")
    assert services["until"].isna().all()
    assert services["kind"].value_counts().to_dict() == {
        "mailbox": 28,
        "legal_club": 110,
        "womens_club": 1123,
    }
    assert services["subkind"].value_counts().to_dict() == {
        "legal_aid": 84,
        "women_and_law": 14,
        "farmers_youth": 12,
        "club": 591,
        "member_group": 353,
        "drug_relapse": 179,
    }
    cases = in_2017(world.tables["cases"])
    assert (len(cases), cases["offenders"].sum(), cases["victims"].sum()) == (15, 32, 16)
    absences = world.tables["absences"]
    assert 290 <= len(absences) < 300
    assert set(absences["sex"]) == {"female"}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_2017_adds_up_to_the_published_programme(layers: Layers, seed: int) -> None:
    assert_published_totals(simulate_programme(*layers, random_state=seed))


def test_tables_are_clean_and_say_that_they_are_simulated(world: World) -> None:
    assert set(world.tables) == set(TABLES)
    for name, rows in world.tables.items():
        schema = TABLES[name]
        schema.validate(rows)
        assert list(rows.columns) == list(schema.columns)
        identifier = next(column for column, rule in schema.columns.items() if rule.unique)
        assert rows[identifier].str.startswith("SIM-").all()
    assert set(world.truth["data_kind"]) == {"simulated"}


def test_rows_stay_within_the_five_years(world: World) -> None:
    for table, day in (
        ("cases", "date"),
        ("outreach", "date"),
        ("patrols", "date"),
        ("absences", "reported_on"),
    ):
        years = world.tables[table][day].dt.year
        assert sorted(set(years)) == [2013, 2014, 2015, 2016, 2017], table
    absences, services = world.tables["absences"], world.tables["services"]
    assert (absences["absent_since"] <= absences["reported_on"]).all()
    outreach = world.tables["outreach"]
    for rows, day, amount in ((outreach, "date", outreach["sessions"]), (services, "since", 1)):
        by_year = rows.assign(amount=amount).groupby(rows[day].dt.year)["amount"].sum()
        assert (by_year > 0).all()
    assert outreach.groupby(outreach["date"].dt.year)["sessions"].sum().is_monotonic_increasing
    assert (outreach["attendees"] >= outreach["sessions"]).all()


def test_border_guard_sessions_and_posts_are_only_on_the_border(layers: Layers, world: World) -> None:
    communes, _, _ = layers
    border = communes[communes[["border_km_laos", "border_km_china"]].sum(axis=1) > 0]
    outreach, cases, posts = (world.tables[name] for name in ("outreach", "cases", "posts"))
    held = outreach[outreach["agency"] == "border_guard"]
    assert held["commune_code"].isin(border["commune_code"]).all()
    assert not outreach["commune_code"].isin(border["commune_code"]).all()
    points = gpd.GeoSeries.from_xy(posts["lon"], posts["lat"], crs=4326)
    assert points.within(border.union_all()).all()
    guards = cases[(cases["source"] == "border_guard") & (cases["precision"] == "commune")]
    assert guards["commune_code"].isin(border["commune_code"]).all()


def test_cases_are_placed_as_precisely_as_they_say(layers: Layers) -> None:
    communes = layers[0]
    cases = pd.concat(simulate_programme(*layers, random_state=seed).tables["cases"] for seed in range(3))
    point, commune, district = (cases[cases["precision"] == p] for p in ("point", "commune", "district"))
    assert len(commune) > 3 * len(point) > 3 * len(district) > 0
    assert point["commune_code"].isna().all()
    assert gpd.GeoSeries.from_xy(point["lon"], point["lat"], crs=4326).within(communes.union_all()).all()
    named = communes.set_index("commune_code")[["name", "district"]].loc[commune["commune_code"]]
    assert named["name"].tolist() == commune["commune"].tolist()
    assert named["district"].tolist() == commune["district"].tolist()
    assert commune["lon"].isna().all()
    assert district[["commune_code", "commune", "lon", "lat"]].isna().all(axis=None)
    assert district["district"].isin(communes["district"]).all()
    assert 0 < cases["crossing_id"].notna().sum() < len(cases)
    assert set(cases["crossing_id"].dropna()) <= {"X1", "X2"}


def test_same_seed_same_world_another_seed_another(layers: Layers, world: World) -> None:
    again, other = (simulate_programme(*layers, random_state=seed) for seed in (1, 2))
    assert_frame_equal(world.truth, again.truth)
    for name, rows in world.tables.items():
        assert_frame_equal(rows, again.tables[name])
        assert not rows.equals(other.tables[name])
    assert not np.allclose(world.truth["true_rate"], other.truth["true_rate"])


def test_the_truth_is_a_rate_per_person_year(layers: Layers, world: World) -> None:
    truth = world.truth
    assert truth["commune_code"].tolist() == layers[0]["commune_code"].tolist()
    assert truth["true_expected"].sum() == pytest.approx(simulate.OPTIONS.events)
    people = layers[0]["population"].to_numpy(dtype=float)
    np.testing.assert_allclose(truth["true_rate"] * people, truth["true_expected"])


def test_the_random_field_has_its_variogram(layers: Layers) -> None:
    """Of log rates, E(z_i − z_j)² / 2 = noise variance + field variance · (1 − exp(−distance / reach))."""
    units = programme.describe_units(layers[0], layers[1], METRIC).assign(border=False, remote_km=0.0)
    rng = np.random.default_rng(0)
    z = np.log([worlds.true_rates(units, worlds.Options(), rng)[:, 0] for _ in range(1500)])
    for other in (1, 4, 8):
        d = np.hypot(*(units[["x", "y"]].iloc[other] - units[["x", "y"]].iloc[0]))
        expected = worlds.NOISE_SD**2 + worlds.FIELD_SD**2 * (1 - np.exp(-d / worlds.FIELD_REACH_M))
        # A variance of 1500 normal differences has a relative standard error of sqrt(2 / 1500) = 3.7 %.
        assert np.mean((z[:, 0] - z[:, other]) ** 2) / 2 == pytest.approx(expected, rel=0.15)


def test_true_events_follow_the_truth_in_the_long_run(world: World) -> None:
    expected = np.outer(worlds.calendar(5), world.truth["true_expected"] / 12)
    events = simulate.true_events(np.tile(expected, (200, 1)), np.random.default_rng(0))
    counts = np.bincount(events["unit"], minlength=len(world.truth))
    assert spearmanr(counts, world.truth["true_expected"]).statistic > 0.99
    assert counts.sum() == pytest.approx(1000 * simulate.OPTIONS.events, rel=0.02)
    assert events["month"].max() == 200 * 60 - 1


def test_effort_has_mean_one_and_is_forgotten(layers: Layers, world: World, monkeypatch) -> None:
    units = programme.describe_units(layers[0], layers[1], METRIC)
    assert reporting.effort(units, world.tables, METRIC).mean() == pytest.approx(1.0)
    monkeypatch.setattr(reporting, "EFFORT_WEIGHTS", dict.fromkeys(reporting.EFFORT_WEIGHTS, 0.0) | {"outreach": 1.0})
    one = world.tables["outreach"].head(1).assign(commune_code="10005", date=pd.Timestamp("2014-03-09"))
    effort = reporting.effort(units, world.tables | {"outreach": one}, METRIC)
    assert (effort[:14] == 0).all()
    assert (effort[:, [u for u in range(81) if u != 5]] == 0).all()
    assert effort[14 + 6, 5] / effort[14, 5] == pytest.approx(0.5)  # March 2014 is month 14; half-life six months


def test_noticing_is_bernoulli_given_the_total() -> None:
    """Of three events one is recorded, a fourth is free: compare with the probabilities by enumeration.

    With q = exp(−c), one is expected of attentions 1, 1, 2 where 3 − 2q − q² = 1: q = √3 − 1. Given one,
    the chances are as the odds 1/q − 1, 1/q − 1, 1/q² − 1.
    """
    attention, counted = np.array([1.0, 1.0, 2.0, 1.0]), np.array([True, True, True, False])
    rng = np.random.default_rng(0)
    draws = np.array([reporting.noticed(attention, counted, 1, rng) for _ in range(8000)])
    assert (draws[:, counted].sum(axis=1) == 1).all()
    q = np.sqrt(3) - 1
    odds = np.array([1 / q - 1, 1 / q - 1, 1 / q**2 - 1])
    np.testing.assert_allclose(draws.mean(axis=0), [*(odds / odds.sum()), 1 - q], atol=0.02)


def recorded_where_looked(layers: Layers) -> float:
    """Cases per true event where sessions per inhabitant are many, relative to where they are few."""
    recorded, true = np.zeros(2), np.zeros(2)
    for seed in range(8):
        world = simulate_programme(*layers, random_state=seed)
        people = layers[0].set_index("commune_code")["population"].astype(float)
        outreach, cases = world.tables["outreach"], world.tables["cases"]
        sessions = outreach.groupby("commune_code")["sessions"].sum().reindex(people.index, fill_value=0)
        looked = (sessions.astype(float) / people).rank(pct=True) > 0.5
        cases_of = cases.groupby("commune_code").size().reindex(people.index, fill_value=0)
        expected = world.truth.set_index("commune_code")["true_expected"]
        for side, here in enumerate((~looked, looked)):
            recorded[side] += cases_of[here].sum()
            true[side] += expected[here].sum()
    share = recorded / true
    return float(share[1] / share[0])


def test_records_show_where_somebody_looked(layers: Layers, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recorded_where_looked(layers) > 1.5
    # The control: with the same noticing everywhere the records are as the truth is.
    monkeypatch.setattr(reporting, "CASE_FLOOR", 1e6)
    assert recorded_where_looked(layers) == pytest.approx(1.0, abs=0.25)


def test_outreach_does_not_know_the_truth(layers: Layers, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setattr(worlds, "FIELD_SD", 2.0)
    other = simulate_programme(*layers, random_state=1)
    assert not np.allclose(world.truth["true_rate"], other.truth["true_rate"])
    for name in ("outreach", "services", "posts", "patrols"):
        assert_frame_equal(world.tables[name], other.tables[name])


def test_patrols_gather_near_crossings(layers: Layers, world: World) -> None:
    hours = world.tables["patrols"].groupby("sector_id")["hours"].sum()
    # X1 has no position and stands in the centre of the first commune, X2 lies on the third sector.
    assert hours.idxmax() == "LAO-02"
    assert hours["LAO-00"] > 3 * hours["LAO-08"]


def test_no_crossings_is_allowed(layers: Layers) -> None:
    communes, sectors, crossings = layers
    world = simulate_programme(communes, sectors, crossings.iloc[:0], random_state=1)
    assert world.tables["cases"]["crossing_id"].isna().all()
    assert_published_totals(world)


def test_layers_that_cannot_be_simulated(layers: Layers) -> None:
    communes, sectors, crossings = layers
    with pytest.raises(ModelError, match="border"):
        simulate_programme(communes.assign(border_km_laos=0.0, border_km_china=np.nan), sectors, crossings)
    with pytest.raises(CrsError, match="not in metres"):
        simulate_programme(communes, sectors, crossings, crs="EPSG:4326")


def test_where_kilometres_are_unknown_the_sectors_tell_the_border(layers: Layers) -> None:
    communes, sectors, _ = layers
    unknown = communes.assign(border_km_laos=np.nan, border_km_china=np.nan)
    border = programme.describe_units(unknown, sectors, METRIC)["border"]
    assert border.tolist() == (communes["border_km_laos"] > 0).tolist()  # no sector of the fixture faces China


def test_the_demo_on_the_built_in_layers() -> None:
    from geo import boundaries
    from geo.border import cut_sectors

    communes = boundaries.communes("2020-01-01")
    sectors = cut_sectors(boundaries.border_line(), METRIC, geometry_quality="approximate")
    world = simulate_programme(communes, sectors, boundaries.crossings("2020-01-01"))
    assert_published_totals(world)
    assert len(world.truth) == 129
    border = programme.describe_units(communes, sectors, METRIC).set_index("commune_code")["border"]
    touches = communes.set_index("commune_code")[["border_km_laos", "border_km_china"]].sum(axis=1) > 0
    assert (border == touches).all()
    outreach = world.tables["outreach"]
    assert border[outreach.loc[outreach["agency"] == "border_guard", "commune_code"]].all()
