import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from models.ranks import TOPS, summarise


def test_ranks_and_tops_of_ten_units_by_hand():
    # In both draws unit 9 is first; units 0 and 1 share the second and third place in the first.
    draws = np.array([[8, 1], [8, 2], [1, 3], [1, 4], [1, 5], [1, 6], [1, 7], [1, 8], [1, 9], [9, 10.0]])
    table = summarise(draws, pd.RangeIndex(10))
    assert table["expected_rank"].tolist()[:2] == [(2.5 + 10) / 2, (2.5 + 9) / 2]
    assert table["p_top5"].tolist() == [0] * 9 + [1]
    assert table["p_top10"].tolist() == [0] * 9 + [1]
    # Two of ten: in the first draw units 0 and 1 get the second place in turn.
    assert table["p_top20"].tolist() == [0.25, 0.25, 0, 0, 0, 0, 0, 0, 0.5, 1]


@given(arrays(np.int64, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=st.integers(0, 5)))
def test_ranks_are_mean_ranks_and_tops_add_up_to_the_places(values):
    draws = values.astype(float)
    table = summarise(draws, pd.RangeIndex(len(draws)))
    ranks = stats.rankdata(-draws, axis=0).mean(axis=1)
    np.testing.assert_allclose(table["expected_rank"], ranks)
    for k in TOPS:
        assert table[f"p_top{k}"].sum() == pytest.approx(np.ceil(k * len(draws) / 100))
        assert table[f"p_top{k}"].between(0, 1).all()


def test_intervals_are_quantiles_of_the_draws():
    draws = np.arange(101.0)[None]
    table = summarise(draws, pd.Index(["a"]), level=0.9)
    assert table.loc["a", ["expected", "lower", "upper"]].tolist() == pytest.approx([50, 5, 95])
