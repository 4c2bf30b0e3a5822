"""What must be known of a stored model before it is believed: the card that lies beside it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from geo.errors import Message
from models.risk import RiskModel
from models.risk_state import plain_parameters
from models.risk_words import flag_words

NOT_FOR = (
    Message("not against any person, family or community: it says where to help, never whom to suspect"),
    Message("not as a ground for a search, an arrest or the refusal of a service"),
    Message("not as a count of crime: how many events nobody noticed, no records tell"),
    Message("not for other provinces or times than those it was trained on, without training it again"),
)
"""What a model must not be used for."""


class Promotion(BaseModel):
    """How a model came into use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: str
    instead_of: str | None
    comparison: dict[str, Any] | None
    forced: bool
    reason: str | None


class Judgement(BaseModel):
    """How a specification foretold the years after what it was fitted to, beside simple rankings.

    Attributes
    ----------
    windows
        ``first`` and ``last`` month of each forecast, and its ``events``.
    scores
        Rows of `models.evaluate.Evaluation.scores`: hits in the first tenth of the communes, and the log score.
    multiples
        Of the hits of an ``other`` ranking: ``value`` with its paired 90 % interval ``lower``, ``upper``, and the
        ``goal``; ``best`` says that the other is the best simple one, chosen by hindsight.
    kinds
        See `models.errors_by_kind.by_kind`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    windows: list[dict[str, Any]]
    scores: list[dict[str, Any]]
    multiples: list[dict[str, Any]]
    kinds: list[dict[str, Any]]


class ModelCard(BaseModel):
    """The card.

    Attributes
    ----------
    model_id, made_at, program
        Its name in the workspace, when it was trained, and by which versions.
    sha256
        Of the model's file.
    data_kind
        ``"simulated"`` if any record or covariate was.
    inputs
        The files: name, table and SHA-256, and that of the layers.
    period, vintage, units, events
        Days from and to, unit system and number of the communes, counts by stream.
    effort, covariates
        The columns with their sources.
    parameters, priors, hyper, noticing, flags
        Of the model, see `models.risk.RiskModel` and `models.risk_priors`.
    limits, not_for
        In English words; what it must not be used for.
    release_level
        Who may have the model: it holds what it was trained on.
    valid_until
        The last day on which it is to be used, ISO 8601.
    judgement
        How well it foretells; None where the records allow no forecast that could be judged.
    promotions
        When it came into use, instead of which other one, with the scores of both, their paired intervals, and why.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model_id: str
    made_at: str
    program: dict[str, str]
    sha256: str
    data_kind: str
    inputs: list[dict[str, str]]
    period: tuple[str, str]
    vintage: str
    units: int
    events: dict[str, int]
    effort: list[dict[str, Any]]
    covariates: list[dict[str, Any]]
    parameters: dict[str, Any]
    priors: dict[str, float]
    hyper: dict[str, float]
    noticing: list[dict[str, Any]]
    flags: list[str]
    limits: list[str]
    not_for: list[str]
    release_level: str = "command"
    valid_until: str | None = None
    judgement: Judgement | None = None
    promotions: list[Promotion] = []

    def to_json(self) -> str:
        """Return the card as JSON."""
        return self.model_dump_json(indent=1) + "\n"


def describe(model: RiskModel, about: Mapping[str, Any], effort: pd.DataFrame, covariates: pd.DataFrame) -> ModelCard:
    """Return the card of a fitted model.

    Parameters
    ----------
    model
        The model.
    about
        The fields of `ModelCard` that the model does not know: ``model_id``, ``made_at``, ``program``, ``sha256``,
        ``data_kind``, ``inputs``, ``period``, ``vintage``, ``events``, ``valid_until``, ``judgement``.
    effort, covariates
        Sources of the columns (`geo.effort.SOURCES`, `geo.covariates.SOURCES`), of which those that the model uses are
        kept.
    """
    parameters = plain_parameters(model)
    priors = parameters.pop("priors")
    return ModelCard(
        **about,
        units=len(model.units_),
        effort=plain_rows(effort[effort["name"].isin(model.effort)]),
        covariates=plain_rows(covariates[covariates["name"].isin(model.covariates)]),
        parameters=parameters,
        priors=priors,
        hyper=model.hyper_,
        noticing=plain_rows(model.noticing_),
        flags=list(model.flags_),
        limits=[str(limit) for limit in limits(model.flags_, about["data_kind"])],
        not_for=[str(use) for use in NOT_FOR],
    )


def limits(flags: list[str] | tuple[str, ...], data_kind: str) -> list[Message]:
    """Return what a model with these flags cannot tell."""
    simulated = [Message("It was trained on simulated data and says nothing about any real place")]
    return [
        *(simulated if data_kind == "simulated" else []),
        *flag_words(flags),
        Message("It sees recorded effort only: where people look without recording it, it takes more for risk"),
        Message("Its intervals hold if risk, effort and records are as the model assumes; they are no bounds"),
    ]


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values that JSON can hold, None for what is missing or not finite."""
    known = table.replace([np.inf, -np.inf], np.nan).notna()
    plain = table.astype(object).where(known, None)
    return [
        {str(name): getattr(v, "item", lambda v=v: v)() for name, v in row.items()} for row in plain.to_dict("records")
    ]
