"""Evaluating the models on a workspace's own records, forward in time, against every baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.base import clone

from geo.crs import metric_crs
from geo.errors import Message, ModelError
from geo.workers import workers_at
from geo.workspace import Workspace
from maps.evaluation import FILES, write_evaluation
from maps.outputs import write_manifest
from maps.release import MANIFEST, Level, released
from maps.text import translate
from models.drift import Drift, drift
from models.evaluate import Evaluation, evaluate, named, reading_of
from models.forward import forward_windows
from models.gaussian_process import GaussianProcess
from models.kernel_ratio import KernelRatio
from models.regressions import BoostedTrees, RidgeRegression
from models.risk import RiskModel
from models.stack import Stack
from workflow.analysis import count, not_counted
from workflow.judging import RISK_MODEL, SIMPLE, simple_rankings
from workflow.layers import Layers, read_layers
from workflow.manifest import plain_rows, versions
from workflow.modelling import default_model, is_simulated, missing_columns, model_inputs
from workflow.promoting import model_in_use
from workflow.steps import Tell, silent

FOLDER = "evaluations"
BASELINES = (
    *SIMPLE,
    Message("kernel ratio × population"),
    Message("ridge regression"),
    Message("boosted trees"),
    Message("Gaussian process"),
)
STACK = Message("stack of all")


@dataclass(frozen=True)
class Evaluated:
    """An evaluation, and where its files lie."""

    folder: Path
    evaluation: Evaluation
    drift: Drift
    simulated: bool
    names: Mapping[str, str]
    placement: pd.DataFrame
    refused: bool = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""
        simulated = [Message("SIMULATED DATA: nothing in these records happened")] if self.simulated else []
        return (
            *simulated,
            *not_counted(self.placement),
            *self.evaluation.messages,
            *self.drift.said(self.names),
            Message("Files: {folder}", {"folder": str(self.folder)}),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        evaluation = self.evaluation
        return {
            "folder": str(self.folder),
            "files": [*FILES, MANIFEST],
            "data_kind": "simulated" if self.simulated else "recorded",
            "windows": plain_rows(evaluation.windows),
            "resampled": evaluation.resampled,
            "scores": plain_rows(evaluation.scores),
            "comparisons": plain_rows(evaluation.comparisons),
            "reliability": plain_rows(evaluation.reliability),
            "fits": self.drift.fits,
            "checks": plain_rows(self.drift.checks.rename_axis("check").reset_index()),
            "communes": plain_rows(self.drift.units.reset_index()),
            "messages": [translate(message, "en") for message in self.messages],
        }


def evaluate_workspace(
    workspace: Workspace,
    *,
    out: Path | None = None,
    windows: int | None = None,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Evaluated:
    """Evaluate the risk model and all baselines on the workspace's panel, and write the tables and a picture.

    The risk model is that in use, fitted anew at each origin, or else one of all streams, efforts and covariates.
    Months newer than it are also compared, commune by commune, with what it expects (drift); see `newest_months`.

    Parameters
    ----------
    workspace
        Its records are not changed.
    out
        The folder of the files; by default a new one in the workspace's ``evaluations``.
    windows
        How many of the last years are forecast; by default all after the second.
    tell
        Told of each fit.
    now
        The time in the folder's name; the present by default.

    Raises
    ------
    WorkspaceError
        If there is nothing to evaluate yet, or the workspace cannot be read.
    ModelError
        If the records are of too short a time.
    ClusterError
        If the workers of the settings cannot do their part.
    ReleaseError
        If the files cannot be written; nothing is then left behind.
    """
    now = now or datetime.now(UTC)
    layers, settings = read_layers(workspace), workspace.settings
    panel = count(layers, settings)
    inputs = model_inputs(layers, panel, settings)
    table = with_places(inputs.table, layers, settings.crs)
    in_use = model_in_use(workspace)
    risk = in_use or default_model(inputs, settings)
    missing_columns(risk, inputs)
    models = models_of(clone(risk), settings.seed)
    digest = layers.inputs[workspace.store.name]
    folder = out or workspace.folder / FOLDER / f"{now:%Y%m%dT%H%M%S}-{digest[:8]}"
    with released(folder) as draft, workers_at(settings.scale.scheduler) as workers:
        evaluation = evaluate(
            models,
            table,
            inputs.neighbours,
            area="area_km2",
            most=windows,
            random_state=settings.seed,
            workers=workers,
            tell=tell,
        )
        tell(Message("Comparing the newest months with the model"), 1, 1)
        changes = newest_months(in_use, models[str(RISK_MODEL)], table, inputs.neighbours)
        simulated = is_simulated(layers, inputs.covariates)
        write_evaluation(
            draft,
            evaluation.scores,
            evaluation.comparisons,
            evaluation.curves,
            names={name: named(name) for name in evaluation.scores["model"].unique()},
            simulated=simulated,
            lang=settings.lang,
        )
        names = dict(zip(layers.communes["commune_code"], layers.communes["name"], strict=True))
        result = Evaluated(folder, evaluation, changes, simulated, names, panel.placement)
        write_manifest(draft, _manifest(workspace, result, digest, now), Level.PLANNER)
    return result


def with_places(table: pd.DataFrame, layers: Layers, crs: str) -> pd.DataFrame:
    """Return a panel with each commune's place ``x``, ``y`` (metres of ``crs``) and ``area_km2``."""
    communes = layers.communes.set_index("commune_code")
    centres = communes.to_crs(metric_crs(crs)).representative_point()
    places = {"x": centres.x, "y": centres.y, "area_km2": communes["area_km2"].astype(float)}
    return table.join(pd.DataFrame(places))


def models_of(risk: RiskModel, seed: int) -> dict[str, Any]:
    """Return the risk model first, all baselines of the same counts and covariates, and a stack of them all."""
    streams, covariates = risk.counts, risk.covariates
    rivals = (
        *simple_rankings(streams, seed).values(),
        KernelRatio(streams),
        RidgeRegression(streams, covariates=covariates),
        BoostedTrees(streams, covariates=covariates),
        GaussianProcess(streams, random_state=seed),
    )
    models: dict[str, Any] = {str(RISK_MODEL): risk}
    models |= {str(name): rival for name, rival in zip(BASELINES, rivals, strict=True)}
    return models | {str(STACK): Stack(list(models.items()), streams)}


def newest_months(in_use: RiskModel | None, specification: RiskModel, table: pd.DataFrame, neighbours: Any) -> Drift:
    """Return how the months after those of the model in use fit it.

    Where no model is in use, or no month is newer, the last year is compared with a model of the months before it.

    Raises
    ------
    ModelError
        If there are not enough months, or the model cannot be fitted.
    """
    months = table.index.get_level_values("month")
    if in_use is not None and (months > in_use.periods_[-1]).any():
        return drift(in_use, table[months > in_use.periods_[-1]], random_state=in_use.random_state)
    window = next(forward_windows(table, reading_of({"": specification}), most=1))
    if not window.past[list(specification.counts)].to_numpy().any():
        raise ModelError("No event falls into the months before the last year; there is nothing to compare it with")
    fitted = clone(specification).fit(window.past, neighbours)
    return drift(fitted, window.outcome, random_state=specification.random_state)


def _manifest(workspace: Workspace, result: Evaluated, digest: str, now: datetime) -> dict[str, Any]:
    told = result.as_dict()
    return {
        "what": "evaluation",
        "data_kind": told["data_kind"],
        "made_at": now.isoformat(timespec="seconds"),
        "settings": workspace.settings.model_dump(mode="json"),
        "inputs": {workspace.store.name: digest},
        "windows": told["windows"],
        "resampled": told["resampled"],
        "drift": {"fits": told["fits"], "checks": told["checks"], "communes": told["communes"]},
        "messages": told["messages"],
        "outputs": list(FILES),
        "versions": versions("matplotlib", "numpy", "pandas", "scikit-learn", "scipy"),
    }
