"""Promoting: which of the trained models the runs use, and why."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sklearn.base import clone

from geo.change import Change, changing
from geo.errors import Message, ModelError
from geo.workers import workers_at
from geo.workspace import Workspace
from maps.text import translate
from models.comparison import compare
from models.model_card import ModelCard, Promotion
from models.registry import CARD, IN_USE, Registry
from models.risk import RiskModel
from models.risk_words import together
from workflow.analysis import count
from workflow.describing import card_in_words
from workflow.layers import read_layers
from workflow.modelling import missing_columns, model_inputs
from workflow.steps import Tell, silent
from workflow.training import CARD_IN_WORDS

LONGEST_REASON = 500


@dataclass(frozen=True)
class Promoted:
    """A model that came into use.

    Attributes
    ----------
    model_id, instead_of
        The model, and the one that was in use before.
    comparison
        See `models.comparison.compare`; None if none was in use.
    messages
        What to tell the user.
    """

    model_id: str
    instead_of: str | None
    comparison: pd.DataFrame | None
    messages: tuple[Message, ...]
    refused: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        compared = None if self.comparison is None else self.comparison.to_dict(orient="records")
        return {
            "model": self.model_id,
            "instead_of": self.instead_of,
            "comparison": compared,
            "messages": [translate(message, "en") for message in self.messages],
        }


def promote(
    workspace: Workspace,
    model_id: str | None = None,
    *,
    force: bool = False,
    reason: str | None = None,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Promoted:
    """Make a trained model the one that runs use, after comparing it with the one in use.

    Parameters
    ----------
    workspace
        Where the models are.
    model_id
        The model; the newest by default.
    force, reason
        Take it even if it is shown to be worse, and why; the card keeps the reason.
    tell, now
        Told of each step; the time of the promotion.

    Raises
    ------
    ModelError
        If there is no such model, it is in use already, its file is damaged, it is shown to be worse than the one in
        use, or cannot be compared with it, and is not forced, or it is forced without a reason.
    """
    _check_reason(force, reason)
    with changing(workspace.folder) as change:
        return _promote(workspace, change, model_id, force, reason, tell, now or datetime.now(UTC))


def _promote(
    workspace: Workspace,
    change: Change,
    model_id: str | None,
    force: bool,
    reason: str | None,
    tell: Tell,
    now: datetime,
) -> Promoted:
    registry = Registry(workspace.models)
    chosen, before = model_id or _newest(registry), registry.in_use()
    if chosen == before:
        raise ModelError("The model {name} is in use already", name=chosen)
    model, card = registry.load(chosen), registry.card(chosen)
    comparison, said = None, [Message("No model was in use, so it was compared with none")]
    if before is not None:
        tell(Message("Comparing with the model in use"), 0, 1)
        incumbent = registry.load(before)
        if set(model.counts) == set(incumbent.counts):
            comparison = compare_models(workspace, model, incumbent)
            said = comparison_words(comparison)
        elif force:
            said = [Message("It counts other records than the model that was in use, so the two were not compared")]
        else:
            raise ModelError(
                "{name} counts other records than {before}, the model in use, so the two cannot be compared. To take "
                "it all the same give --force and --reason TEXT",
                name=chosen,
                before=before,
            )
    worse = comparison is not None and bool((comparison["verdict"] == "worse").any())
    if worse and not force:
        raise ModelError(
            "{name} is shown to be worse than {before}, the model in use: {how}. Keep that one, or give --force and "
            "--reason TEXT",
            name=chosen,
            before=before,
            how=together(said),
        )
    promotion = Promotion(
        at=now.isoformat(timespec="seconds"),
        instead_of=before,
        comparison=None if comparison is None else comparison.set_index("metric").to_dict(orient="index"),
        forced=force,
        reason=reason,
    )
    _keep(workspace, change, card.model_copy(update={"promotions": [*card.promotions, promotion]}), now)
    verdict = [Message("It is shown to be worse, and was taken all the same")] if worse else []
    messages = (Message("{name} is the model in use now", {"name": chosen}), *said, *verdict)
    return Promoted(chosen, before, comparison, messages)


def model_in_use(workspace: Workspace) -> RiskModel | None:
    """Return the model in use as it was stored, if one is.

    Raises
    ------
    ModelError
        If its file is not the one that was stored.
    """
    registry = Registry(workspace.models)
    name = registry.in_use()
    return registry.load(name) if name else None


def compare_models(workspace: Workspace, challenger: RiskModel, incumbent: RiskModel) -> pd.DataFrame:
    """Compare two specifications on the workspace's last months; see `models.comparison.compare`.

    Raises
    ------
    ModelError
        If the workspace lacks what one of them needs, or has too few months.
    """
    layers, settings = read_layers(workspace), workspace.settings
    inputs = model_inputs(layers, count(layers, settings), settings)
    for model in (challenger, incumbent):
        missing_columns(model, inputs)
    models = clone(challenger), clone(incumbent)
    with workers_at(settings.scale.scheduler) as workers:
        return compare(*models, inputs.table, inputs.neighbours, random_state=settings.seed, workers=workers)


def comparison_words(comparison: pd.DataFrame) -> list[Message]:
    """Return a comparison in words."""
    said = []
    for row in comparison.itertuples():
        values = {name: getattr(row, name) for name in ("challenger", "incumbent", "difference", "lower", "upper")}
        if row.metric == "log_score":
            said.append(
                Message(
                    "log score of a count in the last months {challenger}, of the model in use {incumbent}: difference "
                    "{difference} (90 %: {lower} to {upper})",
                    {name: float(f"{value:.3g}") for name, value in values.items()},
                )
            )
        else:
            said.append(
                Message(
                    "{challenger} % of the events of the last months in the first tenth of the communes, by the model "
                    "in use {incumbent} %: difference {difference} (90 %: {lower} to {upper})",
                    {name: round(100 * value, 1) for name, value in values.items()},
                )
            )
    return said


def _check_reason(force: bool, reason: str | None) -> None:
    if force and not (reason or "").strip():
        raise ModelError("--force needs --reason TEXT: the model's card keeps why")
    if reason is not None and not force:
        raise ModelError("--reason says why a worse model is taken; give it together with --force")
    if reason is not None and len(reason) > LONGEST_REASON:
        raise ModelError("The reason has {n} letters; at most {most} are kept", n=len(reason), most=LONGEST_REASON)


def _newest(registry: Registry) -> str:
    names = registry.names()
    if not names:
        raise ModelError("No model was trained yet; train one with: diemnong train")
    return names[-1]


def _keep(workspace: Workspace, change: Change, card: ModelCard, now: datetime) -> None:
    """Write the card and, with it, what says which model is in use."""
    folder = workspace.models / card.model_id
    words = card_in_words(card, [*card_scores(card)], [_promotion(one) for one in card.promotions])
    in_use = json.dumps({"model": card.model_id, "since": now.isoformat(timespec="seconds")}) + "\n"
    texts = {folder / CARD: card.to_json(), folder / CARD_IN_WORDS: words, workspace.models / IN_USE: in_use}
    for path, text in texts.items():
        change.draft(path).write_text(text, encoding="utf-8")


def card_scores(card: ModelCard) -> Sequence[Message]:
    """Return in words how a model compared with the one before it, when it was last promoted; nothing if it was not."""
    compared = [one.comparison for one in card.promotions if one.comparison is not None]
    if not compared:
        return ()
    return comparison_words(pd.DataFrame.from_dict(compared[-1], orient="index").reset_index(names="metric"))


def _promotion(promotion: Promotion) -> Message:
    values = {"at": promotion.at, "before": promotion.instead_of or "–", "reason": promotion.reason or "–"}
    if promotion.forced:
        return Message("{at}: instead of {before}, forced; reason given: {reason}", values)
    return Message("{at}: instead of {before}", values)
