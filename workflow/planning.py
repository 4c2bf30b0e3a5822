"""What every plan begins with, the risk model fitted to the present records, and how it is kept."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
from sklearn.base import clone

from geo.errors import Message, PlanError
from geo.panel import Panel
from geo.workspace import Workspace
from maps.outputs import write_manifest
from maps.plans import PlanMap, Sheet, write_plan
from maps.release import MANIFEST, Level, released
from maps.text import translate
from models.registry import Registry
from models.risk import RiskModel
from workflow.analysis import count, not_counted
from workflow.layers import Layers, read_layers
from workflow.manifest import versions
from workflow.modelling import ModelInputs, default_model, fit, is_simulated, model_inputs, model_notes
from workflow.steps import Tell

STEPS = 3
TOP = 10
"""How many rows are printed."""
SIMULATED = Message("SIMULATED DATA: nothing in these records happened")


@dataclass(frozen=True)
class Basis:
    """What a plan is made of.

    Attributes
    ----------
    model, model_id
        The risk model, fitted to the present records, and the name of its specification if one is in use.
    notes
        What a reader must know before the plan: what is simulated, what was not counted, and what the model lacks.
    """

    layers: Layers
    panel: Panel
    inputs: ModelInputs
    model: RiskModel
    model_id: str | None
    simulated: bool
    notes: tuple[Message, ...]

    @property
    def draws(self) -> pd.DataFrame:
        """Posterior draws of the expected events a year: rows by commune code, a column a draw."""
        return pd.DataFrame(self.model.draws_, index=self.model.units_)

    @property
    def names(self) -> pd.Series:
        """What communes are called, by code."""
        names: pd.Series = self.layers.communes.set_index("commune_code")["name"]
        return names


@dataclass(frozen=True)
class Planned:
    """A plan that was written: where its files lie, and what it says.

    Attributes
    ----------
    folder, files
        Where, and the tables.
    simulated
        Whether any record is.
    tables
        Plain rows by name, for JSON.
    messages
        What to tell the user.
    """

    folder: Path
    files: tuple[str, ...]
    simulated: bool
    tables: Mapping[str, Any]
    messages: tuple[Message, ...]
    refused: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {
            "folder": str(self.folder),
            "files": [*self.files, MANIFEST],
            "data_kind": "simulated" if self.simulated else "recorded",
            **self.tables,
            "messages": [translate(message, "en") for message in self.messages],
        }


def basis_of(workspace: Workspace, seed: int | None, tell: Tell) -> Basis:
    """Fit the specification in use, or the default one, to the present records.

    Parameters
    ----------
    workspace
        Where the records are, and the models.
    seed
        Of the fit; by default that of the specification.
    tell
        Told of each step.

    Raises
    ------
    WorkspaceError, ModelError
        If there is nothing to fit to, or the specification names what is not there.
    """
    tell(Message("Joining records to communes"), 0, STEPS)
    layers, settings = read_layers(workspace), workspace.settings
    panel = count(layers, settings)
    inputs = model_inputs(layers, panel, settings)
    tell(Message("Fitting the risk model"), 1, STEPS)
    registry = Registry(workspace.models)
    model_id = registry.in_use()
    specification = registry.load(model_id) if model_id else default_model(inputs, settings)
    if seed is not None:
        specification = clone(specification).set_params(random_state=seed)
    model = fit(specification, inputs, settings.scale.scheduler)
    simulated = is_simulated(layers, inputs.covariates)
    notes = (
        *([SIMULATED] if simulated else []),
        *not_counted(panel.placement),
        *model_notes(model, inputs, panel, model_id),
    )
    return Basis(layers, panel, inputs, model, model_id, simulated, notes)


def months_of(panel: Panel, text: str | None, many: int) -> pd.PeriodIndex:
    """Return the months of a plan, from the one written (ISO 8601), or else from the one after the records' last.

    Raises
    ------
    PlanError
        If there is no month, the text is none, or there are records of it.
    """
    if many < 1:
        raise PlanError("A plan needs at least one month; got {n}", n=many)
    last = panel.months[-1]
    try:
        first = pd.Period(pd.Timestamp(f"{text}-01"), "M") if text else last + 1
    except ValueError:
        raise PlanError("{text} is no month; write it as year and month, for example 2026-01", text=text) from None
    if first <= last:
        raise PlanError(
            "The plan would begin in {start}, but the records reach to {end}: begin later", start=first, end=last
        )
    return pd.period_range(first, periods=many, freq="M")


def far_draws(draws: pd.DataFrame, names: pd.Series) -> list[Message]:
    """Say where the mean of the draws lies above their 90 % interval, so that a few draws decide over a plan."""
    far = draws.index[draws.mean(axis=1) > draws.quantile(0.95, axis=1)]
    if far.empty:
        return []
    told = {"names": ", ".join(names[far])}
    return [
        Message(
            "{names}: a few draws of the risk decide what goes there, its mean lies above its 90 % interval; records "
            "of outreach or covariates, added before the next plan, narrow it",
            told,
        )
    ]


Papers: TypeAlias = Callable[[Path], tuple[str, ...]]
"""Writes files into the draft of a plan beside its tables, and returns their paths in it."""


def keep(
    workspace: Workspace,
    what: str,
    asked: Mapping[str, Any],
    sheets: list[Sheet],
    found: Planned,
    *,
    layers: Layers,
    out: Path | None,
    now: datetime | None,
    model: Basis | None = None,
    plan_map: PlanMap | None = None,
    command_level: bool = False,
    papers: Papers | None = None,
) -> Planned:
    """Write a plan's tables with a manifest, whole or not at all, and return it with its folder and files.

    Parameters
    ----------
    workspace
        A new folder in its ``plans`` is made unless ``out`` names one.
    what, asked
        The command and what it was asked, as plain values.
    sheets
        The tables.
    found
        The plan; its folder and files are filled in.
    layers
        What it was made of.
    out, now
        The folder, and the time in its name; the present by default.
    model
        What the plan is made of, where it is made of a model.
    plan_map
        The map, where there is one.
    command_level
        Whether the plan must not leave the command.
    papers
        Writes further files, if any.

    Raises
    ------
    ReleaseError
        If the files cannot be written; nothing is then left behind.
    """
    now = now or datetime.now(UTC)
    digests = dict(layers.inputs)
    key = json.dumps([*digests.values(), workspace.settings.to_toml(), what, asked], default=str)
    name = f"{now:%Y%m%dT%H%M%S}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    folder = out or workspace.plans / name
    with released(folder) as draft:
        tables = write_plan(draft, sheets, plan_map, simulated=found.simulated, command_level=command_level)
        files = (*tables, *(papers(draft) if papers else ()))
        told = Message("Files: {folder}", {"folder": str(folder)})
        planned = replace(found, folder=folder, files=files, messages=(*found.messages, told))
        manifest = {
            "what": what,
            "data_kind": planned.as_dict()["data_kind"],
            "made_at": now.isoformat(timespec="seconds"),
            "asked": dict(asked),
            "settings": workspace.settings.model_dump(mode="json"),
            "inputs": digests,
            "model": {"in_use": model.model_id, "flags": list(model.model.flags_)} if model else None,
            "messages": [translate(message, "en") for message in found.messages],
            "outputs": list(files),
            "versions": versions("numpy", "pandas", "scikit-learn", "scipy"),
        }
        write_manifest(draft, manifest, Level.COMMAND if command_level else Level.PLANNER)
    return planned
