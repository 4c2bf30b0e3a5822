"""`diemnong evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, QuietOption, opened
from cli.printing import Printer


def evaluate(
    workspace: FolderOption = Path(),
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Thư mục kết quả / Folder of the tables and the picture")
    ] = None,
    years: Annotated[
        int | None, typer.Option(min=1, help="Số năm cuối được dự báo / How many of the last years are forecast")
    ] = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Đánh giá mô hình so với các cách xếp hạng khác / Judge the model against simpler rankings."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.evaluate_workspace(opened(workspace), out=out, windows=years, tell=tell)
    printer.result(result)
