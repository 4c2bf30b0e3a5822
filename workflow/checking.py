"""Checking a workspace: whether its layers are sound and every record still finds its commune."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.boundaries import facts
from geo.checks import check_polygons
from geo.covariates import outdated
from geo.errors import Message
from geo.places import place
from geo.schema import TABLES
from geo.store import Store
from geo.workspace import Workspace
from maps.text import translate
from workflow.layers import Layers, gazetteer, read_layers


@dataclass(frozen=True)
class Checked:
    """What a check found: messages for the user, and whether anything must be mended before a run."""

    messages: tuple[Message, ...]
    refused: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {"refused": self.refused, "messages": [translate(message, "en") for message in self.messages]}


def check(workspace: Workspace) -> Checked:
    """Check the layers' polygons, the place of every record, and that covariates are of the present communes.

    Raises
    ------
    WorkspaceError
        If the workspace cannot be read.
    """
    layers, settings = read_layers(workspace), workspace.settings
    findings = check_polygons(layers.communes, settings.crs, float(facts(settings.vintage)["area_km2"].sum()))
    placements = {name: _placements(name, rows, layers, settings.crs) for name, rows in layers.records.items()}
    lost = {name: int((found == "refused").sum()) for name, found in placements.items()}
    messages = [
        _layer_message(layers),
        *(finding.as_message() for finding in findings),
        *(_table_message(name, found) for name, found in placements.items()),
        *(
            Message("{table}: {n} rows no longer find their place in the layers", {"table": Message(name), "n": n})
            for name, n in lost.items()
            if n
        ),
    ]
    old = outdated(Store(workspace.layers).read("covariates"), layers.communes)
    if old:
        names = {"names": ", ".join(old)}
        messages.append(
            Message("Covariates were measured on the former communes; add their files again: {names}", names)
        )
    refused = any(finding.level == "error" for finding in findings) or any(lost.values()) or bool(old)
    return Checked(tuple(messages), refused)


def _placements(name: str, rows: pd.DataFrame, layers: Layers, crs: str) -> pd.Series:
    """Return how each row finds its commune, or its border sector."""
    if "lon" in TABLES[name].columns:
        return place(rows, gazetteer(layers.communes, crs))["placement"]
    known = rows["sector_id"].isin(layers.border["sector_id"])
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
