"""A run: analyse the workspace and write the outputs."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from geo.errors import Message
from geo.intake.duplicates import summary
from geo.season import season_of
from geo.workspace import Workspace
from maps.outputs import RunContent, say, write_manifest, write_outputs
from maps.parquet import require_parquet
from maps.release import Level, released
from maps.text import translate
from models.registry import Registry
from models.risk_state import plain_parameters
from workflow.accounting import account_of
from workflow.analysis import Analysis, analyse, not_counted
from workflow.changes import changes_since
from workflow.earlier import comparable, earlier_run
from workflow.layers import Layers, inputs_of, read_layers
from workflow.manifest import plain_rows, versions
from workflow.modelling import corrects_for_outreach, is_simulated, model_notes
from workflow.overriding import decide
from workflow.steps import Clock, Tell, silent

TOP = 10
"""How many rows of each ranking are printed."""

LIBRARIES = (
    "geopandas",
    "numba",
    "numpy",
    "pandas",
    "pyogrio",
    "pyproj",
    "rasterio",
    "scikit-learn",
    "scipy",
    "shapely",
)


@dataclass(frozen=True)
class RunResult:
    """Where the outputs lie, and what they say at the top."""

    folder: Path
    content: RunContent

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files in the folder."""
        return self.content.files

    def notices(self) -> list[Message]:
        """Return what must be known before the rankings are read."""
        start, end = map(date.fromisoformat, self.content.period)
        notices = [Message("Records from {start} to {end}", {"start": start, "end": end})]
        if self.content.simulated:
            notices.insert(0, Message("SIMULATED DATA: nothing in these records happened"))
        return [*notices, *self.content.account.notes]

    def top(self, lang: str) -> list[tuple[Message, list[tuple[int, str, str, str]]]]:
        """Return the two rankings' first rows: title, then rank, name, score and reasons in ``lang``."""
        outreach, patrol = self.content.outreach.head(TOP), self.content.patrol.head(TOP)
        communes = [
            (row.rank, row.name, translate(_expected(row), lang), say(row.reasons, lang))
            for row in outreach.itertuples()
        ]
        sectors = [
            (
                row.rank,
                f"{row.sector_id} ({row.commune})",
                translate(_share(row), lang),
                say(row.reasons, lang),
            )
            for row in patrol.itertuples()
        ]
        return [
            (Message("Top communes for prevention outreach"), communes),
            (Message("Top border sectors for patrols"), sectors),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {
            "folder": str(self.folder),
            "files": list(self.files),
            "data_kind": self.content.data_kind,
            "outreach": plain_rows(self.content.outreach.head(TOP)),
            "patrol": plain_rows(self.content.patrol.head(TOP)),
        }


def run(
    workspace: Workspace, *, out: Path | None = None, tell: Tell = silent, now: datetime | None = None
) -> RunResult:
    """Rank the workspace's hotspots and write the outputs into ``out`` or a new folder of its runs.

    Raises
    ------
    WorkspaceError
        If there is nothing to rank yet, or the workspace cannot be read.
    ReleaseError
        If the outputs cannot be written; nothing is then left behind.
    """
    now = now or datetime.now(UTC)
    digests = "".join(inputs_of(workspace).values())
    key = hashlib.sha256((digests + workspace.settings.to_toml()).encode()).hexdigest()[:8]
    folder = out or workspace.runs / f"{now:%Y%m%dT%H%M%S}-{key}"
    with released(folder) as draft:
        content = run_into(draft, workspace, tell=tell, now=now)
    return RunResult(folder, content)


def run_into(draft: Path, workspace: Workspace, *, tell: Tell = silent, now: datetime) -> RunContent:
    """Write the outputs of a run into a draft of `maps.release.released`; return what they say."""
    if workspace.settings.outputs.parquet:
        require_parquet()
    clock = Clock(tell)
    layers, analysis, model_id = analysed(workspace, clock)
    content = content_of(workspace, layers, analysis, model_id, now.date())
    with clock.step("write", Message("Writing tables, raster, map and report")):
        write_outputs(draft, content)
    write_manifest(draft, _manifest(workspace, layers, analysis, content, clock.seconds, model_id, now), Level.PLANNER)
    return content


def analysed(workspace: Workspace, clock: Clock) -> tuple[Layers, Analysis, str | None]:
    """Read a workspace and analyse it with the model in use; return also the id of that model, if there is one."""
    with clock.step("read", Message("Reading the layers")):
        layers = read_layers(workspace)
    registry = Registry(workspace.models)
    model_id = registry.in_use()
    specification = registry.load(model_id) if model_id else None
    return layers, analyse(layers, workspace.settings, clock.step, specification=specification), model_id


def content_of(
    workspace: Workspace, layers: Layers, analysis: Analysis, model_id: str | None, today: date
) -> RunContent:
    """Return what the files of a run say; what planners decided about ranks holds if it has not expired ``today``."""
    settings = workspace.settings
    outreach, decided = decide(analysis.outreach, layers, settings.vintage, today)
    card = Registry(workspace.models).card(model_id) if model_id else None
    names = layers.communes.set_index("commune_code")["name"]
    patrol = analysis.patrol.copy()
    patrol.insert(patrol.columns.get_loc("commune_code") + 1, "commune", patrol["commune_code"].map(names))
    months = analysis.panel.months
    first, last = months[0].start_time, months[-1].end_time
    period = (str(first.date()), str(last.date()))
    simulated = is_simulated(layers, analysis.inputs.covariates)
    effort_known = corrects_for_outreach(analysis.model)
    kind = "simulated" if simulated else "recorded"
    earlier, unread = earlier_run(workspace, comparable(_given(workspace, layers, kind, model_id)))
    notes = (*_notes(layers, analysis, model_id, effort_known), *decided, *unread)
    changes = changes_since(earlier, outreach, settings, period, model_id) if earlier else None
    return RunContent(
        communes=layers.communes,
        sectors=layers.border,
        crossings=layers.crossings,
        outreach=outreach,
        patrol=patrol,
        surface=analysis.surface,
        grid=analysis.grid,
        period=period,
        made_on=str(last.date()),
        simulated=simulated,
        effort_known=effort_known,
        vintage=settings.vintage,
        title=settings.title,
        lang=settings.lang,
        season=season_of(analysis.panel),
        earlier=earlier,
        parquet=settings.outputs.parquet,
        atlas_pages=settings.outputs.atlas_pages,
        valid_days=settings.valid_days,
        model_id=model_id,
        account=account_of(layers, analysis, settings, card, notes, changes, kind),
    )


def _notes(layers: Layers, analysis: Analysis, model_id: str | None, effort_known: bool) -> tuple[Message, ...]:
    """Return what must be known before the rankings are read."""
    approximate = Message(
        "The commune boundaries are approximate: add the official layer with diemnong add communes FILE"
    )
    unknown = Message("Not corrected for outreach: this ranks recorded cases, not risk")
    return (
        *((approximate,) if "approximate" in set(layers.communes["geometry_quality"]) else ()),
        *(() if effort_known else (unknown,)),
        *model_notes(analysis.model, analysis.inputs, analysis.panel, model_id),
        *analysis.flows.notes,
        *summary(layers.links, layers.records["cases"]["case_id"]),
        *not_counted(analysis.panel.placement),
    )


def _manifest(
    workspace: Workspace,
    layers: Layers,
    analysis: Analysis,
    content: RunContent,
    seconds: dict[str, float],
    model_id: str | None,
    now: datetime,
) -> dict[str, Any]:
    intakes = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(workspace.intake.glob("*/intake.json"))]
    given = _given(workspace, layers, content.data_kind, model_id)
    return {
        "made_at": now.isoformat(timespec="seconds"),
        **given,
        "period": content.period,
        "inputs": {**given["inputs"], "files": intakes, "terrain": list(layers.terrain_sources)},
        "rows": {
            "communes": len(layers.communes),
            "border": len(layers.border),
            "crossings": len(layers.crossings),
            **{name: len(rows) for name, rows in layers.records.items()},
        },
        "flows": [translate(note, "en") for note in analysis.flows.notes],
        "links": layers.links["status"].value_counts().to_dict(),
        "placement": analysis.panel.placement.to_dict(orient="records"),
        "model": {**given["model"], **_model_said(analysis)},
        "compared_with": content.account.changes.run if content.account.changes else None,
        "crs": analysis.grid.crs,
        "grid": {
            "shape": analysis.grid.shape,
            "cell_m": analysis.grid.cell_m,
            "region": analysis.grid.region,
        },
        "geometry_quality": sorted(set(layers.communes["geometry_quality"])),
        "outputs": [name for name in content.files if name != "run.json"],
        "versions": versions(*LIBRARIES),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
    }


def _given(workspace: Workspace, layers: Layers, data_kind: str, model_id: str | None) -> dict[str, Any]:
    """Return what a run depends on, as its manifest says it; see `workflow.earlier.comparable`."""
    return {
        "data_kind": data_kind,
        "settings": workspace.settings.model_dump(mode="json"),
        "inputs": dict(layers.inputs),
        "model": {"in_use": model_id},
    }


def _model_said(analysis: Analysis) -> dict[str, Any]:
    model = analysis.model
    return {
        "parameters": plain_parameters(model),
        "hyperparameters": model.hyper_,
        "noticing": model.noticing_.to_dict(orient="records"),
        "flags": list(model.flags_),
        "effort": analysis.inputs.effort.sources.to_dict(orient="records"),
        "covariates": plain_rows(analysis.inputs.covariates.sources),
    }


def _expected(row: Any) -> Message:
    values = {"expected": row.expected, "lower": row.lower, "upper": row.upper}
    return Message("{expected} expected a year (90 %: {lower} to {upper})", values)


def _share(row: Any) -> Message:
    values = {"share": 100 * row.score, "expected": row.expected, "lower": row.lower, "upper": row.upper}
    return Message("{share} % of the border's flow: {expected} a year (90 %: {lower} to {upper})", values)
