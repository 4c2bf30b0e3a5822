"""Independent pieces of work, and who does them: the results and their order are the same, whoever does them."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeVar

from geo.errors import ClusterError

Piece = TypeVar("Piece")
Result = TypeVar("Result")

LOCAL = "local"
"""In place of a scheduler's address: this process."""


class Workers(Protocol):
    """Those who do the pieces.

    A function that they are given is a module's own and pure: what it returns depends on the piece and on what is
    shared alone, so that a piece may be done again elsewhere if a worker is lost. What is random takes its seed from
    the piece, and linear algebra one thread. Results are then the same to the last bit, whoever does them.
    """

    def map(self, function: Callable[..., Result], pieces: Iterable[Piece], *shared: object) -> Iterator[Result]:
        """Yield ``function(piece, *shared)`` for each piece, in the order of the pieces.

        No more than a few pieces and results are held at one time.
        """
        ...


class InTurn:
    """The process itself, one piece after the other."""

    def map(self, function: Callable[..., Result], pieces: Iterable[Piece], *shared: object) -> Iterator[Result]:
        """Yield the results; see `Workers.map`."""
        for piece in pieces:
            yield function(piece, *shared)


def workers_at(scheduler: str) -> AbstractContextManager[Workers]:
    """Return those who do the work, for a ``with`` statement.

    Parameters
    ----------
    scheduler
        `LOCAL`, or the address of a dask.distributed scheduler; see `checked_scheduler`.

    Raises
    ------
    ClusterError
        If the address is none, the libraries are not installed or, when entered, no scheduler answers.
    """
    if checked_scheduler(scheduler) == LOCAL:
        return nullcontext(InTurn())
    try:
        from geo.cluster import Cluster
    except ModuleNotFoundError:
        raise ClusterError("A cluster needs more libraries: pip install 'diemnong[cluster]'") from None
    return Cluster(scheduler)


def checked_scheduler(text: str) -> str:
    """Return where work is done: `LOCAL`, or an address of the scheme ``tcp`` or ``tls`` with a port and no secret.

    Raises
    ------
    ClusterError
        If it is neither; the error does not repeat it.

    >>> checked_scheduler("tls://head.office:8786")
    'tls://head.office:8786'
    """
    if text != LOCAL and not re.fullmatch(r"(tcp|tls)://([\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}", text):
        raise ClusterError("A scheduler is named as tcp://host:8786 or tls://host:8786, or local for this machine")
    return text
