"""The demo: a simulated province goes through the same doors as real files."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from geo import boundaries
from geo.schema import VINTAGES
from geo.store import Store
from geo.workspace import Settings
from maps.release import released
from maps.tables import write_csv
from models.simulate import simulate_programme
from workflow.adding import add
from workflow.layers import init, read_layers
from workflow.running import RunResult, Tell, run_into, silent


def demo(out: Path, *, seed: int = 0, lang: str = "vi", tell: Tell = silent) -> RunResult:
    """Simulate 2013–2017 on the built-in layers, add the tables as files, and run; everything goes into ``out``.

    The records are coded in the units of 2020, and ranked in those of 2025. The simulated tables lie in
    ``out/input``, so that they can be looked at and added to a workspace by hand.

    Raises
    ------
    ReleaseError
        If ``out`` holds other files or cannot be written.
    """
    settings = Settings.checked({"lang": lang, "seed": seed})
    now = datetime.now(UTC)
    with released(out) as draft, tempfile.TemporaryDirectory() as scratch:
        workspace = init(Path(scratch) / "demo", settings)
        border = read_layers(workspace).border
        new, old = (boundaries.demo_crossings(vintage, border) for vintage in (settings.vintage, VINTAGES[0]))
        Store(workspace.layers).write({"crossings": new})
        world = simulate_programme(boundaries.communes(VINTAGES[0]), border, old, crs=settings.crs, random_state=seed)
        (draft / "input").mkdir()
        for name, table in world.tables.items():
            file = draft / "input" / f"simulated_{name}.csv"
            write_csv(file, table)
            add(workspace, name, file, now=now)
        content, placement = run_into(draft, workspace, tell=tell, now=now)
    return RunResult(out, content, placement)
