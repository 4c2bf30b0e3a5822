"""`diemnong plan sites`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import (
    FolderOption,
    JsonOption,
    Lang,
    LangOption,
    PlanFolderOption,
    QuietOption,
    SeedOrSettingsOption,
    opened,
)
from cli.printing import Printer


def plan_sites(
    count: Annotated[int, typer.Option(min=1, help="Số điểm / How many sites")],
    workspace: FolderOption = Path(),
    within: Annotated[
        float, typer.Option(min=0, help="Số giờ đường được coi là trong tầm / Hours of way within reach")
    ] = 3.0,
    draw: Annotated[
        int | None, typer.Option(min=0, help="Bốc thăm trong danh sách ngắn bằng số này / Seed of a lot between them")
    ] = None,
    out: PlanFolderOption = None,
    seed: SeedOrSettingsOption = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Chọn xã thí điểm mô hình hỗ trợ nạn nhân / Choose pilot sites for victim support."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.sites_for(opened(workspace), count, within=within, draw=draw, out=out, seed=seed, tell=tell)
    printer.result(result)
