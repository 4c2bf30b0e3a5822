import numpy as np
import pytest

from models.outreach_response import Response


def prevented(sessions, people, law, years=20):
    """Month by month, the sessions of a year held again every year; the mean share of the ceiling in the last one."""
    kept, in_mind, reached = 0.5 ** (1 / law.half_life_months), 0.0, []
    for held in np.tile(sessions, years):
        in_mind = in_mind * kept + held
        reached.append(1 - np.exp(-1000 * in_mind / people / law.scale))
    return np.mean(reached[-12:])


@pytest.mark.parametrize("n", [3, 10, 30])
def test_the_law_is_the_state_that_fading_sessions_settle_into(n):
    law = Response()
    share = 1 - np.exp(-n * law.per_session(np.array([5000.0]), 12)[0])
    assert share == pytest.approx(prevented(np.full(12, n / 12), 5000, law), rel=1e-3)


@pytest.mark.parametrize("n", [3, 10, 30])
def test_in_which_months_sessions_are_held_matters_little(n):
    law = Response()
    even, thrice, once = np.full(12, n / 12), np.zeros(12), np.zeros(12)
    thrice[[1, 5, 9]], once[0] = n / 3, n
    assert prevented(thrice, 5000, law) > 0.995 * prevented(even, 5000, law)
    assert prevented(once, 5000, law) > 0.95 * prevented(even, 5000, law)
