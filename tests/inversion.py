"""The attacker on surfaces: knows kernel, bandwidth and the number of events, and looks for their places.

Peaks of a non-negative deconvolution on a coarse lattice, from the cells that are not masked; then the places moved
until their kernels fit the surface best. Written apart from the program.
"""

import numpy as np
from scipy.optimize import least_squares, linear_sum_assignment, minimize


def quartic(distance, bandwidth):
    """Return the kernel's density at a distance, per unit of area."""
    inside = np.clip(1 - (distance / bandwidth) ** 2, 0, None)
    return 3 / (np.pi * bandwidth**2) * inside**2


def invert(density, x, y, bandwidth, n, step):
    """Return the ``n`` places, shape (n, 2), that a density of events speaks for.

    Parameters
    ----------
    density
        Events per unit of area in each cell, NaN where masked, shape (cells,).
    x, y
        Centres of the cells, in units of length.
    bandwidth
        Of the quartic kernel.
    n
        How many events there are.
    step
        Of the lattice.
    """
    known = np.isfinite(density)
    x, y, seen = x[known], y[known], density[known]
    places = _lattice(x, y, step)
    design = quartic(np.hypot(x[:, None] - places[:, 0], y[:, None] - places[:, 1]), bandwidth)
    found = _peaks(places, _nonnegative(design, seen), n, 1.5 * step)

    def misfit(flat):
        at = flat.reshape(-1, 2)
        fitted = quartic(np.hypot(x[:, None] - at[:, 0], y[:, None] - at[:, 1]), bandwidth).sum(axis=1)
        return (fitted - seen) * bandwidth**2

    moved = least_squares(misfit, found.ravel(), x_scale=step, max_nfev=25).x.reshape(-1, 2)
    return np.clip(moved, [x.min(), y.min()], [x.max(), y.max()])


def distances(found, true):
    """Return how far each true place is from the found one that it is paired with, all pairs together nearest."""
    apart = np.hypot(*(found[:, None] - true[None, :]).transpose(2, 0, 1))
    one, other = linear_sum_assignment(apart)
    return apart[one, other]


def _lattice(x, y, step):
    east, north = np.meshgrid(np.arange(x.min(), x.max(), step), np.arange(y.min(), y.max(), step))
    places = np.column_stack([east.ravel(), north.ravel()])
    near = np.array([np.hypot(x - a, y - b).min() <= step for a, b in places])
    return places[near]


def _nonnegative(design, seen):
    """Return the weights, none negative, with which the kernels fit best."""
    scale = np.abs(design).max()
    gram, image = design.T @ design / scale**2, design.T @ seen / scale**2

    def value(weights):
        slope = gram @ weights - image
        return 0.5 * weights @ (slope - image), slope

    start = np.full(len(image), seen.sum() / design.sum())
    options = {"maxiter": 400, "maxfun": 600}
    return minimize(value, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(image), options=options).x


def _peaks(places, weights, n, reach):
    """Return the centres of the ``n`` events that the weights hold, taken away one by one around the highest."""
    left, found = weights.copy(), []
    for _ in range(n):
        near = np.hypot(*(places - places[left.argmax()]).T) <= reach
        mass = left[near].sum()
        found.append((places[near] * left[near, None]).sum(axis=0) / mass if mass > 0 else places.mean(axis=0))
        left[near] *= max(0.0, 1 - 1 / mass) if mass > 0 else 0.0
    return np.array(found)
