"""What more workers than this machine has would do, reckoned from the pieces of work as they are measured on it.

Each piece is done here by one thread and timed, and what it sends is weighed. With w workers the work takes what is no
piece (reading, writing, pooling) and the larger of two: the time until the last worker ends, pieces handed out in their
order to whoever is free first, and the time in which all results pass one network cable to the program. What the model
leaves out: the scheduler's own time for each piece, and workers that are slower than this machine.
"""

import heapq
import pickle
import time
from collections.abc import Callable, Iterable, Iterator

import numba
from cluster import drawn_by, fitted_by, forecast_by

from geo.workers import InTurn

WINDOWS = 5
COMMUNES, PROVINCES = 3_321, 34
WORKERS = (1, 2, 10, 34, 100)
CABLE = 125e6
"""Bytes a second: a gigabit."""


class Watched(InTurn):
    """The process itself, with a watch: seconds and bytes of each piece."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.sent: list[int] = []
        self.weighing = 0.0

    def map(self, function: Callable[..., object], pieces: Iterable[object], *shared: object) -> Iterator[object]:
        """Yield the results; see `geo.workers.Workers.map`."""
        for piece in pieces:
            begin = time.perf_counter()
            result = function(piece, *shared)
            self.seconds.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            self.sent.append(len(pickle.dumps((piece, result), protocol=5)))
            self.weighing += time.perf_counter() - begin
            yield result


def makespan(seconds: list[float], workers: int) -> float:
    """Return when the last of the workers ends, if each piece goes to the one that is free first.

    >>> makespan([3.0, 1.0, 1.0, 1.0], 2)
    3.0
    """
    free = [0.0] * workers
    for piece in seconds:
        heapq.heappush(free, heapq.heappop(free) + piece)
    return max(free)


def measure(work: Callable[[object, int], object]) -> tuple[Watched, float]:
    """Return the pieces of a second call (the first one compiles), and the seconds of what is no piece."""
    work(InTurn(), 1)
    watched = Watched()
    begin = time.perf_counter()
    work(watched, 1)
    return watched, time.perf_counter() - begin - sum(watched.seconds) - watched.weighing


def main() -> None:
    """Print the table."""
    numba.set_num_threads(1)
    print("SIMULATED; seconds with so many workers of one thread, reckoned; the first column is measured")
    print(f"{'work':<28}{'pieces':>7}{'longest s':>10}{'no piece s':>11}" + "".join(f"{w:>9}" for w in WORKERS))
    for work, title in (drawn_by(1), forecast_by(1, most=WINDOWS), fitted_by(1, COMMUNES, PROVINCES)):
        watched, rest = measure(work)
        cable = sum(watched.sent) / CABLE
        times = [rest + max(makespan(watched.seconds, w), cable if w > 1 else 0.0) for w in WORKERS]
        print(
            f"{title:<28}{len(watched.seconds):>7}{max(watched.seconds):>10.2f}{rest:>11.2f}"
            + "".join(f"{seconds:>9.1f}" for seconds in times),
            flush=True,
        )


if __name__ == "__main__":
    main()
