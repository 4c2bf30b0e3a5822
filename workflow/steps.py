"""The steps of a run, timed and told."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from geo.errors import Message

Tell = Callable[[Message, int, int], None]
"""Called at the beginning of each step with what is done, the number of finished steps and of all."""

STEPS = 6


def silent(message: Message, done: int, total: int) -> None:
    """Tell nobody."""


class Clock:
    """Times the steps of a run and tells a listener when each begins.

    Attributes
    ----------
    seconds
        What each finished step took.
    """

    def __init__(self, tell: Tell) -> None:
        self.seconds: dict[str, float] = {}
        self._tell = tell

    @contextmanager
    def step(self, name: str, message: Message) -> Iterator[None]:
        """Give a context for one step."""
        self._tell(message, len(self.seconds), STEPS)
        begin = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begin
