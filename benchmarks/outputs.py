"""What each output file of the demo takes to write: seconds of the wall and of the processor, and its size."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

import maps.atlas  # imported before the clock runs
import maps.print
import workflow
from maps.outputs import map_content
from maps.web import render_map
from workflow.running import analysed, content_of
from workflow.steps import Clock, silent

ROUNDS = 5


def timed(write: Callable[[], object]) -> tuple[float, float]:
    """Return the median wall and processor seconds of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        wall, processor = time.perf_counter(), time.process_time()
        write()
        rounds.append((time.perf_counter() - wall, time.process_time() - processor))
    walls, processors = zip(*rounds, strict=True)
    return statistics.median(walls), statistics.median(processors)


def main() -> None:
    """Print the table."""
    print(f"Python {platform.python_version()}, matplotlib {version('matplotlib')}, {os.cpu_count()} processors")
    print(f"{'files':<30}{'wall s':>10}{'CPU s':>10}{'kB':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        workspace = workflow.demo_workspace(folder / "demo")
        layers, analysis, model_id = analysed(workspace, Clock(silent))
        content = content_of(workspace, layers, analysis, model_id, date.today())
        shown, crs = map_content(content), content.grid.crs
        writers: dict[tuple[str, ...], Callable[[], object]] = {
            ("map.html",): lambda: (folder / "map.html").write_text(render_map(shown), encoding="utf-8"),
            ("map_a3.pdf", "map_a3.png"): lambda: maps.print.write_print(folder, shown, crs),
            ("map_a0.pdf",): lambda: maps.print.write_print(folder, shown, crs, paper="a0"),
            ("atlas.pdf",): lambda: maps.atlas.write_atlas(folder, shown, crs),
        }
        for files, write in writers.items():
            wall, processor = timed(write)
            size = sum((folder / file).stat().st_size for file in files) / 1000
            print(f"{', '.join(files):<30}{wall:>10.2f}{processor:>10.2f}{size:>10.0f}")


if __name__ == "__main__":
    main()
