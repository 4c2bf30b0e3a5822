"""Posteriors by Laplace's approximation, averaged over hyperparameters on a small grid.

The unknowns are the unit effects u, their spatial part s and the coefficients b. Given the hyperparameters σ, φ and
the loadings, u = σ(√φ s + √(1 − φ) v) with s as in `models.spatial.Graph` and v ~ N(0, 1) (BYM2); their posterior is
taken as normal around its mode, with the Fisher information. Hyperparameters get the weight of the data's marginal
likelihood at them (Tierney & Kadane 1986; Rue, Martino & Chopin 2009).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import linalg, optimize

from geo.errors import ModelError
from models.likelihood import Floats, Information, Rows, information, log_likelihood
from models.spatial import Graph, factor

CLOSE = 1e-5
"""Newton's steps end when one more would gain less than this in the log posterior."""
ROUNDING = 1e-12
"""Relative gain that is lost in rounding."""
MOST_STEPS = 200
ENOUGH = 0.2
"""Part of what a step promises that it must bring, or it is halved: half of it is what a right curvature brings, and
without this bound steps in noticing go to and fro over the mode."""

STEP, FARTHEST = 1.5, 3.05
"""Nodes of the grid of hyperparameters: so many standard deviations apart, and so far from the mode. The sum over them
keeps 94 % of the variance of two normal hyperparameters."""
DIFFERENCE = 0.2
"""Step of the differences by which the curvature at the mode is found."""
WIDEST = 1.5
"""Greatest standard deviation of a hyperparameter (all are logarithms) that the grid spans."""


class Hyper(NamedTuple):
    """Hyperparameters."""

    sigma: float
    """Standard deviation of the unit effects."""
    phi: float
    """Share of their variance that is spatial."""
    loadings: Floats
    """δ_k of the streams."""
    size: float
    """Size of the negative binomial; 0 for Poisson."""


class Normal(NamedTuple):
    """A normal prior."""

    mean: Floats
    precision: Floats
    """The matrix."""

    @classmethod
    def independent(cls, mean: Floats, sd: Floats) -> "Normal":
        """Return the prior of independent normals."""
        return cls(mean, np.diag(1 / sd**2))

    @property
    def sd(self) -> Floats:
        """Standard deviation of each on its own."""
        sd: Floats = np.sqrt(np.diag(linalg.inv(self.precision)))
        return sd

    def log_density(self, at: Floats) -> float:
        """Return the log density at a point, but for constants."""
        return -0.5 * float((at - self.mean) @ self.precision @ (at - self.mean))

    def gradient(self, at: Floats) -> Floats:
        """Return that of the log density at a point, or at a column a point."""
        mean = self.mean if at.ndim == 1 else self.mean[:, None]
        gradient: Floats = self.precision @ (mean - at)
        return gradient

    def given(self, these: slice, at: Floats) -> "Normal":
        """Return the prior of some, with the others as they are at a point (or at a column a point)."""
        rest = at - (self.mean if at.ndim == 1 else self.mean[:, None])
        rest[these] = 0.0
        own, shift = self.precision[these, these], -self.precision[these] @ rest
        mean = self.mean[these] if at.ndim == 1 else self.mean[these, None]
        return Normal(mean + linalg.solve(own, shift, assume_a="pos"), own)


@dataclass(frozen=True)
class Mode:
    """The normal approximation at given hyperparameters.

    Attributes
    ----------
    hyper
        The hyperparameters.
    b, u, s
        The mode.
    log_evidence
        Logarithm of the marginal likelihood, but for constants.
    """

    hyper: Hyper
    b: Floats
    u: Floats
    s: Floats
    log_evidence: float
    at: Information

    def draw(self, graph: Graph, prior: Normal, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        """Return draws of b, u and s, shapes (q, draws) and (units, draws)."""
        system = System(graph, prior, self.hyper, self.at)
        noise = graph.draw_rhs(system.remain, rng, draws)
        s = system.solver.solve(noise)
        u = system.pull * s / system.own[:, None] + rng.standard_normal(s.shape) / np.sqrt(system.own)[:, None]
        b = linalg.solve_triangular(system.root, rng.standard_normal((self.b.size, draws)), trans="T", lower=True)
        s, u = s - system.s_of_b @ b, u - system.u_of_b @ b
        return self.b[:, None] + b, self.u[:, None] + u, self.s[:, None] + s


class System:
    """The precision matrix of (s, u, b) at a point, factored: u is eliminated first, then s, then b."""

    def __init__(self, graph: Graph, prior: Normal, hyper: Hyper, at: Information) -> None:
        phi, sigma = hyper.phi, hyper.sigma
        self.tau = 1 / (sigma**2 * (1 - phi))
        self.pull = np.sqrt(phi) * sigma * self.tau
        self.own = at.unit_fisher + self.tau
        # Not κ − pull²/own, which cancels.
        self.remain = phi / (1 - phi) * at.unit_fisher / self.own
        self.solver = factor(graph.precision(self.remain))
        self.s_of_b = self.solver.solve(self.pull * at.cross / self.own[:, None]) if at.cross.size else at.cross
        self.u_of_b = (at.cross + self.pull * self.s_of_b) / self.own[:, None]
        schur = at.fisher + prior.precision - at.cross.T @ self.u_of_b
        self.root = linalg.cholesky(schur, lower=True)

    @property
    def log_determinant(self) -> float:
        """Of the matrix."""
        of_s = np.log(np.abs(self.solver.U.diagonal())).sum()
        return float(np.log(self.own).sum() + of_s + 2 * np.log(np.diag(self.root)).sum())

    def solve(self, s: Floats, u: Floats, b: Floats, cross: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what the inverse makes of gradients: one of each, or a column a case."""
        own = self.own if u.ndim == 1 else self.own[:, None]
        ds = self.solver.solve(s + self.pull * u / own)
        du = (u + self.pull * ds) / own
        db = linalg.cho_solve((self.root, True), b - cross.T @ du)
        return ds - self.s_of_b @ db, du - self.u_of_b @ db, db


def find_mode(rows: Rows, graph: Graph, prior: Normal, hyper: Hyper, start: Mode | None = None) -> Mode:
    """Find the mode by Fisher's scoring.

    Raises
    ------
    ModelError
        If it is not found.
    """
    n = graph.n
    s, u, b = (np.zeros(n), np.zeros(n), prior.mean.copy()) if start is None else (start.s, start.u, start.b)
    tau = 1 / (hyper.sigma**2 * (1 - hyper.phi))
    spatial = np.sqrt(hyper.phi) * hyper.sigma
    precision = graph.precision()

    def log_prior(s: Floats, u: Floats, b: Floats) -> float:
        rest = u - spatial * s
        return prior.log_density(b) - 0.5 * float(s @ (precision @ s) + tau * rest @ rest)

    at = information(rows, b, u, hyper.loadings, hyper.size)
    value = at.value + log_prior(s, u, b)
    for _ in range(MOST_STEPS):
        system = System(graph, prior, hyper, at)
        rest = u - spatial * s
        g_s, g_u = spatial * tau * rest - precision @ s, at.unit_gradient - tau * rest
        g_b = at.gradient + prior.gradient(b)
        ds, du, db = system.solve(g_s, g_u, g_b, at.cross)
        gain = float(g_s @ ds + g_u @ du + g_b @ db)
        if gain < CLOSE + ROUNDING * abs(value):
            evidence = value + 0.5 * n * np.log(tau) - 0.5 * system.log_determinant
            return Mode(hyper, b, u, s, float(evidence), at)
        length = 1.0
        while True:
            new = s + length * ds, u + length * du, b + length * db
            new_value = log_likelihood(rows, new[2], new[1], hyper.loadings, hyper.size) + log_prior(*new)
            if new_value > value + ENOUGH * length * gain or length < 1e-6:
                break
            length *= 0.5
        if length < 1e-6:
            break
        (s, u, b), value = new, new_value
        at = information(rows, b, u, hyper.loadings, hyper.size)
    raise ModelError("The model did not settle on these counts; look for outliers in counts, exposure and effort")


@dataclass(frozen=True)
class Posterior:
    """Modes at the nodes of the grid, and the weight of each."""

    modes: list[Mode]
    weights: Floats

    @property
    def best(self) -> Mode:
        """The mode of the greatest weight."""
        return self.modes[int(np.argmax(self.weights))]


def explore(
    evaluate: Callable[[Floats, Mode | None], tuple[float, Mode]], start: Floats, low: Floats, high: Floats
) -> Posterior:
    """Average over hyperparameters.

    Parameters
    ----------
    evaluate
        Gives the log posterior of a vector of hyperparameters, and the mode there; the mode nearby is a start for it.
    start, low, high
        Where to begin, and the bounds, shape (m,).
    """
    last: list[Mode | None] = [None]

    def loss(theta: Floats) -> float:
        value, last[0] = evaluate(np.clip(theta, low, high), last[0])
        return -value

    simplex = np.vstack([start, start + 0.4 * np.eye(start.size)])
    options: Any = {"initial_simplex": simplex, "xatol": 0.05, "fatol": 0.02, "maxfev": 60 * start.size}
    found = optimize.minimize(loss, start, method="Nelder-Mead", options=options)
    middle = np.clip(found.x, low + 2 * DIFFERENCE, high - 2 * DIFFERENCE)
    value, mode = evaluate(middle, last[0])
    turn = _standard(lambda theta: evaluate(theta, mode)[0], middle, value)
    nodes = [middle + turn @ (STEP * np.array(z)) for z in _nodes(start.size)]
    inside = [theta for theta in nodes if (theta >= low).all() and (theta <= high).all()]
    values, modes = zip(*(evaluate(theta, mode) for theta in inside), strict=True)
    weights = np.exp(np.array(values) - max(values))
    return Posterior(list(modes), weights / weights.sum())


def _nodes(dimensions: int) -> list[tuple[int, ...]]:
    nodes = np.stack(np.meshgrid(*[np.arange(-2, 3)] * dimensions, indexing="ij"), axis=-1).reshape(-1, dimensions)
    return [tuple(z) for z in nodes.tolist() if np.hypot.reduce(STEP * np.array(z, dtype=float)) <= FARTHEST]


def _standard(log_density: Callable[[Floats], float], middle: Floats, value: float) -> Floats:
    """Return the matrix that turns standard normals into deviations from the mode, by second differences."""
    m, h = middle.size, DIFFERENCE
    step = h * np.eye(m)
    ahead, back = (np.array([log_density(middle + sign * e) for e in step]) for sign in (1, -1))
    curvature = np.diag((2 * value - ahead - back) / h**2)
    for i in range(m):
        for j in range(i + 1, m):
            both = log_density(middle + step[i] + step[j])
            curvature[i, j] = curvature[j, i] = (ahead[i] + ahead[j] - both - value) / h**2
    roots, axes = linalg.eigh(curvature)
    turn: Floats = axes / np.sqrt(np.maximum(roots, 1 / WIDEST**2))
    return turn
