"""Every notebook runs from top to bottom, as it is opened, is paired with its script, and saves nothing of a row."""

import ast
import base64
import io
import sys
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

import jupytext
import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import pytest

import workflow
from tests.workflow.canaries import filled, leaks

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A small workspace of planted rows, which must not be found in anything that a notebook shows."""
    return filled(tmp_path_factory.mktemp("notebooks"), 0)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def given(path, workspace):
    """Return a notebook that is given a workspace: as papermill does, it takes the place of the default."""
    notebook = jupytext.read(path)
    first = code(notebook)[0]
    assert first.metadata["tags"] == ["parameters"]
    first.source += f"\nworkspace = {str(workspace.folder)!r}"
    return notebook


def run_and_save(notebook, folder):
    """Run a notebook as Jupyter would, save it with what it shows, its pictures beside it, and return its names."""
    names = {}

    def show(cell, value):
        html = value._repr_html_() if hasattr(value, "_repr_html_") else None
        data = {"text/plain": repr(value)} | ({"text/html": html} if html else {})
        cell.outputs.append(nbformat.v4.new_output("display_data", data))

    for cell in code(notebook):
        said = io.StringIO()
        with redirect_stdout(said), mock.patch.object(sys, "displayhook", lambda value, cell=cell: show(cell, value)):
            for statement in ast.parse(cell.source).body:
                exec(compile(ast.Interactive([statement]), "cell", "single"), names)  # noqa: S102
        if said.getvalue():
            cell.outputs.append(nbformat.v4.new_output("stream", text=said.getvalue()))
        for number in plt.get_fignums():
            picture = folder / f"{len(list(folder.iterdir()))}.png"
            plt.figure(number).savefig(picture)
            image = {"image/png": base64.b64encode(picture.read_bytes()).decode()}
            cell.outputs.append(nbformat.v4.new_output("display_data", image))
        plt.close("all")
    nbformat.write(notebook, folder / "saved.ipynb")
    return names


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
def test_it_runs_on_the_workspace_that_it_is_given_and_saves_nothing_of_a_row(path, planted, tmp_path):
    mpl.use("Agg")
    names = run_and_save(given(path, planted), tmp_path)
    assert names["opened"].folder == planted.folder
    assert len(names["ranking"]) == 4
    assert {file.suffix for file in tmp_path.iterdir()} == {".ipynb", ".png"}, "it shows a picture"
    assert "text/html" in (tmp_path / "saved.ipynb").read_text(encoding="utf-8"), "and a table"
    assert {file.name: found for file in tmp_path.iterdir() if (found := leaks(file))} == {}


def test_it_runs_on_the_demo(tmp_path):
    mpl.use("Agg")
    demo = workflow.demo_workspace(tmp_path / "demo")
    (tmp_path / "shown").mkdir()
    assert len(run_and_save(given(NOTEBOOKS[0], demo), tmp_path / "shown")["ranking"]) == 45
