"""Made-up GeoParquet files of points, written with pyarrow alone: not by what reads them."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

EDGES = ("xmin", "ymin", "xmax", "ymax")


def write_points(path, x, y, *, group_rows=1_000, boxes=True, geometries=None, about=None, columns=None, **options):
    """Write points as WKB with a covering box; ``about`` changes the metadata of the column, None leaves a key out."""
    if geometries is None:
        geometries = [None if np.isnan(a) else shapely.to_wkb(shapely.Point(a, b)) for a, b in zip(x, y, strict=True)]
        geometries = pa.array(geometries, pa.binary())
    table = pa.table({**(columns or {}), "geometry": geometries})
    said = {"encoding": "WKB", "geometry_types": ["Point"], **(about or {})}
    if boxes:
        edges = [pa.array(np.asarray(axis, float)) for axis in (x, y, x, y)]
        box = pa.StructArray.from_arrays(edges, EDGES, mask=pa.array(np.isnan(np.asarray(x, float))))
        table = table.append_column("bbox", box)
        said["covering"] = {"bbox": {edge: ["bbox", edge] for edge in EDGES}}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": said}}
    table = table.replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, path, row_group_size=group_rows, **options)
    return path
