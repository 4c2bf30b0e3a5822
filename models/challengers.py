"""Challengers of the risk model behind its API: what they share. They are what any better model has to beat."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from geo.errors import ModelError
from models.baselines import GammaPoisson
from models.likelihood import Floats
from models.ranks import summarise
from models.risk import LEVEL, PER
from models.risk_rows import Names, PanelRows, learn_scales, read_rows

PSEUDO_EVENTS = 1.0
"""Events in all, added where a rate of zero would be a claim that nothing can happen."""


class Past(NamedTuple):
    """What was recorded, all streams together.

    Attributes
    ----------
    events
        Shape (units, periods); 0 where nothing is known.
    exposure
        Persons × years of what is known, shape (units, periods).
    years
        Length of a period.
    """

    events: Floats
    exposure: Floats
    years: float

    @property
    def total(self) -> Floats:
        """Events by unit, all periods."""
        total: Floats = self.events.sum(axis=1)
        return total

    @property
    def person_years(self) -> Floats:
        """Exposure by unit, all periods."""
        person_years: Floats = self.exposure.sum(axis=1)
        return person_years

    def between(self, begin: int | None, end: int | None) -> "Past":
        """Return the periods from ``begin`` on and before ``end``."""
        return Past(self.events[:, begin:end], self.exposure[:, begin:end], self.years)

    def by_year(self) -> "Past":
        """Return whole years, counted back from the last period; what is left over at the beginning is dropped."""
        long = round(1 / self.years)
        whole = self.events.shape[1] // long

        def added(array: Floats) -> Floats:
            part: Floats = array[:, array.shape[1] - whole * long :].reshape(len(array), whole, long).sum(axis=2)
            return part

        return Past(added(self.events), added(self.exposure), 1.0)


class Known(NamedTuple):
    """What a challenger may learn from: the past, and the panel and neighbours that it was given."""

    past: Past
    panel: pd.DataFrame
    neighbours: Any


class Stretch(NamedTuple):
    """A time to speak of: persons × years at risk by unit, and how many years."""

    person_years: Floats
    years: float


class Challenger(BaseEstimator):  # type: ignore[misc]
    """What all challengers share: they read a panel as `models.risk.RiskModel` does, and answer as it does.

    Parameters
    ----------
    counts, exposure, unit, period
        As in `models.risk.RiskModel`; the events of all streams are added up.

    Attributes
    ----------
    units_
        The units, in the order of all results.
    """

    def __init__(
        self,
        counts: Sequence[str] = ("cases", "absences"),
        exposure: str = "population",
        *,
        unit: str = "commune_code",
        period: str = "month",
    ) -> None:
        self.counts = counts
        self.exposure = exposure
        self.unit = unit
        self.period = period

    def fit(self, panel: pd.DataFrame, neighbours: Any = None) -> "Challenger":
        """Fit to a panel of one row per unit and period; parameters and errors as in `models.risk.RiskModel.fit`."""
        names = self._names()
        self._scales = learn_scales(panel, names)
        self._data = read_rows(panel, names, self._scales)
        if not (self._data.exposure.sum() > 0):
            raise ModelError("Nobody is at risk: the column {name} is zero everywhere", name=self.exposure)
        self.units_ = self._data.units
        counts = self._data.rows.counts
        told = (counts >= 0).any(axis=0)
        past = Past(counts.clip(min=0).sum(axis=0), self._data.exposure * told, self._data.years)
        with threadpool_limits(1):  # Threads wait longer for each other than such small sums take.
            self._learn(Known(past, panel, neighbours))
        return self

    def predict(self, panel: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return ``expected`` (events a year) and ``rate`` (per 10,000 persons and year) by unit.

        Where there is a posterior, also its interval, ranks and P(in the top): see `models.ranks.summarise`.

        Parameters
        ----------
        panel
            The periods and persons at risk to predict for; those of the fit by default.
        """
        check_is_fitted(self)
        data = self._data if panel is None else self._read(panel)
        persons = data.exposure.sum(axis=1) / (data.years * len(data.periods))
        year = Stretch(persons, 1.0)
        expected, draws = self._expected(year), self._means(year)
        rate = PER * np.divide(expected, persons, out=np.zeros(len(persons)), where=persons > 0)
        table = pd.DataFrame({"expected": expected, "rate": rate}, index=self.units_)
        if draws.shape[1] == 1:
            return table
        return table.join(summarise(draws, self.units_, LEVEL).drop(columns="expected"))

    def forecast(self, panel: pd.DataFrame) -> Floats:
        """Return means of the Poisson counts of all streams, shape (units, periods, draws); one draw if no posterior.

        Parameters
        ----------
        panel
            As in `predict`; counts in it are not looked at.
        """
        check_is_fitted(self)
        data = self._read(panel)
        return np.stack([self._means(Stretch(exposure, data.years)) for exposure in data.exposure.T], axis=1)

    def _names(self) -> Names:
        if not len(self.counts):
            raise ModelError("The model needs at least one column of counts")
        return Names(tuple(self.counts), self.exposure, (), (), self.unit, self.period)

    def _read(self, panel: pd.DataFrame) -> PanelRows:
        names = self._names()._replace(counts=(), covariates=())
        return read_rows(panel, names, self._scales.without_columns(), self.units_)

    def _learn(self, known: Known) -> None:
        raise NotImplementedError

    def _means(self, at: Stretch) -> Floats:
        """Return draws of the means of the counts, shape (units, draws)."""
        raise NotImplementedError

    def _expected(self, at: Stretch) -> Floats:
        """Return the expected events, by which units are ranked."""
        expected: Floats = self._means(at).mean(axis=1)
        return expected


class RateChallenger(Challenger):
    """What learns a rate of each unit, ``rate_`` (events per person and year, shape (units,))."""

    rate_: Floats

    def _means(self, at: Stretch) -> Floats:
        means: Floats = (at.person_years * self.rate_)[:, None]
        return means


class PosteriorChallenger(RateChallenger):
    """What has a posterior of the rates besides: ``rate_draws_``, shape (units, draws).

    Parameters
    ----------
    draws, random_state
        How many posterior draws, and their seed.
    """

    rate_draws_: Floats

    def __init__(
        self,
        counts: Sequence[str] = ("cases", "absences"),
        exposure: str = "population",
        *,
        unit: str = "commune_code",
        period: str = "month",
        draws: int = 1000,
        random_state: int = 0,
    ) -> None:
        super().__init__(counts, exposure, unit=unit, period=period)
        self.draws = draws
        self.random_state = random_state

    def _means(self, at: Stretch) -> Floats:
        means: Floats = at.person_years[:, None] * self.rate_draws_
        return means

    def _expected(self, at: Stretch) -> Floats:
        expected: Floats = at.person_years * self.rate_
        return expected


def common_rate(past: Past) -> float:
    """Return events per person and year, of all units together; of no event at all, as if there had been one."""
    return float(max(past.total.sum(), PSEUDO_EVENTS) / past.person_years.sum())


def shrunk(past: Past) -> GammaPoisson:
    """Return the gamma–Poisson rates of the units around the common rate; nobody at risk has that rate."""
    exposure = past.person_years.clip(min=1e-9 * past.person_years.sum())
    units = len(exposure)
    events = max(past.total.sum(), PSEUDO_EVENTS)
    return GammaPoisson().fit(past.total, exposure, np.full(units, common_rate(past)), np.full(units, events))


def places_of(panel: pd.DataFrame, unit: str, columns: tuple[str, str], units: pd.Index) -> Floats:
    """Return each unit's place, shape (units, 2).

    Raises
    ------
    ModelError
        If a column is missing, or some unit's place.
    """
    missing = [name for name in columns if name not in panel]
    if missing:
        raise ModelError("The panel lacks the columns {names}", names=", ".join(missing))
    key = unit if unit in panel else panel.index.get_level_values(unit)
    places: Floats = panel.groupby(key)[list(columns)].first().reindex(units).to_numpy(dtype=float)
    lost = int(np.isnan(places).any(axis=1).sum())
    if lost:
        raise ModelError("{n} units have no place; give {x} and {y} of each", n=lost, x=columns[0], y=columns[1])
    return places


def poisson_log_score(events: Floats, means: Floats) -> float:
    """Return Σ y log μ − μ, the Poisson log likelihood but for a constant of the events."""
    return float((events * np.log(means.clip(min=np.finfo(float).tiny)) - means).sum())
