import numpy as np
import pandas as pd
import pytest

from models.flows import BorderFlows
from models.sector_ranking import rank_sectors

SECTORS = pd.DataFrame(
    {
        "sector_id": ["LAO-001", "LAO-002", "LAO-003"],
        "neighbour": "LAO",
        "length_km": 5.0,
        "commune_code": ["00001", "00001", "00002"],
    }
)
NAMES = pd.Series({"00001": "Nà Tòng", "00002": "Na Tông"})


def flows(hours, risk=(4.0, 2.0)):
    columns = pd.Index(SECTORS["sector_id"])
    costs = pd.DataFrame(hours, pd.Index(["00001", "00002"], name="commune_code"), columns)
    draws = pd.DataFrame(np.outer(risk, np.linspace(0.5, 1.5, 200)), costs.index)
    table = pd.DataFrame({"length_km": 5.0, "crossings": [0.0, 1.0, 0.0]}, index=columns)
    return BorderFlows().fit(costs, sectors=table).predict(draws, season=pd.Series(1.0, index=range(1, 13)))


@pytest.fixture
def found():
    return flows([[1.0, 2.0, 9.0], [8.0, 6.0, 1.0]])


def test_sectors_stand_in_the_order_of_their_flow_with_its_interval(found):
    ranking = rank_sectors(SECTORS, found, NAMES).set_index("sector_id")
    assert ranking["rank"].tolist() == [1, 2, 3]
    assert ranking["expected"].is_monotonic_decreasing
    pd.testing.assert_frame_equal(ranking[["expected", "lower", "upper"]].sort_index(),
                                  found.sectors[["expected", "lower", "upper"]])  # fmt: skip
    assert ranking["score"].sum() == pytest.approx(1)
    assert ranking.loc["LAO-002", "score"] == pytest.approx(
        found.sectors.loc["LAO-002", "expected"] / found.sectors["expected"].sum()
    )


def test_feeders_are_named_from_the_one_that_gives_most_down(found):
    feeders = rank_sectors(SECTORS, found, NAMES).set_index("sector_id")["feeders"]
    assert feeders.to_dict() == {
        "LAO-001": "Nà Tòng, Na Tông", "LAO-002": "Nà Tòng, Na Tông", "LAO-003": "Na Tông, Nà Tòng"
    }  # fmt: skip


def test_patrol_hours_are_shown_and_do_not_count(found):
    watched = rank_sectors(SECTORS, found, NAMES, pd.Series({"LAO-002": 12.5, "LAO-009": 3.0}))
    without = rank_sectors(SECTORS, found, NAMES)
    assert watched.set_index("sector_id")["patrol_hours"].to_dict() == {"LAO-001": 0.0, "LAO-002": 12.5, "LAO-003": 0.0}
    assert without["patrol_hours"].isna().all()
    assert watched["score"].equals(without["score"])
    reasons = watched.set_index("sector_id")["reasons"]["LAO-002"]
    assert str(reasons[-1]) == "13 patrol hours in the last 12 months"


def test_a_border_that_nobody_crosses_has_no_shares_and_one_rank():
    ranking = rank_sectors(SECTORS, flows([[1.0, 2.0, 9.0], [8.0, 6.0, 1.0]], risk=(0.0, 0.0)), NAMES)
    assert (ranking["score"] == 0).all()
    assert (ranking["rank"] == 1).all()
    assert (ranking["feeders"] == "").all()
