"""The choice of a border sector, or of another way out: likelihood, gradient and posterior. Arrays only.

An event of origin i in season t goes to sector j with probability proportional to
exp(log length_j + κ log(1 + crossings_j) + a_j − hours_tij / scale), and by another way with one proportional to
exp(ρ + L), L the mean over origins and seasons of the log of the sectors' sum. So ρ is the log odds of the other ways
for an origin whose access to the border is the mean one. A conditional logit (McFadden 1974) of Huff's (1964) kind.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logsumexp

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.intp]

SCALE, PULL, OUTSIDE, SECTORS = 0, 1, 2, 3
"""Where log scale, κ and ρ stand in a vector of parameters; the sectors' own attractions a follow from the last."""
STEP = 1e-4
"""Of the central differences of the gradient."""


@dataclass(frozen=True)
class Region:
    """What does not depend on parameters.

    Attributes
    ----------
    hours
        From origins to sectors by season, shape (seasons, origins, sectors); 0 where no way leads.
    reached
        Where a way leads, of that shape.
    weights
        Of the seasons, shape (seasons,), sum to 1.
    log_length, log_crossings
        log of the lengths, and of 1 + crossings, shape (sectors,).
    """

    hours: Floats
    reached: Bools
    weights: Floats
    log_length: Floats
    log_crossings: Floats


class Chosen(NamedTuple):
    """What cases chose.

    Attributes
    ----------
    season, origin
        Positions, shape (cases,).
    sectors
        Which sectors it may have been, shape (cases, sectors); none for another way.
    outside_recorded
        Whether cases that left by other ways are among these as often as others. If not, they must not be, and only
        the choice among sectors counts.
    """

    season: Integers
    origin: Integers
    sectors: Bools
    outside_recorded: bool


class Normals(NamedTuple):
    """Independent normals on the parameters, shape (3 + sectors,)."""

    mean: Floats
    sd: Floats


class Posterior(NamedTuple):
    """Normal approximation: its mode, the Cholesky factor (lower) of its precision, the log of the evidence."""

    mode: Floats
    factor: Floats
    log_evidence: float

    @property
    def sd(self) -> Floats:
        """Standard deviations, shape (parameters,)."""
        inverse = solve_triangular(self.factor, np.eye(self.mode.size), lower=True)
        sd: Floats = np.sqrt((inverse**2).sum(axis=0))
        return sd


class Mixture(NamedTuple):
    """Posteriors under several priors, with the weights of these."""

    parts: list[Posterior]
    weights: Floats

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Return draws, shape (count, parameters)."""
        part = rng.choice(len(self.parts), count, p=self.weights)
        normal = rng.standard_normal((count, self.parts[0].mode.size))
        draws = np.empty_like(normal)
        for k, posterior in enumerate(self.parts):
            mine = part == k
            moves = solve_triangular(posterior.factor, normal[mine].T, lower=True, trans="T").T
            draws[mine] = posterior.mode + moves
        return draws

    def moments(self) -> tuple[Floats, Floats]:
        """Return means and standard deviations, shape (parameters,)."""
        modes, sds = np.array([part.mode for part in self.parts]), np.array([part.sd for part in self.parts])
        mean = self.weights @ modes
        sd: Floats = np.sqrt(self.weights @ (sds**2 + (modes - mean) ** 2))
        return mean, sd


class Shares(NamedTuple):
    """Probabilities: of each sector, shape (seasons, origins, sectors), and of other ways, shape (seasons, origins)."""

    sectors: Floats
    outside: Floats


class _Access(NamedTuple):
    """For one vector of parameters: the choice among sectors only, the log of their sum, and L with its weights."""

    among: Floats
    log_sum: Floats
    typical: float
    weights: Floats


def choice_shares(region: Region, parameters: Floats) -> Shares:
    """Return where the events of each origin go; sectors and other ways add up to 1, exactly 0 where no way leads."""
    access = _access(region, parameters)
    outside = expit(parameters[OUTSIDE] + access.typical - access.log_sum)
    return Shares(access.among * (1 - outside)[..., None], outside)


def log_likelihood(region: Region, chosen: Chosen, parameters: Floats) -> tuple[float, Floats]:
    """Return the log likelihood of what cases chose, and its gradient."""
    access = _access(region, parameters)
    at = chosen.season, chosen.origin
    among, slope = access.among[at], region.hours / np.exp(parameters[SCALE])
    crossed = chosen.sectors.any(axis=1)
    of_set = np.where(chosen.sectors, among, 0.0)[crossed]
    total = of_set.sum(axis=1)
    value = float(np.log(total).sum())
    pulls = np.zeros_like(among)  # derivatives by the utilities of the cases' own alternatives
    pulls[crossed] = of_set / total[:, None] - among[crossed]
    gradient = np.zeros_like(parameters)
    if chosen.outside_recorded:
        odds = parameters[OUTSIDE] + access.typical - access.log_sum[at]
        value += float(np.where(crossed, log_expit(-odds), log_expit(odds)).sum())
        by_odds = np.where(crossed, 0.0, 1.0) - expit(odds)
        pulls -= by_odds[:, None] * among
        gradient[OUTSIDE] = by_odds.sum()
        gradient += by_odds.sum() * _along(access.weights[..., None] * access.among, slope, region)
    return value, gradient + _along(pulls, slope[at], region)


def find_posterior(region: Region, chosen: Chosen, prior: Normals) -> Posterior:
    """Return the normal approximation to the posterior at its mode (Laplace); without cases it is the prior itself."""
    if not chosen.origin.size:
        return Posterior(prior.mean, np.diag(1 / prior.sd), 0.0)

    def descent(standard: Floats) -> tuple[float, Floats]:
        value, gradient = log_likelihood(region, chosen, prior.mean + prior.sd * standard)
        return 0.5 * float(standard @ standard) - value, standard - prior.sd * gradient

    found = minimize(descent, np.zeros_like(prior.mean), jac=True, method="BFGS", options={"gtol": 1e-6})
    steps = STEP * np.eye(prior.mean.size)
    curvature = np.array([descent(found.x + s)[1] - descent(found.x - s)[1] for s in steps]) / (2 * STEP)
    factor = cholesky((curvature + curvature.T) / 2, lower=True)
    log_evidence = -float(found.fun) - float(np.log(np.diag(factor)).sum())
    return Posterior(prior.mean + prior.sd * found.x, factor / prior.sd[:, None], log_evidence)


def _access(region: Region, parameters: Floats) -> _Access:
    attraction = region.log_length + parameters[PULL] * region.log_crossings + parameters[SECTORS:]
    utility = np.where(region.reached, attraction - region.hours / np.exp(parameters[SCALE]), -np.inf)
    served = region.reached.any(axis=-1)
    log_sum = np.full(served.shape, -np.inf)
    log_sum[served] = logsumexp(utility[served], axis=-1)
    among = np.zeros_like(utility)
    among[served] = np.exp(utility[served] - log_sum[served][:, None])
    weights = np.where(served, region.weights[:, None], 0.0)
    weights /= weights.sum() or 1.0
    typical = float((weights[served] * log_sum[served]).sum())
    return _Access(among, log_sum, typical, weights)


def _along(pulls: Floats, slope: Floats, region: Region) -> Floats:
    """Return the derivative by the parameters of what has these derivatives by utilities; the last axis is sectors."""
    by_sector = pulls.reshape(-1, pulls.shape[-1]).sum(axis=0)
    head = [(pulls * slope).sum(), by_sector @ region.log_crossings, 0.0]
    return np.concatenate([head, by_sector])
