"""`diemnong carry`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import JsonOption, Lang, LangOption, OverwriteOption
from cli.printing import Printer


class Weight(StrEnum):
    """What the counts of a split unit are shared out by."""

    population = "population"
    area = "area"


def carry(
    file: Annotated[Path, typer.Argument(help="Bảng số liệu theo mã xã / Table of counts by commune code")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Sổ tính kết quả .xlsx / The workbook")],
    source: Annotated[str, typer.Option("--from", help="Hệ đơn vị của bảng / The table's unit system")] = "2020-01-01",
    target: Annotated[str, typer.Option("--to", help="Hệ đơn vị cần có / Unit system to carry to")] = "2025-07-01",
    weight: Annotated[Weight, typer.Option(help="Chia theo / What units are split by")] = Weight.population,
    integer: Annotated[bool, typer.Option("--integer", help="Giữ số nguyên / Keep whole numbers whole")] = False,
    crosswalk: Annotated[Path | None, typer.Option(help="Bảng quy đổi riêng / A crosswalk of your own")] = None,
    province: Annotated[str | None, typer.Option(help="Tỉnh khác / Another province")] = None,
    overwrite: OverwriteOption = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Quy đổi số liệu sang hệ xã khác / Carry counts to communes of another time."""
    import workflow

    result = workflow.carry_file(
        file,
        out,
        source=source,
        target=target,
        weight=weight.value,
        integer=integer,
        crosswalk=crosswalk,
        province=province,
        overwrite=overwrite,
    )
    Printer(lang.value, as_json).result(result)
