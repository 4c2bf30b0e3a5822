"""What leaves an office: nothing but through the gate, at a level that is said, and without the place of any record.

One small workspace of made-up rows goes through every command that writes for others. Its rows bear planted places,
identifiers, names and telephone numbers, and are moved within their communes: no output may tell.
"""

import ast
import io
import json
import re
import shutil
import zipfile
import zlib
from contextlib import redirect_stdout
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import jupytext
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import rasterio
from PIL import Image
from pyproj import Transformer
from scipy.spatial import cKDTree

import workflow
from geo import durable
from geo.crs import METRIC
from geo.errors import DiemnongError
from geo.workspace import Workspace
from maps.release import MANIFEST, Level
from tests.conftest import SIDE, SOUTH, WEST
from tests.workflow import small_province
from tests.workflow.small_province import CODES

NOW = datetime(2018, 1, 2, tzinfo=UTC)
PLANTED = 200
CRSS = ("EPSG:4326", METRIC, "EPSG:3857", "EPSG:4756")

WRITTEN = {
    "run": lambda w, out: workflow.run(w, out=out, now=NOW),
    "plan outreach": lambda w, out: workflow.outreach_for(w, 50, 3, out=out, now=NOW),
    "evaluate": lambda w, out: workflow.evaluate_workspace(w, windows=1, out=out, now=NOW),
    "audit": lambda w, out: workflow.audit(w, out=out, now=NOW),
    "publish": lambda w, out: workflow.publish(w, out=out, now=NOW),
}
"""What is written for offices, and for anybody."""


def places(seed):
    """Return a commune for each planted row, and a place in it, metres: away from borders and from its label."""
    commune = np.arange(PLANTED) % 4
    at = np.random.default_rng(seed).uniform(0.15 * SIDE, 0.45 * SIDE, (PLANTED, 2))
    return commune, at + np.column_stack([commune % 2, commune // 2]) * SIDE + (WEST, SOUTH)


def rows(seed):
    """Return the planted rows, with persons in the columns that are dropped."""
    commune, at = places(seed)
    lon, lat = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True).transform(at[:, 0], at[:, 1])
    numbers = np.arange(PLANTED)
    months = pd.period_range("2014-01", periods=48, freq="M")
    return pd.DataFrame(
        {
            "id": [f"qzx-{number:03}-kanari" for number in numbers],
            "date": [f"{months[number % 48]}-{1 + number % 28:02}" for number in numbers],
            "lon": lon, "lat": lat, "precision": "point", "commune_code": np.array(CODES)[commune],
            "vintage": "2025-07-01",
            "Họ và tên": [f"Lò Thị Khonglo{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in numbers],
            "Số điện thoại": [f"0912{number:06}" for number in numbers],
            "Ghi chú": [f"{x:.6f}, {y:.6f}" for x, y in zip(lon, lat, strict=True)],
        }
    )  # fmt: skip


def filled(folder, seed):
    """Make a workspace in which half of the planted rows are cases and half are absences."""
    made = small_province.make(folder / "w")
    table, half = rows(seed), PLANTED // 2
    cases = table[:half].rename(columns={"id": "case_id"}).assign(victims=1, source="police")
    absences = table[half:].rename(columns={"id": "absence_id", "date": "reported_on"})
    small_province.add(made, "cases", folder, **cases)
    small_province.add(made, "absences", folder, **absences.assign(status="open", sex="f", age_band="16-17"))
    sessions = {"session_id": ["s1", "s2"], "date": ["2015-05-05", "2016-06-06"], "commune_code": CODES[:2]}
    small_province.add(made, "outreach", folder, **sessions, vintage="2025-07-01", sessions=9, agency="police")
    return made


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Write everything; return the workspace, the outputs and what was said."""
    folder = tmp_path_factory.mktemp("office")
    made = filled(folder, 0)
    said = {name: repr(write(made, folder / "out" / name).as_dict()) for name, write in WRITTEN.items()}
    return made, folder / "out", said


class TestCanaries:
    def test_the_search_finds_what_the_workspace_itself_holds(self, office, tmp_path):
        """Otherwise it would prove nothing: in the store as doubles, in the file as text, in other systems too."""
        made, *_ = office
        assert leaks(made.layers) == {"words", "places"}
        assert leaks(made.folder.parent / "cases-1.csv") == {"words", "places"}
        _, at = places(0)
        for crs in CRSS:
            x, y = Transformer.from_crs(METRIC, crs, always_xy=True).transform(*at[7])
            (tmp_path / "said.txt").write_text(f"({x:.3f}; {y:.3f})")
            assert leaks(tmp_path / "said.txt") == {"places"}
        with zipfile.ZipFile(tmp_path / "hidden.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/a.xml", "qzx-007-kanari")
        assert leaks(tmp_path / "hidden.zip") == {"words"}

    def test_no_output_holds_any(self, office):
        _, out, said = office
        files = [path for path in out.rglob("*") if path.is_file()]
        assert len(files) > 25
        assert {str(path.relative_to(out)): found for path in files if (found := leaks(path))} == {}
        assert not any(found_in(text.encode()) for text in said.values())

    def test_neither_do_intake_reports_nor_models(self, office):
        """A list of links is made for who decides on them: it names records, and stays in the workspace."""
        made, *_ = office
        workflow.train(made, now=NOW)
        kept = [path for name in ("intake", "models") for path in (made.folder / name).rglob("*") if path.is_file()]
        assert {path.suffix for path in kept} >= {".json", ".skops", ".md"}
        assert {path.name: found for path in kept if path.name != "links.xlsx" and (found := leaks(path))} == {}
        card = json.loads(next(made.models.glob("*/card.json")).read_text(encoding="utf-8"))
        assert card["release_level"] == Level.COMMAND

    def test_what_a_notebook_shows_holds_none(self, office):
        made, *_ = office
        mpl.use("Agg")
        shown, names = io.StringIO(), {}
        notebook = Path(__file__).parents[2] / "notebooks" / "01_explore.py"
        cells = [cell.source for cell in jupytext.read(notebook).cells if cell.cell_type == "code"]
        with redirect_stdout(shown):
            for source in (cells[0], f"workspace = {str(made.folder)!r}", *cells[1:]):
                for statement in ast.parse(source).body:  # as a cell that shows what it ends with
                    exec(compile(ast.Interactive([statement]), "cell", "single"), names)  # noqa: S102
        mpl.pyplot.close("all")
        assert len(shown.getvalue()) > 200
        assert not found_in(shown.getvalue().encode())


@cache
def planted():
    """Return a tree of the planted places for each coordinate system and order of x and y, and the planted words."""
    _, at = places(0)
    trees = []
    for crs in CRSS:
        x, y = Transformer.from_crs(METRIC, crs, always_xy=True).transform(at[:, 0], at[:, 1])
        unit = 0.0005 if max(map(abs, x)) < 180 else 50.0  # what three decimals of a degree tell, or metres alike
        trees += [(unit, cKDTree(np.column_stack(pair) / unit)) for pair in ((x, y), (y, x))]
    words = rows(0)
    secret = [*words["id"], *words["Họ và tên"].str.split().str[-1], *words["Số điện thoại"]]
    return trees, re.compile("|".join(map(re.escape, secret)).encode())


def leaks(path):
    """Return what is found in a file, in what it packs, and in its name."""
    return set().union(*(found_in(content) for content in contents(path)), found_in(path.name.encode()))


def contents(path):
    """Return the bytes of a file, unpacked as far as it is packed."""
    content = path.read_bytes()
    yield content
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if path.suffix == ".pdf":
        for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
            try:
                yield zlib.decompress(packed)
            except zlib.error:
                yield packed
    if path.suffix == ".tif":
        with rasterio.open(path) as raster:
            yield repr([raster.tags(), raster.descriptions, [raster.tags(i) for i in raster.indexes]]).encode()
    if path.suffix == ".png" and content:
        with Image.open(path) as image:
            yield repr(image.info).encode()


def found_in(content):
    """Return ``"words"`` if any word is there, ``"places"`` if two numbers beside each other are a planted place."""
    trees, words = planted()
    found = set()
    if words.search(content) or words.search(content.replace(b"\0", b"")):
        found.add("words")
    numbers = [float(text.replace(b",", b".")) for text in re.findall(rb"(?<![\w.])\d{1,8}[.,]\d{3,}", content)]
    views = [np.array(numbers)]
    for kind, size in (("<f8", 8), (">f8", 8), ("<f4", 4)):  # the second is SQLite's
        for offset in range(size):
            usable = content[offset : offset + (len(content) - offset) // size * size]
            with np.errstate(invalid="ignore"):  # most of it are no numbers
                views.append(np.frombuffer(usable, kind).astype(float))
    for view in views:
        pairs = np.column_stack([view[:-1], view[1:]]) if view.size > 1 else np.empty((0, 2))
        pairs = pairs[np.isfinite(pairs).all(axis=1) & (pairs > 20).all(axis=1) & (pairs < 2e7).all(axis=1)]
        if any(near(pairs / unit, tree) for unit, tree in trees):
            found.add("places")
    return found


def near(pairs, tree):
    return len(pairs) > 0 and bool((tree.query(pairs, distance_upper_bound=1.5)[0] <= 1.5).any())


class TestWithinCommunes:
    @pytest.mark.parametrize("seed", [1, 2])
    def test_all_records_moved_at_random_change_no_byte(self, office, tmp_path, seed):
        """Times, and the hash of the records' own file, stand in manifests of planners and are left out."""
        _, out, _ = office
        moved = filled(tmp_path, seed)
        assert np.abs(places(0)[1] - places(seed)[1]).max() > 1000
        for name, write in WRITTEN.items():
            if name in ("audit", "evaluate") and seed > 1:  # they take long
                continue
            folder = write(moved, tmp_path / "out" / name).folder
            assert sorted(path.name for path in folder.iterdir()) == sorted(p.name for p in (out / name).iterdir())
            for path in folder.iterdir():
                if path.name == MANIFEST:
                    assert manifest(path, tmp_path / "out") == manifest(out / name / MANIFEST, out)
                else:
                    assert path.read_bytes() == (out / name / path.name).read_bytes(), path.name


def manifest(path, out):
    told = json.loads(path.read_text(encoding="utf-8").replace(str(out), ""))
    for name in ("inputs", "seconds", "made_at", "sha256"):
        told.pop(name, None)
    return told


class TestGate:
    def test_every_manifest_says_its_level(self, office):
        _, out, _ = office
        levels = {path.parent.name: json.loads(path.read_text())["release_level"] for path in out.rglob(MANIFEST)}
        assert levels == dict.fromkeys(WRITTEN, "planner") | {"publish": "public"}

    def test_where_the_gate_stays_shut_nothing_is_written(self, office, tmp_path, monkeypatch):
        """Every command that writes ends in an error, and no file appears, whichever library would have written it."""
        made, *_ = office
        shutil.copytree(made.folder, tmp_path / "w")
        workspace, out = Workspace(tmp_path / "w"), tmp_path / "out"
        cases, other, more = made.folder.parent / "cases-1.csv", tmp_path / "c.csv", tmp_path / "more.csv"
        pd.read_csv(cases).replace("kanari", "other", regex=True).to_csv(more, index=False)
        pd.DataFrame({"commune_code": CODES, "vintage": "2025-07-01", "n": 1}).to_csv(other, index=False)
        carried, words = tmp_path / "carried.xlsx", "a made-up passphrase"
        writers = {
            "run": lambda: workflow.run(workspace, out=out, now=NOW),
            "publish": lambda: workflow.publish(workspace, out=out, now=NOW),
            "plan outreach": lambda: workflow.outreach_for(workspace, 50, 3, out=out, now=NOW),
            "plan verify": lambda: workflow.queue_for(workspace, out=out, now=NOW),
            "train": lambda: workflow.train(workspace, now=datetime(2018, 1, 3, tzinfo=UTC)),
            "density": lambda: workflow.draw_density(cases, tmp_path / "d.tif", cell_m=2000),
            "carry": lambda: workflow.carry_file(other, carried, source="2020-01-01", target="2025-07-01"),
            "backup": lambda: workflow.backup(workspace.folder, tmp_path / "b.zip"),
            "protect": lambda: workflow.protect(other, passphrase=words),
            "init": lambda: workflow.init(tmp_path / "new"),
            "add": lambda: workflow.add(workspace, "cases", more),
            "undo": lambda: workflow.undo(workspace, workflow.intakes(workspace)[0]["intake_id"], now=NOW),
        }

        def shut(draft, target):
            raise OSError(5, "the gate is shut")

        monkeypatch.setattr(durable, "take_place", shut)
        before = tree(tmp_path)
        for name, write in writers.items():
            with pytest.raises(DiemnongError, match="the gate is shut"):
                write()
            assert tree(tmp_path) == before, name


def tree(folder):
    """Return the files of a folder and their bytes; locks hold nothing."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}
