"""Measures of several windows added up, and their intervals by paired bootstrap."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from models.bootstrap import Estimate, estimate, ratios, resampling
from models.likelihood import Floats
from models.measures import BUDGETS, GRID, Measures, bin_of, calibration_gaps
from models.ranks import TOPS

LEVEL = 0.9
"""Of all intervals."""
LOWER_IS_BETTER = ("calibration_error",)


class Metric(NamedTuple):
    """A number of the table.

    Attributes
    ----------
    name
        ``hit_rate``, ``pai``, ``pei`` (at a budget), ``curve_area``, ``log_score``, ``coverage``,
        ``calibration_error``.
    of
        What the budget is a share of: ``units``, ``population`` or ``area``; of the calibration error ``top``.
    budget
        The share; None where there is none.
    """

    name: str
    of: str = ""
    budget: float | None = None


class Pooled:
    """The measures of all windows together, and their resamples."""

    def __init__(self, measured: Mapping[str, Sequence[Measures]], resamples: int, random_state: int) -> None:
        self._all = {name: list(parts) for name, parts in measured.items()}
        first = next(iter(self._all.values()))
        rng = np.random.default_rng([random_state, len(first)])
        blocks = sum(part.events.size for part in first)
        counted = sum(part.counted.size for part in first)
        self._events = resampling(blocks, resamples, rng)
        self._counts = self._events if counted == blocks else resampling(counted, resamples, rng)
        self._units = resampling(first[0].covered.size, resamples, rng)
        self._spent = list(first[0].hits)

    @property
    def metrics(self) -> list[Metric]:
        """What is measured."""
        budgets = [
            Metric(name, of, budget) for of in self._spent for name in ("hit_rate", "pai", "pei") for budget in BUDGETS
        ]
        areas = [Metric("curve_area", of) for of in self._spent]
        tops = [Metric("calibration_error", "top", k / 100) for k in TOPS]
        return [*budgets, *areas, Metric("log_score"), Metric("coverage"), *tops]

    def measured(self, model: str, metric: Metric) -> tuple[float, Floats]:
        """Return a model's number, and the same in each resample."""
        parts = self._all[model]
        if metric.name == "calibration_error":
            gaps = sum(calibration_gaps(part.tops[round(100 * (metric.budget or 0))]) for part in parts)
            mean = np.asarray(gaps) / len(parts)
            units = len(mean)
            return float(np.abs(mean.sum(axis=0)).sum() / units), np.abs(self._units @ mean).sum(axis=1) / units
        if metric.name == "coverage":
            mean = np.mean([part.covered for part in parts], axis=0)
            return ratios(mean, np.ones_like(mean), self._units)
        if metric.name == "log_score":
            return ratios(_joined(parts, "logs"), _joined(parts, "counted"), self._counts)
        events = _joined(parts, "events")
        if metric.name == "curve_area":
            return ratios(np.concatenate([part.area[metric.of] for part in parts]), events, self._events)
        place = BUDGETS.index(metric.budget)
        hits = np.concatenate([part.hits[metric.of][place] for part in parts])
        if metric.name == "pei":
            return ratios(hits, np.concatenate([part.best[metric.of][place] for part in parts]), self._events)
        value, resampled = ratios(hits, events, self._events)
        scale = 1 / metric.budget if metric.name == "pai" and metric.budget else 1.0
        return scale * value, scale * resampled

    def events_per_count(self, model: str) -> float:
        """Return the mean of the known counts, which the log score is a mean over."""
        parts = self._all[model]
        return float(_joined(parts, "events").sum() / _joined(parts, "counted").sum())

    def ratio(self, model: str, other: str, metric: Metric) -> Estimate:
        """Return by how much a model's number is a multiple of another's, with its paired interval."""
        (one, ones), (two, twos) = self.measured(model, metric), self.measured(other, metric)
        with np.errstate(divide="ignore", invalid="ignore"):
            return estimate(one / two if two else np.inf, np.where(twos > 0, ones / twos, np.inf), LEVEL)

    def scores(self) -> pd.DataFrame:
        """Return the table of `Evaluation.scores`."""
        rows = [
            (name, *metric, *estimate(*self.measured(name, metric), LEVEL))
            for name in self._all
            for metric in self.metrics
        ]
        return _typed(rows, ["model", "metric", "of", "budget", "value", "lower", "upper"])

    def comparisons(self, model: str) -> pd.DataFrame:
        """Return the table of `Evaluation.comparisons` of a model with the others."""
        rows = []
        for metric in self.metrics:
            if metric.name == "coverage":
                continue
            one, ones = self.measured(model, metric)
            for other in self._all:
                if other != model:
                    two, twos = self.measured(other, metric)
                    apart = estimate(one - two, ones - twos, LEVEL)
                    rows.append((model, other, *metric, *apart, verdict(apart, metric)))
        columns = ["model", "other", "metric", "of", "budget", "difference", "lower", "upper", "verdict"]
        return _typed(rows, columns)

    def curves(self) -> pd.DataFrame:
        """Return the table of `Evaluation.curves`."""
        rows = []
        for name, parts in self._all.items():
            events = _joined(parts, "events")
            for of in self._spent:
                hits = np.concatenate([part.curve[of] for part in parts], axis=1)
                rows += [(name, of, 0.0, 0.0, 0.0, 0.0)] + [
                    (name, of, share, *estimate(*ratios(row, events, self._events), LEVEL))
                    for share, row in zip(GRID, hits, strict=True)
                ]
        return pd.DataFrame(rows, columns=["model", "of", "share", "hit_rate", "lower", "upper"])

    def reliability(self) -> pd.DataFrame:
        """Return the table of `Evaluation.reliability`; empty bins are left out."""
        rows = []
        for name, parts in self._all.items():
            for k in TOPS:
                forecast, came = np.concatenate([part.tops[k] for part in parts], axis=1)
                place = bin_of(forecast)
                for bin_ in np.unique(place):
                    inside = place == bin_
                    rows.append((name, k, forecast[inside].mean(), came[inside].mean(), int(inside.sum())))
        return pd.DataFrame(rows, columns=["model", "top", "forecast", "came", "n"])


def verdict(apart: Estimate, metric: Metric, negligible: float = 0.0) -> str:
    """Return "better" or "worse" if all the interval lies beyond what is negligible, else "not told apart"."""
    sign = -1 if metric.name in LOWER_IS_BETTER else 1
    if apart.lower > negligible or apart.upper < -negligible:
        return "better" if sign * apart.value > 0 else "worse"
    return "not told apart"


def _joined(parts: Sequence[Measures], name: str) -> Floats:
    return np.concatenate([getattr(part, name) for part in parts])


def _typed(rows: list[Any], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns).astype({"budget": "Float64"})
