"""Publishing: the folder that may leave, made of the records of all years, and noted so that the next is held to it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.adjacency import touching
from geo.change import changing
from geo.errors import DisclosureError, Message
from geo.ledger import sha256_of
from geo.workspace import Workspace
from maps.outputs import write_manifest
from maps.publication import FILES, write_publication
from maps.publication_content import PublicContent
from maps.publication_words import WHOLE
from maps.release import MANIFEST, Level, released
from maps.stamp import VALID_DAYS, valid_until
from maps.text import translate
from models.disclosure import FIGURES, KINDS, Publication, protect
from models.disclosure_zones import Zone, zone_tree
from workflow.analysis import count, not_counted
from workflow.layers import Layers, read_layers
from workflow.publication_ledger import PUBLICATIONS, About, add_release, releases_of
from workflow.steps import Tell, silent

FOLDER = "public"

LEAST_K = 5
"""Fewest persons that a published figure may rest on; more may be asked for."""


@dataclass(frozen=True)
class Published:
    """What was published, and where it lies."""

    folder: Path
    content: PublicContent
    left_out: tuple[Message, ...]

    refused = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""
        content = self.content
        said = [Message("SIMULATED DATA: nothing in these records happened")] if content.simulated else []
        values = {"communes": content.communes, "zones": len(content.zones), "k": content.k}
        said += [
            *self.left_out,
            Message(
                "{communes} communes are {zones} zones, all years together, so that each rests on {k} persons or more.",
                values,
            ),
            Message(
                "Whoever puts all figures of this folder together is left with at least {n} persons between the least "
                "and the most that any figure can be.",
                {"n": content.narrowest},
            ),
            Message("Read {file} before anything is passed on", {"file": str(self.folder / "publication_report.html")}),
            *(Message("Files: {folder}", {"folder": str(self.folder / name)}) for name in (*FILES, MANIFEST)),
        ]
        return tuple(said)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {
            "folder": str(self.folder),
            "files": [*FILES, MANIFEST],
            "release_level": Level.PUBLIC.value,
            "data_kind": "simulated" if self.content.simulated else "recorded",
            "zones": len(self.content.zones),
            "not_shown": self.content.not_shown,
            "narrowest": self.content.narrowest,
            "messages": [translate(message, "en") for message in self.messages],
        }


def publish(
    workspace: Workspace,
    *,
    level: Level = Level.PUBLIC,
    k: int = LEAST_K,
    out: Path | None = None,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Published:
    """Write what anybody may have of a workspace's records, and note it in the workspace.

    It is noted first and then put in its place: a process that is killed in between leaves a note of a release that
    nobody has, not a release that the next one is not held against.

    Parameters
    ----------
    workspace
        Where the records are.
    level
        Only the public level is made to leave.
    k
        Fewest persons of a figure, `LEAST_K` or more.
    out
        The folder; by default a new one in the workspace's ``public``.
    tell
        Told of each step.
    now
        The time of the release; the present by default.

    Raises
    ------
    DisclosureError
        If a promise cannot be kept: too few persons, too small a difference to an earlier release; or if the folder
        cannot be written. Nothing is then left behind.
    WorkspaceError
        If there is no record, or another process is at work there.
    """
    if level is not Level.PUBLIC:
        raise DisclosureError(
            "Only --level public is made to leave; what runs and plans write is of level {level} as it is", level=level
        )
    if k < LEAST_K:
        raise DisclosureError("--k is {k}: a published figure rests on at least {least} persons", k=k, least=LEAST_K)
    now = now or datetime.now(UTC)
    folder = out or workspace.folder / FOLDER / f"{now:%Y%m%dT%H%M%S}"
    with released(folder) as draft, changing(workspace.folder) as change:
        tell(Message("Joining records to communes"), 0, 3)
        layers = read_layers(workspace)
        panel = count(layers, workspace.settings)
        tell(Message("Looking for zones, and for what can be worked out of them"), 1, 3)
        earlier = releases_of(workspace.folder)
        counts = panel.totals()[list(KINDS)]
        publication, release = protect(counts, _tree(layers, workspace.settings.crs), earlier, k)
        tell(Message("Writing table, map and report"), 2, 3)
        content = public_content(
            layers.communes,
            publication,
            years=(panel.months[0].year, panel.months[-1].year),  # whole years: a first month would tell of a record
            earlier=len(earlier),
            made_on=str(now.date()),
            simulated=_is_simulated(layers),
            title=workspace.settings.title,
            lang=workspace.settings.lang,
            valid_days=workspace.settings.valid_days,
        )
        write_publication(draft, content)
        write_manifest(draft, _manifest(content, now), Level.PUBLIC)
        ledger = change.draft(workspace.folder / PUBLICATIONS)
        if (kept := workspace.folder / PUBLICATIONS).exists():
            ledger.write_bytes(kept.read_bytes())
        first, last = (str(day.date()) for day in (panel.months[0].start_time, panel.months[-1].end_time))
        made_at, digest = now.isoformat(timespec="seconds"), sha256_of(draft / MANIFEST)
        add_release(ledger, release, About(made_at, str(folder), first, last, workspace.settings.vintage, digest))
    return Published(folder, content, tuple(not_counted(panel.placement)))


def _is_simulated(layers: Layers) -> bool:
    counted = (layers.records[name] for name in ("cases", "absences"))
    return any("data_kind" in rows and bool((rows["data_kind"] == "simulated").any()) for rows in counted)


def _tree(layers: Layers, crs: str) -> Zone:
    """Return the tree of zones: of populations and places, which everybody knows, and of nothing else."""
    middles = layers.communes.to_crs(crs).representative_point()
    xy = np.column_stack([middles.x, middles.y])
    return zone_tree(layers.communes["population"].to_numpy(dtype=float), touching(layers.communes, crs), xy)


def public_content(
    communes: gpd.GeoDataFrame,
    publication: Publication,
    *,
    years: tuple[int, int],
    earlier: int,
    made_on: str,
    simulated: bool,
    title: str,
    lang: str,
    valid_days: int = VALID_DAYS,
) -> PublicContent:
    """Return what is written of a publication: its ranges, and what everybody knows of the communes.

    Parameters
    ----------
    communes
        The workspace's layer.
    publication
        The ranges.
    years
        First and last calendar year of the records.
    earlier, made_on, simulated, title, lang
        See `maps.publication.PublicContent`.
    valid_days
        How long after ``made_on`` it holds.
    """
    indexed = communes.set_index("commune_code")
    names = [f"Z{number:02}" for number in range(1, len(publication.zones) + 1)]
    zones = _described(publication.zones, indexed, names, years)
    shapes = [indexed.geometry[list(codes)].union_all() for codes in publication.zones["communes"]]
    return PublicContent(
        zones=gpd.GeoDataFrame(zones, geometry=shapes, crs=communes.crs),
        whole=_described(publication.whole, indexed, [WHOLE], years).assign(communes=""),
        communes=len(communes),
        years=years,
        k=publication.k,
        narrowest=publication.narrowest,
        not_shown=publication.not_shown,
        earlier=earlier,
        made_on=made_on,
        valid_until=valid_until(made_on, valid_days),
        simulated=simulated,
        approximate=bool((communes["geometry_quality"] == "approximate").any()),
        title=title,
        lang=lang,
    )


def _described(
    rows: pd.DataFrame, communes: gpd.GeoDataFrame, names: list[str], years: tuple[int, int]
) -> pd.DataFrame:
    """Return zones with names, population, and the rates that follow from their ranges."""
    population = [int(communes["population"][list(codes)].sum()) for codes in rows["communes"]]
    person_years = np.array(population) * (years[1] - years[0] + 1)
    ends = [f"{name}_{end}" for name in FIGURES for end in ("low", "high")]
    rates = {
        f"rate_{end}": (10_000 * rows[f"persons_{end}"].to_numpy(dtype=float, na_value=np.nan) / person_years).round(2)
        for end in ("low", "high")
    }
    told = [", ".join(communes["name"][list(codes)]) for codes in rows["communes"]]
    return pd.DataFrame({"zone": names, "communes": told, "population": population, **rows[ends], **rates})


def _manifest(content: PublicContent, now: datetime) -> dict[str, Any]:
    """Return what the folder says of itself: no hash of the records, with which a guess of them could be held."""
    return {
        "what": "publication",
        "data_kind": "simulated" if content.simulated else "recorded",
        "made_at": now.isoformat(timespec="seconds"),
        "years": content.years,
        "k": content.k,
        "zones": len(content.zones),
        "not_shown": content.not_shown,
        "narrowest": content.narrowest,
        "outputs": list(FILES),
    }
