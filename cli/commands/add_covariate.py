"""`diemnong add covariate`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import DryRunOption, FolderOption, JsonOption, Lang, LangOption, columns_of, opened
from cli.printing import Printer


class Statistic(StrEnum):
    """What is measured of a layer in each commune."""

    mean = "mean"
    share = "share"
    distance = "distance"
    density = "density"
    count_ = "count"


def add_covariate(
    name: Annotated[str, typer.Argument(help="Tên hiệp biến, ví dụ do_cao / Name, for example elevation")],
    file: Annotated[Path, typer.Argument(help="Raster, lớp GIS, CSV hoặc Excel / Raster, layer, CSV or Excel")],
    stat: Annotated[Statistic, typer.Option(help="Cách đo theo xã / What is measured by commune")],
    value: Annotated[list[float] | None, typer.Option(help="Giá trị lớp phủ, cho share / A class, for share")] = None,
    band: Annotated[int | None, typer.Option(min=1, help="Kênh của raster / Band of a raster")] = None,
    workspace: FolderOption = Path(),
    crs: Annotated[str | None, typer.Option(help="Hệ tọa độ nếu tệp không ghi / CRS of a layer without one")] = None,
    layer: Annotated[str | None, typer.Option(help="Tên lớp / Layer of a file that has several")] = None,
    column: Annotated[list[str] | None, typer.Option(help="Tên cột, ví dụ lon=KinhDo / A column: ours=theirs")] = None,
    dry_run: DryRunOption = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Thêm hiệp biến đo theo xã từ một lớp / Add a covariate, measured by commune from a layer."""
    import workflow

    result = workflow.add_covariate(
        opened(workspace),
        name,
        file,
        stat=stat.value,
        classes=value or [],
        band=band,
        crs=crs,
        layer=layer,
        columns=columns_of(column or []),
        dry_run=dry_run,
    )
    Printer(lang.value, as_json).result(result)
