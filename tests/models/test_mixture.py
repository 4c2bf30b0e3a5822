import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.mixture import mixture_weights

NONE = 1e-12


def test_terms_that_never_overlap_share_as_the_events_do():
    # 6 events where only the first term allows them, 2 where only the second does.
    np.testing.assert_allclose(mixture_weights(np.eye(2), np.array([6.0, 2.0]), NONE), [0.75, 0.25], atol=1e-6)


def test_prior_events_are_added_to_each_term():
    np.testing.assert_allclose(mixture_weights(np.eye(2), np.array([6.0, 2.0]), 2.0), [8 / 12, 4 / 12], atol=1e-6)


def test_a_term_that_foresees_every_event_better_takes_all():
    chances = np.array([[0.5, 0.1], [0.3, 0.2]])
    np.testing.assert_allclose(mixture_weights(chances, np.ones(2), NONE), [1, 0], atol=1e-4)


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1)), min_size=3, max_size=8),
    st.floats(0.5, 3),
)
def test_no_other_weights_are_more_probable(rows, prior):
    chances, counts = np.array(rows), np.arange(1.0, len(rows) + 1)

    def log_posterior(w):
        return counts @ np.log(chances @ w) + prior * np.log(w).sum()

    best = mixture_weights(chances, counts, prior)
    assert abs(best.sum() - 1) < 1e-12
    for other in np.random.default_rng(0).dirichlet(np.ones(3), 50):
        # Towards any other weights the concave log posterior falls.
        assert log_posterior(best) >= log_posterior(best + 0.05 * (other - best)) - 1e-6
