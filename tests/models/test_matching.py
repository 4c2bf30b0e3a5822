from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from geo.errors import PlanError
from models.matching import match_communes


def table(n=8, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"risk": rng.gamma(1.0, 1.0, n), "people": rng.integers(1000, 9000, n), "flat": 3.0},
        index=[f"{k:05}" for k in range(1, n + 1)],
    )


def test_the_match_has_the_least_distance_of_all():
    communes = table()
    found = match_communes(communes, ["00001", "00002"], per_pilot=2, excluded=["00008"])
    z = (communes[["risk", "people"]] - communes[["risk", "people"]].mean()) / communes[["risk", "people"]].std(ddof=0)
    others = [f"{k:05}" for k in range(3, 8)]
    far = {(p, o): np.sqrt(((z.loc[p] - z.loc[o]) ** 2).sum()) for p in ("00001", "00002") for o in others}
    best = min(
        far["00001", a] + far["00001", b] + far["00002", c] + far["00002", d] for a, b, c, d in permutations(others, 4)
    )
    assert found["distance"].sum() == pytest.approx(best)
    assert found["pilot"].value_counts().to_dict() == {"00001": 2, "00002": 2}
    assert found["comparison"].is_unique
    assert not set(found["comparison"]) & {"00001", "00002", "00008"}


def test_the_column_that_differs_most_is_named():
    communes = pd.DataFrame({"risk": [1.0, 1.0, 9.0], "people": [5.0, 9.0, 5.0]}, index=["a", "b", "c"])
    found = match_communes(communes, ["a"], per_pilot=2).set_index("comparison")["most_unlike"]
    assert found.to_dict() == {"b": "people", "c": "risk"}


def test_a_missing_value_counts_as_the_mean():
    communes = pd.DataFrame({"risk": [0.0, np.nan, 4.0, 2.0]}, index=list("abcd"))
    found = match_communes(communes, ["b"], per_pilot=1)
    assert found["comparison"].tolist() == ["d"]
    assert found["distance"].tolist() == [0.0]


def test_too_few_communes_are_refused():
    with pytest.raises(PlanError, match="2 pilots need 8 comparison communes, and 6 are left"):
        match_communes(table(), ["00001", "00002"], per_pilot=4)
    with pytest.raises(PlanError, match="named by codes of the table"):
        match_communes(table(), ["99999"])
