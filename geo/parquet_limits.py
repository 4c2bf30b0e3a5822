"""A Parquet file of anybody: of its kind, and within limits by what its footer says, before a row of it is unpacked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import shapely
from pyproj.exceptions import CRSError

from geo.errors import IntakeError, Message

MOST_GROUP_BYTES = 2**30
"""Of a row group unpacked, and of a column of a chunk whose texts are written out."""

_MAGIC = b"PAR1"
_MOST_FOOTER, _MOST_COLUMNS, _MOST_GROUP_ROWS = 2**26, 1_000, 2**24
_RATIO, _SMALL, _LEAST_ROW = 250, 2**24, 16
"""Unpacked bytes for each packed one, bytes below which that does not matter, and what a row is at least: a place."""


@contextmanager
def open_parquet(path: Path) -> Iterator[Any]:
    """Open a Parquet file as a `pyarrow.parquet.ParquetFile` whose repeated texts stay numbers until `written_out`.

    Raises
    ------
    IntakeError
        If it is missing, of another kind, damaged, beyond the limits, or pyarrow is not installed.
    """
    pq = _pyarrow_parquet(path.name)
    _check_ends(path)
    with explained(path.name):
        file = pq.ParquetFile(path)
    with file:
        with explained(path.name):
            _check_limits(file.metadata, path)
            repeated = _repeated(file.metadata)
            again = pq.ParquetFile(path, metadata=file.metadata, read_dictionary=repeated)
        with again:
            yield again


def _pyarrow_parquet(name: str) -> Any:
    try:
        import pyarrow.parquet as pq
    except ImportError:
        raise IntakeError(
            "{file}: GeoParquet needs pyarrow, which is not installed; install it with: pip install "
            "'diemnong[parquet]'",
            file=name,
        ) from None
    return pq


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Say of a damaged file no more than that it is one: Arrow's words may quote a cell."""
    import pyarrow as pa

    damaged = (pa.ArrowException, shapely.errors.ShapelyError, CRSError, OSError)
    try:
        yield
    except (*damaged, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise IntakeError("{file}: not a readable GeoParquet file", file=name) from None


def _check_ends(path: Path) -> None:
    if not path.is_file():
        raise IntakeError("{file}: no such file", file=path.name)
    size = path.stat().st_size
    with path.open("rb") as stream:
        begins = stream.read(4) == _MAGIC
        stream.seek(max(0, size - 8))
        end = stream.read(8)
    if not begins or size < 12 or end[4:] != _MAGIC or int.from_bytes(end[:4], "little") > min(size, _MOST_FOOTER):
        raise IntakeError("{file}: not a readable GeoParquet file", file=path.name)


def _check_limits(metadata: Any, path: Path) -> None:
    """Refuse a file that would unpack to too much, by what its footer says of each row group."""
    groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
    sizes = [max(group.total_byte_size, _LEAST_ROW * group.num_rows) for group in groups]
    why = None
    if metadata.num_columns > _MOST_COLUMNS:
        why = Message("it holds more than {most} columns", {"most": _MOST_COLUMNS})
    elif any(group.num_rows > _MOST_GROUP_ROWS for group in groups):
        why = Message("it holds more than {most} rows in a row group", {"most": _MOST_GROUP_ROWS})
    elif max(sizes, default=0) > MOST_GROUP_BYTES:
        why = Message("it would unpack to more than {most} bytes", {"most": MOST_GROUP_BYTES})
    elif sum(sizes) > max(_SMALL, _RATIO * path.stat().st_size):
        why = Message("it would unpack to more than {n} times its size", {"n": _RATIO})
    if why:
        raise IntakeError("{file} is not unpacked: {why}", file=path.name, why=why)


def _repeated(metadata: Any) -> list[str]:
    """Return the columns of texts that a dictionary can repeat any number of times in a few bytes."""
    return sorted(
        {
            column.path_in_schema
            for k in range(metadata.num_row_groups)
            for column in map(metadata.row_group(k).column, range(metadata.num_columns))
            if column.physical_type == "BYTE_ARRAY" and any("DICTIONARY" in encoding for encoding in column.encodings)
        }
    )


def written_out(column: Any) -> Any:
    """Write a column's dictionary out, if what it repeats is within the limits."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(column.type):
        return column
    lengths = pc.binary_length(column.dictionary)
    if (pc.sum(lengths.take(column.indices)).as_py() or 0) > MOST_GROUP_BYTES:
        raise ValueError
    return column.dictionary_decode()
