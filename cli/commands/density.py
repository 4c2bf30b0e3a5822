"""`diemnong density`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import JsonOption, Lang, LangOption, OverwriteOption, QuietOption, columns_of
from cli.printing import Printer


class Kernel(StrEnum):
    """Kernels of densities."""

    uniform = "uniform"
    epanechnikov = "epanechnikov"
    quartic = "quartic"
    triweight = "triweight"
    gaussian = "gaussian"


class Edges(StrEnum):
    """Corrections of a density near the study area's edge."""

    uniform = "uniform"
    diggle = "diggle"


def density(
    file: Annotated[Path, typer.Argument(help="Tệp điểm: lớp GIS, CSV hoặc Excel / Points: a layer, CSV or Excel")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Tệp raster .tif / The raster")],
    cell: Annotated[float, typer.Option(help="Cạnh ô lưới, mét / Side of a cell, metres")] = 500.0,
    bandwidth: Annotated[
        str, typer.Option(help="Bán kính, mét; hoặc likelihood, least-squares / Radius in metres, or how to choose it")
    ] = "5000",
    kernel: Annotated[Kernel, typer.Option(help="Hàm nhân / Kernel")] = Kernel.quartic,
    adaptive: Annotated[
        bool, typer.Option("--adaptive", help="Bán kính rộng nơi ít điểm / Wider where points are few")
    ] = False,
    area: Annotated[
        Path | None, typer.Option(help="Lớp vùng nghiên cứu, để hiệu chỉnh biên / Study area, to correct edges")
    ] = None,
    edges: Annotated[
        Edges | None, typer.Option(help="Cách hiệu chỉnh biên / How edges are corrected  [uniform]")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Cột trọng số / Column with the events of a row")] = None,
    crs: Annotated[str | None, typer.Option(help="Hệ tọa độ nếu tệp không ghi / CRS of a file without one")] = None,
    metric_crs: Annotated[
        str | None, typer.Option(help="Hệ tọa độ mét để tính / Metric CRS to compute in  [EPSG:9205]")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Tên lớp / Layer of a file that has several")] = None,
    column: Annotated[list[str] | None, typer.Option(help="Tên cột, ví dụ lon=KinhDo / A column: ours=theirs")] = None,
    threads: Annotated[int, typer.Option(help="Số luồng, −1: tất cả / Threads, −1: all")] = -1,
    scheduler: Annotated[
        str, typer.Option(help="Ai tính: local, hoặc tcp://máy:8786 / Who draws: local, or the scheduler of a cluster")
    ] = "local",
    overwrite: OverwriteOption = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Vẽ mật độ từ tệp điểm / Draw the density of any file of points."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.draw_density(
            file,
            out,
            cell_m=cell,
            bandwidth=_bandwidth(bandwidth),
            kernel=kernel.value,
            adaptive=adaptive,
            area=area,
            edges=edges.value if edges else None,
            weights=weights,
            crs=crs,
            metric=metric_crs,
            layer=layer,
            columns=columns_of(column or []),
            n_jobs=threads,
            scheduler=scheduler,
            overwrite=overwrite,
            tell=tell,
        )
    printer.result(result)


def _bandwidth(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
