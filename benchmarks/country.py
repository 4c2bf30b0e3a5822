"""The commands on a workspace of a whole country: seconds on the clock, of processor, and peak of memory of each.

The country is `models.country`'s: made up, as its files say. They are written as offices have them: communes and border
as GeoPackages in degrees, with codes, names that provinces share, and populations; records as CSV.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CRS = "+proj=lcc +lat_0=19 +lon_0=105 +lat_1=16 +lat_2=22 +x_0=1085000 +y_0=2020000 +ellps=WGS84 +units=m +type=crs"
COLUMNS = {"commune_code": "MaXa", "name": "TenXa", "district": "TenTinh", "population": "DanSo"}
FIRST = ("Phú", "An", "Tân", "Vĩnh", "Bình", "Long", "Thanh", "Yên", "Hòa", "Đông", "Xuân", "Minh", "Quang", "Sơn")
SECOND = ("Lộc", "Thịnh", "Hưng", "Giang", "Hải", "Phong", "Thủy", "Lâm", "Khê", "Điền", "Thành", "Mỹ", "Tiến", "Đức")
"""Of which names of communes are made up: several bear the same."""
COMMANDS = ("init", "border", "cases", "absences", "outreach", "check", "run", "density", "join", "evaluate")
AT_ONCE = 500_000
"""Rows that are written at one time."""


def write_layers(folder: Path, communes: int) -> None:
    """Write the communes and the border."""
    import geopandas as gpd
    import numpy as np

    from models.country import simulate_country

    country, rng = simulate_country(communes=communes), np.random.default_rng(0)
    units = country.communes
    names = [f"Xã {rng.choice(FIRST)} {rng.choice(SECOND)}" for _ in range(communes)]
    frame = gpd.GeoDataFrame(
        {
            "MaXa": units["commune_code"],
            "TenXa": names,
            "TenTinh": "Tỉnh Giả định " + units["province_code"],
            "DanSo": units["population"],
            "GhiChu": "simulated",
        },
        geometry=units.geometry,
    )
    frame.to_crs("EPSG:4326").to_file(folder / "communes.gpkg")
    lines = country.borders.assign(nuoc=["CHN", "LAO", "KHM"])[["nuoc", "geometry"]]
    lines.to_crs("EPSG:4326").to_file(folder / "border.gpkg")


def write_records(folder: Path, communes: int, rows: int) -> None:
    """Write a table of each kind, and the cases' places as GeoParquet."""
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    import pyarrow.parquet as pq

    from geo.point_join import PointJoin
    from models.country import CRS as DRAWN
    from models.country import simulate_country

    country = simulate_country(communes=communes)
    asked, written = PointJoin(country.communes, DRAWN), None
    for seed, name in enumerate(("cases", "absences", "outreach")):
        begin = 0
        for some in country.records(rows, random_state=seed, at_once=AT_ONCE):
            n, rng = len(some), np.random.default_rng([seed, begin])
            places = gpd.GeoSeries.from_xy(some["x"], some["y"], crs=DRAWN).to_crs("EPSG:4326")
            lon, lat = places.x.to_numpy(), places.y.to_numpy()
            unit = asked.holding(lon, lat)
            code = np.where(unit < 0, "", asked.codes[unit])
            ids, date = [f"{name[0]}{k:08}" for k in range(begin, begin + n)], some["date"].dt.strftime("%Y-%m-%d")
            if name == "cases":
                source = rng.choice(["police", "border_guard"], n)
                table = {"case_id": ids, "date": date, "lon": lon.round(6), "lat": lat.round(6), "source": source}
                table["victims"] = 1 + rng.poisson(0.3, n)
                layer = gpd.GeoDataFrame({"id": ids, "data_kind": "simulated"}, geometry=places)
                layer.to_parquet(folder / "piece.parquet", index=False)
                piece = pq.read_table(folder / "piece.parquet")
                written = written or pq.ParquetWriter(folder / "points.parquet", piece.schema)
                written.write_table(piece)
            elif name == "absences":
                table = {"absence_id": ids, "reported_on": date, "commune_code": code, "vintage": "2025-07-01"}
                table["status"] = rng.choice(["open", "returned", "cleared"], n)
            else:
                table = {"session_id": ids, "date": date, "commune_code": code, "vintage": "2025-07-01"}
                table |= {"agency": rng.choice(["police", "womens_union", "justice"], n), "sessions": 1}
            frame = pd.DataFrame({**table, "data_kind": "simulated"})
            frame.to_csv(folder / f"{name}.csv", index=False, mode="a" if begin else "w", header=not begin)
            begin += n
    if written:
        written.close()


def arguments(command: str, folder: Path) -> list[str]:
    """Return what follows `diemnong` on the command line."""
    where = ["-w", str(folder / "workspace")]
    if command == "init":
        columns = [part for ours, theirs in COLUMNS.items() for part in ("--column", f"{ours}={theirs}")]
        named = ["--crs", CRS, "--title", "Giả định"]
        return ["init", where[1], "--communes", str(folder / "communes.gpkg"), *columns, *named]
    if command == "density":
        return ["density", str(folder / "points.parquet"), "-o", str(folder / "d.tif"), "--metric-crs", CRS]
    if command == "join":
        return ["join", str(folder / "points.parquet"), "-o", str(folder / "o.parquet"), "--keep", "id", *where]
    if command in ("check", "run", "evaluate"):
        return [command, *where]
    return ["add", command, str(folder / (f"{command}.gpkg" if command == "border" else f"{command}.csv")), *where]


def measured(given: list[str]) -> tuple[int, float, float, float]:
    """Run the program; return its exit code, seconds on the clock and of processor, and GB at most."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "cli", *given], stdout=subprocess.DEVNULL)
    # The peak of a child begins with its parent's: this one stays small, other processes write the files.
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    clock = time.perf_counter() - began
    return process.returncode, clock, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--communes", type=int, default=3_321)
    parser.add_argument("--rows", type=int, default=100_000, help="of each table")
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=COMMANDS)
    parser.add_argument("--by-district", action="store_true", help="fit each province by itself (scale.by_district)")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write_layers(given.write, given.communes)
        write_records(given.write, given.communes, given.rows)
        return
    print(f"Python {platform.python_version()}; {given.communes:,} communes, {given.rows:,} rows a table; simulated")
    print(f"{'':<12}{'clock s':>9}{'cpu s':>9}{'GB':>7}")
    with tempfile.TemporaryDirectory() as folder:
        sizes = ["--communes", str(given.communes), "--rows", str(given.rows)]
        subprocess.run([sys.executable, __file__, "--write", folder, *sizes], check=True)
        for command in given.commands:
            code, clock, processor, gb = measured(arguments(command, Path(folder)))
            if command == "init" and given.by_district:
                settings = Path(folder) / "workspace" / "workspace.toml"
                text = settings.read_text(encoding="utf-8")
                settings.write_text(text.replace("by_district = false", "by_district = true"), encoding="utf-8")
            print(
                f"{command:<12}{clock:>9.1f}{processor:>9.1f}{gb:>7.2f}" + (f"  exit {code}" if code else ""),
                flush=True,
            )


if __name__ == "__main__":
    main()
