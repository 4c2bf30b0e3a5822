"""`diemnong join`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, OverwriteOption, opened
from cli.printing import Printer


def join(
    file: Annotated[Path, typer.Argument(help="Tệp điểm GeoParquet / Points, GeoParquet")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Tệp kết quả .parquet / The file to write")],
    workspace: FolderOption = Path(),
    keep: Annotated[list[str] | None, typer.Option(help="Cột giữ lại / A column that goes along")] = None,
    crs: Annotated[str | None, typer.Option(help="Hệ tọa độ nếu tệp không ghi / CRS of a file without one")] = None,
    only_near: Annotated[
        bool, typer.Option("--only-near", help="Bỏ qua phần xa mọi xã / Leave out what lies far from all communes")
    ] = False,
    overwrite: OverwriteOption = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Gắn mã xã cho tệp điểm lớn / Give each point of a large file its commune."""
    import workflow

    result = workflow.join_file(
        opened(workspace), file, out, keep=keep or [], crs=crs, only_near=only_near, overwrite=overwrite
    )
    Printer(lang.value, as_json).result(result)
