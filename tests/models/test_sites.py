from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from geo.errors import PlanError
from models import sites as sites_module
from models.sites import choose_sites, draw_sites


def province(n=20, seed=1):
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 100, (n, 2))
    codes = [f"{k:05}" for k in range(1, n + 1)]
    communes = pd.DataFrame(
        {"commune_code": codes, "people": rng.integers(1000, 9000, n), "risk": rng.gamma(1.0, 1.0, n)}
    )
    return communes, pd.DataFrame(cdist(places, places), index=codes, columns=codes)


def by_hand(communes, travel, chosen, within):
    way = travel[list(chosen)].min(axis=1).to_numpy()
    risk = communes["risk"].to_numpy()
    inside = way <= within
    return (risk @ way) / risk.sum(), communes["people"].to_numpy()[inside].sum(), risk[inside].sum()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_best_and_the_near_are_those_of_all_sets(count):
    communes, travel = province()
    choice = choose_sites(communes, travel, count, within=25.0)
    scores = {chosen: by_hand(communes, travel, chosen, 25.0) for chosen in combinations(travel.columns, count)}
    for place, goal in enumerate(("travel", "people", "risk")):
        values = np.array([score[place] for score in scores.values()])
        best = values.min() if goal == "travel" else values.max()
        near = {chosen for chosen, score in scores.items() if abs(score[place] - best) <= 0.01 * best}
        found = choice.near[choice.near["goal"] == goal]
        assert set(found["sites"]) == near
        assert found["value"].iloc[0] == pytest.approx(best)
        second = choice.runners_up.set_index("goal").loc[goal]
        behind = np.sort(np.abs(values - best))
        assert abs(second["value"] - best) == pytest.approx(behind[behind > 1e-9][0])


def test_the_shortlist_is_what_no_other_set_beats():
    communes, travel = province(14, seed=3)
    choice = choose_sites(communes, travel, 2, within=30.0)
    scores = {
        chosen: np.array(by_hand(communes, travel, chosen, 30.0)) * [-1, 1, 1]
        for chosen in combinations(travel.columns, 2)
    }
    unbeaten = {
        chosen
        for chosen, score in scores.items()
        if not any((other >= score - 1e-9).all() and (other > score + 1e-9).any() for other in scores.values())
    }
    assert set(choice.shortlist["sites"]) == unbeaten
    assert choice.shortlist["risk"].is_monotonic_decreasing
    top = choice.shortlist.iloc[0]
    assert top["risk_share"] == pytest.approx(top["risk"] / communes["risk"].sum())
    assert "risk" in top["best_in"]
    assert any("no other choice reaches more risk" in str(reason) for reason in top["reasons"])


def test_integer_programming_finds_the_same_as_all_sets(monkeypatch):
    communes, travel = province(16, seed=5)
    travel.iloc[3, 4:] = np.inf
    whole = choose_sites(communes, travel, 3, within=25.0)
    monkeypatch.setattr(sites_module, "WHOLE", 0)
    searched = choose_sites(communes, travel, 3, within=25.0)
    assert whole.exhaustive
    assert not searched.exhaustive
    for goal in ("travel", "people", "risk"):
        first, second = (table.near[table.near["goal"] == goal]["value"].iloc[0] for table in (whole, searched))
        assert first == pytest.approx(second)
        runners = [table.runners_up.set_index("goal")["value"] for table in (whole, searched)]
        assert runners[0][goal] == pytest.approx(runners[1][goal])


def test_ties_share_a_rank_and_are_all_listed():
    codes = ["00001", "00002", "00003", "00004"]
    line = np.array([[0.0], [1.0], [10.0], [11.0]])
    communes = pd.DataFrame({"commune_code": codes, "people": 100, "risk": 1.0})
    choice = choose_sites(communes, pd.DataFrame(cdist(line, line), codes, codes), 2, within=1.0)
    travel = choice.near[choice.near["goal"] == "travel"]
    assert travel["rank"].tolist() == [1, 1, 1, 1]
    assert set(travel["sites"]) == {(a, b) for a in codes[:2] for b in codes[2:]}
    assert set(choice.shortlist["sites"]) == set(travel["sites"])
    assert choice.runners_up.set_index("goal")["value"].to_dict() == pytest.approx(
        {"travel": 19 / 4, "people": 200, "risk": 2.0}
    )


def test_a_commune_without_any_way_is_named_and_changes_nothing():
    communes, travel = province(8, seed=2)
    cut = travel.copy()
    cut.loc["00008"] = np.inf
    choice = choose_sites(communes, cut, 2, within=30.0)
    without = choose_sites(communes.iloc[:7], cut.iloc[:7], 2, within=30.0)
    assert choice.out_of_reach == ("00008",)
    assert choice.shortlist["sites"].tolist() == without.shortlist["sites"].tolist()
    assert np.isfinite(choice.shortlist[["travel", "people", "risk"]]).all(axis=None)


def test_the_lottery_is_fair_and_repeats_with_its_seed():
    communes, travel = province(14, seed=3)
    choice = choose_sites(communes, travel, 2, within=30.0)
    n = len(choice.shortlist)
    drawn = pd.Series([draw_sites(choice, seed) for seed in range(400 * n)]).value_counts()
    assert draw_sites(choice, 7) == draw_sites(choice, 7)
    assert len(drawn) == n
    assert drawn.sub(400).abs().max() < 4 * np.sqrt(400)


@pytest.mark.parametrize(
    ("count", "within", "words"),
    [(0, 10.0, "0 sites"), (21, 10.0, "21 sites cannot be chosen from 20 candidates"), (2, -1.0, "from 0 on")],
)
def test_a_count_or_reach_that_cannot_be_is_refused(count, within, words):
    with pytest.raises(PlanError, match=words):
        choose_sites(*province(), count, within)


def test_tables_that_do_not_fit_are_refused():
    communes, travel = province(5)
    with pytest.raises(PlanError, match="no commune"):
        choose_sites(communes.iloc[:0], travel, 1, 10.0)
    with pytest.raises(PlanError, match="travel for each commune"):
        choose_sites(communes, travel.iloc[:4], 1, 10.0)
    with pytest.raises(PlanError, match="risk is zero"):
        choose_sites(communes.assign(risk=0.0), travel, 1, 10.0)
    with pytest.raises(PlanError, match="allow a longer way"):
        choose_sites(communes, travel + 5.0, 1, 1.0)
