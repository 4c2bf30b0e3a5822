"""`diemnong init`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Lang, LangOption, SeedOption, Vintage
from cli.printing import Printer
from geo.errors import Message


def init(
    folder: Annotated[Path, typer.Argument(help="Thư mục mới / New folder")],
    vintage: Annotated[Vintage, typer.Option(help="Hệ đơn vị hành chính / Unit system")] = Vintage.since_2025,
    crs: Annotated[str, typer.Option(help="Hệ tọa độ mét / Metric CRS")] = "EPSG:9205",
    seed: SeedOption = 0,
    store: Annotated[
        str | None,
        typer.Option(help="Cơ sở dữ liệu dùng chung / Shared database: postgresql://user@host/database"),
    ] = None,
    lang: LangOption = Lang.vi,
) -> None:
    """Tạo thư mục làm việc / Make a workspace with the built-in layers."""
    import workflow
    from geo.workspace import Settings

    values = {"vintage": vintage.value, "crs": crs, "seed": seed, "lang": lang.value, "store": store}
    workflow.init(folder, Settings.checked(values))
    made = Message("Workspace made. Next: diemnong add cases FILE -w {folder}", {"folder": str(folder)})
    Printer(lang.value).say(made)
