"""The commune of each point of a GeoParquet file, written as another one: memory holds a chunk, however large the file.

Points are joined in the order of space, and written so: a reader of the file can then pass over what is elsewhere.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from geo.crs import STORED, file_crs
from geo.errors import IntakeError
from geo.point_join import PointJoin
from geo.point_parquet import AT_ONCE, EDGES, Bounds, Chunk, Floats, PointParquet, bounds_of
from geo.space_order import in_order_of_space

VERSION = "1.1.0"
"""Of GeoParquet."""

GROUP_ROWS = 65_536
"""Rows of a row group that is written: what a reader passes over at once."""

ADDED = ("commune_code", "vintage", "placement", "bbox")
"""Columns that are added; ``placement`` is point, near or outside, and empty where a row has no place."""

_METRES_PER_DEGREE = 90_000.0
"""No degree is shorter up to 35 degrees of latitude."""


@dataclass(frozen=True)
class Joined:
    """What a join found.

    Attributes
    ----------
    inside, near, outside, without_place
        Rows in a commune, just outside all of them, farther away, and without coordinates: all were written.
    simulated
        Rows that say so in ``data_kind``, if that goes along.
    passed_over
        Rows of row groups that reach into no commune, where only those near communes were asked for: not even read.
    groups, groups_read
        Row groups of the file that was read.
    """

    inside: int
    near: int
    outside: int
    without_place: int
    simulated: int
    passed_over: int
    groups: int
    groups_read: int


def join_points(
    source: PointParquet,
    target: Path,
    join: PointJoin,
    columns: Sequence[str] = (),
    *,
    vintage: str,
    reach_m: float,
    crs: str | None = None,
    only_near: bool = False,
    at_once: int = AT_ONCE,
) -> Joined:
    """Write the geometries of a file with the columns `ADDED`, in the order of space.

    Parameters
    ----------
    source
        An open file.
    target
        The file to write.
    join
        The communes.
    columns
        Those that go along; of a person's row no more should be copied than is needed.
    vintage
        The communes' unit system.
    reach_m
        How far outside all communes a point still belongs to the nearest, metres.
    crs
        The CRS of the coordinates, for a file that says that its own is not known.
    only_near
        Whether row groups that reach into no commune are passed over.
    at_once
        Rows that memory holds.

    Raises
    ------
    IntakeError
        If the file cannot be read (`geo.point_parquet`), has no place, or a column is missing or one of `ADDED`.
    CrsError
        If its CRS is missing or cannot be that of the coordinates.
    """
    if taken := [name for name in ADDED if name in columns]:
        raise IntakeError(
            "{file}: the columns {columns} are made by the join; leave them out",
            file=source.name,
            columns=", ".join(taken),
        )
    to_stored = Transformer.from_crs(
        file_crs(source.name, source.crs, crs, source.extent(at_once)), STORED, always_xy=True
    )
    around = _around(join.bounds, to_stored, reach_m)
    bounds = around if only_near else None
    with _Writer(target, source, columns, join, to_stored, vintage, reach_m) as writer:
        for chunk in in_order_of_space(source, target.parent, columns, around=around, bounds=bounds, at_once=at_once):
            writer.write(chunk)
    return Joined(
        **writer.found,
        passed_over=source.rows - source.rows_within(bounds),
        groups=source.groups,
        groups_read=len(source.groups_within(bounds)),
    )


def _around(bounds: Bounds, to_stored: Transformer, reach_m: float) -> Bounds:
    """Return bounds in degrees, widened by as far as points may lie outside, in the file's CRS."""
    margin = reach_m / _METRES_PER_DEGREE
    west, south, east, north = bounds
    wide = (west - margin, south - margin, east + margin, north + margin)
    xmin, ymin, xmax, ymax = to_stored.transform_bounds(*wide, direction="INVERSE")
    return xmin, ymin, xmax, ymax


class _Writer:
    """A GeoParquet file in the making, and how many rows of each kind it has."""

    def __init__(
        self,
        target: Path,
        source: PointParquet,
        columns: Sequence[str],
        join: PointJoin,
        to_stored: Transformer,
        vintage: str,
        reach_m: float,
    ) -> None:
        self.target, self.source, self.columns, self.join = target, source, columns, join
        self.to_stored, self.vintage, self.reach_m = to_stored, vintage, reach_m
        self.found = dict.fromkeys(("inside", "near", "outside", "without_place", "simulated"), 0)
        self._file: Any = None
        self._extent: Bounds = (np.inf, np.inf, -np.inf, -np.inf)

    def __enter__(self) -> Self:
        return self

    def write(self, chunk: Chunk) -> None:
        """Join a chunk and write it."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        table = chunk.table
        if "data_kind" in table.column_names:
            kinds = table.column("data_kind").cast(pa.string())
            self.found["simulated"] += pc.sum(pc.equal(kinds, "simulated")).as_py() or 0
        for name, column in self._placed(chunk).items():
            table = table.append_column(name, column)
        table = table.append_column("bbox", _boxes(chunk.x, chunk.y))
        if self._file is None:
            schema = pa.schema(list(table.schema))  # without what pandas and others noted of the file that was read
            self._file = pq.ParquetWriter(self.target, schema, compression="zstd", store_schema=False)
        self._file.write_table(table.replace_schema_metadata(None), row_group_size=GROUP_ROWS)
        west, south, east, north = self._extent
        xmin, ymin, xmax, ymax = bounds_of(chunk.x, chunk.y)
        self._extent = (min(west, xmin), min(south, ymin), max(east, xmax), max(north, ymax))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            if kind is None:
                self._file.add_key_value_metadata({"geo": json.dumps(self._about())})
            self._file.close()

    def _placed(self, chunk: Chunk) -> dict[str, Any]:
        """Return the columns of the commune, counted."""
        import pyarrow as pa

        lon, lat = self.to_stored.transform(chunk.x, chunk.y)
        known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        unit, kind = np.full(lon.size, -1, dtype=np.intp), np.full(lon.size, -1, dtype=np.int8)
        unit[known] = self.join.holding(lon[known], lat[known])
        beside = known[unit[known] < 0]
        kind[known] = 0
        unit[beside] = self.join.near(lon[beside], lat[beside], self.reach_m)
        kind[beside] = np.where(unit[beside] < 0, 2, 1)
        for number, name in enumerate(("inside", "near", "outside")):
            self.found[name] += int((kind == number).sum())
        self.found["without_place"] += lon.size - known.size
        words = pa.array(["point", "near", "outside"])
        return {
            "commune_code": pa.array(self.join.codes, pa.string()).take(pa.array(unit, mask=unit < 0)),
            "vintage": pa.array([self.vintage]).take(pa.array(np.zeros(lon.size, np.int8), mask=unit < 0)),
            "placement": words.take(pa.array(kind, mask=kind < 0)),
        }

    def _about(self) -> dict[str, Any]:
        """Return the file's ``geo`` metadata: that of the file that was read, with the covering boxes."""
        about, primary = self.source.about, self.source.geometry
        kept = {name: about["columns"][name] for name in about["columns"] if name in self.columns}
        column = {**about["columns"][primary], "bbox": list(self._extent)}
        column["covering"] = {"bbox": {edge: ["bbox", edge] for edge in EDGES}}
        return {**about, "version": VERSION, "columns": {**kept, primary: column}}


def _boxes(x: Floats, y: Floats) -> Any:
    """Return boxes in single precision, rounded outwards: half the bytes, and no place lies outside its box."""
    import pyarrow as pa

    missing = pa.array(~(np.isfinite(x) & np.isfinite(y)))
    edges = [_rounded(axis, towards) for towards in (-np.inf, np.inf) for axis in (x, y)]
    return pa.StructArray.from_arrays([pa.array(edge) for edge in edges], list(EDGES), mask=missing)


def _rounded(values: Floats, towards: float) -> NDArray[np.float32]:
    near = values.astype(np.float32)
    beyond = near > values if towards < 0 else near < values
    return np.where(beyond, np.nextafter(near, np.float32(towards)), near)
