"""A run: analyse the workspace and write the outputs."""

import hashlib
import json
import platform
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Message
from geo.intake.duplicates import summary
from geo.workspace import Settings, Workspace
from maps.outputs import FILES, RunContent, say, write_manifest, write_outputs
from maps.release import released
from maps.text import translate
from models.registry import Registry
from models.risk_state import plain_parameters
from workflow.analysis import Analysis, analyse, not_counted
from workflow.layers import Layers, read_layers, sha256_of
from workflow.modelling import is_simulated, model_notes
from workflow.steps import Clock, Tell, silent

TOP = 10
"""How many rows of each ranking are printed."""

LIBRARIES = (
    "diemnong",
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
    placement: pd.DataFrame
    notes: tuple[Message, ...] = ()

    files: tuple[str, ...] = FILES

    def notices(self) -> list[Message]:
        """Return what must be known before the rankings are read."""
        content = self.content
        start, end = map(date.fromisoformat, content.period)
        notices = [Message("Records from {start} to {end}", {"start": start, "end": end})]
        if content.simulated:
            notices.insert(0, Message("SIMULATED DATA: nothing in these records happened"))
        if "approximate" in set(content.communes["geometry_quality"]):
            notices.append(
                Message(
                    "The commune boundaries are approximate: add the official layer with diemnong add communes FILE"
                )
            )
        if not content.effort_known:
            notices.append(Message("No outreach is recorded: this ranks recorded cases, not risk"))
        return [*notices, *self.notes, *not_counted(self.placement)]

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
            "outreach": _plain(self.content.outreach.head(TOP)),
            "patrol": _plain(self.content.patrol.head(TOP)),
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
    digest = sha256_of(workspace.layers)
    key = hashlib.sha256((digest + workspace.settings.to_toml()).encode()).hexdigest()[:8]
    folder = out or workspace.runs / f"{now:%Y%m%dT%H%M%S}-{key}"
    with released(folder) as draft:
        content, placement, notes = run_into(draft, workspace, tell=tell, now=now)
    return RunResult(folder, content, placement, notes)


def run_into(
    draft: Path, workspace: Workspace, *, tell: Tell = silent, now: datetime
) -> tuple[RunContent, pd.DataFrame, tuple[Message, ...]]:
    """Write the outputs of a run into a draft of `maps.release.released`.

    Returns what they say, the placements, and what to know of the model and of the links between cases.
    """
    clock = Clock(tell)
    with clock.step("read", Message("Reading the layers")):
        layers = read_layers(workspace)
    registry = Registry(workspace.models)
    model_id = registry.in_use()
    specification = registry.load(model_id) if model_id else None
    analysis = analyse(layers, workspace.settings, clock.step, specification=specification)
    content = _content(layers, analysis, workspace.settings)
    with clock.step("write", Message("Writing tables, raster and map")):
        write_outputs(draft, content)
    write_manifest(draft, _manifest(workspace, layers, analysis, content, clock.seconds, model_id, now))
    links = summary(layers.links, layers.records["cases"]["case_id"])
    notes = model_notes(analysis.model, analysis.inputs, analysis.panel, model_id)
    return content, analysis.panel.placement, (*notes, *links)


def _content(layers: Layers, analysis: Analysis, settings: Settings) -> RunContent:
    names = layers.communes.set_index("commune_code")["name"]
    patrol = analysis.patrol.copy()
    patrol.insert(patrol.columns.get_loc("commune_code") + 1, "commune", patrol["commune_code"].map(names))
    months = analysis.panel.months
    first, last = months[0].start_time, months[-1].end_time
    return RunContent(
        communes=layers.communes,
        sectors=layers.border,
        crossings=layers.crossings,
        outreach=analysis.outreach,
        patrol=patrol,
        surface=analysis.surface,
        grid=analysis.grid,
        period=(str(first.date()), str(last.date())),
        made_on=str(last.date()),
        simulated=is_simulated(layers, analysis.inputs.covariates),
        effort_known=bool(analysis.outreach["sessions"].sum()),
        vintage=settings.vintage,
        title=settings.title,
        lang=settings.lang,
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
    return {
        "program": "diemnong",
        "data_kind": content.data_kind,
        "made_at": now.isoformat(timespec="seconds"),
        "settings": workspace.settings.model_dump(mode="json"),
        "period": content.period,
        "inputs": {"layers.gpkg": sha256_of(workspace.layers), "files": intakes},
        "rows": {
            "communes": len(layers.communes),
            "border": len(layers.border),
            "crossings": len(layers.crossings),
            **{name: len(rows) for name, rows in layers.records.items()},
        },
        "links": layers.links["status"].value_counts().to_dict(),
        "placement": analysis.panel.placement.to_dict(orient="records"),
        "model": {"in_use": model_id, **_model_said(analysis)},
        "crs": analysis.grid.crs,
        "grid": {
            "shape": analysis.grid.shape,
            "cell_m": analysis.grid.cell_m,
            "region": analysis.grid.region,
        },
        "geometry_quality": sorted(set(layers.communes["geometry_quality"])),
        "outputs": [name for name in FILES if name != "run.json"],
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
    }


def _model_said(analysis: Analysis) -> dict[str, Any]:
    model = analysis.model
    return {
        "parameters": plain_parameters(model),
        "hyperparameters": model.hyper_,
        "noticing": model.noticing_.to_dict(orient="records"),
        "flags": list(model.flags_),
        "effort": analysis.inputs.effort.sources.to_dict(orient="records"),
        "covariates": json.loads(analysis.inputs.covariates.sources.to_json(orient="records")),
    }


def _expected(row: Any) -> Message:
    values = {"expected": row.expected, "lower": row.lower, "upper": row.upper}
    return Message("{expected} expected a year (90 %: {lower} to {upper})", values)


def _share(row: Any) -> Message:
    return Message("share of the border's risk: {share} %", {"share": 100 * row.score})


def _plain(ranking: pd.DataFrame) -> list[dict[str, Any]]:
    rows = ranking.drop(columns="reasons").assign(reason=[say(reasons, "en") for reasons in ranking["reasons"]])
    records: list[dict[str, Any]] = json.loads(rows.to_json(orient="records"))
    return records
