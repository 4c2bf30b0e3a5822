"""`diemnong plan compare`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, PlanFolderOption, opened
from cli.printing import Printer


def plan_compare(
    plan: Annotated[Path, typer.Argument(help="Thư mục của kế hoạch / Folder of the plan")],
    workspace: FolderOption = Path(),
    out: PlanFolderOption = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """So kế hoạch tuần tra hoặc truyền thông với việc đã làm / Hold a plan against what was done."""
    import workflow

    Printer(lang.value, as_json).result(workflow.compare_plan(opened(workspace), plan, out=out))
