"""The program as others install it: from a wheel, in an environment of its own."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import cli
import geo
import maps
import models
import workflow

ROOT = Path(__file__).parents[1]


def test_our_packages_are_ours_and_not_another_distributions():
    for module in (geo, models, maps, workflow, cli):
        assert Path(module.__file__).resolve().is_relative_to(ROOT), module.__name__


def test_the_lock_files_name_no_index_and_pin_every_hash():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert pinned
        assert all("==" in line for line in pinned)
        assert text.count("\n    --hash=sha256:") >= len(pinned)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_data_files_and_no_tests(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "geo/_boundaries/communes_2025-07.geojson" in names
    assert "geo/_boundaries/SOURCES.md" in names
    assert {"geo/postgis/levels.sql", "geo/postgis/roles.sql"} <= set(names)
    assert "maps/assets/leaflet/leaflet.js" in names
    assert "maps/locale/vi/LC_MESSAGES/diemnong.mo" in names
    top = {name.split("/")[0] for name in names}
    assert top == {"geo", "models", "maps", "workflow", "cli", next(n for n in top if n.endswith(".dist-info"))}


@pytest.mark.wheel
def test_the_demo_runs_from_the_wheel_in_an_empty_folder(wheel, tmp_path):
    """The wheel alone is installed anew; the libraries are those of this environment, made visible by a .pth file."""
    venv.create(tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    install = ["install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run([sys.executable, "-m", "pip", "--python", python, *install], check=True)
    site = next((tmp_path / "env" / "lib").glob("python*")) / "site-packages"
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    where = subprocess.run(
        [python, "-c", "import geo; print(geo.__file__)"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(tmp_path)
    result = subprocess.run(
        [tmp_path / "env" / "bin" / "diemnong", "demo", "--out", "out", "--json"],
        cwd=empty, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(json.loads(result.stdout)["outreach"]) == 10
    assert (empty / "out" / "map.html").stat().st_size > 100_000
