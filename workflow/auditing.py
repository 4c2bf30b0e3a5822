"""The audit: whether effort runs after its own records, whom it passes over, and whom forecasts fail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import Message
from geo.workers import workers_at
from geo.workspace import Workspace
from maps.audit import FILES, SIMULATED, AuditContent, write_audit
from maps.outputs import write_manifest
from maps.release import MANIFEST, Level, released
from maps.text import translate
from models.bootstrap import Estimate
from models.effort_audit import Exploration, Feedback, coverage, exploration, feedback, least_known
from models.ranking import rank_outreach
from models.risk import RiskModel
from workflow.analysis import count, not_counted
from workflow.judging import errors_by_kind, kind_words
from workflow.layers import Layers, read_layers
from workflow.manifest import plain_rows, versions
from workflow.modelling import ModelInputs, default_model, fit, is_simulated, model_inputs
from workflow.promoting import model_in_use
from workflow.proxies import proxy_words, read_proxies
from workflow.steps import Tell, silent

FOLDER = "audits"
EVENTS = ["cases", "absences"]
CHOSEN = {"outreach": Message("outreach sessions"), "patrols": Message("patrol hours")}
"""Efforts whose place somebody chooses anew each month."""


@dataclass(frozen=True)
class Audited:
    """An audit, and where its files lie."""

    folder: Path
    content: AuditContent
    left_out: tuple[Message, ...]

    refused = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""
        simulated = (SIMULATED,) if self.content.simulated else ()
        found = (line for lines in self.content.findings.values() for line in lines)
        return (*simulated, *self.left_out, *found, Message("Files: {folder}", {"folder": str(self.folder)}))

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        content = self.content
        return {
            "folder": str(self.folder),
            "files": [*FILES, MANIFEST],
            "data_kind": "simulated" if content.simulated else "recorded",
            "findings": {part: [translate(line, "en") for line in lines] for part, lines in content.findings.items()},
            "communes": plain_rows(content.communes),
            "kinds": plain_rows(content.kinds),
            "proxies": None if content.proxies is None else plain_rows(content.proxies),
        }


def audit(
    workspace: Workspace,
    *,
    proxy: Path | None = None,
    out: Path | None = None,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Audited:
    """Audit a workspace, and write what was found in both languages.

    Parameters
    ----------
    workspace
        It is not changed.
    proxy
        A table of the user's of shares by commune (``commune_code`` and columns of numbers): how well the ranking tells
        them is said; the table itself is not kept.
    out
        Folder of the files; by default a new one in the workspace's ``audits``.
    tell
        Told of each fit.
    now
        The time in the folder's name; the present by default.

    Raises
    ------
    WorkspaceError
        If there is nothing to audit yet, or the workspace cannot be read.
    ClusterError
        If the workers of the settings cannot do their part.
    IntakeError
        If the table of shares cannot be read, or has too few of the communes.
    ReleaseError
        If the files cannot be written; nothing is then left behind.
    """
    now = now or datetime.now(UTC)
    layers, settings = read_layers(workspace), workspace.settings
    panel = count(layers, settings)
    inputs = model_inputs(layers, panel, settings)
    tell(Message("Fitting the risk model and ranking communes"), 0, 1)
    model = fit(model_in_use(workspace) or default_model(inputs, settings), inputs, settings.scale.scheduler)
    ranking = rank_outreach(layers.communes, panel.totals(), panel.years, model)
    rng = np.random.default_rng([settings.seed, len(ranking)])
    shares = None if proxy is None else read_proxies(proxy, ranking, rng)
    monthly = inputs.table["sessions"].unstack("month").loc[model.units_]
    patrols = inputs.effort.table.get("patrols")
    hours = None if patrols is None else patrols.groupby(level="commune_code").sum()
    covered = coverage(monthly, panel.placed.get("outreach", pd.DataFrame()), hours)
    covered["least_known"] = least_known(model.draws_)
    listed = ranking[["commune_code", "name", "rank", "expected", "flips", "unstable"]]
    communes = listed.join(covered, on="commune_code")
    with workers_at(settings.scale.scheduler) as workers:
        kinds, untold = errors_by_kind(model, inputs, layers, ranking, rng, tell, workers)
    content = AuditContent(
        title=settings.title,
        made_on=str(panel.months[-1].end_time.date()),
        period=(str(panel.months[0].start_time.date()), str(panel.months[-1].end_time.date())),
        simulated=is_simulated(layers, inputs.covariates),
        findings={
            "feedback": tuple(_feedback(model, inputs, rng)),
            "effort": tuple(_effort_words(communes, hours is not None)),
            "exploration": tuple(_exploration(model, inputs, rng)),
            "kinds": (*untold, *kind_words(kinds)),
            "reporting": tuple(_reporting_words(communes)),
            **({} if shares is None else {"proxy": tuple(proxy_words(shares))}),
        },
        communes=communes,
        kinds=kinds,
        proxies=shares,
    )
    digest = layers.inputs[workspace.store.name]
    folder = out or workspace.folder / FOLDER / f"{now:%Y%m%dT%H%M%S}-{digest[:8]}"
    result = Audited(folder, content, tuple(not_counted(panel.placement)))
    with released(folder) as draft:
        write_audit(draft, content)
        write_manifest(draft, _manifest(workspace, layers, result, now), Level.PLANNER)
    return result


def _yearly(values: pd.Series, model: RiskModel) -> pd.DataFrame:
    """Return the sums of the whole years that end with the last month, units × years; of less than a year, of all."""
    monthly = values.unstack("month").loc[model.units_]
    years = max(monthly.shape[1] // 12, 1)
    recent = monthly.iloc[:, -12 * years :]
    return recent.T.groupby(np.arange(recent.shape[1]) // 12).sum().T


def _efforts(model: RiskModel, inputs: ModelInputs) -> dict[str, pd.DataFrame]:
    """Return the yearly sums of what somebody chose where to do, by name; not of what the last year has nothing of."""
    chosen = {"outreach": inputs.table["sessions"], "patrols": inputs.effort.table.get("patrols")}
    sums = {name: _yearly(values, model) for name, values in chosen.items() if values is not None}
    return {name: table for name, table in sums.items() if table.iloc[:, -1].sum() > 0}


def _feedback(model: RiskModel, inputs: ModelInputs, rng: np.random.Generator) -> Iterator[Message]:
    expected = model.draws_.mean(axis=1)
    records = _yearly(inputs.table[EVENTS].sum(axis=1), model).to_numpy(dtype=float)
    efforts = _efforts(model, inputs)
    if not efforts:
        yield NO_EFFORT
    for name, effort in efforts.items():
        found = feedback(effort.to_numpy(dtype=float), records, expected, rng)
        yield from _feedback_words(CHOSEN[name], found)


NO_EFFORT = Message(
    "No effort is recorded in the last year, so nobody can tell whether it runs after its own records: keep a log"
)


def _feedback_words(effort: Message | str, found: Feedback) -> Iterator[Message]:
    if found.by_records and found.by_risk:
        yield Message(
            "{effort}: the change from year to year goes with the records of the year before by {records} "
            "({records_lower} to {records_upper}), with the expected risk by {risk} ({risk_lower} to {risk_upper}); "
            "1 is in the same order, 0 in none",
            {"effort": effort, **_interval("records", found.by_records), **_interval("risk", found.by_risk)},
        )
    yield Message(
        "{effort}: the ten communes with most have {top} % of the last year's effort ({top_lower} to {top_upper}); the "
        "ten with most expected events have {risk} % of these",
        {"effort": effort, **_interval("top", found.top, 100), "risk": 100 * found.top_of_risk},
    )
    match found.verdict:
        case "chases":
            yield Message(
                "{effort}: EFFORT CHASES ITS OWN RECORDS; plan by the ranking, and keep the explored share",
                {"effort": effort},
            )
        case "follows":
            yield Message("{effort}: effort follows the expected risk more than its own records", {"effort": effort})
        case "not told apart":
            yield Message(
                "{effort}: the records do not tell whether effort follows its own records or the risk",
                {"effort": effort},
            )
        case _:
            yield Message("{effort}: there is no second year to compare with", {"effort": effort})


def _effort_words(communes: pd.DataFrame, patrols_known: bool) -> Iterator[Message]:
    never = int(communes["never"].sum())
    yield Message("{n} of {all} communes were never visited in the period", {"n": never, "all": len(communes)})
    if communes["sessions"].sum() == 0:
        yield Message("No outreach is recorded: this ranks recorded cases, not risk")
    else:
        yield Message(
            "Half of the communes had sessions in {months} months or more; where the last one is longest ago, it was "
            "in {last}",
            {
                "months": int(communes["months"].median()),
                "last": min((str(last) for last in communes["last"].dropna()), default="–"),
            },
        )
        yield Message(
            "{n} of {all} communes saw one agency only",
            {"n": int((communes["agencies"] == 1).sum()), "all": len(communes)},
        )
    if not patrols_known:
        yield Message("No patrol hours are recorded")


def _exploration(model: RiskModel, inputs: ModelInputs, rng: np.random.Generator) -> Iterator[Message]:
    people = inputs.table["population"].groupby(level="commune_code").first().loc[model.units_].to_numpy(dtype=float)
    efforts = _efforts(model, inputs)
    if not efforts:
        yield NO_EFFORT
    for name, effort in efforts.items():
        found = exploration(effort.iloc[:, -1].to_numpy(dtype=float), people, model.draws_, rng)
        yield _exploration_words(CHOSEN[name], found)


def _exploration_words(effort: Message | str, found: Exploration) -> Message:
    return Message(
        "{effort}: the {units} communes of which least is known got {share} % of the last year's effort ({share_lower} "
        "to {share_upper}) with {people} % of the people; {without} of them got none",
        {
            "effort": effort,
            "units": found.units,
            **_interval("share", found.effort, 100),
            "people": 100 * found.people,
            "without": found.without,
        },
    )


def _reporting_words(communes: pd.DataFrame) -> Iterator[Message]:
    yield Message(
        "If reporting differs by half from commune to commune, {n} of {all} communes enter or leave the first 10 % in "
        "more than a fifth of the cases",
        {"n": int(communes["unstable"].sum()), "all": len(communes)},
    )


def _interval(name: str, found: Estimate, scale: float = 1.0) -> dict[str, object]:
    value, lower, upper = (round(scale * part, 2) for part in found)
    return {name: value, f"{name}_lower": lower, f"{name}_upper": upper}


def _manifest(workspace: Workspace, layers: Layers, result: Audited, now: datetime) -> dict[str, Any]:
    told = result.as_dict()
    return {
        "program": "diemnong",
        "what": "audit",
        "data_kind": told["data_kind"],
        "made_at": now.isoformat(timespec="seconds"),
        "settings": workspace.settings.model_dump(mode="json"),
        "inputs": dict(layers.inputs),
        "findings": told["findings"],
        "outputs": list(FILES),
        "versions": versions("numpy", "pandas", "scipy"),
    }
