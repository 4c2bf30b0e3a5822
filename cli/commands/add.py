"""`diemnong add`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import (
    DryRunOption,
    FolderOption,
    JsonOption,
    Lang,
    LangOption,
    QuietOption,
    Repair,
    Vintage,
    columns_of,
    opened,
)
from cli.printing import Printer


class Kind(StrEnum):
    """What a file can be added as."""

    communes = "communes"
    border = "border"
    villages = "villages"
    elevation = "elevation"
    roads = "roads"
    trails = "trails"
    rivers = "rivers"
    cases = "cases"
    absences = "absences"
    outreach = "outreach"
    services = "services"
    posts = "posts"
    patrols = "patrols"
    links = "links"


class Agency(StrEnum):
    """Whose records a file holds; cases may also come from a hotline, mailboxes or returns."""

    police = "police"
    border_guard = "border_guard"
    labour = "labour"
    justice = "justice"
    womens_union = "womens_union"
    information = "information"
    hotline = "hotline"
    mailbox = "mailbox"
    return_ = "return"
    other = "other"


def add(
    kind: Annotated[Kind, typer.Argument(help="Loại dữ liệu / What the file holds")],
    file: Annotated[Path, typer.Argument(help="Tệp / The file")],
    workspace: FolderOption = Path(),
    vintage: Annotated[
        Vintage | None, typer.Option(help="Hệ đơn vị của mã xã trong tệp / Unit system of the file's codes")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="Hệ tọa độ nếu tệp không ghi / CRS of a layer without one")] = None,
    layer: Annotated[str | None, typer.Option(help="Tên lớp / Layer of a file that has several")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Tên cột, ví dụ commune_code=MaXa / A column: ours=theirs")
    ] = None,
    agency: Annotated[
        Agency | None, typer.Option(help="Cơ quan, nếu tệp không ghi / Whose records, if the file does not say")
    ] = None,
    repair: Annotated[list[Repair] | None, typer.Option(help="Cho phép sửa hình học / Allow a repair")] = None,
    band: Annotated[int | None, typer.Option(min=1, help="Kênh của raster / Band of a raster")] = None,
    dry_run: DryRunOption = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Thêm một tệp / Add a file to the workspace."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.add(
            opened(workspace),
            kind.value,
            file,
            vintage=vintage.value if vintage else None,
            crs=crs,
            layer=layer,
            columns=columns_of(column or []),
            repair=[one.value for one in repair or []],
            agency=agency.value if agency else None,
            band=band,
            dry_run=dry_run,
            tell=tell,
        )
    printer.result(result)
