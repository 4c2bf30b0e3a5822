"""Two specifications of the risk model, judged by the same months that neither has seen."""

from typing import Any

import pandas as pd
from sklearn.base import clone

from geo.errors import ModelError
from geo.workers import InTurn, Workers
from models.bootstrap import estimate
from models.evaluate import HEADLINE, as_recorded, evaluate
from models.pooled import LEVEL, Metric, verdict
from models.risk import RiskModel

HELD_OUT = 12
"""Months that are held out; of a short period only a third."""
FEWEST = 6
"""Fewer months than this are no base for a comparison."""
NEGLIGIBLE = 0.05
"""Less than this much of log score an event, a likelihood ratio of 1.05, is no difference: the draws alone do that."""
CHALLENGER, INCUMBENT = "challenger", "incumbent"
METRICS = (Metric("log_score"), HEADLINE)
COLUMNS = ("metric", CHALLENGER, INCUMBENT, "difference", "lower", "upper", "verdict")


def compare(
    challenger: RiskModel,
    incumbent: RiskModel,
    panel: pd.DataFrame,
    neighbours: Any = None,
    *,
    random_state: int = 0,
    workers: Workers = InTurn(),
) -> pd.DataFrame:
    """Fit both to what came before the last `HELD_OUT` months, and judge what they foretell (`models.evaluate`).

    A model that corrects for effort is judged by what it expects to be recorded, since records judge it.

    Parameters
    ----------
    challenger, incumbent
        Specifications that read the same counts; what they were fitted to does not matter.
    panel, neighbours
        As in `models.risk.RiskModel.fit`, with the columns of both and ``month`` in the index.
    random_state
        Of the bootstrap, which is the same for both.
    workers
        Who makes the two fits.

    Returns
    -------
    pandas.DataFrame
        The columns `COLUMNS`, a row for each ``metric``: "log_score" (mean log probability of a count) and "hit_rate"
        (share of the events in the first tenth of the units). The 90 % interval is that of the difference;
        ``verdict`` is "better" or "worse" where it excludes zero, of log scores all that is `NEGLIGIBLE`, else "not
        told apart".

    Raises
    ------
    ModelError
        If the models read different counts, one cannot be fitted, there are too few months, or nothing happened in
        those that are held out.
    """
    months = panel.index.unique("month").size
    if months < FEWEST:
        raise ModelError(
            "The records cover {n} months; comparing two models takes at least {least}", n=months, least=FEWEST
        )
    models = {CHALLENGER: clone(challenger), INCUMBENT: clone(incumbent)}
    held_out = min(HELD_OUT, months // 3)
    found = evaluate(models, panel, neighbours, horizon=held_out, most=1, random_state=random_state, workers=workers)
    listed = set(found.scores["model"])
    if not set(models) <= listed:
        raise ModelError("One of the models cannot be judged: {why}", why=found.left_out[0])
    ours, theirs = (as_recorded(name) if as_recorded(name) in listed else name for name in models)
    negligible = {"log_score": NEGLIGIBLE * found.pooled.events_per_count(ours)}
    rows = []
    for metric in METRICS:
        (one, ones), (two, twos) = (found.pooled.measured(name, metric) for name in (ours, theirs))
        apart = estimate(one - two, ones - twos, LEVEL)
        rows.append(
            (
                metric.name,
                one,
                two,
                apart.value,
                apart.lower,
                apart.upper,
                verdict(apart, metric, negligible.get(metric.name, 0.0)),
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
