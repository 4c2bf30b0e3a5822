"""A stack: several models averaged by how well each foretold what came after it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from geo.errors import Message, ModelError
from models.forward import Reading, Window, forward_windows, outcomes
from models.likelihood import Floats
from models.mixture import mixture_weights
from models.predictive import log_probability

PRIOR_EVENTS = 1.0
"""Counts foretold that each member is credited with beforehand."""
DRAWS = 200


class Stack(BaseEstimator):  # type: ignore[misc]
    """A mixture of forecasts whose weights maximise the log score of past forecasts (Yao et al. 2018).

    Each member is fitted before some years of the past and scored on them: a weight is earned by foretelling, never by
    fitting. The members are fitted again on everything.

    Parameters
    ----------
    members
        Names and models, each with the API of `models.risk.RiskModel`.
    counts, unit, period
        As in `models.risk.RiskModel`.
    years
        The last so many years of the past are foretold for the weights.

    Attributes
    ----------
    weights_
        Index: the members that could be fitted. Not negative, with sum 1; equal where the past is too short.
    left_out_
        Why the others could not be fitted.

    References
    ----------
    Yao, Y., Vehtari, A., Simpson, D. & Gelman, A. (2018). Using stacking to average Bayesian predictive distributions.
    Bayesian Analysis 13(3), 917–1007.
    """

    def __init__(
        self,
        members: Sequence[tuple[str, Any]],
        counts: Sequence[str] = ("cases", "absences"),
        *,
        unit: str = "commune_code",
        period: str = "month",
        years: int = 2,
    ) -> None:
        self.members = members
        self.counts = counts
        self.unit = unit
        self.period = period
        self.years = years

    def fit(self, panel: pd.DataFrame, neighbours: Any = None) -> "Stack":
        """Fit the members and their weights; parameters as in `models.risk.RiskModel.fit`.

        Raises
        ------
        ModelError
            If no member can be fitted.
        """
        self.left_out_: dict[str, Message] = {}
        scores = self._foretold(panel, neighbours)
        self._members: dict[str, Any] = {}
        for name, model in self.members:
            if name not in self.left_out_:
                self._try(name, lambda model=model: clone(model).fit(panel, neighbours), self._members)
        if not self._members:
            raise ModelError("None of the models of the stack can be fitted to this panel")
        names = list(self._members)
        weights = np.full(len(names), 1 / len(names))
        if scores:
            logs = np.column_stack([scores[name] for name in names])
            weights = mixture_weights(np.exp(logs - logs.max(axis=1, keepdims=True)), np.ones(len(logs)), PRIOR_EVENTS)
        self.weights_ = pd.Series(weights, index=names)
        self.units_ = self._members[names[0]].units_
        return self

    def predict(self, panel: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return the weighted means of the members' ``expected`` and ``rate`` by unit."""
        check_is_fitted(self)
        tables = [model.predict(panel)[["expected", "rate"]] * self.weights_[n] for n, model in self._members.items()]
        return sum(tables[1:], start=tables[0])

    def forecast(self, panel: pd.DataFrame) -> Floats:
        """Return draws of the members, each as often as it weighs; see `models.risk.RiskModel.forecast`."""
        check_is_fitted(self)
        ends = np.round(DRAWS * self.weights_.cumsum()).astype(int).to_numpy()
        parts = []
        for model, n in zip(self._members.values(), np.diff(ends, prepend=0), strict=True):
            if n:
                draws = model.forecast(panel)
                parts.append(draws[..., np.arange(n) * draws.shape[-1] // n])
        return np.concatenate(parts, axis=-1)

    def _foretold(self, panel: pd.DataFrame, neighbours: Any) -> dict[str, Floats]:
        """Return the log score of each count of the last years, by member; nothing where the past is too short."""
        effort = sorted({name for _, model in self.members for name in getattr(model, "effort", ())})
        reading = Reading(tuple(self.counts), tuple(effort), self.unit, self.period)
        try:
            windows = list(forward_windows(panel, reading, most=self.years))
        except ModelError:
            return {}
        scores: dict[str, Floats] = {}
        for name, model in self.members:
            self._try(name, lambda model=model: self._score(model, windows, reading, neighbours), scores)
        return scores

    def _score(self, model: Any, windows: list[Window], reading: Reading, neighbours: Any) -> Floats:
        logs = []
        for window in windows:
            fitted = clone(model).fit(window.past, neighbours)
            counts, known = outcomes(window, reading, fitted.units_)
            logs.append(log_probability(counts, fitted.forecast(window.future))[known])
        return np.concatenate(logs)

    def _try(self, name: str, make: Any, into: dict[str, Any]) -> None:
        try:
            into[name] = make()
        except ModelError as error:
            self.left_out_[name] = error.message
