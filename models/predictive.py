"""What a forecast says of counts: probabilities under a mixture of Poisson counts, one of each draw.

``means`` has the draws on its last axis, ``counts`` the shape of the axes before it.

References
----------
Czado, C., Gneiting, T. & Held, L. (2009). Predictive model assessment for count data. Biometrics 65(4), 1254–1261.
"""

import numpy as np
from scipy import special

from models.likelihood import Floats

LEAST_MEAN = 1e-12
"""A mean of zero would make one event an infinite surprise."""


def log_probability(counts: Floats, means: Floats) -> Floats:
    """Return the logarithm of the probability of each count."""
    mean, y = means.clip(min=LEAST_MEAN), counts[..., None]
    logs = special.xlogy(y, mean) - mean - special.gammaln(y + 1.0)
    averaged: Floats = special.logsumexp(logs, axis=-1) - np.log(means.shape[-1])
    return averaged


def pit_bounds(counts: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Return the ends of each count's probability integral transform: P(less than it) and P(at most it).

    For a calibrated forecast a number drawn evenly between them is uniform on (0, 1).
    """
    y = np.broadcast_to(counts[..., None], means.shape)
    upper = special.pdtr(y, means.clip(min=LEAST_MEAN)).mean(axis=-1)
    return np.maximum(upper - np.exp(log_probability(counts, means)), 0.0), upper


def covered(counts: Floats, means: Floats, level: float) -> Floats:
    """Return the probability that each count's randomised transform lies in the central interval of a level.

    Counts are few and jump over the ends of any interval of theirs, which then holds more than it promises; the mean
    of this is the level exactly where the forecast is calibrated.
    """
    lower, upper = pit_bounds(counts, means)
    inside = np.minimum(upper, 0.5 + level / 2) - np.maximum(lower, 0.5 - level / 2)
    share: Floats = np.clip(inside, 0.0, None) / np.maximum(upper - lower, np.finfo(float).tiny)
    return np.minimum(share, 1.0)
