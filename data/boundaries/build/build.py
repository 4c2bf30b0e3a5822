"""Build the shipped layers from the facts and the extract: the same input gives the same bytes.

    python data/boundaries/build/build.py [OUTPUT_FOLDER]

Writes ``communes_2020-01.geojson``, ``communes_2025-07.geojson`` and ``border.geojson``, and completes
``communes_2020-01.csv``'s figures in ``measured_2020-01.csv``. How good the result is stands in SOURCES.md.
"""

import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from power_diagram import cells, fit_weights
from pyproj import Transformer
from shapely.geometry import LineString, Polygon, mapping

HERE = Path(__file__).parent
DATA = HERE.parent
METRIC, STORED = "EPSG:9205", "EPSG:4326"
DECIMALS = 5
"""Of degrees: about a metre, far finer than the polygons are true."""

PULL = 0.1
"""Share of the way that points are moved, again and again: those of a commune whose parts do not hang together to
their mean; that of a border commune which lies next to the border to the border, while it is cut off from it."""

LEAST_SHARE = 0.5
"""A border commune is cut off if it has less than this part of its official share of the border."""

QUALITY = {"geometry_quality": "approximate"}

EAST = 104.6
"""The outline is closed along this meridian, far outside the province."""

Floats = NDArray[np.float64]


def main(output: Path) -> None:
    """Write the layers into ``output``."""
    new = pd.read_csv(DATA / "communes_2025-07.csv", dtype={"commune_code": "str"})
    old = pd.read_csv(DATA / "communes_2020-01.csv", dtype={"commune_code": "str", "commune_code_2025": "str"})
    to_metres = Transformer.from_crs(STORED, METRIC, always_xy=True)
    lines = border_lines(to_metres)
    group = old["commune_code_2025"].map({code: k for k, code in enumerate(new["commune_code"])}).to_numpy()
    polygons = polygons_of(old, new, group, lines, to_metres)
    degrees = rounded(polygons, Transformer.from_crs(METRIC, STORED, always_xy=True))
    united = [shapely.coverage_union_all(degrees[group == k]) for k in range(len(new))]
    for layer, shapes in ((old, degrees), (new, united)):
        if not shapely.coverage_is_valid(shapes):
            raise SystemExit(f"the {len(layer)} polygons are no sound coverage")
    write(output / "communes_2020-01.geojson", coded(old, degrees))
    write(output / "communes_2025-07.geojson", coded(new, united))
    edge = shapely.coverage_union_all(united).exterior
    ours = {neighbour: along(edge, line, to_metres) for neighbour, line in sorted(lines.items())}
    write(output / "border.geojson", (({"neighbour": neighbour, **QUALITY}, line) for neighbour, line in ours.items()))
    measure(output / "measured_2020-01.csv", old["commune_code"], degrees, ours, to_metres)


def border_lines(to_metres: Transformer) -> dict[str, LineString]:
    """Return the two border lines in metres, each from the tripoint outwards."""
    vertices = pd.read_csv(HERE / "border_wdb2.csv")
    return {
        str(neighbour): LineString(np.column_stack(to_metres.transform(line["lon"].to_numpy(), line["lat"].to_numpy())))
        for neighbour, line in vertices.groupby("neighbour")
    }


def polygons_of(
    old: pd.DataFrame, new: pd.DataFrame, group: NDArray[np.intp], lines: dict[str, LineString], to_metres: Transformer
) -> NDArray[np.object_]:
    """Return the old communes in metres; the parts of a new one have its official area and hang together."""
    around = pd.read_csv(HERE / "neighbour_points.csv")
    fixed = np.column_stack(to_metres.transform(around["lon"].to_numpy(), around["lat"].to_numpy()))
    points = np.column_stack(to_metres.transform(old["lon_approx"].to_numpy(), old["lat_approx"].to_numpy()))
    outline, border = viet_nam_side(lines, to_metres), shapely.union_all(list(lines.values()))
    areas, border_km = new["area_km2"].to_numpy() * 1e6, (new["border_km_laos"] + new["border_km_china"]).to_numpy()
    weights = np.zeros(len(points) + len(fixed))
    for _ in range(30):
        every = np.vstack([points, fixed])
        weights = fit_weights(every, group, areas, outline, weights)
        shapes = np.array(cells(every, weights, len(points), outline))
        torn = {k for k in range(len(new)) if not hang_together(shapes[group == k])}
        cut_off = {int(k) for k in np.flatnonzero(cut_off_from(border, shapes, group, border_km))} - torn
        if not torn and not cut_off:
            return shapes
        for k in torn:
            points[group == k] += PULL * (points[group == k].mean(axis=0) - points[group == k])
        for k in cut_off:
            part = min(np.flatnonzero(group == k), key=lambda i: border.distance(shapely.Point(points[i])))
            foot = border.interpolate(border.project(shapely.Point(points[part])))
            points[part] += PULL * (shapely.get_coordinates(foot)[0] - points[part])
    raise SystemExit("the communes do not hang together, or do not reach the border")


def hang_together(shapes: NDArray[np.object_]) -> bool:
    """Tell whether no polygon is empty and all of them together are one piece."""
    return not shapely.is_empty(shapes).any() and shapely.union_all(shapes, grid_size=0.01).geom_type == "Polygon"


def cut_off_from(
    border: shapely.Geometry, shapes: NDArray[np.object_], group: NDArray[np.intp], official_km: Floats
) -> NDArray[np.bool_]:
    """Tell which new communes have less than half of the share of the border that they have officially."""
    along = shapely.length(shapely.intersection(border, shapely.buffer(shapes, 1.0)))
    km = np.bincount(group, along, minlength=len(official_km)) / 1000
    return km / km.sum() < LEAST_SHARE * official_km / official_km.sum()


def viet_nam_side(lines: dict[str, LineString], to_metres: Transformer) -> Polygon:
    """Return what lies between the two border lines and a meridian far to the east."""
    laos, china = (shapely.get_coordinates(lines[neighbour]) for neighbour in ("LAO", "CHN"))
    east = to_metres.transform(EAST, 21.5)[0]
    corners = np.array([[east, china[-1, 1]], [east, laos[-1, 1]]])
    return Polygon(np.vstack([laos[::-1], china[1:], corners]))


def rounded(shapes: NDArray[np.object_], to_degrees: Transformer) -> NDArray[np.object_]:
    """Return the polygons in rounded degrees as a coverage: their edges are noded on the grid of the rounding."""
    degrees = shapely.transform(shapes, lambda xy: np.column_stack(to_degrees.transform(*xy.T)))
    edges = shapely.union_all(shapely.boundary(degrees), grid_size=10.0**-DECIMALS)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    owner, face = shapely.STRtree(faces).query(degrees, predicate="intersects")
    shared = shapely.area(shapely.intersection(degrees[owner], faces[face]))
    best = np.full(len(faces), -1)
    order = np.argsort(shared, kind="stable")
    best[face[order]] = np.where(shared[order] > 0, owner[order], -1)
    united = [shapely.coverage_union_all(faces[best == k]) for k in range(len(shapes))]
    return np.array(shapely.normalize(united))


def along(edge: shapely.LinearRing, line: LineString, to_metres: Transformer) -> LineString:
    """Return the part of the province's edge that runs along a border line, from the tripoint outwards."""
    ring = shapely.get_coordinates(edge)[:-1]
    metres = np.column_stack(to_metres.transform(*ring.T))
    on_line = shapely.distance(shapely.points(metres), line) < 2.0
    position = shapely.line_locate_point(line, shapely.points(metres))
    start = int(np.argmin(np.where(on_line, position, np.inf)))
    step = 1 if on_line[(start + 1) % len(ring)] and position[(start + 1) % len(ring)] > position[start] else -1
    kept = [start]
    while on_line[(kept[-1] + step) % len(ring)] and position[(kept[-1] + step) % len(ring)] > position[kept[-1]]:
        kept.append((kept[-1] + step) % len(ring))
    return LineString(ring[kept])


def measure(
    path: Path,
    codes: Iterable[str],
    shapes: NDArray[np.object_],
    borders: dict[str, LineString],
    to_metres: Transformer,
) -> None:
    """Write area and border length of the old communes, for which no official figure was found, from their polygons."""

    def metres(shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(shape, lambda lonlat: np.column_stack(to_metres.transform(*lonlat.T)))

    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["commune_code", "area_km2", "border_km_laos", "border_km_china"])
        for code, shape in zip(codes, shapes, strict=True):
            lengths = [metres(shapely.intersection(shape.boundary, borders[n])).length / 1000 for n in ("LAO", "CHN")]
            writer.writerow([code, f"{metres(shape).area / 1e6:.2f}", *(f"{km:.1f}" for km in lengths)])


def coded(units: pd.DataFrame, shapes: Iterable[shapely.Geometry]) -> list[tuple[dict[str, str], shapely.Geometry]]:
    """Return the polygons with their codes and their quality, which is seen in any program that opens the file."""
    return [
        ({"commune_code": code, **QUALITY}, shape) for code, shape in zip(units["commune_code"], shapes, strict=True)
    ]


def write(path: Path, features: Iterable[tuple[dict[str, str], shapely.Geometry]]) -> None:
    """Write GeoJSON (RFC 7946), a feature a line."""
    lines = [
        json.dumps({"type": "Feature", "properties": properties, "geometry": _plain(shape)}, separators=(",", ":"))
        for properties, shape in features
    ]
    path.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def _plain(shape: shapely.Geometry) -> dict[str, object]:
    if shape.geom_type == "Polygon":
        shape = shapely.geometry.polygon.orient(shape)
    text = json.dumps(mapping(shape))
    return json.loads(text, parse_float=lambda number: round(float(number), DECIMALS))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
