"""Whole commands from a cold start: `diemnong --help` and `diemnong demo`, wall time and peak memory."""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = "import sys, cli; sys.argv[0] = 'diemnong'; cli.main()"


def timed(arguments: list[str], cache: Path) -> tuple[float, float]:
    """Run the command once with its own numba cache; return seconds and peak memory in MB."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", CODE, *arguments], env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{arguments} failed")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors")
    print(f"{'command':<44}{'median s':>10}{'worst s':>10}{'peak MB':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        cache, out = Path(scratch) / "numba", Path(scratch) / "out"
        rows = {
            "diemnong --help": (["--help"], False),
            "diemnong demo, nothing compiled yet": (["demo", "--out", str(out)], True),
        }
        rows["diemnong demo, compiled before"] = (["demo", "--out", str(out)], False)
        for name, (arguments, cold) in rows.items():
            runs = []
            for _ in range(5):
                if cold:
                    shutil.rmtree(cache, ignore_errors=True)
                runs.append(timed(arguments, cache))
            seconds, memory = zip(*runs, strict=True)
            print(f"{name:<44}{statistics.median(seconds):>10.2f}{max(seconds):>10.2f}{max(memory):>10.0f}")


if __name__ == "__main__":
    main()
