"""Rows shared among threads. The kernels release the interpreter's lock."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

BANDS_A_THREAD = 8
"""More bands than threads, so that none waits long for the last."""

ALONE_BELOW = 100_000
"""Work, in points and rows, that is done before other threads have started."""


def threads_for(n_jobs: int) -> int:
    """Return the number of threads; −1 stands for all processors."""
    return os.cpu_count() or 1 if n_jobs == -1 else n_jobs


def in_bands(
    rows: Callable[[int, int], None],
    work: NDArray[np.float64],
    threads: int,
    bands_a_thread: int = BANDS_A_THREAD,
) -> None:
    """Call ``rows(top, bottom)`` for bands of rows of about equal work that together are all rows."""
    done = np.cumsum(work)
    if threads == 1 or done[-1] < ALONE_BELOW:
        rows(0, work.size)
        return
    bands = threads * bands_a_thread
    cuts = np.searchsorted(done, done[-1] * np.arange(1, bands) / bands)
    edges = np.unique(np.concatenate([[0], cuts, [work.size]]))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(rows, edges[:-1].tolist(), edges[1:].tolist()))
