"""`diemnong verify`."""

from pathlib import Path

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption
from cli.printing import Printer


def verify(workspace: FolderOption = Path(), lang: LangOption = Lang.vi, as_json: JsonOption = False) -> None:
    """Kiểm tra từng tệp có nguyên vẹn không / Check that every file is as it was written."""
    import workflow
    from workflow.integrity import EXIT_CODE

    found = workflow.verify(workspace)
    Printer(lang.value, as_json).result(found)
    if not found.is_whole:
        raise typer.Exit(EXIT_CODE)
