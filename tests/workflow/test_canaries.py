"""Planted rows are not in what is printed on paper, saved in a notebook, logged, or said of an error. All made up."""

import contextvars
import io
import logging
import shutil
import sqlite3
import sys
import traceback
import warnings
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest

import cli
import workflow
from geo.crs import METRIC
from geo.workspace import Workspace
from maps.print import write_print
from tests.maps.paper_content import paper_content
from tests.workflow.canaries import filled, found_in, leaks, rows
from workflow import running

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.py"))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("canaries"), 0)


@pytest.fixture(scope="module")
def sheets(workspace, tmp_path_factory):
    """The maps on real paper, of the planted rows and of the same moved within their communes."""
    folder = tmp_path_factory.mktemp("sheets")
    return [
        workflow.draw_maps(made, out=folder / f"maps {n}").folder
        for n, made in enumerate([workspace, filled(folder, 1)])
    ]


class TestPaper:
    def test_no_text_tag_or_stream_of_a_sheet_holds_any(self, sheets):
        files = [path for path in sheets[0].iterdir() if path.suffix in (".pdf", ".png")]
        assert len(files) == 3
        assert {path.name: found for path in files if (found := leaks(path))} == {}

    def test_the_search_reads_what_stands_on_a_sheet(self, tmp_path):
        """Otherwise it would prove nothing: letters of a subset font are no bytes that can be searched."""
        names = write_print(tmp_path, paper_content([rows(0)["id"][7], "Xã B"]), METRIC, paper="a3", lang="en")
        assert leaks(tmp_path / names[0]) == {"words"}

    def test_what_is_drawn_does_not_change_with_the_places(self, sheets):
        """So no line and no point of the drawing tells where in its commune a record lies."""
        names = sorted(path.name for path in sheets[0].iterdir() if path.name != "run.json")
        assert len(names) > 2
        for name in names:
            assert (sheets[0] / name).read_bytes() == (sheets[1] / name).read_bytes(), name


def said_of(*arguments):
    """Return what the command prints, to stdout and stderr, and its exit code."""
    out = io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["diemnong", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(out),
        pytest.raises(SystemExit) as end,
    ):
        contextvars.copy_context().run(cli.main)
    return out.getvalue(), end.value.code


class TestErrors:
    @pytest.mark.parametrize("form", [(), ("--json",)])
    @pytest.mark.parametrize("step", ["read_layers", "analyse", "content_of", "write_outputs"])
    def test_an_error_in_the_midst_of_a_run_says_where_and_nothing_of_the_rows(
        self, workspace, tmp_path, monkeypatch, step, form
    ):
        raised = []

        def fail(*_, **__):
            warnings.warn(rows(0)["id"][3], RuntimeWarning, stacklevel=1)
            logging.getLogger("pyogrio").error("Value %s of field %s", rows(0)["Họ và tên"][5], "x")
            try:
                raise KeyError(rows(0)["Số điện thoại"][7])
            except KeyError:
                raised.append(ValueError(f"could not convert {rows(0).to_dict()}"))
                raise raised[0]  # noqa: B904 - as a library would

        monkeypatch.setattr(running, step, fail)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            said, code = said_of("run", "-w", workspace.folder, "--out", tmp_path / "out", "--lang", "en", *form)
        assert found_in("".join(traceback.format_exception(raised[0])).encode()) == {"words", "places"}
        assert found_in(said.encode()) == set()
        assert code == 1
        assert "in a way that it does not know (ValueError)" in said
        assert f"workflow.running:{running.run.__code__.co_firstlineno}"[:17] in said
        assert "KeyError" in said
        assert str(Path(running.__file__).parent) not in said
        assert not (tmp_path / "out").exists()

    @pytest.mark.file_store
    def test_a_store_that_holds_texts_for_numbers_says_neither_to_the_command_nor_to_python(self, workspace, tmp_path):
        """What a library raises quotes the text; our own error does not bring it along."""
        with closing(sqlite3.connect(workspace.layers)) as file:
            columns = [name for _, name, *_ in file.execute("PRAGMA table_info(cases)")][1:]
        taken = []
        for column in columns:
            damaged = Workspace(copied(workspace, tmp_path / column))
            with closing(sqlite3.connect(damaged.layers)) as file, file:
                file.execute(f'UPDATE cases SET "{column}" = ?', (rows(0)["id"][3],))  # noqa: S608
            told = io.StringIO()
            with redirect_stderr(told):
                try:
                    workflow.analyse(workflow.read_layers(damaged), damaged.settings)
                    taken.append(column)
                except Exception:  # whatever Python would print
                    traceback.print_exc()
            assert found_in(told.getvalue().encode()) == set(), column
        assert taken == ["intake_id", "file_sheet"]  # which nothing is counted of
        said, _ = said_of("run", "-w", tmp_path / "date", "--out", tmp_path / "out", "--lang", "en")
        assert "cases holds values of another type than its columns have" in said
        assert found_in(said.encode()) == set()


def copied(workspace, folder):
    shutil.copytree(workspace.folder, folder)
    return folder
