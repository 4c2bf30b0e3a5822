"""A quick surface: the kernel density of any file of points."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo.crs import check_scale
from geo.density import KernelDensity, density_tiles
from geo.errors import CrsError, Message, ModelError, ReleaseError
from geo.grid import Grid
from geo.intake.masking import masked_errors
from geo.intake.persons import persons
from geo.point_file import PointFile, read_points
from geo.raster import write_cog_tiles
from geo.tiles import Tile, tiles
from geo.vector import read_layer
from geo.workers import LOCAL, Workers, workers_at
from maps.plans import command_named
from maps.release import Level, released_file
from maps.text import translate
from workflow.steps import Tell, silent

GAUSSIAN_MARGIN = 3.0
"""Standard deviations around the points that the grid of a Gaussian covers."""


@dataclass(frozen=True)
class Drawn:
    """A surface that was written.

    Attributes
    ----------
    file
        The raster.
    points
        What it was drawn from.
    model
        The fitted estimator.
    grid
        Where.
    peak
        The highest value, events per km².
    source
        Name of the file of points.
    """

    file: Path
    points: PointFile
    model: KernelDensity
    grid: Grid
    peak: float
    source: str

    refused = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""
        rows, cols = self.grid.shape
        events = float(self.model.weights_.sum())
        said = [Message("{file}: {n} points, {events} events", {"file": self.source, "n": self.n, "events": events})]
        if self.points.simulated:
            said.insert(0, Message("SIMULATED DATA: nothing in these records happened"))
        if self.points.without_place:
            said.append(Message("{n} rows without a place are left out", {"n": self.points.without_place}))
        if self.points.with_angles:
            said.append(
                Message("{n} rows have degrees with minutes or a direction", {"n": self.points.with_angles}),
            )
        said += self._about_bandwidth()
        values = {"file": str(self.file), "rows": rows, "cols": cols, "cell": self.grid.cell_m, "peak": self.peak}
        said.append(
            Message("{file}: {rows} × {cols} cells of {cell} m, at most {peak} events per km²", values),
        )
        narrow = float(np.min(self.model.bandwidths_m_))
        if narrow < self.grid.cell_m:
            said.append(
                Message(
                    "The bandwidth of {bandwidth} m is less than a cell: points between the centres of cells are not "
                    "seen; use smaller cells or a wider bandwidth",
                    {"bandwidth": narrow},
                )
            )
        said.append(Message("COMMAND LEVEL: not to leave the command"))
        said.append(Message("The surface is drawn from the places themselves: single ones can be worked out of it"))
        return tuple(said)

    @property
    def n(self) -> int:
        """Number of points."""
        return self.points.x.size

    def _about_bandwidth(self) -> list[Message]:
        search = self.model.search_
        if search is None:
            return []
        values = {
            "bandwidth": round(self.model.bandwidth_m_),
            "criterion": search.criterion,
            "n": search.candidates_m.size,
            "least": round(search.candidates_m[0]),
            "most": round(search.candidates_m[-1]),
        }
        said = [Message("Bandwidth {bandwidth} m: the best by {criterion} of {n} from {least} to {most} m", values)]
        if search.at_end:
            said.append(
                Message(
                    "That is the end of the range: these points do not determine a bandwidth (many share one place, or "
                    "some lie alone); name one in metres"
                )
            )
        return said

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {
            "file": str(self.file),
            "points": self.n,
            "without_place": self.points.without_place,
            "bandwidth_m": self.model.bandwidth_m_,
            "shape": list(self.grid.shape),
            "cell_m": self.grid.cell_m,
            "crs": self.grid.crs,
            "peak_per_km2": self.peak,
            "data_kind": _data_kind(self.points),
            "release_level": Level.COMMAND.value,
            "messages": [translate(message, "en") for message in self.messages],
        }


def draw_density(
    file: Path,
    out: Path,
    *,
    cell_m: float = 500.0,
    bandwidth: float | str = 5000.0,
    kernel: str = "quartic",
    adaptive: bool = False,
    area: Path | None = None,
    edges: str | None = None,
    weights: str | None = None,
    crs: str | None = None,
    metric: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    n_jobs: int = -1,
    scheduler: str = LOCAL,
    overwrite: bool = False,
    tell: Tell = silent,
) -> Drawn:
    """Draw the density of a file of points and write it as a Cloud-Optimized GeoTIFF, events per km².

    It is drawn and written tile by tile: what memory holds grows with the points, not with the cells.

    Parameters
    ----------
    file, weights, crs, metric, layer, columns
        The points; see `geo.point_file.read_points`.
    out
        The raster; its name gets the prefix `maps.plans.COMMAND_PREFIX`, for it may not leave the command.
    cell_m
        Side of a cell, metres.
    bandwidth, kernel, adaptive, n_jobs
        See `geo.density.KernelDensity`.
    scheduler
        Who draws the tiles: see `geo.workers.workers_at`. Workers draw each with one thread.
    area
        A layer of polygons that together are the study area, if its edges shall be corrected.
    edges
        How: ``"uniform"`` (by default, with an area) or ``"diggle"``.
    overwrite
        Whether ``out`` may be replaced.
    tell
        Told of each step.

    Raises
    ------
    IntakeError, CrsError
        If a file cannot be used.
    ModelError
        If the density cannot be computed, or the grid is too large.
    ClusterError
        If the workers cannot do their part.
    ReleaseError
        If the raster cannot be written.
    """
    if out.suffix.lower() not in (".tif", ".tiff"):
        raise ReleaseError("{file}: the surface is a GeoTIFF; name it .tif", file=out.name)
    if edges and area is None:
        raise ModelError("Edges are those of a study area: name its layer with --area, or leave --edges out")
    out = command_named(out)
    with released_file(out, overwrite=overwrite) as draft, workers_at(scheduler) as workers:
        tell(Message("Reading the points"), 0, 1)
        with masked_errors(persons()):
            points = read_points(file, crs=crs, metric=metric, layer=layer, columns=columns, weights=weights)
            check_scale(points.crs, points.x, points.y)
            study = None if area is None else _read_area(area, crs).to_crs(points.crs)
        model = KernelDensity(
            kernel,
            bandwidth,
            adaptive=adaptive,
            edge_correction=None if area is None else edges or "uniform",
            n_jobs=n_jobs,
        ).fit(
            points.x,
            points.y,
            weights=points.weights,
            area=study,
            progress=lambda done, total: tell(Message("Choosing the bandwidth"), done, total),
        )
        around = study.total_bounds if study is not None else _bounds_with_margin(model)
        west, south, east, north = around
        grid = Grid.covering((west, east, south, north), cell_m, points.crs.to_string())
        if scheduler != LOCAL:
            model.set_params(n_jobs=1)  # a worker is a thread
        surface = _Surface(model, grid, workers, tell)
        try:
            write_cog_tiles(
                draft,
                surface,
                grid,
                description=f"density of {model.x_.size} points, {_data_kind(points)} data",
                unit="events per km²",
                tags=_tags(model, points),
                n_jobs=n_jobs,
            )
        except MemoryError:
            raise ModelError(
                "{n} points, and tiles of a grid of {rows} × {cols} cells, need more memory than there is; close other "
                "programs, or take fewer points",
                n=model.x_.size,
                rows=grid.shape[0],
                cols=grid.shape[1],
            ) from None
    return Drawn(out, points, model, grid, surface.peak, persons().masked_file(file.name))


class _Surface:
    """A density as it is drawn, tile by tile, and its highest value so far."""

    def __init__(self, model: KernelDensity, grid: Grid, workers: Workers, tell: Tell) -> None:
        self.model, self.grid, self.workers, self.tell = model, grid, workers, tell
        self.peak = np.nan

    def __iter__(self) -> Iterator[tuple[Tile, NDArray[np.float64]]]:
        drawing, total = Message("Drawing the surface"), len(tiles(self.grid))
        self.tell(drawing, 0, total)
        drawn = density_tiles(self.model, self.grid, workers=self.workers)
        for done, (tile, values) in enumerate(drawn, 1):
            self.peak = float(np.fmax.reduce(values, axis=None, initial=self.peak))
            self.tell(drawing, done, total)
            yield tile, values


def _read_area(path: Path, crs: str | None) -> gpd.GeoDataFrame:
    """Read the study area; ``crs`` is that of the points, and of an area that declares none."""
    try:
        return read_layer(path, kind="Polygon")
    except CrsError:
        return read_layer(path, kind="Polygon", crs=crs)


def _bounds_with_margin(model: KernelDensity) -> tuple[float, float, float, float]:
    """Return the points' bounds (west, south, east, north), widened by as far as kernels reach."""
    margin = float(np.max(model.bandwidths_m_)) * (GAUSSIAN_MARGIN if model.kernel == "gaussian" else 1.0)
    x, y = model.x_, model.y_
    return x.min() - margin, y.min() - margin, x.max() + margin, y.max() + margin


def _data_kind(points: PointFile) -> str:
    return "simulated" if points.simulated else "recorded"


def _tags(model: KernelDensity, points: PointFile) -> dict[str, str]:
    return {
        "data_kind": _data_kind(points),
        "release_level": Level.COMMAND.value,
        "kernel": model.kernel,
        "bandwidth_m": f"{model.bandwidth_m_:.6g}",
        "adaptive": str(model.adaptive).lower(),
        "edge_correction": str(model.edge_correction or "none"),
    }
