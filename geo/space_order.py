"""The rows of a GeoParquet file in the order of space, with more rows than memory holds: an external sort.

Rows are counted in the cells of a Hilbert curve, and cells in sequence gathered into parts of a chunk at most.
Rows are then spread over a file for each part, and each part is sorted along a finer curve, which refines the first.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.durable import drafted
from geo.point_parquet import AT_ONCE, Bounds, Chunk, Floats, PointParquet

_LEVEL, _CELL_LEVEL = 16, 8
"""Orders of the curve: that rows are sorted by, and that of the cells."""
_CELLS = 4**_CELL_LEVEL


def in_order_of_space(
    source: PointParquet,
    folder: Path,
    columns: Sequence[str] = (),
    *,
    around: Bounds,
    bounds: Bounds | None = None,
    at_once: int = AT_ONCE,
) -> Iterator[Chunk]:
    """Yield all rows along a Hilbert curve, with their geometries as the file has them; without a place they come last.

    Parameters
    ----------
    source
        An open file, which is read twice.
    folder
        Where the parts lie until all is read; they take about as much of the disk as the file unpacked.
    columns
        Those to bring besides the geometry.
    around
        What the curve fills; rows beside it come with its edges.
    bounds, at_once
        See `geo.point_parquet.PointParquet.chunks`.
    """
    import pyarrow as pa

    counts = np.zeros(_CELLS + 1, dtype=np.intp)
    for chunk in source.chunks((), bounds, at_once):
        counts += np.bincount(_cells(chunk, around), minlength=_CELLS + 1)
    # By halves, so that the cell at a part's end still fits; of a cell with more rows, pieces are sorted one by one.
    part_of = (counts.cumsum() - counts) // max(1, at_once // 2)
    # As a draft it is swept away even if this process is killed.
    with drafted(folder / "parts", folder=True) as parts:
        _spread(source.chunks((*columns, source.geometry), bounds, at_once), part_of, around, parts)
        for path in (parts / str(part) for part in np.unique(part_of[counts > 0])):
            with pa.ipc.open_stream(path) as stream:
                for chunk in _together(map(_unpacked, stream), at_once):
                    yield _taken(chunk, np.argsort(_keys(chunk, around), kind="stable"))
            path.unlink()
        shutil.rmtree(parts)


def _keys(chunk: Chunk, around: Bounds) -> NDArray[np.int64]:
    """Return how far along the curve each row lies; one more than all for those without a place."""
    placed = np.isfinite(chunk.x) & np.isfinite(chunk.y)
    keys = np.full(chunk.x.size, 4**_LEVEL, dtype=np.int64)
    west, south, east, north = around
    across = _sides(chunk.x[placed], west, east), _sides(chunk.y[placed], south, north)
    keys[placed] = along_hilbert(*across, _LEVEL)
    return keys


def _sides(values: Floats, low: float, high: float) -> NDArray[np.int64]:
    """Return the number of the column (or row) of the finest cells in which each coordinate lies."""
    sides = 2**_LEVEL
    number: NDArray[np.int64] = ((values - low) * (sides / max(high - low, 1e-300))).clip(0, sides - 1).astype(np.int64)
    return number


def along_hilbert(col: NDArray[np.int64], row: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """Return the position along a Hilbert curve of cells of a grid of 2^order × 2^order, shape (n,).

    Quarter by quarter from the coarsest, turned and mirrored as the curve enters each (Warren 2012, Hacker's Delight,
    2nd ed., section 16-3).

    >>> along_hilbert(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0]), 1).tolist()
    [0, 1, 2, 3]
    """
    x, y, along = col.copy(), row.copy(), np.zeros_like(col)
    for level in reversed(range(order)):
        right, up = x >> level & 1, y >> level & 1
        along = along << 2 | (3 * right ^ up)
        # In the lower quarters the curve runs across: the axes change places, in the right one from the other end.
        turned = up == 0
        mirror = -(turned & (right == 1)).astype(np.int64)
        x, y = np.where(turned, y ^ mirror, x), np.where(turned, x ^ mirror, y)
    return along


def _cells(chunk: Chunk, around: Bounds) -> NDArray[np.int64]:
    return _keys(chunk, around) >> 2 * (_LEVEL - _CELL_LEVEL)


def _spread(chunks: Iterator[Chunk], part_of: NDArray[np.intp], around: Bounds, folder: Path) -> None:
    """Write each row into the file of its part, the coordinates behind its columns."""
    import pyarrow as pa

    with ExitStack() as stack:
        files: dict[int, pa.RecordBatchStreamWriter] = {}
        for chunk in chunks:
            part = part_of[_cells(chunk, around)]
            order = np.argsort(part, kind="stable")
            packed = chunk.table.append_column("x", pa.array(chunk.x)).append_column("y", pa.array(chunk.y))
            packed = packed.take(pa.array(order))
            numbers, begins = np.unique(part[order], return_index=True)
            for number, begin, end in zip(numbers, begins, [*begins[1:], len(order)], strict=True):
                if number not in files:
                    files[number] = stack.enter_context(pa.ipc.new_stream(folder / str(number), packed.schema))
                files[number].write_table(packed.slice(begin, end - begin))


def _unpacked(batch: object) -> Chunk:
    import pyarrow as pa

    table = pa.Table.from_batches([batch])
    x, y = (table.column(table.num_columns + k).to_numpy() for k in (-2, -1))
    return Chunk(x, y, table.select(range(table.num_columns - 2)))


def _together(chunks: Iterator[Chunk], at_once: int) -> Iterator[Chunk]:
    """Yield chunks put together as long as they are at most ``at_once`` rows."""
    gathered: list[Chunk] = []
    for chunk in chunks:
        if gathered and sum(one.x.size for one in gathered) + chunk.x.size > at_once:
            yield _concatenated(gathered)
            gathered = []
        gathered.append(chunk)
    if gathered:
        yield _concatenated(gathered)


def _concatenated(chunks: list[Chunk]) -> Chunk:
    import pyarrow as pa

    x, y = (np.concatenate([getattr(chunk, axis) for chunk in chunks]) for axis in ("x", "y"))
    return Chunk(x, y, pa.concat_tables([chunk.table for chunk in chunks]))


def _taken(chunk: Chunk, order: NDArray[np.intp]) -> Chunk:
    import pyarrow as pa

    return Chunk(chunk.x[order], chunk.y[order], chunk.table.take(pa.array(order)))
