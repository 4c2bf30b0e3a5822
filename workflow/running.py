"""A run: join the records to communes, rank, draw the surface, write the outputs."""

import hashlib
import json
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.border import face_communes
from geo.density import density_ratio
from geo.errors import Message
from geo.grid import Grid
from geo.panel import Panel, build_panel, period_of
from geo.raster import cells_in, mask_outside
from geo.workspace import Settings, Workspace
from maps.outputs import FILES, RunContent, say, write_manifest, write_outputs
from maps.release import released
from maps.text import translate
from models.border_ranking import Reach, rank_patrol
from models.ranking import rank_outreach
from workflow.layers import Layers, gazetteer, read_layers

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
    "scipy",
    "shapely",
)

Tell = Callable[[Message, int, int], None]
"""Called at the beginning of each step with what is done, the number of finished steps and of all."""

STEPS = 6


def silent(message: Message, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Analysis:
    """What a run found, before anything is written.

    Attributes
    ----------
    panel
        Commune × month.
    outreach, patrol
        See `models.ranking.rank_outreach` and `models.border_ranking.rank_patrol`.
    surface, grid
        Events per 10,000 persons and year, NaN outside the province.
    """

    panel: Panel
    outreach: pd.DataFrame
    patrol: pd.DataFrame
    surface: NDArray[np.float64]
    grid: Grid


@dataclass(frozen=True)
class RunResult:
    """Where the outputs lie, and what they say at the top."""

    folder: Path
    content: RunContent
    placement: pd.DataFrame

    files: tuple[str, ...] = FILES

    def notices(self) -> list[Message]:
        """Return what must be known before the rankings are read."""
        content, placement = self.content, self.placement
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
        uncounted = placement[placement["placement"].isin(["unplaced", "refused", "outside the period"])]
        notices += [
            Message(
                "{table}: {rows} rows are not in the ranking ({why})",
                {"table": Message(row.table), "rows": row.rows, "why": Message(row.placement)},
            )
            for row in uncounted.itertuples()
        ]
        return notices

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


def run(workspace: Workspace, *, tell: Tell = silent, now: datetime | None = None) -> RunResult:
    """Rank the workspace's hotspots and write the outputs into a new folder of its runs.

    Raises
    ------
    WorkspaceError
        If there is nothing to rank yet, or the workspace cannot be read.
    ReleaseError
        If the outputs cannot be written; nothing is then left behind.
    """
    now = now or datetime.now(UTC)
    digest = _sha256(workspace.layers)
    key = hashlib.sha256((digest + workspace.settings.to_toml()).encode()).hexdigest()[:8]
    folder = workspace.runs / f"{now:%Y%m%dT%H%M%S}-{key}"
    with released(folder) as draft:
        content, placement = run_into(draft, workspace, tell=tell, now=now)
    return RunResult(folder, content, placement)


def run_into(
    draft: Path, workspace: Workspace, *, tell: Tell = silent, now: datetime
) -> tuple[RunContent, pd.DataFrame]:
    """Write the outputs of a run into a draft of `maps.release.released`; return what they say and the placements."""
    clock = _Clock(tell)
    with clock.step("read", Message("Reading the layers")):
        layers = read_layers(workspace)
    analysis = analyse(layers, workspace.settings, clock.step)
    content = _content(layers, analysis, workspace.settings)
    with clock.step("write", Message("Writing tables, raster and map")):
        write_outputs(draft, content)
    write_manifest(draft, _manifest(workspace, layers, analysis, content, clock.seconds, now))
    return content, analysis.panel.placement


def analyse(layers: Layers, settings: Settings, step: Callable[[str, Message], Any] | None = None) -> Analysis:
    """Count, rank and draw the surface; nothing is written.

    The surface is made from counts by commune, spread evenly over each commune's cells, never from the places of
    single records: moving a record within its commune changes nothing.
    """
    step = step or _Clock(silent).step
    with step("join", Message("Joining records to communes")):
        counted = {name: layers.records[name] for name in ("cases", "absences", "outreach", "services")}
        start, end = period_of(layers.records, settings.period_start, settings.period_end)
        panel = build_panel(layers.communes, counted, gazetteer(layers.communes, settings.crs), start, end)
        totals = panel.totals()
    with step("rank", Message("Ranking communes")):
        outreach = rank_outreach(
            layers.communes,
            totals,
            panel.years,
            reach_m=settings.ranking.neighbour_reach_m,
            crs=settings.crs,
        )
    with step("surface", Message("Drawing the risk surface")):
        communes = layers.communes.to_crs(settings.crs)
        west, south, east, north = communes.total_bounds
        grid = Grid.covering((west, east, south, north), settings.surface.cell_m, settings.crs)
        cells = commune_cells(communes, grid)
        surface = _surface(cells, totals, panel.years, grid, communes, settings)
    with step("patrol", Message("Ranking border sectors")):
        sectors = layers.border.assign(commune_code=face_communes(layers.border, layers.communes, settings.crs))
        ranking = settings.ranking
        patrol = rank_patrol(
            sectors,
            layers.crossings,
            outreach,
            cells,
            reach=Reach(ranking.patrol_reach_m, ranking.crossing_reach_m, ranking.crossing_pull),
            crs=settings.crs,
            patrol_hours=_patrol_hours(layers.records["patrols"], end),
        )
    return Analysis(panel, outreach, patrol, surface, grid)


def commune_cells(communes: gpd.GeoDataFrame, grid: Grid) -> pd.DataFrame:
    """Return the centres of each commune's cells: ``commune_code``, ``x``, ``y`` in metres of the grid's CRS."""
    owner = cells_in(communes, grid)
    row, col = np.nonzero(owner >= 0)
    codes = communes["commune_code"].to_numpy()[owner[row, col]]
    return pd.DataFrame({"commune_code": codes, "x": grid.eastings()[col], "y": grid.northings()[row]})


def _surface(
    cells: pd.DataFrame,
    totals: pd.DataFrame,
    years: float,
    grid: Grid,
    communes: gpd.GeoDataFrame,
    settings: Settings,
) -> NDArray[np.float64]:
    share = 1 / cells.groupby("commune_code")["commune_code"].transform("size")
    events = cells["commune_code"].map(totals["cases"] + totals["absences"]) * share
    person_years = cells["commune_code"].map(totals["population"]) * years * share
    ratio = density_ratio(
        cells["x"], cells["y"], events, person_years, grid,
        bandwidth_m=settings.surface.bandwidth_m, kernel=settings.surface.kernel,
    )  # fmt: skip
    return mask_outside(ratio, grid, communes)


def _patrol_hours(patrols: pd.DataFrame, end: pd.Period) -> pd.Series | None:
    """Sum the team-hours of each sector over the last twelve months of the period."""
    if patrols.empty:
        return None
    month = patrols["date"].dt.to_period("M")
    recent = patrols[(month > end - 12) & (month <= end)]
    return (recent["hours"] * recent["teams"]).groupby(recent["sector_id"]).sum()


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
        simulated=any(
            (rows["data_kind"] == "simulated").any() for rows in layers.records.values() if "data_kind" in rows
        ),
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
    now: datetime,
) -> dict[str, Any]:
    intakes = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(workspace.intake.glob("*/intake.json"))]
    return {
        "program": "diemnong",
        "data_kind": content.data_kind,
        "made_at": now.isoformat(timespec="seconds"),
        "settings": workspace.settings.model_dump(mode="json"),
        "period": content.period,
        "inputs": {"layers.gpkg": _sha256(workspace.layers), "files": intakes},
        "rows": {
            "communes": len(layers.communes),
            "border": len(layers.border),
            "crossings": len(layers.crossings),
            **{name: len(rows) for name, rows in layers.records.items()},
        },
        "placement": analysis.panel.placement.to_dict(orient="records"),
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


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _expected(row: Any) -> Message:
    values = {"expected": row.expected, "lower": row.lower, "upper": row.upper}
    return Message("{expected} expected a year (90 %: {lower} to {upper})", values)


def _share(row: Any) -> Message:
    return Message("share of the border's risk: {share} %", {"share": 100 * row.score})


def _plain(ranking: pd.DataFrame) -> list[dict[str, Any]]:
    rows = ranking.drop(columns="reasons").assign(reason=[say(reasons, "en") for reasons in ranking["reasons"]])
    records: list[dict[str, Any]] = json.loads(rows.to_json(orient="records"))
    return records


class _Clock:
    """Times the steps and tells a listener when each begins."""

    def __init__(self, tell: Tell) -> None:
        self.seconds: dict[str, float] = {}
        self._tell = tell

    @contextmanager
    def step(self, name: str, message: Message) -> Iterator[None]:
        self._tell(message, len(self.seconds), STEPS)
        begin = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begin
