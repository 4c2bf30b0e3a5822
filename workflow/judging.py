"""How well a specification foretells on a workspace's own records: beside simple rankings, and by kind of commune."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from geo.errors import Message, ModelError
from geo.workers import InTurn, Workers
from maps.audit import GROUPS, KINDS, MEASURES, VERDICTS
from models.errors_by_kind import by_kind, sums_by_unit, thirds
from models.evaluate import HEADLINE, evaluate, named, score_words
from models.model_card import Judgement, plain_rows
from models.risk import RiskModel
from models.simple_rankings import CumulativeCount, EmpiricalBayes, LastYearCount, Population
from workflow.layers import Layers
from workflow.modelling import ModelInputs
from workflow.steps import Tell, silent

RISK_MODEL = Message("risk model")
SIMPLE = (
    Message("cumulative counts"),
    Message("counts of the last year"),
    Message("population"),
    Message("gamma–Poisson rates"),
)
GOALS = {"cumulative": 1.25, "best": 1.05}
"""How many times the hits of cumulative counts, and of the best simple ranking, the model is to have."""


def simple_rankings(streams: Sequence[str], seed: int) -> dict[str, Any]:
    """Return the rankings that need counts and people only, by the names of `SIMPLE`."""
    rankings = (
        CumulativeCount(streams), LastYearCount(streams), Population(streams),
        EmpiricalBayes(streams, random_state=seed),
    )  # fmt: skip
    return {str(name): ranking for name, ranking in zip(SIMPLE, rankings, strict=True)}


def judge(
    fitted: RiskModel,
    inputs: ModelInputs,
    layers: Layers,
    ranking: pd.DataFrame,
    seed: int,
    tell: Tell = silent,
    workers: Workers = InTurn(),
) -> tuple[Judgement | None, tuple[Message, ...]]:
    """Return how a model's specification foretold the years after the second; None, and why, where none can be judged.

    Parameters
    ----------
    fitted
        To all records: it says how much each commune's own data weigh. What is judged are new fits of its
        specification, each to what came before a year.
    inputs, layers
        The workspace.
    ranking
        `models.ranking.rank_outreach` of the model.
    seed
        Of the resamples.
    tell
        Told of each fit.
    workers
        Who makes the fits.
    """
    name, others = str(RISK_MODEL), simple_rankings(fitted.counts, seed)
    try:
        models = {name: clone(fitted), **others}
        found = evaluate(models, inputs.table, inputs.neighbours, random_state=seed, workers=workers, tell=tell)
        rng = np.random.default_rng([seed, len(ranking)])
        kinds, _ = errors_by_kind(fitted, inputs, layers, ranking, rng, tell, workers)
    except ModelError as error:
        return None, (error.message,)
    hits = found.scores[_headline(found.scores)].set_index("model")["value"]
    there = [other for other in others if other in hits.index]
    against = [(str(SIMPLE[0]), "cumulative"), (hits[there].idxmax(), "best")]
    multiples = [
        {"other": other, "best": goal == "best", "goal": GOALS[goal],
         **found.pooled.ratio(name, other, HEADLINE)._asdict()}
        for other, goal in against
        if other in there
    ]  # fmt: skip
    told = found.scores[_headline(found.scores) | (found.scores["metric"] == "log_score")]
    judgement = Judgement(
        windows=plain_rows(found.windows),
        scores=plain_rows(told),
        multiples=plain_rows(pd.DataFrame(multiples)),
        kinds=plain_rows(kinds),
    )
    return judgement, found.left_out


def errors_by_kind(
    model: RiskModel,
    inputs: ModelInputs,
    layers: Layers,
    ranking: pd.DataFrame,
    rng: np.random.Generator,
    tell: Tell,
    workers: Workers = InTurn(),
) -> tuple[pd.DataFrame, tuple[Message, ...]]:
    """Return `models.errors_by_kind.by_kind` of thirds of remoteness, people and own data, and of the border or not.

    No row, and why, where no year can be forecast.
    """
    by_code = layers.communes.set_index("commune_code").loc[model.units_]
    border = by_code[["border_km_laos", "border_km_china"]].fillna(0).sum(axis=1) > 0
    ranked = ranking.set_index("commune_code").loc[model.units_]
    kinds = {
        "population": thirds(ranked["population"].astype(float)),
        "border": border.map({True: "yes", False: "no"}),
        "data": thirds(ranked["own_weight"]),
    }
    if (centre := inputs.covariates.table.get("centre_distance_km")) is not None:
        kinds = {"remoteness": thirds(centre.loc[model.units_])} | kinds
    try:
        sums = sums_by_unit(clone(model), inputs.table, inputs.neighbours, tell, workers)
    except ModelError as error:
        return by_kind(pd.DataFrame(), {}, rng), (error.message,)
    return by_kind(sums, kinds, rng), ()


def kind_words(kinds: pd.DataFrame) -> Iterator[Message]:
    """Return in words how many groups are served alike, and each that is not, with its interval."""
    if not len(kinds):
        return
    yield Message(
        "{n} of {all} comparisons lie within 0.8 to 1.25 of all communes; {untold} cannot be told",
        {
            "n": int((kinds["verdict"] == "alike").sum()),
            "all": len(kinds),
            "untold": int((kinds["verdict"] == "cannot be told").sum()),
        },
    )
    for row in kinds[kinds["verdict"].isin(["outside", "perhaps chance"])].itertuples():
        yield Message(
            "{kind}, {group}: {measure} {ratio} times that of all communes (90 %: {lower} to {upper}): {verdict}",
            {
                "kind": KINDS[row.kind],
                "group": GROUPS[row.group],
                "measure": MEASURES[row.measure],
                "ratio": row.ratio,
                "lower": row.lower,
                "upper": row.upper,
                "verdict": VERDICTS[row.verdict],
            },
        )


def judgement_words(judgement: Judgement | None) -> list[Message]:
    """Return in words what a card keeps of its model's forecasts: goals first, then every ranking's numbers."""
    if judgement is None:
        return [Message("Not judged: the records allow no forecast of a year that could be compared with what came")]
    windows = judgement.windows
    terms = Message(
        "Forecasts of {first} to {last} from {n} origins, each from what came before it: {events} events",
        {
            "first": windows[0]["first"],
            "last": windows[-1]["last"],
            "n": len(windows),
            "events": sum(window["events"] for window in windows),
        },
    )
    goals = [_goal(row) for row in judgement.multiples if None not in row.values()]
    return [terms, *goals, *score_words(pd.DataFrame(judgement.scores))]


def _goal(row: dict[str, Any]) -> Message:
    if row["lower"] >= row["goal"]:
        verdict = Message("met")
    else:
        verdict = Message("met in the mean only") if row["value"] >= row["goal"] else Message("NOT MET")
    other = named(row["other"])
    return Message(
        "Goal: {goal} times the hits of {other} in the first 10 % of the communes. Found: {value} times (90 %: {lower} "
        "to {upper}): {verdict}",
        {
            **{name: row[name] for name in ("goal", "value", "lower", "upper")},
            "other": Message("the best simple ranking, by hindsight ({other})", {"other": other})
            if row["best"]
            else other,
            "verdict": verdict,
        },
    )


def _headline(table: pd.DataFrame) -> "pd.Series[bool]":
    at = (table["metric"] == HEADLINE.name) & (table["of"] == HEADLINE.of) & (table["budget"] == HEADLINE.budget)
    return pd.Series(at)
