"""What the parameters of a density may be."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.density._profile import GAUSSIAN
from geo.density.bandwidth import CRITERIA
from geo.errors import ModelError

if TYPE_CHECKING:
    from geo.density.kernel_density import KernelDensity

POWERS = {"uniform": 0, "epanechnikov": 1, "quartic": 2, "triweight": 3, "gaussian": GAUSSIAN}
"""The kernels (1 − d²/h²)^m, by their m, and the Gaussian."""

LEAST, MOST = 1e-3, 1e30
"""Range of bandwidths, in metres and days: beyond it squares and quotients leave the numbers that there are."""

EDGE_CORRECTIONS = (None, "uniform", "diggle")


def check_parameters(model: "KernelDensity") -> None:
    """Check the parameters of a density.

    Raises
    ------
    ModelError
        If one is unknown or out of range.
    """
    if model.kernel not in POWERS:
        raise ModelError(
            "The kernel {kernel} is not known; choose one of {known}", kernel=model.kernel, known=", ".join(POWERS)
        )
    if model.n_jobs != -1 and model.n_jobs < 1:
        raise ModelError("n_jobs must be −1 (all processors) or at least 1; got {n}", n=model.n_jobs)
    if not (_positive(model.bandwidth_m) or model.bandwidth_m in CRITERIA):
        raise ModelError(
            "The bandwidth must be a number of metres above zero, or one of {known}; got {h}",
            known=", ".join(CRITERIA),
            h=model.bandwidth_m,
        )
    if model.edge_correction not in EDGE_CORRECTIONS:
        raise ModelError(
            "The edge correction {name} is not known; choose uniform, diggle or None", name=model.edge_correction
        )
    if model.bandwidth_days is not None and not _positive(model.bandwidth_days):
        raise ModelError("The bandwidth in time must be a number of days above zero; got {b}", b=model.bandwidth_days)
    if not 1e-14 <= model.tolerance <= 1e-2:
        raise ModelError("The tolerance must lie between 1e-14 and 0.01; got {tolerance}", tolerance=model.tolerance)


def _positive(value: Any) -> bool:
    number = isinstance(value, (int, float, np.integer, np.floating))
    return number and math.isfinite(value) and bool(LEAST <= value <= MOST)
