"""`diemnong undo`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, opened
from cli.printing import Printer


def undo(
    intake_id: Annotated[str, typer.Argument(help="Mã lần nạp, add in ra / Intake, as add printed it")],
    workspace: FolderOption = Path(),
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Rút lại một lần nạp / Take one intake back."""
    from datetime import UTC, datetime

    import workflow

    Printer(lang.value, as_json).result(workflow.undo(opened(workspace), intake_id, now=datetime.now(UTC)))
