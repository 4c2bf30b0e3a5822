"""What leaves an office: nothing but through the gate, at a level that is said, and without the place of any record.

One small workspace of made-up rows goes through every command that writes for others. Its rows bear planted places,
identifiers, names and telephone numbers, and are moved within their communes: no output may tell.
"""

import json
import shutil
import zipfile
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

import workflow
from geo import durable
from geo.crs import METRIC
from geo.errors import DiemnongError
from geo.workspace import Workspace
from maps.release import MANIFEST, Level
from tests.workflow.canaries import CRSS, filled, found_in, leaks, places
from tests.workflow.small_province import CODES

NOW = datetime(2018, 1, 2, tzinfo=UTC)

WRITTEN = {
    "run": lambda w, out: workflow.run(w, out=out, now=NOW),
    "plan outreach": lambda w, out: workflow.outreach_for(w, 50, 3, out=out, now=NOW),
    "evaluate": lambda w, out: workflow.evaluate_workspace(w, windows=1, out=out, now=NOW),
    "audit": lambda w, out: workflow.audit(w, out=out, now=NOW),
    "publish": lambda w, out: workflow.publish(w, out=out, now=NOW),
}
"""What is written for offices, and for anybody."""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Write everything; return the workspace, the outputs and what was said."""
    folder = tmp_path_factory.mktemp("office")
    made = filled(folder, 0)
    said = {name: repr(write(made, folder / "out" / name).as_dict()) for name, write in WRITTEN.items()}
    return made, folder / "out", said


class TestCanaries:
    @pytest.mark.file_store
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
