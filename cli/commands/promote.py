"""`diemnong promote`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, QuietOption, opened
from cli.printing import Printer


def promote(
    model: Annotated[
        str | None, typer.Argument(help="Mã mô hình, train in ra; mặc định: mới nhất / Model, as train printed it")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Dùng dù kém hơn / Take it though it is worse")] = False,
    reason: Annotated[str | None, typer.Option(help="Lý do, kèm --force / Why, with --force")] = None,
    workspace: FolderOption = Path(),
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Chọn mô hình để dùng / Make a trained model the one in use."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.promote(opened(workspace), model, force=force, reason=reason, tell=tell)
    printer.result(result)
