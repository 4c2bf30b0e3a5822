"""Programs that read what the maps write, other than those that wrote it."""

import os
import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def gdalinfo():
    """Return a function that runs GDAL's own gdalinfo: the libraries' wheels write GeoPDF but cannot read it."""
    program = shutil.which("gdalinfo")
    if program is None:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("This test needs gdalinfo on the PATH: apt-get install gdal-bin")

    def read(*arguments):
        return subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True).stdout

    return read
