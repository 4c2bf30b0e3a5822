import numpy as np
import pandas as pd
import pytest

from geo.errors import Message
from geo.intake.evidence import PRIOR_ROWS, Field, Level

ALIKE = Level(Message("alike"), same=0.7, chance=0.2)
NEAR = Level(Message("near"), same=0.2, chance=0.3)
DIFFERENT = Level(Message("different"), same=0.1)
NUMBERS = Field("n", "n", ALIKE, DIFFERENT, near=NEAR)
A, B = np.array([0, 0, 0, 0]), np.array([1, 2, 4, 5])


def counts(*values):
    return pd.Series(values, dtype="Int64")


def test_a_weight_is_m_by_the_share_of_the_other_rows_that_agree_so():
    """Of eight rows that tell a number: 1 three times, 2 three times, 4 twice."""
    found = NUMBERS.compare(counts(1, 1, 2, 2, 4, None, 1, 2, 4))
    rest = 8 - 2 + PRIOR_ROWS
    alike = np.log2(0.7 * rest / (3 - 2 + 0.2 * PRIOR_ROWS))
    near = np.log2(0.2 * rest / (3 - 1 + 0.3 * PRIOR_ROWS))
    # Two random rows of the eight: alike (9 + 9 + 4) / 64, near 18 / 64; ten stated rows: 0.5.
    told = (8 * (22 + 18) / 64 + PRIOR_ROWS * 0.5) / (8 + PRIOR_ROWS)
    np.testing.assert_allclose(found.weigh(A, B), [alike, near, np.log2(0.1 / (1 - told)), 0.0], rtol=1e-12)


def test_a_rare_value_says_more_than_a_common_one():
    found = NUMBERS.compare(counts(*[1] * 20, 7, 7))
    common, rare = found.weigh(np.array([0, 20]), np.array([1, 21]))
    assert rare > common + 2


def test_a_missing_value_says_nothing():
    found = NUMBERS.compare(counts(1, None, None))
    assert found.weigh(np.array([0, 1]), np.array([1, 2])).tolist() == [0.0, 0.0]
    assert found.explain(np.array([0, 1]), np.array([1, 2])) == [None, None]


@pytest.mark.parametrize("column", [counts(), counts(None, None), counts(3)])
def test_columns_that_tell_nothing_can_be_compared(column):
    assert np.isfinite(NUMBERS.compare(column).bits).all()


def test_a_difference_never_speaks_for_one_case():
    assert NUMBERS.compare(counts(*range(0, 60, 2))).weigh(A[:1], B[:1])[0] < 0
    assert NUMBERS.compare(counts(*[1] * 60, 9)).weigh(A[:1], np.array([60]))[0] <= 0


def test_texts_in_order_are_near_their_neighbours_and_others_tell_nothing():
    field = Field("x", "x", ALIKE, DIFFERENT, near=NEAR, order=("young", "grown", "old"))
    column = pd.Series(["young", "young", "grown", "unknown", "old", None], dtype="str")
    said = field.compare(column).explain(np.array([0, 0, 0, 0, 0]), np.array([1, 2, 3, 4, 5]))
    assert said == [Message("alike"), Message("near"), None, Message("different"), None]


def test_one_more_row_of_another_value_moves_a_weight_by_less_than_said():
    column = counts(1, 1, *[2] * 8, *[5] * 10)
    before = NUMBERS.compare(column).weigh(A[:1], B[:1])
    after = NUMBERS.compare(counts(*column, 9)).weigh(A[:1], B[:1])
    assert 0 < after[0] - before[0] <= np.log2((20 + 9) / (20 + 8)) + 1e-12
