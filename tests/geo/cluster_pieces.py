"""Pieces of work that tests of clusters hand out: workers import them from here."""

import os
import signal
import time
from pathlib import Path

import numba
import numpy as np

from geo.errors import Message, ModelError

TOLD = "made-up name of nobody"


def drawn(seed, size, scale):
    return scale * np.random.default_rng(seed).normal(size=size)


def killed_once(number, marker):
    """End the worker at the third piece, the first time."""
    if number == 3 and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def takes_all_memory(number):
    """Fill the memory steadily, as far as a worker's limit and beyond; give up where nobody minds."""
    held = []
    for _ in range(400):
        held.append(np.ones(2_000_000))
        time.sleep(0.01)
    return number


def not_possible(number):
    raise ModelError("{n} of {what}", n=number, what=Message("{{{m}}}", {"m": 2}))


def unforeseen(number):
    raise ValueError(TOLD)


def too_large(number):
    raise MemoryError


def threads(number):
    """Return how many threads compiled loops would take."""
    return numba.get_num_threads()


def length(number, shared):
    return len(shared)


def told(number, folder):
    """Leave a file, and take a while."""
    (Path(folder) / str(number)).touch()
    time.sleep(0.05)
    return number


def waits_for_later_ones(number, folder, last):
    """Leave a file; the first waits for those of the next, and tells whether they came."""
    (Path(folder) / str(number)).touch()
    for _ in range(1000):
        if number or all((Path(folder) / str(later)).exists() for later in range(1, last + 1)):
            return True
        time.sleep(0.02)
    return False
