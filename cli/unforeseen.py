"""Errors and warnings that nobody foresaw: a library's words may quote a row, so they are never printed."""

import logging
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from geo.errors import Message


@contextmanager
def libraries_say_nothing() -> Iterator[None]:
    """Keep what libraries log and warn of off the terminal; what a user should know the program says itself."""
    nowhere, show = logging.NullHandler(), warnings.showwarning
    logging.getLogger().addHandler(nowhere)  # else Python would print what has no handler
    warnings.showwarning = lambda *_, **__: None
    try:
        yield
    finally:
        warnings.showwarning = show
        logging.getLogger().removeHandler(nowhere)


def unforeseen(error: BaseException) -> Message:
    """Return what is said of an error without what it says itself."""
    return Message(
        "The program failed in a way that it does not know ({kind}). What the error says is not shown, because it may "
        "quote a row. The workspace is whole. Please report the lines below; they name places in the program only.",
        {"kind": type(error).__name__},
    )


def places(error: BaseException) -> list[str]:
    """Return where an error came up, a line for each call, the innermost last: modules, no values and no folders.

    Of an error that came up while another was handled, that other is told first.
    """
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = [
        f"  {frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return [*(places(earlier) if earlier else []), *frames, type(error).__name__]
