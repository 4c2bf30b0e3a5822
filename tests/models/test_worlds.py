import numpy as np
import pytest
from scipy import stats

from geo import boundaries
from geo.border import cut_sectors
from geo.errors import ModelError
from models.programme import describe_units
from models.worlds import CURVES, POLICIES, RISKS, Options, explained, noticed, simulate_world, true_rates

CRS = "EPSG:9205"


@pytest.fixture(scope="module")
def units():
    sectors = cut_sectors(boundaries.border_line(), CRS, geometry_quality="approximate")
    return describe_units(boundaries.communes("2020-01-01"), sectors, CRS)


def test_the_expected_totals_are_what_was_asked_for(units):
    worlds = [simulate_world(units, random_state=seed) for seed in range(8)]
    assert np.mean([world.events.sum() for world in worlds]) == pytest.approx(500, rel=0.05)
    for name, total in (("cases", 15), ("absences", 60)):
        first = [world.panel.loc[world.panel["month"].dt.year == 2013, name].sum() for world in worlds]
        assert np.mean(first) == pytest.approx(total, abs=3 * np.sqrt(total / 8))
    for world in worlds:
        assert world.truth["true_expected"].sum() == pytest.approx(100)
        assert set(world.truth["data_kind"]) == {"simulated"}


def test_a_record_is_an_event_that_happened(units):
    world = simulate_world(units, random_state=3)
    for name in ("cases", "absences"):
        assert (world.panel[name].to_numpy(dtype=int) <= world.events.ravel()).all()


def test_the_same_seed_gives_the_same_world_and_policies_share_their_risk(units):
    one, again = (simulate_world(units, random_state=4) for _ in range(2))
    assert one.panel.equals(again.panel)
    fair = simulate_world(units, Options(policy="fair"), random_state=4)
    np.testing.assert_array_equal(one.events, fair.events)
    assert not one.panel["sessions"].equals(fair.panel["sessions"])


@pytest.mark.parametrize("policy", POLICIES)
def test_sessions_go_where_the_policy_sends_them(units, policy):
    panel = simulate_world(units, Options(policy=policy), random_state=1).panel
    last = panel[panel["month"].dt.year == 2017].groupby("commune_code", sort=False)["sessions"].sum()
    before = panel[panel["month"].dt.year < 2017].groupby("commune_code", sort=False)[["cases", "absences"]].sum()
    people = units["population"].to_numpy(dtype=float)
    assert last.sum() == 12 * (505 // 12)
    with_people = stats.spearmanr(last, people)[0]
    with_records = stats.spearmanr(last, before.sum(axis=1))[0]
    at_border = last[units["border"].to_numpy()].sum() / last.sum()
    share = people[units["border"].to_numpy()].sum() / people.sum()
    if policy == "fair":
        assert with_people > 0.7
    if policy == "chasing":
        assert with_records > 0.8
    if policy == "expected":
        assert at_border > 1.5 * share
    if policy == "random":
        assert abs(with_people) < 0.3


def test_independent_risk_is_not_like_that_of_its_neighbours(units):
    def likeness(risk):
        near = []
        places = units[["x", "y"]].to_numpy()
        apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + np.eye(len(units)) * 1e9
        for seed in range(10):
            rate = np.log(true_rates(units, Options(risk=risk), np.random.default_rng(seed))[:, 0]) - explained(units)
            near.append(np.corrcoef(rate, rate[apart.argmin(axis=1)])[0, 1])
        return np.mean(near)

    assert likeness("spatial") > 0.5
    assert abs(likeness("independent")) < 0.15


def test_outliers_stand_out_and_drifting_risk_drifts(units):
    def rates(risk):
        return np.log(true_rates(units, Options(risk=risk), np.random.default_rng(0)))

    plain, outliers, drifting = rates("spatial"), rates("outliers"), rates("drifting")
    raised = (outliers - plain)[:, 0]
    assert (raised > raised.mean() + 1).sum() == round(0.05 * len(units))
    np.testing.assert_allclose(plain[:, 0] - plain[:, -1], 0, atol=1e-12)
    assert (drifting[:, 1] - drifting[:, 0]).std() == pytest.approx(0.3, abs=0.06)


def test_missing_months_are_missing_and_no_zeros(units):
    panel = simulate_world(units, Options(missing=0.3), random_state=0).panel
    assert panel["cases"].isna().mean() == pytest.approx(0.3, abs=0.03)
    assert panel["cases"].isna().equals(panel["absences"].isna())


def test_noticing_grows_with_attention_by_either_curve():
    attention = np.array([0.0, 0.5, 1.0, 4.0])
    np.testing.assert_allclose(noticed(attention), [0, 1 - np.exp(-0.5), 1 - np.exp(-1), 1 - np.exp(-4)])
    np.testing.assert_allclose(noticed(attention, "threshold"), [0, 0.2, 0.5, 16 / 17])


def test_a_plan_sends_sessions_from_the_second_year_on_and_sees_only_the_past(units):
    seen = []

    def first_commune_only(panel):
        seen.append(panel["month"].max().year)
        return np.eye(len(units))[0]

    world = simulate_world(units, Options(years=3), plan=first_commune_only, random_state=2)
    assert seen == [2013, 2014]
    later = world.panel[world.panel["month"].dt.year > 2013].groupby("commune_code", sort=False)["sessions"].sum()
    assert later.iloc[0] == later.sum() == 24 * (505 // 12)
    usual = simulate_world(units, Options(years=3), random_state=2)
    np.testing.assert_array_equal(world.events, usual.events)


@pytest.mark.parametrize(("name", "known"), [("risk", RISKS), ("policy", POLICIES), ("curve", CURVES)])
def test_an_unknown_option_is_named(units, name, known):
    with pytest.raises(ModelError, match=f"The {name} must be one of {', '.join(known)}"):
        simulate_world(units, Options(**{name: "other"}))
