"""What QGIS styles add to a run's GeoPackage, and what a field pack takes; the plan is made up.

``python benchmarks/field_pack.py``
"""

import datetime as dt
import itertools
import platform
import statistics
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

import workflow
from geo.crs import METRIC
from geo.workspace import Workspace
from maps.field import field_pack
from maps.field_tables import FieldPlan
from maps.layer_styles import run_styles
from maps.outputs import LAYERS, OUTREACH_HEADINGS, PATROL_HEADINGS, RunContent, worded
from maps.qgis import write_gpkg
from workflow.demonstration import demo_workspace
from workflow.layers import read_layers

TIMES = 5
SHIFTS = (6, 30)
"""Teams and days."""


def made_up_plan(workspace: Workspace, seed: int = 0) -> FieldPlan:
    """Return shifts of one to three of the eight sectors nearest to each of the demo's simulated posts."""
    layers, rng = read_layers(workspace), np.random.default_rng(seed)
    table = pd.read_csv(workspace.folder / "input" / "simulated_posts.csv").head(SHIFTS[0])
    posts = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
    border = layers.border.to_crs(METRIC)
    near = {
        post.post_id: border["sector_id"].to_numpy()[np.argsort(border.distance(post.geometry))[:8]]
        for post in posts.to_crs(METRIC).itertuples()
    }
    shifts = [
        (day, post, 1, tuple(rng.choice(near[post], rng.integers(1, 4), replace=False)), 2.0, 2.0, 8.0)
        for day, post in itertools.product(range(1, SHIFTS[1] + 1), near)
    ]
    columns = ["day", "post_id", "team", "sectors", "travel_hours", "watch_hours", "shift_hours"]
    return FieldPlan(
        schedule=pd.DataFrame(shifts, columns=columns),
        sectors=layers.border,
        posts=posts,
        routes=None,
        communes=layers.communes,
        start=dt.date(2018, 1, 1),
        made_on=dt.date(2017, 12, 31),
        simulated=True,
    )


def geopackage(path: Path, content: RunContent, *, styled: bool) -> None:
    """Write a run's GeoPackage as `maps.outputs` does, or without styles."""
    frames = {
        "communes": content.communes[["commune_code", "geometry"]].merge(worded(content.outreach, "simulated")),
        "border_sectors": content.sectors[["sector_id", "geometry"]].merge(worded(content.patrol, "simulated")),
        "crossings": content.crossings,
    }
    headings = {"communes": OUTREACH_HEADINGS, "border_sectors": PATROL_HEADINGS}
    styles = (
        run_styles(*(frames[name] for name in LAYERS), content.surface, headings=headings, lang="vi") if styled else {}
    )
    write_gpkg(
        path, frames, surface=(content.surface, content.grid), styles=styles, stamp="2018-01-01T00:00:00Z", note="demo"
    )


def seconds(what) -> str:
    """Return the median and the largest of some times, wall clock and processor."""
    walls, processor = [], []
    for i in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        what(i)
        walls.append(time.perf_counter() - wall)
        processor.append(time.process_time() - cpu)
    return f"{statistics.median(walls):8.2f} {max(walls):8.2f} {statistics.median(processor):8.2f}"


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        content = workflow.demo(folder / "run").content
        plan = made_up_plan(demo_workspace(folder / "workspace"))

        def pack(i: int) -> None:
            (folder / f"pack{i}").mkdir()
            field_pack(folder / f"pack{i}", plan, lang="vi")

        rows = {
            "GeoPackage, no styles": lambda i: geopackage(folder / f"plain{i}.gpkg", content, styled=False),
            "GeoPackage, styled": lambda i: geopackage(folder / f"styled{i}.gpkg", content, styled=True),
            f"field pack, {SHIFTS[0]} teams × {SHIFTS[1]} days": pack,
        }
        print(f"Python {platform.python_version()}, {platform.machine()}; seconds, {TIMES} times")
        print(f"{'':34} {'median':>8} {'largest':>8} {'CPU':>8}")
        for name, what in rows.items():
            print(f"{name:34} {seconds(what)}")
        sizes = sorted((file.stat().st_size / 1e6, file.name) for file in (folder / "pack0").iterdir())
        print(f"field pack: {sum(size for size, _ in sizes):.1f} MB, of it {sizes[-1][1]} {sizes[-1][0]:.1f} MB")


if __name__ == "__main__":
    main()
