"""`diemnong backup`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, OverwriteOption
from cli.printing import Printer


def backup(
    file: Annotated[Path, typer.Argument(help="Tệp sao lưu .zip / The archive")],
    workspace: FolderOption = Path(),
    overwrite: OverwriteOption = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Sao lưu thư mục làm việc / Back the workspace up into one file."""
    import workflow
    from workflow.integrity import EXIT_CODE

    made = workflow.backup(workspace, file, overwrite=overwrite)
    Printer(lang.value, as_json).result(made)
    if made.damaged:
        raise typer.Exit(EXIT_CODE)
