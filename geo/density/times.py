"""Times as days, and the kernel in time."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from geo.density.points import Floats, read_numbers
from geo.errors import ModelError


def read_days(times: Any, name: str) -> Floats:
    """Return times as days, shape (n,): numbers as they are, dates and date-times since 1970.

    Raises
    ------
    ModelError
        If they are neither, or one is missing.
    """
    array = np.asarray(times)
    if array.dtype.kind in "iuf":
        return read_numbers(array, name)
    try:
        # Text must be ISO 8601: pandas would take 01/02/2024 for January.
        dates = pd.DatetimeIndex(pd.to_datetime(np.atleast_1d(array), format="ISO8601"))
        if array.ndim == 1 and dates.tz is None and not dates.hasnans:
            return np.asarray((dates - pd.Timestamp(0)) / pd.Timedelta(days=1), dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ModelError("{name} must be a list of dates, or of days as finite numbers", name=name)


class TimeKernel(NamedTuple):
    """The Epanechnikov kernel in time of each event.

    k(u) = 3/(4b) · (1 − u²/b²) for |u| < b, or twice that for 0 ≤ u < b if only the past counts; u is the time since
    the event in days, b ``bandwidth_days``.
    """

    days: Floats
    bandwidth_days: float
    past_only: bool

    def sum_over(self, when: Floats) -> Floats:
        """Return for each event the sum of its kernel over several days, per day, shape (n,)."""
        total = np.zeros(self.days.size)
        for day in when:
            u = (day - self.days) / self.bandwidth_days
            reached = (u >= 0) & (u < 1) if self.past_only else np.abs(u) < 1
            total += np.where(reached, 1 - u**2, 0.0)
        return total * ((1.5 if self.past_only else 0.75) / self.bandwidth_days)


def read_time_kernel(times: Any, bandwidth_days: float | None, past_only: bool, points: int) -> TimeKernel | None:
    """Return the kernels in time of so many points; None if there are neither times nor a bandwidth.

    Raises
    ------
    ModelError
        If there is only one of the two, lengths differ, or the times are none (`read_days`).
    """
    if (times is None) != (bandwidth_days is None):
        raise ModelError("Densities in time need both: the times of the points, and bandwidth_days")
    if times is None or bandwidth_days is None:
        return None
    days = read_days(times, "times")
    if days.size != points:
        raise ModelError("There are {n} points but {m} times", n=points, m=days.size)
    return TimeKernel(days, float(bandwidth_days), past_only)


def read_when(when: Any) -> Floats:
    """Return one time or several as days, shape (k,)."""
    return read_days(when if np.ndim(when) else [when], "when")


def weights_at(weights: Floats, kernel: TimeKernel | None, when: Any) -> Floats:
    """Return the weights, or (unless ``when`` is None) their sum over the kernels in time then, per day, shape (n,).

    Raises
    ------
    ModelError
        If there are no kernels in time.
    """
    if when is None:
        return weights
    if kernel is None:
        raise ModelError("There is no density at a time: the points were fitted without times")
    return weights * kernel.sum_over(read_when(when))
