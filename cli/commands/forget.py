"""`diemnong forget`."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import DryRunOption, FolderOption, JsonOption, Lang, LangOption, opened
from cli.printing import Printer


class Table(StrEnum):
    """Tables whose rows are dated."""

    cases = "cases"
    absences = "absences"
    outreach = "outreach"
    patrols = "patrols"


def forget(
    before: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Xóa dòng trước ngày này / Remove rows before this day")
    ],
    table: Annotated[
        list[Table] | None, typer.Option(help="Bảng, mặc định cases và absences / By default cases and absences")
    ] = None,
    with_open: Annotated[
        bool, typer.Option("--with-open", help="Cả vắng mặt chưa rõ kết quả / Open absences too")
    ] = False,
    workspace: FolderOption = Path(),
    dry_run: DryRunOption = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Xóa hẳn dữ liệu cũ / Remove old rows for good."""
    import workflow
    from workflow.forgetting import PERSONS

    tables = [one.value for one in table] if table else PERSONS
    result = workflow.forget(opened(workspace), before.date(), tables=tables, with_open=with_open, dry_run=dry_run)
    Printer(lang.value, as_json).result(result)
