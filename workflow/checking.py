"""Checking a workspace: whether its layers are sound and every record still finds its commune."""

from dataclasses import dataclass
from typing import Any

from geo.boundaries import facts
from geo.checks import Finding, check_polygons
from geo.errors import Message
from geo.places import place
from geo.schema import PLACE, TABLES
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
    """Check the layers' polygons and the place of every record.

    Raises
    ------
    WorkspaceError
        If the workspace cannot be read.
    """
    layers = read_layers(workspace)
    settings = workspace.settings
    official = float(facts(settings.vintage)["area_km2"].sum())
    findings = check_polygons(layers.communes, settings.crs, official)
    messages = [_layer_message(layers), *(finding.as_message() for finding in findings)]
    refused = _any_error(findings)
    for name, rows in layers.records.items():
        placed = (
            place(rows, gazetteer(layers.communes, settings.crs)) if set(PLACE) <= set(TABLES[name].columns) else None
        )
        lost = 0 if placed is None else int((placed["placement"] == "refused").sum())
        unplaced = 0 if placed is None else int((placed["placement"] == "unplaced").sum())
        messages.append(
            Message(
                "{table}: {n} rows, {unplaced} without a commune",
                {"table": name, "n": len(rows), "unplaced": unplaced},
            )
        )
        if lost:
            messages.append(
                Message("{table}: {n} rows no longer find their commune in the layer", {"table": name, "n": lost})
            )
            refused = True
    return Checked(tuple(messages), refused)


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


def _any_error(findings: list[Finding]) -> bool:
    return any(finding.level == "error" for finding in findings)
