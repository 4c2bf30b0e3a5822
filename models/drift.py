"""Drift: whether newer months still fit a model, and which units changed.

All checks are posterior predictive: what came is compared with what the model, as it stands, would have expected of
those months with their efforts and people.

References
----------
Gelman, A., Meng, X.-L. & Stern, H. (1996). Posterior predictive assessment of model fitness via realized discrepancies.
Statistica Sinica 6, 733–807.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Message, ModelError
from models.forward import Reading, flat
from models.likelihood import Floats
from models.permutation_test import Tails, verdicts
from models.predictive import covered, log_probability, pit_bounds
from models.risk import LEVEL, RiskModel

CHECKED = (Message("log score"), Message("coverage"))
"""What is checked besides each stream's total."""
DRAWS = 500
UNLIKELY = 0.05
"""The newer periods no longer fit where the least p, times the number of checks, is below this."""
DISCOVERIES = 0.1
"""False discoveries that are allowed among the units said to have changed."""


@dataclass(frozen=True)
class Drift:
    """How newer months fit a model.

    Attributes
    ----------
    first, last
        The months.
    checks
        One row per check: each stream's total, the mean ``log score`` of the counts, and their ``coverage`` by 90 %
        intervals (`models.predictive.covered`). ``found``; what the model expects, ``expected``, with the 90 % interval
        ``lower``, ``upper`` of its own predictions; two-sided ``p`` (of the log score one-sided: low is bad).
    units
        Index: the units. ``recorded``, ``expected``, ``p_high``, ``p_low``, ``p``, ``q`` (false discoveries controlled)
        and ``changed``: "more", "fewer" or "".
    """

    first: object
    last: object
    checks: pd.DataFrame
    units: pd.DataFrame

    @property
    def fits(self) -> bool:
        """Whether no check is unlikely, all of them considered (Bonferroni)."""
        return bool(self.checks["p"].min() * len(self.checks) >= UNLIKELY)

    def said(self, names: Mapping[str, str] | None = None) -> Iterator[Message]:
        """Say in words what was found; ``names`` are what units are called."""
        for name, row in self.checks.iterrows():
            values = {"found": row["found"], "expected": row["expected"], "low": row["lower"], "high": row["upper"]}
            yield Message(
                "{first} to {last}, {what}: {found}, expected {expected} ({low} to {high})",
                {"first": self.first, "last": self.last, "what": Message(name), **values},
            )
        if self.fits:
            yield Message("The new months fit the model")
        else:
            yield Message("The new months no longer fit the model: train it again, and look at what changed")
        changed = self.units[self.units["changed"] != ""]
        if changed.empty:
            yield Message("No unit is shown to have changed; so few months show great changes only")
        for row in changed.itertuples():
            called = (names or {}).get(row.Index, row.Index)
            values = {"unit": called, "n": int(row.recorded), "expected": row.expected}
            if row.changed == "more":
                yield Message("{unit}: {n} recorded, {expected} expected: more than before", values)
            else:
                yield Message("{unit}: {n} recorded, {expected} expected: fewer than before", values)


def drift(model: RiskModel, panel: pd.DataFrame, *, random_state: int = 0) -> Drift:
    """Compare newer periods with what a fitted model expects of them.

    Parameters
    ----------
    model
        Fitted to earlier periods.
    panel
        The newer periods: counts, people, and efforts as they were.
    random_state
        Of the simulated counts.

    Raises
    ------
    ModelError
        If no count of the panel is known, or columns are missing.
    """
    counts, means, known = _newer(model, panel)
    replicated = np.random.default_rng(random_state).poisson(np.moveaxis(means, -1, 0)).astype(float)
    rows = {
        name: _check(_tails(found.sum(), mean.sum(axis=(0, 1))), found.sum(), drawn.sum(axis=(1, 2)))
        for name, found, mean, drawn in zip(model.counts, counts, means, np.moveaxis(replicated, 1, 0), strict=True)
    }
    for name, of_values in zip(map(str, CHECKED), (log_probability, _covered), strict=True):
        found, *drawn = _means_of(of_values, [counts, *replicated], means, known)
        tails = Tails(_share(np.array(drawn) >= found), _share(np.array(drawn) <= found))
        rows[name] = _check(tails if name == "coverage" else Tails(np.ones(1), tails.low / 2), found, np.array(drawn))
    periods = sorted(flat(panel, _reading(model))[model.period].unique())
    checks = pd.DataFrame.from_dict(rows, orient="index", columns=["found", "expected", "lower", "upper", "p"])
    units = _units(counts.sum(axis=(0, 2)), means.sum(axis=(0, 2)), model.units_)
    return Drift(periods[0], periods[-1], checks, units)


def _reading(model: RiskModel) -> Reading:
    return Reading(tuple(model.counts), tuple(model.effort), model.unit, model.period)


def _newer(model: RiskModel, panel: pd.DataFrame) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return counts, shape (streams, units, periods), draws of their means, and which counts are known."""
    table = flat(panel, _reading(model))
    wide = table.set_index([model.unit, model.period])[list(model.counts)].astype(float)
    counts = np.stack([wide[name].unstack().reindex(model.units_).to_numpy(dtype=float) for name in model.counts])
    known = np.isfinite(counts)
    if not known.any():
        raise ModelError("No count of the newer periods is known")
    means = np.stack([model.forecast(table, [name], most=DRAWS) for name in model.counts])
    return np.nan_to_num(counts), means * known[..., None], known


def _tails(counts: Any, means: Floats) -> Tails:
    """Return P(at least) and P(at most) each count; draws are on the last axis of ``means``."""
    lower, upper = pit_bounds(np.asarray(counts, dtype=float), means)
    return Tails(1 - lower, upper)


def _check(tails: Tails, found: float, drawn: Floats) -> tuple[float, float, float, float, float]:
    lower, upper = np.quantile(drawn, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return (
        float(found),
        float(drawn.mean()),
        float(lower),
        float(upper),
        min(1.0, 2 * float(np.min(np.minimum(*tails)))),
    )


def _share(extreme: NDArray[np.bool_]) -> Any:
    return (1 + extreme.sum()) / (1 + extreme.size)


def _covered(counts: Floats, means: Floats) -> Floats:
    return covered(counts, means, LEVEL)


def _means_of(
    of_values: Callable[[Floats, Floats], Floats], sets: list[Floats], means: Floats, known: NDArray[np.bool_]
) -> list[float]:
    """Return the mean over known counts of a function of them, for each set of counts; each value is computed once."""
    values = np.unique(np.concatenate([one[known] for one in sets]))
    table = np.stack([of_values(np.full(known.shape, value), means)[known] for value in values])
    cells = np.arange(int(known.sum()))
    return [float(table[np.searchsorted(values, one[known]), cells].mean()) for one in sets]


def _units(counts: Floats, means: Floats, index: pd.Index) -> pd.DataFrame:
    tails = _tails(counts, means)
    statistics: dict[Hashable, Floats] = {"recorded": counts, "expected": means.mean(axis=-1)}
    table = verdicts(statistics, tails, np.zeros(len(counts), dtype=np.int64), "bh", index).drop(columns="flag")
    direction = np.where(table["recorded"] > table["expected"], "more", "fewer")
    return table.assign(changed=np.where(table["q"] < DISCOVERIES, direction, ""))
