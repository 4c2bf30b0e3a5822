"""`diemnong publish`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, QuietOption, opened
from cli.printing import Printer


class PublishLevel(StrEnum):
    """Levels of outputs."""

    command = "command"
    planner = "planner"
    public = "public"


def publish(
    level: Annotated[PublishLevel, typer.Option(help="Cấp phát hành / Release level")],
    workspace: FolderOption = Path(),
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Thư mục được phép đưa ra ngoài / Folder that may leave")
    ] = None,
    k: Annotated[int, typer.Option("--k", help="Số người ít nhất của mỗi số liệu / Fewest persons of a figure")] = 5,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Soạn thư mục được phép công bố: vùng ghép, khoảng số, báo cáo / Make the folder that may leave, or refuse."""
    import workflow
    from maps.release import Level

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.publish(opened(workspace), level=Level(level.value), k=k, out=out, tell=tell)
    printer.result(result)
