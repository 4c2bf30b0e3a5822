"""Adding a file to a workspace: a layer takes the old one's place, a table of records grows."""

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd

from geo.border import carry_ids
from geo.border_file import load_border
from geo.change import Change, changing
from geo.checks import Finding
from geo.communes import load_communes
from geo.covariates import outdated
from geo.errors import IntakeError, Message, SchemaError
from geo.intake.masking import masked_errors
from geo.intake.persons import persons
from geo.schema import TABLES
from geo.terrain_file import LINES
from geo.vector_file import SUFFIXES
from geo.villages import load_villages
from geo.workspace import Workspace
from workflow.added import Added, layer_added
from workflow.adding_terrain import add_elevation, add_ways
from workflow.decisions import COLUMNS, add_links
from workflow.layers import facts_of, gazetteer
from workflow.records import add_records
from workflow.steps import Tell, silent


def add(
    workspace: Workspace,
    kind: str,
    file: Path,
    *,
    vintage: str | None = None,
    crs: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    repair: Collection[str] = (),
    agency: str | None = None,
    band: int | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
    tell: Tell = silent,
) -> Added:
    """Add a file as a layer (communes, border, terrain), to a table of records, or as decisions on ``links``.

    Parameters
    ----------
    workspace
        Where to.
    kind
        ``"communes"``, ``"border"``; of the terrain ``"elevation"``, ``"roads"``, ``"trails"``, ``"rivers"``; a name of
        `geo.schema.TABLES`; ``"villages"``: a list by which records that name only a village are placed; or
        ``"links"``: decisions on which cases are one.
    file
        The file.
    vintage
        For records: the unit system of codes and names in rows that name none. For communes: must be the workspace's.
    crs, layer, columns, repair
        See `geo.communes.load_communes`; ``columns`` also names headings of a table of records (ours → theirs).
    agency
        For records: whose they are, where the file does not say.
    band
        Of a raster of elevations that has several.
    dry_run
        Check and report, but write nothing.
    now
        The time of the intake; the present by default. Dates after it are rejected.
    tell
        Is told each step of an intake of records.

    Raises
    ------
    IntakeError, SchemaError, CrsError, WorkspaceError
        If the file as a whole cannot be used.
    """
    now = now or datetime.now(UTC)
    with masked_errors(persons()), nullcontext() if dry_run else changing(workspace.folder) as change:
        return _add(workspace, change, kind, file, vintage, crs, layer, columns, repair, agency, band, now, tell)


def _add(
    workspace: Workspace,
    change: Change | None,
    kind: str,
    file: Path,
    vintage: str | None,
    crs: str | None,
    layer: str | None,
    columns: Mapping[str, str] | None,
    repair: Collection[str],
    agency: str | None,
    band: int | None,
    now: datetime,
    tell: Tell,
) -> Added:
    if file.is_dir():
        raise IntakeError("{file} is a folder; name one of its files", file=file.name)
    _check_options(kind, file, layer, columns or {}, band)
    if kind == "communes":
        return _add_communes(workspace, change, file, vintage, crs, layer, columns, repair)
    if kind == "border":
        return _add_border(workspace, change, file, crs, layer, columns)
    if kind == "villages":
        return _add_villages(workspace, change, file, vintage)
    if kind == "elevation":
        return add_elevation(workspace, change, file, crs=crs, band=band)
    if kind in LINES:
        return add_ways(workspace, change, kind, file, crs=crs, layer=layer, columns=columns)
    if kind == "links":
        return add_links(workspace, change, file, columns=columns or {}, now=now)
    return add_records(
        workspace,
        change,
        kind,
        file,
        vintage=vintage,
        columns=columns or {},
        agency=agency,
        crs=crs,
        layer=layer,
        now=now,
        tell=tell,
    )


def _check_options(kind: str, file: Path, layer: str | None, columns: Mapping[str, str], band: int | None) -> None:
    """Refuse options that would be passed over: whoever gives one counts on it."""
    if band is not None and kind != "elevation":
        raise IntakeError("{file}: only a raster has bands; leave --band out", file=file.name)
    if layer and file.suffix.lower() not in SUFFIXES:
        raise IntakeError("{file}: a table has no layers; leave --layer out", file=file.name)
    known = _named_by_hand(kind)
    if known is not None and (strange := sorted(columns.keys() - set(known))):
        raise IntakeError(
            "{file}: --column can name {known}, but not {columns}",
            file=file.name,
            known=", ".join(known) or "–",
            columns=", ".join(strange),
        )


def _named_by_hand(kind: str) -> tuple[str, ...] | None:
    """Return the columns whose headings a user may name; None where the loader itself says so."""
    if kind in TABLES:
        return tuple(TABLES[kind].columns)
    if kind in LINES:
        return ("speed_kmh",) if kind == "roads" else ()
    return {"border": ("neighbour",), "villages": (), "links": COLUMNS, "elevation": ()}.get(kind)


def _add_communes(
    workspace: Workspace,
    change: Change | None,
    file: Path,
    vintage: str | None,
    crs: str | None,
    layer: str | None,
    columns: Mapping[str, str] | None,
    repair: Collection[str],
) -> Added:
    settings = workspace.settings
    if vintage not in (None, settings.vintage):
        raise SchemaError(
            "The workspace is made of units of {ours}, the layer of {theirs}; make a workspace of that vintage: "
            "diemnong init FOLDER --vintage {theirs}",
            ours=settings.vintage,
            theirs=vintage,
        )
    loaded = load_communes(
        file,
        vintage=settings.vintage,
        crs=settings.crs,
        declared_crs=crs,
        layer=layer,
        columns=columns,
        repair=repair,
        known=facts_of(workspace.store.read("communes")),
    )
    findings = list(loaded.findings)
    if loaded.usable and change:
        change.write({"communes": loaded.communes})
        findings += _outdated_covariates(workspace, loaded.communes)
    return layer_added("communes", file, len(loaded.communes), findings, usable=loaded.usable, dry_run=not change)


def _outdated_covariates(workspace: Workspace, communes: gpd.GeoDataFrame) -> list[Finding]:
    """Say which covariates are of the former communes: their files are not kept, so the user has to add them again."""
    names = outdated(workspace.store.read("covariates"), communes)
    said = Message(
        "Covariates were measured on the former communes; add their files again: {names}",
        {"names": ", ".join(names)},
    )
    return [Finding("covariates", "warning", said)] if names else []


def _add_border(
    workspace: Workspace,
    change: Change | None,
    file: Path,
    crs: str | None,
    layer: str | None,
    columns: Mapping[str, str] | None,
) -> Added:
    store = workspace.store
    metric, before = workspace.settings.crs, store.read("border")
    faced = set(before["neighbour"])
    sectors, findings = load_border(file, crs=metric, declared_crs=crs, layer=layer, columns=columns, expected=faced)
    sectors = carry_ids(sectors, before, metric)
    if change:
        change.write({"border": sectors})
    return layer_added("border", file, len(sectors), findings, usable=True, dry_run=not change)


def _add_villages(workspace: Workspace, change: Change | None, file: Path, vintage: str | None) -> Added:
    store = workspace.store
    loaded = load_villages(file, gazetteer(store.read("communes"), workspace.settings.crs), vintage)
    if loaded.usable and change:
        change.write({"villages": loaded.villages})
    n = len(loaded.villages)
    return layer_added("villages", file, n, list(loaded.findings), usable=loaded.usable, dry_run=not change)
