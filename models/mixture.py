"""Weights of a mixture of forecasts, learned from events that came after them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOLERANCE = 1e-6
"""Sum of the changes of all weights in a step below which they are taken as found."""

MAX_STEPS = 2000


def mixture_weights(chances: Floats, counts: Floats, prior_events: float) -> Floats:
    """Return the most probable weights w ≥ 0, Σw = 1, of a mixture, under a symmetric Dirichlet prior.

    The weights maximise Σ_i counts_i log(Σ_k w_k chances_ik) + prior_events Σ_k log w_k. This is concave, so that
    expectation–maximisation, which shares each event out among the terms that foresaw it, finds the only maximum. If
    the number of events is Poisson and each falls into cell i with probability Σ_k w_k chances_ik, it is the posterior
    mode.

    Parameters
    ----------
    chances
        The probability that each term gave to the cell of event (or of several events) i before it happened,
        shape (n, terms); some term above 0 in each row.
    counts
        Events in that cell, > 0, shape (n,).
    prior_events
        Events that each term is credited with beforehand, > 0: where there are few events the weights stay near equal,
        which is what equal ignorance of all terms says.

    References
    ----------
    Dempster, A. P., Laird, N. M. & Rubin, D. B. (1977). Maximum likelihood from incomplete data via the EM algorithm.
    Journal of the Royal Statistical Society B 39, 1–38.
    """
    terms = chances.shape[1]
    total = counts.sum() + prior_events * terms
    weights = np.full(terms, 1 / terms)
    for _ in range(MAX_STEPS):
        shared_out = weights * ((counts / (chances @ weights)) @ chances)
        new = (shared_out + prior_events) / total
        moved = np.abs(new - weights).sum()
        weights = new
        if moved < TOLERANCE:
            break
    return weights
