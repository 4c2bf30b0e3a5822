"""Did outreach change anything, and could these data have shown it: estimate, placebos and verdict."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import Message, PlanError
from models.power import ALPHA, ENOUGH, Comparison, detectable_fall, power
from models.score_test import Flags, Floats, p_values, reassigned, score
from models.two_way import fit_ratio

LEVEL = 0.9
"""Of the interval, whose upper end below 1 is a fall at 5 %, one-sided."""
ASSIGNMENTS = 1999
"""Starts drawn anew for a p-value."""
VERDICTS = ("effective", "less than the threshold", "no verdict")


@dataclass(frozen=True)
class Effect:
    """What a comparison of counts says.

    Attributes
    ----------
    ratio, lower, upper
        Events with the treatment over those without it, and its 90 % interval (profile likelihood).
    p_value
        One-sided for a fall, by randomisation of the starts.
    dispersion
        Above 1 counts vary more than Poisson ones.
    power
        With which a fall by the threshold would have been found.
    detectable_fall
        The least fall that would have been found with a power of 0.8; None if not even the end of all events.
    placebos
        ``test``, ``p_value`` (two-sided): what should show nothing, and whether it does.
    verdict
        One of `VERDICTS`. With less power than 0.8 there is none, whatever the estimate.
    reasons
        Messages.
    """

    ratio: float
    lower: float
    upper: float
    p_value: float
    dispersion: float
    power: float
    detectable_fall: float | None
    placebos: pd.DataFrame
    verdict: str
    reasons: tuple[Message, ...]


def estimate_effect(
    counts: pd.DataFrame,
    starts: pd.Series,
    *,
    threshold_fall: float = 0.5,
    placebo_counts: Mapping[str, pd.DataFrame] | None = None,
    random_state: int = 0,
) -> Effect:
    """Compare counts before and after starts that differ between communes.

    Pilots with others that never begin are a difference in differences; communes that begin one after another are a
    stepped wedge (Hussey & Hughes 2007). Both are the model of `models.two_way`, tested by randomisation of the starts
    over communes (`models.score_test`). That is exact if starts were drawn by lot, and only as good as the likeness of
    the communes if not.

    Parameters
    ----------
    counts
        Events; rows by commune code, columns the periods in order (Periods).
    starts
        First treated period by commune code; NaT where there is none.
    threshold_fall
        The fall that was named beforehand as worth having.
    placebo_counts
        Tables like ``counts`` of what the treatment cannot change.
    random_state
        Seed.

    Raises
    ------
    PlanError
        If starts and counts do not fit, nothing can be compared, or there is no event.

    References
    ----------
    Hussey, M. A. & Hughes, J. P. (2007). Design and analysis of stepped wedge cluster randomized trials. Contemporary
    Clinical Trials 28, 182–191.
    """
    if not 0 < threshold_fall <= 1:
        raise PlanError(
            "The fall that is worth having is a share above 0 and at most 1; got {fall}", fall=threshold_fall
        )
    table = _table(counts)
    if not table.any():
        raise PlanError("Nothing was recorded in the period: there is no count to compare")
    treated = _treated(counts, starts)
    rng = np.random.default_rng(random_state)
    p = _p_value(table, treated, rng, two_sided=False)
    fitted = fit_ratio(table, treated, LEVEL)
    comparison = Comparison(treated, fitted.without)
    placebos = _placebos(table, treated, placebo_counts or {}, counts, rng)
    found = power(comparison, threshold_fall, random_state=random_state)
    least = detectable_fall(comparison, random_state=random_state)
    wrong = placebos.loc[placebos["p_value"] <= ALPHA, "test"].tolist()
    verdict = _verdict(found, p, fitted.upper, fitted.lower, threshold_fall, wrong)
    reasons = _reasons(fitted.ratio, fitted.lower, fitted.upper, threshold_fall, found, least, wrong)
    return Effect(
        fitted.ratio, fitted.lower, fitted.upper, p, fitted.dispersion, found, least, placebos, verdict, reasons
    )


def _table(counts: pd.DataFrame) -> Floats:
    values: Floats = counts.to_numpy(dtype=float)
    if not counts.index.is_unique or not np.isfinite(values).all() or (values < 0).any() or (values % 1).any():
        raise PlanError("Counts are whole numbers from 0 on, one for each commune and period; each commune stands once")
    return values


def _treated(counts: pd.DataFrame, starts: pd.Series) -> Flags:
    if not starts.index.is_unique or set(starts.index) != set(counts.index):
        raise PlanError("Starts are given for each commune of the counts, once; leave those empty that never begin")
    columns, begins = counts.columns, starts.reindex(counts.index)
    if not (isinstance(columns, pd.PeriodIndex) and columns.is_monotonic_increasing and begins.dtype == columns.dtype):
        raise PlanError("The columns of the counts must be periods in order, and the starts periods of the same length")
    treated: Flags = np.array(
        [np.zeros(len(columns), dtype=bool) if pd.isna(begin) else columns >= begin for begin in begins]
    )
    return Comparison(treated, np.ones(treated.shape)).treated


def _p_value(table: Floats, treated: Flags, rng: np.random.Generator, *, two_sided: bool) -> float:
    scores = score(table[None], reassigned(treated, ASSIGNMENTS, rng))
    return float(p_values(scores, two_sided=two_sided)[0])


def _placebos(
    table: Floats,
    treated: Flags,
    others: Mapping[str, pd.DataFrame],
    counts: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return tests of what should show nothing: starts set before the first real one, and other counts."""
    rows = []
    before = int(treated.any(axis=0).argmax())
    early = _early(treated)
    if before >= 2 and early.any() and not early.all():
        pretended = early[:, None] & (np.arange(before) >= before // 2)
        rows.append(("before the start", _p_value(table[:, :before], pretended, rng, two_sided=True)))
    for name, other in others.items():
        if not other.index.equals(counts.index) or not other.columns.equals(counts.columns):
            raise PlanError("The placebo counts {name} have other communes or periods than the counts", name=name)
        rows.append((name, _p_value(_table(other), treated, rng, two_sided=True)))
    return pd.DataFrame(rows, columns=["test", "p_value"]).astype({"p_value": float})


def _early(treated: Flags) -> Flags:
    """Return the communes that begin before the middle one: the pilots, or the first half of a stepped wedge."""
    length = treated.sum(axis=1)
    earlier: Flags = length > np.median(length)
    return earlier


def _verdict(found: float, p: float, upper: float, lower: float, fall: float, wrong: list[str]) -> str:
    if found < ENOUGH or wrong:
        return "no verdict"
    if p <= ALPHA and upper < 1:
        return "effective"
    return "less than the threshold" if lower > 1 - fall else "no verdict"


def _reasons(
    ratio: float, lower: float, upper: float, fall: float, found: float, least: float | None, wrong: list[str]
) -> tuple[Message, ...]:
    reasons = [
        Message(
            "events with outreach are {ratio} times those without ({lower} to {upper})",
            {"ratio": ratio, "lower": lower, "upper": upper},
        )
    ]
    asked = {"fall": round(100 * fall), "power": found}
    if found < ENOUGH:
        reasons.append(
            Message("no verdict: a fall of {fall} % would be found with a power of {power} only, 0.8 is needed", asked)
        )
    else:
        reasons.append(Message("a fall of {fall} % would be found with a power of {power}", asked))
    if least is None:
        reasons.append(Message("not even the end of all events would be found with a power of 0.8"))
    else:
        reasons.append(Message("the least fall that these data can show is {fall} %", {"fall": round(100 * least)}))
    if wrong:
        reasons.append(
            Message("no verdict: communes differ where nothing should ({tests})", {"tests": ", ".join(wrong)})
        )
    reasons.append(
        Message("outreach also raises reporting: counts can rise where crimes fall, and a fall can be less reporting")
    )
    return tuple(reasons)
