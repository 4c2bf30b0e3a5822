"""`diemnong audit`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, QuietOption, opened
from cli.printing import Printer


def audit(
    workspace: FolderOption = Path(),
    proxy: Annotated[
        Path | None,
        typer.Option(help="Bảng tỷ lệ theo xã để đối chiếu, không lưu / Table of shares by commune, not kept"),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Thư mục kết quả / Folder of the files")] = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Kiểm tra: nỗ lực có chạy theo số liệu của chính nó, bỏ sót ai, sai với ai / Audit effort, forecasts and ranks."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.audit(opened(workspace), proxy=proxy, out=out, tell=tell)
    printer.result(result)
