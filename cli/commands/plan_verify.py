"""`diemnong plan verify`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, PlanFolderOption, opened
from cli.printing import Printer


def plan_verify(
    workspace: FolderOption = Path(),
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Tính đến ngày, mặc định hôm nay / As of this day, by default today"),
    ] = None,
    out: PlanFolderOption = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Xếp thứ tự xác minh vắng mặt, cấp chỉ huy / Order the absences to verify, command level."""
    import workflow

    result = workflow.queue_for(opened(workspace), on=on, out=out)
    Printer(lang.value, as_json).result(result)
