"""Every notebook runs from top to bottom, as it is opened, and is paired with its script."""

from pathlib import Path

import jupytext
import matplotlib as mpl
import pytest

import workflow

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return workflow.demo_workspace(tmp_path_factory.mktemp("notebooks") / "demo")


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_script_has_its_notebook():
    assert [path.stem for path in NOTEBOOKS] == sorted(path.stem for path in FOLDER.glob("*.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_its_script_without_outputs(path):
    notebook, script = jupytext.read(path), jupytext.read(path.with_suffix(".py"))
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.source) for cell in script.cells
    ], "run: jupytext --sync notebooks/*.py"
    assert all(not cell.outputs and cell.execution_count is None for cell in code(notebook))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_on_the_workspace_that_it_is_given(path, demo):
    mpl.use("Agg")
    cells = code(jupytext.read(path))
    assert cells[0].metadata["tags"] == ["parameters"]
    names: dict[str, object] = {}
    # As papermill does: what is given takes the place of the defaults.
    for source in (cells[0].source, f"workspace = {str(demo.folder)!r}", *(cell.source for cell in cells[1:])):
        exec(compile(source, path.name, "exec"), names)  # noqa: S102
    assert mpl.pyplot.get_fignums(), "it shows a picture"
    mpl.pyplot.close("all")
    assert names["opened"].folder == demo.folder
    assert len(names["ranking"]) == 45
