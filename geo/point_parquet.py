"""Points in a GeoParquet file, read some at a time: row groups that cannot hold a wanted place are not read at all.

GeoParquet 1.1 (https://geoparquet.org/releases/v1.1.0/). The file is anybody's: what it says of itself is held against
limits before a row is read, and texts that a dictionary repeats are measured before they are written out.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import STORED, parse_crs
from geo.errors import IntakeError, Message
from geo.parquet_limits import explained, open_parquet, written_out

SUFFIX = ".parquet"

AT_ONCE = 500_000
"""Rows that are held at one time."""

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
"""West, south, east, north in the file's CRS."""

_WKB_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
EDGES = ("xmin", "ymin", "xmax", "ymax")
"""Of a box, in the order of `Bounds`."""


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file.

    Attributes
    ----------
    x, y
        Coordinates in the file's CRS, shape (n,); NaN where a row has no place.
    table
        The columns that were asked for, a `pyarrow.Table` of n rows.
    """

    x: Floats
    y: Floats
    table: Any


@dataclass(frozen=True)
class PointParquet:
    """An open GeoParquet file whose primary geometries are points.

    Attributes
    ----------
    name
        Of the file.
    crs
        As the file declares it; None if it says that it is not known.
    columns
        Those that are neither the primary geometry nor its covering box.
    geometry
        The primary geometry's column.
    about
        The file's ``geo`` metadata.
    """

    name: str
    crs: CRS | None
    columns: tuple[str, ...]
    geometry: str
    about: dict[str, Any]
    _file: Any
    _boxes: dict[int, Bounds]

    @property
    def rows(self) -> int:
        """How many rows the file says it has."""
        return int(self._file.metadata.num_rows)

    @property
    def groups(self) -> int:
        """How many row groups there are."""
        return int(self._file.metadata.num_row_groups)

    def extent(self, at_once: int = AT_ONCE) -> Bounds:
        """Return the bounds of all places: of the row groups' boxes where each has one, else of the coordinates.

        Raises
        ------
        IntakeError
            If no row has a place, or the file is damaged.
        """
        if len(self._boxes) == self.groups > 0:
            boxes = np.array(list(self._boxes.values()))
        else:
            boxes = np.array([bounds_of(chunk.x, chunk.y) for chunk in self.chunks(at_once=at_once)]).reshape(-1, 4)
        lows, highs = boxes[:, :2].min(axis=0, initial=np.inf), boxes[:, 2:].max(axis=0, initial=-np.inf)
        if not (np.isfinite(lows).all() and np.isfinite(highs).all()):
            raise IntakeError("{file}: there is no row with a place", file=self.name)
        return float(lows[0]), float(lows[1]), float(highs[0]), float(highs[1])

    def rows_within(self, bounds: Bounds | None) -> int:
        """Return how many rows the row groups have that `chunks` reads."""
        return sum(self._file.metadata.row_group(k).num_rows for k in self.groups_within(bounds))

    def groups_within(self, bounds: Bounds | None) -> list[int]:
        """Return the row groups whose covering boxes reach into bounds; without bounds, or boxes, all."""
        if bounds is None:
            return list(range(self.groups))
        west, south, east, north = bounds
        within = []
        for k in range(self.groups):
            box = self._boxes.get(k)
            if box is None or (box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south):
                within.append(k)
        return within

    def chunks(
        self, columns: Collection[str] = (), bounds: Bounds | None = None, at_once: int = AT_ONCE
    ) -> Iterator[Chunk]:
        """Yield the rows in their order, at most ``at_once`` together.

        Parameters
        ----------
        columns
            Those to bring besides the coordinates.
        bounds
            Row groups that do not reach into them are passed over; of the others all rows come.
        at_once
            Rows.

        Raises
        ------
        IntakeError
            If the file is damaged, geometries are no points, texts are beyond the limits, or a column is missing or
            holds several values in a cell.
        """
        import pyarrow as pa

        self._check_columns(columns)
        wanted = list(dict.fromkeys([*columns, self.geometry]))
        with explained(self.name):
            batches = self._file.iter_batches(at_once, row_groups=self.groups_within(bounds), columns=wanted)
            for batch in batches:
                table = pa.table({name: written_out(batch.column(name)) for name in wanted})
                x, y = _coordinates(table.column(self.geometry).combine_chunks(), self.name)
                yield Chunk(x, y, table.select(list(columns)))

    def _check_columns(self, columns: Collection[str]) -> None:
        own = set(columns) - {self.geometry}
        if missing := sorted(own - set(self.columns)):
            raise IntakeError("{file}: there is no column {columns}", file=self.name, columns=", ".join(missing))
        # A list can hold any number of elements in a row, which no limit of rows would bound.
        schema = self._file.schema_arrow
        if nested := sorted(name for name in own if schema.field(name).type.num_fields):
            raise IntakeError(
                "{file}: the columns {columns} hold several values in a cell; leave them out",
                file=self.name,
                columns=", ".join(nested[:8]),
            )


@contextmanager
def open_points(path: Path) -> Iterator[PointParquet]:
    """Open a GeoParquet file of points.

    Raises
    ------
    IntakeError
        If it is missing, no GeoParquet, damaged, beyond the limits, or pyarrow is not installed.
    """
    with open_parquet(path) as file:
        with explained(path.name):
            about = json.loads(file.metadata.metadata[b"geo"]) if b"geo" in (file.metadata.metadata or {}) else None
        if about is None:
            raise IntakeError(
                "{file}: the Parquet file says nothing of geometries; write it as GeoParquet, for example with "
                "geopandas to_parquet",
                file=path.name,
            )
        with explained(path.name):
            primary = str(about["primary_column"])
            column = about["columns"][primary]
            covering = column.get("covering", {}).get("bbox", {})
            schema = file.schema_arrow
            boxes = _boxes(file.metadata, [".".join(covering[edge]) for edge in EDGES] if covering else [])
            hidden = {primary, *(path[0] for path in covering.values())}
            names = tuple(name for name in schema.names if name not in hidden)
            kinds, crs = list(column.get("geometry_types", [])), _crs(column)
            if primary not in schema.names or column["encoding"] not in ("WKB", "point"):
                raise ValueError
        other = sorted({str(kind) for kind in kinds} - {"Point", "Point Z"})
        if other:
            raise IntakeError(
                "{file}: expected {kind} geometries, found {found}",
                file=path.name,
                kind="Point",
                found=", ".join(other)[:60],
            )
        yield PointParquet(path.name, crs, names, primary, about, file, boxes)


def _crs(column: dict[str, Any]) -> CRS | None:
    """Return the CRS of a column's metadata: what is not said is longitude and latitude, what is null is not known."""
    declared = column.get("crs", STORED)
    if declared is None:
        return None
    crs = CRS.from_user_input(declared)
    # Both are longitude and latitude here: GeoParquet, and this program, put x first whatever the CRS says.
    return parse_crs(STORED) if crs.to_authority() == ("OGC", "CRS84") else crs


def _boxes(metadata: Any, edges: list[str]) -> dict[int, Bounds]:
    """Return the box of each row group whose covering columns have statistics."""
    if not edges:
        return {}
    leaves = {metadata.row_group(0).column(k).path_in_schema: k for k in range(metadata.num_columns)}
    boxes = {}
    for k in range(metadata.num_row_groups):
        found = [metadata.row_group(k).column(leaves[edge]).statistics for edge in edges]
        if all(statistics is not None and statistics.has_min_max for statistics in found):
            xmin, ymin, xmax, ymax = found
            boxes[k] = (float(xmin.min), float(ymin.min), float(xmax.max), float(ymax.max))
    return boxes


def _coordinates(geometries: Any, name: str) -> tuple[Floats, Floats]:
    """Return x and y of an Arrow array of points in WKB or as structs."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_struct(geometries.type):
        x, y = (pc.struct_field(geometries, axis).cast(pa.float64()) for axis in ("x", "y"))
        return _floats(x), _floats(y)
    present = geometries.drop_null()
    plain = _as_plain_points(present)
    if plain is None:
        shapes = shapely.from_wkb(present.to_numpy(zero_copy_only=False))
        if not (shapely.get_type_id(shapes) == shapely.GeometryType.POINT).all():
            raise IntakeError(
                "{file}: expected {kind} geometries, found {found}", file=name, kind="Point", found=Message("other")
            )
        places = np.full((len(shapes), 2), np.nan)
        places[~shapely.is_empty(shapes)] = shapely.get_coordinates(shapes)
        plain = places[:, 0], places[:, 1]
    x, y = (np.full(len(geometries), np.nan) for _ in range(2))
    placed = geometries.is_valid().to_numpy(zero_copy_only=False)
    x[placed], y[placed] = plain
    return x, y


def bounds_of(x: Floats, y: Floats) -> Bounds:
    """Return the bounds of those that have a place; without any, west lies east of east."""
    placed = np.isfinite(x) & np.isfinite(y)
    (xmin, xmax), (ymin, ymax) = ((v.min(initial=np.inf), v.max(initial=-np.inf)) for v in (x[placed], y[placed]))
    return float(xmin), float(ymin), float(xmax), float(ymax)


def _as_plain_points(geometries: Any) -> tuple[Floats, Floats] | None:
    """Read WKB whose every geometry is a little-endian point of two coordinates, as most files have it."""
    import pyarrow as pa

    packed = geometries.cast(pa.large_binary())
    offsets = np.frombuffer(packed.buffers()[1], np.int64)[packed.offset : packed.offset + len(packed) + 1]
    if not len(packed) or (np.diff(offsets) != _WKB_POINT.itemsize).any():
        return None
    read = np.frombuffer(packed.buffers()[2], _WKB_POINT, count=len(packed), offset=offsets[0])
    if (read["order"] != 1).any() or (read["kind"] != 1).any():
        return None
    return read["x"].astype(np.float64), read["y"].astype(np.float64)


def _floats(column: Any) -> Floats:
    values: Floats = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return values
