"""Slow, obvious oracles in plain numpy and Python."""

import math

import numpy as np


def kernel_density(x, y, weights, radius_m, power, at_x, at_y):
    """Sum the kernels one place at a time with exactly rounded sums; events per km².

    A radius for each point is one too; the power −1 stands for the Gaussian of standard deviation ``radius_m``.
    """
    scale = (power + 1 if power >= 0 else 0.5) / (math.pi * (np.asarray(radius_m) / 1000) ** 2)
    result = np.zeros(np.shape(at_x))
    for place, (px, py) in enumerate(zip(np.ravel(at_x), np.ravel(at_y), strict=True)):
        inside = 1 - ((x - px) ** 2 + (y - py) ** 2) / radius_m**2
        if power < 0:
            terms = weights * np.exp((inside - 1) / 2)
        else:
            terms = np.where(inside > 0, weights * np.maximum(inside, 0) ** power, 0.0)
        result.flat[place] = math.fsum(scale * terms)
    return result
