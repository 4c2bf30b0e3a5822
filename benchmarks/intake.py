"""How long `diemnong add` takes for large files, and its peak of memory: the whole command in a process of its own.

The rows are simulated. Memory is read from Linux's /proc.
"""

import csv
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from geo import boundaries

SECONDS, GIGABYTES = 60.0, 1.0
"""Goals."""

CHILD = """
import sys, time
from pathlib import Path
import workflow
from geo.workspace import Workspace
folder, file = map(Path, sys.argv[1:])
added = workflow.add(Workspace(folder), "outreach", file)
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1e6
print(added.read, added.accepted, added.rejected, peak)
"""


def rows(n: int) -> pd.DataFrame:
    """Return simulated outreach sessions as an office writes them."""
    rng = np.random.default_rng(0)
    days = pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 1826, n), unit="D")
    units = boundaries.facts("2025-07-01")["commune_code"].to_numpy()
    return pd.DataFrame(
        {
            "Mã buổi": [f"s{number}" for number in range(n)],
            "Ngày tổ chức": days.strftime("%d/%m/%Y"),
            "Mã xã": rng.choice(units, n),
            "Đơn vị thực hiện": rng.choice(["Công an", "Biên phòng", "Phụ nữ"], n),
            "Số buổi": rng.integers(1, 4, n),
            "Số người tham dự": rng.integers(10, 400, n),
            "Loại số liệu": "mô phỏng",
        }
    )


def write(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV or XLSX, below a title."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["BÁO CÁO (số liệu mô phỏng)"])
            writer.writerow(table.columns)
            writer.writerows(table.itertuples(index=False))
        return
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "BÁO CÁO (số liệu mô phỏng)")
        for number, row in enumerate([table.columns, *table.itertuples(index=False)], start=1):
            sheet.write_row(number, 0, [getattr(cell, "item", lambda cell=cell: cell)() for cell in row])


def main() -> None:
    """Print the table."""
    print(f"Python {platform.python_version()}, pandas {pd.__version__}, {os.cpu_count()} processors")
    print(f"{'file':<16}{'rows':>10}{'accepted':>10}{'seconds':>10}{'peak GB':>10}   goals: 60 s, 1 GB")
    sizes = {"csv": 1_000_000, "xlsx": 100_000}
    for kind in sys.argv[1:] or sizes:
        with tempfile.TemporaryDirectory() as scratch:
            file, folder = Path(scratch) / f"buoi.{kind}", Path(scratch) / "w"
            write(file, rows(sizes[kind]))
            subprocess.run([sys.executable, "-m", "cli", "init", folder], check=True, capture_output=True)
            begin = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", CHILD, folder, file], check=True, capture_output=True, text=True
            )
            seconds = time.perf_counter() - begin
            read, accepted, _, peak = done.stdout.split()
            missed = "" if seconds < SECONDS and float(peak) < GIGABYTES else "   MISSED"
            print(f"{kind:<16}{read:>10}{accepted:>10}{seconds:>10.1f}{float(peak):>10.2f}{missed}", flush=True)


if __name__ == "__main__":
    main()
