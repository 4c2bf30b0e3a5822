"""Did counts fall where something began? The score test of a two-way Poisson model, and randomisation inference."""

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CELLS = 2**12
"""Numbers that are held at a time: few, since threads of the linear algebra cost ten times what they save here."""


def score(counts: Floats, treated: Flags) -> Floats:
    """Return the standardised score of the treatment, below 0 where fewer events fell into treated cells.

    Under μ_it = a_i b_t exp(θ D_it) and θ = 0 the fitted means are the products of the margins, μ_it = r_i c_t / N.
    Then U = Σ D (y − μ), and Var U = Σ μ D̃² with D̃ = D − D̄_i − D̄_t + D̄ (means weighted by the margins). So the
    test needs no iteration, and thousands of tables and assignments are tested at once.

    Parameters
    ----------
    counts
        Shape (tables, communes, periods).
    treated
        Shape (assignments, communes, periods).

    Returns
    -------
    numpy.ndarray
        Shape (tables, assignments); 0 where the table says nothing of the treatment.
    """
    assignments, units, periods = treated.shape
    wanted = max(CELLS // (assignments + units * periods), 1)
    blocks = [_score(counts[first : first + wanted], treated) for first in range(0, len(counts), wanted)]
    return np.concatenate(blocks) if blocks else np.empty((0, assignments))


def _score(counts: Floats, treated: Flags) -> Floats:
    design = treated.astype(float)
    tables, assignments = len(counts), len(design)
    total = counts.sum(axis=(1, 2))
    some = np.maximum(total, 1.0)
    by_unit, by_period = counts.sum(axis=2) / some[:, None], counts.sum(axis=1) / some[:, None]
    difference = counts.reshape(tables, -1) @ design.reshape(assignments, -1).T
    whole, squares = np.zeros((2, tables, assignments))
    for period in range(design.shape[2]):
        mean = by_unit @ design[:, :, period].T
        whole += mean * by_period[:, period, None]
        squares += mean**2 * by_period[:, period, None]
    for unit in range(design.shape[1]):
        squares += (by_period @ design[:, unit].T) ** 2 * by_unit[:, unit, None]
    difference -= total[:, None] * whole
    spread = whole - squares + whole**2
    variance = total[:, None] * np.maximum(spread, 0.0)
    known = variance > 1e-9 * np.maximum(total[:, None], 1.0)
    return np.where(known, difference / np.sqrt(np.where(known, variance, 1.0)), 0.0)


def reassigned(treated: Flags, assignments: int, rng: np.random.Generator) -> Flags:
    """Return the treatment as it was, then with communes drawn anew for each start, shape (1 + assignments, …).

    Where there are two kinds of communes only, and no more assignments than are asked for, each is taken once instead.
    """
    patterns, kind = np.unique(treated, axis=0, return_inverse=True)
    kind = kind.ravel()
    if len(patterns) == 2 and comb(len(kind), int(kind.sum())) <= assignments + 1:
        choices = np.array(list(combinations(range(len(kind)), int(kind.sum()))))
        kinds = np.zeros((len(choices), len(kind)), dtype=np.int64)
        np.put_along_axis(kinds, choices, 1, axis=1)
        real = (kinds == kind).all(axis=1)
        every: Flags = patterns[np.concatenate([kinds[real], kinds[~real]])]
        return every
    orders = rng.permuted(np.tile(np.arange(len(treated)), (assignments, 1)), axis=1)
    return np.concatenate([treated[None], treated[orders]])


def p_values(scores: Floats, *, two_sided: bool = False) -> Floats:
    """Return the share of assignments whose score is as low (or as far from 0) as that of the first, the real one.

    With the real one among them this is exact whatever the counts are like, if starts were drawn by lot (Fisher 1935).

    Parameters
    ----------
    scores
        Shape (tables, 1 + assignments).
    """
    extreme = -np.abs(scores) if two_sided else scores
    as_low = extreme <= extreme[:, :1] + 1e-9
    share: Floats = as_low.mean(axis=1)
    return share
