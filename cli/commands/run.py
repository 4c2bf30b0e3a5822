"""`diemnong run`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, QuietOption, opened
from cli.printing import Printer


def run(
    workspace: FolderOption = Path(),
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Thư mục kết quả, mặc định runs/ / Folder of the outputs")
    ] = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Xếp hạng điểm nóng và vẽ bản đồ / Rank hotspots and draw the map."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.run(opened(workspace), out=out, tell=tell)
    printer.run(result)
