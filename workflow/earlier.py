"""The run before this one, so that a reader sees what changed."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Message
from geo.workspace import Workspace
from maps.earlier import BEFORE, EarlierRun
from maps.release import MANIFEST
from workflow.changes import LOOKS, RECORDS

RUNS = "[0-9]*T[0-9]*-*"
"""What folders of runs are called."""


def earlier_run(workspace: Workspace, inputs: Mapping[str, Any]) -> tuple[EarlierRun | None, tuple[Message, ...]]:
    """Return the newest earlier run that differs in its inputs, and what is to be said of those that cannot be read.

    A run on the same inputs says the same: what changed is seen against the run before it. Runs of another vintage, or
    of records where these are simulated, are not compared.

    Parameters
    ----------
    workspace
        Its runs are read.
    inputs
        Of the present run, as `comparable` takes them from a manifest.
    """
    notes: list[Message] = []
    for folder in sorted(workspace.runs.glob(RUNS), key=lambda folder: folder.name, reverse=True):
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            before = comparable(manifest)
            if before == inputs or any(before[name] != inputs[name] for name in ("vintage", "data_kind")):
                continue
            return _read(folder, manifest), tuple(notes)
        except (OSError, ValueError, KeyError, TypeError):
            notes.append(
                Message(
                    "The earlier run {folder} cannot be read, so nothing is compared with it", {"folder": folder.name}
                )
            )
    return None, tuple(notes)


def comparable(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes two runs say the same, or other things, from their manifests or what these begin with."""
    return {
        "files": {name: digest for name, digest in manifest["inputs"].items() if isinstance(digest, str)},
        "settings": {name: value for name, value in manifest["settings"].items() if name not in LOOKS},
        "model": manifest["model"]["in_use"],
        "vintage": manifest["settings"]["vintage"],
        "data_kind": manifest["data_kind"],
    }


def _read(folder: Path, manifest: Mapping[str, Any]) -> EarlierRun:
    start, end = (str(date.fromisoformat(day)) for day in manifest["period"])
    return EarlierRun(
        name=folder.name,
        made_on=str(datetime.fromisoformat(manifest["made_at"]).date()),
        period=(start, end),
        settings=dict(manifest["settings"]),
        model_id=manifest["model"]["in_use"],
        outreach=_ranking(folder / "ranking_outreach.csv", "commune_code"),
        patrol=_ranking(folder / "ranking_patrol.csv", "sector_id"),
    )


def _ranking(file: Path, key: str) -> pd.DataFrame:
    table = pd.read_csv(file, dtype={key: str})
    numbers = table[["rank", *(name for name in (*BEFORE, *RECORDS) if name in table and name != "rank")]].astype(float)
    if table[key].duplicated().any():
        raise ValueError("a unit is ranked twice")
    return numbers.assign(**{key: table[key]})
