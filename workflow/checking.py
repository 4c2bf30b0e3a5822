"""Checking a workspace: whether its layers are sound, and what a run would make of every record."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from geo.boundaries import are_built_in, facts
from geo.checks import check_polygons
from geo.covariates import outdated
from geo.errors import Message, WorkspaceError
from geo.intake.duplicates import summary
from geo.places import place
from geo.schema import TABLES
from geo.workspace import Settings, Workspace
from maps.text import translate
from workflow.analysis import count, not_counted
from workflow.intake_folder import files_of
from workflow.layers import Layers, gazetteer, read_layers
from workflow.stored_rows import Faults, faults_of_layer, faults_of_links, faults_of_records


@dataclass(frozen=True)
class Checked:
    """What a check found: messages for the user, and whether anything must be mended before a run."""

    messages: tuple[Message, ...]
    refused: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {"refused": self.refused, "messages": [translate(message, "en") for message in self.messages]}


def check(workspace: Workspace, *, now: datetime | None = None) -> Checked:
    """Check the layers' polygons, every cell and place of the records, the links, and whose communes covariates are of.

    Said are also the rows that a run would leave out, or count once, as things stand.

    Parameters
    ----------
    workspace
        What to check; nothing in it is changed.
    now
        Dates after it are wrong; by default the present.

    Raises
    ------
    WorkspaceError
        If the workspace cannot be read.
    """
    layers, settings = read_layers(workspace), workspace.settings
    official = float(facts(settings.vintage)["area_km2"].sum()) if are_built_in(layers.communes) else None
    findings = check_polygons(layers.communes, settings.crs, official)
    placements = {name: _placements(name, rows, layers, settings.crs) for name, rows in layers.records.items()}
    lost = {name: int((found == "refused").sum()) for name, found in placements.items()}
    faults = _faults(workspace, layers, pd.Timestamp((now or datetime.now(UTC)).date()))
    messages = [
        _layer_message(layers),
        *(finding.as_message() for finding in findings),
        *(_table_message(name, found) for name, found in placements.items()),
        *(
            Message("{table}: {n} rows no longer find their place in the layers", {"table": Message(name), "n": n})
            for name, n in lost.items()
            if n
        ),
        *faults.grave,
        *faults.slight,
        *_of_a_run(layers, settings, sound=not faults.grave),
    ]
    old = outdated(workspace.store.read("covariates"), layers.communes)
    if old:
        names = {"names": ", ".join(old)}
        messages.append(
            Message("Covariates were measured on the former communes; add their files again: {names}", names)
        )
    refused = any(finding.level == "error" for finding in findings) or any(lost.values()) or bool(faults.grave or old)
    return Checked(tuple(messages), refused)


def _faults(workspace: Workspace, layers: Layers, today: pd.Timestamp) -> Faults:
    files = files_of(workspace)
    cases = layers.records["cases"].reindex(columns=["case_id"])["case_id"]
    faults = [
        *(faults_of_layer(name, getattr(layers, name)) for name in ("communes", "border", "crossings")),
        *(faults_of_records(name, rows, files, today) for name, rows in layers.records.items()),
        faults_of_links(layers.links, cases),
    ]
    return sum(faults, start=Faults())


def _of_a_run(layers: Layers, settings: Settings, *, sound: bool) -> list[Message]:
    """Say what a run would leave out or count once; of faulty rows only what is to be done with them."""
    if not sound:
        return [Message("Before a run: undo the intake of these rows, mend the file and add it again")]
    try:
        said = not_counted(count(layers, settings).placement)
    except WorkspaceError as error:
        return [error.message]
    return [*said, *summary(layers.links, layers.records["cases"]["case_id"])]


def _placements(name: str, rows: pd.DataFrame, layers: Layers, crs: str) -> pd.Series:
    """Return how each row finds its commune, or its border sector."""
    if "lon" in TABLES[name].columns:
        return place(rows, gazetteer(layers.communes, crs))["placement"]
    known = rows.reindex(columns=["sector_id"])["sector_id"].isin(layers.border["sector_id"])
    return pd.Series("code", index=rows.index).where(known, "refused")


def _table_message(name: str, placements: pd.Series) -> Message:
    values = {"table": Message(name), "n": len(placements), "unplaced": int((placements == "unplaced").sum())}
    return Message("{table}: {n} rows, {unplaced} without a commune", values)


def _layer_message(layers: Layers) -> Message:
    values = {
        "communes": len(layers.communes),
        "vintage": str(layers.communes["vintage"].iloc[0]),
        "quality": Message(str(layers.communes["geometry_quality"].iloc[0])),
        "sectors": len(layers.border),
        "crossings": len(layers.crossings),
    }
    return Message(
        "{communes} communes of {vintage} ({quality} polygons), {sectors} border sectors, {crossings} crossings",
        values,
    )
