"""Challengers that learn from how one year followed the years before it: ridge regression and gradient boosting."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import PoissonRegressor
from sklearn.model_selection import GroupKFold

from geo.errors import ModelError
from models.challengers import PSEUDO_EVENTS, Known, Past, RateChallenger, common_rate, poisson_log_score, shrunk
from models.likelihood import Floats
from models.neighbours import weights_of
from models.risk_rows import Names

FOLDS = 5
LEAST_EVENTS = 500
"""With fewer events boosted trees learn their noise."""


class Regression(RateChallenger):
    """A regression of each year's events on what was known before it, with the expected events as weights.

    The features of a unit are the logarithms of its own shrunk rate of the years before, of its neighbours' rate, and
    of its people; and the covariates. Its one parameter is chosen by cross-validation over units, by Poisson log score.

    Parameters
    ----------
    covariates
        Columns with one value a unit; missing ones get the mean.
    """

    choices: tuple[float, ...]

    def __init__(
        self,
        counts: Sequence[str] = ("cases", "absences"),
        exposure: str = "population",
        covariates: Sequence[str] = (),
        *,
        unit: str = "commune_code",
        period: str = "month",
    ) -> None:
        super().__init__(counts, exposure, unit=unit, period=period)
        self.covariates = covariates

    def _names(self) -> Names:
        return super()._names()._replace(covariates=tuple(self.covariates))

    def _learn(self, known: Known) -> None:
        years = known.past.by_year()
        n, whole = years.events.shape
        if whole < 2:
            raise ModelError(
                "{model} learns how a year follows those before it, and needs 2 years; got {years}",
                model=type(self).__name__,
                years=whole,
            )
        self._check(years)
        around = None if known.neighbours is None else weights_of(known.neighbours, self.units_)
        x = [features(years.between(None, year), around, self._data.rows.covariates) for year in range(1, whole + 1)]
        common = common_rate(years)
        rows, usual = np.vstack(x[:-1]), common * years.exposure[:, 1:].T.ravel()
        events, unit = years.events[:, 1:].T.ravel(), np.tile(np.arange(n), whole - 1)
        used = usual > 0
        rows, usual, events, unit = rows[used], usual[used], events[used], unit[used]
        if not events.any():
            self.rate_, self.chosen_ = np.full(n, common), self.choices[-1]
            return
        # Relative rates have mean 1: the strength of a penalty then means the same for rare and frequent events.
        self.chosen_ = self._choose(rows, events, usual, unit)
        model = self._regression(self.chosen_).fit(rows, events / usual, sample_weight=usual)
        self.rate_ = common * model.predict(x[-1])

    def _choose(self, rows: Floats, events: Floats, usual: Floats, unit: NDArray[np.int64]) -> float:
        folds = min(FOLDS, len(np.unique(unit)))
        if folds < 2:
            return self.choices[-1]
        scores = np.zeros(len(self.choices))
        for learn, judge in GroupKFold(folds).split(rows, groups=unit):
            if not events[learn].any():
                continue
            for place, choice in enumerate(self.choices):
                model = self._regression(choice)
                model.fit(rows[learn], events[learn] / usual[learn], sample_weight=usual[learn])
                scores[place] += poisson_log_score(events[judge], usual[judge] * model.predict(rows[judge]))
        return self.choices[int(np.argmax(scores))]

    def _check(self, years: Past) -> None:
        """Raise a ModelError where the past is too short of events."""

    @abstractmethod
    def _regression(self, choice: float) -> Any: ...


class RidgeRegression(Regression):
    """Poisson regression with a penalty on the squares of the coefficients."""

    choices = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)

    def _regression(self, choice: float) -> Any:
        return PoissonRegressor(alpha=choice, solver="newton-cholesky", max_iter=1000)


class BoostedTrees(Regression):
    """Gradient-boosted trees with Poisson loss; refuses to learn from fewer than `LEAST_EVENTS` events."""

    choices = (25, 50, 100, 200)

    def _check(self, years: Past) -> None:
        events = int(years.events.sum())
        if events < LEAST_EVENTS:
            raise ModelError(
                "Boosted trees need at least {least} events to learn more than noise; got {n}",
                least=LEAST_EVENTS,
                n=events,
            )

    def _regression(self, choice: float) -> Any:
        return HistGradientBoostingRegressor(
            loss="poisson",
            learning_rate=0.05,
            max_iter=int(choice),
            max_leaf_nodes=8,
            early_stopping=False,
            random_state=0,
        )


def features(before: Past, around: "sparse.csr_array | None", covariates: Floats) -> Floats:
    """Return what is known of each unit from the years before: standardised, shape (units, features)."""
    events, exposure = before.total, before.person_years
    columns = [np.log(shrunk(before).rate_), np.log(exposure.clip(min=1e-9 * exposure.sum()))]
    if around is not None and around.nnz:
        near = (around @ events + PSEUDO_EVENTS) / (around @ exposure + PSEUDO_EVENTS / common_rate(before))
        columns.append(np.log(near))
    table = np.column_stack([*columns, covariates])
    spread = table.std(axis=0)
    standard: Floats = (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return standard
