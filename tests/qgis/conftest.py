"""The system's QGIS, in a process of its own: it brings libraries that do not fit ours."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PYTHON = "/usr/bin/python3"
LOOK = Path(__file__).parent / "look.py"

collect_ignore = ["look.py"]


def run_python(*arguments):
    # Neither our packages nor a screen.
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run([PYTHON, *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=120)


@pytest.fixture(scope="session")
def qgis():
    """Return a function from a GeoPackage, a picture to draw and layers to what QGIS makes of each layer."""
    if not Path(PYTHON).exists() or run_python("-c", "import qgis.core").returncode:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("These tests need QGIS: apt-get install python3-qgis qgis-providers")

    def look(path, picture, *layers):
        done = run_python(LOOK, path, picture, *layers)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return look
