"""A workspace: one folder with its settings, its layers, what came in, and its runs."""

import difflib
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from geo.change import changing, is_passing
from geo.crs import METRIC, metric_crs
from geo.errors import ClusterError, CrsError, WorkspaceError
from geo.geopackage import STORE
from geo.store import Store
from geo.store_address import SETTINGS as SETTINGS
from geo.store_address import checked_address
from geo.stores import store_in
from geo.workers import LOCAL, checked_scheduler

RETIRED = ("ranking",)
"""Sections that earlier versions wrote, and that say nothing any more."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Surface(_Section):
    """How densities are drawn."""

    cell_m: float = Field(500.0, ge=10, le=20_000, description="side of a raster cell, metres")
    bandwidth_m: float = Field(15_000.0, ge=100, le=200_000, description="kernel radius of the risk surface, metres")
    kernel: Literal["quartic", "epanechnikov"] = Field("quartic", description="quartic or epanechnikov")


class Outputs(_Section):
    """What a run writes besides."""

    parquet: bool = Field(
        False,
        description="also write the layers as GeoParquet: true or false; needs pip install 'diemnong[parquet]'",
    )
    atlas_pages: int = Field(
        600, ge=1, description="the atlas has a page for each of so many communes, the first of the ranking"
    )


class Scale(_Section):
    """Who does long work."""

    scheduler: str = Field(
        LOCAL,
        description="who does long evaluations and fits: local, this machine; or the scheduler of a cluster that you "
        "trust with the records, tcp://host:8786 or tls://host:8786; needs pip install 'diemnong[cluster]'",
    )
    by_district: bool = Field(
        False,
        description="fit the risk model of each district (since July 2025: province) by itself, with what all others "
        "tell of it: true or false; for a layer of many provinces",
    )

    @field_validator("scheduler")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            return checked_scheduler(value)
        except ClusterError as error:
            raise ValueError(str(error)) from None


class Settings(_Section):
    """Everything that a run depends on besides the layers."""

    title: str = Field("Điện Biên", max_length=200, description="what the map is called")
    office: str | None = Field(
        None,
        max_length=200,
        description="office that a suspicion is reported to, in the brief of patrols; by default the standing office "
        "of the provincial steering committee",
        examples=["Phòng trực ban của chỉ huy"],
    )
    vintage: Literal["2020-01-01", "2025-07-01"] = Field(
        "2025-07-01",
        description="unit system of the communes: the day it took effect, 2020-01-01 or 2025-07-01",
    )
    crs: str = Field(METRIC, description="metric CRS for distances and areas")
    lang: Literal["vi", "en"] = Field("vi", description="language of the outputs that have only one: vi or en")
    seed: int = Field(0, ge=0, description="seed of every random step")
    period_start: date | None = Field(
        None,
        description="first day of the records to use; by default the first record's month",
        examples=[date(2017, 1, 1)],
    )
    period_end: date | None = Field(
        None,
        description="last day of the records to use; by default the last record's month",
        examples=[date(2017, 12, 31)],
    )
    store: str | None = Field(
        None,
        exclude=True,  # manifests leave the office, and the address of its server is nobody's business
        description="database that holds the layers and tables, shared with other planners; by default the file "
        f"{STORE}. No password here: .pgpass or the variable PGPASSWORD; needs pip install 'diemnong[postgis]'",
        examples=["postgresql://user@host/database"],
    )
    valid_days: int = Field(180, ge=1, le=3650, description="days after the newest record until a map expires")
    surface: Surface = Surface()
    outputs: Outputs = Outputs()
    scale: Scale = Field(Scale(), exclude=True)  # likewise, and results do not depend on it

    @field_validator("crs")
    @classmethod
    def _metric(cls, value: str) -> str:
        try:
            metric_crs(value)
        except CrsError as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("store")
    @classmethod
    def _without_secrets(cls, value: str | None) -> str | None:
        try:
            return None if value is None else checked_address(value)
        except WorkspaceError as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _ordered(self) -> "Settings":
        if self.period_start and self.period_end and self.period_start > self.period_end:
            raise ValueError("period_start comes after period_end")
        return self

    @classmethod
    def checked(cls, values: Mapping[str, Any]) -> "Settings":
        """Return settings from plain values.

        Raises
        ------
        WorkspaceError
            If a key is unknown (the nearest known one is named) or a value is wrong.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise _explained(error) from None

    def to_toml(self) -> str:
        """Return the settings as a TOML text in which every key is explained."""
        return _section_toml(self) + "".join(
            f"\n[{name}]\n" + _section_toml(section) for name, section in self if isinstance(section, _Section)
        )


class Workspace:
    """The folder of a workspace.

    Parameters
    ----------
    folder
        An existing workspace; `Workspace.create` makes a new one.
    lang
        Language of the outputs, in place of that of the settings.

    Raises
    ------
    WorkspaceError
        If the folder is not a workspace or its settings are wrong.
    """

    def __init__(self, folder: Path, *, lang: str | None = None) -> None:
        self.folder = folder
        self.settings = _read_settings(folder)
        if lang is not None:
            self.settings = self.settings.model_copy(update={"lang": lang})

    @classmethod
    def create(cls, folder: Path, settings: Settings, layers: Mapping[str, pd.DataFrame] | None = None) -> "Workspace":
        """Make a new workspace in a folder that is empty or does not exist yet, with layers (`geo.store.LAYERS`).

        In a database that others share already, the layers that are there stay.

        Raises
        ------
        WorkspaceError
            If the folder is in use or cannot be written, or the database is of communes of another vintage.
        """
        if folder.exists() and (not folder.is_dir() or not all(is_passing(path.name) for path in folder.iterdir())):
            raise WorkspaceError("{folder} exists and is not an empty folder; choose another", folder=folder.name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError("{folder} cannot be written: {why}", folder=folder.name, why=error.strerror) from None
        with changing(folder, settings.store) as change:
            there = _shared_layers(settings)
            change.new_folder(folder / "intake")
            change.new_folder(folder / "runs")
            change.draft(folder / SETTINGS).write_text(settings.to_toml(), encoding="utf-8")
            if new := {name: layer for name, layer in (layers or {}).items() if name not in there}:
                change.write(new)
        return cls(folder)

    @property
    def store(self) -> Store:
        """All layers and tables."""
        return store_in(self.folder, self.settings.store)

    @property
    def layers(self) -> Path:
        """The GeoPackage with all layers and tables, unless these are in a database."""
        return self.folder / STORE

    @property
    def terrain(self) -> Path:
        """The raster of elevations, if any were added."""
        return self.folder / "terrain.tif"

    @property
    def intake(self) -> Path:
        """The folder of what was added: reports and fix lists."""
        return self.folder / "intake"

    @property
    def models(self) -> Path:
        """The folder of trained models."""
        return self.folder / "models"

    @property
    def runs(self) -> Path:
        """The folder of the runs' outputs."""
        return self.folder / "runs"

    @property
    def plans(self) -> Path:
        """The folder of the plans."""
        return self.folder / "plans"


def _shared_layers(settings: Settings) -> list[str]:
    """Return what the settings' database holds already, communes of their vintage at most."""
    if settings.store is None:
        return []
    store = store_in(Path(), settings.store)
    vintages = set(store.read("communes")["vintage"])
    if vintages - {settings.vintage}:
        raise WorkspaceError(
            "The database is of communes of {theirs}, the settings say {ours}; make the workspace with that vintage",
            theirs=", ".join(sorted(vintages)),
            ours=settings.vintage,
        )
    return store.names()


def _section_toml(section: _Section) -> str:
    lines = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, _Section):
            continue
        example = (field.examples or [""])[0]
        shown = f"{name} = {_toml(value)}" if value is not None else f"# {name} = {_toml(example)}"
        lines.append(f"# {field.description}\n{shown}\n")
    return "".join(lines)


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
            return f'"{escaped}"'
        case _:
            return str(value)


def _read_settings(folder: Path) -> Settings:
    path = folder / SETTINGS
    try:
        return Settings.checked(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise WorkspaceError(
            "{folder} is not a workspace (it has no {settings}); make one with: diemnong init {folder}",
            folder=str(folder),
            settings=SETTINGS,
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError("{file}: not readable as TOML: {why}", file=SETTINGS, why=str(error)) from None
    except OSError as error:
        raise WorkspaceError("{folder} cannot be read: {why}", folder=str(folder), why=error.strerror) from None


def _explained(error: ValidationError) -> WorkspaceError:
    first: Any = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or SETTINGS
    if first["type"] != "extra_forbidden":
        return WorkspaceError("{file}: {key}: {why}", file=SETTINGS, key=key, why=first["msg"])
    if key in RETIRED:
        return WorkspaceError(
            "{file}: the section [{section}] is not used any more; delete it with its keys", file=SETTINGS, section=key
        )
    known = [*Settings.model_fields, *Surface.model_fields, *Outputs.model_fields, *Scale.model_fields]
    near = difflib.get_close_matches(str(first["loc"][-1]), known, n=1, cutoff=0.0)[0]
    return WorkspaceError(
        "{file}: unknown key {key}; the nearest known key is {near}", file=SETTINGS, key=key, near=near
    )
