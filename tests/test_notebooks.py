"""Every notebook runs from top to bottom on the demo."""

from pathlib import Path

import jupytext
import matplotlib as mpl
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path):
    mpl.use("Agg")
    notebook = jupytext.read(path)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert notebook.cells[1].metadata["tags"] == ["parameters"]
    names: dict[str, object] = {}
    for source in cells:
        exec(compile(source, path.name, "exec"), names)  # noqa: S102
    mpl.pyplot.close("all")
    assert len(names["ranking"]) == 45
