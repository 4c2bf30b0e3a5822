from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.overrides import in_force, with_overrides


def ranking(ranks):
    codes = [f"{i:05d}" for i in range(len(ranks))]
    return pd.DataFrame({"rank": ranks, "commune_code": codes, "reasons": [()] * len(ranks)})


def overrides(*rows):
    """Return overrides of (code, move, rank)."""
    codes, moves, ranks = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "commune_code": codes,
            "vintage": "2025-07-01",
            "move": pd.array(moves, dtype="Int64"),
            "to_rank": pd.array(ranks, dtype="Int64"),
            "reason": "new road",
            "made_by": None,
            "made_on": pd.Timestamp("2026-01-01"),
            "until": pd.Timestamp("2026-06-30"),
        }
    )


def order(*rows, ranks=(1, 2, 3, 4, 5)):
    return with_overrides(ranking(list(ranks)), overrides(*rows))["commune_code"].str[-1].tolist()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("00003", 2, None)], "03124"),
        ([("00000", -3, None)], "12304"),
        ([("00004", None, 1)], "40123"),
        ([("00000", None, 99)], "12340"),
        ([("00004", 99, None)], "40123"),
        ([("00001", None, 1), ("00003", None, 1)], "13024"),
        ([("00000", 3, None), ("00003", None, 1)], "30124"),
        ([("00001", None, 5), ("00002", None, 5)], "03421"),
    ],
)
def test_communes_stand_where_planners_put_them_and_the_others_keep_their_order(rows, expected):
    assert "".join(order(*rows)) == expected


def test_the_models_rank_reason_and_expiry_stand_beside():
    told = with_overrides(ranking([1, 2, 3]), overrides(("00002", 1, None)))
    assert told["rank"].tolist() == [1, 2, 3]
    assert told["rank_model"].tolist() == [1, 3, 2]
    assert told["override_reason"].isna().tolist() == [True, False, True]
    assert told.loc[1, ["override_reason", "override_until"]].tolist() == ["new road", "2026-06-30"]
    assert told.columns[-1] == "reasons"


def test_ties_of_the_model_stay_ties_where_nobody_moved_them():
    told = with_overrides(ranking([1, 2, 2, 4]), overrides(("00003", None, 1)))
    assert dict(zip(told["commune_code"], told["rank"], strict=True)) == {
        "00003": 1,
        "00000": 2,
        "00001": 3,
        "00002": 3,
    }


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(st.just(n), st.dictionaries(st.integers(0, n - 1), st.integers(-15, 15), min_size=1))
    )
)
def test_no_commune_is_lost_and_all_places_are_taken(case):
    n, moves = case
    told = with_overrides(ranking(list(range(1, n + 1))), overrides(*((f"{i:05d}", m, None) for i, m in moves.items())))
    assert sorted(told["commune_code"]) == [f"{i:05d}" for i in range(n)]
    assert told["rank"].tolist() == list(range(1, n + 1))
    kept = told[told["override_reason"].isna()]
    assert kept["rank_model"].is_monotonic_increasing


def test_an_override_holds_up_to_its_last_day_and_for_its_communes_only():
    rows = overrides(("00001", 1, None), ("00002", 1, None)).assign(vintage=["2025-07-01", "2020-01-01"])
    assert in_force(rows, "2025-07-01", date(2026, 6, 30))["commune_code"].tolist() == ["00001"]
    assert in_force(rows, "2025-07-01", date(2026, 7, 1)).empty
