"""What the parameters of a density may be."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from geo.density._profile import GAUSSIAN
from geo.density.bandwidth import CRITERIA
from geo.errors import ModelError

POWERS = {"uniform": 0, "epanechnikov": 1, "quartic": 2, "triweight": 3, "gaussian": GAUSSIAN}
"""The kernels (1 − d²/h²)^m, by their m, and the Gaussian."""

LEAST, MOST = 1e-3, 1e30
"""Range of bandwidths, in metres and days: beyond it squares and quotients leave the numbers that there are."""

EDGE_CORRECTIONS = (None, "uniform", "diggle")


def check_parameters(given: Mapping[str, Any]) -> None:
    """Check the parameters of a `geo.density.KernelDensity`, by their names.

    Raises
    ------
    ModelError
        If one is unknown or out of range.
    """
    if given["kernel"] not in POWERS:
        raise ModelError(
            "The kernel {kernel} is not known; choose one of {known}", kernel=given["kernel"], known=", ".join(POWERS)
        )
    if given["n_jobs"] != -1 and given["n_jobs"] < 1:
        raise ModelError("n_jobs must be −1 (all processors) or at least 1; got {n}", n=given["n_jobs"])
    if not (_positive(given["bandwidth_m"]) or given["bandwidth_m"] in CRITERIA):
        raise ModelError(
            "The bandwidth must be a number of metres above zero, or one of {known}; got {h}",
            known=", ".join(CRITERIA),
            h=given["bandwidth_m"],
        )
    if given["edge_correction"] not in EDGE_CORRECTIONS:
        raise ModelError(
            "The edge correction {name} is not known; choose uniform, diggle or None", name=given["edge_correction"]
        )
    if given["bandwidth_days"] is not None and not _positive(given["bandwidth_days"]):
        raise ModelError(
            "The bandwidth in time must be a number of days above zero; got {b}", b=given["bandwidth_days"]
        )
    if not 1e-14 <= given["tolerance"] <= 1e-2:
        raise ModelError("The tolerance must lie between 1e-14 and 0.01; got {tolerance}", tolerance=given["tolerance"])


def _positive(value: Any) -> bool:
    number = isinstance(value, (int, float, np.integer, np.floating))
    return number and math.isfinite(value) and bool(LEAST <= value <= MOST)
