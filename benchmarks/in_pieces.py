"""Who does the worlds of a benchmark: two processes here, or the workers of a scheduler, with the same results."""

import importlib
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from geo.workers import LOCAL, workers_at


def each(work: Callable[[Any], Any], cases: Sequence[Any], scheduler: str = LOCAL) -> list[Any]:
    """Return the work done for each case.

    Workers of a scheduler need this folder among those that they import from (``PYTHONPATH=benchmarks``).
    """
    if scheduler == LOCAL:
        with ProcessPoolExecutor(2) as pool:
            return list(pool.map(work, cases))
    with workers_at(scheduler) as workers:
        return list(workers.map(by_file(work), cases))


def by_file(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function under the name of its file: that of a script is called ``__main__``, which a worker has not."""
    if work.__module__ != "__main__":
        return work
    found: Callable[[Any], Any] = getattr(importlib.import_module(Path(sys.argv[0]).stem), work.__name__)
    return found
