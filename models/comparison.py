"""Two specifications of the risk model, judged by the same months that neither has seen."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from geo.errors import ModelError
from models.risk import LEVEL, RiskModel

HELD_OUT = 12
"""Months that are held out; of a short period only a third."""
FEWEST = 6
"""Fewer months than this are no base for a comparison."""
TOP = 0.1
"""Share of the units in which hits are counted."""
RESAMPLES = 2000

COLUMNS = ("metric", "challenger", "incumbent", "difference", "lower", "upper", "verdict")

Floats = NDArray[np.float64]


def compare(
    challenger: RiskModel, incumbent: RiskModel, panel: pd.DataFrame, neighbours: Any = None, *, random_state: int = 0
) -> pd.DataFrame:
    """Fit both to what came before the last `HELD_OUT` months, and judge both by these months.

    Parameters
    ----------
    challenger, incumbent
        Specifications; what they were fitted to does not matter.
    panel, neighbours
        As in `models.risk.RiskModel.fit`, with the columns of both and ``month`` in the index.
    random_state
        Of the bootstrap over the months, which draws the same months for both.

    Returns
    -------
    pandas.DataFrame
        The columns `COLUMNS`, a row for each ``metric``: "log_score" (mean log probability of a count; only where both
        read the same counts) and "hit_rate" (share of the events that fell in the first tenth of the units). The 90 %
        interval is that of the difference; ``verdict`` is "better" or "worse" where it excludes zero, else "not told
        apart".

    Raises
    ------
    ModelError
        If there are too few months, or nothing happened in those that are held out.
    """
    months = panel.index.get_level_values("month")
    ordered = months.unique().sort_values()
    if len(ordered) < FEWEST:
        raise ModelError(
            "The records cover {n} months; comparing two models takes at least {least}", n=len(ordered), least=FEWEST
        )
    last = ordered[-min(HELD_OUT, len(ordered) // 3) :]
    past, future = panel[~months.isin(last)], panel[months.isin(last)]
    models = [clone(model).fit(past, neighbours) for model in (challenger, incumbent)]
    streams = sorted({*challenger.counts, *incumbent.counts})
    events = future[streams].sum(axis=1).unstack("month").reindex(models[0].units_)[list(last)].to_numpy(dtype=float)
    if not events.sum():
        raise ModelError("Nothing is recorded in the last {n} months; two models cannot be compared", n=len(last))
    draws = np.random.default_rng(random_state).integers(0, len(last), (RESAMPLES, len(last)))
    rows = []
    if tuple(challenger.counts) == tuple(incumbent.counts):
        scores = [model.log_score(future).to_numpy() for model in models]
        rows.append(_row("log_score", [(score, np.ones(len(last))) for score in scores], draws))
    hits = [events[_first(model)].sum(axis=0) for model in models]
    rows.append(_row("hit_rate", [(hit, events.sum(axis=0)) for hit in hits], draws))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _first(model: RiskModel) -> NDArray[np.int64]:
    """Return the positions of the units that a model ranks first; of equal ones the first in the table."""
    expected = model.predict()["expected"].to_numpy()
    return np.argsort(-expected, kind="stable")[: int(np.ceil(TOP * expected.size))]


def _row(metric: str, ratios: list[tuple[Floats, Floats]], draws: NDArray[np.int64]) -> tuple[object, ...]:
    """Return the ratios of both models, sums over months, and how far apart they are when months are drawn again."""
    (ours, theirs), drawn = (part.sum() / whole.sum() for part, whole in ratios), []
    for part, whole in ratios:
        total = whole[draws].sum(axis=1)
        drawn.append(np.divide(part[draws].sum(axis=1), total, out=np.zeros(len(draws)), where=total > 0))
    lower, upper = np.quantile(drawn[0] - drawn[1], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    verdict = "better" if lower > 0 else "worse" if upper < 0 else "not told apart"
    return metric, float(ours), float(theirs), float(ours - theirs), float(lower), float(upper), verdict
