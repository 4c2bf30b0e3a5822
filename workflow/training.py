"""Training: the risk model fitted to a workspace and kept as a candidate, with its card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from geo.change import changing
from geo.errors import Message
from geo.workers import workers_at
from geo.workspace import Workspace
from maps.stamp import valid_until
from maps.text import translate
from models.model_card import ModelCard, describe
from models.ranking import rank_outreach
from models.registry import CARD, MODEL, write_model
from models.risk import RiskModel
from models.risk_words import flag_words, noticing_words
from workflow.analysis import count
from workflow.describing import card_in_words
from workflow.intake_folder import intakes
from workflow.judging import judge, judgement_words
from workflow.layers import read_layers
from workflow.manifest import versions
from workflow.modelling import begun_late, default_model, fit, is_simulated, model_inputs
from workflow.steps import Tell, silent

CARD_IN_WORDS = "card.md"
TOP = 10
"""How many communes are printed."""
STEPS = 3


@dataclass(frozen=True)
class Trained:
    """A model that was trained, and what it learned.

    Attributes
    ----------
    model, card
        The model as it was stored, and its card.
    ranking
        See `models.ranking.rank_outreach`.
    messages
        What to tell the user.
    """

    model: RiskModel
    card: ModelCard
    ranking: pd.DataFrame
    messages: tuple[Message, ...]
    refused: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {
            "model": self.card.model_id,
            "card": self.card.model_dump(mode="json"),
            "messages": [translate(message, "en") for message in self.messages],
        }


def train(
    workspace: Workspace,
    specification: RiskModel | None = None,
    *,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Trained:
    """Fit a model to the workspace and keep it as a candidate; no run uses it before it is promoted.

    Parameters
    ----------
    workspace
        Where the records are, and the models.
    specification
        A model, not fitted; by default all streams, efforts and covariates that there are.
    tell, now
        Told of each step; the time that the model bears.

    Raises
    ------
    WorkspaceError, ModelError, ClusterError
        If there is nothing to fit to, the specification names what is not there, the model cannot be written, or the
        workers cannot do their part; nothing is then left behind.
    """
    now = now or datetime.now(UTC)
    tell(Message("Joining records to communes"), 0, STEPS)
    layers, settings = read_layers(workspace), workspace.settings
    panel = count(layers, settings)
    inputs = model_inputs(layers, panel, settings)
    tell(Message("Fitting the risk model"), 1, STEPS)
    model = fit(specification or default_model(inputs, settings), inputs, settings.scale.scheduler)
    ranking = rank_outreach(layers.communes, panel.totals(), panel.years, model)
    with workers_at(settings.scale.scheduler) as workers:
        judgement, _ = judge(model, inputs, layers, ranking, settings.seed, tell, workers)
    tell(Message("Storing the model"), 2, STEPS)
    digest = layers.inputs[workspace.store.name]
    period = (str(panel.months[0].start_time.date()), str(panel.months[-1].end_time.date()))
    name = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}-{digest[:8]}"
    with changing(workspace.folder) as change:
        draft = change.new_folder(workspace.models / name)
        about = {
            "model_id": name,
            "made_at": now.isoformat(timespec="seconds"),
            "program": versions("numpy", "pandas", "scikit-learn", "scipy", "skops"),
            "sha256": write_model(draft / MODEL, model),
            "data_kind": "simulated" if is_simulated(layers, inputs.covariates) else "recorded",
            "inputs": _inputs(workspace, digest),
            "period": period,
            "vintage": settings.vintage,
            "events": {stream: int(panel.table[stream].sum()) for stream in model.counts},
            "valid_until": valid_until(period[1], settings.valid_days),
            "judgement": judgement,
        }
        card = describe(model, about, inputs.effort.sources, inputs.covariates.sources)
        (draft / CARD).write_text(card.to_json(), encoding="utf-8")
        (draft / CARD_IN_WORDS).write_text(card_in_words(card), encoding="utf-8")
    said = _messages(card, model, ranking, begun_late(inputs.effort, panel))
    return Trained(model, card, ranking, said)


def _inputs(workspace: Workspace, digest: str) -> list[dict[str, str]]:
    files = [{name: str(report[name]) for name in ("file", "table", "sha256")} for report in intakes(workspace)]
    return [{"file": workspace.store.name, "table": "layers", "sha256": digest}, *files]


def _messages(card: ModelCard, model: RiskModel, ranking: pd.DataFrame, late: Sequence[Message]) -> tuple[Message, ...]:
    values = {
        "name": card.model_id,
        "start": date.fromisoformat(card.period[0]),
        "end": date.fromisoformat(card.period[1]),
        "units": card.units,
        "events": sum(card.events.values()),
    }
    said = [
        Message("Trained {name} on {events} events in {units} communes, {start} to {end}", values),
        *flag_words(model.flags_),
        *late,
        *noticing_words(model.noticing_),
        *judgement_words(card.judgement),
        Message("Top communes, as even effort would record them in a year:"),
        *(_commune(row) for row in ranking.head(TOP).itertuples()),
        Message("It is a candidate. To compare it with the model in use and use it: diemnong promote {name}", values),
    ]
    simulated = Message("SIMULATED DATA: nothing in these records happened")
    return (simulated, *said) if card.data_kind == "simulated" else tuple(said)


def _commune(row: Any) -> Message:
    return Message(
        "{rank}. {name}: {expected} (90 %: {lower} to {upper}), among the first 10 % with probability {percent} %",
        {
            "rank": row.rank,
            "name": row.name,
            "expected": row.expected,
            "lower": row.lower,
            "upper": row.upper,
            "percent": round(100 * row.p_top10),
        },
    )
