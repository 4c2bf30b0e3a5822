"""`diemnong map`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, QuietOption, opened
from cli.printing import Printer


class Paper(StrEnum):
    """Sizes of paper."""

    a3 = "a3"
    a0 = "a0"


def map(
    workspace: FolderOption = Path(),
    paper: Annotated[Paper, typer.Option(help="Khổ giấy / Paper")] = Paper.a3,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Thư mục bản đồ, mặc định maps/<khổ> / Folder of the maps")
    ] = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Vẽ lại bản đồ màn hình, bản đồ in đúng tỷ lệ và tập bản đồ xã / Draw the maps anew, on screen and paper."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.draw_maps(opened(workspace), paper=paper.value, out=out, tell=tell)
    printer.result(result)
