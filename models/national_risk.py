"""NationalRiskModel: a risk model of each province, under a prior that the provinces make together."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from geo.errors import ModelError
from geo.workers import InTurn, Workers
from models.draws_by_province import ByProvince, Part
from models.likelihood import Floats, Layout
from models.national_prior import National, Site, coefficient_site, combine, hyper_site
from models.neighbours import weights_of
from models.noticing import learned
from models.risk import DISPERSED, LEVEL, RiskModel, posterior_of
from models.risk_flags import flags_of
from models.risk_priors import DEFAULT, Prior, Priors, plain_prior
from models.risk_rows import Names, PanelRows, Scales
from models.spatial import graph_of


class NationalRiskModel(RiskModel):
    """A `models.risk.RiskModel` of each province by itself, with a prior from all the others.

    Each province is fitted under the plain priors; what their counts say of the coefficients (levels, covariates, time,
    noticing) and hyperparameters is combined into what a country is like and how far provinces differ
    (`models.national_prior`); then each is fitted again, its prior being what the others tell of it. So a province of
    five cases borrows from the country, and one of five hundred hardly needs to. One province alone is fitted as
    `models.risk.RiskModel` fits it, with one thread of linear algebra.

    Lost against one fit of the country: communes on both sides of a province's border are no neighbours, and draws of
    different provinces are independent, so that what is not known of the whole country is taken as differing between
    provinces when they are ranked together.

    Parameters
    ----------
    counts, exposure, effort, covariates, unit, period, family, priors, draws
        As in `models.risk.RiskModel`; efforts, covariates and time are on the country's scales.
    province
        Column of the panel with the province of each unit.
    random_state
        Seed of the draws of the first province; the others, in the order of their codes, have the seeds after it.

    Attributes
    ----------
    units_, periods_, draws_, noticing_, hyper_, flags_
        As in `models.risk.RiskModel`; ``noticing_`` and ``hyper_`` are those of the mean of the provinces, and
        ``flags_`` has ``"by province"`` besides if there are several.
    provinces_
        The fitted `models.risk.RiskModel` of each province, by its code.
    national_
        A row for each coefficient and hyperparameter: ``mean`` of the provinces, ``sd`` of what is known of it, and
        ``between``, the standard deviation between provinces. Levels are logarithms of events a person and year,
        slopes are by one standard deviation of a covariate. Of one province alone it has no row.
    """

    def __init__(
        self,
        counts: Sequence[str] = ("cases", "absences"),
        exposure: str = "population",
        effort: Sequence[str] = (),
        covariates: Sequence[str] = (),
        *,
        province: str = "province_code",
        unit: str = "commune_code",
        period: str = "month",
        family: str = "poisson",
        priors: Priors = DEFAULT,
        draws: int = 1000,
        random_state: int = 0,
    ) -> None:
        super().__init__(
            counts, exposure, effort, covariates, unit=unit, period=period, family=family, priors=priors, draws=draws,
            random_state=random_state,
        )  # fmt: skip
        self.province = province

    def fit(self, panel: pd.DataFrame, neighbours: Any = None, workers: Workers | None = None) -> "NationalRiskModel":
        """Fit to a panel of one row per unit and period.

        Parameters
        ----------
        panel, neighbours
            As in `models.risk.RiskModel.fit`; the panel tells the province of each unit besides.
        workers
            Who fits the provinces; this process by default.

        Raises
        ------
        ModelError
            As in `models.risk.RiskModel.fit`, or if a unit has no province or several.
        """
        self._data = data = self._read_all(panel)
        self.units_ = data.units
        country = Country(data, neighbours, _provinces_of(panel, self.unit, self.province, data.units))
        settings = Settings(self._of_a_province(), self._names, self._scales)
        workers = workers or InTurn()
        priors: list[Prior | None] = [None] * len(country.codes)
        self.national_ = _table(())
        if len(priors) > 1:
            plain = plain_prior(data.rows, self.priors, self.family == DISPERSED)
            sites = list(workers.map(what_counts_say, country.provinces(priors, self.random_state), settings))
            coefficients = combine([site for site, _ in sites], plain.coefficients)
            hyper = combine([site for _, site in sites], plain.hyper.moments)
            both = zip(coefficients.cavities, hyper.cavities, strict=True)
            priors = [Prior(one, plain.hyper.with_normal(other)) for one, other in both]
            self.national_ = _table((coefficients, hyper), self._terms(data.rows.layout))
        fitted = list(workers.map(fit_province, country.provinces(priors, self.random_state), settings))
        self.provinces_ = dict(zip(country.codes, fitted, strict=True))
        self.noticing_, self.hyper_ = fitted[0].noticing_, fitted[0].hyper_
        if len(priors) > 1:
            self.noticing_ = self._noticing(coefficients, plain)
            self.hyper_ = self._by_name(plain.hyper.hyper(hyper.mean.mean))
        self._keep(country, fitted)
        flags = flags_of(data, self._names, self._scales, self.noticing_, neighbours is None)
        self.flags_ = (*flags, "by province") if len(priors) > 1 else flags
        return self

    def _of_a_province(self) -> RiskModel:
        """Return the model of a province, not fitted."""
        return RiskModel(**{name: value for name, value in self.get_params().items() if name != "province"})

    def _keep(self, country: "Country", fitted: Sequence[RiskModel]) -> None:
        """Keep what the provinces' models say as arrays of the country."""
        self._sample = whole = ByProvince(
            [Part(units, one._sample) for units, one in zip(country.places, fitted, strict=True)]
        )
        self.draws_ = whole.by_unit([one.draws_ for one in fitted])
        self._own_weight = whole.by_unit([one._own_weight for one in fitted])
        ends = [np.stack([one._band.min(axis=0), one._band.max(axis=0)], axis=1) for one in fitted]
        self._band = whole.by_unit(ends).T
        self._places = country.places

    def _rates_if_reported(self, reporting: Floats) -> Floats:
        rates = np.empty_like(reporting)
        for units, one in zip(self._places, self.provinces_.values(), strict=True):
            rates[units] = one._rates_if_reported(reporting[units])
        return rates

    def _noticing(self, national: National, plain: Prior) -> pd.DataFrame:
        rng = np.random.default_rng([self.random_state, 2])
        mean, covariance = national.mean.mean, np.linalg.inv(national.mean.precision)
        draws = rng.multivariate_normal(mean, covariance, self.draws, method="cholesky").T
        layout, efforts = self._data.rows.layout, list(self._scales.effort)
        return learned(draws, plain.coefficients, layout, self._names.counts, efforts, LEVEL)

    def _terms(self, layout: Layout) -> list[str]:
        """Return the names of coefficients and hyperparameters in their order."""
        streams, efforts = self._names.counts, list(self._scales.effort)
        names = [f"level of {name}" for name in streams] + list(self._scales.covariates)
        names += ["trend", "season, cosine", "season, sine"][: layout.functions]
        for stream in streams if efforts else ():
            names += [f"log attention to {stream}", *(f"log weight of {effort} for {stream}" for effort in efforts)]
        names += ["log sigma", "logit phi", *(f"log loading of {name}" for name in streams[1:])]
        return names + ["log size"] * (self.family == DISPERSED)


class Settings(NamedTuple):
    """What all provinces share."""

    model: RiskModel
    """Not fitted."""
    names: Names
    scales: Scales

    def of(self, seed: int) -> RiskModel:
        """Return a new model that reads the country's names on the country's scales."""
        model: RiskModel = clone(self.model).set_params(random_state=seed)
        model._names, model._scales = self.names, self.scales
        return model


class Province(NamedTuple):
    """A piece of work."""

    data: PanelRows
    neighbours: Any
    seed: int
    prior: Prior | None
    """None is the plain one."""


class Country:
    """The rows of a country, to be had by province.

    Parameters
    ----------
    data
        All rows.
    neighbours
        Of all units, or None.
    of
        The province of each unit.
    """

    def __init__(self, data: PanelRows, neighbours: Any, of: pd.Series) -> None:
        self.codes = sorted(of.unique())
        self.places: list[NDArray[np.int64]] = [np.flatnonzero((of == code).to_numpy()) for code in self.codes]
        self._data = data
        self._matrix = None if neighbours is None else weights_of(neighbours, data.units)

    def provinces(self, priors: Sequence[Prior | None], seed: int) -> Iterator[Province]:
        """Yield the provinces in the order of their codes."""
        for k, (units, prior) in enumerate(zip(self.places, priors, strict=True)):
            near = None if self._matrix is None else self._matrix[units][:, units]
            yield Province(self._data.of(units), near, seed + k, prior)


def what_counts_say(province: Province, settings: Settings) -> tuple[Site, Site]:
    """Return what a province's counts say of coefficients and of hyperparameters."""
    rows, model = province.data.rows, settings.model
    prior = province.prior or plain_prior(rows, model.priors, model.family == DISPERSED)
    with threadpool_limits(1):
        graph = graph_of(province.neighbours, province.data.units)
        posterior = posterior_of(rows, graph, prior)
        return coefficient_site(posterior, graph, prior.coefficients), hyper_site(posterior, prior.hyper)


def fit_province(province: Province, settings: Settings) -> RiskModel:
    """Return the fitted model of a province."""
    with threadpool_limits(1):
        return settings.of(province.seed)._fit(province.data, province.neighbours, province.prior)


def _provinces_of(panel: pd.DataFrame, unit: str, province: str, units: pd.Index) -> pd.Series:
    """Return the province of each unit.

    Raises
    ------
    ModelError
        If the panel has no such column, or a unit no province or several.
    """
    if province not in panel.columns:
        raise ModelError("The panel lacks the columns {names}", names=province)
    labels = panel[unit] if unit in panel.columns else panel.index.get_level_values(unit)
    by_unit = panel[province].groupby(np.asarray(labels))
    wrong = int(((by_unit.nunique() != 1) | by_unit.apply(lambda codes: codes.isna().any())).sum())
    if wrong:
        raise ModelError(
            "{n} units have no {name}, or more than one; give each the code of its province", n=wrong, name=province
        )
    found: pd.Series = by_unit.first().reindex(units)
    return found


def _table(national: Sequence[National], terms: Sequence[str] = ()) -> pd.DataFrame:
    parts = {
        "mean": [one.mean.mean for one in national],
        "sd": [one.mean.sd for one in national],
        "between": [one.between for one in national],
    }
    columns = {name: np.concatenate([np.empty(0), *values]) for name, values in parts.items()}
    return pd.DataFrame(columns, index=pd.Index(terms, name="term", dtype=object))
