"""`diemnong override`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, opened
from cli.printing import Printer


def override(
    commune: Annotated[str, typer.Argument(help="Mã hoặc tên xã / Code or name of the commune")],
    move: Annotated[
        int | None, typer.Option(help="Lên (+3) hoặc xuống (-2) mấy bậc / Places up (+3) or down (-2)")
    ] = None,
    rank: Annotated[int | None, typer.Option(help="Hạng mới / The rank that it gets")] = None,
    reason: Annotated[str, typer.Option(help="Lý do, không nêu tên người / Why, without names of persons")] = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Ngày hết hiệu lực / Last day on which it holds")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Đơn vị quyết định / Office that decides")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Bỏ điều chỉnh / Take the decision back")] = False,
    workspace: FolderOption = Path(),
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Điều chỉnh thứ hạng một xã, có lý do và thời hạn / Move a commune's rank, with a reason and an expiry."""
    import workflow

    there = opened(workspace)
    if remove:
        result = workflow.take_back(there, commune)
    elif until is None:
        raise typer.BadParameter("YYYY-MM-DD", param_hint="--until")
    else:
        result = workflow.override(there, commune, move=move, rank=rank, reason=reason, until=until.date(), by=by)
    Printer(lang.value, as_json).result(result)
