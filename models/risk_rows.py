"""A panel as the risk model sees it: arrays by unit and period, in the model's scales."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import ModelError
from models.likelihood import Floats, Rows

MONTHS_A_YEAR = 12


class Names(NamedTuple):
    """The columns of a panel that a model reads."""

    counts: tuple[str, ...]
    exposure: str
    effort: tuple[str, ...]
    covariates: tuple[str, ...]
    unit: str
    period: str


@dataclass(frozen=True)
class Scales:
    """What the units of columns are measured against, learned where a model is fitted and kept for new panels.

    Attributes
    ----------
    effort
        The effort columns that differ somewhere, and their means: the effort of 1.
    covariates
        The covariates that differ between units, their means and standard deviations.
    origin
        The period from which time is counted.
    dropped
        Columns of effort and covariates that say nothing: the same everywhere.
    """

    effort: dict[str, float]
    covariates: dict[str, tuple[float, float]]
    origin: pd.Period | float
    dropped: tuple[str, ...]

    def without_columns(self) -> "Scales":
        """Return the scale of time alone."""
        return replace(self, effort={}, covariates={})


class PanelRows(NamedTuple):
    """`models.likelihood.Rows` with their labels.

    Attributes
    ----------
    rows
        The arrays.
    units, periods
        Labels of the axes.
    years
        Length of a period.
    missing
        Units without a value of some covariate, which get its mean.
    """

    rows: Rows
    units: pd.Index
    periods: pd.Index
    years: float
    missing: pd.Index

    @property
    def exposure(self) -> Floats:
        """Persons at risk × years, shape (units, periods)."""
        exposure: Floats = np.exp(self.rows.log_exposure)
        return exposure

    def of(self, units: NDArray[np.int64]) -> "PanelRows":
        """Return the rows of some units, given by their places."""
        counts, log_exposure, effort, covariates, time = self.rows
        rows = Rows(counts[:, units], log_exposure[units], effort[:, units], covariates[units], time)
        labels = self.units[units]
        return self._replace(rows=rows, units=labels, missing=labels[labels.isin(self.missing)])

    @property
    def usual_exposure(self) -> Floats:
        """The same, and the unit's mean over its other periods where a row is missing or says that nobody is there.

        A month that was not sent in makes no commune smaller.
        """
        exposure = self.exposure
        there = exposure > 0
        mean = exposure.sum(axis=1) / there.sum(axis=1).clip(min=1)
        return np.where(there, exposure, mean[:, None])


def learn_scales(panel: pd.DataFrame, names: Names) -> Scales:
    """Return the scales of a panel.

    Raises
    ------
    ModelError
        If a column is missing or holds what it must not hold.
    """
    table = _checked(panel, names)
    means = {name: float(table[name].mean()) for name in names.effort if table[name].nunique() > 1}
    by_unit = table.groupby(names.unit, sort=False)[list(names.covariates)].first()
    spread = {
        name: (float(by_unit[name].mean()), float(by_unit[name].std(ddof=0)))
        for name in names.covariates
        if by_unit[name].nunique() > 1
    }
    dropped = [name for name in (*names.effort, *names.covariates) if name not in means and name not in spread]
    return Scales(means, spread, table[names.period].min(), tuple(dropped))


def read_rows(panel: pd.DataFrame, names: Names, scales: Scales, units: Sequence[str] | None = None) -> PanelRows:
    """Return the arrays of a panel; units in the order given, or in that of their first rows.

    Months that the panel lacks, and missing counts, are not known; they are not zeros.

    Raises
    ------
    ModelError
        As in `learn_scales`, or if there are other units than ``units``.
    """
    table = _checked(panel, names)
    index = pd.Index(table[names.unit].unique() if units is None else units, name=names.unit)
    unknown = int((~table[names.unit].isin(index)).sum())
    if unknown:
        raise ModelError("{n} rows are of units that the model was not fitted on", n=unknown)
    periods, time, years = _time(table[names.period], scales.origin)
    i, t = index.get_indexer(table[names.unit]), periods.get_indexer(table[names.period])
    shape = len(index), len(periods)

    def spread(column: pd.Series, empty: float) -> Floats:
        array = np.full(shape, empty)
        array[i, t] = column.to_numpy(dtype=float, na_value=empty)
        return array

    counts = np.stack([spread(table[name], -1.0) for name in names.counts] or [np.empty(shape)])[: len(names.counts)]
    with np.errstate(divide="ignore"):
        log_exposure = np.log(spread(table[names.exposure], 0.0) * years)
    effort = np.stack([spread(table[name], 0.0) / mean for name, mean in scales.effort.items()] or [np.empty(shape)])
    effort = effort[: len(scales.effort)]
    by_unit = table.groupby(names.unit, sort=False)[list(scales.covariates)].first().reindex(index)
    covariates = np.column_stack(
        [(by_unit[name] - mean) / sd for name, (mean, sd) in scales.covariates.items()] or [np.empty((len(index), 0))]
    )
    unknown_x = np.isnan(covariates)
    rows = Rows(
        counts,
        log_exposure,
        effort,
        np.ascontiguousarray(np.where(unknown_x, 0.0, covariates)),
        time,
    )
    return PanelRows(rows, index, periods, years, index[unknown_x.any(axis=1)])


def _time(column: pd.Series, origin: pd.Period | float) -> tuple[pd.Index, Floats, float]:
    """Return the periods in order, functions of time (years from the origin, and the season), and a period's length."""
    if column.dtype.kind in "if":
        numbers = pd.Index(np.sort(column.unique()))
        return numbers, (numbers.to_numpy(dtype=float) - float(origin))[:, None], 1.0
    if not isinstance(column.dtype, pd.PeriodDtype):
        raise ModelError("Periods must be pandas Periods, or numbers of years; got {name}", name=column.dtype)
    periods = pd.PeriodIndex(column.unique()).sort_values()
    per_year = {"M": MONTHS_A_YEAR, "Q": 4, "Y": 1}.get(periods.freqstr[0])
    if per_year is None:
        raise ModelError("Periods must be months, quarters or years; got the frequency {name}", name=periods.freqstr)
    years = (periods.asi8 - pd.PeriodIndex([origin], freq=periods.freq).asi8[0]) / per_year
    angle = 2 * np.pi * (periods.month.to_numpy() - 1) / MONTHS_A_YEAR
    season = [np.cos(angle), np.sin(angle)] if per_year > 1 else []
    return periods, np.column_stack([years, *season]), 1 / per_year


def _checked(panel: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Return a panel with its index as columns, checked."""
    indexed = [name for name in (names.unit, names.period) if name in panel.index.names]
    table = panel.reset_index(indexed) if indexed else panel
    wanted = [names.unit, names.period, *names.counts, names.exposure, *names.effort, *names.covariates]
    missing = [name for name in wanted if name not in table]
    if missing:
        raise ModelError("The panel lacks the columns {names}", names=", ".join(missing))
    unnamed = int(table[[names.unit, names.period]].isna().any(axis=1).sum())
    if unnamed:
        raise ModelError("{n} rows have no {unit} or no {period}", n=unnamed, unit=names.unit, period=names.period)
    if table.empty:
        raise ModelError("The panel has no row")
    if table.duplicated([names.unit, names.period]).any():
        raise ModelError(
            "The panel has more than one row of some {unit} and {period}", unit=names.unit, period=names.period
        )
    for name in (*names.counts, names.exposure, *names.effort):
        values = table[name].to_numpy(dtype=float, na_value=np.nan)
        known = values[~np.isnan(values)]
        if name not in names.counts and known.size < values.size:
            raise ModelError("The column {name} has missing values; only counts may be missing", name=name)
        if (known < 0).any() or np.isinf(known).any():
            raise ModelError("The column {name} must hold finite numbers of at least 0", name=name)
        if name in names.counts and (known != np.round(known)).any():
            raise ModelError("The column {name} must hold whole numbers: they are counts", name=name)
    for name in names.covariates:
        values = table[name].to_numpy(dtype=float, na_value=np.nan)
        if np.isinf(values).any():
            raise ModelError("The covariate {name} must be finite, or missing", name=name)
        if (table.groupby(names.unit, sort=False)[name].nunique() > 1).any():
            raise ModelError(
                "The covariate {name} changes within a {unit}; give one value a unit", name=name, unit=names.unit
            )
    return table
