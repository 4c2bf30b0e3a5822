import numpy as np
import pandas as pd
import pytest

from geo.adjacency import touching
from geo.crs import METRIC
from models.ranking import rank_of, rank_outreach
from models.risk import PER, RiskModel
from tests.conftest import NEW

YEARS = 2
MONTHS = pd.period_range("2016-01", periods=12 * YEARS, freq="M")
PEOPLE = [1000, 2000, 3000, 4000]


def panel(by_commune):
    """Return a panel with the given numbers of cases, spread over the months, as many absences, and sessions."""
    index = pd.MultiIndex.from_product([NEW, MONTHS], names=["commune_code", "month"])
    month = np.tile(np.arange(len(MONTHS)), 4)
    cases = (month < np.repeat(by_commune, len(MONTHS))).astype("int64")
    columns = {"cases": cases, "absences": cases, "victims": cases, "sessions": 1, "services": 2,
               "population": np.repeat(PEOPLE, len(MONTHS)), "outreach": np.repeat([0.1, 1.0, 1.0, 2.0], len(MONTHS)),
               "far": np.repeat([0.0, 1.0, 2.0, 4.0], len(MONTHS))}  # fmt: skip
    return pd.DataFrame(columns, index=index)


def totals(table):
    grouped = table.groupby(level="commune_code")
    return grouped[["cases", "absences", "victims", "sessions"]].sum().join(grouped[["services", "population"]].first())


def fitted(communes, table, **parameters):
    model = RiskModel(effort=["outreach"], covariates=["far"], draws=200)
    return model.set_params(**parameters).fit(table, touching(communes, METRIC))


@pytest.fixture(scope="module")
def ranked(request):
    from tests.conftest import commune_layer, square

    communes = commune_layer([square(0, 0), square(1, 0), square(0, 1), square(1, 1)])
    table = panel([8, 0, 2, 3])
    model = fitted(communes, table)
    return communes, table, model, rank_outreach(communes, totals(table), YEARS, model)


def test_numbers_are_those_of_the_model_and_ranks_follow_what_is_expected(ranked):
    _, _, model, table = ranked
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table["expected"].is_monotonic_decreasing
    same = ["expected", "lower", "upper", "rate", "p_top10", "detection", "own_weight", "weak_data"]
    pd.testing.assert_frame_equal(
        table.set_index("commune_code")[same], model.predict().loc[table["commune_code"], same], check_names=False
    )


def test_counts_stand_beside(ranked):
    row = ranked[3].set_index("commune_code").loc["00001"]
    assert (row["cases"], row["absences"], row["sessions"], row["services"]) == (8, 8, 24, 2)
    assert row["recorded_rate"] == pytest.approx(PER * 16 / 1000 / YEARS)
    assert row["sessions_per_1000"] == 24


def test_the_band_is_shown_only_where_the_records_do_not_tell_what_effort_notices(ranked):
    communes, counted, model, table = ranked
    assert "effort not identified" in model.flags_  # thirteen cases in four communes tell little
    assert (table["band_lower"] <= table["expected"]).all()
    blind = fitted(communes, counted, effort=())
    assert rank_outreach(communes, totals(counted), YEARS, blind)[["band_lower", "band_upper"]].isna().all(axis=None)


def test_reasons_are_the_parts_of_the_model(ranked):
    _, _, model, table = ranked
    said = {row.commune_code: [str(message) for message in row.reasons] for row in table.itertuples()}
    assert said["00001"][0] == "8 cases and 8 suspected absences in 2 years"
    assert said["00002"][0] == "nothing recorded in 2 years: silence is not safety"
    less = round(100 * (1 - np.exp(-model.contributions().loc["00001", "effort"])))
    assert said["00001"][1] == f"{less} % less is noticed here than even effort would notice"


def test_a_commune_without_people_gives_no_infinite_rate(communes):
    table = panel([1, 0, 2, 0])
    table["population"] = np.repeat([0, 2000, 3000, 4000], len(MONTHS))
    result = rank_outreach(communes, totals(table), YEARS, fitted(communes, table, effort=()))
    assert np.isfinite(result.drop(columns=["band_lower", "band_upper"]).select_dtypes("number")).all(axis=None)


def test_ties_share_the_best_rank_whatever_the_rounding():
    assert rank_of(pd.Series([0.3, 0.1 + 0.2, 0.5, 0.1])).tolist() == [2, 2, 1, 4]
    assert rank_of(pd.Series([0.0, 0.0])).tolist() == [1, 1]
