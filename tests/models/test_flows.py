import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from geo.errors import ModelError
from models.flows import BorderFlows

CODES = [f"{n:05}" for n in range(1, 13)]
SECTORS = [f"LAO-{n:03}" for n in range(1, 9)]


@pytest.fixture
def costs():
    hours = np.random.default_rng(0).uniform(0.5, 12.0, (12, 8))
    return pd.DataFrame(hours, pd.Index(CODES, name="commune_code"), pd.Index(SECTORS, name="sector_id"))


@pytest.fixture
def sectors():
    crossings = [0.0, 1.0, 0.0, 2.0, 0.0, 0.5, 0.0, 1.0]
    return pd.DataFrame({"length_km": 5.0, "crossings": crossings}, index=pd.Index(SECTORS, name="sector_id"))


def risk_of(codes, draws=50, seed=1):
    return pd.DataFrame(np.random.default_rng(seed).gamma(2.0, 1.0, (len(codes), draws)), index=codes)


def simulate_cases(costs, sectors, count, *, scale, pull, outside=0.3, attraction=0.0, rng):
    """Choices drawn from the model, by its formula."""
    weight = (1 + sectors["crossings"].to_numpy()) ** pull * np.exp(attraction) * np.exp(-costs.to_numpy() / scale)
    access = weight.sum(axis=1)
    other = outside / (1 - outside) * np.exp(np.log(access).mean())
    shares = np.column_stack([weight, np.full(len(weight), other)]) / (access + other)[:, None]
    origin = rng.integers(0, len(costs), count)
    sector = [rng.choice(9, p=shares[i]) for i in origin]
    names = np.array([*SECTORS, None], dtype=object)[sector]
    columns = {"case_id": [f"SIM{n}" for n in range(count)], "commune_code": costs.index[origin], "sector_id": names}
    return pd.DataFrame(columns)


def test_parameters_are_found_again_from_simulated_choices(costs, sectors):
    rng = np.random.default_rng(2)
    own = rng.normal(0, 0.5, 8)
    cases = simulate_cases(costs, sectors, 4000, scale=1.8, pull=0.9, outside=0.45, attraction=own, rng=rng)
    table = BorderFlows(outside_recorded=True).fit(costs, cases, sectors=sectors).parameters_
    assert table.loc["scale_hours", "median"] == pytest.approx(1.8, rel=0.1)
    assert table.loc["outside_share", "median"] == pytest.approx(0.45, abs=0.05)
    assert table["moved"].tolist() == [True, True, True]


def test_intervals_of_few_cases_cover_the_truth_nine_times_in_ten(costs, sectors):
    rng, covered = np.random.default_rng(3), []
    for _ in range(30):
        truth = np.array(
            [3.0 * np.exp(0.8 * rng.normal()), rng.normal(1.5, 0.75), 1 / (1 + np.exp(rng.normal(0.847, 1)))]
        )
        cases = simulate_cases(
            costs,
            sectors,
            15,
            scale=truth[0],
            pull=truth[1],
            outside=truth[2],
            attraction=rng.normal(0, 0.5, 8),
            rng=rng,
        )
        table = BorderFlows(outside_recorded=True).fit(costs, cases, sectors=sectors).parameters_
        covered.append((table["lower"].to_numpy() < truth) & (truth < table["upper"].to_numpy()))
    assert 0.85 < np.mean(covered) < 0.96


def test_flows_and_other_ways_add_up_to_the_risk_in_each_draw(costs, sectors):
    risk = risk_of(CODES)
    cases = simulate_cases(costs, sectors, 20, scale=3, pull=1, rng=np.random.default_rng(4)).dropna()
    flows = BorderFlows().fit(costs, cases, sectors=sectors).predict(risk)
    outside = flows.origins["outside"].sum()
    assert flows.sectors["expected"].sum() + outside == pytest.approx(risk.sum().mean(), rel=1e-12)
    assert (flows.draws.sum() < risk.sum()).all()
    np.testing.assert_allclose(flows.draws.mean(axis=1), flows.sectors["expected"], rtol=1e-12)
    by_month = flows.months["expected"].groupby("sector_id").sum()
    np.testing.assert_allclose(by_month, flows.sectors["expected"], rtol=1e-12)
    by_sector = flows.feeders.groupby("sector_id")[["expected", "share"]].sum()
    np.testing.assert_allclose(by_sector["expected"], flows.sectors["expected"], rtol=1e-12)
    np.testing.assert_allclose(by_sector["share"], 1.0, rtol=1e-12)


@settings(max_examples=20)
@given(origin=st.integers(0, 11), sector=st.integers(0, 7), more=st.floats(0.1, 20.0))
def test_a_longer_way_to_a_sector_lowers_its_share_and_raises_the_others(costs, origin, sector, more):
    farther = costs.copy()
    farther.iloc[origin, sector] += more
    risk = risk_of(CODES, draws=5)
    near, far = (BorderFlows().fit(table).predict(risk).feeders for table in (costs, farther))
    before, after = (
        table[table["commune_code"] == CODES[origin]].set_index("sector_id")["expected"].reindex(SECTORS)
        for table in (near, far)
    )
    assert after.iloc[sector] < before.iloc[sector]
    assert (after > before).drop(SECTORS[sector]).all()


def test_without_cases_the_parameters_are_the_prior_and_it_is_said(costs, sectors):
    for cases in (None, pd.DataFrame(columns=["case_id", "commune_code", "sector_id"])):
        model = BorderFlows().fit(costs, cases, sectors=sectors)
        assert model.parameters_["median"].tolist() == pytest.approx([3.0, 1.5, 0.3])
        assert model.parameters_.loc["scale_hours", "upper"] == pytest.approx(3 * np.exp(0.8 * 1.6449), rel=1e-4)
        assert not model.parameters_["moved"].any()
        assert [str(note) for note in model.notes_] == [
            "no case with a known crossing: where people leave is assumed, not learned "
            "(scale 3.0 h, crossing pull 1.5)",
            "the share that leaves by other ways is assumed: 30.0 %",
        ]


def test_cases_at_the_border_do_not_tell_how_many_leave_by_other_ways(costs, sectors):
    cases = simulate_cases(costs, sectors, 300, scale=3, pull=1, outside=0.6, rng=np.random.default_rng(5)).dropna()
    model = BorderFlows().fit(costs, cases, sectors=sectors)
    assert model.parameters_.loc["outside_share", ["median", "moved"]].tolist() == [pytest.approx(0.3), False]
    assert "the share that leaves by other ways is assumed: 30.0 %" in [str(note) for note in model.notes_]


def test_cases_by_other_ways_are_told_where_they_cannot_be_used(costs, sectors):
    cases = simulate_cases(costs, sectors, 40, scale=3, pull=1, rng=np.random.default_rng(6))
    model = BorderFlows().fit(costs, cases, sectors=sectors)
    other = int(cases["sector_id"].isna().sum())
    assert model.cases_ == 40 - other
    assert f"{other} cases left by other ways; they are left out of the fit" in str(model.notes_[0])


def test_a_sector_that_no_way_leads_to_gets_exactly_nothing_and_says_so(costs, sectors):
    costs["LAO-003"] = np.inf
    costs.loc["00002"] = np.inf
    flows = BorderFlows().fit(costs, sectors=sectors).predict(risk_of(CODES))
    assert (flows.draws.loc["LAO-003"] == 0).all()
    assert flows.sectors.loc["LAO-003", ["expected", "lower", "upper"]].tolist() == [0, 0, 0]
    assert list(map(str, flows.sectors.loc["LAO-003", "reasons"])) == [
        "by the travel times no way leads from any commune to this sector"
    ]
    assert flows.origins.loc["00002", ["outside_share", "nearest_hours"]].tolist() == [pytest.approx(1.0), np.inf]
    assert "00002" not in set(flows.feeders["commune_code"])


def test_a_case_at_a_sector_that_no_way_leads_to_is_told_and_left_out(costs):
    costs.loc["00001", "LAO-001"] = np.inf
    cases = pd.DataFrame(
        {"case_id": ["a", "b"], "commune_code": ["00001", "00002"], "sector_id": ["LAO-001", "LAO-001"]}
    )
    model = BorderFlows().fit(costs, cases)
    assert model.cases_ == 1
    assert str(model.notes_[0]).startswith("1 cases crossed where by the travel times no way leads")


def test_one_sector_takes_all_but_what_leaves_by_other_ways(costs):
    one = costs[["LAO-001"]]
    risk = risk_of(CODES)
    flows = BorderFlows().fit(one).predict(risk)
    assert flows.sectors["p_top10"].tolist() == [1.0]
    outside = flows.origins["outside"].sum()
    assert flows.sectors["expected"].iloc[0] == pytest.approx(risk.sum().mean() - outside, rel=1e-12)


def test_without_crossings_length_and_hours_alone_decide():
    costs = pd.DataFrame([[2.0, 2.0]], ["00001"], SECTORS[:2])
    sectors = pd.DataFrame({"length_km": [5.0, 15.0], "crossings": 0.0}, index=SECTORS[:2])
    flows = BorderFlows(sector_spread=1e-6).fit(costs, sectors=sectors).predict(risk_of(["00001"]))
    assert flows.sectors["expected"].iloc[1] / flows.sectors["expected"].iloc[0] == pytest.approx(3.0, rel=1e-4)
    assert flows.sectors["crossing_factor"].tolist() == [1.0, 1.0]
    assert "no crossings are given: length and travel time alone make a sector attractive" in map(str, flows.notes)


def test_crossings_raise_the_flow_and_are_given_as_a_reason(costs, sectors):
    costs[:] = 3.0
    flows = BorderFlows().fit(costs, sectors=sectors).predict(risk_of(CODES, draws=400))
    expected = flows.sectors["expected"]
    assert expected["LAO-004"] > expected["LAO-002"] > expected["LAO-006"] > expected["LAO-001"]
    reasons = flows.sectors.loc["LAO-004", "reasons"]
    assert reasons[1].template == "crossings here: attraction × {factor}"
    assert reasons[1].values["factor"] == pytest.approx(flows.sectors.loc["LAO-004", "crossing_factor"])


def test_known_cases_draw_the_flow_to_their_sector(costs, sectors):
    costs[:] = 3.0
    cases = pd.DataFrame({"case_id": list("abcdef"), "commune_code": CODES[:6], "sector_id": "LAO-005"})
    before, after = (BorderFlows().fit(costs, rows, sectors=sectors) for rows in (None, cases))
    flow = [model.predict(risk_of(CODES, draws=400)).sectors.loc["LAO-005"] for model in (before, after)]
    assert flow[1]["expected"] > 1.5 * flow[0]["expected"]
    assert flow[1]["p_top10"] > flow[0]["p_top10"]
    assert after.attractions_["median"].idxmax() == "LAO-005"
    assert not before.attractions_["moved"].any()


def test_a_sector_closed_in_some_months_has_no_flow_in_them(costs, sectors):
    rainy = costs.copy()
    rainy["LAO-002"] = np.inf
    by_month = {month: rainy if 6 <= month <= 9 else costs for month in range(1, 13)}
    season = pd.Series(np.arange(1.0, 13.0), index=range(1, 13))
    risk = risk_of(CODES)
    flows = BorderFlows().fit(by_month, sectors=sectors).predict(risk, season=season)
    closed = flows.months["expected"].xs("LAO-002")
    assert (closed.loc[6:9] == 0).all()
    assert (closed.drop([6, 7, 8, 9]) > 0).all()
    monthly = flows.months["expected"].groupby("month").sum()
    outside = flows.origins["outside"].sum()
    assert monthly.sum() + outside == pytest.approx(risk.sum().mean(), rel=1e-12)
    assert monthly[12] / monthly[1] == pytest.approx(12.0, rel=1e-12)


def test_cases_count_in_the_season_of_their_month(costs):
    rainy = costs.copy()
    rainy["LAO-002"] = np.inf
    by_month = {month: rainy if 6 <= month <= 9 else costs for month in range(1, 13)}
    cases = pd.DataFrame(
        {"case_id": ["a", "b"], "commune_code": "00001", "sector_id": "LAO-002", "month": [7, 1]},
    )
    model = BorderFlows().fit(by_month, cases)
    assert model.cases_ == 1
    with pytest.raises(ModelError, match="lack the columns month"):
        BorderFlows().fit(by_month, cases.drop(columns="month"))


def test_the_uncertainty_of_the_risk_is_carried_through(costs, sectors):
    sharp = pd.DataFrame(np.full((12, 400), 2.0), index=CODES)
    wide = sharp * np.random.default_rng(8).lognormal(0, 1, 400)
    model = BorderFlows().fit(costs, sectors=sectors)
    narrow, broad = (model.predict(risk).sectors for risk in (sharp, wide))
    assert ((broad["upper"] - broad["lower"]) > (narrow["upper"] - narrow["lower"])).all()


def test_a_commune_without_events_feeds_nothing(costs):
    risk = risk_of(CODES)
    risk.iloc[0] = 0.0
    flows = BorderFlows().fit(costs).predict(risk)
    assert CODES[0] not in set(flows.feeders["commune_code"])
    assert flows.origins.loc[CODES[0], ["expected", "outside"]].tolist() == [0, 0]
    assert 0 < flows.origins.loc[CODES[0], "outside_share"] < 1
    nothing = BorderFlows().fit(costs).predict(0 * risk)
    assert (nothing.sectors["expected"] == 0).all()
    assert str(nothing.sectors["reasons"].iloc[0][0]).startswith("no event is expected")


def test_reasons_name_the_communes_that_feed_most():
    costs = pd.DataFrame([[1.0], [1.0]], ["00001", "00002"], ["LAO-001"])
    risk = pd.DataFrame([[3.0] * 10, [1.0] * 10], index=["00001", "00002"])
    names = pd.Series({"00001": "Mường Xa", "00002": "Nà Tòng"})
    flows = BorderFlows().fit(costs).predict(risk, names=names)
    assert str(flows.sectors["reasons"].iloc[0][0]) == "moved here above all from Mường Xa (75 %), Nà Tòng (25 %)"
    assert flows.feeders["share"].tolist() == pytest.approx([0.75, 0.25])


def test_the_same_seed_gives_the_same_flows_and_the_model_can_be_cloned(costs):
    risk = risk_of(CODES)
    model = BorderFlows(random_state=7)
    one, two = (fresh.fit(costs).predict(risk).draws for fresh in (model, clone(model)))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    other = BorderFlows(random_state=8).fit(costs).predict(risk).draws
    assert (one != other).any(axis=None)


def test_the_order_of_the_risk_does_not_matter(costs):
    risk = risk_of(CODES)
    model = BorderFlows().fit(costs)
    pd.testing.assert_frame_equal(model.predict(risk).draws, model.predict(risk[::-1]).draws, rtol=1e-12)


def test_bad_tables_are_refused_with_the_mend(costs, sectors):
    risk = risk_of(CODES)
    with pytest.raises(ModelError, match="at least one commune and one border sector"):
        BorderFlows().fit(costs[[]])
    with pytest.raises(ModelError, match="0 or more hours"):
        BorderFlows().fit(costs - 20)
    with pytest.raises(ModelError, match="stands twice"):
        BorderFlows().fit(costs[["LAO-001", "LAO-001"]])
    with pytest.raises(ModelError, match="months 1 to 12; got 1 months"):
        BorderFlows().fit({1: costs})
    with pytest.raises(ModelError, match="1 sectors of the travel times are not in the table"):
        BorderFlows().fit(costs, sectors=sectors.drop("LAO-003"))
    with pytest.raises(ModelError, match="a length above 0 km"):
        BorderFlows().fit(costs, sectors=sectors.assign(length_km=0.0))
    with pytest.raises(ModelError, match="between 0 and 1"):
        BorderFlows(outside_share=1.0).fit(costs)
    with pytest.raises(ModelError, match="spreads of the prior"):
        BorderFlows(sector_spread=0.0).fit(costs)
    case = pd.DataFrame({"case_id": ["a"], "commune_code": ["99999"], "sector_id": ["LAO-001"]})
    with pytest.raises(ModelError, match="1 rows of cases name communes or sectors") as refused:
        BorderFlows().fit(costs, case)
    assert "99999" not in str(refused.value)
    with pytest.raises(ModelError, match="one commune and one month"):
        BorderFlows().fit(costs, pd.concat([case.assign(commune_code=code) for code in CODES[:2]]))
    model = BorderFlows().fit(costs)
    with pytest.raises(ModelError, match="lack 1 of the 13 communes"):
        model.predict(risk_of([*CODES, "99999"]))
    with pytest.raises(ModelError, match="0 or more events a year"):
        model.predict(risk - 10)
    with pytest.raises(ModelError, match="a share of 0 or more"):
        model.predict(risk, season=pd.Series([1.0], index=[1]))


def test_cases_that_can_name_crossings_only_do_not_tell_that_ways_lead_over_crossings(costs, sectors):
    """All cases are known at crossings because nothing else can be recorded; κ must not take that for a finding."""
    alike = sectors.assign(crossings=[0.0, 1.0] * 4)
    rng = np.random.default_rng(5)
    cases = simulate_cases(costs, alike, 6000, scale=2.0, pull=0.5, rng=rng)
    recorded = cases[cases["sector_id"].isin(alike.index[alike["crossings"] > 0])]
    blind = BorderFlows().fit(costs, recorded, sectors=alike).parameters_
    told = BorderFlows(crossings_only=True).fit(costs, recorded, sectors=alike)
    assert blind.loc["crossing_pull", "lower"] > 1.2, "the truth is 0.5"
    assert told.parameters_.loc["crossing_pull", "median"] == pytest.approx(1.5, abs=0.2)
    assert not told.parameters_.loc["crossing_pull", "moved"]
    assert told.parameters_.loc["scale_hours", "median"] == pytest.approx(2.0, rel=0.1)
    assert any("how much leaves between the crossings is assumed" in str(note) for note in told.notes_)


def test_cases_of_crossings_only_cannot_tell_of_other_ways(costs, sectors):
    with pytest.raises(ModelError, match="name crossings only"):
        BorderFlows(crossings_only=True, outside_recorded=True).fit(costs, sectors=sectors)
