"""Independent pieces of work, and who does them: the results and their order are the same, whoever does them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


class Workers(Protocol):
    """Those who do the pieces.

    A function that they are given is a module's own and pure: what it returns depends on the piece and on what is
    shared alone, so that a piece may be done again elsewhere if a worker is lost. What is random takes its seed from
    the piece. Results are then the same to the last bit, whoever does them.
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
