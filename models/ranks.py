"""What posterior draws say of ranks: how sure it is that a unit is among the first."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOPS = (5, 10, 20)
"""Per cent of the units for which P(in the top) is told."""


def summarise(draws: Floats, index: pd.Index, level: float = 0.9) -> pd.DataFrame:
    """Return what draws say of each unit.

    Parameters
    ----------
    draws
        Shape (units, draws).
    index
        The units.
    level
        Of the central interval.

    Returns
    -------
    pandas.DataFrame
        ``expected``, ``lower``, ``upper``; ``expected_rank`` (mean over the draws, 1 is the highest; equal values
        share the mean of their ranks), ``p_top5``, ``p_top10``, ``p_top20``: the share of draws in which the unit is
        among that part of the units, rounded up. Among equal values each is in the top with the same probability.
    """
    n = len(draws)
    lower, upper = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=1)
    rank, top = np.zeros(n), {k: np.zeros(n) for k in TOPS}
    for draw in draws.T:
        best, worst = _range_of_ranks(draw)
        rank += 0.5 * (best + worst)
        for k in TOPS:
            places = np.ceil(k * n / 100)
            top[k] += np.clip((places - best + 1) / (worst - best + 1), 0.0, 1.0)
    share = 1 / draws.shape[1]
    columns = {"expected": draws.mean(axis=1), "lower": lower, "upper": upper, "expected_rank": rank * share}
    return pd.DataFrame(columns | {f"p_top{k}": total * share for k, total in top.items()}, index=index)


def _range_of_ranks(values: Floats) -> tuple[Floats, Floats]:
    """Return the best and the worst rank of each value, 1 for the highest: they differ where values are equal."""
    order = np.argsort(-values, kind="stable")
    ordered = values[order]
    begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    group = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    last = np.append(first[1:], values.size)
    best, worst = np.empty(values.size), np.empty(values.size)
    best[order], worst[order] = first[group] + 1.0, last[group]
    return best, worst
