import numpy as np
import pandas as pd
import pytest

from models.effort_audit import coverage, exploration, feedback, least_known

UNITS, YEARS = 60, 5


def rng():
    return np.random.default_rng(0)


def histories(follows, seed=1):
    """Return effort, records and risk: effort moves each year after the records or the risk."""
    draws = np.random.default_rng(seed)
    risk = draws.lognormal(0.0, 0.5, UNITS)
    records = draws.poisson(2.0, (UNITS, YEARS)).astype(float)
    effort = np.full((UNITS, YEARS), 10.0)
    for year in range(1, YEARS):
        moved = records[:, year - 1] if follows == "records" else risk
        effort[:, year] = effort[:, year - 1] + moved + 0.1 * draws.normal(size=UNITS)
    return effort, records, risk


@pytest.mark.parametrize(("follows", "verdict"), [("records", "chases"), ("risk", "follows")])
def test_what_effort_runs_after_is_named(follows, verdict):
    found = feedback(*histories(follows), rng())
    assert found.verdict == verdict
    assert found.apart.value == pytest.approx(found.by_records.value - found.by_risk.value)


def test_effort_that_never_changes_is_said_to_follow_nothing():
    effort, records, risk = histories("records")
    assert feedback(np.ones_like(effort), records, risk, rng()).verdict == "not told apart"


def test_one_year_is_too_short():
    effort, records, risk = histories("records")
    found = feedback(effort[:, :1], records[:, :1], risk, rng())
    assert found.verdict == "too short"
    assert found.top.value == pytest.approx(10 / UNITS)


def test_the_top_ten_have_their_share():
    effort = np.ones((UNITS, 1))
    effort[:10] = 5.0
    found = feedback(effort, np.zeros((UNITS, 1)), np.ones(UNITS), rng())
    assert found.top.value == pytest.approx(50 / 100)
    assert found.top.lower < 0.5 <= found.top.upper
    assert found.top_of_risk == pytest.approx(10 / UNITS)


def test_least_known_are_those_of_the_greatest_variance_over_mean():
    draws = rng().gamma(4.0, 1.0, (8, 4000))
    draws[[2, 5]] = rng().gamma(0.5, 8.0, (2, 4000))
    assert np.flatnonzero(least_known(draws)).tolist() == [2, 5]


def test_exploration_is_the_share_of_effort_that_goes_there():
    draws = rng().gamma(4.0, 1.0, (8, 4000))
    draws[[2, 5]] = rng().gamma(0.5, 8.0, (2, 4000))
    effort = np.array([1.0, 1, 0, 1, 1, 2, 1, 1])
    found = exploration(effort, np.arange(1.0, 9.0), draws, rng())
    assert found.effort.value == pytest.approx(2 / 8)
    assert (found.people, found.units, found.without) == (pytest.approx((3 + 6) / 36), 2, 1)


def test_coverage_tells_whom_nobody_visited():
    months = pd.period_range("2017-01", periods=3, freq="M")
    sessions = pd.DataFrame([[0, 2, 0], [0, 0, 0], [0, 0, 0]], index=["a", "b", "c"], columns=months)
    placed = pd.DataFrame({"commune_code": ["a", "a"], "agency": ["police", "labour"]})
    table = coverage(sessions, placed, pd.Series({"b": 5.0}))
    assert table.loc["a", ["sessions", "months", "last", "agencies"]].tolist() == [2, 1, "2017-02", 2]
    assert table["never"].tolist() == [False, False, True]
    assert coverage(sessions, placed.head(0), None)["never"].tolist() == [False, True, True]
