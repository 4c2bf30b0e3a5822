"""The tables of a shared store, as `geo.schema` says them, and how their rows go in and come out."""

from collections.abc import Iterable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from geoalchemy2 import Geometry
from geoalchemy2.functions import ST_AsBinary
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.types import TypeEngine

from geo.crs import STORED
from geo.errors import WorkspaceError
from geo.schema import dtype_of
from geo.store import LAYERS, typed

SCHEMA = "diemnong"
"""Everything of ours in the database is in this schema."""

ORDER = "row_no"
"""The column by which rows keep their order, which no reader of ours sees."""

SRID = 4326
_TYPES: dict[str, type[TypeEngine[Any]]] = {
    "str": Text,
    "Int64": BigInteger,
    "float64": Double,
    "datetime64[ns]": DateTime,
    "bool": Boolean,
}

METADATA = MetaData(schema=SCHEMA)

VERSION = Table(
    "version",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("made_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
)
"""The steps of `geo.postgis.migrations` that were made."""

CHANGE = Table(
    "change",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("made_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
)
"""The changes that were made: a workspace that was interrupted finds out here whether its own was one of them."""

WRITTEN = Table("written", METADATA, Column("name", Text, primary_key=True), Column("sha256", Text, nullable=False))
"""The hash of each table as this program wrote it."""


def _table(name: str, schema: pa.DataFrameSchema) -> Table:
    columns: list[Any] = [Column(ORDER, BigInteger, primary_key=True, autoincrement=False)]
    for column, rule in schema.columns.items():
        kind = _geometry() if column == "geometry" else _TYPES[dtype_of(schema, column)]()
        columns.append(Column(column, kind, nullable=rule.nullable or not rule.required, unique=rule.unique or None))
        if column == "geometry":
            columns.append(CheckConstraint(func.ST_SRID(columns[-1]) == SRID, name=f"{name}_srid"))
    if schema.unique:
        columns.append(UniqueConstraint(*schema.unique))
    return Table(name, METADATA, *columns)


def _geometry() -> Geometry:
    # Of any dimension, which a typed column would refuse: heights that a layer brings are kept.
    return Geometry(geometry_type=None, spatial_index=True)


TABLES = {name: _table(name, schema) for name, schema in LAYERS.items()}
"""By name; geometry has a spatial index and its SRID."""


def rows_of(name: str) -> Select[Any]:
    """Return the query for a table's columns in the order of its rows, geometry as WKB."""
    table = TABLES[name]
    columns = [
        ST_AsBinary(column, type_=LargeBinary).label(column.name) if column.name == "geometry" else column
        for column in table.columns
        if column.name != ORDER
    ]
    return select(*columns).order_by(table.c[ORDER])


def frame_of(name: str, rows: Iterable[Any]) -> pd.DataFrame:
    """Return rows of `rows_of` as `geo.store.Store.read` gives them."""
    columns = [column.name for column in TABLES[name].columns if column.name != ORDER]
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    frame = pd.DataFrame(
        {column: pd.Series(cells, dtype=object) for column, cells in zip(columns, values, strict=True)}
    )
    frame = typed(frame, LAYERS[name])
    if "geometry" in columns and len(frame):
        return gpd.GeoDataFrame(frame, geometry=shapely.from_wkb(frame["geometry"].to_numpy()), crs=STORED)
    return frame


def columns_to_write(name: str, frame: pd.DataFrame) -> list[str]:
    """Return the columns of a frame, all of which the table must have: none is dropped quietly.

    Raises
    ------
    WorkspaceError
        If it has others.
    """
    strange = [str(column) for column in frame.columns if column not in LAYERS[name].columns]
    if strange:
        raise WorkspaceError(
            "{table} has columns that a database has no place for: {columns}; take them out of the layer first",
            table=name,
            columns=", ".join(strange),
        )
    return [str(column) for column in frame.columns]


def values_of(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a frame as plain values, numbered in their order; geometry as EWKB in hexadecimals."""
    columns = [_plain(frame[column]) for column in frame.columns]
    return zip(range(len(frame)), *columns, strict=True)


def _plain(column: pd.Series) -> list[Any]:
    if column.name == "geometry":
        shapes = np.asarray(column, dtype=object)
        return list(shapely.to_wkb(shapely.set_srid(shapes, SRID), hex=True, include_srid=True))
    return list(column.astype(object).where(column.notna(), None))
