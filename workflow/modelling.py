"""From a workspace's layers to a fitted risk model: what every fit of it is given."""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from scipy import sparse
from sklearn.base import clone

from geo.adjacency import touching
from geo.border import face_communes
from geo.covariates import CovariateTable, join_covariates
from geo.effort import Effort, effort_columns
from geo.errors import Message, ModelError
from geo.panel import Panel
from geo.workers import LOCAL, workers_at
from geo.workspace import Settings
from models.national_risk import NationalRiskModel
from models.risk import RiskModel
from models.risk_words import called, flag_words, together
from workflow.layers import Layers

STREAMS = ("cases", "absences")

DISTRICT = "district"
"""Column of the unit above communes; since July 2025 that is the province."""

LATE_MONTHS = 6
"""Records of an effort that begin so much later than the period may be missing rather than none."""


@dataclass(frozen=True)
class ModelInputs:
    """What a model is fitted to.

    Attributes
    ----------
    table
        Commune × month: the panel's columns, the efforts, the covariates, and `DISTRICT` where every commune has one.
    streams
        The counts of which there are records.
    effort, covariates
        The columns with their sources; covariates of which no commune has a value have no column.
    neighbours
        Adjacency of the communes in the order of the table.
    """

    table: pd.DataFrame
    streams: tuple[str, ...]
    effort: Effort
    covariates: CovariateTable
    neighbours: "sparse.csr_array[Any]"


def model_inputs(layers: Layers, panel: Panel, settings: Settings) -> ModelInputs:
    """Return what the layers and the panel give a model.

    Raises
    ------
    WorkspaceError
        If a covariate of the user's was measured on another commune layer.
    """
    faced = face_communes(layers.border, layers.communes, settings.crs).set_axis(layers.border["sector_id"])
    effort = effort_columns(panel, layers.records["patrols"], faced)
    every = join_covariates(layers.communes, layers.border, layers.crossings, layers.covariates, settings.crs)
    covariates = replace(every, table=every.table.dropna(axis="columns", how="all"))
    streams = tuple(name for name in STREAMS if len(panel.placed.get(name, ())))
    table = panel.table.join(effort.table).join(covariates.table)
    districts = layers.communes.set_index("commune_code")[DISTRICT]
    if districts.notna().all():
        table = table.join(districts)
    return ModelInputs(table, streams, effort, covariates, touching(layers.communes, settings.crs))


def is_simulated(layers: Layers, covariates: CovariateTable) -> bool:
    """Return whether any record, covariate or part of the terrain of a workspace is simulated."""
    kinds = [rows["data_kind"] for rows in layers.records.values() if "data_kind" in rows]
    ground = any(source["data_kind"] == "simulated" for source in layers.terrain_sources)
    return ground or covariates.simulated or any((kind == "simulated").any() for kind in kinds)


def default_model(inputs: ModelInputs, settings: Settings) -> RiskModel:
    """Return the model of a workspace where none is in use, not fitted: all streams, efforts and covariates.

    Raises
    ------
    ModelError
        If it is to be fitted by district, and some commune's is not known.
    """
    counts, effort, covariates = inputs.streams, tuple(inputs.effort.table), tuple(inputs.covariates.table)
    if not settings.scale.by_district:
        return RiskModel(counts, effort=effort, covariates=covariates, random_state=settings.seed)
    if DISTRICT not in inputs.table:
        raise ModelError(
            "Settings ask for a fit by district (scale.by_district), but some communes of the layer name none; give "
            "the layer's column: --column district=COLUMN, or set it to false"
        )
    return NationalRiskModel(
        counts, effort=effort, covariates=covariates, province=DISTRICT, random_state=settings.seed
    )


def fit(specification: RiskModel, inputs: ModelInputs, scheduler: str = LOCAL) -> RiskModel:
    """Return a new model of the specification, fitted; by district where it says so, by the workers of a scheduler.

    Raises
    ------
    ModelError
        If the workspace no longer has what the specification names.
    ClusterError
        If the workers cannot do their part.
    """
    missing_columns(specification, inputs)
    model: RiskModel = clone(specification)
    if not isinstance(model, NationalRiskModel):
        return model.fit(inputs.table, inputs.neighbours)
    with workers_at(scheduler) as workers:
        return model.fit(inputs.table, inputs.neighbours, workers)


def missing_columns(specification: RiskModel, inputs: ModelInputs) -> None:
    """Raise if the workspace no longer has what a specification names.

    Raises
    ------
    ModelError
        With the names.
    """
    districts = (specification.province,) if isinstance(specification, NationalRiskModel) else ()
    needed = (*specification.counts, *specification.effort, *specification.covariates, *districts)
    lost = [name for name in needed if name not in inputs.table]
    if lost:
        raise ModelError(
            "The model needs {names}, which the workspace does not have; add the records or layers again, or train and "
            "promote another model",
            names=", ".join(lost),
        )


def not_used(model: RiskModel, inputs: ModelInputs) -> list[Message]:
    """Say which records and layers of the workspace a model does not know."""
    known = {*model.counts, *model.effort, *model.covariates}
    new = [name for name in (*inputs.streams, *inputs.effort.table, *inputs.covariates.table) if name not in known]
    if not new:
        return []
    names = together(called(name) for name in new)
    return [Message("The model does not use: {names}. To train one that does: diemnong train", {"names": names})]


def corrects_for_outreach(model: RiskModel) -> bool:
    """Return whether a fitted model knows where people were taught; if not, it ranks recorded cases, not risk.

    A log of outreach alone is not enough: the model in use may have been trained without it.
    """
    return bool((model.noticing_["effort"] == "outreach").any())


def model_notes(model: RiskModel, inputs: ModelInputs, panel: Panel, model_id: str | None) -> tuple[Message, ...]:
    """Say which model was fitted, and what a reader must know of it; ``model_id`` is the one in use, if one is."""
    default = Message("No model is in use: the default one was fitted to the present records")
    chosen = Message("Model in use: {name}, fitted anew to the present records", {"name": model_id})
    return (
        chosen if model_id else default,
        *flag_words(model.flags_),
        *begun_late(inputs.effort, panel),
        *not_used(model, inputs),
    )


def begun_late(effort: Effort, panel: Panel) -> list[Message]:
    """Say which efforts have records only from long after the period's beginning on; months before count as without."""
    start = panel.months[0] + LATE_MONTHS
    dated = effort.sources[effort.sources["source"].isin(["outreach", "patrols"])].dropna(subset="first")
    return [
        Message(
            "{effort}: recorded from {month} only; the months before count as without",
            {"effort": called(name), "month": month},
        )
        for name, month in zip(dated["name"], dated["first"], strict=True)
        if pd.Period(month, "M") > start
    ]
