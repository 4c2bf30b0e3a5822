"""`diemnong restore`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import JsonOption, Lang, LangOption
from cli.printing import Printer


def restore(
    file: Annotated[Path, typer.Argument(help="Tệp sao lưu / The archive, as backup wrote it")],
    folder: Annotated[Path, typer.Argument(help="Thư mục mới hoặc trống / A new or empty folder")],
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Phục hồi từ bản sao lưu / Restore a workspace from a backup."""
    import workflow

    Printer(lang.value, as_json).result(workflow.restore(file, folder))
