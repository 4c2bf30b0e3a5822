import json

import pypdf
import pytest

import workflow
from geo.errors import ReleaseError
from geo.workspace import Workspace
from maps.text import translate


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, demo_in):
    return demo_in(tmp_path_factory.mktemp("mapping") / "demo")


def test_maps_are_drawn_anew_on_the_paper_and_in_the_language_asked_for(workspace, tmp_path):
    in_english = Workspace(workspace.folder, lang="en")
    mapped = workflow.draw_maps(in_english, paper="a0", out=tmp_path / "maps")
    assert mapped.files == ("map.html", "map_a0.pdf", "atlas.pdf", "run.json")
    assert sorted(path.name for path in mapped.folder.iterdir()) == sorted(mapped.files)
    assert json.loads((mapped.folder / "run.json").read_text(encoding="utf-8"))["data_kind"] == "simulated"
    assert translate(mapped.messages[0], "en") == "SIMULATED DATA: nothing in these records happened"
    page = pypdf.PdfReader(mapped.folder / "map_a0.pdf").pages[0]
    text = page.extract_text()
    assert "1:200,000" in text
    assert all(name in text for name in mapped.content.communes["name"])
    assert len(pypdf.PdfReader(mapped.folder / "atlas.pdf").pages) == len(mapped.content.communes) == 45


def test_a_folder_that_holds_something_else_stays_as_it_is(workspace, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ReleaseError, match="holds other files"):
        workflow.draw_maps(workspace, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
