"""What GDAL warns of while it reads: it quotes cells, so its words are counted and never shown."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unsaid() -> Iterator[list[warnings.WarningMessage]]:
    """Keep GDAL's warnings, which pyogrio hands on as RuntimeWarnings, from being shown; give the list of them."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", RuntimeWarning)
        yield said
