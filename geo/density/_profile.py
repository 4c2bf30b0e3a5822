"""The shapes of the kernels, as functions of base = 1 − d²/radius² inside the radius. Arrays only."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

GAUSSIAN = -1
"""In place of a power: exp(−d²/2σ²), cut at the radius."""


class Profile(NamedTuple):
    """base^power, or the Gaussian exp(steepness · (base − 1))."""

    power: int
    steepness: float = 0.0
    """Half of (radius / σ)²."""


def peak(bandwidth: float | NDArray[np.float64], power: int) -> float | NDArray[np.float64]:
    """Return the height at the centre of kernels of mass 1; of a Gaussian the bandwidth is σ."""
    return (0.5 if power == GAUSSIAN else power + 1) / (np.pi * bandwidth**2)


@njit(cache=True, nogil=True, error_model="numpy")
def height(base: float, power: int, steepness: float) -> float:
    """Return the kernel at a base above zero; 1 at its centre."""
    if power == GAUSSIAN:
        return np.exp(steepness * (base - 1.0))  # type: ignore[no-any-return]
    value = 1.0
    for _ in range(power):
        value *= base
    return value
