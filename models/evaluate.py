"""Evaluation, forward in time only: what each ranking would have found, and whether one is shown to be better.

At each origin the models are fitted to what came before it and judged by what came in the next year. Numbers of all
windows are pooled (hits and events are added up before they are divided), and each has an interval by bootstrap: the
periods are drawn again or, where there are fewer than `FEW_PERIODS`, single events. All models are resampled by the
same draws, so that their differences are paired. The forecasts stay as they were: the interval tells the chance of what
happened, not how else the models could have been fitted.

References
----------
Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7(1), 1–26.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from geo.errors import Message, ModelError
from geo.workers import InTurn, Workers
from models.forward import Reading, Window, flat, forward_windows, outcomes
from models.likelihood import Floats
from models.measures import Measures, Outcome, measure
from models.pooled import LEVEL, Metric, Pooled

FEW_PERIODS = 6
RESAMPLES = 2000

HEADLINE = Metric("hit_rate", "units", 0.1)
"""What is told first."""
Told = Callable[[Message, int, int], None]


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes
    ----------
    scores
        One row per model and metric: ``model``, ``metric``, ``of``, ``budget`` (missing where there is none),
        ``value``, ``lower``, ``upper`` (90 % interval).
    comparisons
        One row per other model and metric: ``model``, ``other``, ``metric``, ``of``, ``budget``, ``difference``,
        ``lower``, ``upper``, and ``verdict``: "better" or "worse" only where the paired interval excludes zero, else
        "not told apart".
    curves
        The hit-rate curves: ``model``, ``of``, ``share``, ``hit_rate``, ``lower``, ``upper``.
    reliability
        ``model``, ``top`` (per cent), ``forecast`` (mean P in the bin), ``came`` (share that was in the top), ``n``.
    windows
        ``first``, ``last``, ``events`` of each window.
    resampled
        What the intervals come from: "periods" or "events".
    left_out
        What could not be evaluated, and why.
    pooled
        What the tables are made from: ratios of numbers, and their resamples.
    """

    scores: pd.DataFrame
    comparisons: pd.DataFrame
    curves: pd.DataFrame
    reliability: pd.DataFrame
    windows: pd.DataFrame
    resampled: str
    left_out: tuple[Message, ...]
    pooled: Pooled

    @property
    def messages(self) -> tuple[Message, ...]:
        """What a reader must know, in words: how it was judged, each model's numbers, and what they show."""
        return (*self._terms(), *score_words(self.scores), *self._verdicts(), *self.left_out)

    def _terms(self) -> Iterator[Message]:
        windows = self.windows
        yield Message(
            "Forecasts of {first} to {last} from {n} origins, each from what came before it: {events} events",
            {
                "first": windows["first"].iloc[0],
                "last": windows["last"].iloc[-1],
                "n": len(windows),
                "events": int(windows["events"].sum()),
            },
        )
        if self.resampled == "events":
            yield Message("90 % intervals by drawing the events again: there are too few periods to draw from")
        else:
            yield Message("90 % intervals by drawing the periods again")

    def _verdicts(self) -> Iterator[Message]:
        for metric, what in ((HEADLINE, Message("hits")), (Metric("log_score"), Message("log score"))):
            rows = _rows(self.comparisons, metric)
            for found, others in rows.groupby("verdict", sort=True)["other"]:
                yield _shown(
                    str(found), {"model": named(rows["model"].iloc[0]), "what": what, "others": _listed(others)}
                )


def evaluate(
    models: Mapping[str, Any],
    panel: pd.DataFrame,
    neighbours: Any = None,
    *,
    of: str | None = None,
    exposure: str = "population",
    area: str | None = None,
    horizon: int | None = None,
    least: int | None = None,
    most: int | None = None,
    resamples: int = RESAMPLES,
    random_state: int = 0,
    workers: Workers = InTurn(),
    tell: Told = lambda *_: None,
) -> Evaluation:
    """Evaluate models on a panel, forward in time.

    Parameters
    ----------
    models
        By name; each with the API of `models.risk.RiskModel` and its parameters ``counts``, ``unit`` and ``period``. A
        model that corrects for effort ranks by what even effort would record, though it is the records that judge it;
        so it is listed a second time (`as_recorded`), ranked by what it expects to be recorded.
    panel, neighbours
        As in `models.risk.RiskModel.fit`.
    of
        The model that is compared with the others; the first by default.
    exposure, area
        Columns with what budgets are shares of, besides units; no area by default.
    horizon, least, most
        See `models.forward.forward_windows`.
    resamples, random_state
        Of the bootstrap.
    workers
        Who makes the forecasts: one model and origin is a piece.
    tell
        Told of each fit.

    Raises
    ------
    ModelError
        If the panel is too short, no event falls into a window, or the compared model cannot be fitted.
    """
    of = of or next(iter(models))
    reading = reading_of(models)
    windows = list(forward_windows(panel, reading, horizon=horizon, least=least, most=most))
    units = pd.Index(flat(panel, reading)[reading.unit].unique(), name=reading.unit)
    counts = [outcomes(window, reading, units)[0] for window in windows]
    events = [int(count.sum()) for count in counts]
    if not sum(events):
        raise ModelError("No event falls into the periods that are forecast; nothing can be evaluated")
    periods = np.concatenate([count.sum(axis=0) for count in counts])
    single = periods.size < FEW_PERIODS
    spent = [column for column in (exposure, area) if column]
    outcomes_of = [_outcome(window, reading, units, spent, area, single=single) for window in windows]
    judging = _Judging(windows, outcomes_of, units, neighbours, random_state)
    measured: dict[str, list[Measures]] = {name: [] for name in models}
    failed: dict[str, Message] = {}

    def pieces() -> Iterator[tuple[int, str, Any]]:
        for done, (number, name) in enumerate(product(range(len(windows)), models)):
            tell(Message("Forecasting with {model}", {"model": named(name)}), done, len(models) * len(windows))
            if name not in failed:
                yield number, name, models[name]

    for name, found in workers.map(_judged, pieces(), judging):
        if isinstance(found, ModelError):
            if name == of:
                raise found
            failed.setdefault(name, found.message)
        else:
            for ranked, measures in found.items():
                measured.setdefault(ranked, []).append(measures)
    for name in failed:
        measured.pop(name)
        measured.pop(as_recorded(name), None)
    pooled = Pooled(measured, resamples, random_state)
    listed = [(str(w.first), str(w.last), n) for w, n in zip(windows, events, strict=True)]
    return Evaluation(
        pooled.scores(),
        pooled.comparisons(of),
        pooled.curves(),
        pooled.reliability(),
        pd.DataFrame(listed, columns=["first", "last", "events"]),
        "events" if single else "periods",
        tuple(_left_out(failed, periods)),
        pooled,
    )


class _Judging(NamedTuple):
    """What all forecasts are made and judged with."""

    windows: Sequence[Window]
    outcomes: Sequence[Outcome]
    units: pd.Index
    neighbours: Any
    random_state: int


def _judged(piece: tuple[int, str, Any], judging: _Judging) -> tuple[str, dict[str, Measures] | ModelError]:
    """Return a model's name, and by name of the ranking what its forecast of a window is worth, or why it has none."""
    number, name, model = piece
    window, outcome, units = judging.windows[number], judging.outcomes[number], judging.units

    def worth(expected: Floats, means: Floats) -> Measures:
        rng = np.random.default_rng([judging.random_state, number])  # the same simulated chance for every model
        return measure(expected, means, outcome, LEVEL, rng)

    with threadpool_limits(1):
        try:
            fitted = clone(model).fit(window.past, judging.neighbours)
        except ModelError as error:
            return name, error
        expected = fitted.predict(window.future)["expected"].reindex(units).to_numpy(dtype=float)
        means = fitted.forecast(window.future)[fitted.units_.get_indexer(units)]
        found = {name: worth(expected, means)}
        if getattr(model, "effort", ()):
            found[as_recorded(name)] = worth(means.mean(axis=-1).sum(axis=1), means)
        return name, found


def score_words(scores: pd.DataFrame) -> Iterator[Message]:
    """Return in words what each model of `Evaluation.scores` found in a tenth of the units, and its log score."""
    hits, logs = (_rows(scores, metric).set_index("model") for metric in (HEADLINE, Metric("log_score")))
    for name in hits.index:
        yield Message(
            "{model}: {hits} % of the events in 10 % of the units ({low} to {high}), log score per 100 counts "
            "{score} ({worst} to {best})",
            {
                "model": named(name),
                "hits": 100 * hits.loc[name, "value"],
                "low": 100 * hits.loc[name, "lower"],
                "high": 100 * hits.loc[name, "upper"],
                "score": 100 * logs.loc[name, "value"],
                "worst": 100 * logs.loc[name, "lower"],
                "best": 100 * logs.loc[name, "upper"],
            },
        )


def as_recorded(name: str) -> str:
    """Return the name under which a model is listed that ranks by what will be recorded with the efforts there are."""
    return str(Message("{model}, as recorded", {"model": name}))


def reading_of(models: Mapping[str, Any]) -> Reading:
    """Return how the models read a panel.

    Raises
    ------
    ModelError
        If they read different counts.
    """
    readings = {(tuple(model.counts), model.unit, model.period) for model in models.values()}
    if len(readings) != 1:
        raise ModelError("The models read different counts, units or periods, and cannot be compared")
    effort: set[str] = set()
    for model in models.values():
        effort.update(getattr(model, "effort", ()))
        for _, member in getattr(model, "members", ()):
            effort.update(getattr(member, "effort", ()))
    counts, unit, period = readings.pop()
    return Reading(counts, tuple(sorted(effort)), unit, period)


def _outcome(
    window: Window, reading: Reading, units: pd.Index, spent: Sequence[str], area: str | None, *, single: bool
) -> Outcome:
    counts, known = outcomes(window, reading, units)
    costs = {"units": np.ones(len(units))}
    for column in spent:
        mean = window.outcome.groupby(reading.unit)[column].mean().reindex(units).fillna(0.0)
        costs["area" if column == area else "population"] = mean.to_numpy(dtype=float)
    return Outcome(counts, known, costs, single)


def _left_out(failed: Mapping[str, Message], periods: Floats) -> list[Message]:
    messages = [
        Message("{model} is left out: {why}", {"model": named(name), "why": why}) for name, why in failed.items()
    ]
    empty = int((periods == 0).sum())
    if empty:
        values = {"n": empty, "total": periods.size}
        messages.append(Message("{n} of {total} periods have no event, and count for the log score only", values))
    return messages


def _rows(table: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    chosen = table[(table["metric"] == metric.name) & (table["of"] == metric.of)]
    return chosen if metric.budget is None else chosen[chosen["budget"] == metric.budget]


def named(name: str) -> Message:
    """Return the name of a model, or of its twin `as_recorded`, as a message that can be said in another language."""
    ending = as_recorded("")
    if not name.endswith(ending):
        return Message(name)
    return Message("{model}, as recorded", {"model": named(name.removesuffix(ending))})


def _shown(verdict: str, values: dict[str, object]) -> Message:
    if verdict == "better":
        return Message("{model}, by {what}: shown to be better than {others}", values)
    if verdict == "worse":
        return Message("{model}, by {what}: shown to be worse than {others}", values)
    return Message("{model}, by {what}: cannot be told apart from {others}", values)


def _listed(names: Iterable[str]) -> Message:
    places = {f"m{place}": named(name) for place, name in enumerate(names)}
    template = ", ".join(f"{{{key}}}" for key in places)
    return Message(template, places)
