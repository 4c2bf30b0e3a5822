"""`diemnong init`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Lang, LangOption, Repair, SeedOption, Vintage, columns_of
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
    communes: Annotated[
        Path | None,
        typer.Option(help="Lớp xã của tỉnh khác hoặc cả nước / Communes of another province, or the country"),
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Tên cột của lớp đó / A column of that layer: commune_code=MaXa")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Tên lớp / Layer of a file that has several")] = None,
    repair: Annotated[list[Repair] | None, typer.Option(help="Cho phép sửa hình học / Allow a repair")] = None,
    title: Annotated[str, typer.Option(help="Tên bản đồ / What maps are called")] = "Điện Biên",
    lang: LangOption = Lang.vi,
) -> None:
    """Tạo thư mục làm việc / Make a workspace, with the built-in layers or other communes."""
    import workflow
    from geo.workspace import Settings

    printer = Printer(lang.value)
    values = {"vintage": vintage.value, "crs": crs, "seed": seed, "store": store, "title": title, "lang": lang.value}
    settings = Settings.checked(values)
    if communes is not None:
        columns = columns_of(column or [])
        allowed = [one.value for one in repair or []]
        made = workflow.init_elsewhere(folder, settings, communes, layer=layer, columns=columns, repair=allowed)
        printer.result(made)
        return
    if alone := [name for name, given in (("--column", column), ("--layer", layer), ("--repair", repair)) if given]:
        raise typer.BadParameter("only with --communes", param_hint=alone[0])
    workflow.init(folder, settings)
    printer.say(Message("Workspace made. Next: diemnong add cases FILE -w {folder}", {"folder": str(folder)}))
