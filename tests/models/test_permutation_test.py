import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models.permutation_test import FLAGS, Tails, verdicts

PAPER = np.array(
    [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]
)
"""Benjamini & Hochberg (1995), section 3.2: at 0.05 the first four are discoveries, with Bonferroni three."""


def judged(p, flags=None, correction="bh"):
    p = np.asarray(p)
    flags = np.zeros(p.size, dtype=int) if flags is None else np.asarray(flags)
    return verdicts({}, Tails(p / 2, 1 - p / 2), flags, correction, pd.RangeIndex(p.size))


def test_the_example_of_benjamini_and_hochberg():
    assert (judged(PAPER)["q"] <= 0.05).sum() == 4
    assert (judged(PAPER, correction="by")["q"] <= 0.05).sum() == 3


@pytest.mark.parametrize("correction", ["bh", "by"])
def test_adjusted_p_values_are_those_of_the_definition(correction):
    p = np.random.default_rng(0).permutation(PAPER)
    m = p.size
    cost = 1.0 if correction == "bh" else sum(1 / k for k in range(1, m + 1))
    by_hand = [min(min(1, cost * m * other / (p <= other).sum()) for other in p if other >= own) for own in p]
    np.testing.assert_allclose(judged(p, correction=correction)["q"], by_hand)
    np.testing.assert_allclose(by_hand, stats.false_discovery_control(p, method=correction))


def test_flagged_rows_are_no_tests():
    flags = [1] + 14 * [0]
    table = judged(PAPER, flags)
    np.testing.assert_allclose(table["q"][1:], stats.false_discovery_control(PAPER[1:]))
    assert tuple(table.loc[0, ["p_high", "p_low", "p", "q"]]) == (1, 1, 1, 1)
    assert table["flag"][0] == FLAGS[1]


def test_two_sided_is_twice_the_smaller_side_and_at_most_one():
    table = verdicts({}, Tails(np.array([0.01, 0.9]), np.array([0.995, 0.8])), np.zeros(2, int), "bh", pd.RangeIndex(2))
    assert list(table["p"]) == pytest.approx([0.02, 1.0])
