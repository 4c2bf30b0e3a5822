"""RiskModel: true risk by commune from counts of what was noticed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from geo.errors import ModelError
from models.laplace import Hyper, Mode, Posterior, explore, find_mode
from models.likelihood import Floats, Rows
from models.noticing import learned, sensitivity
from models.ranks import summarise
from models.risk_flags import flags_of
from models.risk_priors import DEFAULT, Prior, Priors, plain_prior
from models.risk_rows import Names, PanelRows, learn_scales, read_rows
from models.risk_sample import Draws, draw_sample
from models.spatial import Graph, graph_of
from models.unsure_reporting import flips, rates_if_reported, reporting_draws

LEVEL = 0.9
"""Of the intervals."""
PER = 10_000
"""Rates are shown per so many persons and year."""
DISPERSED = "negative_binomial"
FAMILIES = ("poisson", DISPERSED)
WEAK = 0.5
"""A unit whose own counts tell less than this of what is known of it has weak data."""


class RiskModel(BaseEstimator):  # type: ignore[misc]
    """Expected events by unit, corrected for how hard each unit was looked at, and borrowed from its neighbours.

    The likelihood is that of `models.likelihood`: counts y_kit of the streams k (cases, absences) have the mean
    E_it p_kit exp(α_k + x_i·β + f_t·ζ + δ_k u_i), p_kit = 1 − exp(−attention). One effect u_i is shared by the streams
    (Knorr-Held & Best 2001), and is partly that of the neighbours (BYM2, Riebler et al. 2016). Posteriors are those of
    `models.laplace`, priors those of `models.risk_priors`.

    How many events there are that nobody noticed, no counts can tell; which unit has more of them, they can. So the
    results are what *even* effort would record.

    Parameters
    ----------
    counts
        Columns of the panel with the counts of each stream; the loading δ of the first is 1.
    exposure
        Column of the persons at risk.
    effort
        Columns of the effort to notice, each ≥ 0 (decayed outreach, mailboxes, …), set against their means over units
        and periods; () takes everything as noticed alike everywhere.
    covariates
        Columns with one value a unit; missing ones get the mean.
    unit, period
        Columns or index levels of the panel; periods are months, quarters or years, or numbers of years.
    family
        ``"poisson"`` or ``"negative_binomial"``.
    priors
        The numbers of the priors.
    draws
        How many posterior draws.
    random_state
        Seed of the draws.

    Attributes
    ----------
    units_, periods_
        The units, in the order of all results, and the periods of the fit.
    draws_
        Posterior draws of the expected events a year, shape (units, draws).
    noticing_
        What was learned of noticing, a row for each stream and effort: ``share`` of the attention that the effort
        brings at its mean, with its 90 % interval ``lower``, ``upper``, and whether the data ``moved`` the prior.
    hyper_
        Posterior means of ``sigma``, ``phi``, ``size`` and the loading of each stream.
    flags_
        What a reader must know of the fit (`models.risk_flags.flags_of`).

    References
    ----------
    Knorr-Held, L. & Best, N. G. (2001). A shared component model for detecting joint and selective clustering of two
    diseases. JRSS A 164(1), 73–85.
    Riebler, A., Sørbye, S. H., Simpson, D. & Rue, H. (2016). An intuitive Bayesian spatial model for disease mapping
    that accounts for scaling. Statistical Methods in Medical Research 25(4), 1145–1165.
    """

    def __init__(
        self,
        counts: Sequence[str] = ("cases", "absences"),
        exposure: str = "population",
        effort: Sequence[str] = (),
        covariates: Sequence[str] = (),
        *,
        unit: str = "commune_code",
        period: str = "month",
        family: str = "poisson",
        priors: Priors = DEFAULT,
        draws: int = 1000,
        random_state: int = 0,
    ) -> None:
        self.counts = counts
        self.exposure = exposure
        self.effort = effort
        self.covariates = covariates
        self.unit = unit
        self.period = period
        self.family = family
        self.priors = priors
        self.draws = draws
        self.random_state = random_state

    def fit(self, panel: pd.DataFrame, neighbours: Any = None) -> "RiskModel":
        """Fit to a panel of one row per unit and period.

        Parameters
        ----------
        panel
            The columns that were named; counts may be missing where nothing is known, and so may rows.
        neighbours
            Adjacency of the units in the order of their first rows: sparse matrix or libpysal ``W`` or ``Graph``;
            None where there are no neighbours.

        Raises
        ------
        ModelError
            If a parameter or a column is not as it must be, shapes differ, or there is nobody at risk.
        """
        return self._fit(self._read_all(panel), neighbours)

    def _read_all(self, panel: pd.DataFrame) -> PanelRows:
        """Learn names and scales from a panel, and return it checked."""
        self._names = self._checked_names()
        self._scales = learn_scales(panel, self._names)
        data = read_rows(panel, self._names, self._scales)
        if not (data.exposure.sum() > 0):
            raise ModelError("Nobody is at risk: the column {name} is zero everywhere", name=self.exposure)
        for name, counts in zip(self._names.counts, data.rows.counts, strict=True):
            if (counts < 0).all():
                raise ModelError("No count of {name} is known; leave the column out", name=name)
        return data

    def _fit(self, data: PanelRows, neighbours: Any, prior: Prior | None = None) -> "RiskModel":
        """Fit to what was read with the names and scales that are there; the prior is the plain one by default."""
        plain = plain_prior(data.rows, self.priors, self.family == DISPERSED)
        self.units_ = data.units
        self._data, self._graph, self._prior = data, graph_of(neighbours, data.units), prior or plain
        self._posterior = posterior_of(data.rows, self._graph, self._prior)
        coefficients = self._prior.coefficients
        rng = np.random.default_rng(self.random_state)
        sample = draw_sample(self._posterior, self._graph, coefficients, data, self.draws, rng)
        self._sample: Draws = sample
        self.draws_ = sample.expected(data)
        self._own_weight = self._weights_of_own()
        layout, efforts = data.rows.layout, list(self._scales.effort)
        # Against the plain prior: what other counts told of noticing is told as well.
        self.noticing_ = learned(sample.coefficients, plain.coefficients, layout, self._names.counts, efforts, LEVEL)
        moved = self.noticing_["moved"].to_numpy(dtype=bool)
        self._band = sensitivity(data, self._graph, self._posterior.best, coefficients, moved)
        self.hyper_ = self._hyper_means()
        self.flags_ = flags_of(data, self._names, self._scales, self.noticing_, neighbours is None)
        return self

    @property
    def periods_(self) -> pd.Index:
        """The periods of the fit, in order."""
        return self._data.periods

    def predict(self, panel: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return what even effort would record a year, by unit, in the order of ``units_``.

        Parameters
        ----------
        panel
            The periods and persons at risk to predict for; those of the fit by default. Counts and efforts in it are
            not looked at.

        Returns
        -------
        pandas.DataFrame
            Index: the units. ``expected`` (events a year, all streams, at mean effort), ``rate`` (per 10,000 persons
            and year), ``lower``, ``upper`` (90 % interval of ``expected``), ``expected_rank``, ``p_top5``,
            ``p_top10``, ``p_top20`` (`models.ranks.summarise`), ``detection`` (share of the first stream's events that
            was noticed; its level is mostly the prior's), ``own_weight`` (share of what is known of the unit that its
            own counts tell), ``weak_data``, and ``band_lower``, ``band_upper``: how far ``expected`` depends on what
            the data do not tell of effort.

        Raises
        ------
        ModelError
            If the panel has other units, or lacks columns.
        """
        check_is_fitted(self)
        data = self._data if panel is None else self._read(panel)
        table = summarise(self._sample.expected(data), self.units_, LEVEL)
        persons = data.usual_exposure.sum(axis=1) / (data.years * len(data.periods))
        rate = np.divide(table["expected"], persons, out=np.zeros(len(persons)), where=persons > 0)
        table.insert(1, "rate", PER * rate)
        return table.assign(
            detection=self._sample.noticed(self._data.rows.effort),
            own_weight=self._own_weight,
            weak_data=self._own_weight < WEAK,
            band_lower=table["expected"] * self._band.min(axis=0),
            band_upper=table["expected"] * self._band.max(axis=0),
        )

    def flips(self) -> pd.DataFrame:
        """Return ``flips`` and ``unstable`` by unit: whether the top tenth hangs on how much each unit reports.

        See `models.unsure_reporting`.
        """
        check_is_fitted(self)
        reporting = reporting_draws(len(self.units_), self.random_state)
        return flips(self.draws_.mean(axis=1), self._rates_if_reported(reporting), self.units_)

    def contributions(self) -> pd.DataFrame:
        """Return why each unit's rate is what it is, as additions to the log rate (posterior means).

        Returns
        -------
        pandas.DataFrame
            Index: the units. A column for each covariate, ``neighbours`` (the spatial effect) and ``own`` (the rest of
            the unit's effect) add up to the log rate against that of a typical unit. ``effort`` is apart: by how much
            the counts were raised (above 0) or lowered, because less or more was noticed there than at mean effort.
        """
        check_is_fitted(self)
        rows, sample = self._data.rows, self._sample
        columns = dict(zip(self._scales.covariates, (rows.covariates * sample.slopes).T, strict=True))
        columns["neighbours"] = sample.spatial.mean(axis=1)
        columns["own"] = (sample.u - sample.spatial).mean(axis=1)
        usual = sample.noticed(np.ones_like(rows.effort))
        return pd.DataFrame(columns, index=self.units_).assign(effort=np.log(usual / sample.noticed(rows.effort)))

    def log_score(self, panel: pd.DataFrame) -> pd.Series:
        """Return the mean log predictive probability of the counts of later periods, given their efforts.

        Parameters
        ----------
        panel
            As in `fit`, of periods after those.

        Returns
        -------
        pandas.Series
            Index: the periods; NaN where nothing is known.
        """
        check_is_fitted(self)
        data = read_rows(panel, self._names, self._scales, self.units_)
        total, known = self._sample.log_score(data)
        return pd.Series(np.divide(total, known, out=np.full(known.shape, np.nan), where=known > 0), data.periods)

    def forecast(self, panel: pd.DataFrame, counts: Sequence[str] | None = None, most: int = 200) -> Floats:
        """Return draws of the means of the counts that will be recorded with the efforts of a panel.

        Given a draw, counts are Poisson: where the family is negative binomial, its gamma variate is in the draw.

        Parameters
        ----------
        panel
            Units, periods, persons at risk and efforts; counts and covariates in it are not looked at.
        counts
            The streams that are added up; all by default.
        most
            Draws that are returned at most.

        Returns
        -------
        numpy.ndarray
            Shape (units, periods, draws).
        """
        check_is_fitted(self)
        names, scales = self._names._replace(counts=(), covariates=()), replace(self._scales, covariates={})
        data = read_rows(panel, names, scales, self.units_)
        data = data._replace(rows=data.rows._replace(covariates=self._data.rows.covariates))
        streams = [self._names.counts.index(name) for name in (counts or self._names.counts)]
        chosen = np.linspace(0, self.draws - 1, min(most, self.draws)).astype(int)
        rng = np.random.default_rng([self.random_state, 1])
        means = np.empty((len(self.units_), len(data.periods), len(chosen)))
        for place, draw in enumerate(chosen):
            means[:, :, place] = self._sample.recorded(data, draw, rng)[streams].sum(axis=0)
        return means

    def _checked_names(self) -> Names:
        if self.family not in FAMILIES:
            raise ModelError(
                "The family {name} is not known; choose one of {known}", name=self.family, known=", ".join(FAMILIES)
            )
        if not len(self.counts):
            raise ModelError("The model needs at least one column of counts")
        if self.draws < 1:
            raise ModelError("The model needs at least one draw; got {n}", n=self.draws)
        lists = (self.counts, self.effort, self.covariates)
        counts, effort, covariates = ((names,) if isinstance(names, str) else tuple(names) for names in lists)
        return Names(counts, self.exposure, effort, covariates, self.unit, self.period)

    def _read(self, panel: pd.DataFrame) -> PanelRows:
        """Read a panel for its periods and exposure only; the covariates are those of the fit."""
        names = self._names._replace(counts=(), effort=(), covariates=())
        data = read_rows(panel, names, self._scales.without_columns(), self.units_)
        return data._replace(rows=data.rows._replace(covariates=self._data.rows.covariates))

    def _rates_if_reported(self, reporting: Floats) -> Floats:
        prior = self._prior.coefficients
        return rates_if_reported(self._data, self._graph, prior, self._posterior.best, reporting)

    def _weights_of_own(self) -> Floats:
        """Return the leverage of each unit's counts: the share that they bring of the precision of its log rate.

        Not of its effect u: counts tell the effect and the level together, and each alone may stay in doubt.
        """
        posterior = self._posterior
        fisher = sum(w * mode.at.unit_fisher for w, mode in zip(posterior.weights, posterior.modes, strict=True))
        log_rate = np.log(self.draws_, out=np.zeros_like(self.draws_), where=self.draws_ > 0)
        weights: Floats = np.clip(fisher * log_rate.var(axis=1), 0.0, 1.0)
        return weights

    def _hyper_means(self) -> dict[str, float]:
        modes, weights = self._posterior.modes, self._posterior.weights
        each = pd.DataFrame([self._by_name(mode.hyper) for mode in modes])
        return dict(zip(each, (weights @ each.to_numpy()).tolist(), strict=True))

    def _by_name(self, hyper: Hyper) -> dict[str, float]:
        named = {"sigma": hyper.sigma, "phi": hyper.phi, "size": hyper.size}
        return named | {
            f"loading of {name}": one for name, one in zip(self._names.counts, hyper.loadings.tolist(), strict=True)
        }


def posterior_of(rows: Rows, graph: Graph, prior: Prior) -> Posterior:
    """Return the posterior of rows under a prior."""

    def evaluate(theta: Floats, start: Mode | None) -> tuple[float, Mode]:
        mode = find_mode(rows, graph, prior.coefficients, prior.hyper.hyper(theta), start)
        return mode.log_evidence + prior.hyper.log_density(theta), mode

    return explore(evaluate, prior.hyper.start, *prior.hyper.bounds)
