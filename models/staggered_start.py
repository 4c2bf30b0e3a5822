"""The next programme so that it can be judged: starts drawn by lot, with outcome and threshold written beforehand."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import Message, PlanError
from models.power import ENOUGH, Comparison, detectable_fall, power


@dataclass(frozen=True)
class StaggeredStart:
    """Who begins when, what will be judged and how.

    Attributes
    ----------
    table
        ``commune_code``, ``step`` (from 1), ``start`` (Period); in the order of the steps.
    outcome, threshold_fall, random_state
        As written beforehand.
    power
        With which the threshold would be found.
    detectable_fall
        The least fall that would be found with a power of 0.8; None if not even the end of all events.
    reasons
        Messages.
    """

    table: pd.DataFrame
    outcome: str
    threshold_fall: float
    random_state: int
    power: float
    detectable_fall: float | None
    reasons: tuple[Message, ...]


def design_start(
    expected: pd.Series,
    periods: pd.PeriodIndex,
    steps: int,
    *,
    outcome: str,
    threshold_fall: float,
    random_state: int,
) -> StaggeredStart:
    """Draw the order in which communes begin, in steps of like size.

    The periods are shared out evenly, first to a time without any start, then to the steps. Every commune gets the
    programme, so that the lot takes nothing from anybody (Hemming et al. 2015).

    Parameters
    ----------
    expected
        Events a period that are expected in each commune without the programme, by commune code.
    periods
        All periods of the programme, in order.
    steps
        How many groups begin one after another.
    outcome
        What will be counted, in a sentence.
    threshold_fall
        The fall that is worth having, above 0 and at most 1.
    random_state
        Seed of the lot; best told by somebody who has no part in the programme.

    Raises
    ------
    PlanError
        If there are fewer communes or periods than the steps need, or outcome or threshold is missing.

    References
    ----------
    Hemming, K., Haines, T. P., Chilton, P. J., Girling, A. J. & Lilford, R. J. (2015). The stepped wedge cluster
    randomised trial: rationale, design, analysis, and reporting. BMJ 350, h391.
    """
    codes = pd.Index(expected.index)
    if not outcome.strip() or not 0 < threshold_fall <= 1:
        raise PlanError("Write down beforehand what is counted, and the fall that is worth having (above 0, at most 1)")
    if not codes.is_unique or not 2 <= steps <= len(codes) or len(periods) < steps + 1:
        raise PlanError(
            "{steps} steps need 2 steps or more, as many communes and one period more; there are {communes} communes "
            "and {periods} periods",
            steps=steps,
            communes=len(codes),
            periods=len(periods),
        )
    order = np.random.default_rng(random_state).permutation(np.sort(codes.to_numpy()))
    step = 1 + np.arange(len(order)) * steps // len(order)
    begin = np.arange(steps + 1) * len(periods) // (steps + 1)
    table = pd.DataFrame({"commune_code": order, "step": step, "start": periods[begin[step]]})
    treated = np.arange(len(periods)) >= begin[step][:, None]
    rates = np.repeat(expected.loc[order].to_numpy(dtype=float)[:, None], len(periods), axis=1)
    comparison = Comparison(treated, rates)
    found = power(comparison, threshold_fall, random_state=random_state)
    least = detectable_fall(comparison, random_state=random_state)
    return StaggeredStart(
        table.sort_values(["step", "commune_code"], ignore_index=True),
        outcome,
        threshold_fall,
        random_state,
        found,
        least,
        _reasons(threshold_fall, found, least),
    )


def _reasons(fall: float, found: float, least: float | None) -> tuple[Message, ...]:
    asked = {"fall": round(100 * fall), "power": found}
    if found >= ENOUGH:
        return (Message("a fall of {fall} % would be found with a power of {power}", asked),)
    reasons = [
        Message("a fall of {fall} % would be found with a power of {power} only: no verdict could follow", asked),
        Message("count something that happens more often: verified absences, mailbox use, what people know"),
    ]
    if least is not None:
        reasons.append(Message("the least fall that these data can show is {fall} %", {"fall": round(100 * least)}))
    return tuple(reasons)
