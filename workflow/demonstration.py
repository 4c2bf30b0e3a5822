"""The demo: a simulated province goes through the same doors as real files."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from geo import boundaries
from geo.change import changing
from geo.errors import Message
from geo.grid import Grid
from geo.raster import write_cog
from geo.schema import VINTAGES
from geo.workspace import Settings, Workspace
from maps.release import released
from maps.tables import write_csv
from models.relief import simulate_relief
from models.simulate import simulate_programme
from workflow.adding import add
from workflow.covariates import add_covariate
from workflow.layers import init, read_layers
from workflow.running import RunResult, run_into
from workflow.steps import STEPS, Tell, silent

RELIEF_CELL_M = 1000.0


def demo_workspace(folder: Path, *, seed: int = 0, lang: str = "vi") -> Workspace:
    """Make a workspace of the demo: the built-in layers, simulated records and a simulated relief, added as files.

    The records are coded in the units of 2020, and ranked in those of 2025. The files lie in ``folder/input``.

    Raises
    ------
    WorkspaceError
        If the folder is in use or cannot be written.
    """
    workspace = init(folder, Settings.checked({"lang": lang, "seed": seed}))
    settings, border = workspace.settings, read_layers(workspace).border
    new, old = (boundaries.demo_crossings(vintage, border) for vintage in (settings.vintage, VINTAGES[0]))
    with changing(workspace.folder) as change:
        change.write({"crossings": new})
    world = simulate_programme(boundaries.communes(VINTAGES[0]), border, old, crs=settings.crs, random_state=seed)
    (folder / "input").mkdir()
    for name, table in world.tables.items():
        file = folder / "input" / f"simulated_{name}.csv"
        write_csv(file, table)
        add(workspace, name, file)
    relief = folder / "input" / "simulated_elevation.tif"
    _write_relief(relief, workspace, seed)
    add_covariate(workspace, "elevation", relief, stat="mean")
    return workspace


def workspace_or_demo(folder: str = "") -> Workspace:
    """Return the workspace in a folder or, without one, that of the demo in a new temporary folder."""
    return Workspace(Path(folder)) if folder else demo_workspace(Path(tempfile.mkdtemp()) / "demo")


def _write_relief(file: Path, workspace: Workspace, seed: int) -> None:
    """Write a made-up relief of the province, which says that it is made up."""
    settings = workspace.settings
    west, south, east, north = read_layers(workspace).communes.to_crs(settings.crs).total_bounds
    grid = Grid.covering((west, east, south, north), RELIEF_CELL_M, settings.crs)
    write_cog(
        file,
        simulate_relief(grid, seed),
        grid,
        description="simulated elevation",
        unit="m",
        tags={"data_kind": "simulated"},
    )


def demo(out: Path, *, seed: int = 0, lang: str = "vi", tell: Tell = silent) -> RunResult:
    """Run on the demo's workspace; everything goes into ``out``, the simulated tables into ``out/input``.

    Raises
    ------
    ReleaseError
        If ``out`` holds other files or cannot be written.
    """
    tell(Message("Simulating the records of five years"), 0, STEPS)
    with released(out) as draft, tempfile.TemporaryDirectory() as scratch:
        workspace = demo_workspace(Path(scratch) / "demo", seed=seed, lang=lang)
        (draft / "input").mkdir()
        for file in sorted((workspace.folder / "input").iterdir()):
            shutil.copyfile(file, draft / "input" / file.name)
        content = run_into(draft, workspace, tell=tell, now=datetime.now(UTC))
    return RunResult(out, content)
