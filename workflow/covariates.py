"""Adding a covariate to a workspace: what a layer of the user's says of each commune."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.change import changing
from geo.covariate_file import Measured, measure
from geo.covariates import FACTS, layer_digest
from geo.errors import IntakeError, Message, some_of
from geo.ledger import sha256_of
from geo.panel import COUNTS
from geo.schema import COVARIATE_NAME, COVARIATES
from geo.store import Store
from geo.workspace import Workspace
from models.risk_words import EFFORTS
from workflow.added import Added
from workflow.intake_folder import UNDONE, intakes, name_intake, write_report
from workflow.modelling import DISTRICT

TAKEN = {*FACTS, *COUNTS, *EFFORTS, "population", DISTRICT, "commune_code", "month"}
"""Columns of what a model is fitted to."""

WHOLE = 0.99
"""A commune that a layer covers less than this is told."""


def add_covariate(
    workspace: Workspace,
    name: str,
    file: Path,
    *,
    stat: str,
    classes: Collection[float] = (),
    band: int | None = None,
    crs: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Added:
    """Measure a layer by commune and keep the values in the workspace; an earlier covariate of the name is replaced.

    Parameters
    ----------
    workspace
        Where to.
    name
        Of the covariate: small letters, digits and underscores.
    file, stat, classes, band, layer, columns
        See `geo.covariate_file.measure`.
    crs
        The CRS of a file that declares none.
    dry_run
        Measure and report, but write nothing.
    now
        The time of the intake; the present by default.

    Raises
    ------
    IntakeError, CrsError, WorkspaceError
        If the name or the file cannot be used.
    """
    _check_name(name)
    store, now = workspace.store, now or datetime.now(UTC)
    communes = store.read("communes")
    measured = measure(
        communes,
        file,
        stat,
        crs=workspace.settings.crs,
        classes=classes,
        band=band,
        declared_crs=crs,
        layer=layer,
        columns=columns,
    )
    digest = sha256_of(file)
    intake_id = name_intake(now, f"covariate-{name}", digest)
    rows = _rows(measured, communes, name, stat, classes).assign(file=file.name, sha256=digest, intake_id=intake_id)
    if dry_run:
        earlier = _earlier(workspace, name)
    else:
        earlier = _keep(workspace, store, name, COVARIATES.validate(rows[list(COVARIATES.columns)]), now)
    messages = _messages(name, rows, measured, earlier, dry_run=dry_run)
    n = len(rows)
    return Added("covariates", file.name, n, n, messages=messages, intake_id=None if dry_run else intake_id)


def _check_name(name: str) -> None:
    if not re.match(COVARIATE_NAME, name):
        raise IntakeError(
            "{name} cannot be the name of a covariate; use small letters without accents, digits and _, "
            "for example road_density",
            name=name,
        )
    if name in TAKEN:
        raise IntakeError("{name} is a column of the workspace already; choose another name", name=name)


def _rows(
    measured: Measured, communes: gpd.GeoDataFrame, name: str, stat: str, classes: Collection[float]
) -> pd.DataFrame:
    """Return the rows of `geo.schema.COVARIATES` but for what is known of the file."""
    table = measured.table.reset_index()
    texts = {
        "vintage": communes["vintage"].iloc[0],
        "name": name,
        "stat": stat,
        "unit": measured.unit.removeprefix("1"),
        "classes": ", ".join(f"{value:g}" for value in sorted(classes)),
        "data_kind": "simulated" if measured.simulated else "recorded",
        "measured_on": layer_digest(communes),
    }
    return table.assign(missing=table["value"].isna(), **texts)


def _earlier(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    return [report for report in intakes(workspace) if report.get("covariate") == name]


def _keep(workspace: Workspace, store: Store, name: str, rows: pd.DataFrame, now: datetime) -> list[dict[str, Any]]:
    """Store the rows in place of those of the same name, and a report that `diemnong undo` goes by.

    Returns the reports of what was replaced.
    """
    first = rows.iloc[0]
    report = {
        "table": "covariates",
        "covariate": name,
        "stat": first["stat"],
        "file": first["file"],
        "sha256": first["sha256"],
        "added_at": now.isoformat(timespec="seconds"),
        "added": len(rows),
        "missing": int(rows["missing"].sum()),
    }
    with changing(workspace.folder) as change:
        earlier = _earlier(workspace, name)
        write_report(change.new_folder(workspace.intake / first["intake_id"]), report)
        before = store.read("covariates")
        others = before[before["name"] != name]
        change.write({"covariates": pd.concat([others, rows], ignore_index=True) if len(others) else rows})
        for old in earlier:
            draft = change.draft(workspace.intake / old["intake_id"])
            write_report(draft, {**old, UNDONE: now.isoformat(timespec="seconds")})
    return earlier


def _messages(
    name: str, rows: pd.DataFrame, measured: Measured, earlier: list[dict[str, Any]], *, dry_run: bool
) -> tuple[Message, ...]:
    values = rows["value"].dropna()
    said = [
        Message(
            "{file}: {name} measured in {n} of {all} communes, from {low} to {high} {unit}",
            {
                "file": rows["file"].iloc[0],
                "name": name,
                "n": len(values),
                "all": len(rows),
                "low": float(f"{values.min():.4g}"),
                "high": float(f"{values.max():.4g}"),
                "unit": measured.unit.removeprefix("1"),
            },
        )
    ]
    if measured.simulated:
        said.append(Message("SIMULATED DATA: the layer says that it is made up"))
    none = rows.loc[rows["missing"], "commune_code"]
    if len(none):
        which = {"n": len(none), "codes": some_of(none)}
        said.append(Message("{n} communes have no value, because the layer covers too little of them: {codes}", which))
    part = rows.loc[~rows["missing"] & (rows["coverage"] < WHOLE), "commune_code"]
    if len(part):
        which = {"n": len(part), "codes": some_of(part)}
        said.append(Message("The layer covers {n} communes in part; their value is that of the part: {codes}", which))
    if np.isclose(values.min(), values.max(), rtol=1e-9):
        said.append(Message("{name} is the same in all communes, so no model can use it", {"name": name}))
    if earlier:
        said.append(Message("It replaces {name} from {file}", {"name": name, "file": earlier[-1]["file"]}))
    if dry_run:
        said.append(Message("Nothing was written"))
    else:
        said.append(Message("To take this back: diemnong undo {id}", {"id": rows["intake_id"].iloc[0]}))
    return tuple(said)
